import { columnAt, lineEndAt, lineStartAt, nextLineAt, textBefore } from './columns.js';
import type { YamlDocument } from './document.js';
import { flowEntry, flowValue } from './flow.js';
import { renderBlock, renderEntry, type YamlData } from './render.js';
import { editAt, type Site, siteOf, type TextEdit } from './site.js';
import {
  entryOf,
  keyText,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlSequence,
} from './tree.js';

/** Where a new entry goes: behind the last of `after` that the map has, else before the first of `before`, else last. */
export interface EntryPlacement {
  readonly after?: readonly string[];
  readonly before?: readonly string[];
}

export interface ItemPlacement {
  /** The index the new item shall have; last when it is not given. */
  readonly at?: number;
  /** A comment above the new item, without `#`; not written within brackets. */
  readonly comment?: string;
}

/**
 * Adds an entry to a map, or to a value that can become one: absent, null, or `{}`. Written in the style of the place.
 * Undefined when the map has the key already, is no map, or no edit there is sound (see `siteOf`).
 */
export function insertEntry(
  target: YamlNode | YamlEntry,
  key: string,
  data: YamlData,
  placement: EntryPlacement = {},
): TextEdit | undefined {
  const given = 'kind' in target ? target : target.value;
  const site = siteOf(given);
  if (site === undefined || entryOf(given, key) !== undefined) return undefined;
  const { node } = site;
  if (isPlaceholder(node, 'map')) return fill(site, { [key]: data }, undefined);
  if (node.kind !== 'map' || entryOf(node, key) !== undefined) return undefined;
  return node.flow
    ? insertFlow(site, node, flowEntry(site, node, key, data), placed(node, placement))
    : blockEntry(site, node, key, data, placement);
}

/**
 * Adds an item to a list, or to a value that can become one: absent, null, or `[]`. Written in the style of the place.
 * Undefined when the value is something else or no edit there is sound.
 */
export function insertItem(
  target: YamlNode | YamlEntry,
  data: YamlData,
  placement: ItemPlacement = {},
): TextEdit | undefined {
  const site = siteOf('kind' in target ? target : target.value);
  if (site === undefined) return undefined;
  const { node } = site;
  if (isPlaceholder(node, 'sequence')) return fill(site, [data], placement.comment);
  if (node.kind !== 'sequence') return undefined;
  const next = placement.at === undefined ? undefined : node.items[Math.max(0, placement.at)]?.range;
  if (node.flow) return insertFlow(site, node, flowValue(site, data), { before: next });
  return blockItem(site, node, data, placement.comment, next?.start);
}

/**
 * Adds an item to the list at a path, and makes the list and the maps and lists around it where they are missing: a key
 * step makes a map, an index step a list. Undefined when something else stands on the way.
 */
export function insertItemAt(
  document: YamlDocument,
  path: YamlPath,
  data: YamlData,
  placement: ItemPlacement = {},
): TextEdit | undefined {
  let node = document.root;
  for (const [index, step] of path.entries()) {
    if (node === undefined || node.alias) return undefined;
    const inner = path.slice(index + 1).reduceRight<YamlData>((value, each) => wrap(each, value), [data]);
    const missing = isPlaceholder(node, typeof step === 'number' ? 'sequence' : 'map');
    if (typeof step === 'number') {
      const next = node.kind === 'sequence' ? node.items[step]?.value : undefined;
      if (missing || next === undefined) return insertItem(node, inner);
      node = next;
    } else {
      const next = entryOf(node, step);
      if (missing || (next === undefined && node.kind === 'map')) return insertEntry(node, step, inner);
      if (next?.merged) return undefined;
      node = next?.value;
    }
  }
  return node === undefined ? undefined : insertItem(node, data, placement);
}

function wrap(step: string | number, value: YamlData): YamlData {
  return typeof step === 'number' ? [value] : { [step]: value };
}

/** A value that says nothing yet, so that it can become a map or a list. */
function isPlaceholder(node: YamlNode, kind: 'map' | 'sequence'): boolean {
  if (node.kind === 'scalar') return node.value === null && !node.opaque;
  if (node.kind !== kind || !node.flow || node.incomplete) return false;
  return (node.kind === 'map' ? node.entries : node.items).length === 0 && /^(?:\{\s*\}|\[\s*\])$/.test(textOf(node));
}

/** Puts a map or list in the place of a value that says nothing. */
function fill(site: Site, data: YamlData, comment: string | undefined): TextEdit {
  const { document, text, node, style } = site;
  const { start, end } = node.range;
  const before = textBefore(text, start);
  if (site.inFlow || style.json) {
    const gap = start === end && !/\s$/.test(before) ? ' ' : '';
    return editAt(document, start, end, gap + flowValue(site, data));
  }
  const lines = [...commentLines(comment), ...renderBlock(data, style)];
  const lineEnd = lineEndAt(text, end);
  const rest = text.slice(end, lineEnd).trim();
  const dash = /^ *(?:- +)*-$/.test(before);
  if (rest === '' && (dash || /^ *(?:- +)*$/.test(before))) {
    const column = dash ? columnAt(text, start) + 1 : columnAt(text, start);
    return editAt(document, start, lineEnd, (dash ? ' ' : '') + lines.join(style.eol + ' '.repeat(column)));
  }
  const column = childColumn(site, Array.isArray(data));
  const kept = text.slice(0, start).trimEnd().length;
  const from = Math.max(kept, lineStartAt(text, start));
  const below = lines.map((line) => style.eol + ' '.repeat(column) + line).join('');
  return editAt(document, from, lineEnd, (rest === '' ? '' : ` ${rest}`) + below);
}

