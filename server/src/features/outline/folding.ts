import type { FoldingRange } from 'vscode-languageserver-types';
import type { YamlDocument } from '../../text/document.js';
import type { SourceFile } from '../../text/file.js';
import { keyOf } from '../../workspace/files.js';
import { type DocumentParams, defineFeature } from '../feature.js';

export const foldingFeature = defineFeature({
  method: 'textDocument/foldingRange',
  doc: 'What can be folded: documents, maps, lists, rules, peers and comments.',
  capability: () => ({ foldingRangeProvider: true }),
  answer({ netpol, client }, { textDocument }: DocumentParams): readonly FoldingRange[] | null {
    const file = netpol.workspace.file(keyOf(textDocument.uri));
    return file === undefined ? null : foldingRanges(file, client.foldingLimit);
  },
});

/** The folds of a file, in its order; where a client takes only so many, the outermost. */
export function foldingRanges(file: SourceFile, limit?: number): readonly FoldingRange[] {
  const folds = foldsOf(file);
  const chosen =
    limit === undefined || folds.length <= limit
      ? folds
      : [...folds]
          .sort((a, b) => a.depth - b.depth)
          .slice(0, limit)
          .sort((a, b) => a.first - b.first);
  return chosen.map(({ first, last, kind }) => ({
    startLine: first,
    endLine: last,
    ...(kind === undefined ? {} : { kind }),
  }));
}

/** Lines that fold away behind the first of them, both included and counted from zero. */
interface Fold {
  readonly first: number;
  last: number;
  readonly depth: number;
  readonly kind?: 'comment' | 'region';
}

interface Open extends Fold {
  readonly level: number;
}

/** The folds of a document by themselves, and the lines from its `---`, or its first line, to the last that says something. */
interface DocumentFolds {
  readonly folds: readonly Fold[];
  readonly whole: Fold | undefined;
  /** How many line breaks there are. */
  readonly lines: number;
}

/** The folds of a file, in its order: of several documents each as a whole, too. No two begin in one line. */
function foldsOf(file: SourceFile): readonly Fold[] {
  const parts = file.documents.map(({ document }) => foldsIn(document));
  const several = parts.filter(({ whole }) => whole !== undefined).length > 1;
  let start = 0;
  const found: Fold[] = [];
  for (const { folds, whole, lines } of parts) {
    const shown = several && whole !== undefined && whole.last > whole.first ? whole : undefined;
    if (shown !== undefined) found.push(moved(shown, start));
    for (const fold of folds) if (fold.first !== shown?.first) found.push(moved(fold, start));
    start += lines;
  }
  return found.sort((a, b) => a.first - b.first);
}

function moved(fold: Fold, by: number): Fold {
  return { ...fold, first: fold.first + by, last: fold.last + by };
}

/** A pure function's memory: a document never changes, and its entry goes when the document goes. */
const cache = new WeakMap<YamlDocument, DocumentFolds>();

/**
 * The folds of a document's text, told from its lines and not from its tree: so half-typed text, templates and other
 * people's files fold as well. Beyond what indentation tells, a list folds under its key where both begin in one column,
 * and comments and template actions end no block. None crosses another.
 */
function foldsIn(document: YamlDocument): DocumentFolds {
  const known = cache.get(document);
  if (known !== undefined) return known;
  const folds: Fold[] = [];
  let open: Open[] = [];
  let comment: Open | undefined;
  let whole: Fold | undefined;
  const lines = document.text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  for (const [line, text] of lines.entries()) {
    const indent = text.search(/[^ \t]/);
    if (indent === -1) {
      comment = undefined;
      continue;
    }
    if (indent === 0 && /^---(?:[ \t]|$)/.test(text)) {
      open = [];
      comment = undefined;
      whole = { first: line, last: line, depth: -1, kind: 'region' };
      continue;
    }
    if (whole === undefined) whole = { first: line, last: line, depth: -1, kind: 'region' };
    else whole.last = line;
    const isDash = text[indent] === '-' && /^-(?:[ \t]|$)/.test(text.slice(indent, indent + 2));
    // A dash in its key's column is within that key: levels between columns are those of dashes.
    const level = 2 * indent + (isDash ? 1 : 0);
    const isComment = text[indent] === '#';
    if (isComment || isAction(text)) {
      for (const each of open) if (each.level < level) each.last = line;
      if (!isComment) comment = undefined;
      else if (comment !== undefined && comment.level === level) comment.last = line;
      else {
        comment = { first: line, last: line, depth: open.length, kind: 'comment', level };
        folds.push(comment);
      }
      continue;
    }
    comment = undefined;
    while ((open.at(-1)?.level ?? -1) >= level) open.pop();
    for (const each of open) each.last = line;
    const fold: Open = { first: line, last: line, depth: open.length, level };
    open.push(fold);
    folds.push(fold);
  }
  const found = { folds: folds.filter(({ first, last }) => last > first), whole, lines: lines.length - 1 };
  cache.set(document, found);
  return found;
}

/** A line of a template that is nothing but actions. */
function isAction(text: string): boolean {
  return text.includes('{{') && /^\s*\{\{.*\}\}\s*$/.test(text);
}
