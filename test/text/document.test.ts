import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeAt } from '#server/text/paths.js';
import { entryOf, isNull } from '#server/text/tree.js';
import { assertRanges, data, mapAt, read, textAt } from './reading.js';
import { ANCHORS, LIST, POLICY, SAMPLES } from './samples.js';

test('a manifest is read with true, trimmed ranges', () => {
  const document = read(POLICY);
  assert.deepEqual(document.problems, []);
  assertRanges(document);
  assert.equal(textAt(document, mapAt(document, ['spec', 'podSelector']).range), 'matchLabels:\n      role: db');
  assert.equal(
    textAt(document, entryOf(mapAt(document, ['metadata']), 'namespace')?.range ?? { start: 0, end: 0 }),
    'namespace: default',
  );
  assert.equal(document.root?.range.start, POLICY.indexOf('apiVersion'));
  assert.equal(document.root?.range.end, POLICY.trimEnd().length);
});

test('plain scalars mean what Kubernetes takes them for', () => {
  const values: [string, unknown][] = [
    ['yes', true],
    ['On', true],
    ['y', true],
    ['TRUE', true],
    ['n', false],
    ['Off', false],
    ['~', null],
    ['', null],
    ['Null', null],
    ['10', 10],
    ['-5', -5],
    ['+5', 5],
    ['1_000', 1000],
    ['010', 8],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b101', 5],
    ['-0x10', -16],
    ['08', 8],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['.inf', Number.POSITIVE_INFINITY],
    ['-.INF', Number.NEGATIVE_INFINITY],
    ['.nan', Number.NaN],
    ['2001-01-01', '2001-01-01'],
    ['20:21', '20:21'],
    ['yEs', 'yEs'],
    ['1.2.3', '1.2.3'],
    ['_1', '_1'],
    ['.', '.'],
    ['"yes"', 'yes'],
    ["'10'", '10'],
    ['!!str 10', '10'],
    ['!!int "10"', 10],
    ['!!bool "on"', true],
    ['!other 10', 10],
    ['! 10', '10'],
    ['|\n  10', '10\n'],
    ['TCP', 'TCP'],
  ];
  for (const [text, value] of values) {
    assert.deepEqual(data(nodeAt(read(`key: ${text}\n`), ['key'])), value, text);
  }
});

test('keys are strings, whatever they look like', () => {
  assert.deepEqual(data(read('80: a\non: b\n"x y": c\n').root), { 80: 'a', true: 'b', 'x y': 'c' });
});

test('an absent value is a zero-width null behind its colon or dash', () => {
  const document = read('a:   # nothing\nb:\n  -\n  - 1\n');
  const absent = nodeAt(document, ['a']);
  assert.ok(absent?.kind === 'scalar' && isNull(absent));
  assert.equal(absent.style, 'absent');
  assert.deepEqual(absent.range, { start: 2, end: 2 });
  const item = nodeAt(document, ['b', 0]);
  assert.deepEqual(item?.range, { start: document.text.indexOf('-') + 1, end: document.text.indexOf('-') + 1 });
});

test('block scalars hold markers that are indented, and end at their last character', () => {
  const document = read(LIST);
  assert.deepEqual(document.problems, []);
  const text = nodeAt(document, ['items', 0, 'data', 'text']);
  assert.equal(data(text), 'one\n---\ntwo\n');
  assert.equal(text?.kind === 'scalar' && text.style, 'block');
  assert.ok(textAt(document, text?.range ?? { start: 0, end: 0 }).endsWith('two'));
  assert.equal(data(nodeAt(document, ['items', 0, 'data', 'folded'])), 'three four');
});

test('anchors, aliases and merge keys', () => {
  const document = read(ANCHORS);
  assert.deepEqual(document.problems, []);
  assert.deepEqual(data(document.root), {
    base: { app: 'web', tier: 'front' },
    labels: { app: 'web', tier: 'back' },
    copy: { app: 'web', tier: 'front' },
    also: ['front', { app: 'web', tier: 'front', extra: 1 }],
  });
  const copy = mapAt(document, ['copy']);
  assert.ok(copy.alias);
  assert.equal(textAt(document, copy.range), '*base');
  assert.ok(entryOf(mapAt(document, ['labels']), 'app')?.merged);
  assert.ok(!entryOf(mapAt(document, ['labels']), 'tier')?.merged);
});

