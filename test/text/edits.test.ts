import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  appendDocument,
  applyEdits,
  insertCommentAbove,
  insertEntry,
  insertItem,
  insertItemAt,
  insertLineComment,
  mergeItems,
  removeEntry,
  removeItem,
  renderYaml,
  replaceKey,
  replaceScalar,
  type YamlData,
} from '#server/text/edits.js';
import { SourceFile } from '#server/text/file.js';
import { entryAt, nodeAt } from '#server/text/paths.js';
import type { YamlEntry, YamlNode, YamlPath } from '#server/text/tree.js';
import { spanOf } from '#server/text/tree.js';
import { data, edited, listAt, mapAt, read, URI } from './reading.js';
import { ANCHORS, JSON_TEXT } from './samples.js';

function at(text: string, path: YamlPath): YamlNode {
  const node = nodeAt(read(text), path);
  assert.ok(node);
  return node;
}

function entry(text: string, path: YamlPath): YamlEntry {
  const found = entryAt(read(text), path);
  assert.ok(found);
  return found;
}

function withEntry(text: string, path: YamlPath, key: string, value: YamlData, placement = {}): string {
  const node = at(text, path);
  return edited(read(text), insertEntry(node, key, value, placement));
}

function withItem(text: string, path: YamlPath, value: YamlData, placement = {}): string {
  return edited(read(text), insertItem(at(text, path), value, placement));
}

test('an entry goes last, with or without a line break at the end, behind comments of its line', () => {
  assert.equal(withEntry('a:\n  b: 1 # x\nc: 2\n', ['a'], 'd', 'e'), 'a:\n  b: 1 # x\n  d: e\nc: 2\n');
  assert.equal(withEntry('a:\n  b: 1', ['a'], 'd', { e: [1] }), 'a:\n  b: 1\n  d:\n    e:\n      - 1');
  assert.equal(withEntry('a: 1\r\nb: 2\r\n', [], 'c', [1]), 'a: 1\r\nb: 2\r\nc:\r\n  - 1\r\n');
});

test('an entry goes where its order says', () => {
  const text = 'a: 1\n# of c\nc: 3\n';
  assert.equal(withEntry(text, [], 'b', 2, { after: ['z', 'a'] }), 'a: 1\nb: 2\n# of c\nc: 3\n');
  assert.equal(withEntry(text, [], 'b', 2, { before: ['c'] }), 'a: 1\nb: 2\n# of c\nc: 3\n');
  assert.equal(withEntry(text, [], 'b', 2, { before: ['a'] }), 'b: 2\na: 1\n# of c\nc: 3\n');
  assert.equal(withEntry('- a: 1\n', [0], 'b', 2, { before: ['a'] }), '- b: 2\n  a: 1\n');
  assert.equal(withEntry('x: {a: 1, c: 3}\n', ['x'], 'b', 2, { after: ['a'] }), 'x: {a: 1, b: 2, c: 3}\n');
  assert.equal(withEntry('x: {a: 1, c: 3}\n', ['x'], 'b', 2, { before: ['c'] }), 'x: {a: 1, b: 2, c: 3}\n');
});

test('an empty or absent value becomes a map', () => {
  assert.equal(withEntry('a: {} # all\nb: 1\n', ['a'], 'c', { d: 'e' }), 'a: # all\n  c:\n    d: e\nb: 1\n');
  assert.equal(withEntry('a:\nb: 1\n', ['a'], 'c', 1), 'a:\n  c: 1\nb: 1\n');
  assert.equal(withEntry('a: null\n', ['a'], 'c', 1), 'a:\n  c: 1\n');
  assert.equal(withEntry('a:', ['a'], 'c', 1), 'a:\n  c: 1');
  assert.equal(withEntry('a:\n  {}\n', ['a'], 'c', 1), 'a:\n  c: 1\n');
  assert.equal(withEntry('- {}\n', [0], 'c', 1), '- c: 1\n');
  assert.equal(withEntry('-\n- x\n', [0], 'c', { d: 1 }), '- c:\n    d: 1\n- x\n');
  assert.equal(withEntry('- # here\n', [0], 'c', 1), '- # here\n  c: 1\n');
  assert.equal(withEntry('- a:\n', [0, 'a'], 'c', 1), '- a:\n    c: 1\n');
  assert.equal(withEntry('{}\n', [], 'c', 1), 'c: 1\n');
  assert.equal(withEntry('x: {a: {}}\n', ['x', 'a'], 'c', { d: 'e f' }), 'x: {a: {c: {d: e f}}}\n');
  assert.equal(withEntry('x: {a: }\n', ['x', 'a'], 'c', 1), 'x: {a: {c: 1} }\n'.replace(': {c: 1} }', ': {c: 1} }'));
});

