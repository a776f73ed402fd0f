import { lineEndAt, lineStartAt } from './columns.js';
import { documentBehind } from './document.js';
import type { SourceFile } from './file.js';
import { commentLines } from './insert.js';
import { pathAt } from './paths.js';
import type { TextRange } from './range.js';
import { quoted, renderKey, renderScalar } from './render.js';
import { editAt, siteOf, type TextEdit, touchesShared } from './site.js';
import { eolOf, styleOf } from './style.js';
import type { Span, YamlEntry, YamlNode } from './tree.js';

export { type EntryPlacement, type ItemPlacement, insertEntry, insertItem, insertItemAt } from './insert.js';
export { mergeItems, removeEntry, removeItem } from './remove.js';
export { type RenderOptions, renderYaml, type YamlData } from './render.js';
export type { TextEdit } from './site.js';

/**
 * Edits to YAML text that leave every line they do not mean byte for byte as it is. Each function answers undefined
 * where no sound edit exists, above all where aliases or merge keys would carry the change to other places.
 */

/** Puts another scalar in a value's place, in the same quotes where it is a string and had some. */
export function replaceScalar(node: YamlNode, value: string | number | boolean | null): TextEdit | undefined {
  const site = siteOf(node);
  if (site === undefined || touchesShared(site.document, node.range)) return undefined;
  const { document, style, text, inFlow } = site;
  const { start, end } = node.range;
  let written: string;
  if (typeof value !== 'string') written = renderScalar(value, style.quote, inFlow);
  else if (style.json) written = quoted(value, '"');
  else if (node.kind === 'scalar' && node.style === 'single') written = quoted(value, "'");
  else if (node.kind === 'scalar' && node.style === 'double') written = quoted(value, '"');
  else written = renderScalar(value, style.quote, inFlow);
  return editAt(document, start, end, start === end && !/\s/.test(text.charAt(start - 1)) ? ` ${written}` : written);
}

/** Renames a key, keeping its quotes. */
export function replaceKey(entry: YamlEntry, key: string): TextEdit | undefined {
  const document = documentBehind(entry.key.document);
  if (document === undefined || entry.merged || entry.key.alias || touchesShared(document, entry.key.range))
    return undefined;
  const { style, range } = entry.key;
  const own = styleOf(document);
  const quote = own.json || style === 'double' ? '"' : style === 'single' ? "'" : undefined;
  const written = quote === undefined ? renderKey(key, own.quote, true) : quoted(key, quote);
  return editAt(document, range.start, range.end, written);
}

/** Puts a comment on lines of its own above the line a span begins in, indented as that line is. */
export function insertCommentAbove(span: Span, comment: string): TextEdit | undefined {
  const document = documentBehind(span.document);
  if (document === undefined) return undefined;
  const { text } = document;
  const start = lineStartAt(text, span.range.start);
  const style = styleOf(document);
  if (style.json || withinScalar(span, start)) return undefined;
  const indent = /^[ \t]*/.exec(text.slice(start, lineEndAt(text, start)))?.[0] ?? '';
  const lines = commentLines(comment).map((line) => indent + line + style.eol);
  return editAt(document, start, start, lines.join(''));
}

/** Puts a comment behind the line a span begins in; undefined when the line has one, or is part of a longer text. */
export function insertLineComment(span: Span, comment: string): TextEdit | undefined {
  const document = documentBehind(span.document);
  if (document === undefined) return undefined;
  const { text } = document;
  const end = lineEndAt(text, span.range.start);
  const start = lineStartAt(text, span.range.start);
  const taken = document.comments.some(({ range }) => start <= range.start && range.start <= end);
  if (taken || styleOf(document).json || withinScalar(span, end)) return undefined;
  const at = start + text.slice(start, end).trimEnd().length;
  return editAt(document, at, at, ` ${commentLines(comment).join(' ')}`);
}

/** True when an offset falls inside a scalar that goes on behind it, where a `#` would be text. */
function withinScalar(span: Span, offset: number): boolean {
  const document = documentBehind(span.document);
  const node = document === undefined ? undefined : pathAt(document, offset)?.node;
  if (node?.kind !== 'scalar' || node.style === 'absent') return false;
  const header = node.style === 'block' && lineEndAt(node.document.text, node.range.start) === offset;
  return node.range.start < offset && offset < node.range.end && !header;
}

/**
 * Adds a document at the end of a file, behind a `---` line where one is needed. The text ends with a line break
 * afterwards. Undefined for JSON files, which hold one value.
 */
export function appendDocument(file: SourceFile, yamlText: string): TextEdit | undefined {
  const last = file.documents.at(-1)?.document;
  const first = file.documents[0]?.document;
  if (last === undefined || first === undefined || styleOf(first).json || file.text.includes('\0')) return undefined;
  const eol = eolOf(file.text);
  const body = yamlText
    .replace(/^---[ \t]*(?:\r\n|\n|\r)/, '')
    .replace(/\r\n|\n|\r/g, eol)
    .trimEnd();
  const at = last.text.length;
  const broken = last.text === '' || /[\r\n]$/.test(last.text);
  const ready =
    last.root === undefined &&
    last.problems.length === 0 &&
    (last !== first || isBlank(last.text) || last.text.startsWith('---'));
  return editAt(last, at, at, `${broken ? '' : eol}${ready ? '' : `---${eol}`}${body}${eol}`);
}

function isBlank(text: string): boolean {
  // A comment is a whole line: parts of it would be endless ways to read a row of number signs.
  return /^\uFEFF?(?:\s|#[^\r\n]*(?![^\r\n]))*$/.test(text);
}

/**
 * A text with edits made; ranges are offsets in the text, in any order.
 * @throws RangeError when two edits overlap or one lies outside the text: the caller has mixed up its edits.
 */
export function applyEdits(
  text: string,
  edits: readonly { readonly range: TextRange; readonly newText: string }[],
): string {
  const sorted = edits.toSorted((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  let result = '';
  let done = 0;
  for (const { range, newText } of sorted) {
    if (range.start < done || range.end < range.start || range.end > text.length) {
      throw new RangeError(`The edit at ${range.start}-${range.end} overlaps another, or lies outside the text.`);
    }
    result += text.slice(done, range.start) + newText;
    done = range.end;
  }
  return result + text.slice(done);
}
