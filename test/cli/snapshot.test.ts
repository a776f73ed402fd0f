import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { snapshotKinds } from '#server/cli/snapshot-kinds.js';
import { kinds } from '#server/kinds/index.js';
import { folderWith, netpol, netpolProcess } from './terminal.js';

/** What the stand-in for kubectl says to a verb, or to `get` and a resource, with `-n NS` where a namespace is asked. */
interface Said {
  readonly out?: unknown;
  readonly err?: string;
  readonly code?: number;
  readonly hang?: boolean;
}

/** A kubectl that notes its arguments and gives the answers that stand in a file beside it. */
const standIn = `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const args = process.argv.slice(2);
appendFileSync(join(__dirname, 'calls.jsonl'), JSON.stringify(args) + '\\n');
const answers = JSON.parse(readFileSync(join(__dirname, 'answers.json'), 'utf8'));
const namespace = args.find((arg) => arg.startsWith('--namespace='))?.slice('--namespace='.length);
const key = [args[0], ...(args[0] === 'get' ? [args[1]] : []), ...(namespace ? ['-n', namespace] : [])].join(' ');
const said = answers[key] ?? { err: 'error: the stand-in knows nothing of ' + key, code: 1 };
if (said.hang) setInterval(() => {}, 1000);
else {
  if (said.err) process.stderr.write(said.err + '\\n');
  if (said.out !== undefined) process.stdout.write(typeof said.out === 'string' ? said.out : JSON.stringify(said.out));
  process.exitCode = said.code ?? 0;
}
`;

function listOf(...items: readonly unknown[]) {
  return { out: { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items } };
}

const secrets = ['hunter2', 'c3ludGF4', 'eyJhbGciOi', 'PRIVATE KEY', 'last-applied', 'managed-by-me', 'super-token'];

const noise = {
  uid: '7c8d',
  resourceVersion: '9',
  managedFields: [{ manager: 'managed-by-me' }],
  annotations: {
    'kubectl.kubernetes.io/last-applied-configuration': '{"env":"hunter2"}',
    'vault/token': 'super-token',
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': '9102',
  },
};

const containers = [
  {
    name: 'api',
    image: 'shop/api:1',
    args: ['--token=super-token'],
    env: [
      { name: 'PASSWORD', value: 'hunter2' },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'c3ludGF4', key: 'k' } } },
    ],
    envFrom: [{ secretRef: { name: 'c3ludGF4' } }],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    readinessProbe: {
      httpGet: { path: '/?key=hunter2', port: 'http', httpHeaders: [{ name: 'Authorization', value: 'super-token' }] },
      periodSeconds: 10,
    },
    livenessProbe: { exec: { command: ['check', 'hunter2'] } },
  },
];

function pod(name: string, more: Readonly<Record<string, unknown>> = {}, owner?: unknown, phase = 'Running') {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...noise,
      name,
      namespace: 'shop',
      labels: { app: 'api' },
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
      ...more,
    },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'api',
      containers,
      volumes: [{ secret: { secretName: 'c3ludGF4' } }],
    },
    status: {
      phase,
      podIP: '10.0.0.7',
      podIPs: [{ ip: '10.0.0.7' }],
      hostIP: '192.168.0.1',
      containerStatuses: [{ image: 'hunter2' }],
    },
  };
}

function controller(kind: string, name: string, owner?: unknown, more: Readonly<Record<string, unknown>> = {}) {
  const template = { metadata: { labels: { app: name } }, spec: { containers } };
  return {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { ...noise, name, namespace: 'shop', ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
    spec: kind === 'CronJob' ? { schedule: '* * * * *', jobTemplate: { spec: { template } } } : { template },
    ...more,
  };
}

function ownedBy(kind: string, name: string) {
  return { apiVersion: 'apps/v1', kind, name, uid: '1', controller: true, blockOwnerDeletion: true };
}

const resources = [
  'bindings',
  'configmaps',
  'secrets',
  'namespaces',
  'nodes',
  'pods',
  'services',
  'deployments.apps',
  'replicasets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'ingresses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'routes.route.openshift.io',
  'servicemonitors.monitoring.coreos.com',
];

const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { ...noise, name: 'api', namespace: 'shop', labels: { team: 'a' } },
  spec: {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 8080, protocol: 'TCP' }] }],
  },
};

