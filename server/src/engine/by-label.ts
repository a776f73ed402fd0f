import { asksForFacts } from '../model/pod-facts.js';
import type { Policy } from '../model/policy.js';
import type { Labels, Selector } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { perList } from '../workspace/per-list.js';
import type { Placed } from '../workspace/scope.js';
import { labelOn, labelShelf, Shelves, shelfOf } from './shelves.js';

const others = '';

/** Of some policies, in their order, those whose selector may choose pods with these labels, which are all they have. */
export function policiesFor(policies: readonly Placed<Policy>[], labels: Labels): Iterable<Placed<Policy>> {
  return policyShelves(policies).on(shelvesFor(labels));
}

/** Of some policies, in their order, those whose selector may choose pods that a selector chooses as well. */
export function policiesMeeting(policies: readonly Placed<Policy>[], asked: Labels): Iterable<Placed<Policy>> {
  const names = [...byKey(policies)].flatMap(([key, shelves]) => {
    const value = asked.get(key);
    return value === undefined ? [...shelves] : [labelShelf(key, value)];
  });
  return policyShelves(policies).on([...names, others]);
}

/** The shelves of the labels of each key. */
const byKey = perList((policies: readonly Placed<Policy>[]) => {
  const found = new Map<string, Set<string>>();
  for (const { value } of policies) {
    const label = labelOn(value.subject.pods);
    if (label === undefined) continue;
    const [key, only] = label;
    const shelves = found.get(key) ?? new Set();
    shelves.add(labelShelf(key, only));
    found.set(key, shelves);
  }
  return found;
});

/** The shelves on which stands what asks for one of these labels, or for none so plainly. */
export const shelvesFor: (labels: Labels) => readonly string[] = perList((labels: Labels) => [
  ...[...labels].map(([key, value]) => labelShelf(key, value)),
  others,
]);

/** The one shelf of what asks for a label: where `shelvesFor` finds it. */
export function shelfFor(selector: Selector): string {
  return shelfOf(selector) ?? others;
}

/** Of some workloads, in their order, those that a selector may choose. */
export function workloadsFor(workloads: readonly Placed<Workload>[], selector: Selector): Iterable<Placed<Workload>> {
  const shelf = shelfOf(selector);
  return shelf === undefined ? workloads : workloadShelves(workloads).on([shelf, others]);
}

/** Whether a policy of the list asks for more than the labels of pods. */
export const anyAsksForFacts = perList((policies: readonly Placed<Policy>[]) =>
  policies.some(({ value }) => asksForFacts(value.subject.pods)),
);

const policyShelves = perList((policies: readonly Placed<Policy>[]) => {
  const shelves = new Shelves<Placed<Policy>>();
  for (const policy of policies) shelves.put(policy, [shelfFor(policy.value.subject.pods)]);
  return shelves;
});

const workloadShelves = perList((workloads: readonly Placed<Workload>[]) => {
  const shelves = new Shelves<Placed<Workload>>();
  for (const workload of workloads) {
    const { labels, openLabels } = workload.value;
    // Of labels that are not all known any may be there.
    shelves.put(workload, openLabels ? [others] : [...labels].map(([key, value]) => labelShelf(key, value)));
  }
  return shelves;
});
