import { lineEndAt, lineStartAt } from './columns.js';
import { documentAround, isMarker } from './document-around.js';
import { shift, type TextRange } from './range.js';
import { MASK, readTemplate } from './templates.js';
import type { YamlPath } from './tree.js';

/** Where in YAML a person types, told from the text alone: a tree of half-typed text has nothing at that place yet. */
export interface TypingPlace {
  /** The node that is typed, or in which the key is typed. */
  readonly path: YamlPath;
  /** 'value': behind a key. 'node': a key of the map at `path`, or the very item at `path`. */
  readonly what: 'node' | 'value';
  /** The word under the cursor, from its beginning to its end. */
  readonly word: TextRange;
  /** What stands of the word before the cursor. */
  readonly typed: string;
  /** The word is a key that has its colon already. */
  readonly hasColon: boolean;
  /** Within braces or brackets. */
  readonly inFlow: boolean;
  readonly quoted: boolean;
  /** A dash stands right before the word, and lacks its blank. */
  readonly glued: boolean;
  /** Where a line of the same map begins. */
  readonly indent: string;
  /** The other keys of the map. */
  readonly present: readonly string[];
  /** Lines below belong to what is typed: its value is there already. */
  readonly filled: boolean;
}

/** A line, as far as its indentation and its key go; columns from 0. */
interface Line {
  /** The columns of the dashes it begins with. */
  readonly dashes: readonly number[];
  /** The column of what stands behind them. */
  readonly column: number;
  readonly content: string;
  readonly key: string | undefined;
  /** What stands behind the colon. */
  readonly value: string;
}

/**
 * Undefined in a comment, in an action of a template, in text that goes on over lines (a block scalar, a plain one), on a
 * marker of documents, and behind a closed bracket.
 */
export function typingPlaceAt(text: string, offset: number): TypingPlace | undefined {
  const own = documentAround(text, offset);
  if (offset < own.start || isMarker(text, lineStartAt(text, offset))) return undefined;
  const { masked, actions } = readTemplate(text.slice(own.start, own.end));
  const at = offset - own.start;
  if (actions.some(({ range }) => range.start < at && at < range.end)) return undefined;
  const place = placeIn(masked, at);
  return place === undefined ? undefined : { ...place, word: shift(place.word, own.start) };
}

