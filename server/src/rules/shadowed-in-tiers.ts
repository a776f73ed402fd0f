import { type Part, subjectContains, subjectsMayOverlap } from '../engine/containment.js';
import { byOrder } from '../engine/order.js';
import type { Policy } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import { networkPolicyOrder } from '../model/tier.js';
import type { Placed, Scope } from '../workspace/scope.js';
import {
  areNeighbours,
  besideAndAbove,
  isBehind,
  isCalico,
  mayMeet,
  partsIn,
  surelyContains,
  tierOf,
  tierPlace,
} from './calico-tiers.js';

/**
 * The policies of Calico that are surely judged before a policy for all of its pods, first to last: itself, those of its
 * tier with a lower order, and those of earlier tiers. Names, which decide between equal orders, are `order-tie`'s matter.
 */
export function judgedBeforeInTiers(
  scope: Scope,
  policy: Placed<Policy>,
  profile: ClusterProfile,
): readonly Placed<Policy>[] {
  const own = tierPlace(scope, policy);
  const isFirst = (other: Placed<Policy>) => {
    const place = tierPlace(scope, other);
    if (tierOf(other) === tierOf(policy)) return other.value.order.priority < orderOf(policy);
    return place !== undefined && own !== undefined && place < own;
  };
  return besideAndAbove(scope, policy)
    .filter((other) => {
      if (!isCalico(other, profile) || other.value.uncertain) return false;
      if (other === policy) return true;
      return areNeighbours(scope, policy, other) && isFirst(other) && subjectContains(scope, other, policy);
    })
    .toSorted((a, b) => (tierPlace(scope, a) ?? 0) - (tierPlace(scope, b) ?? 0) || byOrder(a.value, b.value));
}

function orderOf({ value: { family, order } }: Placed<Policy>): number {
  return family === 'kubernetes' ? networkPolicyOrder : order.priority;
}

/** What decides all of a part before it is asked, and otherwise than it would. */
export function deciderInTiers(scope: Scope, inner: Part, before: readonly Placed<Policy>[]): Part | undefined {
  let left: string | undefined;
  for (const policy of before) {
    if (tierOf(policy) === left) continue;
    const found = partsIn(policy, inner.rule.direction).find(
      (part) =>
        part.rule.action !== 'Log' &&
        (policy !== inner.policy || part.rule.index < inner.rule.index) &&
        surelyContains(scope, part, inner),
    );
    if (found === undefined) continue;
    const { action } = found.rule;
    const denied = action === 'Deny' ? inner.rule.action !== 'Deny' : inner.rule.action === 'Deny';
    if (tierOf(policy) === tierOf(inner.policy)) {
      const network = inner.policy.value.family === 'kubernetes';
      return (network ? action === 'Deny' : action !== inner.rule.action) ? found : undefined;
    }
    if (action !== 'Pass') return denied && !isPassedOn(scope, found, inner) ? found : undefined;
    left = tierOf(policy);
  }
  return undefined;
}

/** Whether a rule of the tier that is, or may be, judged still before may pass some of the traffic on to later tiers. */
function isPassedOn(scope: Scope, decider: Part, inner: Part): boolean {
  return besideAndAbove(scope, inner.policy).some((policy) => {
    const { family, uncertain, staged } = policy.value;
    if (family !== 'calico' || staged || tierOf(policy) !== tierOf(decider.policy)) return false;
    if (
      policy !== decider.policy &&
      (isBehind(policy, decider.policy) || !subjectsMayOverlap(scope, policy, inner.policy))
    )
      return false;
    return (
      uncertain ||
      partsIn(policy, inner.rule.direction).some(
        (part) =>
          (part.rule.action === 'Pass' || part.rule.uncertain) &&
          (policy !== decider.policy || part.rule.index < decider.rule.index) &&
          mayMeet(scope, part, inner),
      )
    );
  });
}
