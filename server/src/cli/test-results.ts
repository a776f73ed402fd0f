import { cuts } from '../engine/cuts.js';
import type { Outcome } from '../engine/expectations.js';
import { repairs } from '../engine/repair.js';
import type { TestRun } from '../engine/test-runs.js';
import { suitesOf, writtenDocuments } from '../engine/test-suites.js';
import type { Span } from '../text/tree.js';
import type { PlacedExpectation } from '../workspace/test-file.js';
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
  { netpol, show }: Input,
  uris: readonly string[],
  { namespace, filter }: { readonly namespace: string | undefined; readonly filter: string | undefined },
): readonly Suite[] {
  const wanted = filter?.toLowerCase();
  const isWanted = (uri: string, name: string) =>
    wanted === undefined || name.toLowerCase().includes(wanted) || show(uri).toLowerCase().includes(wanted);
  return uris.flatMap((uri): readonly Suite[] => {
    const { workspace, settings } = netpol;
    if (writtenDocuments(workspace, uri).length === 0) {
      const empty = { line: 1, message: 'The file is empty: nothing is tested.' };
      return isWanted(uri, '') ? [{ uri, scope: undefined, results: [], problems: [empty] }] : [];
    }
    const lineOf = (at: Span | undefined) => {
      const file = workspace.file(uri);
      const range = at && file?.toFile(at);
      return range === undefined ? 1 : (file?.lines.positionAt(range.start).line ?? 0) + 1;
    };
    const choice = { namespace, isWanted: ({ expectation }: PlacedExpectation) => isWanted(uri, expectation.name) };
    return suitesOf(workspace, settings, uri, choice).map(({ run, results, problems }) => ({
      uri,
      scope: run?.scope.title,
      results: results.map(({ test, outcome, at }) => ({
        test,
        outcome,
        line: lineOf(at),
        fixes: run === undefined ? [] : fixTitles(test, outcome, run),
      })),
      problems: problems.map(({ at, message }) => ({ line: lineOf(at), message })),
    }));
  });
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
