import { endWords } from '../engine/connection-words.js';
import { decisionsOf } from '../engine/decisions.js';
import type { Failure } from '../engine/expectations.js';
import { outcomeSentence } from '../engine/outcome-words.js';
import { printConnections } from '../model/ports.js';
import { placed } from './explain-output.js';
import type { Input } from './input.js';
import type { Result, Suite } from './test-results.js';
import { attributes, escaped } from './xml.js';

/** The contract of docs/json.md. */
export function testJson(input: Input, suites: readonly Suite[]) {
  const tests = suites.flatMap(({ uri, scope, results }) =>
    results.map(({ test: { expectation }, outcome, line, fixes }) => ({
      name: expectation.name,
      file: input.show(uri),
      line,
      scope: scope ?? null,
      expect: expectation.expect,
      verdict: outcome.verdict,
      connections: outcome.pairs,
      failing: outcome.failing,
      failures: outcome.failures.map((failure) => failureJson(input, failure)),
      problem: outcome.problem === undefined ? null : `${outcome.problem.field}: ${outcome.problem.message}`,
      notes: outcome.notes,
      fixes,
    })),
  );
  const problems = suites.flatMap(({ uri, problems }) => problems.map((each) => ({ file: input.show(uri), ...each })));
  const number = (verdict: string) => tests.filter((each) => each.verdict === verdict).length;
  return {
    tests,
    problems,
    summary: {
      tests: tests.length,
      passed: number('passed'),
      failed: number('failed'),
      notCertain: number('not certain'),
      notAsked: number('not asked'),
      problems: problems.length,
    },
  };
}

function failureJson(input: Input, { from, to, parts }: Failure) {
  return {
    from: endWords(from),
    to: endWords(to),
    parts: parts.map((part) => ({
      ports: printConnections(part.ports),
      allowed: part.allowed,
      certain: part.certain,
      because: decisionsOf(part).map(({ words, at }) => {
        const place = at === undefined ? undefined : placed(input, at);
        return { message: words, file: place?.file ?? null, line: place?.line ?? null };
      }),
    })),
  };
}

/** JUnit's XML: a suite for each file and scope. Source of the elements: the schema of Jenkins' xunit plugin. */
export function junitOf(input: Input, suites: readonly Suite[]): string {
  const isFailure = ({ outcome: { verdict } }: Result) => verdict === 'failed' || verdict === 'not certain';
  const lines = suites.flatMap(({ uri, scope, results, problems }) => {
    const file = input.show(uri);
    const failures = results.filter(isFailure).length;
    const errors = results.filter(({ outcome }) => outcome.verdict === 'not asked').length + problems.length;
    return [
      `  <testsuite${attributes({ name: scope === undefined ? file : `${file} (${scope})`, tests: results.length + problems.length, failures, errors })}>`,
      ...problems.map(({ line, message }) =>
        testCase({ name: `line ${line}`, classname: file, file, line }, 'error', 'problem', message, message),
      ),
      ...results.map((result) => {
        const { test, outcome, line, fixes } = result;
        const about = { name: test.expectation.name, classname: file, file, line };
        if (outcome.verdict === 'passed') return testCase(about);
        const message = outcome.problem
          ? `${outcome.problem.field}: ${outcome.problem.message}`
          : outcomeSentence(test.expectation, outcome);
        const places = outcome.failures.flatMap(({ parts }) =>
          parts.flatMap(decisionsOf).map(({ words, at }) => {
            const place = at === undefined ? undefined : placed(input, at);
            return place === undefined ? words : `${place.file}:${place.line}  ${words}`;
          }),
        );
        const body = [message, ...new Set(places), ...fixes].join('\n');
        return testCase(about, isFailure(result) ? 'failure' : 'error', outcome.verdict, message, body);
      }),
      '  </testsuite>',
    ];
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="netpol">\n${lines.join('\n')}\n</testsuites>\n`;
}

function testCase(
  about: Readonly<Record<string, string | number>>,
  element?: 'failure' | 'error',
  type = '',
  message = '',
  body = '',
): string {
  if (element === undefined) return `    <testcase${attributes(about)}/>`;
  return `    <testcase${attributes(about)}>\n      <${element}${attributes({ type, message })}>${escaped(body)}</${element}>\n    </testcase>`;
}
