import type { Location, Range, TextDocumentIdentifier } from 'vscode-languageserver-types';
import { type Decision, decisionsOf } from '../../engine/decisions.js';
import type { Failure, Outcome } from '../../engine/expectations.js';
import { failureWords } from '../../engine/outcome-words.js';
import type { Steps } from '../../engine/steps.js';
import { suiteSteps, syntaxProblems, type TestResult, writtenDocuments } from '../../engine/test-suites.js';
import { count } from '../../model/print.js';
import type { Netpol } from '../../service.js';
import type { YamlDocument } from '../../text/document.js';
import { nodeAt } from '../../text/paths.js';
import type { Span } from '../../text/tree.js';
import { keyOf } from '../../workspace/files.js';
import { isTestFile, type PlacedExpectation, readTests } from '../../workspace/test-file.js';
import { nearestOf } from '../explain/nearest-rule.js';
import { defineFeature, inSteps } from '../feature.js';
import { escapeMarkdown } from '../hover/effective-markdown.js';
import { linksInto, locate, toLspRange } from '../places.js';

/** `netpol/tests`: what there is to run. */
export interface TestFileItem {
  readonly uri: string;
  readonly tests: readonly TestItem[];
  /** Why a part of the file is no test, in a sentence. */
  readonly problem?: string;
}

export interface TestItem {
  /** Stays the same while other tests come and go. */
  readonly id: string;
  readonly label: string;
  readonly range: Range;
}

/** `netpol/runTests`: some tests of some files, or all of all files. */
export interface RunTestsParams {
  readonly files?: readonly (TextDocumentIdentifier & { readonly tests?: readonly string[] })[];
}

export interface TestFileResult {
  readonly uri: string;
  readonly results: readonly TestResultItem[];
  readonly problems: readonly { readonly message: string; readonly range: Range }[];
}

export interface TestResultItem {
  readonly id: string;
  /** The worst of those in several scopes. Only 'passed' is good news. */
  readonly verdict: Outcome['verdict'];
  readonly messages: readonly TestMessageItem[];
}

export interface TestMessageItem {
  /** Markdown: what is not as expected, and each line that decides it as a link. */
  readonly message: string;
  readonly range: Range;
  /** The lines that decide it. */
  readonly related: readonly { readonly message: string; readonly location: Location }[];
}

export const testsFeature = defineFeature({
  method: 'netpol/tests',
  doc: 'The connectivity tests of the workspace, for a list to run them from.',
  afterLoad: true,
  answer: ({ netpol }) => testFiles(netpol).flatMap((uri) => testFileItem(netpol, uri) ?? []),
});

export const runTestsFeature = defineFeature({
  method: 'netpol/runTests',
  doc: 'What became of connectivity tests, with the lines that decide those that fail.',
  afterLoad: true,
  async answer(asked, { files }: RunTestsParams): Promise<readonly TestFileResult[]> {
    const { netpol } = asked;
    const found: TestFileResult[] = [];
    for (const { uri, tests } of files ?? testFiles(netpol).map((uri) => ({ uri, tests: undefined }))) {
      const results = await inSteps(asked, () => resultsOf(netpol, keyOf(uri), tests));
      if (results !== undefined) found.push(results);
    }
    return found;
  },
});

function testFiles({ workspace }: Netpol): readonly string[] {
  return [...workspace.files.keys()].filter(isTestFile).toSorted();
}

function testFileItem(netpol: Netpol, uri: string): TestFileItem | undefined {
  const file = netpol.workspace.file(uri);
  if (file === undefined) return undefined;
  const written = writtenDocuments(netpol.workspace, uri);
  const [fault] = written.flatMap(({ document }) => syntaxProblems(document));
  const ids = idsOf(netpol, uri);
  const tests = [...ids].map(([{ test, at }, id]) => ({
    id,
    label: test.expectation.name,
    range: rangeAt(netpol, at),
  }));
  return { uri: file.uri, tests, ...(fault === undefined ? {} : { problem: fault.message }) };
}

interface Listed {
  readonly test: PlacedExpectation;
  readonly at: Span | undefined;
}

/** Of tests of one name the later ones are numbered. */
function idsOf({ workspace }: Netpol, uri: string): ReadonlyMap<Listed, string> {
  const seen = new Map<string, number>();
  const listed = writtenDocuments(workspace, uri).flatMap(({ document }) =>
    document.problems.length > 0
      ? []
      : readTests(document).tests.map((test): Listed => ({ test, at: wholeTest(document, test) })),
  );
  return new Map(
    listed.map((each) => {
      const { name } = each.test.expectation;
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      return [each, nth === 1 ? name : `${name} (${nth})`];
    }),
  );
}

function wholeTest(document: YamlDocument, { path }: PlacedExpectation): Span | undefined {
  const range = nodeAt(document, path)?.range;
  return range && { document, range };
}

