import { canMatch, type Part, subjectContains } from '../engine/containment.js';
import type { Policy } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { areNeighbours, surelyContains } from './calico-tiers.js';
import { mayBeCilium } from './cilium-entries.js';

/**
 * The policies of Cilium that surely deny something to all the pods of a policy, itself among them: what any of them
 * denies is denied, whatever is allowed, by policies of Kubernetes too. Source: FACTS B5.
 */
export function denyingPolicies(
  scope: Scope,
  policy: Placed<Policy>,
  { cni }: ClusterProfile,
): readonly Placed<Policy>[] {
  const { family, clusterWide, subject } = policy.value;
  if (!mayBeCilium(cni) || (family !== 'cilium' && family !== 'kubernetes')) return [];
  if (subject.nodes !== undefined || !canMatch(subject.pods)) return [];
  const beside = clusterWide ? [] : denying(contentOf(scope, policy.namespace).policies);
  return [...beside, ...denying(scope.clusterPolicies)].filter(
    (other) => other === policy || (areNeighbours(scope, policy, other) && subjectContains(scope, other, policy)),
  );
}

const denying = perList((policies: readonly Placed<Policy>[]) =>
  policies.filter(
    ({ value: { family, uncertain, subject, rules } }) =>
      family === 'cilium' && !uncertain && subject.nodes === undefined && rules.some(({ action }) => action === 'Deny'),
  ),
);

/** What denies all of a part that allows, among these policies. */
export function denierOf(scope: Scope, inner: Part, among: readonly Placed<Policy>[]): Part | undefined {
  if (inner.rule.action !== 'Allow') return undefined;
  for (const policy of among) {
    for (const rule of policy.value.rules) {
      if (rule.action !== 'Deny' || rule.direction !== inner.rule.direction) continue;
      const found = rule.peers.find((peer) => surelyContains(scope, { policy, rule, peer }, inner));
      if (found !== undefined) return { policy, rule, peer: found };
    }
  }
  return undefined;
}