test('an alias without its anchor, or within it, is unknown and a problem', () => {
  const nowhere = read('a: *x\nb: &x 1\n');
  assert.deepEqual(data(nowhere.root), { a: '<?>', b: 1 });
  assert.match(nowhere.problems[0]?.message ?? '', /no anchor &x/);
  const within = read('a: &x\n  b: *x\n');
  assert.deepEqual(data(within.root), { a: { b: '<?>' } });
  assert.equal(within.problems.length, 1);
});

test('a key that stands twice is marked, and the last is in force', () => {
  const document = read('a: 1\nb: 2\na: 3\n');
  const root = mapAt(document, []);
  assert.deepEqual(
    root.entries.map((entry) => entry.duplicate),
    [false, false, true],
  );
  assert.equal(data(nodeAt(document, ['a'])), 3);
});

test('CRLF, lone CR, a byte order mark and multi-byte text leave ranges true', () => {
  for (const sample of SAMPLES) {
    for (const text of [sample.replaceAll('\n', '\r\n'), sample.replaceAll('\n', '\r'), `\uFEFF${sample}`]) {
      const document = read(text);
      assertRanges(document);
      assert.deepEqual(document.problems, []);
      const plain = JSON.stringify(data(read(sample).root));
      assert.equal(JSON.stringify(data(document.root)), plain);
    }
  }
  const document = read('\uFEFFa: "😀"\r\nb: é\r\n');
  assert.equal(textAt(document, nodeAt(document, ['a'])?.range ?? { start: 0, end: 0 }), '"😀"');
  assert.equal(textAt(document, nodeAt(document, ['b'])?.range ?? { start: 0, end: 0 }), 'é');
});

test('behind a byte order mark, lists and indented maps begin in the first column', () => {
  for (const text of ['- a: 1\n  b: 2\n- a: 3\n', '- a\n- b # c\n', '  a: 1\n  b: [2]\n', '- "a\n  b"\n- {c: d}\n']) {
    const document = read(`\uFEFF${text}`);
    assert.deepEqual(document.problems, [], text);
    assertRanges(document);
    assert.deepEqual(data(document.root), data(read(text).root));
    assert.deepEqual(
      document.comments.map(({ range }) => textAt(document, range)),
      read(text).comments.map(({ range }) => textAt(read(text), range)),
    );
  }
  const document = read('\uFEFF- a: [1\n- b: 2\n');
  assert.deepEqual(
    document.problems.map(({ range }) => textAt(document, range)),
    ['['],
  );
});

test('flow style, single pairs and complex keys', () => {
  const document = read('a: {b: [1, {c: d}, e: f], g}\n? [x]\n: 2\n');
  assert.deepEqual(data(document.root), { a: { b: [1, { c: 'd' }, { e: 'f' }], g: null }, '<?>': 2 });
  assertRanges(document);
});

test('comments are found with their ranges, and only real ones', () => {
  const document = read(POLICY);
  assert.deepEqual(
    document.comments.map((comment) => comment.text),
    [' Who may talk to the database.', ' where it lives', ' the office', ' the frontend'],
  );
  for (const comment of document.comments) assert.equal(textAt(document, comment.range), `#${comment.text}`);
  assert.deepEqual(read('a: "# no"\nb: x#no\nc: |\n  # no\n').comments, []);
});

test('what is no text is no tree, and one problem', () => {
  for (const text of ['a: \0b', '\uFFFD'.repeat(40)]) {
    const document = read(text);
    assert.equal(document.root, undefined);
    assert.equal(document.problems.length, 1);
    assert.match(document.problems[0]?.message ?? '', /not a text file/);
  }
  assert.equal(data(read('Just prose.\n').root), 'Just prose.');
  assert.equal(read('# nothing\n').root, undefined);
  assert.equal(read('').root, undefined);
});

test('quoted text that goes on further left is read as Kubernetes reads it', () => {
  const document = read('spec:\n  config: \'{\n    "a": 1\n}\'\n  next: 1\n');
  assert.deepEqual(document.problems, []);
  assert.deepEqual(data(document.root), { spec: { config: '{ "a": 1 }', next: 1 } });
  assertRanges(document);
});
