import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kinds, resourcesOf } from '#server/kinds/index.js';
import type { ModelObject } from '#server/kinds/kind.js';
import { documentOf } from '#server/text/document.js';
import { version } from '#server/version.js';

function read(yaml: string): readonly (ModelObject | undefined)[] {
  return resourcesOf(documentOf('file:///a.yaml', yaml)).map(({ object }) => object);
}

function workloadOf(yaml: string) {
  const [object, ...others] = read(yaml);
  assert.ok(object?.type === 'workload' && others.length === 0);
  return object.value;
}

const pod = (indent: string) =>
  `metadata:
  labels: {app: api, tier: back}
spec:
  hostNetwork: true
  serviceAccountName: robot
  initContainers:
    - name: sidecar
      ports: [{name: admin, containerPort: 9000}]
  containers:
    - name: main
      ports:
        - {name: http, containerPort: 8080}
        - {containerPort: 53, protocol: UDP}
      livenessProbe: {httpGet: {port: http}}
      readinessProbe: {tcpSocket: {port: 8080}}
      startupProbe: {exec: {command: [ls]}}
    - name: rpc
      livenessProbe: {grpc: {port: 9090}}
`
    .split('\n')
    .map((line) => (line === '' ? line : indent + line))
    .join('\n');

const templated: readonly [string, string, string][] = [
  ['apps/v1', 'Deployment', ''],
  ['apps/v1', 'StatefulSet', ''],
  ['apps/v1', 'DaemonSet', ''],
  ['apps/v1', 'ReplicaSet', ''],
  ['v1', 'ReplicationController', ''],
  ['batch/v1', 'Job', ''],
  ['batch/v1', 'CronJob', 'cron'],
  ['argoproj.io/v1alpha1', 'Rollout', ''],
  ['apps.kruise.io/v1alpha1', 'CloneSet', ''],
];

