import { contains, mayOverlap, type Part, subjectContains, subjectsMayOverlap } from '../engine/containment.js';
import { selects } from '../engine/matching.js';
import type { Policy } from '../model/policy.js';
import { list } from '../model/print.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { spanOf, valueAt } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { areAppliedTogether, mayBeAppliedTogether } from './applied-together.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const priorityConflict = definePolicyRule({
  id: 'priority-conflict',
  group: 'No effect',
  families: ['cluster'],
  severity: 'warning',
  summary: 'Two cluster-wide policies of one priority disagree about the same traffic.',
  check,
});

export const priorityConflictPage: RulePage = {
  what: `Reports an AdminNetworkPolicy or ClusterNetworkPolicy that has the priority of another one of its tier, where both may select the same pods, and a rule of one says otherwise than a rule of the other about the same traffic. Of the two, the later in the files is reported, and the other is shown.

It is a warning where the one set of pods, and the traffic of the one rule, surely is part of the other's, and information where they only may overlap, or lie in different files of a folder that shows none of the pods. Other folders are not compared. Policies that are disjoint, or do the same, may share a priority.`,
  why: 'The API leaves it open which of two policies of one priority is asked first. Some plugins go by name, some put Deny before Allow; the same manifests then allow a connection in one cluster and deny it in the other, or change when a policy is renamed.',
  bad: `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: strict-tenancy
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: {}
  ingress:
    - name: deny-others
      action: Deny
      from:
        - namespaces: {}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: monitoring
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: {}
  ingress:
    - name: accept-monitoring
      action: Accept
      from:
        - namespaces:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
`,
  good: `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: strict-tenancy
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: {}
  ingress:
    - name: deny-others
      action: Deny
      from:
        - namespaces: {}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: monitoring
spec:
  tier: Admin
  priority: 9
  subject:
    namespaces: {}
  ingress:
    - name: accept-monitoring
      action: Accept
      from:
        - namespaces:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
`,
  references: ['https://network-policy-api.sigs.k8s.io/api-overview/'],
};

/** Two parts about the same traffic, of two policies, with different actions. */
interface Conflict {
  readonly mine: Part;
  readonly theirs: Part;
}

function* check({ scope, policy }: PolicyContext): Iterable<Finding> {
  const node = valueAt(specOf(policy), 'priority');
  if (node?.kind !== 'scalar') return;
  const equals = peersOf(scope, policy).filter(({ value }) => value.order.priority === policy.value.order.priority);
  const earlier = equals.slice(0, equals.indexOf(policy));
  const found = earlier.flatMap((other) => {
    if (!mayBeAppliedTogether(scope, policy, other) || !subjectsMayOverlap(scope, policy, other)) return [];
    return conflictsOf(scope, policy, other);
  });
  const others = [...new Set(found.map(({ theirs }) => theirs.policy))];
  const [first] = found;
  if (first === undefined) return;
  const sure = found.some(
    ({ mine, theirs }) =>
      areAppliedTogether(scope, policy, theirs.policy) &&
      surelyOverlap(scope, policy, theirs.policy) &&
      (contains(scope, mine, theirs) || contains(scope, theirs, mine)),
  );
  const { order } = policy.value;
  yield {
    at: spanOf(node),
    ...(sure ? {} : { severity: 'info' as const }),
    message: `${list(
      others.map(({ value }) => value.name),
      3,
    )} ${others.length === 1 ? 'has' : 'have'} priority ${order.priority} as well, and ${nameOf(first.theirs)} and ${nameOf(first.mine)} of this policy disagree about ${sure ? 'the same' : 'what may be the same'} traffic: which of them is asked first is not defined, and differs between network plugins. Give the policies different priorities.`,
    related: found.slice(0, 3).flatMap(({ mine, theirs }) => [
      { at: theirs.rule.at, message: `${nameOf(theirs)} of ${theirs.policy.value.name}` },
      { at: mine.rule.at, message: `${nameOf(mine)} of this policy` },
    ]),
    fixes: [
      ...(found.some(({ mine, theirs }) => contains(scope, theirs, mine)) ? [] : move(scope, policy, 1)),
      ...(found.some(({ mine, theirs }) => contains(scope, mine, theirs)) ? [] : move(scope, policy, -1)),
    ],
  };
}

