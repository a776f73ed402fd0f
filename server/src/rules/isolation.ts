import {
  type DirectionAnswer,
  directionOf,
  type Effective,
  effectiveOfPolicy,
  effectiveOfWorkload,
} from '../engine/effective.js';
import { podsSelected, selects } from '../engine/matching.js';
import type { Direction, Policy } from '../model/policy.js';
import { disjoint, isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { folderOf } from '../workspace/files.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';

/** Pods that a policy surely isolates in one direction, with what all policies allow them. */
export interface IsolatedPods {
  /** Undefined where the namespace has no workloads: then only the selectors tell. */
  readonly workload: Placed<Workload> | undefined;
  /** Over the policies that surely select the pods. */
  readonly certain: DirectionAnswer;
  /** Over these and all that may select them: what is not allowed here is surely not allowed. */
  readonly possible: DirectionAnswer;
}

/**
 * The pods that a policy isolates: each workload that it surely selects, or, in a namespace without workloads, whatever
 * it selects as one. None where the namespace has workloads and the policy surely selects none of them.
 */
export function isolatedPods(scope: Scope, policy: Placed<Policy>, direction: Direction): readonly IsolatedPods[] {
  if (policy.value.family !== 'kubernetes' || !policy.value.isolates.includes(direction)) return [];
  const { workloads } = contentOf(scope, policy.namespace);
  const elsewhere = perhapsInNamespaceOf(scope, policy);
  if (workloads.length === 0) return [symbolically(scope, policy, direction, elsewhere)];
  return workloads
    .filter((workload) => selects(scope, policy, workload) === 'yes')
    .map((workload) => {
      const more = elsewhere.filter(({ value }) => podsSelected(value.subject.pods, workload.value) !== 'no');
      return { workload, ...answers(effectiveOfWorkload(scope, workload), direction, more) };
    });
}

function symbolically(
  scope: Scope,
  policy: Placed<Policy>,
  direction: Direction,
  elsewhere: readonly Placed<Policy>[],
): IsolatedPods {
  const { pods } = policy.value.subject;
  const more = elsewhere.filter(({ value }) => disjoint(value.subject.pods, pods) !== 'yes');
  return { workload: undefined, ...answers(effectiveOfPolicy(scope, policy), direction, more) };
}

function answers(effective: Effective, direction: Direction, more: readonly Placed<Policy>[]) {
  const perhaps = [...effective.partial.map(({ policy }) => policy), ...more];
  const certain = effective[direction];
  const possible = perhaps.length === 0 ? certain : directionOf(direction, [...effective.policies, ...perhaps]);
  return { certain, possible: { ...possible, uncertain: possible.uncertain || certain.uncertain } };
}

/**
 * Policies beside this one whose namespace may turn out to be the same: of two manifests in a folder or chart that are
 * applied together, one may name the namespace and the other leave it to the command.
 */
function perhapsInNamespaceOf(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  const open = policy.namespace.name === undefined;
  const together = (uri: string) => scope.kind === 'chart' || folderOf(uri) === folderOf(policy.uri);
  return scope.policies.filter(
    (other) =>
      other.namespace.key !== policy.namespace.key &&
      (other.namespace.name === undefined) !== open &&
      together(other.uri),
  );
}

/**
 * Of several policies that isolate the same pods, the one on which a fault of all of them is reported: the broadest,
 * then one that has no rules of its own, then the first by file and position. Every set of pods has the same order, so
 * one fault is reported once.
 */
export function plainest(
  scope: Scope,
  policies: readonly Placed<Policy>[],
  direction: Direction,
): readonly Placed<Policy>[] {
  if (policies.length < 2) return policies;
  const ranked = policies.map((policy) => ({ policy, rank: rankOf(scope, policy, direction) }));
  ranked.sort((a, b) => {
    const at = a.rank.findIndex((value, index) => value !== b.rank[index]);
    return at < 0 ? 0 : (a.rank[at] ?? 0) < (b.rank[at] ?? 0) ? -1 : 1;
  });
  return ranked.map(({ policy }) => policy);
}

function rankOf(scope: Scope, policy: Placed<Policy>, direction: Direction): readonly (number | string)[] {
  const { subject, rules } = policy.value;
  const content = contentOf(scope, policy.namespace);
  const selected = content.workloads.filter((workload) => selects(scope, policy, workload) === 'yes').length;
  const bare = !rules.some((rule) => rule.direction === direction);
  return [isEverything(subject.pods) ? 0 : 1, -selected, bare ? 0 : 1, policy.uri, content.policies.indexOf(policy)];
}
