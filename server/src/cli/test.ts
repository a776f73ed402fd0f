import { count } from '../model/print.js';
import { type Io, parse } from './command.js';
import { CannotRun } from './input.js';
import { readTested, testFilesOf } from './test-files.js';
import { junitOf, testJson } from './test-formats.js';
import { type Result, resultsOf, type Suite } from './test-results.js';
import { suiteText } from './test-text.js';

export const testUsage = `netpol test [PATH...] [--format text|junit|json] [--filter TEXT] [--namespace NS]

  Runs the connectivity tests of every *.netpol-test.yaml file: whether the policies allow what is expected to be allowed,
  and deny what is expected to be denied. docs/connectivity-tests.md describes the format.
  PATH is a folder or a file; the current folder when none is given. Where only test files are named, they are about the
  manifests of the current folder.

  --format text|junit|json  text, JUnit's XML, or the JSON contract of docs/json.md
  --filter TEXT             only the tests whose name or file has this text in it
  --namespace NS            the namespace of names and objects that name none, in files that name none (default: default)

  Exit status: 0 every test passed, 1 some did not, 2 it could not run.

  Examples:
    netpol test examples/shop-fixed
    netpol test examples/shop --filter frontend
    netpol test examples/shop-fixed --format junit`;

/** `netpol test`: exit status 0 only where every test passed for certain. */
export async function test(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, testUsage, {
    format: { type: 'string', default: 'text' },
    filter: { type: 'string' },
    namespace: { type: 'string' },
  });
  const format = String(values.format);
  if (format !== 'text' && format !== 'junit' && format !== 'json')
    throw new CannotRun(`--format ${format}: use text, junit or json`);
  const input = await readTested(io, positionals);
  const namespace = typeof values.namespace === 'string' ? values.namespace : undefined;
  const filter = typeof values.filter === 'string' ? values.filter : undefined;
  const suites = resultsOf(input, testFilesOf(input, io, positionals), { namespace, filter });
  if (suites.length === 0) throw new CannotRun(`no test's name or file holds "${filter}"`);
  if (format === 'json') io.out(`${JSON.stringify(testJson(input, suites), undefined, 2)}\n`);
  else if (format === 'junit') io.out(junitOf(input, suites));
  else {
    for (const suite of suites) io.out(`${suiteText(input, io, suite)}\n`);
    io.out(`${summary(suites)}\n`);
  }
  const { unread } = input.netpol.workspace;
  for (const { uri, reason } of unread) io.err(`netpol: ${input.show(uri)} was not read: ${reason}\n`);
  const passed = suites.every(
    ({ results, problems }) => problems.length === 0 && results.every(({ outcome }) => outcome.verdict === 'passed'),
  );
  // What was not read may be a test, or what a test is about.
  return passed && unread.length === 0 ? 0 : 1;
}

function summary(suites: readonly Suite[]): string {
  const results = suites.flatMap((suite) => suite.results);
  const number = (verdict: Result['outcome']['verdict']) =>
    results.filter(({ outcome }) => outcome.verdict === verdict).length;
  const parts = [
    `${number('passed')} passed`,
    ...[
      [number('failed'), 'failed'],
      [number('not certain'), 'not certain'],
      [number('not asked'), 'not asked'],
    ].flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}`])),
  ];
  const problems = suites.flatMap((suite) => suite.problems).length;
  return `${count(results.length, 'test')}: ${parts.join(', ')}${problems === 0 ? '' : `; ${count(problems, 'problem')} in test files`}`;
}
