import type { YamlDocument } from '../text/document.js';
import { nodeAt } from '../text/paths.js';
import type { Span, YamlPath } from '../text/tree.js';
import { profileIn } from '../workspace/detect-cni.js';
import { problemText, type Settings } from '../workspace/settings.js';
import { placeOfProblem } from '../workspace/settings-file.js';
import { type PlacedExpectation, readTests, type TestDocument } from '../workspace/test-file.js';
import type { Workspace } from '../workspace/workspace.js';
import type { Outcome } from './expectations.js';
import { finished, type Steps } from './steps.js';
import { scopesTested, type TestRun, testSteps } from './test-runs.js';

/** The tests of one document in one scope, as they came out. */
export interface TestSuite {
  /** Undefined where there is none to test in. */
  readonly run: TestRun | undefined;
  readonly results: readonly TestResult[];
  /** What is wrong with the document itself: part of it was not run. */
  readonly problems: readonly SuiteProblem[];
}

export interface TestResult {
  readonly test: PlacedExpectation;
  readonly outcome: Outcome;
  /** Where the test begins. */
  readonly at: Span | undefined;
  /** What shows the outcome: what is expected, or the name that means nothing. */
  readonly shownAt: Span | undefined;
}

export interface SuiteProblem {
  readonly at: Span;
  readonly message: string;
}

/** Which tests are run. */
export interface SuiteChoice {
  isWanted(test: PlacedExpectation): boolean;
  /** The namespace of names that name none, in documents that name none. */
  readonly namespace: string | undefined;
}

/** Runs the tests of a file, as `netpol test` and the editors do: a suite for each document and scope. */
export function suitesOf(
  workspace: Workspace,
  settings: Settings,
  uri: string,
  choice: SuiteChoice,
): readonly TestSuite[] {
  return finished(suiteSteps(workspace, settings, uri, choice));
}

/** The same in steps. */
export function* suiteSteps(
  workspace: Workspace,
  settings: Settings,
  uri: string,
  { isWanted, namespace }: SuiteChoice,
): Steps<readonly TestSuite[]> {
  const suites: TestSuite[] = [];
  for (const { document } of writtenDocuments(workspace, uri)) {
    yield;
    const read = readTests(document);
    const syntax = syntaxProblems(document);
    const refused = read.problems.map((problem) => ({
      at: placeOfProblem(document, problem) ?? beginningOf(document),
      message: problemText(problem),
    }));
    // Where the syntax is broken, the structure is guessed.
    const faults = syntax.length > 0 ? syntax : refused;
    const tests = syntax.length > 0 ? [] : read.tests.filter(isWanted);
    const own: TestDocument = { ...read, namespace: read.namespace ?? namespace, tests };
    if (tests.length === 0) {
      if (faults.length > 0) suites.push({ run: undefined, results: [], problems: faults });
      continue;
    }
    const tested = scopesTested(workspace, own);
    if ('problem' in tested) {
      const nowhere = { at: beginningOf(document), message: tested.problem };
      suites.push({ run: undefined, results: [], problems: [...faults, nowhere] });
      continue;
    }
    for (const [i, scope] of tested.scopes.entries()) {
      const run = yield* testSteps(scope, profileIn(settings, scope), own);
      const results = run.outcomes.map(({ test, outcome }) => ({
        test,
        outcome,
        at: placeOfTest(document, test),
        shownAt: placeOfOutcome(document, test, outcome),
      }));
      suites.push({ run, results, problems: i === 0 ? faults : [] });
    }
  }
  return suites;
}

/** The documents of a file that say something: tests, or something that cannot be read. */
export function writtenDocuments(workspace: Workspace, uri: string) {
  const all = workspace.file(uri)?.documents ?? [];
  return all.filter(({ document }) => document.root !== undefined || document.problems.length > 0);
}

export function syntaxProblems(document: YamlDocument): readonly SuiteProblem[] {
  return document.problems.map(({ range, message }) => ({ at: { document, range }, message }));
}

function placeOfTest(document: YamlDocument, { path }: PlacedExpectation): Span | undefined {
  return placeOfProblem(document, { ...placeless, path });
}

/** Where an outcome shows: at what is expected, or at the name that means nothing. */
export function placeOfOutcome(
  document: YamlDocument,
  { path }: PlacedExpectation,
  { problem }: Outcome,
): Span | undefined {
  if (problem === undefined) return placeInTests(document, [...path, 'expect']);
  const { field, index } = problem;
  return (
    placeInTests(document, [...path, field, index]) ??
    placeInTests(document, [...path, field]) ??
    placeInTests(document, path)
  );
}

/** The smallest place that shows a value of a test document; undefined where it says none. */
export function placeInTests(document: YamlDocument, path: YamlPath): Span | undefined {
  return nodeAt(document, path) === undefined ? undefined : placeOfProblem(document, { ...placeless, path });
}

const placeless = { onKey: false, kind: 'refused', message: '' } as const;

function beginningOf(document: YamlDocument): Span {
  return { document, range: { start: 0, end: 0 } };
}
