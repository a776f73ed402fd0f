import type { Position } from './requests.js';

/** A change of a text as LSP has it. */
export interface Change {
  readonly range?: { readonly start: Position; readonly end: Position };
  readonly text: string;
}

/** A document as the client has it. */
export interface OpenText {
  readonly text: string;
  readonly version: number | undefined;
}

/**
 * What a text is after changes, written from the protocol's text alone (LSP 3.17, "Position"): a character behind the end
 * of its line is that end, a line behind the last is the end of the text; what is below zero is the beginning.
 */
export function changed(text: string, changes: readonly Change[]): string {
  let now = text;
  for (const { range, text: put } of changes) {
    if (range === undefined) now = put;
    else {
      const [from, to] = [offsetAt(now, range.start), offsetAt(now, range.end)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      now = now.slice(0, from) + put + now.slice(to);
    }
  }
  return now;
}

function offsetAt(text: string, { line, character }: Position): number {
  if (line < 0) return 0;
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  if (/[\r\n]$/.test(text) || text === '') lines.push('');
  const found = lines[line];
  if (found === undefined) return text.length;
  const before = lines.slice(0, line).reduce((sum, each) => sum + each.length, 0);
  const length = found.replace(/\r?\n$|\r$/, '').length;
  return before + Math.max(0, Math.min(character, length));
}
