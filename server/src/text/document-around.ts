import { nextLineAt } from './columns.js';
import type { TextRange } from './range.js';

/** The text between the markers (`---`, `...`) around an offset: a document, or nothing but blank lines and comments. */
export function documentAround(text: string, offset: number): TextRange {
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  let end = text.length;
  for (let at = text.lastIndexOf('\n', offset - 1); at !== -1; at = at === 0 ? -1 : text.lastIndexOf('\n', at - 1)) {
    if (!isMarker(text, at + 1)) continue;
    start = Math.max(start, nextLineAt(text, at + 1));
    break;
  }
  if (start <= 1 && isMarker(text, start)) start = nextLineAt(text, start);
  for (let at = text.indexOf('\n', offset); at !== -1; at = text.indexOf('\n', at + 1)) {
    if (!isMarker(text, at + 1)) continue;
    end = at + 1;
    break;
  }
  return { start: Math.min(start, end), end };
}

/** `---` or `...` stands here, by itself; only at the beginning of a line does it set documents apart. */
export function isMarker(text: string, at: number): boolean {
  return /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(at, at + 4));
}
