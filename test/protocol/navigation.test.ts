import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { DocumentHighlight, Location } from 'vscode-languageserver-protocol';
import { api, apiPolicy, frontend, shop } from './manifests.js';
import { linking, Navigator } from './navigating.js';
import { poor, positionOf, ServerProcess } from './server-process.js';

const namespaces = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    team: shop
---
apiVersion: v1
kind: Namespace
metadata:
  name: ops
  labels: {team: platform}
`;

const prometheus = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: prometheus
  namespace: ops
spec:
  template:
    metadata:
      labels:
        app: api
        tier: metrics
    spec:
      containers:
        - name: prometheus
          ports:
            - {name: web, containerPort: 9090}
`;

const scrape = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: scrape
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              team: platform
          podSelector:
            matchLabels:
              tier: metrics
        - namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: ops}
      ports:
        - port: http
        - port: 8080
        - {port: 8000, endPort: 8090}
        - {port: 9999}
`;

const service = `apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: shop
spec:
  selector:
    app: api
  ports:
    - port: 80
      targetPort: http
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
spec:
  defaultBackend:
    service:
      name: api
      port: {number: 80}
`;

const tests = `tests:
  - name: the front may call the API
    from: shop/frontend
    to: [shop/api]
    port: 8080
    expect: allowed
  - from: {pods: {app: frontend}}
    to: svc/shop/api
    expect: allowed
