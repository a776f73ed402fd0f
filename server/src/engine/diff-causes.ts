import type { AddressSet } from '../model/addresses.js';
import type { Direction, Rule } from '../model/policy.js';
import { type PortSet, union } from '../model/ports.js';
import type { Place } from '../model/workload.js';
import type { AppliedPolicy, Cluster, Pods } from './cluster.js';
import type { ComparedEnd, PodsEnd, Side } from './diff.js';
import { conditionsKey, conditionsOn } from './diff-conditions.js';
import { type Ends, type Factor, Factors, type Situation } from './diff-factors.js';
import { type ControllerConnection, unknownPod } from './ingress-controller.js';
import type { AppliedRule, Stage } from './layers.js';
import { type PolicyChange, ruleMeaning } from './policy-changes.js';
import { type PortId, PortTable } from './port-table.js';
import { type Leaning, podsEnd, selectsPods } from './stages.js';
import { Judge } from './verdict.js';

type Change = PolicyChange['change'];

/** Something that differs between two clusters and makes a connection differ. */
export type Cause = PolicyCause | ObjectCause;

/** A policy's part in a difference. */
export interface PolicyCause {
  readonly kind: 'policy';
  readonly change: Change;
  /** In the state that `side` names: what is removed has its effect before, what is added after. */
  readonly policy: AppliedPolicy;
  readonly side: Side;
  readonly direction: Direction;
  /** 'decides': by its rank among others, no single rule being the reason. */
  readonly effect: 'allows' | 'denies' | 'passes' | 'isolates' | 'decides';
  readonly rule: Rule | undefined;
  readonly at: Place;
}

/** Another object that is there on one side only, or of which the two sides say different things. */
export interface ObjectCause {
  readonly kind:
    | 'workload'
    | 'entry point'
    | 'labels'
    | 'namespace labels'
    | 'container ports'
    | 'host network'
    | 'node'
    | 'service account'
    | 'address set'
    | 'tier'
    | 'service';
  readonly change: Change;
  /** "shop/api[Deployment]", "Ingress shop/web", "NetworkSet shop/partners", or a namespace. */
  readonly name: string;
  readonly side: Side;
  readonly at: Place | undefined;
}

/**
 * Says why connections differ. A difference in something is a cause if, with only that as it was before, the verdict of an
 * end after would be another on ports that differ; and where nothing is needed by itself, because each of several would
 * do, if with only that as it is after the verdict before would be another. An end whose own verdict does not differ is
 * left alone.
 */
export class Causes {
  readonly #table = new PortTable();
  readonly #factors: Factors;
  readonly #clusters: readonly [Cluster, Cluster];

  constructor(before: Cluster, after: Cluster, policies: readonly PolicyChange[]) {
    this.#clusters = [before, after];
    this.#factors = new Factors(this.#clusters, policies);
  }

  /**
   * Of a pair of which one is pods, that may connect on these ports; `conditions` tells whether they pass under the same ones
   * on both sides. `cells` are the parts of the range where the other is addresses.
   */
  of(
    from: ComparedEnd,
    to: ComparedEnd,
    ports: readonly [PortSet, PortSet],
    cells: readonly AddressSet[] = [],
    conditions: 'same' | 'differ' = 'same',
  ): readonly Cause[] {
    const comeOrGone = [from, to].flatMap(existence);
    if (comeOrGone.length > 0) return comeOrGone;
    const differing = this.#differing(ports);
    const found = variants(from, cells).flatMap((source) =>
      variants(to, cells).flatMap((destination) =>
        (['egress', 'ingress'] as const).flatMap((direction) => [
          ...this.#ofDirection(direction, source, destination, differing, [from, to]),
          ...(conditions === 'same'
            ? []
            : this.#ofConditions(direction, source, destination, this.#inBoth(ports), [from, to])),
        ]),
      ),
    );
    return unique(found);
  }

  /** Of what an ingress controller may send to pods. */
  ofController(
    to: PodsEnd,
    ports: readonly [PortSet, PortSet],
    sent: readonly [readonly ControllerConnection[], readonly ControllerConnection[]],
  ): readonly Cause[] {
    const comeOrGone = existence(to);
    if (comeOrGone.length > 0) return comeOrGone;
    const differing = this.#differing(ports);
    const wanted = this.#differing([sumOf(sent[0]), sumOf(sent[1])]);
    const entries = this.#table.intersect(wanted, differing) === this.#table.none ? [] : this.#entries(sent);
    const source: Ends = [unknownPod, unknownPod];
    const policies = variants(to, []).flatMap((ends) => this.#ofDirection('ingress', source, ends, differing, [to]));
    return unique([...entries, ...policies]);
  }

  #differing([before, after]: readonly [PortSet, PortSet]): PortId {
    return this.#unlike(this.#table.idOf(before), this.#table.idOf(after));
  }

  #unlike(a: PortId, b: PortId): PortId {
    return this.#table.union(this.#table.subtract(a, b), this.#table.subtract(b, a));
  }

