import { cuts } from '../engine/cuts.js';
import type { Outcome } from '../engine/expectations.js';
import { repairs } from '../engine/repair.js';
import { runTests, scopesTested, type TestRun } from '../engine/test-runs.js';
import { problemText } from '../workspace/settings.js';
import { placeOfProblem } from '../workspace/settings-file.js';
import { type PlacedExpectation, readTests, type TestDocument } from '../workspace/test-file.js';
import type { Input } from './input.js';

/** The tests of one file in one scope, as they came out. */
export interface Suite {
  readonly uri: string;
  /** Undefined where there is none to test in. */
  readonly scope: string | undefined;
  readonly results: readonly Result[];
  /** What is wrong with the file itself: part of it was not run. */
  readonly problems: readonly FileProblem[];
}

export interface Result {
  readonly test: PlacedExpectation;
  readonly outcome: Outcome;
  /** From 1. */
  readonly line: number;
  /** Titles of edits after which the first failing connection would be as expected. */
  readonly fixes: readonly string[];
}

export interface FileProblem {
  readonly line: number;
  readonly message: string;
}

/** Runs the tests of some files; without files of which the filter leaves nothing. */
export function resultsOf(
  input: Input,
  uris: readonly string[],
  { namespace, filter }: { readonly namespace: string | undefined; readonly filter: string | undefined },
): readonly Suite[] {
  const wanted = filter?.toLowerCase();
  const isWanted = (uri: string) => (name: string) =>
    wanted === undefined || name.toLowerCase().includes(wanted) || input.show(uri).toLowerCase().includes(wanted);
  return uris.flatMap((uri) => {
    const file = input.netpol.workspace.file(uri);
    const lineOf = (document: TestDocument['document'], offset = 0) =>
      (file?.lines.positionAt((file.offsetOf(document) ?? 0) + offset).line ?? 0) + 1;
    const written = (file?.documents ?? []).filter(
      ({ document }) => document.root !== undefined || document.problems.length > 0,
    );
    const suites = written.flatMap(({ document }): readonly Suite[] => {
      const { problems, tests, ...more } = readTests(document);
      const syntax = document.problems.map(({ range, message }) => ({ line: lineOf(document, range.start), message }));
      const refused = problems.map((problem) => ({
        line: lineOf(document, placeOfProblem(document, problem)?.range.start),
        message: problemText(problem),
      }));
      // Where the syntax is broken, the structure is guessed.
      const faults = syntax.length > 0 ? syntax : refused;
      const own = {
        ...more,
        namespace: more.namespace ?? namespace,
        tests: syntax.length > 0 ? [] : tests.filter(({ expectation }) => isWanted(uri)(expectation.name)),
        problems,
      };
      if (own.tests.length === 0) return faults.length === 0 ? [] : [suite(uri, undefined, [], faults)];
      const tested = scopesTested(input.netpol.workspace, own);
      if ('problem' in tested)
        return [suite(uri, undefined, [], [...faults, { line: lineOf(document), message: tested.problem }])];
      return tested.scopes.map((scope, i) => {
        const run = runTests(scope, input.netpol.profileOf(scope), own);
        const results = run.outcomes.map(({ test, outcome }) => ({
          test,
          outcome,
          line: lineOf(document, placeOfProblem(document, { ...placeless, path: test.path })?.range.start),
          fixes: fixTitles(test, outcome, run),
        }));
        return suite(uri, scope.title, results, i === 0 ? faults : []);
      });
    });
    const isEmpty = written.length === 0 && isWanted(uri)('');
    return isEmpty
      ? [suite(uri, undefined, [], [{ line: 1, message: 'The file is empty: nothing is tested.' }])]
      : suites;
  });
}

const placeless = { onKey: false, kind: 'refused', message: '' } as const;

function suite(
  uri: string,
  scope: string | undefined,
  results: readonly Result[],
  problems: readonly FileProblem[],
): Suite {
  return { uri, scope, results, problems };
}

function fixTitles({ expectation }: PlacedExpectation, { verdict, failures }: Outcome, { expectations }: TestRun) {
  const [first] = failures;
  if (verdict !== 'failed' || first === undefined || expectation.ports.length === 0) return [];
  const found = (expectation.expect === 'allowed' ? repairs : cuts)(
    expectations.judge,
    first.from,
    first.to,
    first.ports,
  );
  return found.repairs.map(({ title }) => title);
}
