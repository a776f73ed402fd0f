import { subjectsMayOverlap } from '../engine/containment.js';
import { policyName } from '../engine/describe.js';
import type { Policy } from '../model/policy.js';
import { list } from '../model/print.js';
import { spanOf, valueAt } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { areAppliedTogether } from './applied-together.js';
import {
  areNeighbours,
  besideAndAbove,
  isBehind,
  isCalico,
  placeOfTier,
  surelyShare,
  tierOf,
  tierPlace,
} from './calico-tiers.js';
import { ruleNode } from './policy-nodes.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const passWithoutLaterTier = definePolicyRule({
  id: 'pass-without-later-tier',
  group: 'Too wide',
  families: ['calico'],
  severity: 'warning',
  summary: 'Pass in the last tier allows what it matches.',
  *check({ scope, policy, profile }) {
    const place = tierPlace(scope, policy);
    const inDefault = placeOfTier(scope, 'default');
    // Into an earlier tier the policies of others may be put, which these manifests need not show.
    if (!isCalico(policy, profile) || place === undefined || inDefault === undefined || place < inDefault) return;
    const passing = policy.value.rules.filter(
      ({ action, direction }) => action === 'Pass' && policy.value.isolates.includes(direction),
    );
    if (passing.length === 0) return;
    const others = besideAndAbove(scope, policy).filter(
      (other) => other !== policy && other.value.staged !== true && subjectsMayOverlap(scope, policy, other),
    );
    for (const rule of passing) {
      if (rule.uncertain || others.some((other) => isLater(scope, other, place))) continue;
      const skipped = others.filter(
        (other) =>
          tierPlace(scope, other) === place &&
          isBehind(other, policy) &&
          other.value.isolates.includes(rule.direction) &&
          areNeighbours(scope, policy, other),
      );
      const sure = skipped.filter(
        (other) => surelyShare(scope, policy, other) && areAppliedTogether(scope, other, policy),
      );
      const named = sure.length > 0 ? sure : skipped;
      const past =
        named.length === 0
          ? ''
          : ` It also skips ${list(named.map(policyName), 3)}: network policies and others of the same tier are not asked any more.`;
      const action = valueAt(ruleNode(policy, rule), 'action');
      yield {
        at: action === undefined ? rule.at : spanOf(action),
        ...(sure.length === 0 ? { severity: 'info' as const } : {}),
        message: `Pass leads to the next tier, and behind ${tierOf(policy)} these manifests have none for these pods: what this rule matches is allowed, as the profiles at the end allow all.${past} Write Allow if that is meant${named.length === 0 ? '' : '; leave the rule out if the other policies are to decide'}.`,
        related: named.slice(0, 3).map((other) => ({ at: other.value.at, message: `${policyName(other)} is skipped` })),
      };
    }
  },
});

function isLater(scope: Scope, other: Placed<Policy>, place: number): boolean {
  const { family, order } = other.value;
  if (family === 'cluster') return order.tier === 'baseline';
  return family === 'calico' && (tierPlace(scope, other) ?? Number.POSITIVE_INFINITY) > place;
}

export const passWithoutLaterTierPage: RulePage = {
  what: `Reports a rule of Calico with the action \`Pass\` in the default tier, or in a later one, where no policy of a tier behind it may be about the same pods.

It is a **warning** where other policies of the same tier stand behind it for the same pods, and so are skipped: also the network policies of Kubernetes, which Calico has in the default tier. Otherwise it is information. In earlier tiers \`Pass\` hands on to the default tier, which is what it is for.`,
  why: '`Pass` does not mean "let the next policy decide": it leaves the tier. Behind the last tier come the profiles, and those that Calico makes for the namespaces of Kubernetes allow everything. So a `Pass` in the default tier opens what a network policy behind it was to keep closed.',
  bad: /* @__PURE__ */ example('Pass'),
  good: /* @__PURE__ */ example('Log'),
  references: [
    'https://docs.tigera.io/calico/latest/network-policy/policy-tiers/tiered-policy',
    'https://docs.tigera.io/calico/latest/reference/resources/tier',
  ],
};

function example(action: string): string {
  return `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: from-tools
  namespace: shop
spec:
  order: 10
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: ${action}
      source:
        namespaceSelector: projectcalico.org/name == 'tools'
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
`;
}
