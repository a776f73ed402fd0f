import type { Direction } from '../model/policy.js';
import type { Cluster, Pods } from './cluster.js';
import type { AppliedRule, Stage } from './layers.js';
import { type PortId, PortTable } from './port-table.js';
import {
  type Endpoint,
  isConditional,
  type Leaning,
  policiesOn,
  portsOfRule,
  portsOn,
  ruleCounts,
  stagesAbout,
  stagesOf,
} from './stages.js';

/** What a judgement asks about each rule, of several other ends at once: they are numbered from 0. */
export interface Questions {
  /** The ends to which the rule is applied. */
  applies(rule: AppliedRule): Iterable<number>;
  /** The rule's ports on the destination, names resolved. */
  ports(rule: AppliedRule, end: number): PortId;
  /** Told of each part that a rule decides; no part is told of twice but for what several rules of one stage allow. */
  decided?(stage: Stage, rule: AppliedRule, end: number, ports: PortId): void;
}

/**
 * What the stages allow of every port, for each of `count` other ends, rule by rule.
 * Source: FACTS B2: the first matching admin rule decides, Pass leaves the tier; then the network policies, if the pods are
 * isolated; then the baseline; what nothing decides is allowed. B4: a tier ends with its default, for pods that it is about.
 */
export function judge(
  table: PortTable,
  stages: readonly Stage[],
  count: number,
  questions: Questions,
  leaning: Leaning = 'most',
): Int32Array {
  const open = new Int32Array(count).fill(table.all);
  const allowed = new Int32Array(count).fill(table.none);
  const denied = new Int32Array(count).fill(table.none);
  for (const stage of stages) {
    if (stage.mode === 'additive') {
      // The rules see all that was open before them: what is allowed twice is allowed once.
      for (const rule of stage.rules) each(stage, rule, allow);
      for (const [end, ports] of open.entries()) open[end] = table.subtract(ports, allowed[end] ?? table.none);
      if (stage.isolatedBy.length === 0) continue;
      join(denied, open);
      open.fill(table.none);
      continue;
    }
    const passed = new Int32Array(count).fill(table.none);
    for (const rule of stage.rules) {
      const { action } = rule.rule;
      if (action === 'Log') continue;
      each(stage, rule, (end, ports) => {
        if (action === 'Allow') allow(end, ports);
        if (action === 'Deny') add(denied, end, ports);
        if (action === 'Pass') add(passed, end, ports);
        // What may or may not match goes both ways.
        const bothWays = isConditional(rule.rule) && action !== 'Allow';
        if (!bothWays) open[end] = table.subtract(open[end] ?? table.none, ports);
      });
    }
    if (stage.isolatedBy.length > 0) {
      join(denied, open);
      open.fill(table.none);
    }
    join(open, passed);
  }
  join(allowed, open);
  return leaning === 'most' ? allowed : denied.map((ports) => table.subtract(table.all, ports));

  function each(stage: Stage, rule: AppliedRule, then: (end: number, ports: PortId) => void): void {
    for (const end of questions.applies(rule)) {
      const ports = table.intersect(open[end] ?? table.none, questions.ports(rule, end));
      if (ports === table.none) continue;
      questions.decided?.(stage, rule, end, ports);
      then(end, ports);
    }
  }

  function allow(end: number, ports: PortId): void {
    add(allowed, end, ports);
  }

  function add(to: Int32Array, end: number, ports: PortId): void {
    to[end] = table.union(to[end] ?? table.none, ports);
  }

  function join(into: Int32Array, more: Int32Array): void {
    for (const [end, ports] of more.entries()) add(into, end, ports);
  }
}

/** Answers about single pairs of one cluster; what it works out about pods it keeps. */
export class Judge {
  readonly table = new PortTable();
  readonly #stages = new Map<Direction, Map<Pods, readonly Stage[]>>();

  constructor(readonly cluster: Cluster) {}

  /** The stages that judge some pods. */
  stages(pods: Pods, direction: Direction): readonly Stage[] {
    const byPods = this.#stages.get(direction) ?? new Map<Pods, readonly Stage[]>();
    this.#stages.set(direction, byPods);
    const known = byPods.get(pods);
    if (known !== undefined) return known;
    const found = stagesOf(this.cluster, pods, policiesOn(this.cluster, pods), direction);
    byPods.set(pods, found);
    return found;
  }

  /**
   * What one end's policies let pass: every port for an end that is no pod of the cluster. `decided` is told of each part
   * that a rule decides. What cannot be known (a template's labels, a part of a range) counts as no match: `boundsOf` says
   * what holds for certain. `leaning` says what counts of rules with conditions.
   */
  side(
    direction: Direction,
    from: Endpoint,
    to: Endpoint,
    decided?: (stage: Stage, rule: AppliedRule, ports: PortId) => void,
    leaning: Leaning = 'most',
  ): PortId {
    const [own, other] = direction === 'egress' ? [from, to] : [to, from];
    if (own.kind !== 'pods') return this.table.all;
    const ownPorts = (applied: AppliedRule) => {
      // What described pods call their ports is not known: a name stays a name.
      if (to.kind === 'some pods') return applied.rule.ports;
      const set = portsOfRule(this.cluster, applied, to.kind === 'pods' ? to.pods : undefined);
      return to.kind === 'pods' ? set : portsOn(set, []);
    };
    const [found] = judge(
      this.table,
      stagesAbout(this.cluster, this.stages(own.pods, direction), direction, from, to),
      1,
      {
        applies: (rule) => (ruleCounts(this.cluster, rule, other, leaning) ? [0] : []),
        // What described pods call their ports is not known: a name stays a name.
        ports: (rule) => this.table.idOf(ownPorts(rule)),
        ...(decided && { decided: (stage, rule, _end, ports) => decided(stage, rule, ports) }),
      },
      leaning,
    );
    return found ?? this.table.none;
  }

  /** The ports on which a connection passes: both ends must allow it (FACTS B0). */
  between(from: Endpoint, to: Endpoint): PortId {
    return this.table.intersect(this.side('egress', from, to), this.side('ingress', from, to));
  }
}
