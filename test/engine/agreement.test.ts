import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cluster, clusterOf, type Pods } from '#server/engine/cluster.js';
import { reachOf } from '#server/engine/reach.js';
import { type Endpoint, podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { addressesOf, isSubset, parseCidr } from '#server/model/addresses.js';
import { includes, type PortSet } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import type { ConnectionCase } from '../corpus/connection-case.js';
import { conformanceCases } from '../corpus/network-policy-api/load.js';
import { flowCases, tableCases } from '../corpus/policy-assistant/load.js';
import { arbitraryCase, manifestsText } from '../reference/arbitrary.js';
import { clusterOf as referenceClusterOf } from '../reference/objects.js';
import { type Query, verdict } from '../reference/verdict.js';

/** Random clusters in one run; each is asked some fifteen questions. NETPOL_RUNS asks for more. */
const runs = Number(process.env.NETPOL_RUNS ?? 900);
const queriesAsked = 10_000;
const seed = Number(process.env.NETPOL_SEED ?? Date.now() % 2 ** 31);

async function clusterFrom(objects: readonly object[], blocks: Cluster['blocksMatchPods']): Promise<Cluster> {
  const text = manifestsText(objects);
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const cluster = clusterOf(netpol.workspace.index.scopes, { profile: defaultProfile, unset: 'default' });
  return { ...cluster, blocksMatchPods: blocks };
}

function podsNamed(cluster: Cluster, name: string): Pods {
  const found = cluster.pods.find((pods) => `${pods.namespace.name}/${pods.name}` === name);
  if (found === undefined) throw new Error(`there are no pods ${name}`);
  return found;
}

function endOf(cluster: Cluster, name: string): Endpoint {
  if (name.includes('/')) return podsEnd(podsNamed(cluster, name));
  // An address that pods have is these pods.
  const owner = cluster.pods.find(({ addresses }) => addresses.some(({ canonical }) => canonical === name));
  if (owner !== undefined) return podsEnd(owner);
  const cidr = parseCidr(`${name}/${name.includes(':') ? 128 : 32}`);
  if (cidr === undefined) throw new Error(`${name} is no address`);
  return { kind: 'addresses', addresses: addressesOf(cidr) };
}

/** What `reachOf` says of a query. */
function reached(cluster: Cluster, reach: ReturnType<typeof reachOf>, { from, to }: Query): PortSet {
  const [source, destination] = [endOf(cluster, from), endOf(cluster, to)];
  const classOf = (pods: Pods) => {
    const found = reach.classes.find(({ members }) => members.includes(pods));
    if (found === undefined) throw new Error(`${pods.name} is in no class`);
    return found;
  };
  const cellOf = (cells: typeof reach.sources, end: Endpoint) => {
    const found = cells.find((cell) => end.kind === 'addresses' && isSubset(end.addresses, cell));
    if (found === undefined) throw new Error('an address is in no cell');
    return found;
  };
  if (source.kind === 'pods' && destination.kind === 'pods') {
    return reach.between(classOf(source.pods), classOf(destination.pods));
  }
  if (source.kind === 'pods') return reach.toOutside(classOf(source.pods), cellOf(reach.destinations, destination));
  if (destination.kind === 'pods') return reach.fromOutside(cellOf(reach.sources, source), classOf(destination.pods));
  throw new Error('one end must be pods');
}

const blockings = [
  ['all', 'all'],
  ['cluster-wide', 'networks'],
  ['none', 'none'],
] as const;

test(`engine and reference evaluator agree on random clusters (seed ${seed})`, { timeout: 280_000 }, async () => {
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryCase, fc.constantFrom(...blockings), async ({ objects, queries }, [blocks, option]) => {
      const cluster = await clusterFrom(objects, blocks);
      const judge = new Judge(cluster);
      const reach = reachOf(cluster);
      const reference = referenceClusterOf(objects);
      for (const query of queries) {
        asked++;
        const expected = verdict(reference, query, { addressesMatchPods: option });
        const [from, to] = [endOf(cluster, query.from), endOf(cluster, query.to)];
        const holds = (ports: PortSet) => includes(ports, query.protocol, query.port);
        // A pod always reaches itself; a class stands for different pods.
        if (from.kind === 'pods' && to.kind === 'pods' && from.pods === to.pods) continue;
        const side = (direction: 'ingress' | 'egress') => holds(judge.table.setOf(judge.side(direction, from, to)));
        const told = JSON.stringify(query);
        assert.equal(side('egress'), expected.egress.allowed, `egress of ${told}`);
        assert.equal(side('ingress'), expected.ingress.allowed, `ingress of ${told}`);
        assert.equal(holds(reached(cluster, reach, query)), expected.allowed, `all pairs, ${told}`);
      }
    }),
    { numRuns: runs, seed },
  );
  assert.ok(asked >= queriesAsked, `only ${asked} questions were asked`);
});

const suites: readonly (readonly [string, () => ConnectionCase[]])[] = [
  ['the conformance suite of network-policy-api', conformanceCases],
  ['the tables of policy-assistant', tableCases],
  ['the flows of policy-assistant', flowCases],
];

for (const [name, cases] of suites) {
  test(`the engine agrees with ${name}`, async () => {
    let asked = 0;
    for (const { name, manifests, checks } of cases()) {
      const cluster = await clusterFrom(manifests, 'all');
      const judge = new Judge(cluster);
      for (const { from, to, protocol, port, direction, allowed } of checks) {
        asked++;
        const [source, destination] = [endOf(cluster, from), endOf(cluster, to)];
        const id =
          direction === undefined ? judge.between(source, destination) : judge.side(direction, source, destination);
        const found = includes(judge.table.setOf(id), protocol, port);
        assert.equal(found, allowed, `${name}: ${direction ?? 'both'}, ${from} to ${to}, ${protocol} ${port}`);
      }
    }
    assert.ok(asked > 0);
  });
}
