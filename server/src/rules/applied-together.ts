import { groupBy } from '../engine/group-by.js';
import { selects, workloadsSelected } from '../engine/matching.js';
import type { Policy } from '../model/policy.js';
import { folderOf } from '../workspace/files.js';
import { perList } from '../workspace/per-list.js';
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
  return variants(besideOf(scope, policy)).has(policy);
}

/** The policies of a list that more than one file defines. */
const variants = perList((policies: readonly Placed<Policy>[]): ReadonlySet<Placed<Policy>> => {
  const named = groupBy(policies, ({ value: { kind, name } }) => `${kind} ${name}`);
  const several = [...named.values()].filter((alike) => new Set(alike.map(({ uri }) => uri)).size > 1);
  return new Set(several.flat());
});
