import type { CompletionItem, Hover } from 'vscode-languageserver-types';
import type { Client } from './client.js';

/** A hover without Markdown, for clients that show none. */
export function plainHover(hover: Hover): Hover {
  const { contents } = hover;
  return isMarkdown(contents) ? { ...hover, contents: plain(contents) } : hover;
}

/** A completion item without what a client does not take: Markdown, and how lines are indented. */
export function itemFor({ markdown, indentsAsSaid }: Client, item: CompletionItem): CompletionItem {
  const { insertTextMode, ...rest } = item;
  const shown = indentsAsSaid ? item : rest;
  if (markdown.completion || !isMarkdown(shown.documentation)) return shown;
  return { ...shown, documentation: plain(shown.documentation) };
}

interface Markdown {
  readonly kind: 'markdown';
  readonly value: string;
}

function isMarkdown(content: unknown): content is Markdown {
  return typeof content === 'object' && content !== null && 'kind' in content && content.kind === 'markdown';
}

function plain({ value }: Markdown) {
  return { kind: 'plaintext' as const, value: plainText(value) };
}

/**
 * What a person reads of our Markdown: no marks of emphasis and code, links as what they are called, tables in columns,
 * rules as empty lines. Of Markdown in general it knows only what we write.
 */
export function plainText(markdown: string): string {
  const lines = markdown.split('\n');
  const shown: string[] = [];
  for (let from = 0; from < lines.length; from++) {
    if (!isRow(lines[from])) {
      const line = lines[from] ?? '';
      if (/^```/.test(line)) continue;
      shown.push(line === '---' ? '' : inline(line));
      continue;
    }
    let to = from;
    while (isRow(lines[to])) to++;
    shown.push(...columns(lines.slice(from, to)));
    from = to - 1;
  }
  return shown
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function isRow(line: string | undefined): boolean {
  return line?.startsWith('|') === true;
}

function columns(rows: readonly string[]): readonly string[] {
  const cells = rows
    .filter((row) => !/^\|[\s|:-]+\|$/.test(row))
    .map((row) =>
      row
        .slice(1)
        .replace(/\|\s*$/, '')
        .split(/(?<!\\)\|/)
        .map((cell) => inline(cell.trim())),
    );
  const widths = cells.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(cell.length, most[index] ?? 0)),
    [],
  );
  return cells.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Between backticks nothing is a mark; elsewhere a backslash takes a mark's meaning away, and at a line's end it is a break, as two spaces are. */
function inline(line: string): string {
  const kept: string[] = [];
  const keep = (text: string) => `\uE000${kept.push(text) - 1}\uE000`;
  return emphasised(
    withoutBreak(line)
      .replace(/`([^`]*)`/g, (_, code: string) => keep(code))
      .replace(/\\([\\`*_{}[\]()<>#+.!|~&-])/g, (_, mark: string) => keep(mark))
      .replace(/^#+ /, '')
      .replace(/\[([^[\]]*)\]\([^()]*\)/g, '$1')
      .replace(/\*\*(.+?)\*\*/g, '$1'),
  )
    .replace(/&nbsp;/g, ' ')
    .replace(/\uE000(\d+)\uE000/g, (_, index: string) => kept[Number(index)] ?? '');
}

// Names and values of somebody else's may be of any length, so nothing here goes over a line again and again.

function withoutBreak(line: string): string {
  if (line.endsWith('\\')) return line.slice(0, -1);
  let end = line.length;
  while (line[end - 1] === ' ') end--;
  return line.length - end > 1 ? line.slice(0, end) : line;
}

/** Without the marks of `_emphasis_`, which stand at the borders of words. */
function emphasised(line: string): string {
  const opening = /(?<=^|[^\w])_(?=.)/g;
  const closing = /_(?=[^\w]|$)/g;
  let shown = '';
  let from = 0;
  for (let open = opening.exec(line); open !== null; open = opening.exec(line)) {
    closing.lastIndex = open.index + 2;
    const close = closing.exec(line);
    // What closes none here closes none further on.
    if (close === null) break;
    shown += line.slice(from, open.index) + line.slice(open.index + 1, close.index);
    from = close.index + 1;
    opening.lastIndex = from;
  }
  return shown + line.slice(from);
}
