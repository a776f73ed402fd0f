/** A half-open span of UTF-16 code units, as LSP counts them. Which text it is relative to is said where it is used. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export function rangeOf(start: number, end: number): TextRange {
  return { start, end };
}

export function contains(outer: TextRange, offset: number): boolean {
  return outer.start <= offset && offset <= outer.end;
}

export function covers(outer: TextRange, inner: TextRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

export function shift(range: TextRange, by: number): TextRange {
  return by === 0 ? range : { start: range.start + by, end: range.end + by };
}