  #ofDirection(
    direction: Direction,
    from: Ends,
    to: Ends,
    differing: PortId,
    compared: readonly ComparedEnd[],
  ): readonly Cause[] {
    const pods = podsOf(direction, from, to);
    if (pods === undefined) return [];
    const decisions: [Decision[], Decision[]] = [[], []];
    const plain = ([0, 1] as const).map((side) =>
      this.#verdict(this.#factors.situation(side, from, to, pods), direction, decisions[side]),
    );
    const [before = this.#table.none, after = this.#table.none] = plain;
    const part = this.#table.intersect(this.#unlike(before, after), differing);
    if (part === this.#table.none) return [];
    const factors = this.#factors.of(from, to, pods, compared);
    const credited = factors.length > maxTried ? factors : this.#thatMatter(factors, direction, part, [before, after]);
    const opened = this.#table.intersect(part, after);
    const closed = this.#table.intersect(part, before);
    return credited.flatMap(({ cause }): readonly Cause[] =>
      'kind' in cause ? [cause] : this.#effects(cause, direction, pods, decisions, opened, closed),
    );
  }

  #inBoth([before, after]: readonly [PortSet, PortSet]): PortSet {
    return this.#table.setOf(this.#table.intersect(this.#table.idOf(before), this.#table.idOf(after)));
  }

  /** Why what passes on both sides on some ports does so under other conditions. */
  #ofConditions(
    direction: Direction,
    from: Ends,
    to: Ends,
    within: PortSet,
    compared: readonly ComparedEnd[],
  ): readonly Cause[] {
    const pods = podsOf(direction, from, to);
    if (pods === undefined) return [];
    const keyOf = ({ cluster, ...ends }: Situation) =>
      conditionsKey(conditionsOn(new Judge(cluster), direction, ends.from, ends.to, within));
    const situations = ([0, 1] as const).map((side) => this.#factors.situation(side, from, to, pods));
    const [before, after] = situations.map(keyOf);
    if (before === after) return [];
    const factors = this.#factors.of(from, to, pods, compared);
    const moving = (side: Side, plain: string | undefined) =>
      factors.length > maxTried ? [] : factors.filter(({ swapped }) => keyOf(swapped(side)) !== plain);
    const needed = moving(1, after);
    const enough = needed.length > 0 ? needed : moving(0, before);
    const decisions = situations.map((situation) => {
      const found: Decision[] = [];
      for (const leaning of ['most', 'least'] as const) this.#verdict(situation, direction, found, leaning);
      return found.filter(({ rule }, index) => found.findIndex((other) => other.rule.rule === rule.rule) === index);
    });
    const part = this.#table.idOf(within);
    return (enough.length > 0 ? enough : factors).flatMap(({ cause }): readonly Cause[] =>
      'kind' in cause
        ? [cause]
        : this.#effects(cause, direction, pods, [decisions[0] ?? [], decisions[1] ?? []], part, part),
    );
  }

  /** What is needed for the state after; where each of several would do, all that would do before. */
  #thatMatter(
    factors: readonly Factor[],
    direction: Direction,
    part: PortId,
    plain: readonly [PortId, PortId],
  ): readonly Factor[] {
    const moves = ({ swapped }: Factor, side: Side, ports: PortId) =>
      this.#table.intersect(this.#unlike(this.#verdict(swapped(side), direction), plain[side]), ports);
    const needed = factors.map((factor) => moves(factor, 1, part));
    const rest = this.#table.subtract(
      part,
      needed.reduce((a, b) => this.#table.union(a, b), this.#table.none),
    );
    const matter = factors.filter(
      (factor, index) => needed[index] !== this.#table.none || moves(factor, 0, rest) !== this.#table.none,
    );
    // Several things may have to differ together while each of them has a stand-in: then all of them are named.
    return matter.length > 0 ? matter : factors;
  }

  /** What a policy's two versions do about ports that the end newly lets pass and those that it newly does not. */
  #effects(
    change: PolicyChange,
    direction: Direction,
    pods: readonly [Pods, Pods],
    decisions: readonly [readonly Decision[], readonly Decision[]],
    opened: PortId,
    closed: PortId,
  ): readonly PolicyCause[] {
    const versions = [change.before, change.after] as const;
    const part = this.#table.union(opened, closed);
    const touches = (a: PortId, b: PortId) => this.#table.intersect(a, b) !== this.#table.none;
    const isolates = (side: Side) => {
      const version = versions[side];
      return version !== undefined && selectsPods(version, pods[side]) === 'yes' && isolatesIn(version, direction);
    };
    const acts = (side: Side) => {
      const version = versions[side];
      if (version?.placed.value.order.tier === 'namespaced') return isolates(side) ? version : undefined;
      return version !== undefined && selectsPods(version, pods[side]) === 'yes' ? version : undefined;
    };
    const effects: PolicyCause[] = [];
    for (const side of [0, 1] as const) {
      const policy = versions[side];
      if (policy === undefined) continue;
      const cause = { kind: 'policy', change: change.change, policy, side, direction } as const;
      const [letIn, kept] = side === 0 ? [closed, opened] : [opened, closed];
      if (kept !== this.#table.none && isolates(side) && !isolates(side === 0 ? 1 : 0)) {
        effects.push({ ...cause, effect: 'isolates', rule: undefined, at: policy.placed.value.at });
      }
      const deciding = decisions[side].filter(({ rule: { rule, policy: own }, ports }) => {
        if (own !== policy) return false;
        return touches(ports, rule.action === 'Allow' ? letIn : rule.action === 'Deny' ? kept : part);
      });
      const news = deciding.filter(({ rule: { rule } }) => !hasTwin(rule, policy, acts(side === 0 ? 1 : 0)));
      for (const { rule } of news.length > 0 || policy.placed.value.order.tier === 'namespaced' ? news : deciding) {
        const effect = ({ Allow: 'allows', Deny: 'denies', Pass: 'passes', Log: 'decides' } as const)[rule.rule.action];
        effects.push({ ...cause, effect, rule: rule.rule, at: rule.rule.at });
      }
    }
    if (effects.length > 0) return effects;
    const side = change.after === undefined ? 0 : 1;
    const policy = versions[side];
    if (policy === undefined) return [];
    const { at } = policy.placed.value;
    return [{ kind: 'policy', change: change.change, policy, side, direction, effect: 'decides', rule: undefined, at }];
  }

  #entries(sent: readonly [readonly ControllerConnection[], readonly ControllerConnection[]]): readonly ObjectCause[] {
    const named = (side: Side) =>
      new Map(
        sent[side].flatMap(({ entries }) =>
          entries.map(({ value, namespace }) => {
            const name = `${value.kind} ${this.#clusters[side].namespaceOf(namespace).name}/${value.name}`;
            return [name, { kind: 'entry point', name, side, at: value.at }] as const;
          }),
        ),
      );
    const [before, after] = [named(0), named(1)];
    const added = [...after].flatMap(([name, it]) => (before.has(name) ? [] : [{ ...it, change: 'added' } as const]));
    const removed = [...before].flatMap(([name, it]) =>
      after.has(name) ? [] : [{ ...it, change: 'removed' } as const],
    );
    if (added.length + removed.length > 0) return [...added, ...removed];
    // The same ones by name: they, or the services they name, lead to other ports.
    return [...after.values()].map((entry) => ({ ...entry, change: 'changed' as const }));
  }

  #verdict(
    { cluster, from, to }: Situation,
    direction: Direction,
    decisions?: Decision[],
    leaning: Leaning = 'most',
  ): PortId {
    const judge = new Judge(cluster);
    const here = (ports: PortId) => this.#table.idOf(judge.table.setOf(ports));
    const decided = (_stage: Stage, rule: AppliedRule, ports: PortId) => decisions?.push({ rule, ports: here(ports) });
    return here(judge.side(direction, from, to, decided, leaning));
  }
}

