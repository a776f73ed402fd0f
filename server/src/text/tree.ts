import type { TextRange } from './range.js';

/**
 * The tree of one YAML document, as the rest of netpol sees it. All ranges are relative to the start of the document's
 * own text (`YamlDocument.text`), so that a tree stays valid when documents before it in the file grow or shrink.
 *
 * Invariants:
 * - every node of a document knows its document; a node's range never includes trailing blank space, newlines or comments;
 * - an alias appears as the anchor's content: the same children, but `range` is where the alias stands and `alias` is true;
 * - a merge key (`<<`) is already applied: the entries it brings are marked `merged`, and explicit keys win;
 * - an expression of a template (`{{ }}`), and text with a `${NAME}` to be substituted, is `opaque`: its value is not known
 *   and must not be judged.
 */
export type YamlNode = YamlMap | YamlSequence | YamlScalar;

/** What a node knows of its document; the full type is `YamlDocument` in document.ts. */
export interface DocumentRef {
  readonly uri: string;
  readonly text: string;
}

// Trees are most of what a large workspace takes in memory. So what is seldom asked is made when it is asked for: a node
// has numbers for its range, and signs for what is true of few.
const ALIAS = 1;
const OPAQUE = 2;
const FLOW = 4;
const INCOMPLETE = 8;

abstract class NodeBase {
  constructor(
    readonly document: DocumentRef,
    readonly start: number,
    readonly end: number,
    protected signs: number,
  ) {}

  get range(): TextRange {
    return { start: this.start, end: this.end };
  }

  get alias(): boolean {
    return (this.signs & ALIAS) !== 0;
  }
}

export class YamlScalar extends NodeBase {
  readonly kind = 'scalar';
  declare readonly origin?: undefined;

  constructor(
    document: DocumentRef,
    start: number,
    end: number,
    /** The value as Kubernetes reads it: YAML 1.1 words (`yes`, `on`, ...) are booleans, `010` is octal. */
    readonly value: string | number | boolean | null,
    readonly style: 'plain' | 'single' | 'double' | 'block' | 'absent',
    signs = 0,
  ) {
    super(document, start, end, signs);
  }

  /** The value holds, or stands for, a template expression or something over the limits: not known. */
  get opaque(): boolean {
    return (this.signs & OPAQUE) !== 0;
  }

  at(document: DocumentRef, { start, end }: TextRange): YamlScalar {
    return new YamlScalar(document, start, end, this.value, this.style, this.signs);
  }

  aliasAt({ start, end }: TextRange): YamlScalar {
    return new YamlScalar(this.document, start, end, this.value, this.style, this.signs | ALIAS);
  }

  /** For who builds the tree, before anyone else has seen it. */
  markOpaque(): this {
    this.signs |= OPAQUE;
    return this;
  }
}

abstract class YamlCollection extends NodeBase {
  constructor(
    document: DocumentRef,
    start: number,
    end: number,
    signs: number,
    /**
     * The collection in the text that this one was made from by an overlay, which put other values within it: where an edit
     * of the collection itself belongs. The parts may stand in other documents than the collection.
     */
    readonly origin: YamlNode | undefined,
  ) {
    super(document, start, end, signs);
  }

  get flow(): boolean {
    return (this.signs & FLOW) !== 0;
  }

  /** A part of it is produced by a template: keys or items may exist that are not listed. */
  get incomplete(): boolean {
    return (this.signs & INCOMPLETE) !== 0;
  }

  /** For who builds the tree, before anyone else has seen it. */
  markIncomplete(): this {
    this.signs |= INCOMPLETE;
    return this;
  }
}

export class YamlMap extends YamlCollection {
  readonly kind = 'map';

  private constructor(
    document: DocumentRef,
    { start, end }: TextRange,
    readonly entries: readonly YamlEntry[],
    signs: number,
    origin?: YamlNode,
  ) {
    super(document, start, end, signs, origin);
  }

  static of(document: DocumentRef, range: TextRange, entries: readonly YamlEntry[], style: 'block' | 'flow'): YamlMap {
    return new YamlMap(document, range, entries, style === 'flow' ? FLOW : 0);
  }

  at(document: DocumentRef, range: TextRange, entries: readonly YamlEntry[]): YamlMap {
    return new YamlMap(document, range, entries, this.signs, this.origin);
  }

  aliasAt(range: TextRange): YamlMap {
    return new YamlMap(this.document, range, this.entries, this.signs | ALIAS, this.origin);
  }

  /** With other entries, in its place. */
  with(entries: readonly YamlEntry[], origin: YamlNode | undefined): YamlMap {
    return new YamlMap(this.document, this.range, entries, this.signs, origin);
  }
}

export class YamlSequence extends YamlCollection {
  readonly kind = 'sequence';

  private constructor(
    document: DocumentRef,
    { start, end }: TextRange,
    readonly items: readonly YamlItem[],
    signs: number,
    origin?: YamlNode,
  ) {
    super(document, start, end, signs, origin);
  }

  static of(
    document: DocumentRef,
    range: TextRange,
    items: readonly YamlItem[],
    style: 'block' | 'flow',
  ): YamlSequence {
    return new YamlSequence(document, range, items, style === 'flow' ? FLOW : 0);
  }

  at(document: DocumentRef, range: TextRange, items: readonly YamlItem[]): YamlSequence {
    return new YamlSequence(document, range, items, this.signs, this.origin);
  }

  aliasAt(range: TextRange): YamlSequence {
    return new YamlSequence(this.document, range, this.items, this.signs | ALIAS, this.origin);
  }

