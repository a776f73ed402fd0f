import { type Part, subjectContains, subjectsMayOverlap } from '../engine/containment.js';
import { byOrder } from '../engine/order.js';
import type { Policy } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import { networkPolicyOrder } from '../model/tier.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
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
export function* judgedBeforeInTiers(
  scope: Scope,
  policy: Placed<Policy>,
  profile: ClusterProfile,
): Iterable<Placed<Policy>> {
  const own = tierPlace(scope, policy);
  const isFirst = (other: Placed<Policy>) => {
    if (tierOf(other) === tierOf(policy)) return other.value.order.priority < orderOf(policy);
    const place = tierPlace(scope, other);
    return place !== undefined && own !== undefined && place < own;
  };
  for (const other of inOrderOfTiers(scope, policy)) {
    if (!isCalico(other, profile) || other.value.uncertain) continue;
    const isBefore = areNeighbours(scope, policy, other) && isFirst(other) && subjectContains(scope, other, policy);
    if (other === policy || isBefore) yield other;
  }
}

/** The policies of Calico's API that may be about a policy's pods, first to last. */
function inOrderOfTiers(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  const { clusterPolicies, tiers } = scope;
  const own = policy.value.clusterWide ? clusterPolicies : contentOf(scope, policy.namespace).policies;
  const known = orders(own);
  if (known.from?.clusterPolicies === clusterPolicies && known.from.tiers === tiers) return known.order;
  const order = besideAndAbove(scope, policy)
    .filter(({ value }) => value.family === 'calico')
    .sort((a, b) => (tierPlace(scope, a) ?? 0) - (tierPlace(scope, b) ?? 0) || byOrder(a.value, b.value));
  known.from = { clusterPolicies, tiers };
  known.order = order;
  return order;
}

/** By the policies of a namespace, or by those of the cluster, with what else the order was read from. */
const orders = perList((_policies: readonly Placed<Policy>[]): Order => ({ order: [], from: undefined }));

interface Order {
  order: readonly Placed<Policy>[];
  from: Pick<Scope, 'clusterPolicies' | 'tiers'> | undefined;
}

function orderOf({ value: { family, order } }: Placed<Policy>): number {
  return family === 'kubernetes' ? networkPolicyOrder : order.priority;
}

/** What decides all of a part before it is asked, and otherwise than it would. */
export function deciderInTiers(scope: Scope, inner: Part, before: Iterable<Placed<Policy>>): Part | undefined {
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
