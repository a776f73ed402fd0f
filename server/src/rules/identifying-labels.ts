import { identifyingLabels as labelsAmong } from '../engine/pod-labels.js';
import { type Labels, matches, type Selector } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import type { Placed } from '../workspace/scope.js';

/** Labels to choose a workload's pods by among others of its namespace; undefined when it has none. */
export function identifyingLabels(workload: Workload, among: readonly Placed<Workload>[]): Labels | undefined {
  return labelsAmong(
    workload.labels,
    among.map(({ value }) => value.labels),
  );
}

/** The selector that asks for exactly these labels. */
export function selectorFor(labels: Labels): Selector {
  return { op: 'And', terms: [...labels].map(([key, value]) => ({ op: 'In', key, values: [value] })) };
}

export function carrying(labels: Labels, workloads: readonly Placed<Workload>[]): readonly Placed<Workload>[] {
  const selector = selectorFor(labels);
  return workloads.filter(({ value }) => matches(selector, value.labels));
}
