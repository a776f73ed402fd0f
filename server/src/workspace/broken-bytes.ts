import type { TextRange } from '../text/range.js';

/**
 * Bytes that are no UTF-8 stand in a text as half a surrogate pair each, which no other bytes give: so it is known where
 * they are, and they can be written back as they were. Python calls it `surrogateescape`.
 */
export function escapedByte(byte: number): string {
  return String.fromCharCode(0xdc00 + byte);
}

/** Where bytes of a text are no UTF-8, and which; those that stand together are one place. Counts all, gives the first. */
export function brokenBytesIn(
  text: string,
): { readonly range: TextRange; readonly bytes: readonly string[]; readonly places: number } | undefined {
  const found = text.match(broken);
  const [first] = found ?? [];
  if (found === null || first === undefined) return undefined;
  const start = text.search(broken);
  const bytes = [...first].map((unit) => (unit.charCodeAt(0) & 0xff).toString(16).padStart(2, '0'));
  return { range: { start, end: start + first.length }, bytes, places: found.length };
}

/** With the flag `u` the halves of whole pairs are no match. */
const broken = /[\uDC80-\uDCFF]+/gu;