test('the style of the document is taken up', () => {
  const four = "a:\n    b:\n    - 'x'\n";
  assert.equal(
    withEntry(four, ['a'], 'c', { d: ['z', 'on'] }),
    `${four}    c:\n        d:\n        - z\n        - 'on'\n`,
  );
  assert.equal(withEntry('a:\n  - 1\nb:\n', ['b'], 'c', [1]), 'a:\n  - 1\nb:\n  c:\n    - 1\n');
  assert.equal(withItem('a:\n- 1\nb:\n', ['b'], 1), 'a:\n- 1\nb:\n- 1\n');
});

test('JSON stays JSON', () => {
  const inserted = withEntry(JSON_TEXT, ['spec', 'podSelector'], 'matchLabels', { app: 'x' });
  assert.deepEqual(JSON.parse(inserted).spec.podSelector, { matchLabels: { app: 'x' } });
  const listed = withItem(JSON_TEXT, ['spec', 'ingress'], { from: [] }, { comment: 'not here' });
  assert.deepEqual(JSON.parse(listed).spec.ingress, [{ from: [] }, { from: [] }]);
  const added = withEntry(JSON_TEXT, ['spec'], 'egress', [{}], { before: ['ingress'] });
  assert.deepEqual(JSON.parse(added).spec.egress, [{}]);
  assert.equal(insertCommentAbove(spanOf(at(JSON_TEXT, ['spec'])), 'no'), undefined);
  assert.deepEqual(JSON.parse(edited(read(JSON_TEXT), replaceScalar(at(JSON_TEXT, ['kind']), 'X'))).kind, 'X');
});

test('an item goes last or where it is told, with its comment', () => {
  assert.equal(withItem('a:\n  - b: 1\nc: 2\n', ['a'], { d: 1, e: 2 }), 'a:\n  - b: 1\n  - d: 1\n    e: 2\nc: 2\n');
  assert.equal(withItem('a:\n- 1\n', ['a'], 2, { comment: 'two\nlines' }), 'a:\n- 1\n# two\n# lines\n- 2\n');
  assert.equal(withItem('a:\n# one\n- 1\n', ['a'], 0, { at: 0 }), 'a:\n- 0\n# one\n- 1\n');
  assert.equal(withItem('a: [1, 3]\n', ['a'], 2, { at: 1 }), 'a: [1, 2, 3]\n');
  assert.equal(withItem('a: [1, 2]\n', ['a'], { b: 'c, d' }), 'a: [1, 2, {b: "c, d"}]\n');
  assert.equal(withItem('a: [1, 2,]\n', ['a'], 3), 'a: [1, 2, 3]\n');
  assert.equal(withItem('a: [\n  1, # one\n  2\n]\n', ['a'], 3), 'a: [\n  1, # one\n  2,\n  3\n]\n');
  assert.equal(withItem('- - 1\n', [0], 0, { at: 0 }), '- - 0\n  - 1\n');
});

test('an empty or absent value becomes a list', () => {
  assert.equal(withItem('a: []\n', ['a'], { b: 1 }), 'a:\n  - b: 1\n');
  assert.equal(withItem('a:\n', ['a'], 1, { comment: 'c' }), 'a:\n  # c\n  - 1\n');
  assert.equal(withItem('a: ~', ['a'], 1), 'a:\n  - 1');
  assert.equal(edited(read('a:\n'), insertItem(entry('a:\n', ['a']), 1)), 'a:\n  - 1\n');
  assert.equal(insertItem(at('a: {}\n', ['a']), 1), undefined);
  assert.equal(insertItem(at('a: text\n', ['a']), 1), undefined);
  assert.equal(insertEntry(at('a: 1\n', []), 'a', 2), undefined);
});

