import { documentBehind, type YamlDocument } from './document.js';
import { covers, type TextRange } from './range.js';
import { type Style, styleOf } from './style.js';
import type { DocumentRef, Span, YamlEntry, YamlNode } from './tree.js';

/** A replacement in the text of a document. */
export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

/** A node with what an edit at it has to know of its surroundings. */
export interface Site {
  readonly document: YamlDocument;
  readonly text: string;
  readonly node: YamlNode;
  readonly style: Style;
  /** The collection the node stands in, and the entry, where that is a map. */
  readonly parent: YamlNode | undefined;
  readonly entry: YamlEntry | undefined;
  /** The node stands within brackets. */
  readonly inFlow: boolean;
}

/**
 * Where a node stands; undefined when no edit there is sound: the node is an alias, came through one or through a merge
 * key, or other places repeat it by an alias.
 */
export function siteOf(given: YamlNode): Site | undefined {
  const node = given.origin ?? given;
  const document = documentBehind(node.document);
  if (document === undefined || node.alias || isShared(document, node.range)) return undefined;
  const chain = document.root === undefined ? undefined : chainTo(document.root, node);
  if (chain === undefined) return undefined;
  const parent = chain.nodes.at(-1);
  const inFlow = chain.nodes.some((each) => each.kind !== 'scalar' && each.flow);
  return {
    document,
    text: document.text,
    node,
    // What is taken out needs none, and reading it goes over all of the document.
    get style() {
      return styleOf(document);
    },
    parent,
    entry: chain.entry,
    inFlow,
  };
}

export function editAt(document: DocumentRef, start: number, end: number, newText: string): TextEdit {
  return { span: { document, range: { start, end } }, newText };
}

/** True when an alias elsewhere stands for something in the range, or for something around it. */
export function touchesShared(document: YamlDocument, range: TextRange): boolean {
  return (
    document.shared.some((shared) => shared.start < range.end && range.start < shared.end) || isShared(document, range)
  );
}

function isShared(document: YamlDocument, range: TextRange): boolean {
  return document.shared.some((shared) => covers(shared, range));
}

interface Chain {
  /** The collections around the node, outermost first. */
  readonly nodes: readonly YamlNode[];
  readonly entry: YamlEntry | undefined;
}

function chainTo(root: YamlNode, node: YamlNode): Chain | undefined {
  const nodes: YamlNode[] = [];
  let current: YamlNode = root;
  let entry: YamlEntry | undefined;
  while (current !== node) {
    if (current.kind === 'scalar' || current.alias) return undefined;
    nodes.push(current);
    const parts: readonly { readonly value: YamlNode }[] =
      current.kind === 'map' ? current.entries.filter((each) => !each.merged) : current.items;
    const next: { readonly value: YamlNode } | undefined =
      parts.find((part) => part.value === node) ?? parts.find((part) => covers(part.value.range, node.range));
    if (next === undefined) return undefined;
    entry = current.kind === 'map' ? current.entries.find((each) => each === next) : undefined;
    current = next.value;
  }
  return { nodes, entry };
}
