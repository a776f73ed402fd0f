import type { AddressSet } from '../model/addresses.js';
import type { NamespaceMatch, Peer } from '../model/peer.js';
import type { Direction } from '../model/policy.js';
import { hasNamed, type PortSet } from '../model/ports.js';
import { everything, type Selector } from '../model/selector.js';
import { addressCells } from './address-cells.js';
import { type AppliedPolicy, type Cluster, type ClusterNamespace, isOwnNode, type Pods } from './cluster.js';
import { groupBy } from './group-by.js';
import type { AppliedRule, Stage } from './layers.js';
import { inNamespaces, peerTakes } from './peer-takes.js';
import { type PortId, PortTable } from './port-table.js';
import {
  type Endpoint,
  isConditional,
  type Leaning,
  leans,
  policiesNear,
  portsOfRule,
  portsOn,
  ruleCounts,
  selectsPods,
  stagesAbout,
  stagesOf,
} from './stages.js';
import { finished, type Steps } from './steps.js';
import { judge } from './verdict.js';

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

export function podsEnd(pods: Pods): Endpoint {
  return { kind: 'pods', pods };
}

/** How many policies or questions are gone through in one step. */
const policiesAtOnce = 200;
const atomsAtOnce = 100;

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
  /** Nothing but these decides it: whoever is in none of the namespaces is not meant. */
  readonly plain: boolean;
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
  }

  /** What the policies ask. */
  *read(): Steps<void> {
    const cluster = this.#cluster;
    const known = new Map<string, number>();
    const idOf = (atom: Atom, uncertain: boolean, more = '') => {
      const where = (atom.namespaces.own || more !== '') && atom.own?.name;
      const key = JSON.stringify([uncertain, atom.namespaces, where, atom.pods, more]);
      const found = known.get(key);
      if (found !== undefined) return found;
      const id = this.#atoms.push(atom) - 1;
      known.set(key, id);
      return id;
    };
    for (const [index, policy] of cluster.policies.entries()) {
      if (index % policiesAtOnce === policiesAtOnce - 1) yield;
      const { subject, rules } = policy.placed.value;
      const own = policy.namespace;
      const { namespaces, pods } = subject;
      const atom = { namespaces, own, pods, plain: true, source: { policy, peer: undefined } };
      this.#subjects.set(policy, idOf(atom, subject.uncertain));
      for (const peer of rules.flatMap((rule) => [...rule.peers, ...(rule.own === undefined ? [] : [rule.own])])) {
        const asked = questionOf(peer);
        if (asked === undefined) continue;
        const plain = peer.kind === 'pods' && peer.alsoAddressSets === undefined;
        const key = plain ? '' : JSON.stringify(peer, withoutPlaces);
        this.#peers.set(peer, idOf({ ...asked, own, plain, source: { policy, peer } }, peer.uncertain, key));
      }
    }
  }

  /** The pods of the cluster, those for which all questions have the same answers together. */
  *classes(): Steps<readonly MarkedClass[]> {
    const byNamespace = groupBy(this.#cluster.pods, ({ namespace }) => namespace);
    const marks = new Map<Pods, number[]>(this.#cluster.pods.map((pods) => [pods, []]));
    for (const [id, atom] of this.#atoms.entries()) {
      if (id % atomsAtOnce === atomsAtOnce - 1) yield;
      const namespaces = atom.namespaces.own && atom.own !== undefined ? [atom.own] : byNamespace.keys();
      for (const namespace of namespaces) {
        // Most questions are about one namespace: the pods of others need not be asked one by one.
        if (atom.plain && inNamespaces(atom.namespaces, atom.own, namespace) === 'no') continue;
        for (const pods of byNamespace.get(namespace) ?? []) if (this.#holds(atom, pods)) marks.get(pods)?.push(id);
      }
    }
    const names = new Set(
      this.#cluster.policies.flatMap(({ placed }) =>
        placed.value.rules.flatMap(({ ports }) => ports.named.map(({ name }) => name)),
      ),
    );
    const onNodes = this.#cluster.pods.some(({ hostNetwork, node }) => hostNetwork && node !== undefined);
    yield;
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
    const atom = this.#peers.get(peer);
    if (atom !== undefined) return atoms.has(atom);
    return peerTakes(this.#cluster, policy, peer, { kind: 'pods', pods }) === 'yes';
  }
}

/**
 * What a peer asks of pods by their labels, where it asks anything that tells pods apart. A peer that is put together of
 * others is one question, about pods anywhere; of addresses and nodes the classes take care.
 */
function questionOf(peer: Peer): Pick<Atom, 'namespaces' | 'pods'> | undefined {
  if (peer.kind === 'pods') return peer;
  if (peer.kind !== 'all of' && peer.kind !== 'service') return undefined;
  return { namespaces: { own: false, selector: everything }, pods: everything };
}

/** Two peers that are written alike ask the same. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (key === 'at' || key === 'podSource' || key === 'namespaceSource') return undefined;
  return typeof value === 'bigint' ? `${value}` : value;
}

/** A row costs as much as a share of its cells: so many are asked for by themselves before it is worked out. */
const askedAlone = { atLeast: 4, share: 1 / 40 };

/** What the policies on one end allow, for each class: each question is answered once. */
class Sides {
  readonly #stages: (readonly Stage[] | undefined)[] = [];
  readonly #rows: (Int32Array | undefined)[] = [];
  /** How often one cell of a row was asked for. */
  readonly #asked: (number | undefined)[] = [];
  readonly #cells = new Map<AddressSet, (PortId | undefined)[]>();
  readonly #applied = new Map<AppliedRule['rule'], readonly number[]>();
  readonly #ports = new Map<PortSet, PortId>();

  constructor(
    readonly cluster: Cluster,
    readonly table: PortTable,
    readonly atoms: Atoms,
    readonly classes: readonly MarkedClass[],
    readonly direction: Direction,
    readonly leaning: Leaning,
  ) {}

  /** The stages that judge the pods of a class: worked out for those that are asked about. */
  #stagesOf(own: number): readonly Stage[] {
    const known = this.#stages[own];
    if (known !== undefined) return known;
    const each = this.classes[own];
    if (each === undefined) return [];
    const selecting = policiesNear(this.cluster, each.pods.namespace).filter((policy) =>
      this.atoms.selects(policy, each),
    );
    const found = stagesOf(this.cluster, each.pods, selecting, this.direction);
    this.#stages[own] = found;
    return found;
  }

  hasRow(own: number): boolean {
    return this.#rows[own] !== undefined;
  }

  /** What the policies on class `own` allow with one other: a question by itself, until there are several. */
  cell(own: number, other: number): PortId {
    const row = this.#rows[own];
    if (row !== undefined) return row[other] ?? this.table.none;
    const asked = (this.#asked[own] ?? 0) + 1;
    this.#asked[own] = asked;
    if (asked > Math.max(askedAlone.atLeast, this.classes.length * askedAlone.share))
      return this.row(own)[other] ?? this.table.none;
    const declared = this.classes[this.direction === 'ingress' ? own : other]?.pods;
    const [found] = judge(
      this.table,
      this.#stagesOf(own),
      1,
      {
        applies: (rule) => (this.#takes(rule, other) ? [0] : []),
        ports: (rule) => this.#portsOf(rule, declared),
      },
      this.leaning,
    );
    return found ?? this.table.none;
  }

  /** What the policies on class `own` allow with each class. */
  row(own: number): Int32Array {
    const known = this.#rows[own];
    if (known !== undefined) return known;
    const row = judge(
      this.table,
      this.#stagesOf(own),
      this.classes.length,
      {
        applies: (rule) => this.#classesOf(rule),
        ports: (rule, other) => this.#portsOf(rule, this.classes[this.direction === 'ingress' ? own : other]?.pods),
      },
      this.leaning,
    );
    this.#rows[own] = row;
    return row;
  }

  /** What class `own` may receive from host-network pods of its own node. */
  fromOwnNode(own: number, other: number): PortId {
    const [pods, from] = [this.classes[own]?.pods, this.classes[other]?.pods];
    if (pods === undefined || from === undefined) return this.table.none;
    const asked = stagesAbout(this.cluster, this.#stagesOf(own), 'ingress', podsEnd(from), podsEnd(pods));
    const [found] = judge(this.table, asked, 1, {
      applies: (rule) => (this.#classesOf(rule).includes(other) ? [0] : []),
      ports: (rule) => this.#portsOf(rule, pods),
    });
    return found ?? this.table.none;
  }

  /** What the policies on one end allow with another; every port for an end that is no pods. */
  towards(own: number | AddressSet, other: number | AddressSet): PortId {
    if (typeof own !== 'number') return this.table.all;
    if (typeof other !== 'number') return this.toCell(own, other);
    return this.row(own)[other] ?? this.table.none;
  }

  /** The rules that let some of these ports through under a condition, by their words. */
  conditionsOf(own: number | AddressSet, other: number | AddressSet, ports: PortId) {
    if (typeof own !== 'number') return [];
    const declared = this.classes[this.direction === 'ingress' ? own : typeof other === 'number' ? other : -1];
    return this.#stagesOf(own).flatMap(({ rules }) =>
      rules.flatMap((applied) => {
        const { rule } = applied;
        if (!isConditional(rule) || !leans(rule, this.leaning) || (rule.action === 'Pass' && this.leaning === 'most')) {
          return [];
        }
        const end: Endpoint | undefined =
          typeof other === 'number' ? undefined : { kind: 'addresses', addresses: other };
        const takes =
          end === undefined
            ? this.#classesOf(applied).includes(other as number)
            : ruleCounts(this.cluster, applied, end, this.leaning);
        const opened = this.#portsOf(applied, declared?.pods);
        if (!takes || this.table.intersect(opened, ports) === this.table.none) return [];
        const words = (rule.constraints ?? []).filter(({ limits }) => limits).map((each) => each.words);
        return [{ ports: opened, words: rule.action === 'Allow' ? words : [`if not ${words.join(' and ')}`] }];
      }),
    );
  }

  toCell(own: number, cell: AddressSet): PortId {
    const column = this.#cells.get(cell) ?? [];
    this.#cells.set(cell, column);
    const known = column[own];
    if (known !== undefined) return known;
    const destination = this.direction === 'egress' ? undefined : this.classes[own]?.pods;
    const endpoint: Endpoint = { kind: 'addresses', addresses: cell };
    const [found] = judge(
      this.table,
      this.#stagesOf(own),
      1,
      {
        applies: (rule) => (ruleCounts(this.cluster, rule, endpoint, this.leaning) ? [0] : []),
        ports: (rule) => this.#portsOf(rule, destination),
      },
      this.leaning,
    );
    column[own] = found;
    return found ?? this.table.none;
  }

  /** Whether some peer of the rule takes in one class: which others it takes in need not be known for that. */
  #takes({ policy, rule }: AppliedRule, other: number): boolean {
    const known = this.#applied.get(rule);
    if (known !== undefined) return known.includes(other);
    const end = this.classes[other];
    return (
      end !== undefined && leans(rule, this.leaning) && rule.peers.some((peer) => this.atoms.takes(policy, peer, end))
    );
  }

  /** The classes that some peer of the rule takes in. */
  #classesOf({ policy, rule }: AppliedRule): readonly number[] {
    const known = this.#applied.get(rule);
    if (known !== undefined) return known;
    const found: number[] = [];
    if (!leans(rule, this.leaning)) return found;
    for (const [index, each] of this.classes.entries()) {
      if (rule.peers.some((peer) => this.atoms.takes(policy, peer, each))) found.push(index);
    }
    this.#applied.set(rule, found);
    return found;
  }

  #portsOf(applied: AppliedRule, destination: Pods | undefined): PortId {
    const set = applied.rule.ports;
    if (
      hasNamed(set) ||
      applied.rule.exceptPorts !== undefined ||
      applied.rule.peers.some(({ kind }) => kind === 'service')
    )
      return this.table.idOf(portsOn(portsOfRule(this.cluster, applied, destination), destination?.ports ?? []));
    const known = this.#ports.get(set);
    if (known !== undefined) return known;
    const id = this.table.idOf(set);
    this.#ports.set(set, id);
    return id;
  }
}
