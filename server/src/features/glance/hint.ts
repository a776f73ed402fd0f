import type { Workload } from '../../model/workload.js';
import { documentBehind } from '../../text/document.js';
import { contains, type TextRange } from '../../text/range.js';
import type { DocumentRef, YamlItem, YamlNode } from '../../text/tree.js';
import type { HintKind } from '../../workspace/editor-settings.js';
import type { NamespaceRef, Placed } from '../../workspace/scope.js';

/** A few words that stand within a line of a policy without being in its text. */
export interface Hint {
  readonly kind: HintKind;
  readonly document: DocumentRef;
  /** In the document's text. */
  readonly offset: number;
  readonly words: string;
  /** The words are read before what stands there, or behind it. */
  readonly side: 'before' | 'behind';
  /** A sentence that says more. */
  readonly more: string;
  /** Who is counted. */
  readonly workloads?: readonly Placed<Workload>[];
  /** The namespace to leave out of their names. */
  readonly own?: NamespaceRef;
}

/**
 * Where words behind an entry or item belong: behind it, and of one with several lines behind its first. Never behind a
 * comment, where they would be read as its end.
 */
export function behind(document: DocumentRef, range: TextRange): number {
  const { text } = document;
  const newline = text.indexOf('\n', range.start);
  if (newline === -1 || newline >= range.end) return range.end;
  const comment = documentBehind(document)?.comments.find(
    (each) => each.range.start >= range.start && each.range.start < newline,
  );
  return range.start + text.slice(range.start, comment?.range.start ?? newline).trimEnd().length;
}

/** The whole entry or item that begins at an offset; undefined where none does. */
export function partBeginning(node: YamlNode, offset: number): TextRange | undefined {
  if (node.alias || node.kind === 'scalar') return undefined;
  const parts =
    node.kind === 'sequence'
      ? node.items.map(({ marker, value, range }) => ({ begin: marker.start, value, range }))
      : node.entries.map(({ key, value, range }) => ({ begin: key.range.start, value, range }));
  const part = parts.find(({ range }) => contains(range, offset));
  if (part === undefined) return undefined;
  return part.begin === offset ? part.range : partBeginning(part.value, offset);
}

/** The items of a list that stand where it does: those of an alias stand elsewhere. */
export function writtenItems(node: YamlNode | undefined): readonly YamlItem[] {
  return node?.kind === 'sequence' && !node.alias ? node.items : [];
}
