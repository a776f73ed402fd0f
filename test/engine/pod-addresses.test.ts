// Blocks and the addresses of pods that no manifest tells (FACTS B1, B2).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterOf } from '#server/engine/cluster.js';
import { endNamed } from '#server/engine/endpoints.js';
import { explain } from '#server/engine/explain.js';
import { reasonWords } from '#server/features/explain/reason-words.js';
import { ports } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';
import { readSettings } from '#server/workspace/settings.js';

type Verdict = 'allowed' | 'denied' | 'not certain';

async function verdictOf(manifests: string, settings: object, open = false): Promise<Verdict> {
  const { part } = await answerTo(manifests, settings, open);
  return part.certain ? (part.allowed ? 'allowed' : 'denied') : 'not certain';
}

async function answerTo(manifests: string, settings: object, open: boolean) {
  const uri = 'file:///w/all.yaml';
  const provider = { list: async () => [uri], read: async () => ({ text: manifests }) };
  const netpol = await Netpol.open(provider, ['file:///w'], readSettings(settings).settings);
  const [scope] = netpol.workspace.index.scopes;
  assert.ok(scope !== undefined);
  const cluster = clusterOf([scope], { profile: netpol.profileOf(scope), unset: 'default', open });
  const [from, to] = ['shop/web', 'shop/db'].map((name) => {
    const found = endNamed(cluster, name);
    assert.ok('ends' in found);
    return found.ends[0];
  });
  assert.ok(from !== undefined && to !== undefined);
  const [part] = explain(cluster, from, to, ports('TCP', 5432));
  assert.ok(part !== undefined);
  return { part, cluster };
}

const pods = ['web', 'db']
  .map(
    (name) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
`,
  )
  .join('');

function letIn(block: string): string {
  return `${pods}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{ipBlock: ${block}}]}]
`;
}

const everywhere = '{cidr: 0.0.0.0/0}';
const known = { cluster: { podCIDRs: ['10.244.0.0/16'] } };

const cases: readonly [what: string, block: string, settings: object, expected: Verdict][] = [
  ['every address, where blocks match pods', everywhere, { cni: 'calico' }, 'allowed'],
  ['every address, where they do not', everywhere, { cni: 'cilium' }, 'denied'],
  ['every address, where plugins differ: outside of the cluster', everywhere, {}, 'denied'],
  [
    'every address but one that no pod has',
    '{cidr: 0.0.0.0/0, except: [169.254.169.254/32]}',
    { cni: 'calico' },
    'allowed',
  ],
  ['every address but private ones', '{cidr: 0.0.0.0/0, except: [10.0.0.0/8]}', { cni: 'calico' }, 'denied'],
  ['every IPv6 address', "{cidr: '::/0'}", { cni: 'calico' }, 'denied'],
  [
    'every IPv6 address, where pods have some',
    "{cidr: '::/0'}",
    { cni: 'calico', cluster: { podCIDRs: ['fd00::/48'] } },
    'allowed',
  ],
  ['some private ones', '{cidr: 10.0.0.0/8}', { cni: 'calico' }, 'denied'],
  ['all that pods may have', '{cidr: 10.0.0.0/8}', { cni: 'calico', ...known }, 'allowed'],
  ['some that pods may have', '{cidr: 10.244.1.0/24}', { cni: 'calico', ...known }, 'not certain'],
  ['none that pods may have', '{cidr: 192.168.0.0/16}', { cni: 'calico', ...known }, 'denied'],
];

describe('a block and pods whose addresses are not told', () => {
  for (const [what, block, settings, expected] of cases)
    test(`${what}: ${expected}`, async () => assert.equal(await verdictOf(letIn(block), settings), expected));

  test('the networks of a cluster-wide policy are about pods as well', async () => {
    const policy = `${pods}---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: closed}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {}}
  egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]
`;
    assert.equal(await verdictOf(policy, {}), 'denied');
    assert.equal(await verdictOf(policy, { cni: 'cilium' }), 'allowed');
  });

  const reasons = [
    ['where plugins differ', {}, /some network plugins match pods by it as well/],
    ['where blocks never match pods', { cni: 'cilium' }, /takes in no pods/],
    ['where its addresses are others', { cni: 'calico' }, /holds no address that these pods are known to have/],
  ] as const;
  for (const [what, settings, words] of reasons)
    test(`the reason ${what}`, async () => {
      const { part } = await answerTo(letIn('{cidr: 203.0.113.0/24}'), settings, false);
      const [miss] = part.ingress.nearest;
      const [reason] = miss?.reasons ?? [];
      assert.ok(miss !== undefined && reason !== undefined);
      assert.match(reasonWords(reason, miss.rule, part, part.ingress), words);
    });

  test('where what is not known counts as open, a block of private addresses may hold them', async () => {
    assert.equal(await verdictOf(letIn('{cidr: 10.0.0.0/8}'), {}, true), 'not certain');
    assert.equal(await verdictOf(letIn('{cidr: 10.0.0.0/8}'), { cni: 'calico' }, true), 'not certain');
    assert.equal(await verdictOf(letIn('{cidr: 203.0.113.0/24}'), { cni: 'calico' }, true), 'denied');
    assert.equal(await verdictOf(letIn(everywhere), { cni: 'cilium' }, true), 'denied');
  });
});
