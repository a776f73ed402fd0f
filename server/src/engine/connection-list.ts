import type { AddressSet } from '../model/addresses.js';
import { isEmpty, noPorts, type PortSet, union } from '../model/ports.js';
import type { Cluster, Pods } from './cluster.js';
import { outsideName, podsName } from './connection-names.js';
import { groupBy } from './group-by.js';
import { type ControllerConnection, ingressControllerName } from './ingress-controller.js';
import { addressesIn } from './peer-takes.js';
import type { PodClass } from './pod-classes.js';
import type { Condition, Reach } from './reach.js';

/** One end of a listed connection. Pods of one name are one end, also where their labels differ. */
export type ListedEnd =
  | { readonly kind: 'pods'; readonly name: string; readonly pods: readonly [Pods, ...Pods[]] }
  | { readonly kind: 'addresses'; readonly name: string; readonly addresses: AddressSet }
  | { readonly kind: 'ingress controller'; readonly name: string };

export interface ListedConnection {
  readonly src: ListedEnd;
  readonly dst: ListedEnd;
  /** Never empty. */
  readonly ports: PortSet;
  /** Of these, those that pass only as a rule says. */
  readonly conditions: readonly Condition[];
}

/** The connections of a cluster by the names of their ends. */
export interface ConnectionList {
  /** In the order in which they are listed. */
  readonly sources: readonly ListedEnd[];
  readonly destinations: readonly ListedEnd[];
  /**
   * The connections that one source may make, in the order of the names of their destinations; those that `keep` refuses
   * are not worked out, and nothing is asked of others than `among`, which are in that order. None from an end to itself, and none from addresses to addresses.
   */
  from(src: ListedEnd, keep?: (dst: ListedEnd) => boolean, among?: readonly ListedEnd[]): Iterable<ListedConnection>;
}

/**
 * Lists what may connect to what, pair by pair, ordered bytewise by the names of both. Where pods of one name differ, what
 * any of them may do counts. IPv6 is left out where no policy speaks of it.
 * Source of the names and the order: netpol-analyzer, docs/connlist_output.md.
 */
export function connectionList(
  cluster: Cluster,
  reach: Reach,
  controller: readonly ControllerConnection[],
): ConnectionList {
  const classOf = new Map<Pods, PodClass>(reach.classes.flatMap((own) => own.members.map((pods) => [pods, own])));
  const classesOf = new Map<ListedEnd, readonly PodClass[]>();
  const podEnds = [...groupBy(cluster.pods, podsName)].flatMap(([name, [first, ...rest]]): ListedEnd[] => {
    if (first === undefined) return [];
    const end: ListedEnd = { kind: 'pods', name, pods: [first, ...rest] };
    const classes = end.pods.map((pods) => classOf.get(pods)).filter((each) => each !== undefined);
    classesOf.set(end, [...new Set(classes)]);
    return [end];
  });
  const withIPv6 = speaksOfIPv6(cluster);
  const cells = (sets: readonly AddressSet[]) => sets.filter(({ v4 }) => withIPv6 || v4.length > 0).map(addressEnd);
  const entry: ListedEnd = { kind: 'ingress controller', name: ingressControllerName };
  const byTarget = new Map(controller.map(({ pods, allowed }) => [pods, allowed]));
  const destinations = [...podEnds, ...cells(reach.destinations)].sort(byName);

  return {
    sources: [...podEnds, ...cells(reach.sources), ...(controller.length > 0 ? [entry] : [])].sort(byName),
    destinations,
    *from(src, keep = () => true, among = destinations) {
      for (const dst of among) {
        if (src === dst || !keep(dst)) continue;
        const ports = between(src, dst);
        if (!isEmpty(ports)) yield { src, dst, ports, conditions: conditionsBetween(src, dst) };
      }
    },
  };

  function between(src: ListedEnd, dst: ListedEnd): PortSet {
    if (dst.kind === 'addresses') {
      if (src.kind !== 'pods') return noPorts;
      return unionOf(classes(src).map((from) => reach.toOutside(from, dst.addresses)));
    }
    if (src.kind === 'addresses') return unionOf(classes(dst).map((to) => reach.fromOutside(src.addresses, to)));
    if (src.kind === 'pods') {
      return unionOf(classes(src).flatMap((from) => classes(dst).map((to) => reach.between(from, to))));
    }
    return dst.kind === 'pods' ? unionOf(dst.pods.map((pods) => byTarget.get(pods) ?? noPorts)) : noPorts;
  }

  function conditionsBetween(src: ListedEnd, dst: ListedEnd): readonly Condition[] {
    const ends = (end: ListedEnd) => (end.kind === 'addresses' ? [end.addresses] : classes(end));
    return ends(src).flatMap((from) => ends(dst).flatMap((to) => reach.conditions(from, to)));
  }

  function classes(end: ListedEnd): readonly PodClass[] {
    return classesOf.get(end) ?? [];
  }
}

export function addressEnd(addresses: AddressSet): Extract<ListedEnd, { readonly kind: 'addresses' }> {
  return { kind: 'addresses', name: outsideName(addresses), addresses };
}

function byName(a: ListedEnd, b: ListedEnd): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** The first set itself where there is but one: its text is then worked out once for all that share it. */
function unionOf(sets: readonly PortSet[]): PortSet {
  const [first = noPorts, ...rest] = new Set(sets);
  return rest.reduce(union, first);
}

/** Whether some block of some policy is about IPv6: where none is, lists of IPv4 alone say what there is to say. */
export function speaksOfIPv6(cluster: Cluster): boolean {
  return cluster.policies.some(({ placed }) =>
    placed.value.rules.some(({ peers }) =>
      peers.some((peer) => addressesIn(cluster, peer).some(({ v6 }) => v6.length > 0)),
    ),
  );
}
