import { printAddresses } from '../model/addresses.js';
import { matches } from '../model/selector.js';
import type { Tier } from '../model/tier.js';
import type { AppliedAddresses, Cluster } from './cluster.js';
import type { Side } from './diff.js';
import type { ObjectCause } from './diff-causes.js';
import { groupBy } from './group-by.js';
import { partsOf } from './peer-parts.js';
import { tierRanks, unknownTier } from './tiers.js';

/** An object besides policies and pods that the two sides say different things of, and a side as it is on the other. */
export interface ObjectChange {
  readonly cause: ObjectCause;
  swapped(side: Side): Cluster;
}

/** What differs in the objects that policies ask for: sets of addresses, Calico's tiers, services. Source: FACTS B4, B5. */
export function objectChanges(clusters: readonly [Cluster, Cluster]): readonly ObjectChange[] {
  return [...addressSetChanges(clusters), ...tierChanges(clusters), ...serviceChanges(clusters)];
}

/** The version of each object on both sides, where these differ. */
function* differing<T>(
  both: readonly [readonly T[], readonly T[]],
  nameOf: (item: T, side: Side) => string,
  meaning: (item: T, side: Side) => string,
): Generator<readonly [name: string, before: readonly T[], after: readonly T[]]> {
  const [before, after] = [groupBy(both[0], (each) => nameOf(each, 0)), groupBy(both[1], (each) => nameOf(each, 1))];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(name) ?? [], after.get(name) ?? []];
    const said = [was.map((each) => meaning(each, 0)), is.map((each) => meaning(each, 1))];
    if (JSON.stringify(said[0]) !== JSON.stringify(said[1])) yield [name, was, is];
  }
}

/** What happened to an object, in whose files it is to be seen. */
function happened(
  before: readonly unknown[],
  after: readonly unknown[],
): { readonly change: ObjectCause['change']; readonly side: Side } {
  if (before.length === 0) return { change: 'added', side: 1 };
  return after.length === 0 ? { change: 'removed', side: 0 } : { change: 'changed', side: 1 };
}

function* addressSetChanges(clusters: readonly [Cluster, Cluster]): Generator<ObjectChange> {
  const nameOf = ({ value, namespace }: AppliedAddresses) =>
    `${value.kind} ${namespace === undefined ? '' : `${namespace.name}/`}${value.name}`;
  const own = ({ value: { labels, addresses, uncertain } }: AppliedAddresses) =>
    JSON.stringify([[...labels].sort(), printAddresses(addresses), uncertain]);
  const where = ({ namespace }: AppliedAddresses) => JSON.stringify([...(namespace?.labels ?? [])].sort());
  const sets = [clusters[0].addressSets, clusters[1].addressSets] as const;
  for (const [name, before, after] of differing(sets, nameOf, (each) => own(each) + where(each))) {
    const happening = happened(before, after);
    const [last] = after.length === 0 ? before : after;
    // A set is also chosen by the labels of its namespace.
    const onlyWhere = happening.change === 'changed' && before.map(own).join() === after.map(own).join();
    yield {
      cause:
        onlyWhere && last?.namespace !== undefined
          ? { kind: 'namespace labels', name: last.namespace.name, at: undefined, ...happening }
          : { kind: 'address set', name, at: last?.value.at, ...happening },
      swapped: (side) => {
        const addressSets = clusters[side].addressSets.filter((each) => nameOf(each) !== name);
        return { ...clusters[side], addressSets: [...addressSets, ...(side === 0 ? after : before)] };
      },
    };
  }
}

function* tierChanges(clusters: readonly [Cluster, Cluster]): Generator<ObjectChange> {
  const names = new Set(clusters.flatMap(({ tiers }) => tiers.map(({ name }) => name)));
  const rankOf = ({ tiers }: Cluster, name: string) => tiers.find((tier) => tier.name === name) ?? unknownTier(name);
  const objects = ({ tierObjects }: Cluster, name: string) => tierObjects.filter((tier) => tier.name === name);
  for (const name of names) {
    const ranks = clusters.map((cluster) => rankOf(cluster, name));
    // No JSON: the order may be Infinity.
    const [before, after] = ranks.map(({ order, end }) => `${order} ${end}`);
    if (before === after) continue;
    const both: readonly [readonly Tier[], readonly Tier[]] = [objects(clusters[0], name), objects(clusters[1], name)];
    const happening = happened(...both);
    yield {
      cause: { kind: 'tier', name: `Tier ${name}`, at: both[happening.side].at(-1)?.at, ...happening },
      swapped: (side) => {
        const rest = clusters[side].tierObjects.filter((tier) => tier.name !== name);
        return { ...clusters[side], tiers: tierRanks([...rest, ...both[side === 0 ? 1 : 0]]) };
      },
    };
  }
}

function* serviceChanges(clusters: readonly [Cluster, Cluster]): Generator<ObjectChange> {
  const asking = clusters.flatMap(({ policies }) =>
    policies.flatMap(({ placed }) => placed.value.rules.flatMap((rule) => [...partsOf(rule)])),
  );
  const services = asking.flatMap((peer) => (peer.kind === 'service' ? [peer] : []));
  if (services.length === 0) return;
  type Service = Cluster['services'][number];
  const nameOf = ({ value, namespace }: Service, side: Side) =>
    `Service ${clusters[side].namespaceOf(namespace).name}/${value.name}`;
  const isAsked = ({ value }: Service) =>
    services.some(({ name, selector }) =>
      name === undefined ? selector !== undefined && matches(selector, value.labels) : name === value.name,
    );
  const meaning = ({ value: { labels, selector, ports } }: Service) =>
    JSON.stringify([
      [...labels].sort(),
      selector && [...selector].sort(),
      ports.map(({ protocol, targetPort }) => [protocol, targetPort]),
    ]);
  const all = [clusters[0].services, clusters[1].services] as const;
  for (const [name, before, after] of differing(all, nameOf, meaning)) {
    if (![...before, ...after].some(isAsked)) continue;
    const happening = happened(before, after);
    const [last] = after.length === 0 ? before : after;
    yield {
      cause: { kind: 'service', name, at: last?.value.at, ...happening },
      swapped: (side) => {
        const rest = clusters[side].services.filter((each) => nameOf(each, side) !== name);
        return { ...clusters[side], services: [...rest, ...(side === 0 ? after : before)] };
      },
    };
  }
}
