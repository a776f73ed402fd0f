import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayHoldResources, resourcesOf } from '#server/kinds/index.js';
import { Netpol } from '#server/service.js';
import { documentOf } from '#server/text/document.js';
import { Memory, root } from '../workspace/memory.js';

function read(text: string, uri = 'file:///a.yaml') {
  return resourcesOf(documentOf(uri, text));
}

function entryOf(text: string) {
  const [resource, ...others] = read(text);
  assert.ok(resource?.object?.type === 'entry' && others.length === 0);
  return resource.object.value;
}

/** The backends as [service, namespace, port], which is all that most tests ask for. */
function backends(text: string) {
  return entryOf(text).backends.map(({ service, namespace, port }) => [service, namespace, port]);
}

test('Ingress v1: the default backend and every path, ports by number and name', () => {
  const text = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: front}
spec:
  defaultBackend: {service: {name: fallback, port: {number: 80}}}
  rules:
    - host: a.example.org
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}
          - {path: /static, pathType: Prefix, backend: {resource: {kind: Bucket, name: files}}}
    - host: b.example.org
    - http: {paths: [{path: /, backend: {service: {name: api, port: {number: 8080}}}}]}
`;
  const entry = entryOf(text);
  assert.deepEqual(
    [entry.kind, entry.name, entry.namespace, text.slice(entry.at.range.start, entry.at.range.end)],
    ['Ingress', 'shop', 'front', 'shop'],
  );
  assert.deepEqual(backends(text), [
    ['fallback', undefined, 80],
    ['web', undefined, 'http'],
    ['api', undefined, 8080],
  ]);
  assert.ok(entry.backends.every(({ protocol, portOf }) => protocol === 'TCP' && portOf === 'service'));
  assert.deepEqual(
    entry.backends.map(({ at }) => text.slice(at.range.start, at.range.end)),
    ['fallback', 'web', 'api'],
  );
});

for (const apiVersion of ['networking.k8s.io/v1beta1', 'extensions/v1beta1']) {
  test(`Ingress ${apiVersion}: serviceName and servicePort`, () => {
    assert.deepEqual(
      backends(`apiVersion: ${apiVersion}
kind: Ingress
metadata: {name: shop}
spec:
  backend: {serviceName: fallback, servicePort: 80}
  rules: [{http: {paths: [{backend: {serviceName: web, servicePort: http}}]}}]
`),
      [
        ['fallback', undefined, 80],
        ['web', undefined, 'http'],
      ],
    );
  });
}

test('a backend whose port or service is not known is left out, and nothing else', () => {
  assert.deepEqual(
    backends(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - http:
        paths:
          - {backend: {service: {name: a, port: {number: 70000}}}}
          - {backend: {service: {name: [b], port: {number: 80}}}}
          - backend: {service: {name: c, port: {number: "{{ .Values.port }}"}}}
          - {backend: {service: {name: d}}}
          - {backend: {service: {name: e, port: {number: 80}}}}
`),
    [
      ['d', undefined, undefined],
      ['e', undefined, 80],
    ],
  );
});

for (const [kind, version] of [
  ['HTTPRoute', 'v1'],
  ['HTTPRoute', 'v1beta1'],
  ['HTTPRoute', 'v1alpha2'],
  ['GRPCRoute', 'v1'],
  ['TLSRoute', 'v1alpha2'],
  ['TCPRoute', 'v1alpha2'],
  ['UDPRoute', 'v1alpha2'],
]) {
  test(`${kind} ${version}: the services of all rules, in any namespace`, () => {
    const text = `apiVersion: gateway.networking.k8s.io/${version}
kind: ${kind}
metadata: {name: shop}
spec:
  parentRefs: [{name: gw, namespace: gateways}]
  rules:
    - backendRefs:
        - {name: web, port: 80}
        - {group: "", kind: Service, name: api, namespace: back, port: 8080}
        - {group: storage.example.org, kind: Bucket, name: files}
        - {name: old, port: 80, weight: 0}
    - backendRefs: [{name: other, port: 81, weight: 3}]
`;
    assert.deepEqual(backends(text), [
      ['web', undefined, 80],
      ['api', 'back', 8080],
      ['other', undefined, 81],
    ]);
    const protocol = kind === 'UDPRoute' ? 'UDP' : 'TCP';
    assert.ok(entryOf(text).backends.every((backend) => backend.protocol === protocol));
  });
}