`;

const files = {
  ...shop,
  'namespaces.yaml': namespaces,
  'ops.yaml': prometheus,
  'policies/scrape.yaml': scrape,
  'service.yaml': service,
  'shop.netpol-test.yaml': tests,
};

async function navigating(
  t: TestContext,
  more: Readonly<Record<string, string>> = {},
  base: Readonly<Record<string, string>> = files,
) {
  const all = { ...base, ...more };
  return new Navigator(await ServerProcess.start(t, { files: all, capabilities: linking }), all);
}

test('from a selector to the workloads that it matches, and from a label to the lines that give it', async (t) => {
  const go = await navigating(t);
  // The namesake in another namespace is not the policy's.
  assert.deepEqual(await go.definition('policies/api.yaml', 'podSelector'), ['workloads/api.yaml:4: api']);
  assert.deepEqual(await go.definition('policies/api.yaml', 'matchLabels'), ['workloads/api.yaml:4: api']);
  assert.deepEqual(await go.definition('policies/api.yaml', 'api', 'app: '), ['workloads/api.yaml:12: app: api']);
  assert.deepEqual(await go.definition('policies/api.yaml', 'frontend'), ['workloads/frontend.yaml:12: app: frontend']);
  const [link] = await go.links('policies/api.yaml', 'frontend');
  assert.deepEqual(link?.originSelectionRange, {
    start: positionOf(apiPolicy, 'frontend'),
    end: { line: 15, character: 27 },
  });
  // A peer with both selectors: the whole of it counts.
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'metrics'), ['ops.yaml:11: tier: metrics']);
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'podSelector', '          '), [
    'ops.yaml:4: prometheus',
  ]);
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'podSelector: {}'), [
    'workloads/api.yaml:4: api',
    'workloads/frontend.yaml:4: frontend',
  ]);
  // On the name and the kind: whom the policy is about.
  assert.deepEqual(await go.definition('policies/api.yaml', 'NetworkPolicy'), ['workloads/api.yaml:4: api']);
  assert.deepEqual(await go.definition('policies/api.yaml', 'api', 'name: '), ['workloads/api.yaml:4: api']);
});

test('from a selector of namespaces, and from a namespace’s name, to the Namespace', async (t) => {
  const go = await navigating(t);
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'namespaceSelector'), ['namespaces.yaml:11: ops']);
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'platform'), ['namespaces.yaml:12: team']);
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'ops'), ['namespaces.yaml:11: ops']);
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'shop'), ['namespaces.yaml:4: shop']);
  assert.deepEqual(await go.definition('workloads/api.yaml', 'shop'), ['namespaces.yaml:4: shop']);
});

test('from a port to the ports of containers that it comes to', async (t) => {
  const go = await navigating(t);
  const both = ['workloads/api.yaml:17: http', 'workloads/frontend.yaml:17: http'];
  assert.deepEqual(await go.definition('policies/scrape.yaml', 'http', 'port: '), both);
  assert.deepEqual(await go.definition('policies/scrape.yaml', '8080', 'port: '), both);
  assert.deepEqual(await go.definition('policies/scrape.yaml', '8090'), both);
  assert.deepEqual(await go.definition('policies/scrape.yaml', '9999'), []);
  assert.deepEqual(await go.definition('policies/api.yaml', '8080'), ['workloads/api.yaml:17: http']);
  assert.deepEqual(await go.definition('service.yaml', 'http'), ['workloads/api.yaml:17: http']);
});

test('from a service’s selector to its workloads, from an Ingress to the service', async (t) => {
  const go = await navigating(t);
  assert.deepEqual(await go.definition('service.yaml', 'api', 'app: '), ['workloads/api.yaml:12: app: api']);
  assert.deepEqual(await go.definition('service.yaml', 'selector'), ['workloads/api.yaml:4: api']);
  assert.deepEqual(await go.definition('service.yaml', 'api', '    service:\n      name: '), ['service.yaml:4: api']);
});

test('from a test to the lines that decide it, from its ends to the workloads', async (t) => {
  const go = await navigating(t);
  assert.deepEqual(await go.definition('shop.netpol-test.yaml', 'the front'), ['policies/api.yaml:13: -']);
  assert.deepEqual(await go.definition('shop.netpol-test.yaml', 'shop/frontend'), [
    'workloads/frontend.yaml:4: frontend',
  ]);
  assert.deepEqual(await go.definition('shop.netpol-test.yaml', 'shop/api]'), ['workloads/api.yaml:4: api']);
  assert.deepEqual(await go.definition('shop.netpol-test.yaml', 'svc/'), [
    'service.yaml:4: api',
    'workloads/api.yaml:4: api',
  ]);
  assert.deepEqual(await go.definition('shop.netpol-test.yaml', 'app'), ['workloads/frontend.yaml:4: frontend']);
});

test('from a workload to the policies and peers that match it, and back', async (t) => {
  const go = await navigating(t);
  const ofApi = [
    'policies/api.yaml:7: podSelector',
    'policies/scrape.yaml:7: podSelector',
    'service.yaml:4: api',
    'shop.netpol-test.yaml:4: shop/api',
  ];
  assert.deepEqual(await go.references('workloads/api.yaml', 'Deployment'), ofApi);
  assert.deepEqual(await go.references('workloads/api.yaml', 'api', 'name: '), ofApi);
  assert.deepEqual((await go.references('workloads/api.yaml', 'api', 'name: ', true))[0], 'workloads/api.yaml:4: api');
  assert.deepEqual(await go.references('workloads/frontend.yaml', 'Deployment'), [
    'policies/api.yaml:14: -',
    'policies/scrape.yaml:7: podSelector',
    'shop.netpol-test.yaml:3: shop/frontend',
  ]);
  // The other namespace's pods have the same label, and are not meant.
  assert.deepEqual(await go.references('ops.yaml', 'Deployment'), [
    'policies/scrape.yaml:11: -',
    'policies/scrape.yaml:17: -',
  ]);
  assert.deepEqual(await go.references('policies/api.yaml', 'NetworkPolicy'), [
    'workloads/api.yaml:4: api',
    'shop.netpol-test.yaml:4: shop/api',
  ]);
});

test('from a label to the selectors that match its pods and ask for it', async (t) => {
  const go = await navigating(t);
  assert.deepEqual(await go.references('workloads/api.yaml', 'app', '        '), [
    'policies/api.yaml:9: app',
    'workloads/api.yaml:8: app',
    'service.yaml:8: app',
  ]);
  assert.deepEqual(await go.references('ops.yaml', 'app'), []);
  assert.deepEqual(await go.references('ops.yaml', 'tier'), ['policies/scrape.yaml:16: tier']);
  assert.deepEqual(await go.references('namespaces.yaml', 'platform'), ['policies/scrape.yaml:13: team']);
  assert.deepEqual(await go.references('namespaces.yaml', 'ops', 'name: '), [
    'policies/scrape.yaml:11: namespaceSelector',
    'policies/scrape.yaml:17: namespaceSelector',
  ]);
});

test('from a container’s port to the ports of rules that reach it', async (t) => {
  const go = await navigating(t);
  const wanted = [
    'policies/api.yaml:19: 8080',
    'policies/scrape.yaml:20: http',
    'policies/scrape.yaml:21: 8080',
    'policies/scrape.yaml:22: 8000',
    'service.yaml:10: 80',
  ];
  assert.deepEqual(await go.references('workloads/api.yaml', 'http'), wanted);
  assert.deepEqual(await go.references('workloads/api.yaml', '8080'), wanted);
});

test('from a service to what names it', async (t) => {
  const go = await navigating(t);
  assert.deepEqual(await go.references('service.yaml', 'Service'), [
    'service.yaml:21: api',
    'shop.netpol-test.yaml:8: svc/shop/api',
  ]);
});

test('the same label and port of a file are highlighted, where they are given and where they are asked for', async (t) => {
  const all = [api, apiPolicy, service].join('---\n');
  const go = await navigating(t, { 'all.yaml': all }, {});
  const highlights = async (wanted: string, behind = '') => {
    const params = go.params('all.yaml', wanted, behind);
    const found = await go.server.connection.sendRequest<DocumentHighlight[] | null>(
      'textDocument/documentHighlight',
      params,
    );
    return (found ?? []).map(
      ({ range, kind }) => `${range.start.line + 1}:${range.start.character} ${kind === 3 ? 'write' : 'read'}`,
    );
  };
  assert.deepEqual(await highlights('api}', 'app: '), ['8:23 read', '12:13 write', '27:11 read', '46:9 read']);
  // The key with any value.
  assert.deepEqual(
    await highlights('app: frontend'),
    ['8:18 read', '12:8 write', '27:6 read', '34:14 read', '46:4 read'].map((each) => each),
  );
  assert.deepEqual(
    await highlights('http'),
    ['17:21 write', '49:18 read'].map((each) => each),
  );
  assert.deepEqual(await highlights('Deployment'), []);
});

test('a client without links gets locations, and unknown places get nothing', async (t) => {
  const server = await ServerProcess.start(t, { files, capabilities: poor });
  const ask = (path: string, position: { line: number; character: number }) =>
    server.connection.sendRequest<Location[] | null>('textDocument/definition', {
      textDocument: { uri: server.uri(path) },
      position,
    });
  const [found] = (await ask('policies/api.yaml', positionOf(apiPolicy, 'podSelector'))) ?? [];
  assert.equal(found?.uri, server.uri('workloads/api.yaml'));
  assert.deepEqual(found?.range.start, positionOf(api, 'api\n'));
  assert.equal(await ask('policies/api.yaml', { line: 999, character: 0 }), null);
  assert.equal(await ask('nowhere.yaml', { line: 0, character: 0 }), null);
  assert.equal(await ask('policies/api.yaml', { line: 0, character: 0 }), null);
  for (const method of ['references', 'documentHighlight']) {
    const params = { textDocument: { uri: server.uri('nowhere.yaml') }, position: { line: 0, character: 0 } };
    assert.equal(await server.connection.sendRequest(`textDocument/${method}`, params), null);
  }
});

test('half-typed text, other line ends and a byte order mark', async (t) => {
  const crlf = `\uFEFF# a note\n${apiPolicy}`.replaceAll('\n', '\r\n');
  const list = `apiVersion: v1\nkind: List\nitems:\n${apiPolicy
    .trim()
    .split('\n')
    .map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`)
    .join('\n')}\n`;
  const half =
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: half, namespace: shop}\nspec:\n  podSelector:\n    matchLabels:\n      app: frontend\n  ingress:\n    - from: [\n';
  const go = await navigating(t, { 'crlf.yaml': crlf, 'list.yaml': list, 'half.yaml': half });
  for (const path of ['crlf.yaml', 'list.yaml']) {
    assert.deepEqual(await go.definition(path, 'frontend'), ['workloads/frontend.yaml:12: app: frontend'], path);
    assert.deepEqual(await go.definition(path, 'NetworkPolicy'), ['workloads/api.yaml:4: api'], path);
  }
  assert.deepEqual(await go.definition('crlf.yaml', 'a note'), []);
  assert.deepEqual(await go.definition('half.yaml', 'frontend'), ['workloads/frontend.yaml:12: app: frontend']);
  assert.ok((await go.references('workloads/frontend.yaml', frontend.slice(20, 30))).length >= 0);
});

const calico = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: platform.api, namespace: shop}
spec:
  tier: platform
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source:
        namespaceSelector: team == 'platform'
        selector: tier in {'metrics', 'logs'} || has(scraper)
      destination: {ports: [8080]}
    - action: Allow
      protocol: TCP
      source: {selector: partner == 'bank'}
      destination: {ports: [http]}
---
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: platform}
spec: {order: 100}
---
apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: partners, namespace: shop, labels: {partner: bank}}
spec: {nets: [192.0.2.0/24]}
`;

