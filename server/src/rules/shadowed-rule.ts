import { contains, mayOverlap, type Part, subjectContains, subjectsMayOverlap } from '../engine/containment.js';
import type { Policy, Rule } from '../model/policy.js';
import { isEmpty } from '../model/ports.js';
import { list } from '../model/print.js';
import type { Place } from '../model/workload.js';
import type { Fix } from '../text/fix.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { areAppliedTogether, mayBeAppliedTogether } from './applied-together.js';
import { isCalico } from './calico-tiers.js';
import { removeItemAt, removeRule } from './remove-rule.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { deciderInTiers, judgedBeforeInTiers } from './shadowed-in-tiers.js';

export const shadowedRule = definePolicyRule({
  id: 'shadowed-rule',
  group: 'No effect',
  severity: 'warning',
  summary: 'A rule never takes effect: rules that are judged before it decide everything it matches.',
  check,
});

export const shadowedRulePage: RulePage = {
  what: `Reports a rule, or one peer of it, that never decides anything, since a rule that is judged before it matches all of its traffic and does something else:

- an allow of a **NetworkPolicy** that an AdminNetworkPolicy, or a ClusterNetworkPolicy of the Admin tier, denies for at least the same pods;
- a rule of a **cluster-wide policy** behind another of the same policy, or of one with a lower priority number;
- a rule of the **Baseline** tier whose traffic the Admin tier already allows or denies;
- a rule of a **Calico** policy behind another of the same policy, of one of the same tier with a lower order, or of an earlier tier; and an allow of a NetworkPolicy that such a rule denies.

The one that decides is shown. It stays silent where a rule still further ahead may pass part of the traffic on or decide it otherwise, where priorities are equal (see \`priority-conflict\` and \`order-tie\`), where the earlier rule does the same (within one policy that is \`redundant-rule\`), and about baseline rules for pods that NetworkPolicies isolate: the baseline is there for those that are not. Between files that merely lie in folders it is information, unless they lie in one and the manifests show the pods: they may be for different clusters.`,
  why: 'The cluster administrator’s policies are judged first, and Deny there is final: no NetworkPolicy can allow the traffic again. Nobody says so where the NetworkPolicy is written, and the connection stays blocked with an allow in plain view. In an ordered list the same happens to an exception that stands below what it is an exception from.',
  bad: `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: no-ssh
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: {}
  ingress:
    - name: deny-ssh
      action: Deny
      from:
        - namespaces: {}
      protocols:
        - tcp:
            destinationPort:
              number: 22
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: bastion
  namespace: ops
spec:
  podSelector:
    matchLabels:
      app: bastion
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: jump
      ports:
        - port: 22
`,
  good: `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: no-ssh
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: {}
  ingress:
    - name: pass-ops
      action: Pass
      from:
        - namespaces:
            matchLabels:
              kubernetes.io/metadata.name: ops
    - name: deny-ssh
      action: Deny
      from:
        - namespaces: {}
      protocols:
        - tcp:
            destinationPort:
              number: 22
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: bastion
  namespace: ops
spec:
  podSelector:
    matchLabels:
      app: bastion
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: jump
      ports:
        - port: 22
`,
  references: ['https://network-policy-api.sigs.k8s.io/api-overview/'],
};

function* check({ scope, policy, profile }: PolicyContext): Iterable<Finding> {
  const { family, isolates, rules } = policy.value;
  if (family === 'cilium' || (family === 'calico' && !isCalico(policy, profile))) return;
  const before = scope.clusterPolicies.filter((other) => isJudgedBefore(scope, other, policy));
  const tiered = () => (family === 'cluster' ? [] : judgedBeforeInTiers(scope, policy, profile));
  for (const rule of rules) {
    if (rule.uncertain || isEmpty(rule.ports) || rule.peers.length === 0) continue;
    if (family !== 'cluster' && !isolates.includes(rule.direction)) continue;
    const deciders = rule.peers.map(
      (peer) =>
        deciderOf(scope, { policy, rule, peer }, before) ?? deciderInTiers(scope, { policy, rule, peer }, tiered()),
    );
    const found = deciders.filter((decider) => decider !== undefined);
    if (found.length === deciders.length) {
      // A cluster-wide policy needs one rule at least to do anything.
      // Where types are left to their default, its last rule of a direction decides about them.
      const last = rules.filter(({ direction }) => direction === rule.direction).length === 1;
      const only =
        family === 'calico' ? last && policy.value.isolatesByDefault : family === 'cluster' && rules.length === 1;
      const fix = only ? undefined : removeRule(policy, rule, 'it never takes effect');
      yield finding(scope, policy, rule.at, 'rule', rule, found, fix);
      continue;
    }
    for (const [index, peer] of rule.peers.entries()) {
      const decider = deciders[index];
      if (decider === undefined) continue;
      const fix = removeItemAt(policy, rule, peer.at, 'peer', 'it never takes effect');
      yield finding(scope, policy, peer.at, 'peer', rule, [decider], fix);
    }
  }
}