for (const [apiVersion, kind, shape] of templated) {
  test(`${kind}: the pods of its template, with ports, probes, labels and account`, () => {
    const head = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: api, namespace: shop}\nspec:\n`;
    const workload = workloadOf(
      shape === 'cron'
        ? `${head}  jobTemplate:\n    spec:\n      template:\n${pod('        ')}`
        : `${head}  template:\n${pod('    ')}`,
    );
    assert.equal(workload.kind, kind);
    assert.equal(workload.namespace, 'shop');
    assert.deepEqual(
      [...workload.labels],
      [
        ['app', 'api'],
        ['tier', 'back'],
      ],
    );
    assert.deepEqual(
      workload.ports.map(({ name, port, protocol, container }) => [name, port, protocol, container]),
      [
        ['http', 8080, 'TCP', 'main'],
        [undefined, 53, 'UDP', 'main'],
        ['admin', 9000, 'TCP', 'sidecar'],
      ],
    );
    assert.deepEqual(
      workload.probes.map(({ kind: probe, action, port }) => [probe, action, port]),
      [
        ['liveness', 'HTTP', 'http'],
        ['readiness', 'TCP', 8080],
        ['liveness', 'gRPC', 9090],
      ],
    );
    assert.equal(workload.hostNetwork, true);
    assert.equal(workload.serviceAccount, 'robot');
  });
}

const ofOthers = (apiVersion: string, kind: string, name: string, labels = '{app: web}') =>
  `apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: ${name}}
spec:
  template:
    metadata: {labels: ${labels}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
`;

test('DeploymentConfig, ScaledJob and Knative’s Service: what their controllers add to the template', () => {
  const config = workloadOf(ofOthers('apps.openshift.io/v1', 'DeploymentConfig', 'web'));
  assert.deepEqual(Object.fromEntries(config.labels), { app: 'web', deploymentconfig: 'web' });
  assert.equal(config.openLabels, false);
  const templatedName = workloadOf(ofOthers('apps.openshift.io/v1', 'DeploymentConfig', '{{ .Release.Name }}'));
  assert.deepEqual([...templatedName.labels.keys(), templatedName.openLabels], ['app', true]);

  const knative = workloadOf(ofOthers('serving.knative.dev/v1', 'Service', 'kn'));
  assert.equal(knative.kind, 'KnativeService');
  assert.equal(knative.labels.get('serving.knative.dev/service'), 'kn');
  assert.deepEqual(
    knative.ports.map(({ port }) => port),
    [8080, 8012, 8013, 8022, 9090, 9091],
  );
  assert.equal(knative.openLabels, false);
  // Knative gives `app` the name of the revision, which the manifest does not tell.
  assert.equal(workloadOf(ofOthers('serving.knative.dev/v1', 'Service', 'kn', '{tier: web}')).openLabels, true);

  const job = workloadOf(
    'apiVersion: keda.sh/v1alpha1\nkind: ScaledJob\nmetadata: {name: j}\nspec:\n  jobTargetRef: {template: {metadata: {labels: {app: j}}, spec: {}}}\n',
  );
  assert.equal(job.labels.get('app'), 'j');
});

test('a Rollout that refers to a Deployment has no pods of its own', () => {
  const yaml =
    'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec: {workloadRef: {kind: Deployment, name: a}}\n';
  assert.deepEqual(read(yaml), [undefined]);
});

test('an operator’s own kind with a pod template is a workload, whose pods may have more labels', () => {
  const workload = workloadOf(ofOthers('shop.example/v1', 'Storefront', 'front'));
  assert.deepEqual([workload.kind, workload.name, workload.openLabels], ['Storefront', 'front', true]);
  assert.equal(workload.labels.get('app'), 'web');
  for (const yaml of [
    // Kubernetes' own groups have no such kinds; a template of templates makes no pods; no pods, no workload.
    ofOthers('apps/v9', 'Deployment', 'web'),
    ofOthers('shop.example/v1', 'StorefrontTemplate', 'front'),
    ofOthers('shop.example/v1', 'Storefront', 'front').replace('containers:', 'machines:'),
    ofOthers('shop.example/v1', 'Storefront', 'front').replace('metadata: {labels: {app: web}}', 'metadata: {}'),
  ]) {
    assert.deepEqual(read(yaml), [], yaml);
  }
});

test('a workload’s name that a template writes is its text', () => {
  for (const written of ['{{ .Release.Name }}-web', '"{{ .Release.Name }}-web"']) {
    const { name } = workloadOf(`apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${written}\nspec: {}\n`);
    assert.equal(name, '{{ .Release.Name }}-web');
  }
});

test('Pod: its own labels; a pod that has ended counts for nothing', () => {
  assert.equal(
    workloadOf('apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {x: z}}\nspec: {}\n').labels.get('x'),
    'z',
  );
  assert.deepEqual(read('apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}\nstatus: {phase: Succeeded}\n'), [
    undefined,
  ]);
});

test('kind: List and typed lists hold objects; each keeps its path', () => {
  const document = documentOf(
    'file:///a.yaml',
    `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Namespace
    metadata: {name: shop, labels: {env: prod}}
  - apiVersion: example.org/v1
    kind: Unknown
  - apiVersion: v1
    kind: List
    items:
      - apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: deny}
        spec: {podSelector: {}}
`,
  );
  const resources = resourcesOf(document);
  assert.deepEqual(
    resources.map(({ kind, path }) => [kind.kind, path]),
    [
      ['Namespace', ['items', 0]],
      ['NetworkPolicy', ['items', 2, 'items', 0]],
    ],
  );
  const [namespace] = resources;
  assert.ok(namespace?.object?.type === 'namespace');
  assert.deepEqual(Object.fromEntries(namespace.object.value.labels), {
    env: 'prod',
    'kubernetes.io/metadata.name': 'shop',
  });
});

test('Service: target ports by number and name, the service port where none is given, headless', () => {
  const [object] = read(`apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  clusterIP: None
  selector: {app: api}
  ports: [{port: 80, targetPort: 8080}, {port: 81, targetPort: http}, {port: 82, protocol: UDP}]
`);
  assert.ok(object?.type === 'service');
  const { value: service } = object;
  assert.equal(service.headless, true);
  assert.deepEqual(
    service.ports.map(({ port, targetPort, protocol }) => [port, targetPort, protocol]),
    [
      [80, 8080, 'TCP'],
      [81, 'http', 'TCP'],
      [82, 82, 'UDP'],
    ],
  );
});

test('a kind is known by apiVersion and kind together', () => {
  assert.deepEqual(read('apiVersion: crd.antrea.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n'), []);
  // Judged all the same, by its apiVersion: see fixtures/invalid-value-version.yaml.
  assert.deepEqual(read('apiVersion: v1\nkind: NetworkPolicy\nmetadata: {name: a}\n'), [undefined]);
});

test('a wrong value costs that value, never the object', () => {
  const [object] = read(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: 7}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress:
    - ports: [{port: 99999}, {port: 80}]
      from: [{podSelector: {matchLabels: {on: yes}}}, {podSelector: {}}]
`);
  assert.ok(object?.type === 'policy');
  const { value: policy } = object;
  assert.equal(policy.name, 'a');
  assert.deepEqual(policy.isolates, ['ingress']);
  const [rule] = policy.rules;
  assert.ok(rule);
  assert.equal(rule.uncertain, true);
  assert.deepEqual(
    rule.clauses.map(({ from }) => from),
    [80],
  );
  assert.deepEqual(
    rule.peers.map(({ uncertain }) => uncertain),
    [true, false],
  );
});

test('each kind has documentation for itself and its fields', () => {
  for (const kind of kinds) assert.match(kind.fields.doc, /\S/, kind.kind);
});

test('the version is that of the packages', () => {
  for (const file of ['package.json', 'server/package.json', 'client/package.json']) {
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).version, version, file);
  }
});
