import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressCells } from '#server/engine/address-cells.js';
import { boundsOf } from '#server/engine/certainty.js';
import { clusterOf } from '#server/engine/cluster.js';
import { doubtWords } from '#server/engine/doubts.js';
import { explain, type Part } from '#server/engine/explain.js';
import { reachOf } from '#server/engine/reach.js';
import { repairs } from '#server/engine/repair.js';
import { podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { reasonWords } from '#server/features/explain/reason-words.js';
import { parseCidr, printAddresses } from '#server/model/addresses.js';
import { cniNamed } from '#server/model/cni.js';
import { isEmpty, ports } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { endOf, type World, worldOf } from './repairing.js';

const pods = `apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: c, image: i}]}
---
`;

const cilium = (spec: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec: {endpointSelector: {}, ${spec}}
---
apiVersion: cilium.io/v2
kind: CiliumCIDRGroup
metadata: {name: nodes}
spec: {externalCIDRs: [10.0.9.0/24]}
`;

const network = (spec: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {}, ${spec}}
`;

/** What `.netpol.yaml` says of the cluster. */
interface Told {
  readonly nodes?: readonly string[];
  readonly apiServer?: readonly string[];
}

const nodesTold: Told = { nodes: ['10.0.9.0/24'] };

async function worldWith(
  policy: string,
  { nodes = [], apiServer = [] }: Told = nodesTold,
  cni = 'cilium',
): Promise<World> {
  const world = await worldOf({ 'all.yaml': pods + policy });
  const profile = {
    ...defaultProfile,
    cni: cniNamed(cni) ?? defaultProfile.cni,
    nodeCidrs: nodes.flatMap((each) => parseCidr(each) ?? []),
    apiServer: apiServer.flatMap((each) => parseCidr(each) ?? []),
  };
  const cluster = clusterOf(world.netpol.workspace.index.scopes, { profile, unset: 'default' });
  return { ...world, cluster, judge: new Judge(cluster) };
}

/** What explain says of TCP 443 to (egress) or from an address. */
async function partOf(
  policy: string,
  address = '10.0.9.9',
  direction: 'egress' | 'ingress' = 'egress',
  cluster = nodesTold,
  cni = 'cilium',
): Promise<Part> {
  const world = await worldWith(policy, cluster, cni);
  const [own, other] = [endOf(world, 'shop/api'), endOf(world, address)];
  const [from, to] = direction === 'egress' ? [own, other] : [other, own];
  const [part, ...others] = explain(world.cluster, from, to, ports('TCP', 443));
  assert.ok(part !== undefined && others.length === 0);
  return part;
}

function words({ allowed, certain }: Part): string {
  return `${allowed ? 'allowed' : 'blocked'}${certain ? '' : ', not certain'}`;
}

async function verdict(...question: Parameters<typeof partOf>): Promise<string> {
  return words(await partOf(...question));
}

test('with Cilium no block of addresses holds a node', async () => {
  for (const spec of ['toCIDR: [10.0.9.0/24]', 'toCIDRSet: [{cidrGroupRef: nodes}]', 'toEntities: [world]']) {
    const policy = cilium(`egress: [{${spec}}]`);
    assert.equal(await verdict(policy), 'blocked', spec);
    assert.equal(await verdict(policy, '10.0.9.9', 'egress', {}), 'allowed', `${spec}, not told`);
  }
  const block = network('policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]');
  assert.equal(await verdict(block), 'blocked');
  assert.equal(await verdict(block, '8.8.8.8'), 'allowed');
  assert.equal(await verdict(block, '10.0.9.9', 'egress', nodesTold, 'calico'), 'allowed');
  assert.equal(await verdict(network('policyTypes: [Egress], egress: [{}]')), 'allowed');
});

test('entities mean nodes, as far as it is known which', async () => {
  const cases = {
    'toEntities: [cluster]': 'allowed',
    'toEntities: [all]': 'allowed',
    'toEntities: [host, remote-node]': 'allowed',
    'toEntities: [remote-node]': 'allowed, not certain',
    'toEntities: [host]': 'blocked, not certain',
    'toEntities: [kube-apiserver]': 'blocked, not certain',
    'toEntities: [health]': 'blocked',
    'toNodes: [{}]': 'allowed, not certain',
    'toNodes: [{matchLabels: {a: b}}]': 'blocked, not certain',
  };
  for (const [spec, expected] of Object.entries(cases)) {
    assert.equal(await verdict(cilium(`egress: [{${spec}}]`)), expected, spec);
  }
  assert.equal(await verdict(cilium('egress: [{toEntities: [host]}, {toEntities: [remote-node]}]')), 'allowed');
  const denies = cilium('egress: [{toEntities: [all]}], egressDeny: [{toEntities: [host]}]');
  assert.equal(await verdict(denies), 'allowed, not certain');
});

test('the pods’ own node is let in, another is not, and which one it is is not known', async () => {
  const closed = await partOf(cilium('ingress: [{}]'), '10.0.9.9', 'ingress');
  assert.equal(words(closed), 'blocked, not certain');
  assert.deepEqual(
    closed.ingress.unclear.map(({ doubts }) => doubtWords(doubts)),
    ['whether 10.0.9.9 is the pods’ own node or another is not known'],
  );
  const denied = cilium('ingress: [{}], ingressDeny: [{fromEntities: [host]}]');
  assert.equal(await verdict(denied, '10.0.9.9', 'ingress'), 'blocked');
  assert.equal(await verdict(cilium('ingress: [{fromEntities: [remote-node]}]'), '10.0.9.9', 'ingress'), 'allowed');
  assert.equal(await verdict(cilium('ingress: [{}]'), '8.8.8.8', 'ingress'), 'blocked');
});

test('the addresses of the API server are what its entity means', async () => {
  const entity = cilium('egress: [{toEntities: [kube-apiserver]}]');
  const told = { ...nodesTold, apiServer: ['192.0.2.1/32', '10.0.9.4/32'] };
  assert.equal(await verdict(entity, '192.0.2.1', 'egress', told), 'allowed');
  assert.equal(await verdict(entity, '10.0.9.4', 'egress', told), 'allowed');
  assert.equal(await verdict(entity, '10.0.9.9', 'egress', told), 'blocked');
  assert.equal(await verdict(entity, '8.8.8.8', 'egress', told), 'blocked');
  const block = cilium('egress: [{toCIDR: [192.0.2.1/32]}]');
  assert.equal(await verdict(block, '192.0.2.1', 'egress', told), 'allowed');
  const unplaced = await partOf(block, '192.0.2.1', 'egress', { apiServer: ['192.0.2.1/32'] });
  assert.equal(words(unplaced), 'allowed, not certain');
  assert.match(doubtWords(unplaced.egress.unclear.flatMap(({ doubts }) => doubts)), /192\.0\.2\.1 is a node's address/);
  assert.equal(await verdict(cilium('egress: [{toEntities: [cluster]}]'), '192.0.2.1', 'egress', told), 'allowed');
});

test('why a node is not taken in is said', async () => {
  const reasonsOf = (part: Part) =>
    part.egress.nearest.flatMap(({ rule, reasons }) =>
      reasons.map((reason) => reasonWords(reason, rule, part, part.egress)),
    );
  assert.deepEqual(reasonsOf(await partOf(cilium('egress: [{toCIDR: [10.0.9.0/24]}]'))), [
    "10.0.9.9 is a node's address, and Cilium never matches nodes by address",
  ]);
  assert.match(reasonsOf(await partOf(cilium('egress: [{toEntities: [host]}]')))[0] ?? '', /is not known/);
});

test('no block of addresses is offered that would let no node in', async () => {
  const some = 'ports: [{port: 80}]';
  const policies = [
    cilium('egress: [{toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]'),
    network(`policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ${some}}]`),
  ];
  for (const policy of policies) {
    const world = await worldWith(policy);
    const api = endOf(world, 'shop/api');
    const found = repairs(world.judge, api, endOf(world, '10.0.9.9'), ports('TCP', 443));
    assert.deepEqual(found.repairs, []);
    assert.match('why' in found ? found.why : '', /toEntities remote-node and host/);
    assert.ok(repairs(world.judge, api, endOf(world, '8.8.8.8'), ports('TCP', 443)).repairs.length > 0);
  }
});

test('of addresses that are nodes in part and judged alike it is not said that all are', async () => {
  const part = await partOf(cilium('egress: [{toEntities: [all]}]'), '10.0.8.0/23');
  assert.deepEqual([words(part), 'identity' in part.to], ['allowed', false]);
  const whole = await partOf(cilium('egress: [{toEntities: [all]}]'), '10.0.9.0/25');
  assert.equal('identity' in whole.to, true);
});

test('lists, verdicts and bounds agree about each part of the addresses', async () => {
  const specs = [
    'toCIDR: [10.0.0.0/8]',
    'toEntities: [world]',
    'toEntities: [cluster]',
    'toEntities: [host]',
    'toEntities: [remote-node]',
  ];
  for (const spec of specs) {
    const world = await worldWith(cilium(`egress: [{${spec}}]`));
    const { cluster, judge } = world;
    const cells = addressCells([cluster], 'egress');
    const printed = cells.map((cell) => printAddresses(cell));
    assert.ok(printed.includes('10.0.9.0/24'), printed.join());
    const own = endOf(world, 'shop/api');
    assert.ok(own.kind === 'pods');
    const reach = reachOf(cluster);
    const pod = reach.classes[0];
    assert.ok(pod !== undefined);
    for (const addresses of cells) {
      const end = { kind: 'addresses', addresses } as const;
      const side = judge.side('egress', podsEnd(own.pods), end);
      const { least, most } = boundsOf(judge, 'egress', own, end);
      assert.equal(judge.table.intersect(least, side), least, spec);
      assert.equal(judge.table.intersect(most, side), side, spec);
      assert.equal(isEmpty(reach.toOutside(pod, addresses)), side === judge.table.none, spec);
    }
  }
});
