import type { Policy } from '../model/policy.js';
import { networkPolicyOrder } from '../model/tier.js';
import { compare } from './tiers.js';

/**
 * Which of two policies of one tier is asked first: the one of lower priority. The order of equal ones is not defined for
 * cluster-wide policies; plugins go by name, and so does this (FACTS B2). Calico's tiers have it so: by order, name,
 * namespace and kind (FACTS B4), with the network policies of Kubernetes among them.
 */
export function byOrder(a: Policy, b: Policy): number {
  return (
    compare(rankOf(a), rankOf(b)) ||
    compare(a.name, b.name) ||
    compare(a.namespace ?? '', b.namespace ?? '') ||
    compare(a.kind, b.kind)
  );
}

function rankOf({ order }: Policy): number {
  return order.tier === 'namespaced' ? networkPolicyOrder : order.priority;
}
