import { describeNamespace, describeNamespaces, describePods, workloadNames } from '../engine/describe.js';
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
  const { subject, clusterWide } = policy.value;
  const workloads = clusterWide ? scope.workloads : contentOf(scope, policy.namespace).workloads;
  const { sure } = workloadsWhere(workloads, (workload) => selects(scope, policy, workload));
  if (sure.length === 0) {
    const where = clusterWide
      ? describeNamespaces(subject.namespaces, policy.namespace)
      : `in ${describeNamespace(policy.namespace)}`;
    return `${describePods(subject.pods)} ${where}`;
  }
  return workloadWords(sure, policy.namespace);
}

/** "workload api", "3 workloads (api, db and web)"; at least one is given. */
export function workloadWords(workloads: readonly Placed<Workload>[], own: NamespaceRef): string {
  const each = distinctWorkloads(workloads);
  return each.length === 1 ? `workload ${workloadNames(each, own)}` : countedNames(each, own);
}

/** "1 workload (api)", "3 workloads (api, db and web)". */
export function countedNames(workloads: readonly Placed<Workload>[], own: NamespaceRef): string {
  const each = distinctWorkloads(workloads);
  return `${count(each.length, 'workload')} (${workloadNames(each, own)})`;
}

/** Overlays and variants may define one workload several times: it is named and counted once. */
export function distinctWorkloads(workloads: readonly Placed<Workload>[]): readonly Placed<Workload>[] {
  const key = ({ namespace, value }: Placed<Workload>) => `${namespace.key} ${value.kind} ${value.name}`;
  return [...new Map(workloads.map((each) => [key(each), each])).values()];
}
