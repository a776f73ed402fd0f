import { canMatch, subjectsMayOverlap } from '../engine/containment.js';
import { policyName } from '../engine/describe.js';
import type { Direction, Policy } from '../model/policy.js';
import { list } from '../model/print.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { opensOnlyDns } from './all-namespaces-peer.js';
import { areAppliedTogether } from './applied-together.js';
import { isCalico, orderWords, partsIn, surelyContains, surelyShare, tierOf } from './calico-tiers.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const allowOverridesNetworkPolicies = definePolicyRule({
  id: 'allow-overrides-network-policies',
  group: 'Too wide',
  families: ['calico'],
  severity: 'info',
  summary: 'A cluster-wide policy of Calico allows what network policies keep closed.',
  *check(context) {
    const { policy, profile } = context;
    if (!policy.value.clusterWide || !isCalico(policy, profile) || tierOf(policy) !== 'default') return;
    for (const direction of ['ingress', 'egress'] as const) yield* overridden(context, direction);
  },
});

function* overridden({ scope, policy, profile }: PolicyContext, direction: Direction): Iterable<Finding> {
  const allowing = partsIn(policy, direction).filter(
    ({ rule }) => rule.action === 'Allow' && !rule.uncertain && rule.own === undefined && !opensOnlyDns(rule, profile),
  );
  if (allowing.length === 0) return;
  const closing = closingPolicies(scope, policy, direction);
  for (const part of allowing) {
    const closed = closing.filter(
      (other) =>
        !contentOf(scope, other.namespace).policies.some(
          (each) =>
            each.value.family === 'kubernetes' &&
            subjectsMayOverlap(scope, each, other) &&
            (each.value.uncertain || partsIn(each, direction).some((theirs) => surelyContains(scope, theirs, part))),
        ),
    );
    if (closed.length === 0) continue;
    const many = closed.length > 1;
    yield {
      at: part.rule.at,
      message: `${list(closed.map(policyName), 3)} ${many ? 'keep' : 'keeps'} this closed, and this rule allows it all the same: in Calico's default tier a network policy denies only what no other policy of the tier allows, whatever its order (${orderWords(policy)} here, 1000 for network policies). Narrow the rule, or this policy's selector, if the namespaces are to decide.`,
      related: closed
        .slice(0, 3)
        .map((other) => ({ at: other.value.at, message: `${policyName(other)} isolates for ${direction}` })),
    };
    return;
  }
}

/** Network policies that surely isolate pods which the policy is about as well. */
function closingPolicies(scope: Scope, policy: Placed<Policy>, direction: Direction): readonly Placed<Policy>[] {
  return scope.policies.filter(
    (other) =>
      other.value.family === 'kubernetes' &&
      !other.value.uncertain &&
      other.value.staged !== true &&
      other.value.isolates.includes(direction) &&
      canMatch(other.value.subject.pods) &&
      areAppliedTogether(scope, other, policy) &&
      surelyShare(scope, policy, other),
  );
}

export const allowOverridesNetworkPoliciesPage: RulePage = {
  what: `Reports the first rule of a GlobalNetworkPolicy in Calico's default tier that allows connections which network policies of Kubernetes keep closed: they isolate pods that it selects as well, and none of them allows as much.

It is information, since it may be meant. Rules that open only DNS are not reported, nor are policies of a namespace beside those of Kubernetes, which people write to add to them, nor other tiers.`,
  why: 'For Calico a network policy is a list of allow rules of order 1000 in the default tier. What it does not allow is denied only at the end of the tier, so an allow of any other policy of the tier wins, whether it stands before or behind. Whoever reads the default deny of a namespace sees nothing of it.',
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example("  namespaceSelector: team == 'tools'\n"),
  references: [
    'https://docs.tigera.io/calico/latest/network-policy/get-started/calico-policy/calico-network-policy',
    'https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy',
  ],
};

function example(more: string): string {
  return `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: from-monitoring
spec:
  order: 100
  selector: all()
${more}  types: [Ingress]
  ingress:
    - action: Allow
      source:
        namespaceSelector: projectcalico.org/name == 'monitoring'
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
`;
}
