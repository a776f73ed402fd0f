import { lineEndAt, lineStartAt } from './columns.js';
import type { TextRange } from './range.js';
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
  /** Where a line of the same map begins. */
  readonly indent: string;
  /** The other keys of the map. */
  readonly present: readonly string[];
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

/** Undefined in a comment, in a block scalar's text that looks like none of a map's, and behind a closed bracket. */
export function typingPlaceAt(text: string, offset: number): TypingPlace | undefined {
  const start = lineStartAt(text, offset);
  const before = text.slice(start, offset);
  const behind = text.slice(offset, lineEndAt(text, offset));
  if (/^\s*#|\s#/.test(before)) return undefined;
  const line = lineOf(before);
  const lines = text.slice(0, start).split(/\r\n|\n|\r/);
  lines.pop();
  const { path: around, present: above } = pathAbove(lines.map(lineOf), line);
  const isValue = line.key !== undefined && (line.value !== '' || /\s$/.test(before));
  if (line.key !== undefined && !isValue) return undefined;
  const path = isValue ? [...around, line.key ?? ''] : around;
  const source = isValue ? line.value : line.content;
  const isFlow = /^[[{]/.test(source);
  const flow = isFlow ? inFlow(source) : plain(source, isValue ? 'value' : 'node');
  if (flow === undefined) return undefined;
  const quote = /^["']/.exec(flow.word)?.[0];
  const typed = quote === undefined ? flow.word : flow.word.slice(1);
  const rest = /^[^\s:,\]}"'#]*/.exec(behind)?.[0] ?? '';
  const below = isFlow || isValue ? [] : keysBelow(text.slice(lineEndAt(text, offset)), line.column);
  return {
    path: [...path, ...flow.path],
    what: flow.what,
    word: { start: offset - typed.length, end: offset + rest.length },
    typed,
    hasColon: flow.what === 'node' && /^["']?\s*:/.test(behind.slice(rest.length)),
    inFlow: isFlow,
    quoted: quote !== undefined,
    indent: ' '.repeat(line.column),
    present: isFlow ? flow.present : [...above, ...below],
  };
}

function lineOf(text: string): Line {
  const lead = /^\s*(?:-(?:\s+|$))*/.exec(text)?.[0] ?? '';
  const content = text.slice(lead.length);
  const match = /^(?:"([^"]*)"|'([^']*)'|([^\s"'#[\]{},][^:#]*?))\s*:(?:\s+(.*)|)$/.exec(content);
  return {
    dashes: [...lead].flatMap((unit, i) => (unit === '-' ? [i] : [])),
    column: lead.length,
    content,
    key: match?.[1] ?? match?.[2] ?? match?.[3],
    value: match?.[4] ?? '',
  };
}

/** The way down to the node that a line's content belongs to, from the lines above it. */
function pathAbove(lines: readonly Line[], own: Line): { path: YamlPath; present: readonly string[] } {
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
  for (const line of lines.toReversed()) {
    if (line.content === '' && line.dashes.length === 0) continue;
    if (line.content.startsWith('#')) continue;
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(line.content)) break;
    const opens = line.key !== undefined && /^(?:[&!]\S*\s*)*(?:#.*)?$/.test(line.value);
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
  for (const each of text.split(/\r\n|\n|\r/).slice(1)) {
    const line = lineOf(each);
    if (line.content === '' || line.content.startsWith('#')) continue;
    if ((line.dashes[0] ?? line.column) < column || line.content.startsWith('---')) break;
    if (line.column === column && line.dashes.length === 0 && line.key !== undefined) keys.push(line.key);
  }
  return keys;
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
  for (const unit of text) {
    const frame = frames.at(-1);
    if (unit === '{' || unit === '[') frames.push({ isMap: unit === '{', keys: [], key: undefined, index: 0 });
    else if (unit === '}' || unit === ']') frames.pop();
    else if (unit === ',' && frame !== undefined) {
      frame.key = undefined;
      frame.index++;
    } else if (unit === ':' && frame?.isMap === true && frame.key === undefined) {
      frame.key = word.trim().replace(/^["']|["']$/g, '');
      frame.keys.push(frame.key);
    } else {
      word += unit;
      continue;
    }
    word = '';
  }
  const last = frames.at(-1);
  if (last === undefined) return undefined;
  return {
    path: frames.flatMap(({ isMap, key, index }): YamlPath => (!isMap ? [index] : key === undefined ? [] : [key])),
    word: word.trimStart(),
    what: last.isMap && last.key !== undefined ? 'value' : 'node',
    present: last.keys,
  };
}