const cluster: Readonly<Record<string, Said>> = {
  'api-resources': { out: resources.map((name) => `${name}\n`).join('') },
  config: { out: 'kind-shop\n' },
  'get namespaces': listOf({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...noise, name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop', env: 'prod' } },
    status: { phase: 'Active' },
  }),
  'get nodes': listOf({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...noise, name: 'node-1', labels: { zone: 'a' } },
    spec: { providerID: 'hunter2' },
    status: { images: [{ names: ['hunter2'] }] },
  }),
  'get pods': listOf(
    pod('api-6d4-x1', { labels: { app: 'api', 'pod-template-hash': '6d4' } }, ownedBy('ReplicaSet', 'api-6d4')),
    pod('web-5f2-z9', { labels: { app: 'web', 'pod-template-hash': '5f2' } }, ownedBy('ReplicaSet', 'web-5f2')),
    pod('debug'),
    pod('mail-1', { labels: { app: 'mail' } }, ownedBy('Job', 'mail-29')),
    {
      ...pod('cilium-abcde', { namespace: 'kube-system', labels: {} }, ownedBy('DaemonSet', 'cilium')),
      spec: {
        hostNetwork: true,
        containers: [
          {
            name: 'agent',
            image: 'quay.io/cilium/cilium:v1.16.1',
            args: ['--run-firewall=true', '--token=super-token'],
          },
        ],
      },
    },
    pod('done-1', { labels: { app: 'done' } }, ownedBy('Job', 'done'), 'Succeeded'),
  ),
  'get replicasets.apps': listOf(
    controller('ReplicaSet', 'api-6d4', ownedBy('Deployment', 'api')),
    controller('ReplicaSet', 'idle-1', ownedBy('Deployment', 'idle')),
  ),
  'get deployments.apps': listOf(controller('Deployment', 'api'), controller('Deployment', 'idle')),
  'get jobs.batch': listOf(
    controller('Job', 'mail-29', ownedBy('CronJob', 'mail')),
    controller('Job', 'done', undefined, { status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
  ),
  'get cronjobs.batch': listOf(controller('CronJob', 'mail'), controller('CronJob', 'report')),
  'get services': listOf({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...noise, name: 'api', namespace: 'shop' },
    spec: {
      selector: { app: 'api' },
      type: 'ClusterIP',
      clusterIP: '10.96.0.9',
      clusterIPs: ['10.96.0.9'],
      ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }],
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } },
    },
  }),
  'get ingresses.networking.k8s.io': listOf({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...noise, name: 'site', namespace: 'shop' },
    spec: {
      tls: [{ hosts: ['a'], secretName: 'c3ludGF4' }],
      rules: [
        {
          host: 'a',
          http: { paths: [{ path: '/hunter2', backend: { service: { name: 'api', port: { number: 80 } } } }] },
        },
      ],
    },
  }),
  'get networkpolicies.networking.k8s.io': listOf(policy),
  'get routes.route.openshift.io': listOf({
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    metadata: { ...noise, name: 'site', namespace: 'shop' },
    spec: { to: { kind: 'Service', name: 'api', weight: 100 }, tls: { key: '-----BEGIN PRIVATE KEY-----' } },
  }),
  'get servicemonitors.monitoring.coreos.com': listOf({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { ...noise, name: 'api', namespace: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'api' } },
      endpoints: [{ port: 'metrics', bearerTokenSecret: { name: 'c3ludGF4' }, params: { token: ['super-token'] } }],
    },
  }),
};

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly folder: string;
  readonly calls: readonly (readonly string[])[];
}