test('selectors, tiers and sets of Calico', async (t) => {
  const go = await navigating(t, { 'calico.yaml': calico });
  assert.deepEqual(await go.definition('calico.yaml', 'api', "app == '"), ['workloads/api.yaml:12: app: api']);
  assert.deepEqual(await go.definition('calico.yaml', 'metrics'), ['ops.yaml:11: tier: metrics']);
  assert.deepEqual(await go.definition('calico.yaml', "platform'"), ['namespaces.yaml:12: team']);
  assert.deepEqual(await go.definition('calico.yaml', 'platform', 'tier: '), ['calico.yaml:22: platform']);
  assert.deepEqual(await go.definition('calico.yaml', 'bank'), ['calico.yaml:27: partners']);
  assert.deepEqual(await go.definition('calico.yaml', '8080'), ['workloads/api.yaml:17: http']);
  assert.deepEqual(await go.definition('calico.yaml', 'http'), ['workloads/api.yaml:17: http']);
  assert.deepEqual(await go.references('ops.yaml', 'tier'), ['calico.yaml:13: tier', 'policies/scrape.yaml:16: tier']);
  assert.deepEqual(await go.references('calico.yaml', 'Tier'), ['calico.yaml:5: platform']);
  assert.deepEqual(await go.references('calico.yaml', 'NetworkSet\n'), ['calico.yaml:17: selector']);
});

