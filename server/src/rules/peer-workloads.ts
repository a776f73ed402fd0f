import { workloadNames } from '../engine/describe.js';
import { count } from '../model/print.js';
import type { Workload } from '../model/workload.js';
import type { NamespaceRef, Placed } from '../workspace/scope.js';
import { distinctWorkloads } from './subject-words.js';

/** "1 workload: frontend", "12 workloads: a, b, c, d and 8 more", "no workload of these manifests". */
export function countedWorkloads(workloads: readonly Placed<Workload>[], own: NamespaceRef): string {
  if (workloads.length === 0) return 'no workload of these manifests';
  const each = distinctWorkloads(workloads);
  return `${count(each.length, 'workload')}: ${workloadNames(each, own)}`;
}
