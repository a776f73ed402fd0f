import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRanges, data, read } from './reading.js';

/** Far above what is needed, and far below what quadratic work or a blown-up alias would take. */
const LIMIT = 10_000;

function readWithin(text: string): ReturnType<typeof read> {
  const start = performance.now();
  const document = read(text);
  document.root;
  document.problems;
  document.comments;
  assert.ok(performance.now() - start < LIMIT, 'takes too long');
  return document;
}

test('three thousand aliases', () => {
  const document = readWithin(`a: &x {p: 1}\nl:\n${'- *x\n'.repeat(3000)}`);
  assert.deepEqual(document.problems, []);
  assertRanges(document);
});

test('an alias bomb is cut with one problem', () => {
  let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
  for (let i = 1; i < 30; i++)
    bomb += `a${i}: &a${i} [${Array(9)
      .fill(`*a${i - 1}`)
      .join(', ')}]\n`;
  const document = readWithin(bomb);
  assert.equal(document.problems.length, 1);
  assert.match(document.problems[0]?.message ?? '', /100000/);
  assert.ok(JSON.stringify(data(document.root)).length < 2_000_000);
});

test('a chain of merges is bounded', () => {
  let chain = 'a0: &a0 {k: 1}\n';
  for (let i = 1; i < 2000; i++) chain += `a${i}: &a${i}\n  <<: *a${i - 1}\n  k${i}: 1\n`;
  assert.equal(readWithin(chain).problems.length, 1);
});

test('deep nesting does not exhaust the stack', () => {
  const depth = 10_000;
  const texts = [
    '['.repeat(depth),
    '{a: '.repeat(depth),
    '['.repeat(depth) + ']'.repeat(depth),
    '- '.repeat(depth),
    '? '.repeat(depth),
    '{{'.repeat(depth),
    Array.from({ length: 1500 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
  ];
  for (const text of texts) assert.ok(readWithin(text).problems.length > 0);
});

test('many faults stay cheap', () => {
  const many = (line: (i: number) => string): string => Array.from({ length: 500 }, (_, i) => line(i)).join('');
  for (const text of [
    many((i) => `k${i}: "a\n`),
    many((i) => `k${i}: [a\n`),
    many((i) => `word${i}\n`),
    `a:\n${many((i) => `\tk${i}: 1\n`)}`,
    many((i) => `{{ if }}\nk${i}: {{ x }}\n{{ end }}\n`),
  ]) {
    assertRanges(readWithin(text));
  }
});
