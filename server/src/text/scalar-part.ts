import { documentBehind, originOf } from './document.js';
import { renderKey, renderScalar } from './render.js';
import { editAt, type TextEdit } from './site.js';
import type { Span, YamlScalar } from './tree.js';

/** A word of a scalar: all of it, or a part of its value. */
export interface ScalarPart {
  readonly text: string;
  /** Without the quotes. */
  readonly at: Span;
  /** Another word in its place; undefined where the text does not hold it as such: an alias, a template, an escape. */
  edit(word: string): TextEdit | undefined;
}

/**
 * The part of a scalar's value from `start` on. The edit keeps quotes, and gives some to a plain scalar that would be read
 * as another value. `value` is the whole value as Kubernetes reads it.
 */
export function partOfScalar(scalar: YamlScalar, role: 'key' | 'value', start = 0): ScalarPart {
  const value = scalar.value === null ? '' : String(scalar.value);
  const { document, range, style } = scalar;
  const quotes = style === 'single' || style === 'double' ? 1 : 0;
  const inner = { start: range.start + quotes, end: range.end - quotes };
  // Where the value is not in the text letter by letter, only the whole of it has a place.
  const literal = style !== 'block' && document.text.slice(inner.start, inner.end) === value;
  return {
    text: value.slice(start),
    at: { document, range: literal ? { start: inner.start + start, end: inner.end } : range },
    edit(word) {
      const absent = style === 'absent' || (style === 'plain' && scalar.value === null);
      if (scalar.alias || scalar.opaque || !(literal || absent) || !isWritten({ document, range })) return undefined;
      const whole = value.slice(0, start) + word;
      const quote = quotes === 0 ? undefined : document.text.charAt(range.start) === "'" ? "'" : '"';
      // Behind a prefix that is plain already, a word stays so.
      const plain = start > 0 ? whole : role === 'key' ? renderKey(whole, '"', true) : renderScalar(whole, '"', true);
      const written = quote === undefined ? plain : `${quote}${whole}${quote}`;
      const space = range.start === range.end && !/\s/.test(document.text.charAt(range.start - 1)) ? ' ' : '';
      return editAt(document, range.start, range.end, space + written);
    },
  };
}

/** The whole of a scalar that is known by its place. */
export function partOfPlace(text: string, { document, range }: Span): ScalarPart {
  const isQuoted = document.text.slice(range.start + 1, range.end - 1) === text && range.end > range.start + 1;
  const at = isQuoted ? { document, range: { start: range.start + 1, end: range.end - 1 } } : { document, range };
  const part = partAt(text, at);
  return { ...part, edit: (word) => part.edit(isQuoted ? word : renderScalar(word, '"', true)) };
}

/** A word that stands at a place of a longer text. */
export function partAt(text: string, at: Span): ScalarPart {
  return {
    text,
    at,
    edit(word) {
      const { document, range } = at;
      if (document.text.slice(range.start, range.end) !== text || !isWritten(at)) return undefined;
      return editAt(document, range.start, range.end, word);
    },
  };
}

/** Whether a person can write at a place: what a program made of a template has it there as it is, and once. */
function isWritten({ document, range }: Span): boolean {
  return (
    documentBehind(document) !== undefined &&
    (originOf(document)?.literal(range) !== undefined || !isRendered(document))
  );
}

function isRendered(document: Span['document']): boolean {
  return originOf(document) !== undefined;
}