/** A rule that decides some ports. */
interface Decision {
  readonly rule: AppliedRule;
  readonly ports: PortId;
}

/** The pods that the policies of a direction are about, on both sides. */
function podsOf(direction: Direction, from: Ends, to: Ends): readonly [Pods, Pods] | undefined {
  const [before, after] = direction === 'egress' ? from : to;
  return before.kind === 'pods' && after.kind === 'pods' ? [before.pods, after.pods] : undefined;
}

function existence(end: ComparedEnd): readonly ObjectCause[] {
  if (end.kind !== 'pods') return [];
  const [before] = end.before;
  const [after] = end.after;
  const at = (after ?? before)?.workloads[0]?.value.at;
  if (before === undefined) return [{ kind: 'workload', change: 'added', name: end.name, side: 1, at }];
  return after === undefined ? [{ kind: 'workload', change: 'removed', name: end.name, side: 0, at }] : [];
}

/** With more differences than these about one end, each that has a part in the verdict is named, and none is tried out. */
const maxTried = 64;

/** Parts of one range that are asked for reasons: what differs alike all over it nearly always has the same ones. */
const maxParts = 16;

/** An end on both sides; several times where pods of one name differ, or a range has parts. */
function variants(end: ComparedEnd, cells: readonly AddressSet[]): readonly Ends[] {
  if (end.kind === 'addresses') {
    return cells.slice(0, maxParts).map(
      (addresses): Ends => [
        { kind: 'addresses', addresses },
        { kind: 'addresses', addresses },
      ],
    );
  }
  if (end.kind !== 'pods') return [];
  const count = Math.max(end.before.length, end.after.length);
  return Array.from({ length: count }, (_, index) => [at(end.before, index), at(end.after, index)]).flatMap(
    ([before, after]): Ends[] =>
      before === undefined || after === undefined ? [] : [[podsEnd(before), podsEnd(after)]],
  );
}

