import { type Labels, matches, type Selector } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import type { Placed } from '../workspace/scope.js';
import { identityKeys } from './well-known.js';

/** Labels that change with a release or a rollout: a policy that named them would soon select nothing. */
const passing: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'version',
  'app.kubernetes.io/version',
  'helm.sh/chart',
  'app.kubernetes.io/managed-by',
]);

/**
 * Labels to choose a workload's pods by: the one usual label that tells it from the others, else all of its lasting
 * labels. Undefined when it has none.
 */
export function identifyingLabels(workload: Workload, among: readonly Placed<Workload>[]): Labels | undefined {
  for (const key of identityKeys) {
    const value = workload.labels.get(key);
    if (value === undefined) continue;
    if (among.filter((each) => each.value.labels.get(key) === value).length === 1) return new Map([[key, value]]);
  }
  const lasting = [...workload.labels].filter(([key]) => !passing.has(key));
  return lasting.length === 0 ? undefined : new Map(lasting);
}

/** The selector that asks for exactly these labels. */
export function selectorFor(labels: Labels): Selector {
  return { op: 'And', terms: [...labels].map(([key, value]) => ({ op: 'In', key, values: [value] })) };
}

export function carrying(labels: Labels, workloads: readonly Placed<Workload>[]): readonly Placed<Workload>[] {
  const selector = selectorFor(labels);
  return workloads.filter(({ value }) => matches(selector, value.labels));
}