/** The place in the text of one document. */
function placeIn(text: string, offset: number): TypingPlace | undefined {
  const start = lineStartAt(text, offset);
  const before = text.slice(start, offset);
  const behind = text.slice(offset, lineEndAt(text, offset));
  if (/^\s*#|\s#|\{\{/.test(before)) return undefined;
  const lines = text.slice(0, start).split(/\r\n|\n|\r/);
  lines.pop();
  const opened = flowAbove(lines, before);
  const line = lineOf(opened === undefined ? before : (lines[opened] ?? ''));
  const above = pathAbove(lines.slice(0, opened ?? lines.length), line);
  if (above === undefined) return undefined;
  const isValue = line.key !== undefined && (line.value !== '' || /\s$/.test(before));
  if (line.key !== undefined && !isValue) return undefined;
  const path = isValue ? [...above.path, line.key ?? ''] : above.path;
  const first = isValue ? line.value : line.content;
  const source = opened === undefined ? first : [first, ...lines.slice(opened + 1), before].join('\n');
  const isFlow = /^[[{]/.test(source);
  const flow = isFlow ? inFlow(source) : plain(source, isValue ? 'value' : 'node');
  if (flow === undefined) return undefined;
  const quote = /^["']/.exec(flow.word)?.[0];
  const typed = quote === undefined ? flow.word : flow.word.slice(1);
  // Behind the closing quote, and beside an action, there is no word to complete.
  if ((quote !== undefined && typed.includes(quote)) || typed.includes(MASK)) return undefined;
  const rest = /^[^\s:,\]}"'#]*/.exec(behind)?.[0] ?? '';
  if (rest.includes(MASK)) return undefined;
  const following = text.slice(lineEndAt(text, offset));
  return {
    path: [...path, ...flow.path],
    what: flow.what,
    word: { start: offset - typed.length, end: offset + rest.length },
    typed,
    hasColon: flow.what === 'node' && /^["']?\s*:(?:\s|$)/.test(behind.slice(rest.length)),
    inFlow: isFlow,
    quoted: quote !== undefined,
    glued: !isFlow && /-$/.test(before) && line.content === '',
    indent: ' '.repeat(line.column),
    present: isFlow ? flow.present : isValue ? above.present : [...above.present, ...keysBelow(following, line.column)],
    filled: !isFlow && isFollowed(following, line),
  };
}

/** The line above on which a flow collection begins that is still open; undefined where there is none. */
function flowAbove(lines: readonly string[], before: string): number | undefined {
  let indent = indentOf(before);
  let found: number | undefined;
  for (let i = lines.length - 1; i >= 0 && indent > 0; i--) {
    const text = lines[i] ?? '';
    if (text.trim() === '' || indentOf(text) >= indent) continue;
    indent = indentOf(text);
    const { key, value, content } = lineOf(text);
    const first = key === undefined ? content : value;
    if (/^[[{]/.test(first) && inFlow([first, ...lines.slice(i + 1), before].join('\n')) !== undefined) found = i;
  }
  return found;
}

function indentOf(text: string): number {
  return /^\s*/.exec(text)?.[0].length ?? 0;
}

function lineOf(text: string): Line {
  const lead = /^\s*(?:-(?:\s+|$))*/.exec(text)?.[0] ?? '';
  const content = text.slice(lead.length);
  // A colon that no blank follows is a part of the key: `k8s:app`.
  const match = /^(?:"([^"]*)"|'([^']*)'|([^\s"'#[\]{},](?:[^:#]|:(?!\s|$)|(?<!\s)#)*?))\s*:(?:\s+(.*)|)$/.exec(
    content,
  );
  return {
    dashes: [...lead].flatMap((unit, i) => (unit === '-' ? [i] : [])),
    column: lead.length,
    content,
    key: match?.[1] ?? match?.[2] ?? match?.[3],
    value: match?.[4] ?? '',
  };
}

/**
 * The way down to the node that a line's content belongs to, from the lines above it; undefined where it goes on with the
 * text of a scalar.
 */
function pathAbove(lines: readonly string[], own: Line): { path: YamlPath; present: readonly string[] } | undefined {
  const path: (string | number)[] = [];
  const present: string[] = [];
  let { column } = own;
  let inItem = false;
  let index = 0;
  let isOwnMap = true;
  // A line's dashes open items one within the other; the outermost one has brothers above.
  const openItems = ({ dashes }: Line) => {
    const [outermost, ...inner] = dashes;
    if (outermost === undefined) return;
    for (const _ of inner) path.unshift(0);
    [column, inItem, index, isOwnMap] = [outermost, true, 0, false];
  };
  openItems(own);
  for (const text of lines.toReversed()) {
    if (column === 0 && !inItem && !isOwnMap) break;
    const line = lineOf(text);
    if (line.content === '' && line.dashes.length === 0) continue;
    if (line.content.startsWith('#')) continue;
    const opens = line.key !== undefined && /^(?:[&!]\S*(?!\S)\s*)*(?:#.*)?$/.test(line.value);
    if (line.key !== undefined && !opens && line.column < column) return undefined;
    if (inItem) {
      if (line.dashes[0] === column) index++;
      else if (opens && line.column <= column) {
        path.unshift(line.key ?? '', index);
        [column, inItem] = [line.column, false];
        openItems(line);
      }
    } else if (line.column === column && line.key !== undefined) {
      if (isOwnMap) present.push(line.key);
      openItems(line);
    } else if (opens && line.column < column) {
      path.unshift(line.key ?? '');
      [column, isOwnMap] = [line.column, false];
      openItems(line);
    }
  }
  if (inItem) path.unshift(index);
  return { path, present };
}

/** The keys that follow in the same map. */
function keysBelow(text: string, column: number): readonly string[] {
  const keys: string[] = [];
  for (const line of linesBelow(text)) {
    if ((line.dashes[0] ?? line.column) < column) break;
    if (line.column === column && line.dashes.length === 0 && line.key !== undefined) keys.push(line.key);
  }
  return keys;
}

/** What is typed has lines below that are its own. */
function isFollowed(text: string, { column, key }: Line): boolean {
  for (const line of linesBelow(text)) {
    const [dash] = line.dashes;
    return dash === undefined ? line.column > column : dash > column || (dash === column && key !== undefined);
  }
  return false;
}

function* linesBelow(text: string): Generator<Line> {
  for (const each of text.split(/\r\n|\n|\r/).slice(1)) {
    const line = lineOf(each);
    if ((line.content !== '' || line.dashes.length > 0) && !line.content.startsWith('#')) yield line;
  }
}

/** The part of the place that stands in a flow collection, or is the whole of what is typed. */
interface Typed {
  readonly path: YamlPath;
  readonly what: TypingPlace['what'];
  readonly word: string;
  readonly present: readonly string[];
}

function plain(word: string, what: Typed['what']): Typed {
  return { path: [], what, word, present: [] };
}

interface Frame {
  readonly isMap: boolean;
  readonly keys: string[];
  key: string | undefined;
  index: number;
}

/** The place at the end of a flow collection that is still open. */
function inFlow(text: string): Typed | undefined {
  const frames: Frame[] = [];
  let word = '';
  let quote: string | undefined;
  for (const unit of text) {
    const frame = frames.at(-1);
    if (quote !== undefined) {
      if (unit === quote) quote = undefined;
    } else if ((unit === '"' || unit === "'") && word.trim() === '') quote = unit;
    else if (unit === '{' || unit === '[') {
      frames.push({ isMap: unit === '{', keys: [], key: undefined, index: 0 });
      word = '';
      continue;
    } else if (unit === '}' || unit === ']') {
      frames.pop();
      // What stands behind the last bracket is no part of the collection.
      if (frames.length === 0) return undefined;
      word = '';
      continue;
    } else if (unit === ',' && frame !== undefined) {
      frame.key = undefined;
      frame.index++;
      word = '';
      continue;
    } else if (unit === ':' && frame?.isMap === true && frame.key === undefined) {
      frame.key = word.trim().replace(/^["']|["']$/g, '');
      frame.keys.push(frame.key);
      word = '';
      continue;
    }
    word += unit;
  }
  const last = frames.at(-1);
  if (last === undefined) return undefined;
  return {
    path: frames.flatMap(({ isMap, key, index }): YamlPath => (!isMap ? [index] : key === undefined ? [] : [key])),
    // A word that began on a line above is text that goes on: only what stands on this one is typed.
    word: word.slice(word.lastIndexOf('\n') + 1).trimStart(),
    what: last.isMap && last.key !== undefined ? 'value' : 'node',
    present: last.keys,
  };
}
