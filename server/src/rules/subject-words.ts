import { describeNamespace, describePods, workloadNames } from '../engine/describe.js';
import { selects, workloadsWhere } from '../engine/matching.js';
import type { Policy } from '../model/policy.js';
import { count } from '../model/print.js';
import type { Workload } from '../model/workload.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';

/**
 * The pods a policy is about, as the object of a sentence: "workload api", "3 workloads (api, db and web)", or, where the
 * scope shows none of them, "pods app=api in namespace shop".
 */
export function subjectWords(scope: Scope, policy: Placed<Policy>): string {
  const { workloads } = contentOf(scope, policy.namespace);
  const { sure } = workloadsWhere(workloads, (workload) => selects(scope, policy, workload));
  if (sure.length === 0) return `${describePods(policy.value.subject.pods)} in ${describeNamespace(policy.namespace)}`;
  return workloadWords(sure, policy.namespace);
}

/** "workload api", "3 workloads (api, db and web)"; at least one is given. */
export function workloadWords(workloads: readonly Placed<Workload>[], own: NamespaceRef): string {
  // Overlays and variants may define one workload several times.
  const distinct = [...new Map(workloads.map((each) => [`${each.value.kind} ${each.value.name}`, each])).values()];
  const names = workloadNames(distinct, own);
  return distinct.length === 1 ? `workload ${names}` : `${count(distinct.length, 'workload')} (${names})`;
}