async function snapshot(
  t: TestContext,
  answers: Readonly<Record<string, Said>>,
  ...args: readonly string[]
): Promise<Run> {
  const folder = await folderWith(t, { 'bin/kubectl': standIn, 'bin/answers.json': JSON.stringify(answers) });
  await chmod(join(folder, 'bin/kubectl'), 0o755);
  const env = { PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}` };
  const { code, out, err } = await netpolProcess(['snapshot', ...args], { cwd: folder, env });
  const log = await readFile(join(folder, 'bin/calls.jsonl'), 'utf8').catch(() => '');
  const calls = log.split('\n').flatMap((line): string[][] => (line === '' ? [] : [JSON.parse(line)]));
  return { code, out, err, folder, calls };
}

/** The objects of a snapshot as "Kind namespace/name". */
function namesIn(text: string): readonly string[] {
  return parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, []);
    const { kind, metadata } = document.toJS();
    return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
  });
}

test('reads a whole cluster, with reading calls alone, and never secrets', async (t) => {
  const { code, out, err, calls } = await snapshot(t, cluster);
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^# netpol snapshot of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, context kind-shop, all namespaces\n# /);
  assert.deepEqual(namesIn(out), [
    'Namespace shop',
    'Node node-1',
    'NetworkPolicy shop/api',
    'Pod kube-system/cilium-abcde',
    'Pod shop/api-6d4-x1',
    'Pod shop/debug',
    'Pod shop/mail-1',
    'Pod shop/web-5f2-z9',
    'Deployment shop/idle',
    'CronJob shop/report',
    'Service shop/api',
    'Ingress shop/site',
    'Route shop/site',
    'ServiceMonitor shop/api',
  ]);
  assert.deepEqual([...new Set(calls.map(([verb]) => verb))].sort(), ['api-resources', 'config', 'get']);
  const read = calls.filter(([verb]) => verb === 'get').map(([, resource]) => resource);
  assert.deepEqual(read.sort(), resources.filter((name) => !/bindings|configmaps|secrets/.test(name)).sort());
  for (const call of calls) assert.ok(call.includes('--request-timeout=60s'), call.join(' '));
});

test('what is written is safe to commit: nothing of the environment, of secrets, of tokens, of other annotations', async (t) => {
  const { out } = await snapshot(t, cluster);
  for (const secret of secrets) assert.ok(!out.includes(secret), `${secret} is in the snapshot`);
  const api = parseAllDocuments(out)
    .map((document) => document.toJS())
    .find(({ metadata }) => metadata.name === 'api-6d4-x1');
  assert.deepEqual(api, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'api-6d4-x1',
      namespace: 'shop',
      labels: { app: 'api', 'pod-template-hash': '6d4' },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9102' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', controller: true }],
    },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'api',
      containers: [
        {
          name: 'api',
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          readinessProbe: { httpGet: { port: 'http' } },
        },
      ],
    },
    status: { phase: 'Running', hostIP: '192.168.0.1', podIP: '10.0.0.7', podIPs: [{ ip: '10.0.0.7' }] },
  });
});

test('of network plugins the image and their switches stay, of others no program', async (t) => {
  const { out } = await snapshot(t, cluster);
  const all = parseAllDocuments(out).map((document) => document.toJS());
  const plugin = all.find(({ metadata }) => metadata.name === 'cilium-abcde');
  assert.deepEqual(plugin.spec.containers, [
    { name: 'agent', image: 'quay.io/cilium/cilium:v1.16.1', args: ['--run-firewall=true'] },
  ]);
  assert.equal(out.match(/\b(?:image|args|command)\b/g)?.length, 2);
});

test('its pods tell which network plugin the cluster has', async (t) => {
  const { folder } = await snapshot(t, cluster, '--output', 'cluster.yaml');
  const { out, err } = await netpol(['check', 'cluster.yaml'], { cwd: folder });
  assert.match(out + err, /taken to be Cilium.*, which DaemonSet kube-system\/cilium \(cluster\.yaml:\d+\) installs/);
});

test('every other command takes it: check, list, explain, effective, diff', async (t) => {
  const { folder, code, out, err } = await snapshot(t, cluster, '--output', 'cluster.yaml');
  assert.deepEqual([code, out], [0, '']);
  assert.equal(
    err,
    'netpol: cluster.yaml has 1 Namespace, 1 Node, 1 NetworkPolicy, 5 Pods, 1 Deployment, 1 CronJob, 1 Service, 1 Ingress, 1 Route and 1 ServiceMonitor\n',
  );
  const check = await netpol(['check', 'cluster.yaml', '--fail-on', 'error'], { cwd: folder });
  assert.deepEqual([check.code, check.err], [0, '']);
  assert.match(check.out, /1 policy, 7 workloads/);
  // By folder as well as by name; the ReplicaSet that could not be found is told from the pod's hash.
  for (const path of ['cluster.yaml', '.']) {
    const { out: lines } = await netpol(['list', path, '--focus', 'shop/api', '--direction', 'ingress'], {
      cwd: folder,
    });
    assert.deepEqual(
      lines.split('\n').filter((line) => line.includes('[')),
      ['shop/web[Deployment] => shop/api[Deployment] : TCP 8080'],
    );
  }
  const by = (...args: readonly string[]) => netpol(['explain', 'cluster.yaml', ...args], { cwd: folder });
  const allowed = await by('--from', 'web', '--to', '10.96.0.9', '--port', '80');
  assert.match(allowed.out, /^Allowed: shop\/web\[Deployment\] -> svc\/shop\/api on TCP 80\./);
  const blocked = await by('--from', 'mail-1', '--to', 'api', '--port', '8080');
  assert.match(blocked.out, /^Blocked: shop\/mail\[CronJob\] -> shop\/api\[Deployment\] on TCP 8080\./);
  const effective = await netpol(['effective', 'cluster.yaml', '--policy', 'shop/api'], { cwd: folder });
  assert.match(effective.out, /^api {2}NetworkPolicy, namespace shop\nselects 2 workloads: /);
});

test('diff compares a cluster with manifests: pods of the one are the Deployments of the other', async (t) => {
  const { folder } = await snapshot(t, cluster, '--output', 'cluster.yaml');
  const deployment = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
---
`;
  const policies = {
    same: policy,
    other: { ...policy, spec: { ...policy.spec, ingress: [{ ports: [{ port: 9090 }] }] } },
  };
  const between = async (name: keyof typeof policies) => {
    const text = deployment('web') + deployment('api') + JSON.stringify(policies[name]);
    const after = join(await folderWith(t, { 'all.yaml': text }), 'all.yaml');
    const { out } = await netpol(['diff', 'cluster.yaml', after, '--format', 'json'], { cwd: folder });
    const all: { src: string; dst: string; before: string; after: string }[] = JSON.parse(out);
    return all.find(({ src, dst }) => src === 'shop/web[Deployment]' && dst === 'shop/api[Deployment]');
  };
  assert.equal(await between('same'), undefined);
  const changed = await between('other');
  assert.deepEqual([changed?.before, changed?.after], ['TCP 8080', 'TCP 9090']);
});

