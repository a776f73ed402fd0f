import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byOrder } from '#server/engine/order.js';
import { compare, tierRanks, unknownTier } from '#server/engine/tiers.js';
import type { Policy } from '#server/model/policy.js';
import { endOf, worldOf } from './repairing.js';

test('Calico’s tiers stand by their order, and by name where that is equal; a manifest describes a built-in one anew', () => {
  const names = (...declared: Parameters<typeof tierRanks>[0]) => tierRanks(declared).map(({ name }) => name);
  const builtIn = names();
  assert.ok(builtIn.indexOf('kube-admin') < builtIn.indexOf('default'));
  assert.ok(builtIn.indexOf('default') < builtIn.indexOf('kube-baseline'));
  const found = names(
    { name: 'b', order: 5, end: 'Deny' },
    { name: 'c', order: 2, end: 'Deny' },
    { name: 'a', order: 5, end: 'Deny' },
  );
  assert.deepEqual(
    found.filter((name) => name.length === 1),
    ['c', 'a', 'b'],
  );
  assert.equal(found.length, builtIn.length + 3);
  assert.equal(names({ name: 'default', order: 1, end: 'Pass' }).indexOf('default'), 0);
  assert.deepEqual(unknownTier('x'), { name: 'x', order: Number.POSITIVE_INFINITY, end: 'Deny' });
  assert.deepEqual([compare(1, 2), compare(2, 1), compare(1, 1)], [-1, 1, 0]);
});

test('policies of a tier are asked by order, name, namespace and kind', () => {
  const policy = (priority: number, name: string, namespace: string | undefined, kind: string) =>
    ({ name, namespace, kind, order: { tier: 'tiered', priority } }) as Policy;
  const sorted = [
    policy(1, 'z', 'z', 'Z'),
    policy(2, 'a', 'b', 'B'),
    policy(2, 'b', undefined, 'A'),
    policy(2, 'b', 'a', 'A'),
    policy(2, 'b', 'a', 'B'),
    policy(2, 'b', 'b', 'A'),
    // A NetworkPolicy of Kubernetes has order 1000 among them.
    { name: 'a', namespace: 'a', kind: 'NetworkPolicy', order: { tier: 'namespaced', priority: 0 } } as Policy,
    policy(1001, 'a', 'a', 'A'),
  ];
  assert.deepEqual(sorted.toReversed().sort(byOrder), sorted);
});

test('tiers that no manifest describes come last, by name, and deny what they do not decide', async () => {
  const calico = (tier: string, name: string, action: string, port: number) => `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: ${tier}.${name}}
spec: {tier: ${tier}, selector: all(), types: [Ingress], ingress: [{action: ${action}, protocol: TCP, destination: {ports: [${port}]}}]}
---
`;
  const pods = ['web', 'api']
    .map(
      (name) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i}]}
---
`,
    )
    .join('');
  const asked = async (policies: string) => {
    const world = await worldOf({ 'all.yaml': pods + policies }, 'calico');
    return world.judge
      .stages(world.cluster.pods.find(({ name }) => name === 'api') ?? assert.fail(), 'ingress')
      .map(({ name, isolates, isolatedBy }) => [name, isolates, isolatedBy.length]);
  };
  const policies =
    calico('second', 'p', 'Allow', 1) + calico('first', 'p', 'Pass', 2) + calico('default', 'p', 'Allow', 3);
  assert.deepEqual(await asked(policies), [
    ['default', true, 1],
    ['first', true, 1],
    ['second', true, 1],
  ]);
  const passing = `apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: second}
spec: {order: 1, defaultAction: Pass}
---
`;
  assert.deepEqual(await asked(policies + passing), [
    ['second', false, 0],
    ['default', true, 1],
    ['first', true, 1],
  ]);
  const world = await worldOf({ 'all.yaml': pods + policies + passing }, 'calico');
  const { table } = world.judge;
  const passes = world.judge.side('ingress', endOf(world, 'shop/web'), endOf(world, 'shop/api'));
  const { byProtocol } = table.setOf(passes);
  assert.deepEqual(
    [...byProtocol].map(([protocol, ranges]) => [protocol, ranges.map(({ first, last }) => [first, last])]),
    [
      [
        'TCP',
        [
          [1, 1],
          [3, 3],
        ],
      ],
    ],
  );
});