const cilium = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  endpointSelector:
    matchLabels: {"k8s:app": api}
  ingress:
    - fromEndpoints:
        - matchLabels:
            k8s:io.kubernetes.pod.namespace: ops
            any:tier: metrics
        - matchLabels:
            k8s:io.cilium.k8s.namespace.labels.team: platform
      toPorts:
        - ports: [{port: "8080", protocol: TCP}]
  egress:
    - toCIDRSet: [{cidrGroupRef: partners}]
    - toServices: [{k8sService: {serviceName: api, namespace: shop}}]
---
apiVersion: cilium.io/v2
kind: CiliumCIDRGroup
metadata: {name: partners}
spec: {externalCIDRs: [192.0.2.0/24]}
`;

test('selectors, groups and services of Cilium', async (t) => {
  const go = await navigating(t, { 'cilium.yaml': cilium });
  assert.deepEqual(await go.definition('cilium.yaml', 'endpointSelector'), ['workloads/api.yaml:4: api']);
  assert.deepEqual(await go.definition('cilium.yaml', 'api}'), ['workloads/api.yaml:12: app: api']);
  assert.deepEqual(await go.definition('cilium.yaml', 'metrics'), ['ops.yaml:11: tier: metrics']);
  assert.deepEqual(await go.definition('cilium.yaml', 'ops'), ['namespaces.yaml:11: ops']);
  assert.deepEqual(await go.definition('cilium.yaml', 'platform'), ['namespaces.yaml:12: team']);
  assert.deepEqual(await go.definition('cilium.yaml', '"8080"'), ['workloads/api.yaml:17: http']);
  assert.deepEqual(await go.definition('cilium.yaml', 'partners'), ['cilium.yaml:22: partners']);
  assert.deepEqual(await go.definition('cilium.yaml', 'api', 'serviceName: '), ['service.yaml:4: api']);
  assert.deepEqual(await go.references('ops.yaml', 'tier'), ['cilium.yaml:11: tier', 'policies/scrape.yaml:16: tier']);
  assert.deepEqual(await go.references('cilium.yaml', 'CiliumCIDRGroup'), ['cilium.yaml:17: {cidrGroupRef: partners}']);
  assert.ok((await go.references('service.yaml', 'Service')).some((each) => each.startsWith('cilium.yaml:18: ')));
});

const cluster = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: scrape}
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: {matchLabels: {team: shop}}
  ingress:
    - action: Accept
      from:
        - pods:
            namespaceSelector: {matchLabels: {team: platform}}
            podSelector: {matchLabels: {tier: metrics}}
`;