/** All policies that share the policy's order of priorities. */
function peersOf(scope: Scope, { value: { kind, order } }: Placed<Policy>): readonly Placed<Policy>[] {
  return scope.clusterPolicies.filter(
    ({ value }) =>
      value.family === 'cluster' && !value.uncertain && value.kind === kind && value.order.tier === order.tier,
  );
}

/** The traffic that both decide, differently; none that an earlier rule or policy has decided already. */
function conflictsOf(scope: Scope, policy: Placed<Policy>, other: Placed<Policy>): readonly Conflict[] {
  const [mineAll, theirsAll] = [partsOf(policy), partsOf(other)];
  if (mineAll.length * theirsAll.length > mostPairs) return [];
  const before = peersOf(scope, policy)
    .filter(
      (each) =>
        each.value.order.priority < policy.value.order.priority &&
        (subjectContains(scope, each, policy) || subjectContains(scope, each, other)),
    )
    .flatMap(partsOf);
  return mineAll.flatMap((mine) =>
    theirsAll
      .filter((theirs) => {
        if (mine.rule.direction !== theirs.rule.direction || mine.rule.action === theirs.rule.action) return false;
        if (!mayOverlap(scope, mine, theirs)) return false;
        const earlier = [...before, ...rulesBefore(mineAll, mine), ...rulesBefore(theirsAll, theirs)].filter(
          ({ rule }) => rule.direction === mine.rule.direction,
        );
        return !earlier.some((each) => contains(scope, each, mine) || contains(scope, each, theirs));
      })
      .map((theirs) => ({ mine, theirs })),
  );
}

function rulesBefore(parts: readonly Part[], { rule }: Part): readonly Part[] {
  return parts.filter((each) => each.rule.index < rule.index);
}

const mostPairs = 2_500;

function partsOf(policy: Placed<Policy>): readonly Part[] {
  return policy.value.rules.flatMap((rule) => rule.peers.map((peer) => ({ policy, rule, peer })));
}

/** One selects all that the other does, or the manifests show a workload that both select. */
function surelyOverlap(scope: Scope, a: Placed<Policy>, b: Placed<Policy>): boolean {
  if (subjectContains(scope, a, b) || subjectContains(scope, b, a)) return true;
  return scope.workloads.some((each) => selects(scope, a, each) === 'yes' && selects(scope, b, each) === 'yes');
}

/** To the next number that nobody has, behind (1) or ahead (-1) of those that have the same. */
function move(scope: Scope, policy: Placed<Policy>, step: 1 | -1): readonly Fix[] {
  const { priority } = policy.value.order;
  const taken = peersOf(scope, policy).filter((other) => other !== policy);
  let free = priority + step;
  while (taken.some(({ value }) => value.order.priority === free)) free += step;
  // FACTS A2: priorities go from 0 to 1000.
  if (free < 0 || free > 1000) return [];
  const passed = taken.filter(
    ({ value: { order } }) => step * (order.priority - priority) >= 0 && step * (free - order.priority) > 0,
  );
  const node = valueAt(specOf(policy), 'priority');
  return [
    {
      title: `Change priority to ${free}, ${step > 0 ? 'behind' : 'ahead of'} ${list(passed.map(({ value }) => value.name))}`,
      changes: () => editOnly(node?.kind === 'scalar' ? replaceScalar(node, free) : undefined),
    },
  ];
}

function nameOf({ rule }: Part): string {
  return `${rule.direction}[${rule.index}] (${rule.action === 'Allow' ? 'accept' : rule.action.toLowerCase()}${rule.name === undefined ? '' : `, "${rule.name}"`})`;
}
