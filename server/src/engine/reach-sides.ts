import type { AddressSet } from '../model/addresses.js';
import type { Direction } from '../model/policy.js';
import { hasNamed, type PortSet } from '../model/ports.js';
import type { Cluster, Pods } from './cluster.js';
import type { AppliedRule, Stage } from './layers.js';
import type { Atoms, MarkedClass } from './pod-classes.js';
import type { PortId, PortTable } from './port-table.js';
import {
  askedBesides,
  type Endpoint,
  isConditional,
  type Leaning,
  leans,
  podsEnd,
  policiesNear,
  portsOfRule,
  portsOn,
  ruleCounts,
  stagesAbout,
  stagesOf,
} from './stages.js';
import { judge } from './verdict.js';

/** A row costs as much as a share of its cells: so many are asked for by themselves before it is worked out. */
const askedAlone = { atLeast: 4, share: 1 / 40 };

/** What the policies on one end allow, for each class: each question is answered once. */
export class Sides {
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
        return [{ ports: opened, words: askedBesides(rule) }];
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
