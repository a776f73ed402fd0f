import { columnAt, lineEndAt, lineStartAt } from './columns.js';
import type { YamlDocument } from './document.js';
import { contains } from './range.js';
import {
  entryOf,
  keyText,
  type YamlEntry,
  type YamlItem,
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlSequence,
} from './tree.js';

/** The node at a path, following aliases and merge keys; undefined when a step leads nowhere. */
export function nodeAt(document: YamlDocument, path: YamlPath): YamlNode | undefined {
  let node = document.root;
  for (const step of path) {
    node =
      typeof step === 'number' && node?.kind === 'sequence'
        ? node.items[step]?.value
        : entryOf(node, String(step))?.value;
    if (node === undefined) return undefined;
  }
  return node;
}

/** The entry a path's last step names; undefined when that step is an index or leads nowhere. */
export function entryAt(document: YamlDocument, path: YamlPath): YamlEntry | undefined {
  const last = path.at(-1);
  if (typeof last !== 'string') return undefined;
  return entryOf(nodeAt(document, path.slice(0, -1)), last);
}

/** A path as the API server prints field paths: `spec.ingress[0].from[0]`, `matchLabels[app.kubernetes.io/name]`. */
export function formatPath(path: YamlPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[A-Za-z_$][\w-]*$/.test(step)) text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** What stands at an offset of a document. */
export interface PathLocation {
  readonly path: YamlPath;
  /** The node the path leads to; on a key, that key's value. */
  readonly node: YamlNode;
  /** The offset touches the key of `entry`. */
  readonly onKey: boolean;
  /** The entry that holds the node, where a map does. */
  readonly entry: YamlEntry | undefined;
  /** The collections around the node, outermost first. */
  readonly ancestors: readonly YamlNode[];
}

/**
 * The deepest node at an offset of the document's text. On blank space behind a value the line's owner is found by
 * indentation, as a person who goes on typing there means it: the innermost block that a key or item in this column
 * would belong to, or the missing value this column would fill. Does not look into aliases, whose content stands
 * elsewhere. Undefined for an empty document.
 */
export function pathAt(document: YamlDocument, offset: number): PathLocation | undefined {
  if (document.root === undefined) return undefined;
  let here: Here = { path: [], node: document.root, onKey: false, entry: undefined, ancestors: [] };
  for (;;) {
    const deeper: Here | undefined = step(here, offset);
    if (deeper === undefined) return here;
    here = deeper;
    if (here.onKey) return here;
  }
}

type Here = PathLocation;

function step(here: Here, offset: number): Here | undefined {
  const { node } = here;
  if (node.kind === 'scalar' || node.alias) return undefined;
  if (node.kind === 'map') {
    const entry = lastBefore(
      node.entries.filter((each) => !each.merged),
      offset,
    );
    if (entry === undefined) return undefined;
    const next = {
      path: [...here.path, keyText(entry)],
      node: entry.value,
      entry,
      ancestors: [...here.ancestors, node],
    };
    if (contains(entry.key.range, offset)) return { ...next, onKey: true };
    return belongs(node, entry, offset) ? { ...next, onKey: false } : undefined;
  }
  const item = lastBefore(node.items, offset);
  if (item === undefined || !belongs(node, item, offset)) return undefined;
  const path = [...here.path, node.items.indexOf(item)];
  return { path, node: item.value, onKey: false, entry: undefined, ancestors: [...here.ancestors, node] };
}

function lastBefore<T extends YamlEntry | YamlItem>(parts: readonly T[], offset: number): T | undefined {
  return parts.findLast((part) => part.range.start <= offset);
}

/** True when an offset at or behind a part of a collection is that part's, not the collection's own. */
function belongs(node: YamlMap | YamlSequence, part: YamlEntry | YamlItem, offset: number): boolean {
  if (offset <= part.range.end) return true;
  const { text } = node.document;
  const { value } = part;
  if (node.flow) return absent(value) && /^[ \t]*$/.test(text.slice(part.range.end, offset));
  const lineStart = lineStartAt(text, offset);
  if (lineStart <= part.range.end) return !inClosedFlow(value);
  if (value.kind === 'scalar' && value.style !== 'absent' && value.style !== 'block') return false;
  const line = text.slice(lineStart, lineEndAt(text, offset));
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  const column = indent === line.length ? offset - lineStart : Math.min(offset - lineStart, indent);
  const own = columnAt(text, node.range.start);
  if (value.kind === 'scalar') return column > own;
  if (value.flow || value.alias) return false;
  return column > own && column >= columnAt(text, value.range.start);
}

function absent(value: YamlNode): boolean {
  return value.kind === 'scalar' && value.style === 'absent';
}

/** Behind the bracket of a flow collection nothing more can belong to it. */
function inClosedFlow(value: YamlNode): boolean {
  return value.kind !== 'scalar' && value.flow;
}
