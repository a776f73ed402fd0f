import {
  describeEnds,
  describeNamespaces,
  describeNodes,
  describePods,
  describePorts,
  workloadName,
  workloadNames,
} from '../../engine/describe.js';
import type { OrderedRule } from '../../engine/effective.js';
import { selects, workloadsWhere } from '../../engine/matching.js';
import { ranksOf, tierEnd } from '../../engine/tiers.js';
import { takesEverything } from '../../engine/turns.js';
import type { Direction, Policy } from '../../model/policy.js';
import { count } from '../../model/print.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import type { EffectiveView, OrderedRow } from './view.js';

/** A cluster-wide policy by itself: what it decides hangs on the pod, so its rules are shown and not their union. */
export function viewOfClusterPolicy(scope: Scope, policy: Placed<Policy>): EffectiveView {
  const { value } = policy;
  const { sure, possible } = workloadsWhere(scope.workloads, (workload) => selects(scope, policy, workload));
  const { namespaces, pods, nodes } = value.subject;
  const who =
    nodes === undefined
      ? `${describePods(pods)} ${describeNamespaces(namespaces, policy.namespace)}`
      : `${describeNodes(nodes)}, not pods`;
  const found =
    sure.length > 0
      ? `${count(sure.length, 'workload')}: ${workloadNames(sure, undefined, 6)}`
      : possible.length > 0
        ? `perhaps ${workloadNames(possible, undefined)}`
        : 'no workload of this workspace';
  return {
    name: value.name,
    kind: value.kind,
    namespace: null,
    where: rankOf(value),
    subject: `selects ${who} (${found})`,
    selects: () => sure.map(workloadName),
    directions: (['ingress', 'egress'] as const).map((direction) => {
      const rows = value.rules
        .filter((rule) => rule.direction === direction)
        .map((rule) => orderedRow({ policy, rule, selects: 'yes' }));
      return {
        direction,
        state: 'open',
        isolatedBy: [],
        sentence: [ownSentence(value, direction, rows.length)],
        before: value.order.tier === 'baseline' ? [] : rows,
        rows: [],
        closing: rows.length === 0 ? undefined : otherwise(scope, policy, direction),
        after: value.order.tier === 'baseline' ? rows : [],
        warnings: [],
      };
    }),
    others: [],
    uncertain: value.uncertain,
  };
}

/** Where a policy stands among the others. */
export function rankOf({ order, family, clusterWide, staged }: Policy): string {
  const scope = clusterWide ? 'cluster-wide' : '';
  const parts = [
    scope,
    order.tier === 'tiered' ? `tier ${order.tierName}` : '',
    order.tier === 'tiered' && Number.isFinite(order.priority) ? `order ${order.priority}` : '',
    order.tier === 'tiered' && !Number.isFinite(order.priority) ? 'no order, so after the others' : '',
    order.tier === 'admin' ? `asked before network policies, priority ${order.priority}` : '',
    order.tier === 'baseline' ? 'asked after network policies' : '',
    family === 'cilium' ? 'with all other policies on the same pods' : '',
    staged ? 'staged: nothing of it is enforced' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function ownSentence(policy: Policy, direction: Direction, rules: number): string {
  if (policy.family === 'cluster') {
    return rules === 0 ? 'no rule: nothing is decided here' : 'the first rule that matches decides:';
  }
  const isolates = policy.isolates.includes(direction);
  if (rules === 0) {
    return isolates
      ? 'isolated by this policy, which allows nothing itself'
      : 'not isolated by this policy, and it has no rule';
  }
  if (policy.family === 'cilium') return 'what any rule denies is denied, of the rest what any rule allows is allowed:';
  return 'the first rule that matches decides:';
}

function otherwise(scope: Scope, policy: Placed<Policy>, direction: Direction): string | undefined {
  const { order, family, isolates, subject } = policy.value;
  if (family === 'cluster' && order.tier === 'admin')
    return 'everything else is decided by other cluster-wide policies, then by network policies';
  if (family === 'cluster')
    return 'everything else is allowed, and all of this counts only where no network policy isolates the pods';
  // Before connections are tracked or destinations translated nothing is dropped in the end (Calico's documentation of preDNAT).
  if (order.tier === 'tiered' && subject.nodes !== undefined) return 'everything else goes on to the other policies';
  if (order.tier === 'tiered' && isolates.includes(direction)) return atTierEnd(scope, policy, direction);
  return isolates.includes(direction)
    ? 'everything else is denied, unless another policy on the same pods allows it'
    : 'everything else is left to other policies';
}

/** What becomes of what a policy in a tier does not decide, and of what it passes on (FACTS A3.3, B4). */
function atTierEnd(scope: Scope, policy: Placed<Policy>, direction: Direction): string | undefined {
  const { order, rules } = policy.value;
  const tier = order.tierName ?? 'default';
  const own = rules.filter((rule) => rule.direction === direction);
  const others = `another policy of tier ${tier} on the same pods`;
  const passed = own.some(({ action }) => action === 'Pass')
    ? 'what is passed on is left to the tiers behind it, and allowed where none of their policies selects the pods'
    : '';
  const decidesAll = own.some(
    (rule) => rule.action !== 'Log' && takesEverything({ policy: { placed: policy, selects: 'yes' }, rule }),
  );
  const left = decidesAll
    ? ''
    : tierEnd(ranksOf(scope.tiers), tier) === 'Pass'
      ? `everything else is passed on to the next tier, unless ${others} decides it`
      : `everything else is denied, unless ${others} decides otherwise`;
  return [passed, left].filter((each) => each !== '').join('; ') || undefined;
}

export function orderedRow({ policy, rule, selects }: OrderedRule, tier?: string): OrderedRow {
  const actions = { Allow: 'allows', Deny: 'denies', Pass: 'passes on', Log: 'logs' } as const;
  return {
    action: actions[rule.action],
    ports: describePorts(rule.ports, rule),
    who: describeEnds(rule, policy.namespace),
    tier,
    partly: selects !== 'yes',
    by: { label: policy.value.name, at: rule.at },
  };
}
