import { decisionsOf } from '../engine/decisions.js';
import type { Failure } from '../engine/expectations.js';
import { failureWords } from '../engine/outcome-words.js';
import { nearestOf } from '../features/explain/nearest-rule.js';
import { count } from '../model/print.js';
import type { Io } from './command.js';
import { placed } from './explain-output.js';
import type { Input } from './input.js';
import type { Result, Suite } from './test-results.js';

/** The tests of a file as text: each in a line, and of what did not pass the lines that decide it. */
export function suiteText(input: Input, io: Io, { uri, scope, results, problems }: Suite): string {
  const file = input.show(uri);
  const head =
    io.style.bold(file) + (scope === undefined ? '' : io.style.dim(`  tests ${scope === '' ? 'this folder' : scope}`));
  const lines = [head];
  for (const { line, message } of problems)
    lines.push(`  ${io.style.error('✗ problem')}  ${message}${io.style.dim(`   ${file}:${line}`)}`);
  for (const result of results) lines.push(...resultLines(input, io, file, result));
  return `${lines.join('\n')}\n`;
}

function resultLines(input: Input, { style }: Io, file: string, result: Result): readonly string[] {
  const { test, outcome, line, fixes } = result;
  const { verdict, pairs, failing, failures, problem, notes } = outcome;
  const { name, expect } = test.expectation;
  const many = pairs > 1 ? style.dim(`   ${count(pairs, 'connection')}`) : '';
  const marks = {
    passed: '✓ passed',
    failed: style.error('✗ failed'),
    'not certain': style.warn('? not certain'),
    'not asked': style.error('✗ not asked'),
  };
  const where = verdict === 'passed' ? many : style.dim(`   ${file}:${line}`);
  const lines = [`  ${marks[verdict]}  ${name}${where}`];
  if (problem !== undefined) lines.push(`      ${problem.field}: ${problem.message}`);
  if (failures.length > 0) {
    const is = verdict === 'failed' ? (expect === 'allowed' ? 'denied' : 'allowed') : `not surely ${expect}`;
    const how = pairs === 1 ? '' : ` (${failing} of ${count(pairs, 'connection')})`;
    lines.push(`      expected to be ${expect}, and ${is}${how}:`);
  }
  for (const failure of failures) {
    lines.push(`      ${failureWords(failure)}`);
    const said = new Map(failure.parts.flatMap(decisionsOf).map((decision) => [decision.words, decision.at]));
    for (const [words, at] of said) {
      const place = at === undefined ? undefined : placed(input, at);
      lines.push(`        ${words}${place === undefined ? '' : style.dim(`   ${place.file}:${place.line}`)}`);
      if (place !== undefined) lines.push(style.dim(`        ${String(place.line).padStart(4)} | ${place.text}`));
    }
    if (expect === 'allowed') lines.push(...nearestLines(input, style, failure));
  }
  if (failing > failures.length) lines.push(`      and ${failing - failures.length} more`);
  const kind = expect === 'allowed' ? 'fix' : 'cut';
  for (const title of fixes) lines.push(`      ${style.bold(kind)}   ${title}`);
  for (const note of notes) lines.push(style.dim(`      note  ${note}`));
  return lines;
}

function nearestLines(input: Input, style: Io['style'], failure: Failure): readonly string[] {
  return nearestOf(failure).map(({ words, at }) => {
    const place = at === undefined ? undefined : placed(input, at);
    return `        ${words}${place === undefined ? '' : style.dim(`   ${place.file}:${place.line}`)}`;
  });
}
