/** Lines and columns of a short text, found by looking around an offset. For many questions of a long text see `LineIndex`. */

/** Where the line of an offset begins; behind a byte order mark. */
export function lineStartAt(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isBreak(text, start - 1)) start--;
  return start === 0 && text.startsWith('\uFEFF') && offset > 0 ? 1 : start;
}

/** Where the line of an offset ends, before its line break. */
export function lineEndAt(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && !isBreak(text, end)) end++;
  return end;
}

/** Where the line behind the one of an offset begins; the text's length when there is none. */
export function nextLineAt(text: string, offset: number): number {
  const end = lineEndAt(text, offset);
  return end + (text.startsWith('\r\n', end) ? 2 : end < text.length ? 1 : 0);
}

/** The column of an offset, from zero, in UTF-16 units. */
export function columnAt(text: string, offset: number): number {
  return offset - lineStartAt(text, offset);
}

/** The text of an offset's line that stands before it. */
export function textBefore(text: string, offset: number): string {
  return text.slice(lineStartAt(text, offset), offset);
}

function isBreak(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === 10 || unit === 13;
}
