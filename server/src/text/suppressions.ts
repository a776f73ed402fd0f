import type { Comment, YamlDocument } from './document.js';
import type { PlacedDocument, SourceFile } from './file.js';
import { rangeOf, shift, type TextRange } from './range.js';

/** A comment that silences rules. All ranges are offsets in the file. */
export interface Suppression {
  readonly kind: 'next-line' | 'line' | 'rest';
  /** The rules it silences; none means all of them. */
  readonly codes: readonly string[];
  /** The comment, from its `#`. */
  readonly span: TextRange;
  /** Each code with where it is written, in the order of `codes`. */
  readonly codeSpans: readonly { readonly code: string; readonly range: TextRange }[];
  /** The lines it covers, from zero, both included; undefined where there is no line to cover. */
  readonly lines: { readonly first: number; readonly last: number } | undefined;
  /** Whether it silences a finding with this range: the line where the range starts decides. Says nothing about codes. */
  covers(range: TextRange): boolean;
}

const DIRECTIVE = /^\s*netpol-disable(-next-line|-line)?(?![\w-])([^\r\n]*)$/;

/**
 * The comments of a file that silence rules, in file order:
 * `netpol-disable-next-line` the next line with content, `netpol-disable-line` its own line, `netpol-disable` everything
 * behind it, to the end of the file when it stands before all content, else to the end of its document. Codes follow,
 * separated by commas or blanks; what follows ` -- ` is a reason, which is not read.
 */
export function suppressionsOf(file: SourceFile): Suppression[] {
  if (!file.text.includes('netpol-disable')) return [];
  return file.documents.flatMap((placed) => {
    if (!placed.document.text.includes('netpol-disable')) return [];
    return placed.document.comments.flatMap((comment) => read(file, placed, comment) ?? []);
  });
}

function read(file: SourceFile, placed: PlacedDocument, comment: Comment): Suppression | undefined {
  const match = DIRECTIVE.exec(comment.text);
  if (match === null) return undefined;
  const kind = match[1] === '-next-line' ? 'next-line' : match[1] === '-line' ? 'line' : 'rest';
  const span = shift(comment.range, placed.offset);
  const rest = match[2] ?? '';
  const from = span.start + 1 + comment.text.length - rest.length;
  const list = rest.replace(/(?:^|\s)--(?:\s.*)?$/, '');
  const codeSpans = [...list.matchAll(/[^\s,]+/g)].map((found) => ({
    code: found[0],
    range: rangeOf(from + found.index, from + found.index + found[0].length),
  }));
  const lines = linesOf(kind, file, placed, comment);
  return {
    kind,
    codes: codeSpans.map(({ code }) => code),
    span,
    codeSpans,
    lines,
    covers(range) {
      const line = file.lines.lineAt(range.start);
      return lines !== undefined && lines.first <= line && line <= lines.last;
    },
  };
}

function linesOf(
  kind: Suppression['kind'],
  file: SourceFile,
  placed: PlacedDocument,
  comment: Comment,
): Suppression['lines'] {
  const own = file.lines.lineAt(placed.offset + comment.range.start);
  switch (kind) {
    case 'line':
      return { first: own, last: own };
    case 'next-line':
      for (let line = own + 1; line < file.lines.lineCount; line++) {
        if (/^\s*[^\s#]/.test(file.lines.lineText(line))) return { first: line, last: line };
      }
      return undefined;
    case 'rest': {
      const opening = placed === file.documents[0] && isBeforeContent(placed.document, comment);
      const end = opening ? file.text.length : placed.offset + placed.document.text.length;
      const last = file.lines.lineAt(end);
      return { first: own, last: !opening && file.lines.lineStart(last) === end && last > own ? last - 1 : last };
    }
  }
}

function isBeforeContent(document: YamlDocument, comment: Comment): boolean {
  return document.root === undefined || comment.range.start < document.root.range.start;
}