test('an item at a path makes what is missing', () => {
  const put = (text: string, path: YamlPath, value: YamlData): string => {
    const document = read(text);
    return edited(document, insertItemAt(document, path, value));
  };
  assert.equal(put('spec:\n  a: 1\n', ['spec', 'egress'], { to: [] }), 'spec:\n  a: 1\n  egress:\n    - to: []\n');
  assert.equal(put('spec:\n', ['spec', 'b', 'egress'], 1), 'spec:\n  b:\n    egress:\n      - 1\n');
  assert.equal(
    put('spec:\n  l:\n    - a: 1\n', ['spec', 'l', 0, 'to'], 1),
    'spec:\n  l:\n    - a: 1\n      to:\n        - 1\n',
  );
  assert.equal(put('l: []\n', ['l', 0, 'to'], 1), 'l:\n  - to:\n      - 1\n');
  assert.equal(put('l:\n- 1\n', ['l'], 2), 'l:\n- 1\n- 2\n');
  const document = read('a: text\n');
  assert.equal(insertItemAt(document, ['a', 'b'], 1), undefined);
  assert.equal(insertItemAt(document, ['a'], 1), undefined);
});

test('a block scalar that keeps its blank lines keeps them', () => {
  const text = 'a:\n  b: |+\n    x\n\n\nc: 1\n';
  const after = withEntry(text, ['a'], 'd', 1);
  assert.equal(after, 'a:\n  b: |+\n    x\n\n\n  d: 1\nc: 1\n');
  assert.deepEqual(data(read(after).root), { a: { b: 'x\n\n\n', d: 1 }, c: 1 });
});

test('scalars and keys are replaced in their quotes', () => {
  const put = (text: string, value: string | number): string =>
    edited(read(text), replaceScalar(at(text, ['a']), value));
  assert.equal(put('a: b # c\n', 'd'), 'a: d # c\n');
  assert.equal(put("a: 'b'\n", "it's"), "a: 'it''s'\n");
  assert.equal(put('a: "b"\n', 'c'), 'a: "c"\n');
  assert.equal(put('a: "80"\n', 80), 'a: 80\n');
  assert.equal(put('a: 80\n', '80'), 'a: "80"\n');
  assert.equal(put('a: b\n', 'on'), 'a: "on"\n');
  assert.equal(put('a:\n', 'b'), 'a: b\n');
  assert.equal(put('a: |\n  x\n  y\nb: 1\n', 'z'), 'a: z\nb: 1\n');
  assert.equal(put('{a: b}\n', 'c, d'), '{a: "c, d"}\n');
  assert.equal(edited(read('prot: 1\n'), replaceKey(entry('prot: 1\n', ['prot']), 'protocol')), 'protocol: 1\n');
  assert.equal(edited(read('"a": 1\n'), replaceKey(entry('"a": 1\n', ['a']), 'b')), '"b": 1\n');
});

test('an entry is removed with its lines and the comments above it', () => {
  const remove = (text: string, path: string[]): string => {
    const document = read(text);
    const found = entryAt(document, path);
    assert.ok(found);
    return edited(document, removeEntry(mapAt(document, path.slice(0, -1)), found));
  };
  assert.equal(remove('a: 1\n\n# of b\nb:\n  c: 2 # c\nd: 3\n', ['b']), 'a: 1\n\nd: 3\n');
  assert.equal(remove('# header\na: 1\nb: 2\n', ['a']), '# header\nb: 2\n');
  assert.equal(remove('a: 1\nb: 2', ['b']), 'a: 1');
  assert.equal(remove('a: 1\r\nb: 2', ['b']), 'a: 1');
  assert.equal(remove('x:\n  a: 1\ny: 2\n', ['x', 'a']), 'x: {}\ny: 2\n');
  assert.equal(remove('x:\n  # c\n  a: 1\ny: 2\n', ['x', 'a']), 'x: {}\n  # c\ny: 2\n');
  assert.equal(remove('x: {a: 1, b: 2, c: 3}\n', ['x', 'a']), 'x: {b: 2, c: 3}\n');
  assert.equal(remove('x: {a: 1, b: 2}\n', ['x', 'b']), 'x: {a: 1}\n');
  assert.equal(remove('x: { a: 1 }\n', ['x', 'a']), 'x: {}\n');
  const list = read('- a: 1\n  # of b\n  b: 2\n- c: 3\n');
  const first = entryAt(list, [0, 'a']);
  assert.ok(first);
  assert.equal(edited(list, removeEntry(mapAt(list, [0]), first)), '- # of b\n  b: 2\n- c: 3\n');
});

