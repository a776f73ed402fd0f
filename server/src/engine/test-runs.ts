import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import { folderOf, isBelow, joinPath } from '../workspace/files.js';
import type { Scope } from '../workspace/scope.js';
import type { PlacedExpectation, TestDocument } from '../workspace/test-file.js';
import type { Workspace } from '../workspace/workspace.js';
import { clusterOf } from './cluster.js';
import { Expectations, type Outcome } from './expectations.js';
import { finished, type Steps } from './steps.js';

/** The scopes that a test file is about, or in a sentence why there is none. */
export type TestedScopes =
  | { readonly scopes: readonly Scope[] }
  | { readonly problem: string; readonly field: 'scope' | undefined };

/**
 * What a test file is about: the scope that it names; else the kustomization, chart or named scope of its folder or of the
 * nearest one above; else the only one below its folder, or at all. A base is tested in each scope that is built upon it.
 */
export function scopesTested({ index, folders }: Workspace, { document, scope }: TestDocument): TestedScopes {
  const filled = index.scopes.filter(isFilled);
  if (filled.length === 0) return { problem: 'There are no manifests here to test.', field: undefined };
  const { uri } = document;
  const home = folderOf(uri);
  if (scope !== undefined) {
    const roots = [home, ...folders.filter((folder) => isBelow(uri, folder))];
    const meant = new Set(roots.flatMap((root) => joinPath(root, scope) ?? []));
    const byName = filled.filter(({ kind, title }) => kind === 'named' && title === scope);
    const found =
      byName.length > 0 ? byName : [...meant].map((folder) => scopesAt(folder)).find((each) => each.length > 0);
    const named = found ?? filled.filter(({ title }) => title === scope);
    if (named.length > 0) return { scopes: named };
    return {
      problem: `There is no scope "${scope}" here. There ${filled.length === 1 ? 'is' : 'are'} ${namesOf(filled)}.`,
      field: 'scope',
    };
  }
  for (let folder = home; ; folder = folderOf(folder)) {
    const found = scopesAt(folder);
    if (found.length > 0) return { scopes: found };
    if (folders.includes(folder) || folderOf(folder) === folder || !folders.some((each) => isBelow(folder, each)))
      break;
  }
  const own = index.scopesOf(uri).filter(isFilled);
  if (own.length > 0) return { scopes: own };
  const below = filled.filter((each) => isBelow(folderOfScope(each), home));
  const left = below.length > 0 ? below : filled;
  if (left.length === 1) return { scopes: left };
  return { problem: `Say with \`scope:\` what is tested: ${namesOf(left)}.`, field: 'scope' };

  function scopesAt(folder: string): readonly Scope[] {
    const kustomization = index.kustomizations.byFolder.get(folder);
    const built = kustomization === undefined ? [] : index.scopesWith(kustomization.uri);
    return [...built, ...index.scopes.filter(({ kind, id }) => kind === 'chart' && id === folder)].filter(isFilled);
  }
}

function isFilled({ policies, workloads }: Scope): boolean {
  return policies.length > 0 || workloads.length > 0;
}

function folderOfScope({ id, kind }: Scope): string {
  return kind === 'kustomization' ? folderOf(id) : id;
}

function namesOf(scopes: readonly Scope[]): string {
  return list(
    scopes.map(({ title }) => title),
    6,
  );
}

/** What became of each test of a document, in one scope. */
export interface TestRun {
  readonly scope: Scope;
  readonly expectations: Expectations;
  readonly outcomes: readonly { readonly test: PlacedExpectation; readonly outcome: Outcome }[];
}

/** Runs the tests of a document in a scope. */
export function runTests(scope: Scope, profile: ClusterProfile, document: TestDocument): TestRun {
  return finished(testSteps(scope, profile, document));
}

/** The same in steps. */
export function* testSteps(scope: Scope, profile: ClusterProfile, { tests, namespace }: TestDocument): Steps<TestRun> {
  const expectations = expectationsOf(scope, profile, namespace);
  const outcomes: TestRun['outcomes'][number][] = [];
  for (const test of tests) {
    yield;
    outcomes.push({ test, outcome: yield* expectations.outcomeSteps(test.expectation) });
  }
  return { scope, expectations, outcomes };
}

/** Who answers about a scope; objects without a namespace are in `namespace`, else in `default`, as kubectl has it. */
export function expectationsOf(scope: Scope, profile: ClusterProfile, namespace: string | undefined): Expectations {
  const cluster = clusterOf([scope], { profile, unset: namespace ?? 'default' });
  return new Expectations({ cluster, profile, namespace });
}
