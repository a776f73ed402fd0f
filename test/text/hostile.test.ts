import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendDocument, removeItem } from '#server/text/edits.js';
import { SourceFile } from '#server/text/file.js';
import { typingPlaceAt } from '#server/text/typing-place.js';
import { assertRanges, data, read, URI } from './reading.js';

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

const header = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: x\n';

/** What git writes where two branches differ; the text of the first must be read as if it stood there alone. */
const conflict = (ours: string, theirs: string, base?: string): string =>
  `<<<<<<< HEAD\n${ours}${base === undefined ? '' : `||||||| 1234567\n${base}`}=======\n${theirs}>>>>>>> feature/x: y\n`;

for (const [name, text, first] of [
  ['two versions', `${header}${conflict('spec:\n  a: 1\n', 'spec:\n  b: 2\n')}more: 1\n`, 'spec:\n  a: 1\n'],
  ['three versions', `${header}${conflict('spec:\n  a: 1\n', 'spec: 2\n', 'spec: 3\n')}more: 1\n`, 'spec:\n  a: 1\n'],
  ['an empty version', `${header}${conflict('', 'spec: 2\n')}more: 1\n`, ''],
] as const) {
  test(`a conflict that git has left, with ${name}: one problem at its marker, and the first is read`, () => {
    for (const change of [(it: string) => it, (it: string) => it.replaceAll('\n', '\r\n')]) {
      const document = read(change(text));
      assert.deepEqual(data(document.root), data(read(`${header}${first}more: 1\n`).root));
      const [problem, ...others] = document.problems;
      assert.deepEqual(others, []);
      assert.match(problem?.message ?? '', /conflict.*Keep one/);
      assert.equal(document.text.slice(problem?.range.start, problem?.range.end), '<<<<<<< HEAD');
      assertRanges(document);
    }
  });
}

test('a conflict over a document marker is named in both documents, and what looks like one is none', () => {
  for (const text of [`${header}<<<<<<< HEAD\nspec: {}\n`, `spec: {}\n=======\nspec: 1\n>>>>>>> x\n`]) {
    assert.match(read(text).problems[0]?.message ?? '', /^Git has left a conflict/);
  }
  for (const text of [
    'a: |\n  <<<<<<< HEAD\n  =======\n',
    'a: "<<<<<<< x"\n',
    '# <<<<<<< HEAD\na: 1\n',
    '<<<<<<<<: 1\n',
  ]) {
    assert.deepEqual(read(text).problems, [], text);
  }
});

test('long runs of one character cost no more than others', () => {
  for (const unit of [
    ' ',
    '\t',
    ':',
    '-',
    '"',
    "'",
    '#',
    ' #',
    '[',
    '{',
    '{{ ',
    '|',
    '\n',
    '\r',
    '&a ',
    '*',
    '.',
    '\\',
    '%',
  ]) {
    for (const before of ['a: x', 'a: ', '']) assertRanges(readWithin(`${before}${unit.repeat(20_000)}b\nc: 1\n`));
  }
});

test('rows of what begins a comment, an anchor or a tag are not read in endless ways', () => {
  for (const sign of ['#', '# ', ' #', '&', '&a ', '!', '! ', '---', '- ']) {
    const row = sign.repeat(200);
    for (const text of [
      `${row}\na: 1\n`,
      `a: ${row}\n  - x\n`,
      `a: ${row} x\n  - y\n`,
      `a:\n  ${row}\n  - x\nb:\n`,
      `a: # ${row}\n  - x\n`,
      `a: # ${row}\n  &x\n  - x\n`,
      `a: ${row} x\n  `,
      `${row}\n...\n`,
      `${row}\n{{ x }}\n`,
      `a: &x ${row} # ${row}\n  - x\n`,
    ]) {
      const file = SourceFile.of(URI, text);
      appendDocument(file, 'b: 1\n');
      for (const { document } of file.documents) {
        const { root } = document;
        for (const { value } of root?.kind === 'map' ? root.entries : [])
          if (value.kind === 'sequence') removeItem(value, 0);
        for (const at of [1, document.text.length]) typingPlaceAt(document.text, at);
      }
    }
  }
});