test('an item is removed, and the last one leaves an empty list', () => {
  const remove = (text: string, path: YamlPath, index: number): string => {
    const document = read(text);
    return edited(document, removeItem(listAt(document, path), index));
  };
  assert.equal(remove('a:\n  # one\n  - b: 1\n    c: 2\n  # two\n  - 2\n', ['a'], 0), 'a:\n  # two\n  - 2\n');
  assert.equal(remove('a:\n  - 1\n  # two\n  - 2\nb: 1\n', ['a'], 1), 'a:\n  - 1\nb: 1\n');
  assert.equal(remove('a:\n- 1 # x\nb: 1\n', ['a'], 0), 'a: [] # x\nb: 1\n');
  assert.equal(remove('a: # c\n- 1\nb: 1\n', ['a'], 0), 'a: [] # c\nb: 1\n');
  assert.equal(remove('- - 1\n  - 2\n', [0], 0), '- - 2\n');
  assert.equal(remove('- 1\n', [], 0), '[]\n');
  assert.equal(remove('a: [1, 2]\n', ['a'], 1), 'a: [1]\n');
  assert.equal(remove('a: [1]\n', ['a'], 0), 'a: []\n');
});

test('two items become one', () => {
  const merge = (text: string, first: number, second: number): string => {
    const document = read(text);
    return edited(document, mergeItems(listAt(document, ['from']), first, second));
  };
  const pods = '    # the pods\n    - podSelector: # p\n        matchLabels: {a: b}\n';
  const spaces = '    - namespaceSelector:\n        matchLabels:\n          c: "d"\n';
  assert.equal(merge(`from:\n${spaces}${pods}`, 0, 1), `from:\n${spaces}${pods.replace('- ', '  ')}`);
  const other = '    - ipBlock: {cidr: 10.0.0.0/8}\n';
  assert.equal(merge(`from:\n${spaces}${other}${pods}`, 0, 2), `from:\n${spaces}${pods.replace('- ', '  ')}${other}`);
  assert.equal(
    merge(`from:\n${pods}${other}${spaces}`, 2, 0),
    `from:\n${other}${spaces}${pods.replace('- ', '  ').trimEnd()}\n`,
  );
  assert.equal(merge('from: [{a: 1}, {b: 2}]\n', 0, 1), 'from: [{a: 1, b: 2}]\n');
  assert.equal(merge('from:\n- {a: 1}\n- {b: 2}\n', 0, 1), 'from:\n- {a: 1, b: 2}\n');
  const same = read('from:\n- a: 1\n- a: 2\n');
  assert.equal(mergeItems(listAt(same, ['from']), 0, 1), undefined);
});

test('comments are put above and behind', () => {
  const text = 'a:\n  b: 1\n  c: "x\n    y"\n  d: 1 # has one\n  e: |\n    f\n';
  const document = read(text);
  const span = (path: YamlPath) => spanOf(nodeAt(document, path) ?? assert.fail());
  assert.equal(
    edited(document, insertCommentAbove(span(['a', 'b']), 'no #')),
    text.replace('  b: 1', '  # no #\n  b: 1'),
  );
  assert.equal(edited(document, insertLineComment(span(['a', 'b']), 'x')), text.replace('b: 1', 'b: 1 # x'));
  assert.equal(insertLineComment(span(['a', 'c']), 'x'), undefined);
  assert.equal(insertLineComment(span(['a', 'd']), 'x'), undefined);
  assert.equal(edited(document, insertLineComment(span(['a', 'e']), 'x')), text.replace('e: |', 'e: | # x'));
});

