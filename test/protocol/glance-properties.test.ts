// What is shown of any manifest holds together: outlines, folds, selections, colours and hints of every fixture, of its
// beginnings, and with other line endings.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { FoldingRange } from 'vscode-languageserver-types';
import { inlayHints } from '#server/features/glance/inlay-hints.js';
import { tokensOf } from '#server/features/glance/semantic-tokens.js';
import { foldingRanges } from '#server/features/outline/folding.js';
import { outlineOf, outlineOfTests } from '#server/features/outline/outline.js';
import type { Outlined } from '#server/features/outline/outlined.js';
import { selectionsAt } from '#server/features/outline/selection-range.js';
import type { Netpol } from '#server/service.js';
import type { SourceFile } from '#server/text/file.js';
import { covers, type TextRange } from '#server/text/range.js';
import { readEditorSettings } from '#server/workspace/editor-settings.js';
import { filesOf, open, parseFixture } from '../rules/harness.js';

const here = fileURLToPath(new URL('../../rules/fixtures/', import.meta.url));
const editor = readEditorSettings({});

test('every fixture, and what is left of it while it is typed', async () => {
  for (const name of readdirSync(here).filter((file) => file.endsWith('.yaml'))) {
    const fixture = parseFixture(readFileSync(here + name, 'utf8'));
    const netpol = await open(filesOf(fixture), fixture.settings);
    for (const [uri, text] of filesOf(fixture)) {
      const lines = text.split('\n');
      const cuts = lines.flatMap((_, i) => (i % 7 === 3 ? [lines.slice(0, i).join('\n') + lines[i]?.slice(0, 9)] : []));
      for (const each of [text, text.replaceAll('\n', '\r\n'), `\uFEFF${text}`, ...cuts]) {
        netpol.workspace.setBuffer(uri, each, undefined);
        try {
          checkAll(netpol, uri);
        } catch (error) {
          throw new Error(`${name}, ${uri}, of the text ${JSON.stringify(each)}`, { cause: error });
        }
      }
    }
  }
});

function checkAll(netpol: Netpol, uri: string): void {
  const file = netpol.workspace.file(uri);
  assert.ok(file !== undefined);
  for (const { document } of file.documents) {
    const whole = { start: 0, end: document.text.length };
    checkOutline([...outlineOf(document), ...outlineOfTests(document)], whole);
  }
  checkFolds(file);
  checkSelections(file);
  checkTokens(file);
  checkHints(netpol, file);
}

function checkOutline(parts: readonly Outlined[], outer: TextRange): void {
  for (const { name, range, at, children } of parts) {
    assert.ok(name.trim() !== '', 'a symbol has a name');
    assert.ok(covers(outer, range), `${name} lies within what it is part of`);
    assert.ok(covers(range, at), `${name} is shown within itself`);
    checkOutline(children, range);
  }
}

function checkFolds(file: SourceFile): void {
  const { text, lines } = file;
  const folds = foldingRanges(file);
  const open: FoldingRange[] = [];
  let before = -1;
  for (const fold of folds) {
    assert.ok(fold.startLine > before, 'one fold begins in a line, in their order');
    assert.ok(fold.startLine < fold.endLine && fold.endLine < lines.lineCount, 'a fold has lines');
    before = fold.startLine;
    while ((open.at(-1)?.endLine ?? Number.POSITIVE_INFINITY) < fold.startLine) open.pop();
    assert.ok(fold.endLine <= (open.at(-1)?.endLine ?? Number.POSITIVE_INFINITY), 'no fold crosses another');
    open.push(fold);
  }
  const found = new Map(folds.map((fold) => [fold.startLine, fold.endLine]));
  for (const [first, last] of byIndentation(text.split(/\r?\n/))) {
    const end = found.get(first) ?? -1;
    assert.ok(end >= last, `lines ${first} to ${last} fold by indentation, and here up to ${end}`);
  }
}

/** What an editor folds that knows nothing but indentation; a comment there is a line as any other. */
function byIndentation(lines: readonly string[]): Map<number, number> {
  const folds = new Map<number, number>();
  const isContent = (line: string) => /^\s*[^\s#]/.test(line) && !/^\s*\{\{.*\}\}\s*$/.test(line);
  const indentOf = (line: string) => line.replace('\uFEFF', '').search(/\S/);
  lines.forEach((line, first) => {
    if (!isContent(line)) return;
    let last = first;
    for (let i = first + 1; i < lines.length; i++) {
      const other = lines[i] ?? '';
      if (other.trim() === '') continue;
      if (indentOf(other) <= indentOf(line)) break;
      if (isContent(other)) last = i;
    }
    if (last > first) folds.set(first, last);
  });
  return folds;
}

function checkSelections(file: SourceFile): void {
  for (let offset = 0; offset <= file.text.length; offset += 23) {
    const ranges = selectionsAt(file, offset);
    ranges.forEach((range, i) => {
      assert.ok(range.start <= offset && offset <= range.end, 'a selection holds its place');
      const inner = ranges[i - 1];
      assert.ok(inner === undefined || (covers(range, inner) && !covers(inner, range)), 'each is larger');
    });
    if (file.text !== '') assert.deepEqual(ranges.at(-1), { start: 0, end: file.text.length });
  }
}

function checkTokens(file: SourceFile): void {
  let before = 0;
  for (const { range } of tokensOf(file, { start: 0, end: file.text.length })) {
    assert.ok(
      range.start >= before && range.end > range.start && range.end <= file.text.length,
      'tokens in their order',
    );
    before = range.end;
  }
}

function checkHints(netpol: Netpol, file: SourceFile): void {
  const { lines } = file;
  const hints = inlayHints(netpol, editor, file, { start: 0, end: file.text.length });
  const places = hints.map(({ position: { line, character } }) => `${line}:${character}`);
  assert.equal(new Set(places).size, places.length, 'one hint at a place');
  for (const { position, paddingLeft } of hints) {
    const text = lines.lineText(position.line);
    assert.ok(position.character > 0 && position.character <= text.length, 'a hint stands at text');
    assert.ok(!/(?:^|\s)#\s/.test(text.slice(0, position.character)), `no hint stands in a comment: ${text}`);
    if (paddingLeft === true) assert.match(text.slice(0, position.character), /\S$/, 'a hint stands behind something');
  }
}