test('a route whose parents are services lets nothing in from outside', () => {
  const text = (kinds: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: mesh}
spec:
  parentRefs: [${kinds}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
`;
  const [mesh] = read(text('{kind: Service, group: "", name: web}'));
  assert.ok(mesh !== undefined && mesh.object === undefined);
  assert.equal(backends(text('{kind: Service, group: "", name: web}, {name: gw}')).length, 1);
});

test('OpenShift Route: the service, the ones that share its traffic, and the pods’ port', () => {
  const entry = entryOf(`apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: shop, namespace: front}
spec:
  to: {kind: Service, name: web, weight: 100}
  alternateBackends: [{kind: Service, name: canary, weight: 5}, {kind: Service, name: off, weight: 0}]
  port: {targetPort: 8080}
`);
  assert.deepEqual(
    entry.backends.map(({ service, port, portOf }) => [service, port, portOf]),
    [
      ['web', 8080, 'pods'],
      ['canary', 8080, 'pods'],
    ],
  );
  const head = 'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: shop}\nspec:\n  to: {name: web}\n';
  assert.deepEqual(backends(`${head}  port: {targetPort: http}\n`), [['web', undefined, 'http']]);
  assert.deepEqual(backends(head), [['web', undefined, undefined]]);
});

test('a Route or an Ingress of another group is none of these', () => {
  for (const head of [
    'apiVersion: serving.knative.dev/v1\nkind: Route',
    'apiVersion: networking.istio.io/v1\nkind: Ingress',
  ])
    assert.deepEqual(read(`${head}\nmetadata: {name: a}\nspec: {to: {name: web}}\n`), []);
});

test('items of a typed list that do not say what they are, are what the list says', () => {
  const pods = read(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'PodList',
      metadata: { resourceVersion: '7' },
      items: [
        { metadata: { name: 'a', namespace: 'x', labels: { app: 'a' } }, spec: { containers: [] } },
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: {} },
        { kind: 'Pod', metadata: { name: 'half' }, spec: {} },
      ],
    }),
    'file:///pods.json',
  );
  assert.deepEqual(
    pods.map(({ kind, path, object }) => [kind.kind, path, object?.type === 'workload' && object.value.name]),
    [
      ['Pod', ['items', 0], 'a'],
      ['Service', ['items', 1], false],
    ],
  );
  for (const [list, version, item] of [
    ['NamespaceList', 'v1', 'Namespace'],
    ['ServiceList', 'v1', 'Service'],
    ['DeploymentList', 'apps/v1', 'Deployment'],
    ['NetworkPolicyList', 'networking.k8s.io/v1', 'NetworkPolicy'],
    ['IngressList', 'networking.k8s.io/v1', 'Ingress'],
  ]) {
    const found = read(
      `apiVersion: ${version}\nkind: ${list}\nitems:\n- metadata: {name: a}\n  spec: {podSelector: {}, template: {}}\n`,
    );
    assert.deepEqual(
      found.map(({ kind, object }) => [kind.kind, object === undefined]),
      [[item, false]],
      list,
    );
  }
  // What a plain List holds has to say what it is, and a list of another group's kind stays unknown.
  assert.deepEqual(read('apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}, spec: {}}]\n'), []);
  assert.deepEqual(read('apiVersion: example.org/v1\nkind: PodList\nitems: [{metadata: {name: a}, spec: {}}]\n'), []);
});

test('the scan before the parse passes every way to write a kind, and few other texts', () => {
  for (const text of [
    'kind: Pod',
    '{"apiVersion":"v1","kind":"PodList","items":[]}',
    '{ "kind" : "Route" }',
    "'kind': 'Ingress'",
    'kind: !!str Pod',
    'kind: &k Pod',
    'kind: |-\n  Pod',
    'kind:\n  Pod\n',
    '? kind\n: Pod',
    'kind: # what it is\n  Pod',
    'kind NetworkPolicy',
    'kind: List',
    'kind: Storefront\nspec: {template: {spec: {containers: []}}}',
  ]) {
    assert.ok(mayHoldResources(text), text);
  }
  for (const text of [
    '{"name": "web", "dependencies": {"kind-of": "6", "express": "4", "Router": "1"}}',
    'kind: ClusterRole',
    'kind: Secret\ndata: {note: a Pod behind a Service}',
    'kind: RouteTable',
    '{"kind": {"type": "string"}}',
    'This kind of Service',
    'kind: CustomResourceDefinition\nspec: {template: {containers: {}}}',
  ]) {
    assert.ok(!mayHoldResources(text), text);
  }
});

test('a JSON file that holds none of our kinds is never parsed', () => {
  // Only a parse would notice that this is no JSON and no YAML.
  const document = documentOf('file:///package.json', `{"kind-of": "6", "scripts": {"start": "node"}, `.repeat(1000));
  Object.defineProperty(document, 'root', {
    get() {
      throw new Error('it was parsed');
    },
  });
  assert.deepEqual(resourcesOf(document), []);
});

test('what kubectl wrote as JSON counts beside the YAML of a workspace', async () => {
  const pods = { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'a' }, spec: {} }] };
  const netpol = new Netpol(new Memory({ 'pods.json': JSON.stringify(pods), 'package.json': '{"kind-of": "6"}' }), [
    root,
  ]);
  await netpol.workspace.load();
  const workloads = netpol.workspace.index.scopes.flatMap((scope) => scope.workloads);
  assert.deepEqual(
    workloads.map(({ value }) => [value.kind, value.name]),
    [['Pod', 'a']],
  );
});

test('an Ingress says its class by the field or the older annotation, which wins', () => {
  const classOf = (metadata: string, spec: string) =>
    entryOf(
      `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop${metadata}}\nspec: {${spec}defaultBackend: {service: {name: web, port: {number: 80}}}}\n`,
    ).className;
  const annotated = ', annotations: {kubernetes.io/ingress.class: traefik}';
  assert.equal(classOf('', ''), undefined);
  assert.equal(classOf('', 'ingressClassName: nginx, '), 'nginx');
  assert.equal(classOf(annotated, 'ingressClassName: nginx, '), 'traefik');
  assert.equal(classOf('', 'ingressClassName: {{ .Values.class }}, '), '');
});

test('a route says its gateways, and what is no Gateway or not known is left out', () => {
  const parents = '[{name: edge}, {name: edge, namespace: infra}, {name: web, kind: Service}, {name: "{{ .x }}"}]';
  const text = `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: shop}\nspec: {parentRefs: ${parents}, rules: []}\n`;
  assert.deepEqual(entryOf(text).gateways, [
    { name: 'edge', namespace: undefined },
    { name: 'edge', namespace: 'infra' },
  ]);
});

test('IngressClass, GatewayClass and Gateway: whose controller it is', () => {
  const objectOf = (text: string) => read(text)[0]?.object;
  const found = objectOf(
    'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: a, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}\nspec: {controller: k8s.io/ingress-nginx}\n',
  );
  assert.ok(found?.type === 'entryClass');
  assert.deepEqual([found.value.controller, found.value.isDefault], ['k8s.io/ingress-nginx', true]);
  const gatewayClass = objectOf(
    'apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: b}\nspec: {controllerName: io.cilium/gateway-controller}\n',
  );
  assert.ok(gatewayClass?.type === 'entryClass');
  assert.deepEqual([gatewayClass.value.kind, gatewayClass.value.isDefault], ['GatewayClass', false]);
  const gateway = objectOf(
    'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: infra}\nspec: {gatewayClassName: istio}\n',
  );
  assert.ok(gateway?.type === 'gateway');
  assert.deepEqual([gateway.value.namespace, gateway.value.className], ['infra', 'istio']);
});
