import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  insertEntry,
  insertItem,
  removeEntry,
  removeItem,
  renderYaml,
  type TextEdit,
  type YamlData,
} from '#server/text/edits.js';
import { SourceFile } from '#server/text/file.js';
import { pathAt } from '#server/text/paths.js';
import { suppressionsOf } from '#server/text/suppressions.js';
import { keyText, type YamlMap, type YamlNode, type YamlSequence } from '#server/text/tree.js';
import { assertRanges, data, edited, read, URI } from './reading.js';
import { LIST, POLICY, SAMPLES } from './samples.js';

const STREAM = SAMPLES.join('---\n');

const piece = fc.oneof(
  fc.constantFrom(
    '\n---\n',
    '- ',
    'a: b\n',
    '"',
    "'",
    '[',
    '}',
    '\t',
    '{{ x }}',
    '{{',
    '#',
    '  ',
    '*base',
    '&x',
    '\r\n',
    '|',
    '\n',
  ),
  fc.string({ maxLength: 6 }),
);

function splice(text: string, at: number, removed: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

test('a file after edits is the file read anew', () => {
  const edit = fc.tuple(fc.nat(STREAM.length), fc.nat(40), piece);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let file = SourceFile.of(URI, STREAM);
      for (const [at, removed, inserted] of edits) file = file.withText(splice(file.text, at, removed, inserted));
      const fresh = SourceFile.of(URI, file.text);
      const view = (each: SourceFile): unknown =>
        each.documents.map(({ document, offset }) => [
          offset,
          document.text,
          data(document.root),
          document.problems,
          document.comments,
        ]);
      assert.deepEqual(view(file), view(fresh));
      for (const { document } of file.documents) assertRanges(document);
    }),
    { numRuns: 150 },
  );
});

test('broken text never throws, and its ranges stay within each other', () => {
  const broken = fc.tuple(fc.constantFrom(...SAMPLES), fc.nat(1200), fc.nat(1200), fc.nat(30), piece);
  fc.assert(
    fc.property(broken, ([sample, end, at, removed, inserted]) => {
      const text = splice(sample.slice(0, end), at, removed, inserted);
      const file = SourceFile.of(URI, text);
      suppressionsOf(file);
      for (const { document } of file.documents) {
        assertRanges(document);
        pathAt(document, Math.min(at, document.text.length));
      }
    }),
    { numRuns: 1500 },
  );
});

test('every truncation of a sample can be read', () => {
  for (const sample of SAMPLES) {
    for (let end = 0; end <= sample.length; end++) {
      for (const { document } of SourceFile.of(URI, sample.slice(0, end)).documents) {
        assertRanges(document);
        pathAt(document, document.text.length);
      }
    }
  }
});

const scalar = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'yes',
    'no',
    '010',
    '1_0',
    '0x1',
    '',
    ' ',
    '~',
    '- x',
    'a: b',
    'x #',
    '<<',
    '{{',
    '...',
    '---',
    'a\n\nb\n',
    '\t',
  ),
  fc.integer(),
  fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.boolean(),
  fc.constant(null),
);

const { tree } = fc.letrec<{ tree: YamlData }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('on', '1', '<<', 'a b', 'x: y')), tie('tree'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ) as fc.Arbitrary<YamlData>,
}));

const style = fc.record({
  indent: fc.integer({ min: 1, max: 6 }),
  eol: fc.constantFrom('\n', '\r\n'),
  indentSequences: fc.boolean(),
  quote: fc.constantFrom<'"' | "'">('"', "'"),
});

test('data written as YAML is read back as the same data', () => {
  fc.assert(
    fc.property(tree, style, (value, options) => {
      const text = renderYaml({ key: value }, options);
      const document = read(text);
      assert.deepEqual(document.problems, [], text);
      // By way of JSON, which knows no prototypes; __proto__ as a key is not ours to judge.
      assert.equal(JSON.stringify(data(document.root)), JSON.stringify({ key: value }), text);
      assertRanges(document);
    }),
    { numRuns: 800 },
  );
});

function collections(node: YamlNode | undefined): (YamlMap | YamlSequence)[] {
  if (node === undefined || node.kind === 'scalar' || node.alias) return [];
  const children = node.kind === 'map' ? node.entries.filter((entry) => !entry.merged) : node.items;
  return [node, ...children.flatMap((child) => collections(child.value))];
}

/** Lines of `before` that are not in `after`, in order; what an edit may not do to lines it does not touch. */
function assertUntouched(before: string, after: string, edit: TextEdit): void {
  const lines = (text: string): string[] => text.split(/(?<=\n)/);
  const { start, end } = edit.span.range;
  const head = lines(before.slice(0, start)).slice(0, -1).join('');
  const tail = lines(before.slice(end)).slice(1).join('');
  assert.ok(after.startsWith(head), 'lines before the edit');
  assert.ok(after.endsWith(tail), 'lines behind the edit');
}

/** The data of a tree after a change at one of its collections, which `data` reads afresh each time. */
function expected(root: YamlNode, target: YamlNode, change: (value: YamlData) => YamlData): YamlData {
  const rebuild = (node: YamlNode): YamlData => {
    const own = ((): YamlData => {
      if (node.kind === 'scalar') return data(node);
      if (node.kind === 'sequence') return node.items.map((item) => rebuild(item.value));
      return Object.fromEntries(node.entries.map((entry) => [keyText(entry), rebuild(entry.value)]));
    })();
    return node === target ? change(own) : own;
  };
  return rebuild(root);
}

const EDITED = [
  POLICY,
  LIST,
  POLICY.replaceAll('\n', '\r\n'),
  POLICY.trimEnd(),
  renderYaml({ a: [[1, [2]], [{ b: {} }]], c: { d: [{}, []] } }, { indentSequences: false }),
];

test('an insertion or removal gives the data it says, and leaves other lines alone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...EDITED), fc.nat(), fc.nat(), tree, (text, which, place, value) => {
      const document = read(text);
      const all = collections(document.root);
      const target = all[which % all.length];
      assert.ok(document.root && target);
      const check = (edit: TextEdit | undefined, change: (value: YamlData) => YamlData): void => {
        assert.ok(edit, 'an edit');
        const after = edited(document, edit);
        assertUntouched(text, after, edit);
        const reread = read(after);
        assert.deepEqual(reread.problems, [], after);
        assert.deepEqual(data(reread.root), expected(document.root as YamlNode, target, change), after);
        assertRanges(reread);
      };
      if (target.kind === 'map') {
        const names = target.entries.map(keyText);
        const after = names.length === 0 ? [] : [names[place % names.length] ?? ''];
        check(insertEntry(target, 'new key', value, place % 2 === 0 ? { after } : { before: after }), (old) => ({
          ...(old as object),
          'new key': value,
        }));
        const gone = target.entries[place % Math.max(1, names.length)];
        if (gone === undefined) return;
        check(removeEntry(target, gone), (old) =>
          Object.fromEntries(Object.entries(old as object).filter(([key]) => key !== keyText(gone))),
        );
        return;
      }
      const at = place % (target.items.length + 1);
      check(insertItem(target, value, { at, comment: 'a comment' }), (old) =>
        (old as YamlData[]).toSpliced(at, 0, value),
      );
      if (at < target.items.length) check(removeItem(target, at), (old) => (old as YamlData[]).toSpliced(at, 1));
    }),
    { numRuns: 1500 },
  );
});
