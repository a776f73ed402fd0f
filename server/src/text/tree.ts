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

interface NodeBase {
  readonly document: DocumentRef;
  readonly range: TextRange;
  readonly alias: boolean;
  /**
   * The collection in the text that this one was made from by an overlay, which put other values within it: where an edit
   * of the collection itself belongs. The parts may stand in other documents than the collection.
   */
  readonly origin?: YamlNode;
}

/** What a node knows of its document; the full type is `YamlDocument` in document.ts. */
export interface DocumentRef {
  readonly uri: string;
  readonly text: string;
}

export interface YamlScalar extends NodeBase {
  readonly kind: 'scalar';
  /** The value as Kubernetes reads it: YAML 1.1 words (`yes`, `on`, ...) are booleans, `010` is octal. */
  readonly value: string | number | boolean | null;
  readonly style: 'plain' | 'single' | 'double' | 'block' | 'absent';
  /** The value holds, or stands for, a template expression or something over the limits: not known. */
  readonly opaque: boolean;
}

export interface YamlMap extends NodeBase {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
  readonly flow: boolean;
  /** Part of the map is produced by a template: keys may exist that are not listed. */
  readonly incomplete: boolean;
}

export interface YamlEntry {
  readonly key: YamlScalar;
  /** An empty value is a scalar with style 'absent' and a zero-width range behind the colon. */
  readonly value: YamlNode;
  /** Brought in by a merge key. */
  readonly merged: boolean;
  /** The same key stands earlier in this map. The last one wins, as in Kubernetes' own reader. */
  readonly duplicate: boolean;
  /** From the key's start to the value's end. */
  readonly range: TextRange;
}

export interface YamlSequence extends NodeBase {
  readonly kind: 'sequence';
  readonly items: readonly YamlItem[];
  readonly flow: boolean;
  /** Part of the list is produced by a template: items may exist that are not listed. */
  readonly incomplete: boolean;
}

export interface YamlItem {
  /** A lone `-` is a scalar with style 'absent'. */
  readonly value: YamlNode;
  /** The dash of a block sequence; the value's own range in a flow sequence. */
  readonly marker: TextRange;
  /** From the dash to the value's end. */
  readonly range: TextRange;
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

/** A key as Kubernetes sees it, which reads YAML through JSON: all keys are strings. */
export function keyText(entry: YamlEntry): string {
  return String(entry.key.value);
}

/** The string of a scalar that holds one; undefined for any other node and for opaque values. */
export function stringOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && !node.opaque && typeof node.value === 'string' ? node.value : undefined;
}

export function spanOf(node: { document: DocumentRef; range: TextRange }): Span {
  return { document: node.document, range: node.range };
}

export function keySpan(entry: YamlEntry): Span {
  return spanOf(entry.key);
}
