import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceFile } from '#server/text/file.js';
import { LineIndex } from '#server/text/lines.js';
import { splitDocuments } from '#server/text/split.js';
import { spanOf } from '#server/text/tree.js';
import { data, URI } from './reading.js';
import { LIST } from './samples.js';

test('a file is cut at markers in the first column', () => {
  assert.deepEqual(splitDocuments('a: 1\n---\nb: 2\n'), ['a: 1\n', '---\nb: 2\n']);
  assert.deepEqual(splitDocuments('---\na: 1\n--- # c\nb: 2\n'), ['---\na: 1\n', '--- # c\nb: 2\n']);
  assert.deepEqual(splitDocuments('a: 1\r\n---\r\nb: 2'), ['a: 1\r\n', '---\r\nb: 2']);
  assert.deepEqual(splitDocuments('a: 1\r---\rb: 2'), ['a: 1\r', '---\rb: 2']);
  assert.deepEqual(splitDocuments('a: |\n  x\n  ---\n  y\n'), ['a: |\n  x\n  ---\n  y\n']);
  assert.deepEqual(splitDocuments('a: |\n  x\n---\nb: 1\n'), ['a: |\n  x\n', '---\nb: 1\n']);
  assert.deepEqual(splitDocuments('a: 1\n----\n---x\n'), ['a: 1\n----\n---x\n']);
  assert.deepEqual(splitDocuments('a: 1\n...\nb: 2\n'), ['a: 1\n...\n', 'b: 2\n']);
});

test('JSON objects that follow each other are cut, as long as all is JSON', () => {
  assert.deepEqual(splitDocuments('{"a":1}\n{"b":2}\n'), ['{"a":1}\n', '{"b":2}\n']);
  assert.deepEqual(splitDocuments('\uFEFF {"a":[{"x":"}{"}]}{"b":null} \r\n\t{"c":-1.5e3}'), [
    '\uFEFF {"a":[{"x":"}{"}]}',
    '{"b":null} \r\n\t',
    '{"c":-1.5e3}',
  ]);
  assert.deepEqual(splitDocuments('{"a":1}\n{"b":2}\n---\nc: 3\n'), ['{"a":1}\n', '{"b":2}\n', '---\nc: 3\n']);
  // What is being typed costs itself.
  assert.deepEqual(splitDocuments('{"a":1}\n{"b":2}\n{"c":\n'), ['{"a":1}\n', '{"b":2}\n', '{"c":\n']);
  // kubectl reads these as YAML, where nothing may follow an object.
  for (const text of ['---\n{"a":1}\n{"b":2}\n', '# c\n{"a":1}\n{"b":2}\n', '{a: 1}\n{b: 2}\n', '{"a":1,}\n{"b":2}\n'])
    assert.deepEqual(splitDocuments(text), [text]);
  assert.deepEqual(splitDocuments('{"a":1}\n# c\n{"b":2}\n'), ['{"a":1}\n# c\n{"b":2}\n']);
});

test('what holds no content goes with the next document', () => {
  assert.deepEqual(splitDocuments('# c\n---\na: 1\n'), ['# c\n---\na: 1\n']);
  assert.deepEqual(splitDocuments('%YAML 1.2\n---\na: 1\n'), ['%YAML 1.2\n---\na: 1\n']);
  assert.deepEqual(splitDocuments('a: 1\n---\n---\n# c\n---\nb: 2\n'), ['a: 1\n', '---\n---\n# c\n---\nb: 2\n']);
  assert.deepEqual(splitDocuments('a: 1\n---\n# c\n'), ['a: 1\n', '---\n# c\n']);
  assert.deepEqual(splitDocuments('a: 1\n...\n# c\n'), ['a: 1\n...\n# c\n']);
  assert.deepEqual(splitDocuments('\uFEFF---\na: 1\n'), ['\uFEFF---\na: 1\n']);
  assert.deepEqual(splitDocuments(''), ['']);
});

test('documents are placed, and found by offset', () => {
  const file = SourceFile.of(URI, `# top\n---\na: 1\n---\n${LIST}`);
  assert.deepEqual(
    file.documents.map((placed) => placed.offset),
    [0, 15],
  );
  const second = file.documents[1]?.document;
  assert.ok(second?.root);
  assert.equal(file.offsetOf(second), 15);
  assert.deepEqual(file.toFile(spanOf(second.root)), { start: 19, end: file.text.trimEnd().length });
  assert.equal(file.documentAt(14)?.offset, 0);
  assert.equal(file.documentAt(15)?.document, second);
  assert.equal(file.documentAt(file.text.length)?.document, second);
  assert.equal(file.documentAt(-1), undefined);
  assert.equal(file.documentAt(file.text.length + 1), undefined);
});

test('an edit keeps the documents it does not touch', () => {
  const before = SourceFile.of(URI, 'a: 1\n---\nb: 2\n---\nc: 3\n', 1);
  const after = before.withText('a: 1\n---\nb: two\n---\nc: 3\n', 2);
  assert.equal(after.version, 2);
  assert.equal(after.documents[0]?.document, before.documents[0]?.document);
  assert.notEqual(after.documents[1]?.document, before.documents[1]?.document);
  assert.equal(after.documents[2]?.document, before.documents[2]?.document);
  assert.equal(after.documents[2]?.offset, 16);
  const old = before.documents[1]?.document;
  assert.ok(old);
  assert.equal(after.offsetOf(old), undefined);
  assert.deepEqual(data(after.documents[1]?.document.root), { b: 'two' });
});

test('repeated documents are never the same object twice', () => {
  const before = SourceFile.of(URI, '---\na: 1\n');
  const after = before.withText('---\na: 1\n---\na: 1\n---\na: 1\n');
  assert.equal(new Set(after.documents.map((placed) => placed.document)).size, 3);
  assert.equal(after.withText('---\na: 1\n---\na: 1\n').documents.length, 2);
});

test('lines and positions, clamped', () => {
  const lines = new LineIndex('ab\r\nc\rd\n😀x');
  assert.equal(lines.lineCount, 4);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((line) => lines.lineText(line)),
    ['ab', 'c', 'd', '😀x', ''],
  );
  assert.deepEqual(lines.positionAt(4), { line: 1, character: 0 });
  assert.deepEqual(lines.positionAt(3), { line: 0, character: 2 });
  assert.deepEqual(lines.positionAt(10), { line: 3, character: 2 });
  assert.deepEqual(lines.positionAt(99), { line: 3, character: 3 });
  assert.deepEqual(lines.positionAt(-1), { line: 0, character: 0 });
  assert.equal(lines.offsetAt({ line: 1, character: 9 }), 5);
  assert.equal(lines.offsetAt({ line: 9, character: 0 }), 11);
  assert.equal(lines.offsetAt({ line: -1, character: 5 }), 0);
});
