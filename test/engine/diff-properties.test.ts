import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { speaksOfIPv6 } from '#server/engine/connection-list.js';
import { endpointName } from '#server/engine/connection-names.js';
import { type ConnectionChange, diffOf } from '#server/engine/diff.js';
import { reachOf } from '#server/engine/reach.js';
import { type AddressSet, isSubset } from '#server/model/addresses.js';
import { cniNamed } from '#server/model/cni.js';
import { noPorts, printConnections, union } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { arbitraryCase, manifestsText } from '../reference/arbitrary.js';
import { arbitraryCalicoCase, arbitraryCiliumCase } from '../reference/arbitrary-families.js';

/** The ranges of addresses by their names. */
type Ranges = Map<string, AddressSet>;

/** The same in every run, so that nobody's change fails by luck; NETPOL_SEED and NETPOL_RUNS look further. */
const seed = Number(process.env.NETPOL_SEED ?? 20261121);

const families = [
  ['kubernetes', arbitraryCase, Number(process.env.NETPOL_RUNS ?? 150)],
  ['calico', arbitraryCalicoCase, Number(process.env.NETPOL_RUNS ?? 60)],
  ['cilium', arbitraryCiliumCase, Number(process.env.NETPOL_RUNS ?? 60)],
] as const;

async function clusterFrom(objects: readonly object[], family: string): Promise<Cluster> {
  const text = manifestsText(objects);
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const cni = cniNamed(family) ?? defaultProfile.cni;
  return clusterOf(netpol.workspace.index.scopes, { profile: { ...defaultProfile, cni }, unset: 'default' });
}

for (const [family, cases, numRuns] of families) {
  test(`${family}: the differences, applied to what was allowed, give what is allowed`, async () => {
    await fc.assert(
      fc.asyncProperty(
        cases as typeof arbitraryCase,
        cases as typeof arbitraryCase,
        fc.array(fc.boolean()),
        async (one, other, kept) => {
          // The same workloads for the most part, with some of the policies of both.
          const isPolicy = (object: object) => 'kind' in object && String(object.kind).endsWith('Policy');
          const more = other.objects.filter(isPolicy).map((object) => object as object);
          const before = one.objects.filter((_, index) => kept[index] !== false);
          const after = [...one.objects.filter((object, index) => !isPolicy(object) || kept[index] !== true), ...more];
          const [a, b] = [await clusterFrom(before, family), await clusterFrom(after, family)];
          const { changes } = diffOf(a, b);
          for (const { because, before: was, after: is } of changes) {
            assert.ok(because.length > 0, 'each difference has a cause');
            assert.notEqual(printConnections(was), printConnections(is));
          }
          const ranges: Ranges = new Map();
          const [was, is] = [connections(a, [a, b], ranges), connections(b, [a, b], ranges)];
          for (const key of new Set([...was.keys(), ...is.keys()])) {
            const [from = '', to = ''] = key.split(' ');
            const said = changes.filter((change) => holds(ranges, change.from, from) && holds(ranges, change.to, to));
            assert.ok(said.length <= 1, key);
            const [change] = said;
            const old = was.get(key) ?? 'No Connections';
            if (change !== undefined) assert.equal(printConnections(change.before), old, key);
            assert.equal(
              change === undefined ? old : printConnections(change.after),
              is.get(key) ?? 'No Connections',
              key,
            );
          }
        },
      ),
      { numRuns, ...(family === 'kubernetes' ? {} : { seed }) },
    );
  });
}

/** What a cluster allows by the names of the ends; addresses cut as the policies of both clusters do. */
function connections(cluster: Cluster, both: readonly [Cluster, Cluster], ranges: Ranges): ReadonlyMap<string, string> {
  const isShown = ({ v4 }: AddressSet) => v4.length > 0 || both.some(speaksOfIPv6);
  const policies = both.flatMap((each) => each.policies);
  const { sources, destinations } = reachOf({ ...cluster, policies });
  const cut = { sources: sources.filter(isShown), destinations: destinations.filter(isShown) };
  const found = new Map<string, ReturnType<typeof union>>();
  for (const { from, to, ports } of reachOf(cluster, cut).connections()) {
    if (from.kind === 'some pods' || to.kind === 'some pods') continue;
    for (const end of [from, to]) if (end.kind === 'addresses') ranges.set(endpointName(end), end.addresses);
    const key = `${endpointName(from)} ${endpointName(to)}`;
    found.set(key, union(found.get(key) ?? noPorts, ports));
  }
  return new Map([...found].map(([key, ports]) => [key, printConnections(ports)]));
}

function holds(ranges: Ranges, end: ConnectionChange['from'], name: string): boolean {
  if (end.kind !== 'addresses') return end.name === name;
  const range = ranges.get(name);
  return range !== undefined && isSubset(range, end.addresses);
}