  /** With other items, in its place. */
  with(items: readonly YamlItem[], origin: YamlNode | undefined): YamlSequence {
    return new YamlSequence(this.document, this.range, items, this.signs, origin);
  }
}

interface OddEntry {
  readonly range?: TextRange;
  readonly merged?: boolean;
  readonly duplicate?: boolean;
}

export class YamlEntry {
  constructor(
    readonly key: YamlScalar,
    /** An empty value is a scalar with style 'absent' and a zero-width range behind the colon. */
    readonly value: YamlNode,
    private readonly odd?: OddEntry,
  ) {}

  /** From the key's start to the value's end, unless it is said otherwise. */
  get range(): TextRange {
    return this.odd?.range ?? { start: this.key.start, end: this.value.end };
  }

  /** Brought in by a merge key. */
  get merged(): boolean {
    return this.odd?.merged === true;
  }

  /** The same key stands earlier in this map. The last one wins, as in Kubernetes' own reader. */
  get duplicate(): boolean {
    return this.odd?.duplicate === true;
  }

  /** With another value, in its place. */
  with(value: YamlNode): YamlEntry {
    return new YamlEntry(this.key, value, { range: this.range, merged: this.merged });
  }

  at(key: YamlScalar, value: YamlNode, range: TextRange): YamlEntry {
    return new YamlEntry(key, value, { ...this.odd, range });
  }

  asMerged(): YamlEntry {
    return new YamlEntry(this.key, this.value, { ...this.odd, merged: true, duplicate: false });
  }

  asDuplicate(): YamlEntry {
    return new YamlEntry(this.key, this.value, { ...this.odd, duplicate: true });
  }
}

interface OddItem {
  readonly marker: TextRange;
  readonly range: TextRange;
  /** The item that this one was, before it got another value. */
  readonly first?: YamlItem;
}

export class YamlItem {
  private constructor(
    /** A lone `-` is a scalar with style 'absent'. */
    readonly value: YamlNode,
    private readonly dash: number,
    private readonly odd?: OddItem,
  ) {}

  static behindDash(dash: number, value: YamlNode): YamlItem {
    return new YamlItem(value, dash);
  }

  /** Of a flow sequence, or of one that is not in the text. */
  static bare(value: YamlNode): YamlItem {
    return new YamlItem(value, -1);
  }

  static at(value: YamlNode, marker: TextRange, range: TextRange): YamlItem {
    return new YamlItem(value, -1, { marker, range });
  }

  /** The dash of a block sequence; the value's own range in a flow sequence. */
  get marker(): TextRange {
    if (this.odd !== undefined) return this.odd.marker;
    return this.dash === -1 ? this.value.range : { start: this.dash, end: this.dash + 1 };
  }

  /** From the dash to the value's end. */
  get range(): TextRange {
    if (this.odd !== undefined) return this.odd.range;
    return this.dash === -1 ? this.value.range : { start: this.dash, end: this.value.end };
  }

  /** With another value, in its place. */
  with(value: YamlNode): YamlItem {
    return new YamlItem(value, this.dash, { marker: this.marker, range: this.range, first: this.first });
  }

  /** Whether both are the same item of a text, with other values or not. */
  isSame(other: YamlItem | undefined): boolean {
    return this.first === other?.first;
  }

  private get first(): YamlItem {
    return this.odd?.first ?? this;
  }
}

/** One step into a tree: a key of a map or a place in a sequence. */
export type PathStep = string | number;
export type YamlPath = readonly PathStep[];

/** A place in the text that keeps its meaning while other documents of the file change. */
export interface Span {
  readonly document: DocumentRef;
  readonly range: TextRange;
}

export function isMap(node: YamlNode | undefined): node is YamlMap {
  return node?.kind === 'map';
}

export function isSequence(node: YamlNode | undefined): node is YamlSequence {
  return node?.kind === 'sequence';
}

export function isScalar(node: YamlNode | undefined): node is YamlScalar {
  return node?.kind === 'scalar';
}

/** True for an absent value and for an explicit null, which Kubernetes treats alike. */
export function isNull(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && !node.opaque && node.value === null);
}

/** The entry in force for a key (the last of duplicates), or undefined. */
export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  if (node?.kind !== 'map') return undefined;
  for (let i = node.entries.length - 1; i >= 0; i--) {
    const entry = node.entries[i];
    if (entry !== undefined && keyText(entry) === key) return entry;
  }
  return undefined;
}

export function valueAt(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return entryOf(node, key)?.value;
}

/** The value at the end of some keys, each within the value of the one before; the node itself for none. */
export function valueBelow(node: YamlNode | undefined, keys: readonly string[]): YamlNode | undefined {
  return keys.reduce(valueAt, node);
}

/** A key as Kubernetes sees it, which reads YAML through JSON: all keys are strings. */
export function keyText(entry: YamlEntry): string {
  return String(entry.key.value);
}

/** The string of a scalar that holds one; undefined for any other node and for opaque values. */
export function stringOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && !node.opaque && typeof node.value === 'string' ? node.value : undefined;
}

/** A scalar as a name; a template's expression as it is written. */
export function nameOf(node: YamlNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || node.value === null) return undefined;
  const { document, range, style } = node;
  const quoted = style === 'single' || style === 'double' ? 1 : 0;
  const text = node.opaque ? document.text.slice(range.start + quoted, range.end - quoted) : String(node.value);
  return text.trim() === '' ? undefined : text.replace(/\s+/g, ' ');
}

export function spanOf(node: { document: DocumentRef; range: TextRange }): Span {
  return { document: node.document, range: node.range };
}

export function keySpan(entry: YamlEntry): Span {
  return spanOf(entry.key);
}
