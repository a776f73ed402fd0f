import type { AddressSet } from '../model/addresses.js';
import type { PortSet } from '../model/ports.js';
import { addressCells } from './address-cells.js';
import { type Cluster, isOwnNode } from './cluster.js';
import { Atoms, type PodClass } from './pod-classes.js';
import { type PortId, PortTable } from './port-table.js';
import { Sides } from './reach-sides.js';
import { type Endpoint, isConditional, podsEnd } from './stages.js';
import { finished, type Steps } from './steps.js';

/** An allowed connection between two ends: never between two addresses, never with no port. */
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly ports: PortSet;
}

/** Ports on which a connection passes only as some rules say, in the words of their constraints: "HTTP GET /v1/.*". */
export interface Condition {
  readonly ports: PortSet;
  readonly words: readonly string[];
}

/**
 * Every allowed connection of a cluster. Worked out for classes of pods, so that the cost grows with the number of
 * classes and not of pods.
 */
export interface Reach {
  readonly classes: readonly PodClass[];
  /** Parts of the address space as sources of ingress. */
  readonly sources: readonly AddressSet[];
  /** Parts of the address space as destinations of egress. */
  readonly destinations: readonly AddressSet[];
  /** What the pods of one class may send to those of another; of a class to itself: between different pods. */
  between(from: PodClass, to: PodClass): PortSet;
  fromOutside(cell: AddressSet, to: PodClass): PortSet;
  toOutside(from: PodClass, cell: AddressSet): PortSet;
  /** Of what passes, that which does only under some condition: what the rules that let it through ask besides. */
  conditions(from: PodClass | AddressSet, to: PodClass | AddressSet): readonly Condition[];
  /** Each ordered pair of different pods and of pods and outside that may connect. */
  connections(): Iterable<Connection>;
}

export interface ReachOptions {
  /** Cut the outside finer than the cluster's own policies do: to compare clusters. */
  readonly sources?: readonly AddressSet[];
  readonly destinations?: readonly AddressSet[];
}

export function reachOf(cluster: Cluster, options: ReachOptions = {}): Reach {
  return finished(reachSteps(cluster, options));
}

/** The same in steps of a few milliseconds, for who lets others be answered in between. */
export function* reachSteps(cluster: Cluster, options: ReachOptions = {}): Steps<Reach> {
  const sources = options.sources ?? addressCells([cluster], 'ingress');
  const destinations = options.destinations ?? addressCells([cluster], 'egress');
  const table = new PortTable();
  yield;
  const atoms = new Atoms(cluster);
  yield* atoms.read();
  const classes = yield* atoms.classes();
  const egress = new Sides(cluster, table, atoms, classes, 'egress', 'most');
  const ingress = new Sides(cluster, table, atoms, classes, 'ingress', 'most');
  yield;
  const conditional = cluster.policies.some(({ placed }) => placed.value.rules.some(isConditional));
  const sure = conditional
    ? (['egress', 'ingress'] as const).map((direction) => new Sides(cluster, table, atoms, classes, direction, 'least'))
    : [];
  const indexOf = new Map(classes.map((each, index) => [each as PodClass, index]));
  const index = (each: PodClass) => indexOf.get(each) ?? -1;
  const received = (from: number, to: number) => {
    const [own, other] = [classes[from]?.pods, classes[to]?.pods];
    if (own !== undefined && other !== undefined && isOwnNode(own, other)) return ingress.fromOwnNode(to, from);
    return ingress.cell(to, from);
  };
  const isNear = (own: number, other: number) => {
    const [pods, from] = [classes[own]?.pods, classes[other]?.pods];
    return pods !== undefined && from !== undefined && isOwnNode(from, pods);
  };
  const between = (from: number, to: number): PortId => {
    // What is worked out already is asked first: most of what it says is that nothing passes.
    if (egress.hasRow(from)) {
      const sent = egress.cell(from, to);
      return sent === table.none ? sent : table.intersect(sent, received(from, to));
    }
    const own = received(from, to);
    return own === table.none ? own : table.intersect(egress.cell(from, to), own);
  };
  const endOf = (end: PodClass | AddressSet) => ('members' in end ? index(end) : end);
  const conditions = (from: PodClass | AddressSet, to: PodClass | AddressSet): readonly Condition[] => {
    const [a, b] = [endOf(from), endOf(to)];
    const received = typeof a === 'number' && typeof b === 'number' ? isNear(b, a) : false;
    const own = [egress.towards(a, b), ingress.towards(b, a)] as const;
    const passing = table.intersect(...own);
    return sure.flatMap((sides, i) => {
      // The own node is let in without conditions.
      if (i === 1 && received) return [];
      const least = i === 0 ? sides.towards(a, b) : sides.towards(b, a);
      const ports = table.subtract(passing, least);
      if (ports === table.none) return [];
      const both = i === 0 ? [egress, sides] : [ingress, sides];
      const told = both.flatMap((each) => (i === 0 ? each.conditionsOf(a, b, ports) : each.conditionsOf(b, a, ports)));
      return told.map((each) => ({
        ports: table.setOf(table.intersect(each.ports, ports)),
        words: each.words,
      }));
    });
  };
  return {
    classes,
    sources,
    destinations,
    conditions,
    between: (from, to) => table.setOf(between(index(from), index(to))),
    fromOutside: (cell, to) => table.setOf(ingress.toCell(index(to), cell)),
    toOutside: (from, cell) => table.setOf(egress.toCell(index(from), cell)),
    *connections() {
      for (const [i, own] of classes.entries()) {
        for (const cell of sources) {
          const ports = ingress.toCell(i, cell);
          if (ports !== table.none) {
            for (const pods of own.members) yield edge({ kind: 'addresses', addresses: cell }, podsEnd(pods), ports);
          }
        }
        for (const cell of destinations) {
          const ports = egress.toCell(i, cell);
          if (ports !== table.none) {
            for (const pods of own.members) yield edge(podsEnd(pods), { kind: 'addresses', addresses: cell }, ports);
          }
        }
        for (const [j, other] of classes.entries()) {
          const ports = between(i, j);
          if (ports === table.none) continue;
          for (const from of own.members) {
            for (const to of other.members) if (from !== to) yield edge(podsEnd(from), podsEnd(to), ports);
          }
        }
      }
    },
  };

  function edge(from: Endpoint, to: Endpoint, ports: PortId): Connection {
    return { from, to, ports: table.setOf(ports) };
  }
}
