import type { Patch } from './draft.js';
import { contains, type TextRange } from './range.js';

/**
 * Gives lines that are indented with tabs an indentation of spaces. In a text indented with tabs alone a tab counts as
 * two spaces; beside lines indented with spaces, a line goes where the one before it lets it belong.
 *
 * `spread` are the ranges of scalars and flow collections over several lines, in which tabs may stand.
 */
export function reindentTabs(base: string, spread: readonly TextRange[]): Patch[] {
  const lines = indentedLines(base).filter((line) => !spread.some((range) => inside(range, line.start)));
  const tabsOnly = lines.every((line) => line.indent === '' || /^\t+ *$/.test(line.indent));
  const patches: Patch[] = [];
  let before = { tabs: '', column: 0, opens: false };
  for (const { start, indent, content } of lines) {
    if (!indent.includes('\t')) {
      before = { tabs: '', ...place(indent.length, content) };
      continue;
    }
    const column = tabsOnly ? indent.replaceAll('\t', '  ').length : guess(before, indent);
    patches.push({ range: { start, end: start + indent.length }, text: ' '.repeat(column) });
    before = { tabs: indent, ...place(column, content) };
  }
  return patches;
}

interface IndentedLine {
  readonly start: number;
  readonly indent: string;
  readonly content: string;
}

function indentedLines(base: string): IndentedLine[] {
  const lines: IndentedLine[] = [];
  let start = 0;
  for (const line of base.split('\n')) {
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    const content = line.slice(indent.length).trimEnd();
    if (content !== '' && !content.startsWith('#')) lines.push({ start, indent, content });
    start += line.length + 1;
  }
  return lines;
}

/** Where the keys of a line stand, and whether it opens a deeper block. */
function place(column: number, content: string): { column: number; opens: boolean } {
  const dashes = /^(?:- +)*/.exec(content)?.[0].length ?? 0;
  return { column: column + dashes, opens: /(?::|^-)(?:\s+#.*)?$/.test(content) };
}

function guess(before: { tabs: string; column: number; opens: boolean }, indent: string): number {
  if (before.opens && before.tabs !== indent) return before.column + 2;
  return before.column;
}

function inside(range: TextRange, offset: number): boolean {
  return contains(range, offset) && offset !== range.start;
}
