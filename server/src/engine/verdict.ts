import type { Direction } from '../model/policy.js';
import { type DeclaredPort, hasNamed, type PortSet, resolveNamed } from '../model/ports.js';
import { type Cluster, isOwnNode, type Pods } from './cluster.js';
import { type PortId, PortTable } from './port-table.js';
import { type AppliedRule, type Endpoint, policiesOn, ruleTakes, type Stage, stagesOf } from './stages.js';

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
 * isolated; then the baseline; what nothing decides is allowed.
 */
export function judge(table: PortTable, stages: readonly Stage[], count: number, questions: Questions): Int32Array {
  const open = new Int32Array(count).fill(table.all);
  const allowed = new Int32Array(count).fill(table.none);
  for (const stage of stages) {
    if (stage.mode === 'additive') {
      if (stage.isolatedBy.length === 0) continue;
      for (const rule of stage.rules) each(stage, rule, allow);
      open.fill(table.none);
      continue;
    }
    const passed = new Int32Array(count).fill(table.none);
    for (const rule of stage.rules) {
      const { action } = rule.rule;
      if (action === 'Log') continue;
      each(stage, rule, (end, ports) => {
        if (action === 'Allow') allow(end, ports);
        if (action === 'Pass') passed[end] = table.union(passed[end] ?? table.none, ports);
        open[end] = table.subtract(open[end] ?? table.none, ports);
      });
    }
    join(open, passed);
  }
  join(allowed, open);
  return allowed;

  function each(stage: Stage, rule: AppliedRule, then: (end: number, ports: PortId) => void): void {
    for (const end of questions.applies(rule)) {
      const ports = table.intersect(open[end] ?? table.none, questions.ports(rule, end));
      if (ports === table.none) continue;
      questions.decided?.(stage, rule, end, ports);
      then(end, ports);
    }
  }

  function allow(end: number, ports: PortId): void {
    allowed[end] = table.union(allowed[end] ?? table.none, ports);
  }

  function join(into: Int32Array, more: Int32Array): void {
    for (const [end, ports] of more.entries()) into[end] = table.union(into[end] ?? table.none, ports);
  }
}

/** A rule's ports on pods that declare these; without names as they are. */
export function portsOn(set: PortSet, declared: readonly DeclaredPort[]): PortSet {
  return hasNamed(set) ? resolveNamed(set, declared) : set;
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
    const found = stagesOf(policiesOn(this.cluster, pods), direction);
    byPods.set(pods, found);
    return found;
  }

  /**
   * What one end's policies let pass: every port for an end that is no pod of the cluster. `decided` is told of each part
   * that a rule decides. What cannot be known (a template's labels, a part of a range) counts as no match: `boundsOf` says
   * what holds for certain.
   */
  side(
    direction: Direction,
    from: Endpoint,
    to: Endpoint,
    decided?: (stage: Stage, rule: AppliedRule, ports: PortId) => void,
  ): PortId {
    const [own, other] = direction === 'egress' ? [from, to] : [to, from];
    if (own.kind !== 'pods') return this.table.all;
    if (direction === 'ingress' && from.kind === 'pods' && isOwnNode(from.pods, own.pods)) return this.table.all;
    const declared = to.kind === 'pods' ? to.pods.ports : [];
    const [found] = judge(this.table, this.stages(own.pods, direction), 1, {
      applies: (rule) => (ruleTakes(this.cluster, rule, other) === 'yes' ? [0] : []),
      // What described pods call their ports is not known: a name stays a name.
      ports: ({ rule }) => this.table.idOf(to.kind === 'some pods' ? rule.ports : portsOn(rule.ports, declared)),
      ...(decided && { decided: (stage, rule, _end, ports) => decided(stage, rule, ports) }),
    });
    return found ?? this.table.none;
  }

  /** The ports on which a connection passes: both ends must allow it (FACTS B0). */
  between(from: Endpoint, to: Endpoint): PortId {
    return this.table.intersect(this.side('egress', from, to), this.side('ingress', from, to));
  }
}