function childColumn({ parent, style, text }: Site, list: boolean): number {
  if (parent === undefined) return 0;
  const column = columnAt(text, parent.range.start);
  if (parent.kind === 'sequence') return column + 2;
  return column + (list && !style.indentSequences ? 0 : style.indent);
}

function blockEntry(site: Site, map: YamlMap, key: string, data: YamlData, placement: EntryPlacement): TextEdit {
  const { document, text, style } = site;
  const column = columnAt(text, map.range.start);
  const pad = style.eol + ' '.repeat(column);
  const lines = renderEntry(key, data, style);
  const { after, before } = placed(map, placement);
  if (before === undefined) {
    const at = partEnd(text, after?.end ?? map.range.end, map);
    return editAt(document, at, at, pad + lines.join(pad));
  }
  return beforePart(site, before.start, lines, before.start === map.range.start);
}

function blockItem(
  site: Site,
  list: YamlSequence,
  data: YamlData,
  comment: string | undefined,
  before: number | undefined,
): TextEdit {
  const { document, text, style } = site;
  const pad = style.eol + ' '.repeat(columnAt(text, list.range.start));
  const lines = [...commentLines(comment), ...renderBlock([data], style)];
  if (before === undefined) {
    const at = partEnd(text, list.range.end, list);
    return editAt(document, at, at, pad + lines.join(pad));
  }
  return beforePart(site, before, lines, false);
}

/** Puts lines before an entry or item: above the comments over it, or, for the first part of a map, below them. */
function beforePart(
  { document, text, style }: Site,
  start: number,
  lines: readonly string[],
  first: boolean,
): TextEdit {
  const before = textBefore(text, start);
  const pad = ' '.repeat(columnAt(text, start));
  if (first || before.trim() !== '') {
    return editAt(document, start, start, lines.join(style.eol + pad) + style.eol + pad);
  }
  const at = commentsAbove(text, start);
  return editAt(document, at, at, lines.map((line) => pad + line + style.eol).join(''));
}

/** The start of the line of an offset, or of the first of the comment lines of the same column directly above it. */
export function commentsAbove(text: string, offset: number): number {
  const column = columnAt(text, offset);
  let start = lineStartAt(text, offset);
  while (start > 0) {
    const above = lineStartAt(text, start - (text.startsWith('\r\n', start - 2) ? 2 : 1));
    const line = text.slice(above, lineEndAt(text, above));
    if (!line.trimStart().startsWith('#') || line.length - line.trimStart().length !== column || above >= start) break;
    start = above;
  }
  return start;
}

/** The end of the line a part ends in; behind the blank lines a block scalar with `+` keeps. */
export function partEnd(text: string, end: number, within: YamlNode): number {
  let at = lineEndAt(text, end);
  if (!keepsBlankLines(within, end)) return at;
  for (let next = nextLineAt(text, at); next > at; next = nextLineAt(text, at)) {
    const lineEnd = lineEndAt(text, next);
    if (text.slice(next, lineEnd).trim() !== '' || next === text.length) break;
    at = lineEnd;
  }
  return at;
}

function keepsBlankLines(node: YamlNode, end: number): boolean {
  if (node.kind === 'scalar') {
    return node.style === 'block' && node.range.end === end && /^[|>]\d?\+/.test(textOf(node));
  }
  if (node.flow || node.alias) return false;
  const parts = node.kind === 'map' ? node.entries.filter((each) => !each.merged) : node.items;
  const last = parts.find((part) => part.range.end === end);
  return last !== undefined && keepsBlankLines(last.value, end);
}

interface Neighbours {
  readonly after?: { readonly start: number; readonly end: number } | undefined;
  readonly before?: { readonly start: number; readonly end: number } | undefined;
}

function placed(map: YamlMap, placement: EntryPlacement): Neighbours {
  const own = map.entries.filter((entry) => !entry.merged);
  const after = own.findLast((entry) => placement.after?.includes(keyText(entry)));
  if (after !== undefined) return { after: after.range };
  return { before: own.find((entry) => placement.before?.includes(keyText(entry)))?.range };
}

function insertFlow(
  site: Site,
  node: YamlMap | YamlSequence,
  written: string,
  where: Neighbours,
): TextEdit | undefined {
  const { document, text, style } = site;
  const open = node.kind === 'map' ? '{' : '[';
  const source = textOf(node);
  if (!source.startsWith(open) || !source.endsWith(open === '{' ? '}' : ']')) return undefined;
  const parts = node.kind === 'map' ? node.entries.filter((entry) => !entry.merged) : node.items;
  const last = parts.at(-1)?.range;
  const near = where.before ?? where.after ?? last;
  if (near === undefined) return undefined;
  const ownLine = textBefore(text, near.start).trim() === '' && lineStartAt(text, near.start) > node.range.start;
  const gap = ownLine ? style.eol + textBefore(text, near.start) : ' ';
  if (where.before !== undefined) return editAt(document, near.start, near.start, `${written},${gap}`);
  const behind = text.slice(near.end, node.range.end - 1);
  const comma = near === last ? /^\s*,/.exec(behind)?.[0].length : undefined;
  if (comma !== undefined) return editAt(document, near.end + comma, near.end + comma, gap + written);
  if (near === last && behind.includes('<<')) return undefined;
  return editAt(document, near.end, near.end, `,${gap}${written}`);
}

export function commentLines(comment: string | undefined): string[] {
  if (comment === undefined) return [];
  return comment.split(/\r\n|\n|\r/).map((line) => (line.trim() === '' ? '#' : `# ${line.trim()}`));
}

function textOf(node: YamlNode): string {
  return node.document.text.slice(node.range.start, node.range.end);
}
