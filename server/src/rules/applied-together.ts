import { selects, workloadsSelected } from '../engine/matching.js';
import type { Policy } from '../model/policy.js';
import { folderOf } from '../workspace/files.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';

/** The policies among which a policy's name has to be its own: those of its namespace, or the cluster-wide ones. */
export function besideOf(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  return policy.value.clusterWide ? scope.clusterPolicies : contentOf(scope, policy.namespace).policies;
}

/**
 * Whether two policies for the same pods surely end up in one cluster. Files of a folder may be samples or variants of
 * which one is chosen: there they have to lie in one folder, and the manifests to show pods that the policy selects, in a
 * namespace that has a name.
 */
export function areAppliedTogether(scope: Scope, policy: Placed<Policy>, other: Placed<Policy>): boolean {
  if (scope.kind !== 'folder' || other.uri === policy.uri) return true;
  if (folderOf(other.uri) !== folderOf(policy.uri) || !mayBeAppliedTogether(scope, policy, other)) return false;
  const { clusterWide } = policy.value;
  if (!clusterWide && policy.namespace.name === undefined) return false;
  if (!clusterWide) return workloadsSelected(scope, policy).sure.length > 0;
  return scope.workloads.some((workload) => selects(scope, policy, workload) === 'yes');
}

/**
 * Whether they may, as far as their places tell. Policies that other files define once more are variants, and cluster-wide
 * ones of other folders are taken for samples.
 */
export function mayBeAppliedTogether(scope: Scope, policy: Placed<Policy>, other: Placed<Policy>): boolean {
  if (scope.kind !== 'folder' || other.uri === policy.uri) return true;
  if (folderOf(other.uri) !== folderOf(policy.uri) && policy.namespace.name === undefined) return false;
  return !isVariant(scope, policy) && !isVariant(scope, other);
}

/** Whether several files define the policy: variants of which one is chosen. */
export function isVariant(scope: Scope, policy: Placed<Policy>): boolean {
  const beside = besideOf(scope, policy);
  const known = homes.get(beside) ?? homesOf(beside);
  homes.set(beside, known);
  return (known.get(nameOf(policy))?.size ?? 0) > 1;
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const homes = new WeakMap<readonly Placed<Policy>[], ReadonlyMap<string, ReadonlySet<string>>>();

/** The files that define each policy of a list. */
function homesOf(policies: readonly Placed<Policy>[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const policy of policies) {
    const name = nameOf(policy);
    found.set(name, (found.get(name) ?? new Set()).add(policy.uri));
  }
  return found;
}

function nameOf({ value: { kind, name } }: Placed<Policy>): string {
  return `${kind} ${name}`;
}
