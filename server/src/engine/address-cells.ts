import { type AddressFamily, type AddressSet, allAddresses } from '../model/addresses.js';
import type { Direction } from '../model/policy.js';
import type { Cluster } from './cluster.js';
import { identityRanges } from './identities.js';
import { addressesIn } from './peer-takes.js';

/**
 * The address space cut so that every block used in one direction holds each part whole or not at all, where parts are
 * contiguous: sources for ingress, destinations for egress; and where nodes and the API server are known to be, so that each
 * part is or is not theirs. In ascending order, IPv4 first. A family that no block speaks of is one part. All policies
 * count, also those that select nothing.
 */
export function addressCells(clusters: readonly Cluster[], direction: Direction): readonly AddressSet[] {
  const [only, ...others] = clusters;
  if (only === undefined || others.length > 0) return cellsOf(clusters, direction);
  const known = cells.get(only) ?? new Map<Direction, readonly AddressSet[]>();
  cells.set(only, known);
  const found = known.get(direction) ?? cellsOf(clusters, direction);
  known.set(direction, found);
  return found;
}

/** A pure function's memory: a cluster is a still picture, and each part of a connection asks for its cells. */
const cells = new WeakMap<Cluster, Map<Direction, readonly AddressSet[]>>();

function cellsOf(clusters: readonly Cluster[], direction: Direction): readonly AddressSet[] {
  const used = clusters.flatMap((cluster) =>
    cluster.policies.flatMap(({ placed }) =>
      placed.value.rules
        .filter((rule) => rule.direction === direction)
        .flatMap(({ peers }) => peers.flatMap((peer) => addressesIn(cluster, peer))),
    ),
  );
  const all = [...used, ...clusters.flatMap(identityRanges)];
  return [...cut(all, 4), ...cut(all, 6)];
}

/** One family's space, cut at the ends of the contiguous ranges of the sets. */
function cut(used: readonly AddressSet[], family: AddressFamily): readonly AddressSet[] {
  const [whole] = rangesOf(allAddresses, family);
  if (whole === undefined) return [];
  const starts = new Set<bigint>([whole.first]);
  for (const set of used) {
    for (const { first, last } of rangesOf(set, family)) {
      starts.add(first);
      if (last < whole.last) starts.add(last + 1n);
    }
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : 1));
  return sorted.map((first, index) => {
    const range = [{ first, last: (sorted[index + 1] ?? whole.last + 1n) - 1n }];
    return family === 4 ? { v4: range, v6: [] } : { v4: [], v6: range };
  });
}

function rangesOf(set: AddressSet, family: AddressFamily) {
  return family === 4 ? set.v4 : set.v6;
}
