import type { AddressSet } from '../model/addresses.js';
import type { NamespaceMatch, Peer } from '../model/peer.js';
import type { Direction } from '../model/policy.js';
import { hasNamed, type PortSet } from '../model/ports.js';
import type { Selector } from '../model/selector.js';
import { addressCells } from './address-cells.js';
import { type AppliedPolicy, type Cluster, type ClusterNamespace, isOwnNode, type Pods } from './cluster.js';
import { groupBy } from './group-by.js';
import { type PortId, PortTable } from './port-table.js';
import { type AppliedRule, type Endpoint, peerTakes, ruleTakes, type Stage, selectsPods, stagesOf } from './stages.js';
import { judge, portsOn } from './verdict.js';

/** Pods that nothing in the policies tells apart. */
export interface PodClass {
  readonly members: readonly Pods[];
}

/** An allowed connection between two ends: never between two addresses, never with no port. */
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly ports: PortSet;
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
  /** Each ordered pair of different pods and of pods and outside that may connect. */
  connections(): Iterable<Connection>;
}

export interface ReachOptions {
  /** Cut the outside finer than the cluster's own policies do: to compare clusters. */
  readonly sources?: readonly AddressSet[];
  readonly destinations?: readonly AddressSet[];
}

export function reachOf(cluster: Cluster, options: ReachOptions = {}): Reach {
  const sources = options.sources ?? addressCells(cluster.policies, 'ingress');
  const destinations = options.destinations ?? addressCells(cluster.policies, 'egress');
  const table = new PortTable();
  const atoms = new Atoms(cluster);
  const classes = atoms.classes();
  const egress = new Sides(cluster, table, atoms, classes, 'egress');
  const ingress = new Sides(cluster, table, atoms, classes, 'ingress');
  const indexOf = new Map(classes.map((each, index) => [each as PodClass, index]));
  const index = (each: PodClass) => indexOf.get(each) ?? -1;
  const received = (from: number, to: number) => {
    const [own, other] = [classes[from]?.pods, classes[to]?.pods];
    if (own !== undefined && other !== undefined && isOwnNode(own, other)) return table.all;
    return ingress.row(to)[from] ?? table.none;
  };
  const between = (from: number, to: number) => table.intersect(egress.row(from)[to] ?? table.none, received(from, to));
  return {
    classes,
    sources,
    destinations,
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

export function podsEnd(pods: Pods): Endpoint {
  return { kind: 'pods', pods };
}

interface MarkedClass extends PodClass {
  /** One of its pods, which stands for all. */
  readonly pods: Pods;
  /** The atoms that hold for its pods. */
  readonly atoms: ReadonlySet<number>;
}

/** A question that policies ask about pods: is it in these namespaces and has it these labels? Each is asked once. */
interface Atom {
  readonly namespaces: NamespaceMatch;
  readonly own: ClusterNamespace | undefined;
  readonly pods: Selector;
  readonly source: { readonly policy: AppliedPolicy; readonly peer: Peer | undefined };
}

class Atoms {
  readonly #atoms: Atom[] = [];
  readonly #subjects = new Map<AppliedPolicy, number>();
  readonly #peers = new Map<Peer, number>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const known = new Map<string, number>();
    const idOf = (atom: Atom, uncertain: boolean) => {
      const key = JSON.stringify([uncertain, atom.namespaces, atom.namespaces.own && atom.own?.name, atom.pods]);
      const found = known.get(key);
      if (found !== undefined) return found;
      const id = this.#atoms.push(atom) - 1;
      known.set(key, id);
      return id;
    };
    for (const policy of cluster.policies) {
      const { subject, rules } = policy.placed.value;
      const own = policy.namespace;
      const atom = { namespaces: subject.namespaces, own, pods: subject.pods, source: { policy, peer: undefined } };
      this.#subjects.set(policy, idOf(atom, subject.uncertain));
      for (const peer of rules.flatMap(({ peers }) => peers)) {
        if (peer.kind !== 'pods') continue;
        const { namespaces, pods, uncertain } = peer;
        this.#peers.set(peer, idOf({ namespaces, own, pods, source: { policy, peer } }, uncertain));
      }
    }
  }

  /** The pods of the cluster, those for which all questions have the same answers together. */
  classes(): readonly MarkedClass[] {
    const byNamespace = groupBy(this.#cluster.pods, ({ namespace }) => namespace);
    const marks = new Map<Pods, number[]>(this.#cluster.pods.map((pods) => [pods, []]));
    for (const [id, atom] of this.#atoms.entries()) {
      const namespaces = atom.namespaces.own && atom.own !== undefined ? [atom.own] : byNamespace.keys();
      for (const namespace of namespaces) {
        for (const pods of byNamespace.get(namespace) ?? []) if (this.#holds(atom, pods)) marks.get(pods)?.push(id);
      }
    }
    const names = new Set(
      this.#cluster.policies.flatMap(({ placed }) =>
        placed.value.rules.flatMap(({ ports }) => ports.named.map(({ name }) => name)),
      ),
    );
    const onNodes = this.#cluster.pods.some(({ hostNetwork, node }) => hostNetwork && node !== undefined);
    const groups = groupBy(this.#cluster.pods, (pods) => {
      const declared = pods.ports.filter(({ name }) => name !== undefined && names.has(name));
      const addresses =
        this.#cluster.blocksMatchPods === 'none' ? [] : pods.addresses.map(({ canonical }) => canonical);
      const node = onNodes && pods.node?.name;
      return JSON.stringify([marks.get(pods), declared, addresses, pods.hostNetwork, node]);
    });
    return [...groups.values()].flatMap((members) => {
      const [pods] = members;
      return pods === undefined ? [] : [{ members, pods, atoms: new Set(marks.get(pods)) }];
    });
  }

  #holds({ source: { policy, peer } }: Atom, pods: Pods): boolean {
    const answer =
      peer === undefined ? selectsPods(policy, pods) : peerTakes(this.#cluster, policy, peer, { kind: 'pods', pods });
    return answer === 'yes';
  }

  selects(policy: AppliedPolicy, pods: MarkedClass): boolean {
    return pods.atoms.has(this.#subjects.get(policy) ?? -1);
  }

  takes(policy: AppliedPolicy, peer: Peer, { atoms, pods }: MarkedClass): boolean {
    if (peer.kind === 'pods') return atoms.has(this.#peers.get(peer) ?? -1);
    return peerTakes(this.#cluster, policy, peer, { kind: 'pods', pods }) === 'yes';
  }
}

/** What the policies on one end allow, for each class: each question is answered once. */
class Sides {
  readonly #stages: readonly (readonly Stage[])[];
  readonly #rows: (Int32Array | undefined)[] = [];
  readonly #cells = new Map<AddressSet, (PortId | undefined)[]>();
  readonly #applied = new Map<AppliedRule['rule'], readonly number[]>();
  readonly #ports = new Map<PortSet, PortId>();

  constructor(
    readonly cluster: Cluster,
    readonly table: PortTable,
    readonly atoms: Atoms,
    readonly classes: readonly MarkedClass[],
    readonly direction: Direction,
  ) {
    const byNamespace = groupBy(cluster.policies, ({ namespace }) => namespace);
    this.#stages = classes.map((each) => {
      const near = [...(byNamespace.get(each.pods.namespace) ?? []), ...(byNamespace.get(undefined) ?? [])];
      return stagesOf(
        near.filter((policy) => atoms.selects(policy, each)),
        direction,
      );
    });
  }

  /** What the policies on class `own` allow with each class. */
  row(own: number): Int32Array {
    const known = this.#rows[own];
    if (known !== undefined) return known;
    const declared = this.classes[own]?.pods.ports ?? [];
    const row = judge(this.table, this.#stages[own] ?? [], this.classes.length, {
      applies: (rule) => this.#classesOf(rule),
      ports: ({ rule }, other) =>
        this.#portsOf(rule.ports, this.direction === 'ingress' ? declared : (this.classes[other]?.pods.ports ?? [])),
    });
    this.#rows[own] = row;
    return row;
  }

  toCell(own: number, cell: AddressSet): PortId {
    const column = this.#cells.get(cell) ?? [];
    this.#cells.set(cell, column);
    const known = column[own];
    if (known !== undefined) return known;
    const declared = this.direction === 'egress' ? [] : (this.classes[own]?.pods.ports ?? []);
    const endpoint: Endpoint = { kind: 'addresses', addresses: cell };
    const [found] = judge(this.table, this.#stages[own] ?? [], 1, {
      applies: (rule) => (ruleTakes(this.cluster, rule, endpoint) === 'yes' ? [0] : []),
      ports: ({ rule }) => this.#portsOf(rule.ports, declared),
    });
    column[own] = found;
    return found ?? this.table.none;
  }

  /** The classes that some peer of the rule takes in. */
  #classesOf({ policy, rule }: AppliedRule): readonly number[] {
    const known = this.#applied.get(rule);
    if (known !== undefined) return known;
    const found: number[] = [];
    for (const [index, each] of this.classes.entries()) {
      if (rule.peers.some((peer) => this.atoms.takes(policy, peer, each))) found.push(index);
    }
    this.#applied.set(rule, found);
    return found;
  }

  #portsOf(set: PortSet, declared: Pods['ports']): PortId {
    if (hasNamed(set)) return this.table.idOf(portsOn(set, declared));
    const known = this.#ports.get(set);
    if (known !== undefined) return known;
    const id = this.table.idOf(set);
    this.#ports.set(set, id);
    return id;
  }
}
