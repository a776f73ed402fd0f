import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { clusterOf } from '#server/engine/cluster.js';
import { effectiveOfWorkload } from '#server/engine/effective.js';
import { endNamed } from '#server/engine/endpoints.js';
import { Judge } from '#server/engine/verdict.js';
import { parseCidr } from '#server/model/addresses.js';
import { printPorts } from '#server/model/ports.js';
import type { ClusterProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { baselineFiles, kustomizationName } from '#server/templates/index.js';
import { defaultSettings } from '#server/workspace/settings.js';
import { Memory, root, uriOf } from '../workspace/memory.js';
import { assertValid, profileWith } from './policies.js';

const layers = [
  '00-default-deny.yaml',
  '10-allow-dns.yaml',
  '20-allow-intra-namespace.yaml',
  '30-allow-ingress-controller.yaml',
  '40-allow-prometheus-scrape.yaml',
];

/** A shop with a web tier behind an Ingress, an API that is scraped, a database, and a neighbour. */
const workloads = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: c, ports: [{name: http, containerPort: 3000}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: c
          image: c
          ports: [{name: http, containerPort: 8080}, {name: http-metrics, containerPort: 9102}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: postgres, namespace: shop}
spec:
  selector: {matchLabels: {app: postgres}}
  template:
    metadata: {labels: {app: postgres}}
    spec: {containers: [{name: c, image: c, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
`;

const others = `${pod('other', 'stranger', 'app: stranger')}---
${pod('kube-system', 'coredns', 'k8s-app: kube-dns')}---
${pod('ingress-nginx', 'controller', 'app.kubernetes.io/name: ingress-nginx')}---
${pod('monitoring', 'prometheus', 'app.kubernetes.io/name: prometheus')}`;

test('the files are the layers in their order, each a valid policy, and the kustomization that lists them', () => {
  const files = baselineFiles({ namespace: 'shop', profile: profileWith({}), scope: undefined });
  assert.deepEqual(
    files.map(({ name }) => name),
    [...layers, kustomizationName],
  );
  assert.deepEqual([...layers].sort(), layers);
  for (const { name, text } of files.slice(0, -1)) {
    assertValid(text, name);
    assert.equal(parse(text).metadata.namespace, 'shop');
  }
  assert.deepEqual(parse(files.at(-1)?.text ?? ''), {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'shop',
    resources: layers,
  });
});

test('the files of a namespace with workloads give no finding', async () => {
  const findings = async (profile: ClusterProfile) => {
    const { netpol } = await applied(profile);
    const all = [...netpol.workspace.files.keys()].flatMap((uri) => netpol.findings(uri));
    assert.deepEqual(netpol.crashes, []);
    return all.map(({ uri, rule, severity }) => `${uri.slice('file:///w/'.length)} ${rule.id} ${severity}`);
  };
  assert.deepEqual(await findings(profileWith({ nodeCidrs: [cidr('10.9.0.0/16')] })), []);
  // Where the nodes are is not known, so that their probes pass by the API's text alone: that is said, and is no fault.
  assert.deepEqual(await findings(profileWith({})), ['policies/00-default-deny.yaml probe-blocked info']);
});

test('written below the manifests, its kustomization counts for their workloads at once', async () => {
  const [scope] = (await Netpol.open(new Memory({ 'apps/all.yaml': workloads }), [root])).workspace.index.scopes;
  const files = baselineFiles({ namespace: 'shop', profile: defaultSettings.profile, scope });
  const written = files.map(({ name, text }) => [`network-policies/shop/${name}`, text] as const);
  const ingress = `network-policies/shop/${layers[3]}`;
  // Somebody lets the name service out of the list.
  const some = written
    .filter(([path]) => !path.includes('10-allow-dns'))
    .map(([path, text]) => [path, text.replace(/^ *- 10-allow-dns.yaml\n/m, '')] as const);
  for (const [policies, lacks] of [
    [written, []],
    [some, ['dns-egress-missing']],
  ] as const) {
    const netpol = await Netpol.open(new Memory({ 'apps/all.yaml': workloads, ...Object.fromEntries(policies) }), [
      root,
    ]);
    const all = [...netpol.workspace.files.keys()].flatMap((uri) => netpol.findings(uri));
    const found = all.filter(({ severity }) => severity !== 'info');
    assert.deepEqual([...new Set(found.map(({ rule }) => rule.id))], lacks);
    const [here, ...others] = netpol.workspace.index.scopesOf(uriOf(ingress));
    assert.deepEqual([here?.kind, others], ['folder', []]);
    const web = here?.workloads.find(({ value }) => value.name === 'web');
    assert.ok(here && web);
    const { egress } = effectiveOfWorkload(here, web);
    assert.ok(egress.isolatedBy.some(({ value }) => value.name === 'default-deny-all'));
  }
});

test('what is allowed in the end is what the layers say', async () => {
  const { netpol } = await applied(profileWith({}));
  const cluster = clusterOf(netpol.workspace.index.scopes, { profile: netpol.settings.profile, unset: 'default' });
  const judge = new Judge(cluster);
  const allowed = (from: string, to: string) => {
    const [source, target] = [from, to].map((name) => {
      const found = endNamed(cluster, name);
      assert.ok('ends' in found && found.ends.length === 1, name);
      return found.ends[0];
    });
    assert.ok(source !== undefined && target !== undefined);
    return printPorts(judge.table.setOf(judge.between(source, target)));
  };
  for (const app of ['shop/web', 'shop/api', 'shop/postgres']) {
    for (const other of ['shop/web', 'shop/api', 'shop/postgres'].filter((each) => each !== app))
      assert.equal(allowed(app, other), 'every port');
    assert.equal(allowed(app, 'kube-system/coredns'), 'TCP 53, UDP 53');
    assert.equal(allowed('ingress-nginx/controller', app), 'TCP 3000');
    assert.equal(allowed('monitoring/prometheus', app), 'TCP 9102');
    for (const end of ['other/stranger', '203.0.113.7']) {
      assert.equal(allowed(app, end), 'nothing', `${app} to ${end}`);
      assert.equal(allowed(end, app), 'nothing', `${end} to ${app}`);
    }
    assert.equal(allowed('kube-system/coredns', app), 'nothing');
    assert.equal(allowed(app, 'ingress-nginx/controller'), 'nothing');
    assert.equal(allowed(app, 'monitoring/prometheus'), 'nothing');
  }
});

describe('what the manifests show', () => {
  const portsIn = async (manifests: string, file: string, over: Partial<ClusterProfile> = {}) => {
    const files = await baselineOf(manifests, profileWith(over));
    const text = files.find(({ name }) => name === file)?.text;
    return text === undefined
      ? undefined
      : parse(text).spec.ingress?.[0].ports?.map(({ port }: { port: number }) => port);
  };

  test('an Ingress leads to the pods, not to the service', async () =>
    assert.deepEqual(await portsIn(workloads, '30-allow-ingress-controller.yaml'), [3000]));

  test('an Ingress to a service that is not there may lead to every port that the pods declare', async () => {
    const elsewhere = workloads.replace('service: {name: web', 'service: {name: else');
    assert.deepEqual(await portsIn(elsewhere, '30-allow-ingress-controller.yaml'), [3000, 5432, 8080, 9102]);
  });

  test('without an Ingress of the namespace nothing is opened to the controller', async () => {
    const [without] = workloads.split('---\napiVersion: networking.k8s.io/v1\nkind: Ingress');
    assert.equal(await portsIn(without ?? '', '30-allow-ingress-controller.yaml'), undefined);
    const others = workloads.replace('kind: Ingress\nmetadata: {name: web, namespace: shop}', (text) =>
      text.replace('shop', 'other'),
    );
    assert.equal(await portsIn(others, '30-allow-ingress-controller.yaml'), undefined);
    // Where no pods are known, there may be any.
    const [namespace = ''] = workloads.split('---\n');
    assert.notEqual(await portsIn(namespace, '30-allow-ingress-controller.yaml'), undefined);
  });

  test('metrics are called so, or annotated', async () => {
    assert.deepEqual(await portsIn(workloads, '40-allow-prometheus-scrape.yaml'), [9102]);
    const annotated = workloads.replace(
      'metadata: {labels: {app: postgres}}',
      'metadata: {labels: {app: postgres}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9187"}}',
    );
    assert.deepEqual(await portsIn(annotated, '40-allow-prometheus-scrape.yaml'), [9102, 9187]);
    const [namespace] = workloads.split('---\n');
    assert.deepEqual(await portsIn(`${namespace}`, '40-allow-prometheus-scrape.yaml'), [9090, 8080]);
  });

  test('probes are let in where the addresses of the nodes are known', async () => {
    assert.deepEqual(await portsIn(workloads, '50-allow-kubelet-probes.yaml'), undefined);
    const nodeCidrs = [cidr('10.9.0.0/16')];
    assert.deepEqual(await portsIn(workloads, '50-allow-kubelet-probes.yaml', { nodeCidrs }), [8080]);
    const unprobed = workloads.replace(/\n *readinessProbe.*/, '');
    assert.deepEqual(await portsIn(unprobed, '50-allow-kubelet-probes.yaml', { nodeCidrs }), undefined);
  });

  test('the ambient mesh has its tunnel and its probes', async () => {
    const mesh = ['60-allow-ambient-hbone.yaml', '61-allow-ambient-hbone-egress.yaml', '62-allow-ambient-probes.yaml'];
    const named = async (manifests: string, over: Partial<ClusterProfile> = {}) =>
      (await baselineOf(manifests, profileWith(over))).map(({ name }) => name).filter((name) => name.startsWith('6'));
    assert.deepEqual(await named(workloads), []);
    const enrolled = workloads.replace('{name: shop}', '{name: shop, labels: {istio.io/dataplane-mode: ambient}}');
    assert.deepEqual(await named(enrolled), mesh);
    assert.deepEqual(await named(workloads, { istioAmbient: true }), mesh);
  });
});

async function baselineOf(manifests: string, profile: ClusterProfile) {
  const memory = new Memory({ 'all.yaml': manifests });
  const netpol = await Netpol.open(memory, ['file:///w'], { ...defaultSettings, profile });
  const [scope] = netpol.workspace.index.scopes;
  return baselineFiles({ namespace: 'shop', profile, scope });
}

/** The workloads with the baseline beside them, built by one kustomization. */
async function applied(profile: ClusterProfile) {
  const files = await baselineOf(workloads, profile);
  const memory = new Memory({
    'kustomization.yaml': 'resources: [workloads.yaml, others.yaml, policies]\n',
    'workloads.yaml': workloads,
    'others.yaml': others,
    ...Object.fromEntries(files.map(({ name, text }) => [`policies/${name}`, text])),
  });
  const netpol = await Netpol.open(memory, ['file:///w'], { ...defaultSettings, profile });
  assert.equal(netpol.workspace.file(uriOf('policies/00-default-deny.yaml')) === undefined, false);
  return { netpol, files };
}

function pod(namespace: string, name: string, labels: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}}\nspec: {containers: [{name: c, image: c}]}\n`;
}

function cidr(text: string) {
  const parsed = parseCidr(text);
  assert.ok(parsed !== undefined);
  return parsed;
}