function at<T>(list: readonly T[], index: number): T | undefined {
  return list[Math.min(index, list.length - 1)];
}

function isolatesIn({ placed: { value } }: AppliedPolicy, direction: Direction): boolean {
  return value.order.tier === 'namespaced' && value.isolates.includes(direction);
}

/** Whether the other version of its policy has the same rule, so that the rule itself is no news. */
function hasTwin(rule: Rule, policy: AppliedPolicy, other: AppliedPolicy | undefined): boolean {
  const meaning = ruleMeaning(rule);
  return (
    other !== undefined && other !== policy && other.placed.value.rules.some((each) => ruleMeaning(each) === meaning)
  );
}

function sumOf(connections: readonly ControllerConnection[]): PortSet {
  return connections.map(({ ports }) => ports).reduce(union, { byProtocol: new Map(), named: [] });
}

function unique(causes: readonly Cause[]): readonly Cause[] {
  const byKey = new Map(
    causes.map((cause) => [
      cause.kind === 'policy' ? keyOf(cause) : JSON.stringify([cause.kind, cause.change, cause.name]),
      cause,
    ]),
  );
  return [...byKey.values()];
}

function keyOf({ policy: { placed, namespace }, side, direction, effect, rule }: PolicyCause): string {
  return JSON.stringify([placed.value.kind, namespace?.name, placed.value.name, side, direction, effect, rule?.index]);
}
