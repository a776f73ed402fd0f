import {
  type DirectionAnswer,
  directionOf,
  type Effective,
  effectiveOfPolicy,
  effectiveOfWorkload,
} from '../engine/effective.js';
import { podsSelected, subjectsOf, workloadsSelected } from '../engine/matching.js';
import type { CniProfile } from '../model/cni.js';
import type { Direction, Policy } from '../model/policy.js';
import { disjoint, isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { folderOf } from '../workspace/files.js';
import { perList, placesIn, type ReadFrom, same, whileSame } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import type { PolicyContext } from './rule.js';

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
 * it selects as one. None where the namespace has workloads and the policy surely selects none of them, and none where it
 * isolates nobody: it is only staged, or the plugin does not know it.
 */
export function isolatedPods(
  { scope, policy, profile: { cni } }: PolicyContext,
  direction: Direction,
): readonly IsolatedPods[] {
  const { family, isolates, clusterWide } = policy.value;
  if (family === 'cluster' || !isolates.includes(direction)) return [];
  // What other policies of all those namespaces say is known only of pods.
  if (clusterWide) {
    return selectedEverywhere(scope, policy)
      .map((workload) => onWorkload(scope, workload, cni, direction, perhapsInNamespaceOf(scope, workload)))
      .filter(({ certain }) => placesIn(certain.isolatedBy).has(policy));
  }
  const elsewhere = perhapsInNamespaceOf(scope, policy);
  const found =
    contentOf(scope, policy.namespace).workloads.length === 0
      ? [symbolically(scope, policy, cni, direction, elsewhere)]
      : workloadsSelected(scope, policy).sure.map((each) => onWorkload(scope, each, cni, direction, elsewhere));
  return found.filter(({ certain }) => placesIn(certain.isolatedBy).has(policy));
}

/** The workloads that a cluster-wide policy surely selects. */
export function selectedEverywhere(scope: Scope, policy: Placed<Policy>): readonly Placed<Workload>[] {
  return subjectsOf(scope, policy).sure;
}

function onWorkload(
  scope: Scope,
  workload: Placed<Workload>,
  cni: CniProfile,
  direction: Direction,
  elsewhere: readonly Placed<Policy>[],
): IsolatedPods {
  const more = elsewhere.filter(({ value }) => podsSelected(value.subject.pods, workload.value) !== 'no');
  const { certain, possible } = answers(effectiveOfWorkload(scope, workload, cni), direction, more);
  return { workload, certain, possible };
}

function symbolically(
  scope: Scope,
  policy: Placed<Policy>,
  cni: CniProfile,
  direction: Direction,
  elsewhere: readonly Placed<Policy>[],
): IsolatedPods {
  const { pods } = policy.value.subject;
  const more = elsewhere.filter(({ value }) => disjoint(value.subject.pods, pods) !== 'yes');
  const { certain, possible } = answers(effectiveOfPolicy(scope, policy, cni), direction, more);
  return { workload: undefined, certain, possible };
}

/** What was worked out before of the same pods: many rules ask, for each of the policies that select them. */
interface Answers {
  readonly more: readonly Placed<Policy>[];
  readonly certain: DirectionAnswer;
  readonly possible: DirectionAnswer;
}

const answered: Readonly<Record<Direction, WeakMap<Effective, readonly Answers[]>>> = {
  ingress: new WeakMap(),
  egress: new WeakMap(),
};

/** `more` are policies that may select the pods beside those that do. */
function answers(effective: Effective, direction: Direction, more: readonly Placed<Policy>[]): Answers {
  const before = answered[direction].get(effective) ?? [];
  const known = before.find((each) => same(each.more, more));
  if (known !== undefined) return known;
  const certain = effective[direction];
  const found = { more, certain, possible: possibly(effective, direction, more) };
  answered[direction].set(effective, [...before, found]);
  return found;
}

function possibly(effective: Effective, direction: Direction, more: readonly Placed<Policy>[]): DirectionAnswer {
  const perhaps = [...effective.partial.map(({ policy }) => policy), ...more];
  if (perhaps.length === 0) return effective[direction];
  const { policies, clusterWide, how } = effective;
  return directionOf(direction, [...policies, ...perhaps], [], clusterWide, how);
}

/**
 * Policies beside this one whose namespace may turn out to be the same: of two manifests in a folder or chart that are
 * applied together, one may name the namespace and the other leave it to the command.
 */
export function perhapsInNamespaceOf(
  scope: Scope,
  policy: Pick<Placed<unknown>, 'namespace' | 'uri'>,
): readonly Placed<Policy>[] {
  const contents = policy.namespace.name === undefined ? scope.namespaces.values() : scope.unsetNamespaces;
  const together = (uri: string) => scope.kind === 'chart' || folderOf(uri) === folderOf(policy.uri);
  const candidates: Placed<Policy>[] = [];
  for (const content of contents) {
    if (content.ref.key === policy.namespace.key || (content.ref.name ?? policy.namespace.name) === undefined) continue;
    candidates.push(...content.policies.filter(({ uri }) => together(uri)));
  }
  return candidates;
}

/**
 * Of several policies that isolate the same pods, puts the one first on which a fault of all of them is reported: the
 * broadest, then one that has no rules of its own, then the first by file and position. Every set of pods has the same
 * order, so one fault is reported once.
 */
export function plainestFirst(
  scope: Scope,
  direction: Direction,
): (policies: readonly Placed<Policy>[]) => readonly Placed<Policy>[] {
  return (policies) => {
    if (policies.length < 2) return policies;
    return whileSame(orders(policies), direction, readForRanks(scope, policies), () => {
      const ranked = policies.map((policy) => ({ policy, rank: rankOf(scope, policy, direction) }));
      return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ policy }) => policy);
    });
  };
}

/** Policies that isolate the same pods are ordered once, for all of them that ask. */
const orders = perList(
  (_policies: readonly Placed<Policy>[]) => new Map<Direction, ReadFrom<readonly Placed<Policy>[]>>(),
);

/** The lists that ranks are read from; asking for them notes that they were read. */
function readForRanks(scope: Scope, policies: readonly Placed<Policy>[]): readonly unknown[] {
  return namespacesOf(policies).flatMap((namespace) => {
    if (namespace === undefined) return [scope.clusterPolicies, scope.workloads, scope.namespaceObjects];
    const content = contentOf(scope, namespace);
    return [content.policies, content.workloads, scope.namespaceObjects];
  });
}

/** The namespaces of some policies, each once; undefined stands for all that cluster-wide ones are about. */
const namespacesOf = perList((policies: readonly Placed<Policy>[]) => [
  ...new Set(policies.map(({ namespace, value }) => (value.clusterWide ? undefined : namespace))),
]);

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
}

function rankOf(scope: Scope, policy: Placed<Policy>, direction: Direction): readonly (number | string)[] {
  const { subject, rules, clusterWide } = policy.value;
  const { workloads, policies } = contentOf(scope, policy.namespace);
  const everyone = isEverything(subject.pods);
  const selected = clusterWide
    ? selectedEverywhere(scope, policy).length
    : everyone
      ? workloads.length
      : workloadsSelected(scope, policy).sure.length;
  const bare = !rules.some((rule) => rule.direction === direction);
  const place = placesIn(clusterWide ? scope.clusterPolicies : policies).get(policy) ?? -1;
  return [everyone ? 0 : 1, -selected, bare ? 0 : 1, policy.uri, place];
}
