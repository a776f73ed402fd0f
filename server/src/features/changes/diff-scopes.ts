import { clusterOf } from '../../engine/cluster.js';
import { type ClusterDiff, diffSteps } from '../../engine/diff.js';
import type { ClusterProfile } from '../../model/profile.js';
import type { SourceFile } from '../../text/file.js';
import { folderOf, isBelow } from '../../workspace/files.js';
import type { Scope } from '../../workspace/scope.js';

/** One of the two states that are compared. */
export interface ComparedState {
  /** As a person would call it: a path, a revision, or the working tree. */
  readonly title: string;
  /** The revision that the files are of; undefined for files on the disk. */
  readonly revision: string | undefined;
  readonly scopes: readonly Scope[];
  /** What is known of a scope's cluster, and of one that has no scope. */
  profileOf(scope: Scope | undefined): ClusterProfile;
  fileOf(uri: string): SourceFile | undefined;
  /** The folders that those of the other state correspond to. */
  readonly bases: readonly string[];
  /** A URI as a person would write its path from here. */
  show(uri: string): string;
}

export type States = readonly [before: ComparedState, after: ComparedState];

/** Scopes that correspond; a scope without a counterpart is compared with nothing. */
export interface ScopePair {
  readonly before: Scope | undefined;
  readonly after: Scope | undefined;
  readonly path: string;
}

/** The differences of one pair of scopes. */
export interface ScopeDiff {
  /** Where the scopes stand, when there are several; undefined otherwise. */
  readonly scope: string | undefined;
  readonly diff: ClusterDiff;
}

/** The difference that a pair of scopes makes, in steps. Objects without a namespace are in `unset`. */
export function* pairSteps(
  states: States,
  { before, after }: ScopePair,
  unset: string,
): Generator<undefined, ClusterDiff> {
  const clusterFrom = (state: ComparedState, scope: Scope | undefined) =>
    clusterOf(scope === undefined ? [] : [scope], { profile: state.profileOf(scope), unset });
  return yield* diffSteps(clusterFrom(states[0], before), clusterFrom(states[1], after));
}

/** How a pair is called among others. */
export function pairTitle({ path }: ScopePair, pairs: readonly ScopePair[]): string | undefined {
  return pairs.length > 1 ? path || 'the rest of the folder' : undefined;
}

/** Where a scope stands within its state: equal for scopes of two states that correspond. */
export function scopePath({ kind, id }: Scope, { bases }: ComparedState): string {
  if (kind === 'named') return id;
  const folder = kind === 'kustomization' ? folderOf(id) : id;
  const base = bases.find((each) => isBelow(folder, each));
  return base === undefined ? '' : decodeURIComponent(folder.slice(base.length + 1));
}

/**
 * Scopes that correspond: first those in the same place and of one kind, then those in the same place, then what is left over
 * if it is one on each side.
 */
export function pairsOf(states: States): readonly ScopePair[] {
  const [before, after] = states.map(({ scopes }) =>
    scopes.filter(({ workloads, policies }) => workloads.length + policies.length > 0),
  );
  let left = before ?? [];
  let right = after ?? [];
  const pairs: ScopePair[] = [];
  const pathOf = (scope: Scope, side: 0 | 1) => scopePath(scope, states[side]);
  const take = (fits: (a: Scope, b: Scope) => boolean) => {
    for (const a of left) {
      const b = right.find((each) => fits(a, each));
      if (b === undefined) continue;
      left = left.filter((each) => each !== a);
      right = right.filter((each) => each !== b);
      pairs.push({ before: a, after: b, path: pathOf(b, 1) });
    }
  };
  take((a, b) => a.kind === b.kind && pathOf(a, 0) === pathOf(b, 1));
  // A snapshot is compared with the manifests of a folder.
  const placeOf = (scope: Scope, side: 0 | 1) =>
    scope.kind === 'snapshot' ? pathOf(scope, side).replace(/\/?[^/]*$/, '') : pathOf(scope, side);
  take((a, b) => placeOf(a, 0) === placeOf(b, 1));
  if (left.length === 1 && right.length === 1) take(() => true);
  for (const scope of left) pairs.push({ before: scope, after: undefined, path: pathOf(scope, 0) });
  for (const scope of right) pairs.push({ before: undefined, after: scope, path: pathOf(scope, 1) });
  return pairs.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