/** For some of the pods, with certainty: itself (its own earlier rules), and what goes before it, for all its pods. */
function isJudgedBefore(scope: Scope, other: Placed<Policy>, policy: Placed<Policy>): boolean {
  if (other.value.family !== 'cluster' || other.value.uncertain) return false;
  if (other === policy) return true;
  if (!mayBeAppliedTogether(scope, policy, other)) return false;
  const [a, b] = [other.value.order, policy.value.order];
  const first =
    a.tier === b.tier ? other.value.kind === policy.value.kind && a.priority < b.priority : a.tier === 'admin';
  return first && subjectContains(scope, other, policy);
}

/** What decides all of a part before it is asked, and otherwise than it would. */
function deciderOf(scope: Scope, inner: Part, before: readonly Placed<Policy>[]): Part | undefined {
  for (const policy of inOrder(before)) {
    for (const rule of policy.value.rules) {
      if (rule.direction !== inner.rule.direction) continue;
      if (policy === inner.policy && rule.index >= inner.rule.index) continue;
      const found = rule.peers.map((peer) => ({ policy, rule, peer })).find((each) => contains(scope, each, inner));
      if (found === undefined) continue;
      if (policy.value.order.tier === inner.policy.value.order.tier) {
        return rule.action === inner.rule.action ? undefined : found;
      }
      // Across tiers, Pass decides nothing, and to allow what a NetworkPolicy allows as well is no fault.
      const other = rule.action === 'Deny' ? inner.rule.action !== 'Deny' : inner.rule.action === 'Deny';
      return rule.action !== 'Pass' && other && !isTakenOut(scope, found, inner) ? found : undefined;
    }
  }
  return undefined;
}

/** Lower priority first. */
function inOrder(policies: readonly Placed<Policy>[]): readonly Placed<Policy>[] {
  const rank = ({ value: { order } }: Placed<Policy>) => (order.tier === 'admin' ? 0 : 10_000) + order.priority;
  return policies.toSorted((a, b) => rank(a) - rank(b));
}

/** Whether a rule that is, or may be, judged still before may do something else with some of the traffic. */
function isTakenOut(scope: Scope, decider: Part, inner: Part): boolean {
  const { tier, priority } = decider.policy.value.order;
  return scope.clusterPolicies.some((policy) => {
    const { order, rules, uncertain } = policy.value;
    if (order.tier !== tier || !subjectsMayOverlap(scope, policy, inner.policy)) return false;
    const own = policy === decider.policy;
    // Kinds of another API have an order of their own.
    if (!own && order.priority > priority && policy.value.kind === decider.policy.value.kind) return false;
    if (uncertain) return true;
    return rules.some(
      (rule) =>
        rule.direction === inner.rule.direction &&
        rule.action !== decider.rule.action &&
        (!own || rule.index < decider.rule.index) &&
        rule.peers.some((peer) => mayOverlap(scope, { policy, rule, peer }, inner)),
    );
  });
}

function finding(
  scope: Scope,
  policy: Placed<Policy>,
  at: Place,
  what: 'rule' | 'peer',
  rule: Rule,
  deciders: readonly Part[],
  fix: Fix | undefined,
): Finding {
  const rules = [...new Map(deciders.map((decider) => [decider.rule, decider])).values()];
  const names = list(
    rules.map((each) => nameOf(each, policy)),
    3,
  );
  const verbs = {
    Allow: ['allows', 'allow'],
    Deny: ['denies', 'deny'],
    Pass: ['passes on', 'pass on'],
    Log: ['logs', 'log'],
  };
  const [first] = rules;
  const verb = verbs[first?.rule.action ?? 'Deny'][rules.length === 1 ? 0 : 1];
  const namespaced = policy.value.family === 'kubernetes';
  const advice = !namespaced
    ? 'Move it ahead of that rule, if it is an exception from it; else remove it.'
    : first?.policy.value.family === 'calico'
      ? 'For Calico it stands behind. Remove it, or have this traffic allowed ahead of that rule.'
      : `Nothing that a NetworkPolicy says can change that. Remove it, or have the cluster's administrator pass this traffic on ahead of that rule.`;
  const subject = namespaced && what === 'rule' ? `This ${rule.direction} allow` : `This ${what}`;
  const together = rules.every((each) => areAppliedTogether(scope, policy, each.policy));
  return {
    at,
    ...(!together ? { severity: 'info' as const } : {}),
    message: `${subject} never takes effect: ${names} ${verb} all of it before. ${advice}`,
    related: rules.map((each) => ({ at: each.rule.at, message: `${nameOf(each, policy)} decides first` })),
    ...(fix === undefined ? {} : { fixes: [fix] }),
  };
}

/** `ingress[0] ("deny-ssh") of ClusterNetworkPolicy no-ssh`; without the policy where that is the rule's own. */
function nameOf({ policy, rule }: Part, own: Placed<Policy>): string {
  const name = rule.name === undefined ? '' : ` ("${rule.name}")`;
  const whose = policy === own ? '' : ` of ${policy.value.kind} ${policy.value.name}`;
  return `${rule.direction}[${rule.index}]${name}${whose}`;
}
