/** How wide characters of a plain sans-serif font are, in parts of its size; the wider fonts that may stand for it included. */
const widths: readonly (readonly [RegExp, number])[] = [
  [/[iljtfrI.,:;|!'()[\]{}/\s-]/, 0.37],
  [/[mwMW@%]/, 0.92],
  [/[A-Z]/, 0.72],
  [/[\u3000-\u{10ffff}]/u, 1.05],
];

/** The room that lines of text take in CSS pixels, a little more than they need. Worked out, not measured: the same everywhere. */
export function textSize(lines: readonly string[], size: number): { readonly width: number; readonly height: number } {
  const width = (line: string) =>
    [...line].reduce((sum, character) => sum + (widths.find(([set]) => set.test(character))?.[1] ?? 0.59), 0) * size;
  return { width: Math.ceil(Math.max(0, ...lines.map(width)) + 4), height: Math.ceil(lines.length * size * 1.3) };
}
