import assert from 'node:assert/strict';
import type { YamlDocument } from '#server/text/document.js';
import { applyEdits, type TextEdit, type YamlData } from '#server/text/edits.js';
import { SourceFile } from '#server/text/file.js';
import { nodeAt } from '#server/text/paths.js';
import { keyText, type YamlMap, type YamlNode, type YamlPath, type YamlSequence } from '#server/text/tree.js';

export const URI = 'file:///test.yaml';

/** The first document of a text. */
export function read(text: string, uri = URI): YamlDocument {
  const placed = SourceFile.of(uri, text).documents[0];
  assert.ok(placed);
  return placed.document;
}

/** A tree as plain data. Unknown values are '<?>'; an incomplete list or map ends with '...'. */
export function data(node: YamlNode | undefined): YamlData {
  if (node === undefined) return null;
  if (node.kind === 'scalar') return node.opaque ? '<?>' : node.value;
  if (node.kind === 'sequence') {
    return [...node.items.map((item) => data(item.value)), ...(node.incomplete ? ['...'] : [])];
  }
  const entries = node.entries.map((entry) => [entry.key.opaque ? '<?>' : keyText(entry), data(entry.value)] as const);
  return Object.fromEntries(node.incomplete ? [...entries, ['...', null]] : entries);
}

export function mapAt(document: YamlDocument, path: YamlPath): YamlMap {
  const node = nodeAt(document, path);
  assert.equal(node?.kind, 'map');
  return node as YamlMap;
}

export function listAt(document: YamlDocument, path: YamlPath): YamlSequence {
  const node = nodeAt(document, path);
  assert.equal(node?.kind, 'sequence');
  return node as YamlSequence;
}

export function textAt(document: YamlDocument, range: { start: number; end: number }): string {
  return document.text.slice(range.start, range.end);
}

/** The document's text with edits made; fails when there is no edit. */
export function edited(document: YamlDocument, edits: TextEdit | readonly TextEdit[] | undefined): string {
  assert.ok(edits !== undefined, 'an edit');
  const list = 'span' in edits ? [edits] : edits;
  return applyEdits(
    document.text,
    list.map(({ span, newText }) => ({ range: span.range, newText })),
  );
}

/** Every range lies within the one around it, and within the text; what aliases and merges bring stands elsewhere. */
export function assertRanges(document: YamlDocument): void {
  const { text } = document;
  const visit = (node: YamlNode, within: { start: number; end: number }): void => {
    assert.ok(node.range.start <= node.range.end, 'a range runs forward');
    inside(node.range, within);
    if (node.alias || node.kind === 'scalar') return;
    if (node.kind === 'sequence') {
      for (const item of node.items) {
        inside(item.range, node.range);
        inside(item.marker, item.range);
        visit(item.value, item.range);
      }
      return;
    }
    for (const entry of node.entries) {
      if (entry.merged) continue;
      inside(entry.range, node.range);
      visit(entry.key, entry.range);
      visit(entry.value, entry.range);
    }
  };
  const inside = (inner: { start: number; end: number }, outer: { start: number; end: number }): void => {
    const message = `${inner.start}-${inner.end} within ${outer.start}-${outer.end} of ${JSON.stringify(text)}`;
    assert.ok(outer.start <= inner.start && inner.end <= outer.end, message);
  };
  const whole = { start: 0, end: text.length };
  if (document.root !== undefined) visit(document.root, whole);
  for (const { range } of [...document.problems, ...document.comments]) inside(range, whole);
}
