import { contains, mayOverlap, type Part, subjectContains, subjectsMayOverlap } from '../engine/containment.js';
import type { Family, Policy, Rule } from '../model/policy.js';
import { isEmpty } from '../model/ports.js';
import { list } from '../model/print.js';
import type { Place } from '../model/workload.js';
import type { Fix } from '../text/fix.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { areAppliedTogether, mayBeAppliedTogether } from './applied-together.js';
import { isCalico } from './calico-tiers.js';
import { denierOf, denyingPolicies } from './cilium-denies.js';
import { ciliumEntries, peerSpan } from './cilium-entries.js';
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
- a rule of a **Calico** policy behind another of the same policy, of one of the same tier with a lower order, or of an earlier tier; and an allow of a NetworkPolicy that such a rule denies;
- an entry of a **Cilium** policy, or an allow of a NetworkPolicy beside it, that \`ingressDeny\` or \`egressDeny\` of the same policy, or of one for at least the same pods, denies: there the order does not count, and what any policy denies is denied.

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
  references: [
    'https://network-policy-api.sigs.k8s.io/api-overview/',
    'https://docs.cilium.io/en/stable/security/policy/language/#deny-policies',
  ],
};

function* check({ scope, policy, profile }: PolicyContext): Iterable<Finding> {
  const { family, isolates, rules } = policy.value;
  const denying = denyingPolicies(scope, policy, profile);
  if (family === 'cilium') {
    if (denying.length > 0) yield* deniedEntries(scope, policy, denying);
    return;
  }
  if (family === 'calico' && !isCalico(policy, profile)) return;
  const before = scope.clusterPolicies.filter((other) => isJudgedBefore(scope, other, policy));
  const tiered = () => (family === 'cluster' ? [] : judgedBeforeInTiers(scope, policy, profile));
  for (const rule of rules) {
    if (rule.uncertain || isEmpty(rule.ports) || rule.peers.length === 0) continue;
    if (family !== 'cluster' && !isolates.includes(rule.direction)) continue;
    const deciders = rule.peers.map(
      (peer) =>
        deciderOf(scope, { policy, rule, peer }, before) ??
        deciderInTiers(scope, { policy, rule, peer }, tiered()) ??
        denierOf(scope, { policy, rule, peer }, denying),
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

/** The entries of a Cilium policy that allow, and are denied: all of one, or some of its peers. */
function* deniedEntries(scope: Scope, policy: Placed<Policy>, denying: readonly Placed<Policy>[]): Iterable<Finding> {
  for (const entry of ciliumEntries(policy)) {
    const rules = entry.rules.filter(({ ports }) => !isEmpty(ports));
    const [first] = rules;
    if (entry.action !== 'Allow' || first === undefined || first.peers.length === 0) continue;
    // Each of its rules is about the same peers, on other ports.
    const deniers = first.peers.map((peer) => rules.map((rule) => denierOf(scope, { policy, rule, peer }, denying)));
    const known = deniers.map((parts) => parts.filter((part) => part !== undefined));
    const denied = known.map((parts) => parts.length === rules.length);
    if (!denied.includes(false)) {
      yield finding(scope, policy, entry.at, 'rule', first, known.flat(), undefined);
      continue;
    }
    for (const [index, peer] of first.peers.entries())
      if (denied[index])
        yield finding(scope, policy, peerSpan(entry, peer), 'peer', first, known[index] ?? [], undefined);
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
  const { family } = policy.value;
  const decidedBy = first?.policy.value.family;
  const ordered = decidedBy !== 'cilium';
  const whole = family === 'cilium' && what === 'rule' ? 'entry' : what;
  const subject = family === 'kubernetes' && what === 'rule' ? `This ${rule.direction} allow` : `This ${whole}`;
  const together = rules.every((each) => areAppliedTogether(scope, policy, each.policy));
  return {
    at,
    ...(!together ? { severity: 'info' as const } : {}),
    message: `${subject} never takes effect: ${names} ${verb} all of it${ordered ? ' before' : ''}. ${adviceFor(policy.value, rule, decidedBy)}`,
    related: rules.map((each) => ({
      at: each.rule.at,
      message: `${nameOf(each, policy)} ${ordered ? 'decides first' : 'denies it'}`,
    })),
    ...(fix === undefined ? {} : { fixes: [fix] }),
  };
}

function adviceFor({ family, isolates, rules }: Policy, rule: Rule, decidedBy: Family | undefined): string {
  if (decidedBy === 'cilium') {
    const more = rules.some(
      ({ direction, at }) => direction === rule.direction && at.range.start !== rule.at.range.start,
    );
    // Entries are what isolates: without any the pods would be open for what nobody denies.
    const isolating = family === 'cilium' && isolates.includes(rule.direction) && !more;
    return `With Cilium what any policy denies is denied, whatever is allowed. ${
      isolating
        ? 'Have less denied there, or write an entry `- {}`, which isolates and allows nobody.'
        : 'Remove it, or have less denied there.'
    }`;
  }
  if (family !== 'kubernetes') return 'Move it ahead of that rule, if it is an exception from it; else remove it.';
  return decidedBy === 'calico'
    ? 'For Calico it stands behind. Remove it, or have this traffic allowed ahead of that rule.'
    : `Nothing that a NetworkPolicy says can change that. Remove it, or have the cluster's administrator pass this traffic on ahead of that rule.`;
}

/** `ingress[0] ("deny-ssh") of ClusterNetworkPolicy no-ssh`; without the policy where that is the rule's own. */
function nameOf({ policy, rule }: Part, own: Placed<Policy>): string {
  const name = rule.name === undefined ? '' : ` ("${rule.name}")`;
  const whose = policy === own ? '' : ` of ${policy.value.kind} ${policy.value.name}`;
  const denies = policy.value.family === 'cilium' && rule.action === 'Deny' ? 'Deny' : '';
  return `${rule.direction}${denies}[${rule.index}]${name}${whose}`;
}
