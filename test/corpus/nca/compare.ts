import { addressCells } from '#server/engine/address-cells.js';
import type { Cluster, Pods } from '#server/engine/cluster.js';
import { addressesIn } from '#server/engine/peer-takes.js';
import type { PodClass } from '#server/engine/pod-classes.js';
import { type Condition, type Reach, reachOf } from '#server/engine/reach.js';
import { type Endpoint, podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { type AddressSet, printAddresses } from '#server/model/addresses.js';
import { equal, intersect, isSubset, noPorts, type PortSet, subtract, union } from '#server/model/ports.js';

/** Two ends that a query compares: pods by their names in both clusters, or a part of the addresses outside. */
export interface Pair {
  readonly from: Pods | AddressSet;
  readonly to: Pods | AddressSet;
}

/** What may pass between two ends, and on which of these ports only under a condition. */
export interface Allowed {
  readonly ports: PortSet;
  readonly conditions: readonly Condition[];
}

/** The connections of a cluster, over parts of the address space that it shares with others. */
export interface Connections {
  readonly cluster: Cluster;
  readonly pods: ReadonlyMap<string, Pods>;
  readonly sources: readonly AddressSet[];
  readonly destinations: readonly AddressSet[];
  between(pair: Pair): Allowed;
  /** Of what passes, that which some rule allows in so many words. */
  explicit(pair: Pair): PortSet;
  /** Whether some policy is about the connection, in the direction of the end that it selects. */
  captured(pair: Pair): boolean;
}

/** The same question to several clusters. A family of addresses that no policy speaks of is left out, as nca does. */
export function connectionsOf(clusters: readonly Cluster[]): readonly Connections[] {
  const speaksOfIPv6 = clusters.some((cluster) =>
    cluster.policies.some(({ placed }) =>
      placed.value.rules.some(({ peers }) =>
        peers.some((peer) => addressesIn(cluster, peer).some(({ v6 }) => v6.length > 0)),
      ),
    ),
  );
  const counted = (cells: readonly AddressSet[]) => cells.filter(({ v4 }) => speaksOfIPv6 || v4.length > 0);
  const sources = counted(addressCells(clusters, 'ingress'));
  const destinations = counted(addressCells(clusters, 'egress'));
  return clusters.map((cluster) => connectionsIn(cluster, sources, destinations));
}

function connectionsIn(
  cluster: Cluster,
  sources: readonly AddressSet[],
  destinations: readonly AddressSet[],
): Connections {
  const reach = reachOf(cluster, { sources, destinations });
  const judge = new Judge(cluster);
  const classes = new Map(reach.classes.flatMap((each) => each.members.map((pods) => [pods, each] as const)));
  const endOf = (end: Pods | AddressSet) => ('labels' in end ? classOf(classes, end) : end);
  return {
    cluster,
    pods: new Map(cluster.pods.map((pods) => [podsKey(pods), pods])),
    sources,
    destinations,
    between({ from, to }) {
      const [a, b] = [endOf(from), endOf(to)];
      return { ports: portsBetween(reach, a, b), conditions: reach.conditions(a, b) };
    },
    explicit({ from, to }) {
      const [a, b] = [endpointOf(from), endpointOf(to)];
      let allowed = noPorts;
      for (const direction of ['egress', 'ingress'] as const) {
        judge.side(direction, a, b, (_stage, { rule }, ports) => {
          if (rule.action === 'Allow') allowed = union(allowed, judge.table.setOf(ports));
        });
      }
      return intersect(allowed, judge.table.setOf(judge.between(a, b)));
    },
    captured: ({ from, to }) =>
      ('labels' in from && judge.stages(from, 'egress').length > 0) ||
      ('labels' in to && judge.stages(to, 'ingress').length > 0),
  };
}

/** Each ordered pair of different pods, and of pods and addresses outside. */
export function* pairsOf({ cluster, sources, destinations }: Connections): Iterable<Pair> {
  for (const own of cluster.pods) {
    for (const cell of sources) yield { from: cell, to: own };
    for (const cell of destinations) yield { from: own, to: cell };
    for (const other of cluster.pods) {
      if (own !== other || own.workloads.length > 1) yield { from: own, to: other };
    }
  }
}

/** The same pair in another cluster; undefined where it lacks the pods. */
export function pairIn({ pods }: Connections, { from, to }: Pair): Pair | undefined {
  const there = (end: Pods | AddressSet) => ('labels' in end ? pods.get(podsKey(end)) : end);
  const [a, b] = [there(from), there(to)];
  return a === undefined || b === undefined ? undefined : { from: a, to: b };
}

export function samePods(a: Connections, b: Connections): boolean {
  return a.pods.size === b.pods.size && [...a.pods.keys()].every((key) => b.pods.has(key));
}

export function equivalent(a: Connections, b: Connections): boolean {
  return samePods(a, b) && [...pairsOf(a)].every((pair) => same(a.between(pair), betweenIn(b, pair)));
}

/** Whether all that passes in the first passes in the second. */
export function containedIn(inner: Connections, outer: Connections): boolean {
  return [...pairsOf(inner)].every((pair) => covers(betweenIn(outer, pair), inner.between(pair)));
}

export function betweenIn(other: Connections, pair: Pair): Allowed {
  const there = pairIn(other, pair);
  return there === undefined ? { ports: noPorts, conditions: [] } : other.between(there);
}

export function same(a: Allowed, b: Allowed): boolean {
  return equal(a.ports, b.ports) && sameConditions(a, b);
}

/** Without a condition, or under the same ones. */
export function covers(outer: Allowed, inner: Allowed): boolean {
  if (!isSubset(inner.ports, outer.ports)) return false;
  const sure = outer.conditions.reduce((left, { ports }) => subtract(left, ports), outer.ports);
  return isSubset(inner.ports, sure) || sameConditions(outer, inner);
}

function sameConditions(a: Allowed, b: Allowed): boolean {
  return (
    a.conditions.length === b.conditions.length &&
    a.conditions.every(({ words, ports }) =>
      b.conditions.some((other) => equal(ports, other.ports) && `${words}` === `${other.words}`),
    )
  );
}

function portsBetween(reach: Reach, from: PodClass | AddressSet, to: PodClass | AddressSet): PortSet {
  if ('members' in from) return 'members' in to ? reach.between(from, to) : reach.toOutside(from, to);
  return 'members' in to ? reach.fromOutside(from, to) : noPorts;
}

function classOf(classes: ReadonlyMap<Pods, PodClass>, pods: Pods): PodClass {
  const found = classes.get(pods);
  if (found === undefined) throw new Error(`${pods.name} is in no class`);
  return found;
}

export function endpointOf(end: Pods | AddressSet): Endpoint {
  return 'labels' in end ? podsEnd(end) : { kind: 'addresses', addresses: end };
}

/** For messages. */
export function endName(end: Pods | AddressSet): string {
  if ('labels' in end) return `${end.namespace.name}/${end.name}`;
  return printAddresses(end);
}

function podsKey({ namespace, kind, name, labels }: Pods): string {
  return JSON.stringify([namespace.name, kind, name, ...[...labels].sort()]);
}
