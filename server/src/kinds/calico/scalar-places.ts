import type { TextRange } from '../../text/range.js';
import type { Span, YamlScalar } from '../../text/tree.js';

/**
 * Where parts of a scalar's value stand in the text, through quotes, escapes and folded lines. Where the two cannot be
 * laid side by side (rare escapes, an alias), every part is the whole scalar.
 */
export function placesIn(scalar: YamlScalar): (range: TextRange) => Span {
  const { document, range } = scalar;
  const places = typeof scalar.value === 'string' && !scalar.alias ? align(scalar, scalar.value) : undefined;
  return ({ start, end }) => {
    const [from, last] = [places?.[start], places?.[Math.max(start, end - 1)]];
    if (from === undefined || last === undefined) return { document, range };
    return { document, range: { start: from.start, end: end > start ? last.end : from.start } };
  };
}

/** The place in the document of each character of the value, and of its end. */
function align({ document, range, style }: YamlScalar, value: string): readonly TextRange[] | undefined {
  const { text } = document;
  const quoted = style === 'single' || style === 'double';
  const limit = quoted ? range.end - 1 : range.end;
  const places: TextRange[] = [];
  let at = quoted ? range.start + 1 : range.start;
  if (style === 'block') {
    const newline = text.indexOf('\n', at);
    if (newline === -1 || newline >= limit) return undefined;
    at = newline + 1;
    while (blank.test(text.charAt(at)) && !blank.test(value.charAt(0))) at++;
  }
  for (let index = 0; index < value.length; index++) {
    const wanted = value.charAt(index);
    if (blank.test(wanted) && (at >= limit || foldsAt(text, at))) {
      // Line breaks and indentation stand for one blank, or for those that the value has here.
      const start = at;
      while (at < limit && blank.test(text.charAt(at))) at++;
      places.push({ start, end: at });
      while (blank.test(value.charAt(index + 1))) {
        index++;
        places.push({ start, end: at });
      }
      continue;
    }
    const width = widthOf(text, at, wanted, style);
    if (width === undefined || at >= limit) return undefined;
    places.push({ start: at, end: at + width });
    at += width;
  }
  places.push({ start: at, end: at });
  return places;
}

const blank = /\s/;

/** Whether the blank space at an offset goes on into another line. */
function foldsAt(text: string, at: number): boolean {
  return /^[ \t]*\r?\n/.test(text.slice(at, at + 80));
}

/** How many characters of the text stand for one of the value. */
function widthOf(text: string, at: number, wanted: string, style: YamlScalar['style']): number | undefined {
  const here = text.charAt(at);
  if (style === 'single' && here === "'") return wanted === "'" && text.charAt(at + 1) === "'" ? 2 : undefined;
  if (style === 'double' && here === '\\') {
    const escaped = text.charAt(at + 1);
    const meant = escaped === 'n' ? '\n' : escaped === 't' ? '\t' : /["\\/ ]/.test(escaped) ? escaped : undefined;
    return meant === wanted ? 2 : undefined;
  }
  return here === wanted ? 1 : undefined;
}
