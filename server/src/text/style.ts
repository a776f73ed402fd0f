import { columnAt } from './columns.js';
import type { YamlDocument } from './document.js';
import type { YamlMap, YamlNode } from './tree.js';

/** How a document is written, so that what is added looks like the rest. */
export interface Style {
  readonly eol: string;
  readonly indent: number;
  readonly indentSequences: boolean;
  readonly quote: '"' | "'";
  /** Every key and string is in double quotes, and comments are not allowed. */
  readonly json: boolean;
}

/** Reads the style off a document; where it shows none, two spaces, indented lists, double quotes and \n. */
export function styleOf(document: YamlDocument): Style {
  const { text, root, uri } = document;
  const votes = { indent: new Map<number, number>(), lists: 0, single: 0, double: 0 };
  if (root !== undefined) count(root, votes);
  const indent = [...votes.indent].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 2;
  return {
    eol: eolOf(text),
    indent,
    indentSequences: votes.lists >= 0,
    quote: votes.single > votes.double ? "'" : '"',
    json: /\.json$/i.test(uri) || looksLikeJson(root),
  };
}

/** The line break a text uses; \n when it has none. */
export function eolOf(text: string): string {
  if (text.includes('\r\n')) return '\r\n';
  return text.includes('\r') && !text.includes('\n') ? '\r' : '\n';
}

interface Votes {
  readonly indent: Map<number, number>;
  lists: number;
  single: number;
  double: number;
}

function count(node: YamlNode, votes: Votes): void {
  if (node.alias) return;
  if (node.kind === 'scalar') {
    if (node.style === 'single') votes.single++;
    if (node.style === 'double') votes.double++;
    return;
  }
  if (node.kind === 'sequence') {
    for (const item of node.items) count(item.value, votes);
    return;
  }
  for (const entry of node.entries) {
    if (entry.merged) continue;
    compare(node, entry.value, votes);
    count(entry.value, votes);
  }
}

function compare(map: YamlMap, value: YamlNode, votes: Votes): void {
  if (map.flow || value.kind === 'scalar' || value.flow || value.alias) return;
  const { text } = map.document;
  const deeper = columnAt(text, value.range.start) - columnAt(text, map.range.start);
  if (value.kind === 'sequence') votes.lists += deeper > 0 ? 1 : -1;
  if (deeper > 0) votes.indent.set(deeper, (votes.indent.get(deeper) ?? 0) + 1);
}

function looksLikeJson(root: YamlNode | undefined): boolean {
  return (
    root?.kind === 'map' &&
    root.flow &&
    root.entries.length > 0 &&
    root.entries.every((entry) => entry.key.style === 'double')
  );
}
