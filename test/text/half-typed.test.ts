import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeAt } from '#server/text/paths.js';
import { assertRanges, data, read, textAt } from './reading.js';

/** What `lines` within a spec are read as, beside the keys around them, which must survive. */
function specOf(lines: string): unknown {
  const document = read(`kind: K\nspec:\n  first: 1\n${lines}\n  last: [2]\nend: 3\n`);
  assertRanges(document);
  assert.ok(document.problems.length > 0, 'a problem is reported');
  const { kind, spec, end } = data(document.root) as Record<string, unknown>;
  assert.equal(kind, 'K');
  assert.equal(end, 3);
  const { first, last, ...rest } = spec as Record<string, unknown>;
  assert.equal(first, 1);
  assert.deepEqual(last, [2]);
  return rest;
}

test('a lone word is a key without a value', () => {
  assert.deepEqual(specOf('  prot'), { prot: null });
  assert.deepEqual(specOf('  ports:\n  - port: 80\n    prot\n    endPort: 90'), {
    ports: [{ port: 80, prot: null, endPort: 90 }],
  });
});

test('a lone word at the end of the text', () => {
  const document = read('spec:\n  a: 1\n  prot');
  assert.deepEqual(data(document.root), { spec: { a: 1, prot: null } });
  assert.deepEqual(nodeAt(document, ['spec', 'prot'])?.range, { start: 19, end: 19 });
});

test('a key without its colon keeps what is below it', () => {
  assert.deepEqual(specOf('  sel\n    matchLabels:\n      app: x'), { sel: { matchLabels: { app: 'x' } } });
  assert.deepEqual(specOf('  ingress\n    - from: []'), { ingress: [{ from: [] }] });
  assert.deepEqual(specOf('  port:80'), { port: 80 });
});

test('an open quote ends with its line', () => {
  assert.deepEqual(specOf('  a: "x\n  b: "y"'), { a: 'x', b: 'y' });
  assert.deepEqual(specOf("  a: 'x"), { a: 'x' });
  assert.deepEqual(specOf('  a: [1, "x]\n  b: 2'), { a: [1, 'x'], b: 2 });
});

test('an open bracket ends before the next line that cannot stand in it', () => {
  assert.deepEqual(specOf('  a: [1, 2\n  b: 3'), { a: [1, 2], b: 3 });
  assert.deepEqual(specOf('  a: {b: {c: d\n  e: f'), { a: { b: { c: 'd' } }, e: 'f' });
});

test('a stray dash or list is left out', () => {
  assert.deepEqual(specOf('  -'), {});
  assert.deepEqual(specOf('  - a: 1\n    b: 2'), {});
  assert.deepEqual(specOf("  - a: 'x"), {});
});

test('tabs as indentation', () => {
  assert.deepEqual(specOf('\ta: 1'), { a: 1 });
  assert.deepEqual(specOf('  a:\n\t\tb: 1\n\t\tc: 2'), { a: { b: 1, c: 2 } });
  const document = read('spec:\n\ta: 1\n\tb:\n\t\tc: 2\nd: 4\n');
  assert.deepEqual(data(document.root), { spec: { a: 1, b: { c: 2 } }, d: 4 });
  assert.equal(textAt(document, nodeAt(document, ['spec', 'b', 'c'])?.range ?? { start: 0, end: 0 }), '2');
  assert.match(document.problems[0]?.message ?? '', /tabs/);
});

test('a line indented too deep stands beside the one above', () => {
  assert.deepEqual(specOf('  a: 1\n    b: 2\n  c: 3'), { a: 1, b: 2, c: 3 });
});

test('a document that begins indented goes on further left', () => {
  const document = read('  a: 1\nb: 2\nc:\n  d: 3\n');
  assert.deepEqual(data(document.root), { a: 1, b: 2, c: { d: 3 } });
  assert.equal(document.problems.length, 1);
});

test('problems are in our own words, one for a line, with a range that shows', () => {
  const document = read('a: 1\n  b\nc: {d: 1\n');
  for (const problem of document.problems) {
    assert.match(problem.message, /\.$/);
    assert.ok(problem.range.end > problem.range.start);
  }
  const colon = read('spec:\n  prot\n  a: 1\n').problems;
  assert.deepEqual(
    colon.map((problem) => problem.message),
    ['`prot` is not followed by a colon. Write `prot:` and a value, or remove the line.'],
  );
});