test('a document is added at the end of a file', () => {
  const append = (text: string, added = 'k: v\n'): string => {
    const file = SourceFile.of(URI, text);
    const edit = appendDocument(file, added);
    assert.ok(edit);
    const range = file.toFile(edit.span);
    assert.ok(range);
    return applyEdits(text, [{ range, newText: edit.newText }]);
  };
  assert.equal(append('a: 1\n'), 'a: 1\n---\nk: v\n');
  assert.equal(append('a: 1'), 'a: 1\n---\nk: v\n');
  assert.equal(append('a: 1\r\n'), 'a: 1\r\n---\r\nk: v\r\n');
  assert.equal(append('a: 1\n---\n'), 'a: 1\n---\nk: v\n');
  assert.equal(append('a: 1\n---'), 'a: 1\n---\nk: v\n');
  assert.equal(append('a: 1\n...\n'), 'a: 1\n...\n---\nk: v\n');
  assert.equal(append('', '---\nk: v'), 'k: v\n');
  assert.equal(append('# c\n'), '# c\nk: v\n');
  assert.equal(appendDocument(SourceFile.of(URI, JSON_TEXT), 'a: 1'), undefined);
});

test('no edit where an alias or merge would carry it elsewhere', () => {
  const document = read(ANCHORS);
  assert.equal(insertEntry(mapAt(document, ['copy']), 'x', 1), undefined);
  assert.equal(insertEntry(mapAt(document, ['base']), 'x', 1), undefined);
  const labels = mapAt(document, ['labels']);
  const merged = entryAt(document, ['labels', 'app']);
  const base = entryAt(document, ['base']);
  assert.ok(merged && base);
  assert.equal(removeEntry(labels, merged), undefined);
  assert.equal(replaceKey(merged, 'x'), undefined);
  assert.equal(replaceScalar(merged.value, 'x'), undefined);
  assert.equal(removeEntry(mapAt(document, []), base), undefined);
  assert.equal(removeItem(listAt(document, ['also']), 0)?.newText, '');
  assert.equal(
    edited(document, insertEntry(labels, 'x', 1)),
    ANCHORS.replace('  tier: back\n', '  tier: back\n  x: 1\n'),
  );
});

test('templates are edited around their actions', () => {
  const text = 'a:\n  b: {{ .x }}\n  {{- toYaml .y | nindent 2 }}\nc:\n  {{- toYaml .z | nindent 2 }}\n';
  assert.equal(withEntry(text, ['a'], 'd', 1), text.replace('{{ .x }}\n', '{{ .x }}\n  d: 1\n'));
  const document = read(text);
  const absent = nodeAt(document, ['c']);
  assert.ok(absent);
  assert.equal(insertEntry(absent, 'd', 1), undefined);
});

test('strings that would be read as something else are quoted', () => {
  for (const value of [
    '',
    'yes',
    '10',
    '1.5',
    'null',
    '~',
    '- a',
    'a: b',
    'a #b',
    '#a',
    '*a',
    '&a',
    '!a',
    '@a',
    '%a',
    ' a',
    'a ',
    'a\nb',
    '2020-01-01',
    '1:30',
    '=',
    '"',
    "'",
    '{a',
    'a:',
    '...',
    '---',
    '\u0085',
    '\u2028',
    '\ufeff',
    '{{ a }}',
  ]) {
    const text = renderYaml({ a: value, [value]: [value] });
    assert.deepEqual(data(read(text).root), { a: value, [value]: [value] }, text);
    assert.match(text, /^a: ["']/m, text);
  }
  assert.equal(renderYaml({ 'app.kubernetes.io/name': 'a-b_c/d:e' }), 'app.kubernetes.io/name: a-b_c/d:e\n');
  assert.equal(
    renderYaml({ a: [{ b: 1, c: [] }] }, { indent: 4, indentSequences: false, eol: '\r\n' }),
    'a:\r\n- b: 1\r\n  c: []\r\n',
  );
});

test('edits are applied in any order, and never across each other', () => {
  const edits = [
    { range: { start: 2, end: 3 }, newText: 'X' },
    { range: { start: 0, end: 1 }, newText: '' },
    { range: { start: 3, end: 3 }, newText: '!' },
  ];
  assert.equal(applyEdits('abcd', edits), 'bX!d');
  assert.throws(() => applyEdits('abcd', [...edits, { range: { start: 1, end: 3 }, newText: '' }]), RangeError);
  assert.throws(() => applyEdits('abcd', [{ range: { start: 3, end: 9 }, newText: '' }]), RangeError);
});