test('some namespaces: namespaced kinds of them, cluster-wide kinds whole', async (t) => {
  const some: Readonly<Record<string, Said>> = {
    'api-resources': { out: 'namespaces\nnodes\npods\n' },
    config: { err: 'error: current-context is not set', code: 1 },
    'get namespaces': { out: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } },
    'get nodes': listOf(),
    'get pods -n shop': listOf(pod('a')),
    'get pods -n ops': listOf(),
  };
  const { code, out, calls } = await snapshot(t, some, '-n', 'shop', '-n', 'ops');
  assert.equal(code, 0);
  assert.match(out, /^# .*, no named context, namespace shop and ops\n/);
  const asked = calls.map((call) => call.filter((arg) => !arg.startsWith('--request-timeout')).join(' ')).sort();
  assert.deepEqual(asked, [
    'api-resources --verbs=list --output=name',
    'config current-context',
    'get namespaces ops --output=json',
    'get namespaces shop --output=json',
    'get nodes --output=json',
    'get pods --namespace=ops --output=json',
    'get pods --namespace=shop --output=json',
  ]);
});

test('a context and a kubeconfig are handed on as values', async (t) => {
  const { out, calls, folder } = await snapshot(t, cluster, '--context', 'prod', '--kubeconfig', 'kube/config');
  assert.match(out, /^# .*, context prod, /);
  for (const call of calls) {
    assert.ok(call.includes('--context=prod'));
    assert.ok(call.includes(`--kubeconfig=${join(folder, 'kube/config')}`));
  }
});

test('what is forbidden is named on standard error and in the file; the rest is written, exit status 1', async (t) => {
  const forbidden = {
    err: 'Error from server (Forbidden): nodes is forbidden: User "me" cannot list resource "nodes" in API group ""',
    code: 1,
  };
  const { code, out, err } = await snapshot(t, { ...cluster, 'get nodes': forbidden });
  assert.equal(code, 1);
  assert.equal(err, 'netpol: not read: nodes (forbidden)\n');
  assert.match(out, /^# not read: nodes \(forbidden\)$/m);
  assert.ok(namesIn(out).includes('Pod shop/debug'));
});

test('a kind that is gone or has no objects is no loss; part of the API that does not answer is', async (t) => {
  const gone = { err: `error: the server doesn't have a resource type "routes"`, code: 1 };
  const first = await snapshot(t, { ...cluster, 'get routes.route.openshift.io': gone });
  assert.deepEqual([first.code, first.err], [0, '']);
  const partly = {
    out: 'pods\n',
    err: 'error: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1',
    code: 1,
  };
  const second = await snapshot(t, { ...cluster, 'api-resources': partly });
  assert.equal(second.code, 1);
  assert.match(second.err, /^netpol: not read: a part of the API \(unable to retrieve .*\)\n$/);
});

/** The cluster with more kinds: each resource with its objects. */
function clusterWith(more: Readonly<Record<string, readonly unknown[]>>): Readonly<Record<string, Said>> {
  const out = [...resources, ...Object.keys(more)].map((name) => `${name}\n`).join('');
  const answers = Object.entries(more).map(([name, items]) => [`get ${name}`, listOf(...items)]);
  return { ...cluster, 'api-resources': { out }, ...Object.fromEntries(answers) };
}

/** The plugin decides whose policies count. */
function withoutPlugin(answers: Readonly<Record<string, Said>>): Readonly<Record<string, Said>> {
  const pods = [
    pod('api-6d4-x1', { labels: { app: 'api' } }, ownedBy('ReplicaSet', 'api-6d4')),
    pod('web', { labels: { app: 'web' } }),
  ];
  return { ...answers, 'get pods': listOf(...pods) };
}

function calico(kind: string, name: string, spec: unknown, apiVersion = 'projectcalico.org/v3') {
  const namespace = kind.startsWith('Global') || kind === 'Tier' ? {} : { namespace: 'shop' };
  return { apiVersion, kind, metadata: { ...noise, name, ...namespace }, spec };
}

const fromBots = { tier: 'security', selector: "app == 'api'", types: ['Ingress'] };
const deny = { ...fromBots, ingress: [{ action: 'Deny', source: { selector: "app == 'web'" } }, { action: 'Pass' }] };

test("Calico's policies, tiers and sets are read, without its copies of Kubernetes' own", async (t) => {
  const { code, err, out, calls, folder } = await snapshot(
    t,
    withoutPlugin(
      clusterWith({
        'tiers.projectcalico.org': [calico('Tier', 'security', { order: 100 })],
        'tiers.crd.projectcalico.org': [],
        'networkpolicies.projectcalico.org': [
          calico('NetworkPolicy', 'security.no-web', deny),
          calico('NetworkPolicy', 'knp.default.api', { order: 1000, selector: "app == 'api'" }),
        ],
        'networkpolicies.crd.projectcalico.org': [],
        'globalnetworkpolicies.projectcalico.org': [
          calico('GlobalNetworkPolicy', 'kcnp.kube-admin.all', { order: 1 }),
          calico('GlobalNetworkPolicy', 'kanp.adminnetworkpolicy.all', { order: 1 }),
        ],
        'globalnetworksets.projectcalico.org': [calico('GlobalNetworkSet', 'office', { nets: ['203.0.113.0/24'] })],
        serviceaccounts: [
          {
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: { ...noise, name: 'api', namespace: 'shop', labels: { role: 'server' } },
            secrets: [{ name: 'c3ludGF4' }],
          },
        ],
      }),
    ),
  );
  assert.deepEqual([code, err], [0, '']);
  const theirs = namesIn(out).filter((name) => /Tier|Global|Account|security|knp/.test(name));
  assert.deepEqual(theirs, [
    'Tier security',
    'GlobalNetworkSet office',
    'NetworkPolicy shop/security.no-web',
    'ServiceAccount shop/api',
  ]);
  for (const secret of secrets) assert.ok(!out.includes(secret), `${secret} is in the snapshot`);
  const asked = calls.map(([, resource = '']) => resource);
  assert.ok(!asked.some((resource) => resource.includes('.crd.')));
  await writeFile(join(folder, 'cluster.yaml'), out);
  const web = await netpol(['explain', 'cluster.yaml', '--from', 'shop/web', '--to', 'shop/api', '--port', '8080'], {
    cwd: folder,
  });
  assert.match(web.out, /^Blocked: /);
  assert.match(web.out, /security\.no-web, ingress rule 1 denies/);
});

test("where Calico's API server is not installed, its policies are read as it keeps them", async (t) => {
  const kept = calico('NetworkPolicy', 'default.no-web', { ...deny, tier: 'default' }, 'crd.projectcalico.org/v1');
  const { code, err, out } = await snapshot(t, clusterWith({ 'networkpolicies.crd.projectcalico.org': [kept] }));
  assert.deepEqual([code, err], [0, '']);
  assert.ok(namesIn(out).includes('NetworkPolicy shop/default.no-web'));
});

test("Cilium's policies are read, with several specs, groups of addresses and redirects to the node", async (t) => {
  const identity = (name: string) => ({ metadata: { ...noise, name, namespace: 'shop' } });
  const apiVersion = 'cilium.io/v2';
  const spec = { endpointSelector: { matchLabels: { app: 'api' } }, ingressDeny: [{ fromEndpoints: [{}] }] };
  const { code, err, out, folder } = await snapshot(
    t,
    clusterWith({
      'ciliumnetworkpolicies.cilium.io': [
        { apiVersion, kind: 'CiliumNetworkPolicy', ...identity('none'), specs: [spec], status: { x: 'hunter2' } },
      ],
      'ciliumclusterwidenetworkpolicies.cilium.io': [],
      'ciliumcidrgroups.cilium.io': [
        {
          apiVersion,
          kind: 'CiliumCIDRGroup',
          metadata: { name: 'office' },
          spec: { externalCIDRs: ['203.0.113.0/24'] },
        },
      ],
      'ciliumlocalredirectpolicies.cilium.io': [
        { apiVersion, kind: 'CiliumLocalRedirectPolicy', ...identity('dns'), spec: { redirectFrontend: {} } },
      ],
    }),
  );
  assert.deepEqual([code, err], [0, '']);
  const theirs = namesIn(out).filter((name) => name.startsWith('Cilium'));
  assert.deepEqual(theirs, [
    'CiliumNetworkPolicy shop/none',
    'CiliumCIDRGroup office',
    'CiliumLocalRedirectPolicy shop/dns',
  ]);
  for (const secret of secrets) assert.ok(!out.includes(secret), `${secret} is in the snapshot`);
  await writeFile(join(folder, 'cluster.yaml'), out);
  const web = await netpol(['explain', 'cluster.yaml', '--from', 'shop/web', '--to', 'shop/api', '--port', '8080'], {
    cwd: folder,
  });
  assert.match(web.out, /^Blocked: /);
});

test('workloads of others appear under their name, and themselves where nothing of theirs runs', async (t) => {
  const { out } = await snapshot(t, {
    ...clusterWith({
      'rollouts.argoproj.io': [controller('Rollout', 'web'), controller('Rollout', 'off')],
      'validatingwebhookconfigurations.admissionregistration.k8s.io': [
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          metadata: { ...noise, name: 'guard' },
          webhooks: [
            {
              name: 'guard.example',
              clientConfig: { service: { name: 'guard', namespace: 'ops', path: '/hunter2' }, caBundle: 'eyJhbGciOi' },
            },
          ],
        },
      ],
    }),
    'get replicasets.apps': listOf(
      controller('ReplicaSet', 'api-6d4', ownedBy('Deployment', 'api')),
      controller('ReplicaSet', 'web-5f2', ownedBy('Rollout', 'web')),
    ),
  });
  const all = parseAllDocuments(out).map((document) => document.toJS());
  const named = (name: string) => all.find(({ metadata }) => metadata.name === name);
  assert.equal(named('web-5f2-z9').metadata.ownerReferences[0].kind, 'Rollout');
  assert.equal(named('web'), undefined);
  assert.equal(named('off').kind, 'Rollout');
  assert.deepEqual(named('guard').webhooks, [{ clientConfig: { service: { name: 'guard', namespace: 'ops' } } }]);
  for (const secret of secrets) assert.ok(!out.includes(secret), `${secret} is in the snapshot`);
});

test('Knative: pods have the name of the Service that a person wrote, which stands for itself while none runs', async (t) => {
  const service = (name: string) => ({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { ...noise, name, namespace: 'shop' },
    spec: { template: { metadata: { labels: { app: name } }, spec: { containers } } },
  });
  const made = (name: string) => ({ 'serving.knative.dev/service': name });
  const { out, folder } = await snapshot(t, {
    ...clusterWith({ 'services.serving.knative.dev': [service('greeter'), service('asleep')] }),
    'get pods': listOf(
      pod('greeter-00001-deployment-6d4-x1', { labels: made('greeter') }, ownedBy('ReplicaSet', 'greeter-00001-6d4')),
    ),
    'get deployments.apps': listOf({
      ...controller('Deployment', 'asleep-00001'),
      metadata: { name: 'asleep-00001', namespace: 'shop', labels: made('asleep') },
    }),
  });
  await writeFile(join(folder, 'cluster.yaml'), out);
  const { out: listed } = await netpol(['list', 'cluster.yaml'], { cwd: folder });
  const shown = [...new Set([...listed.matchAll(/shop\/[\w-]+\[\w+\]/g)].map(([name]) => name))].sort();
  assert.deepEqual(
    shown.filter((name) => /greeter|asleep/.test(name)),
    ['shop/asleep[KnativeService]', 'shop/greeter[KnativeService]'],
  );
});

test('what an object of an operator makes is there while nothing of it runs', async (t) => {
  const owner = { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', name: 'k8s', controller: true };
  const { out } = await snapshot(
    t,
    clusterWith({ 'statefulsets.apps': [controller('StatefulSet', 'prometheus-k8s', owner)] }),
  );
  assert.ok(namesIn(out).includes('StatefulSet shop/prometheus-k8s'));
});

test('a pod that Istio leaves alone keeps the annotation that says so', async (t) => {
  const annotations = { 'sidecar.istio.io/inject': 'true', 'sidecar.istio.io/proxyCPU': '1' };
  const { out } = await snapshot(t, { ...cluster, 'get pods': listOf(pod('a', { annotations })) });
  assert.match(out, /^ {4}sidecar\.istio\.io\/inject: "true"$/m);
  assert.ok(!out.includes('proxyCPU'));
});

test('a snapshot asks for every kind that netpol reads, and never for ConfigMaps', () => {
  const plural = (kind: string) =>
    kind
      .toLowerCase()
      .replace(/(?<=[^aeiou])y$/, 'ie')
      .replace(/s$/, 'se')
      .replace(/$/, 's');
  const asked = new Set(snapshotKinds.map(({ resource }) => resource));
  const read = kinds.map(({ kind, apiVersions: [version = ''] }) =>
    version.includes('/') ? `${plural(kind)}.${version.split('/')[0]}` : plural(kind),
  );
  assert.deepEqual(
    read.filter((resource) => !asked.has(resource)),
    ['configmaps'],
  );
});

test('policies of families that netpol does not read are named', async (t) => {
  const out = `${resources.join('\n')}\nnetworkpolicies.crd.antrea.io\n`;
  const { code, err } = await snapshot(t, { ...cluster, 'api-resources': { out } });
  assert.equal(code, 0);
  assert.equal(
    err,
    'netpol: the cluster also has networkpolicies.crd.antrea.io, which netpol does not read: they count for nothing\n',
  );
});

test('a kind that the cluster does not give in time is missing', async (t) => {
  const slow = {
    err: 'Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)',
    code: 1,
  };
  const { code, err } = await snapshot(t, { ...cluster, 'get nodes': slow });
  assert.equal(code, 1);
  assert.match(err, /^netpol: not read: nodes \(Unable to connect .*\)\n$/);
});

describe('what keeps it from running is one line, exit status 2', () => {
  const failing = (err: string) => ({ 'api-resources': { err, code: 1 } });
  const cases: Readonly<Record<string, readonly [Readonly<Record<string, Said>>, readonly string[], RegExp]>> = {
    'no kubectl': [
      cluster,
      ['--kubectl', './nowhere/kubectl'],
      /read with the program \.\/nowhere\/kubectl, which is not there/,
    ],
    'not logged in': [
      failing('E1121 memcache.go:265] noise\nerror: You must be logged in to the server (Unauthorized)'),
      [],
      /kubectl is not logged in to the cluster: You must be logged in/,
    ],
    'no such context': [
      failing('error: context "prod" does not exist'),
      ['--context', 'prod'],
      /kubectl could not read the cluster: context "prod" does not exist/,
    ],
    'nobody there': [
      failing('The connection to the server localhost:8080 was refused - did you specify the right host or port?'),
      [],
      /the cluster does not answer: The connection to the server/,
    ],
    'too slow': [{ 'api-resources': { hang: true } }, ['--timeout', '0.5'], /does not answer: no answer within 0\.5 s/],
    'all forbidden': [
      { 'api-resources': { out: 'pods\n' }, 'get pods': { err: 'pods is forbidden', code: 1 } },
      [],
      /nothing could be read: pods \(forbidden\)/,
    ],
    'a context that is an option': [
      cluster,
      ['--context=--server=evil'],
      /--context "--server=evil": this cannot be a name/,
    ],
    'a kubeconfig that is an option': [cluster, ['--kubeconfig=-f'], /--kubeconfig "-f": this cannot be a name/],
    'a program that is an option': [cluster, ['--kubectl=-c'], /--kubectl "-c": this cannot be a name/],
    'a namespace that is an option': [cluster, ['--namespace=-A'], /--namespace "-A": no namespace has such a name/],
    'both ways to say where': [cluster, ['-n', 'shop', '--all-namespaces'], /not both/],
    'a path': [cluster, ['shop'], /snapshot reads a cluster, not files/],
    'a time that looks like an option': [
      cluster,
      ['--timeout', '-1'],
      /^netpol: --timeout has no value: what follows it begins with a dash; such a value is written --OPTION=VALUE\n$/,
    ],
    'no time': [cluster, ['--timeout', '0'], /--timeout 0: use a number of seconds/],
  };
  for (const [name, [answers, args, message]] of Object.entries(cases)) {
    test(name, async (t) => {
      const { code, out, err, calls } = await snapshot(t, answers, ...args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
      assert.equal(err.trim().split('\n').length, 1);
      assert.ok(calls.every((call) => ['api-resources', 'get'].includes(call[0] ?? '')));
    });
  }
});

test('beside a folder of the same manifests it is another cluster: nothing counts twice', async (t) => {
  const { folder } = await snapshot(t, cluster, '--output', 'cluster.yaml');
  const text = await readFile(join(folder, 'cluster.yaml'), 'utf8');
  await mkdir(join(folder, 'deploy'));
  await writeFile(join(folder, 'deploy/all.yaml'), text.slice(text.indexOf('\n') + 1));
  const rulesIn = async (...paths: readonly string[]) => {
    const { out } = await netpol(['check', ...paths, '--format', 'json'], { cwd: folder });
    const { findings }: { findings: { rule: string; file: string }[] } = JSON.parse(out);
    return findings.filter(({ file }) => file === 'cluster.yaml').map(({ rule }) => rule);
  };
  const alone = await rulesIn('cluster.yaml');
  assert.deepEqual(await rulesIn('deploy', 'cluster.yaml'), alone);
  // Within the folder: its first line says that it is a cluster of its own (docs/live.md).
  assert.deepEqual(await rulesIn('.'), alone);
  assert.match((await netpol(['list', '.'], { cwd: folder })).out, /^# cluster\.yaml \(snapshot\)$/m);
  // Of the manifests in several scopes, those that lie where the snapshot lies are compared with it.
  await mkdir(join(folder, 'more/own'), { recursive: true });
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: one, namespace: own, labels: {app: one}}\nspec: {}\n';
  await writeFile(join(folder, 'more/all.yaml'), text.slice(text.indexOf('\n') + 1));
  await writeFile(join(folder, 'more/own/kustomization.yaml'), 'resources: [pod.yaml]\n');
  await writeFile(join(folder, 'more/own/pod.yaml'), pod);
  const diff = await netpol(['diff', 'cluster.yaml', 'more'], { cwd: folder });
  assert.doesNotMatch(diff.out, /shop\//);
  await writeFile(join(folder, '.netpol.yaml'), 'scopes:\n  - name: running\n    include: [cluster.yaml]\n');
  assert.deepEqual(await rulesIn('.'), alone);
  const { out } = await netpol(['list', '.'], { cwd: folder });
  assert.match(out, /^# running \(named\)$/m);
});
