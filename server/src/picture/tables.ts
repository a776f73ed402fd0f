import type { Edge } from './edge.js';

const columns = ['src', 'dst', 'conn'] as const;

/** Comma-separated values with a header; fields are quoted as in RFC 4180, lines end with a line feed as np-guard's do. */
export function csv(edges: readonly Edge[]): string {
  const field = (text: string) => (/[",\r\n]|^\s/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = edges.map((edge) => columns.map((column) => field(edge[column])).join(','));
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

/** A table of GitHub's Markdown. What Markdown would take as its own is escaped. */
export function markdown(edges: readonly Edge[]): string {
  const cell = (text: string) => text.replace(/[\\|*`<]/g, '\\$&').replace(/\s*[\r\n]+\s*/g, ' ');
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = edges.map((edge) => row(columns.map((column) => cell(edge[column]))));
  return `${[row(columns), '|-----|-----|------|', ...rows].join('\n')}\n`;
}