function* resultsOf(
  netpol: Netpol,
  uri: string,
  only: readonly string[] | undefined,
): Steps<TestFileResult | undefined> {
  const file = netpol.workspace.file(uri);
  if (file === undefined || !isTestFile(uri)) return undefined;
  const ids = new Map([...idsOf(netpol, uri)].map(([{ test }, id]) => [test, id]));
  const isWanted = (test: PlacedExpectation) => only === undefined || only.includes(ids.get(test) ?? '');
  const suites = yield* suiteSteps(netpol.workspace, netpol.settings, uri, { isWanted, namespace: undefined });
  const scopes = new Set(suites.flatMap(({ run }) => (run === undefined ? [] : [run.scope])));
  const byTest = new Map<PlacedExpectation, TestResultItem>();
  for (const { run, results } of suites) {
    for (const result of results) {
      const title = run !== undefined && scopes.size > 1 ? `In ${run.scope.title}: ` : '';
      const known = byTest.get(result.test);
      const verdicts = [result.outcome.verdict, ...(known === undefined ? [] : [known.verdict])];
      byTest.set(result.test, {
        id: ids.get(result.test) ?? result.test.expectation.name,
        verdict: worstFirst.find((verdict) => verdicts.includes(verdict)) ?? result.outcome.verdict,
        messages: [...(known?.messages ?? []), ...messagesOf(netpol, result, title)],
      });
    }
  }
  const problems = suites.flatMap((suite) => suite.problems);
  return {
    uri: file.uri,
    results: [...byTest.values()],
    problems: problems.map(({ at, message }) => ({ message, range: rangeAt(netpol, at) })),
  };
}

const worstFirst: readonly Outcome['verdict'][] = ['not asked', 'failed', 'not certain', 'passed'];

function messagesOf(netpol: Netpol, result: TestResult, title: string): readonly TestMessageItem[] {
  const { outcome, test } = result;
  const { verdict, problem, failures, failing, pairs, notes } = outcome;
  const range = rangeAt(netpol, result.shownAt);
  if (verdict === 'passed') return [];
  if (problem !== undefined) {
    const message = `${title}${problem.field}: ${problem.message} Nothing was tested.`;
    return [{ message: escapeMarkdown(message), range, related: [] }];
  }
  const { expect } = test.expectation;
  const is = verdict === 'failed' ? (expect === 'allowed' ? 'denied' : 'allowed') : `not surely ${expect}`;
  const told = failures.map((failure) => ({ failure, because: becauseOf(failure, expect) }));
  const [first] = told;
  const alone = pairs === 1 && first !== undefined;
  const who = alone ? escapeMarkdown(failureWords(first.failure)) : `${failing} of ${count(pairs, 'connection')}`;
  const verb = alone || failing === 1 ? 'is' : 'are';
  const lines = [
    `${escapeMarkdown(title)}${who} ${verb} **${is}**, and expected to be **${expect}**.`,
    '',
    ...told.flatMap(({ failure, because }) => {
      const links = because.map((decision) => `- ${linked(netpol, decision)}`);
      return alone ? links : [`- ${escapeMarkdown(failureWords(failure))}`, ...links.map((link) => `  ${link}`)];
    }),
    ...(failing > failures.length ? [`- and ${failing - failures.length} more`] : []),
    ...notes.flatMap((note) => ['', `_${escapeMarkdown(note)}_`]),
  ];
  return [
    {
      message: lines.join('\n'),
      range,
      related: relatedOf(
        netpol,
        told.flatMap(({ because }) => because),
      ),
    },
  ];
}

/** Each line that decides a failure once; of what is denied also the rule that nearly allows it. */
function becauseOf(failure: Failure, expect: 'allowed' | 'denied'): readonly Decision[] {
  const all = [...failure.parts.flatMap(decisionsOf), ...(expect === 'allowed' ? nearestOf(failure) : [])];
  return [...new Map(all.map((decision) => [decision.words, decision])).values()];
}

function linked({ workspace }: Netpol, { words, at }: Decision): string {
  const link = at === undefined ? undefined : linksInto(workspace)({ label: words, at });
  return `${escapeMarkdown(words)}${link === undefined ? '' : `: [line ${link.line}](${link.target})`}`;
}

function relatedOf({ workspace }: Netpol, decisions: readonly Decision[]): TestMessageItem['related'] {
  const found = decisions.flatMap(({ words, at }) => {
    const location = at === undefined ? undefined : locate(workspace, at);
    return location === undefined ? [] : [[words, { message: words, location }] as const];
  });
  return [...new Map(found).values()];
}

function rangeAt({ workspace }: Netpol, at: Span | undefined): Range {
  const file = at && workspace.file(at.document.uri);
  const range = at && file?.toFile(at);
  const start = { line: 0, character: 0 };
  return file === undefined || range === undefined ? { start, end: start } : toLspRange(file, range);
}
