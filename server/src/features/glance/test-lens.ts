import type { Command } from 'vscode-languageserver-types';
import type { Expectations, Outcome } from '../../engine/expectations.js';
import { outcomeSentence } from '../../engine/outcome-words.js';
import { scopesTested } from '../../engine/test-runs.js';
import type { SourceFile } from '../../text/file.js';
import { nodeAt } from '../../text/paths.js';
import { type PlacedExpectation, readTests, type TestDocument } from '../../workspace/test-file.js';
import { endName } from '../explain/end-name.js';
import type { Asked } from '../feature.js';
import { commandFor } from './lens-command.js';

/** A test, and where it begins in its file. */
export interface TestPlace {
  readonly tests: TestDocument;
  readonly test: PlacedExpectation;
  readonly offset: number;
}

/** The tests of a file that can be read. */
export function testsIn(file: SourceFile): readonly TestPlace[] {
  return file.documents.flatMap(({ document, offset }) => {
    if (document.problems.length > 0) return [];
    const tests = readTests(document);
    return tests.tests.flatMap((test) => {
      const node = nodeAt(document, test.path);
      return node === undefined ? [] : [{ tests, test, offset: offset + node.range.start }];
    });
  });
}

const worstFirst: readonly Outcome['verdict'][] = ['failed', 'not asked', 'not certain', 'passed'];

const verdictWords = { failed: 'fails', 'not asked': 'not asked', 'not certain': 'not certain', passed: 'passes' };

/** "passes", "fails: shop/web to shop/api on TCP 80 is denied: ..."; behind it the explanation of a connection. */
export function testCommand(asked: Asked, { uri }: SourceFile, { tests, test }: TestPlace): Command {
  const { netpol } = asked;
  const tested = scopesTested(netpol.workspace, tests);
  if ('problem' in tested) return { title: `not asked: ${tested.problem}`, command: '' };
  const runs = tested.scopes.flatMap((scope) => {
    const run = netpol.testRun(scope, tests);
    const outcome = run.outcomes.find((each) => each.test === test)?.outcome;
    return outcome === undefined ? [] : [{ scope, outcome, expectations: run.expectations }];
  });
  const [worst] = runs.toSorted(
    (a, b) => worstFirst.indexOf(a.outcome.verdict) - worstFirst.indexOf(b.outcome.verdict),
  );
  if (worst === undefined) return { title: '', command: '' };
  const { outcome, scope, expectations } = worst;
  const { verdict, problem } = outcome;
  const why =
    problem === undefined ? outcomeSentence(test.expectation, outcome) : `${problem.field}: ${problem.message}`;
  const where = runs.length === 1 || verdict === 'passed' ? '' : ` in ${scope.title}`;
  const title = `${verdictWords[verdict]}${where}${verdict === 'passed' ? '' : `: ${shortened(why)}`}`;
  const question = questionAbout(test, outcome, expectations);
  if (question === undefined) return { title, command: '' };
  return commandFor(asked, title, 'netpol.explainConnection', { textDocument: { uri }, ...question });
}

const longest = 100;

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest).replace(/\s+\S*$/, '')} …`;
}

/** The first connection that fails, or that is tested, as `netpol/explain` takes it; undefined for one that has no name. */
function questionAbout({ expectation }: PlacedExpectation, { failures }: Outcome, expectations: Expectations) {
  const found = expectations.pairsOf(expectation, 1);
  const pair = failures[0] ?? ('pairs' in found ? found.pairs[0] : undefined);
  if (pair === undefined) return undefined;
  const [from, to] = [pair.from, pair.to].map((end) => {
    const name = endName(end);
    return name === 'any address' ? 'internet' : name;
  });
  // Several blocks of addresses are no end that can be named.
  if (from === undefined || to === undefined || [from, to].some((name) => / and |,| /.test(name))) return undefined;
  const [port] = expectation.ports;
  if (port === undefined) return { from, to };
  return { from, to, port: port.port, ...(port.protocol === undefined ? {} : { protocol: port.protocol }) };
}
