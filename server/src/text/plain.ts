import { markDuplicates } from './merge.js';
import { resolvePlain } from './scalars.js';
import { type DocumentRef, YamlEntry, YamlItem, YamlMap, type YamlNode, YamlScalar, YamlSequence } from './tree.js';

/**
 * Reads a document that is written as nearly all manifests are: maps and lists in block style, one-line values, words
 * in brackets. Undefined where there is anything else (anchors, block scalars, escapes, templates, odd indentation,
 * half-typed text), which is left to the reader of all YAML: where this one answers, both give the same tree, and there
 * is no fault in the text. It takes a tenth of the time.
 */
export function readPlain(document: DocumentRef): YamlMap | YamlSequence | undefined {
  const { text } = document;
  if (notPlain.test(text)) return undefined;
  return new PlainReader(document).read();
}

/**
 * What is never plain: line breaks and blank space of other kinds, characters outside ASCII, templates, substitutions, and
 * anything that is found only where YAML has a second meaning for it.
 */
const notPlain = /[^\n\x20-\x7e]|\{\{|\$\{/;

const SINGLE = /^'[^']*'$/;
const DOUBLE = /^"[^"\\]*"$/;
// Begun only where blanks begin: from each of many, the same way would be gone again.
const COMMENT = /(?<! ) +#.*$/;
const WORD = /^[A-Za-z0-9_./][^#]*$/;
const FLOW = /^(?:\[[^[\]{}#']*\]|\{[^[\]{}#']*\})$/;
const FLOW_WORD = /^(?:[A-Za-z0-9_./][A-Za-z0-9_./-]*|"[^"\\,]*")$/;
const FLOW_PAIR = /^([A-Za-z0-9_./][A-Za-z0-9_./-]*)(: +)(.*)$/;

const DEEPEST = 60;

interface OpenMap {
  readonly kind: 'map';
  readonly column: number;
  readonly start: number;
  /** Where its entries begin among those of all open maps. */
  readonly from: number;
  /** The last key, as long as its value may still stand on the lines below. */
  key: YamlScalar | undefined;
  /** Behind its colon. */
  valueAt: number;
}

interface OpenSequence {
  readonly kind: 'sequence';
  readonly column: number;
  readonly start: number;
  /** Where its items begin among those of all open sequences. */
  readonly from: number;
  /** The dash whose value is being read. */
  dash: number;
}

/** Reads line by line. Invariant: `#open` holds the collections that the next line may continue, outermost first. */
class PlainReader {
  readonly #document: DocumentRef;
  readonly #open: (OpenMap | OpenSequence)[] = [];
  // Of all that are open, the inner ones behind the outer ones: an array of its own for each would take more room than it needs.
  readonly #entries: YamlEntry[] = [];
  readonly #items: YamlItem[] = [];
  #root: YamlMap | YamlSequence | undefined;

  constructor(document: DocumentRef) {
    this.#document = document;
  }

  read(): YamlMap | YamlSequence | undefined {
    const { text } = this.#document;
    let begun = false;
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf('\n', at);
      const end = newline === -1 ? text.length : newline;
      const line = text.slice(at, end);
      const first = firstVisible(line);
      if (first !== -1 && line.charCodeAt(first) !== HASH) {
        if (!begun && first === 0 && /^--- *$/.test(line)) begun = true;
        else {
          begun = true;
          if (!this.#line(line, at, first)) return undefined;
        }
      }
      at = end + 1;
    }
    while (this.#open.length > 0) this.#close();
    return this.#root;
  }

  /** Takes in one line with content, which begins in a column; false where it is not plain. */
  #line(line: string, at: number, first: number): boolean {
    let column = first;
    const isItem = isDash(line, column);
    this.#closeDeeper(column, isItem);
    while (isDash(line, column)) {
      if (!this.#dash(column, at + column)) return false;
      column = pastBlanks(line, column + 1);
    }
    const colon = endOfKey(line, column);
    if (colon === -1) return isItem && this.#item(line.slice(column), at + column);
    if (!this.#key(sameKey(line.slice(column, colon)), column, at + column)) return false;
    const valueAt = pastBlanks(line, colon + 1);
    // A value of nothing but a comment is none.
    if (valueAt === line.length || line.charCodeAt(valueAt) === HASH) return true;
    return this.#item(line.slice(valueAt), at + valueAt);
  }

  #closeDeeper(column: number, isItem: boolean): void {
    for (let top = this.#open.at(-1); top !== undefined; top = this.#open.at(-1)) {
      const past = top.column > column || (top.column === column && top.kind === 'sequence' && !isItem);
      if (!past) return;
      this.#close();
    }
  }

  #dash(column: number, at: number): boolean {
    const top = this.#open.at(-1);
    if (top?.kind === 'sequence' && top.column === column) {
      if (top.dash !== -1) return false;
      top.dash = at;
      return true;
    }
    return this.#begin({ kind: 'sequence', column, start: at, from: this.#items.length, dash: at });
  }

  #key(key: string, column: number, at: number): boolean {
    const top = this.#open.at(-1);
    const node = this.#scalar(key, 'plain', at, at + key.length);
    const valueAt = at + key.length + 1;
    if (top?.kind === 'map' && top.column === column) {
      this.#finishEntry(top);
      top.key = node;
      top.valueAt = valueAt;
      return true;
    }
    return this.#begin({ kind: 'map', column, start: at, from: this.#entries.length, key: node, valueAt });
  }

  /** Opens a collection where a value is awaited: at the start, behind a dash, or below a key. */
  #begin(collection: OpenMap | OpenSequence): boolean {
    const top = this.#open.at(-1);
    const awaited =
      top === undefined
        ? this.#root === undefined
        : top.kind === 'sequence'
          ? top.dash !== -1 && collection.column > top.column
          : top.key !== undefined &&
            (collection.column > top.column || (collection.kind === 'sequence' && collection.column === top.column));
    if (!awaited || this.#open.length > DEEPEST) return false;
    this.#open.push(collection);
    return true;
  }

  /** The rest of a line as the value that is awaited. */
  #item(source: string, at: number): boolean {
    const node = this.#oneLine(source, at);
    if (node === undefined) return false;
    this.#give(node);
    return true;
  }

  /** Hands a finished value to the collection that awaits it. */
  #give(value: YamlNode): void {
    const top = this.#open.at(-1);
    if (top?.kind === 'map' && top.key !== undefined) {
      this.#entries.push(new YamlEntry(top.key, value));
      top.key = undefined;
    } else if (top?.kind === 'sequence' && top.dash !== -1) {
      this.#items.push(YamlItem.behindDash(top.dash, value));
      top.dash = -1;
    }
  }

  #finishEntry(map: OpenMap): void {
    if (map.key !== undefined) this.#give(this.#absent(map.valueAt));
  }

  #close(): void {
    const top = this.#open.at(-1);
    if (top?.kind === 'map') this.#finishEntry(top);
    this.#open.pop();
    if (top === undefined) return;
    const node = top.kind === 'map' ? this.#map(top) : this.#sequence(top);
    if (this.#open.length === 0) this.#root = node;
    else this.#give(node);
  }

  /** A value that begins and ends on its line. */
  #oneLine(source: string, at: number): YamlNode | undefined {
    const text = (source.includes('#') ? source.replace(COMMENT, '') : source).trimEnd();
    switch (text[0]) {
      case "'":
        return SINGLE.test(text) ? this.#scalar(text.slice(1, -1), 'single', at, at + text.length) : undefined;
      case '"':
        return DOUBLE.test(text) ? this.#scalar(text.slice(1, -1), 'double', at, at + text.length) : undefined;
      case '[':
      case '{':
        return FLOW.test(text) ? this.#flow(text, at) : undefined;
      default:
        if (!WORD.test(text) || text.includes(': ') || text.endsWith(':')) return undefined;
        return this.#scalar(text, 'plain', at, at + text.length);
    }
  }

  /** Words in brackets, or keys and words in braces. */
  #flow(text: string, at: number): YamlNode | undefined {
    const range = { start: at, end: at + text.length };
    const parts: { source: string; at: number }[] = [];
    let offset = 1;
    const inner = text.slice(1, -1);
    if (inner.trim() !== '') {
      for (const part of inner.split(',')) {
        const source = part.trim();
        parts.push({ source, at: at + offset + part.indexOf(source) });
        offset += part.length + 1;
      }
    }
    if (text.startsWith('[')) {
      const items: YamlItem[] = [];
      for (const part of parts) {
        const value = this.#flowWord(part.source, part.at);
        if (value === undefined) return undefined;
        items.push(YamlItem.bare(value));
      }
      return YamlSequence.of(this.#document, range, items, 'flow');
    }
    const entries: YamlEntry[] = [];
    for (const part of parts) {
      const [, key, gap, rest] = FLOW_PAIR.exec(part.source) ?? [];
      if (key === undefined || gap === undefined || rest === undefined) return undefined;
      const value = this.#flowWord(rest, part.at + key.length + gap.length);
      if (value === undefined) return undefined;
      entries.push(new YamlEntry(this.#scalar(key, 'plain', part.at, part.at + key.length), value));
    }
    return YamlMap.of(this.#document, range, markDuplicates(entries), 'flow');
  }

  #flowWord(source: string, at: number): YamlScalar | undefined {
    if (!FLOW_WORD.test(source)) return undefined;
    return source.startsWith('"')
      ? this.#scalar(source.slice(1, -1), 'double', at, at + source.length)
      : this.#scalar(source, 'plain', at, at + source.length);
  }

  #scalar(text: string, style: 'plain' | 'single' | 'double', start: number, end: number): YamlScalar {
    const value = style === 'plain' ? resolvePlain(text) : text;
    return new YamlScalar(this.#document, start, end, value, style);
  }

  #absent(at: number): YamlScalar {
    return new YamlScalar(this.#document, at, at, null, 'absent');
  }

  #map({ from, start }: OpenMap): YamlMap {
    const entries = markDuplicates(this.#entries.splice(from));
    return YamlMap.of(this.#document, { start, end: entries.at(-1)?.value.end ?? start }, entries, 'block');
  }

  #sequence({ from, start }: OpenSequence): YamlSequence {
    const items = this.#items.splice(from);
    return YamlSequence.of(this.#document, { start, end: items.at(-1)?.value.end ?? start + 1 }, items, 'block');
  }
}

/**
 * A pure function's memory: the same few keys stand in every manifest, and one text for all of them takes less room and is
 * compared faster.
 */
const keys = new Map<string, string>();
const MOST_KEYS = 2000;

function sameKey(key: string): string {
  const known = keys.get(key);
  if (known !== undefined) return known;
  if (keys.size >= MOST_KEYS) return key;
  // A part of a text keeps all of that text in memory; this is a text of its own.
  const own: string = JSON.parse(JSON.stringify(key));
  keys.set(own, own);
  return own;
}

const HASH = 0x23;
const DASH = 0x2d;
const BLANK = 0x20;
const COLON = 0x3a;

/** A dash with something behind it. */
function isDash(line: string, at: number): boolean {
  return line.charCodeAt(at) === DASH && line.charCodeAt(at + 1) === BLANK;
}

function pastBlanks(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === BLANK) at++;
  return at;
}

const LONGEST_KEY = 251;

/** Where the colon of a key stands that is a plain word and begins here; -1 where none does. */
function endOfKey(line: string, start: number): number {
  if (!isLetter(line.charCodeAt(start))) return -1;
  let at = start + 1;
  while (isOfKey(line.charCodeAt(at))) at++;
  if (line.charCodeAt(at) !== COLON || at - start > LONGEST_KEY) return -1;
  return at + 1 === line.length || line.charCodeAt(at + 1) === BLANK ? at : -1;
}

/** A to Z, a to z, or _. */
function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

/** A letter, a digit, or one of `-./`. */
function isOfKey(code: number): boolean {
  return isLetter(code) || (code >= 0x2d && code <= 0x39);
}

function firstVisible(line: string): number {
  for (let at = 0; at < line.length; at++) if (line.charCodeAt(at) !== 0x20) return at;
  return -1;
}
