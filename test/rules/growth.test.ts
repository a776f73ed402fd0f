import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

/** Manifests of one namespace with so many policies. */
type Manifests = (count: number) => readonly string[];

function policy(name: string, app: string, peers: Readonly<{ from?: string; to?: string }>, port = 8080): string {
  const peer = (label: string) => `{podSelector: {matchLabels: {app: ${label}}}}`;
  const rules = [
    ...(peers.from === undefined ? [] : [`  ingress: [{from: [${peer(peers.from)}], ports: [{port: ${port}}]}]\n`]),
    ...(peers.to === undefined ? [] : [`  egress: [{to: [${peer(peers.to)}], ports: [{port: ${port}}]}]\n`]),
  ];
  const types = [...(peers.from === undefined ? [] : ['Ingress']), ...(peers.to === undefined ? [] : ['Egress'])];
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec:
  podSelector: ${app === '' ? '{}' : `{matchLabels: {app: ${app}}}`}
  policyTypes: [${types}]
${rules.join('')}`;
}

function workload(app: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
`;
}

const each = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i));
const calico = (i: number) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p${i}, namespace: shop}
spec:
  selector: app == 'web'
  order: ${i}
  types: [Ingress]
  ingress: [{action: Allow, protocol: TCP, source: {selector: "app == 'api'"}, destination: {ports: [8080]}}]
`;

const ring = (count: number) =>
  each(count, (i) => policy(`p${i}`, `a${i}`, { from: `a${(i + 1) % count}`, to: `a${(i + count - 1) % count}` }));

const manifests: Readonly<Record<string, Manifests>> = {
  'policies that are all alike': (count) => [
    ...each(count, (i) => policy(`p${i}`, 'web', { from: 'api' })),
    ...['web', 'api'].map(workload),
  ],
  'policies that are all alike, without workloads': (count) =>
    each(count, (i) => policy(`p${i}`, 'web', { from: 'api' })),
  'policies for every pod': (count) => [
    ...each(count, (i) => policy(`p${i}`, '', { from: 'api' })),
    ...['web', 'api'].map(workload),
  ],
  'policies for the same pods that allow different things': (count) => [
    ...each(count, (i) => policy(`p${i}`, 'web', { from: `a${i}` }, 1000 + i)),
    ...['web', 'api'].map(workload),
  ],
  'policies that select each other in a ring': ring,
  'as many workloads as policies': (count) => [...ring(count), ...each(count, (i) => workload(`a${i}`))],
  'policies of Calico in an order': (count) => [...each(count, calico), ...['web', 'api'].map(workload)],
  'one policy with many empty rules': (count) => [
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {podSelector: {}, ingress: [${each(count, () => '{}')}]}\n`,
    workload('web'),
  ],
};

/** How often a policy or workload is looked at to find everything in these manifests. */
async function looksAt(documents: readonly string[]): Promise<number> {
  const uri = `${root}/a.yaml`;
  const netpol = new Netpol(new Memory({ 'a.yaml': documents.join('---\n') }), [root]);
  await netpol.workspace.load();
  let looks = 0;
  for (const { policies, workloads } of netpol.workspace.index.scopesOf(uri)) {
    for (const placed of [...policies, ...workloads]) {
      const { value } = placed;
      Object.defineProperty(placed, 'value', {
        get() {
          looks++;
          return value;
        },
      });
    }
  }
  netpol.findings(uri);
  assert.deepEqual(netpol.crashes, []);
  return looks;
}

for (const [name, of] of Object.entries(manifests)) {
  test(`${name}: twice as many are twice the work`, async () => {
    const [once, twice] = [await looksAt(of(100)), await looksAt(of(200))];
    assert.ok(once > 100);
    assert.ok(
      twice < 2.5 * once,
      `${once} looks for 100, ${twice} for 200: ${(twice / once).toFixed(2)} times as many`,
    );
  });
}
