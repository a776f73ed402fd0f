import type { AddressSet } from '../model/addresses.js';
import type { Direction, Rule } from '../model/policy.js';
import { noPorts, type PortSet, printConnections, union } from '../model/ports.js';
import type { AppliedPolicy, Cluster } from './cluster.js';
import { noConnections } from './connection-words.js';
import type { Side } from './diff.js';
import { groupBy } from './group-by.js';
import type { PodClass } from './pod-classes.js';
import type { PortId } from './port-table.js';
import type { Condition, Reach } from './reach.js';
import {
  askedBesides,
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
} from './stages.js';
import type { Judge } from './verdict.js';

/** The conditions of a connection on both sides. */
export interface ComparedConditions {
  readonly same: boolean;
  /** Equal for pairs of the same conditions. */
  readonly key: string;
  readonly both: readonly [before: readonly Condition[], after: readonly Condition[]];
}

type End = PodClass | AddressSet;

/** Where no rule asks anything besides ends and ports. */
export const unconditional: ComparedConditions = { same: true, key: '', both: [[], []] };

/**
 * Compares under which conditions connections pass. Nothing is worked out for ends on which no policy of either side has
 * any: most policies have none.
 */
export class Conditions {
  readonly #policies: readonly [ReadonlySet<AppliedPolicy>, ReadonlySet<AppliedPolicy>];
  readonly #asking = new Map<PodClass, ReadonlySet<Direction>>();

  constructor(
    private readonly clusters: readonly [Cluster, Cluster],
    private readonly reaches: readonly [Reach, Reach],
  ) {
    const asking = ({ policies }: Cluster) =>
      new Set(policies.filter(({ placed }) => placed.value.rules.some(isConditional)));
    this.#policies = [asking(clusters[0]), asking(clusters[1])];
  }

  /** Of what may pass from some ends to others on each side; pods of one name may be several. */
  pair(from: (side: Side) => readonly End[], to: (side: Side) => readonly End[]): ComparedConditions {
    if (this.#policies.every(({ size }) => size === 0)) return unconditional;
    const asks = (side: Side) =>
      from(side).some((end) => this.#asks(side, end, 'egress')) ||
      to(side).some((end) => this.#asks(side, end, 'ingress'));
    if (!asks(0) && !asks(1)) return unconditional;
    const own = (side: Side) =>
      asks(side) ? from(side).flatMap((a) => to(side).flatMap((b) => this.reaches[side].conditions(a, b))) : [];
    const both = [own(0), own(1)] as const;
    const [before, after] = [conditionsKey(both[0]), conditionsKey(both[1])];
    return { same: before === after, key: JSON.stringify([before, after]), both };
  }

  #asks(side: Side, end: End, direction: Direction): boolean {
    if (!('members' in end)) return false;
    const known = this.#asking.get(end);
    if (known !== undefined) return known.has(direction);
    const [pods] = end.members;
    const own =
      pods === undefined
        ? []
        : policiesNear(this.clusters[side], pods.namespace).filter(
            (policy) => this.#policies[side].has(policy) && selectsPods(policy, pods) === 'yes',
          );
    const rules = own.flatMap(({ placed }) => placed.value.rules.filter(isConditional));
    const found = new Set(rules.map((rule) => rule.direction));
    this.#asking.set(end, found);
    return found.has(direction);
  }
}

/** Equal for conditions that ask the same of the same ports of TCP, UDP and SCTP, however rules share them out. */
export function conditionsKey(conditions: readonly Condition[]): string {
  const byWords = groupBy(conditions, ({ words }) => words.join(', '));
  const parts = [...byWords].flatMap(([words, alike]) => {
    const text = printConnections(alike.map(({ ports }) => ports).reduce(union, noPorts));
    return text === noConnections ? [] : [`${text} only ${words}`];
  });
  return parts.sort().join('; ');
}

/** What the policies of one end ask of a connection that passes on these ports, as `Reach.conditions` does for classes. */
export function conditionsOn(
  judge: Judge,
  direction: Direction,
  from: Endpoint,
  to: Endpoint,
  within: PortSet,
): readonly Condition[] {
  const { cluster, table } = judge;
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  if (own.kind !== 'pods') return [];
  const bound = (leaning: Leaning) => judge.side(direction, from, to, undefined, leaning);
  const ports = table.intersect(table.subtract(bound('most'), bound('least')), table.idOf(within));
  if (ports === table.none) return [];
  const stages = stagesAbout(cluster, judge.stages(own.pods, direction), direction, from, to);
  return stages.flatMap(({ rules }) =>
    rules.flatMap((applied): readonly Condition[] => {
      const { rule } = applied;
      if (!isConditional(rule) || !countsIn(rule, (leaning) => ruleCounts(cluster, applied, other, leaning))) return [];
      const destination = to.kind === 'pods' ? to.pods : undefined;
      const opened = table.idOf(portsOn(portsOfRule(cluster, applied, destination), destination?.ports ?? []));
      const shared: PortId = table.intersect(opened, ports);
      return shared === table.none ? [] : [{ ports: table.setOf(shared), words: askedBesides(rule) }];
    }),
  );
}

/** A Pass under a condition is told once, with what surely passes. */
function countsIn(rule: Rule, counts: (leaning: Leaning) => boolean): boolean {
  return (['most', 'least'] as const).some(
    (leaning) => leans(rule, leaning) && !(rule.action === 'Pass' && leaning === 'most') && counts(leaning),
  );
}