test('subjects and peers of cluster network policies', async (t) => {
  const go = await navigating(t, { 'cluster.yaml': cluster });
  assert.deepEqual(await go.definition('cluster.yaml', 'metrics'), ['ops.yaml:11: tier: metrics']);
  assert.deepEqual(await go.definition('cluster.yaml', 'namespaces'), ['namespaces.yaml:4: shop']);
  assert.deepEqual(await go.definition('cluster.yaml', 'platform'), ['namespaces.yaml:12: team']);
  assert.deepEqual(await go.definition('cluster.yaml', 'ClusterNetworkPolicy'), [
    'workloads/api.yaml:4: api',
    'workloads/frontend.yaml:4: frontend',
  ]);
  assert.deepEqual(await go.references('namespaces.yaml', 'shop', 'team: '), ['cluster.yaml:8: team']);
  assert.ok((await go.references('workloads/api.yaml', 'Deployment')).includes('cluster.yaml:8: namespaces'));
});

test('through the patches of a kustomization, and from its entries to the files', async (t) => {
  const go = await navigating(
    t,
    {
      'base/kustomization.yaml': 'resources:\n  - api.yaml\n  - policy.yaml\n',
      'base/api.yaml': api,
      'base/policy.yaml': apiPolicy,
      'overlay/kustomization.yaml': 'resources: [../base]\npatches:\n  - path: patch.yaml\n',
      'overlay/patch.yaml':
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api, namespace: shop}\nspec:\n  podSelector:\n    matchLabels:\n      app: api\n',
    },
    {},
  );
  assert.deepEqual(await go.definition('base/kustomization.yaml', 'api.yaml'), ['base/api.yaml:1: ']);
  assert.deepEqual(await go.definition('overlay/kustomization.yaml', '../base'), ['base/kustomization.yaml:1: ']);
  assert.deepEqual(await go.definition('overlay/kustomization.yaml', 'patch.yaml'), ['overlay/patch.yaml:1: ']);
  assert.deepEqual(await go.definition('overlay/patch.yaml', 'api\n', 'app: '), ['base/api.yaml:12: app: api']);
  assert.deepEqual(await go.references('base/api.yaml', 'Deployment'), ['base/policy.yaml:7: podSelector']);
});

test('a Helm template is gone through as far as it is written', async (t) => {
  const templated = apiPolicy.replace('app: frontend', 'app: {{ .Values.front }}');
  const go = await navigating(t, {
    'chart/Chart.yaml': 'name: chart\n',
    'chart/templates/policy.yaml': templated,
    'chart/templates/api.yaml': api,
  });
  assert.deepEqual(await go.definition('chart/templates/policy.yaml', 'api', 'app: '), [
    'chart/templates/api.yaml:12: app: api',
  ]);
  assert.deepEqual(await go.definition('chart/templates/policy.yaml', '.Values'), []);
});
