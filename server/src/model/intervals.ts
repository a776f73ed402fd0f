/** A closed interval: both ends belong to it. `first` is never above `last`. */
export interface Interval<T> {
  readonly first: T;
  readonly last: T;
}

/** Sorted, disjoint and not touching: every set has exactly one such list. All functions below answer in this form. */
export type Intervals<T> = readonly Interval<T>[];

/** Whole numbers of some kind: each value has a next and a previous one. */
export interface Discrete<T> {
  successor(value: T): T;
  predecessor(value: T): T;
  /** Negative, zero or positive, as for `Array.prototype.sort`. */
  compare(a: T, b: T): number;
}

export const integers: Discrete<number> = {
  successor: (value) => value + 1,
  predecessor: (value) => value - 1,
  compare: (a, b) => a - b,
};

export const bigIntegers: Discrete<bigint> = {
  successor: (value) => value + 1n,
  predecessor: (value) => value - 1n,
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
};

/** Brings any list of intervals, in any order and overlapping, into the one form. Reversed intervals are empty. */
export function normalise<T>(discrete: Discrete<T>, intervals: Iterable<Interval<T>>): Intervals<T> {
  const { compare, successor } = discrete;
  const sorted = [...intervals].filter(({ first, last }) => compare(first, last) <= 0);
  sorted.sort((a, b) => compare(a.first, b.first));
  const result: Interval<T>[] = [];
  for (const next of sorted) {
    const previous = result.at(-1);
    if (previous === undefined || compare(next.first, successor(previous.last)) > 0) result.push(next);
    else if (compare(next.last, previous.last) > 0) {
      result[result.length - 1] = { first: previous.first, last: next.last };
    }
  }
  return result;
}

/** The values in either. */
export function union<T>(discrete: Discrete<T>, a: Intervals<T>, b: Intervals<T>): Intervals<T> {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return normalise(discrete, [...a, ...b]);
}

/** The values in both. */
export function intersect<T>(discrete: Discrete<T>, a: Intervals<T>, b: Intervals<T>): Intervals<T> {
  const { compare } = discrete;
  const result: Interval<T>[] = [];
  for (let i = 0, j = 0; ; ) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return result;
    const first = compare(left.first, right.first) > 0 ? left.first : right.first;
    const last = compare(left.last, right.last) < 0 ? left.last : right.last;
    if (compare(first, last) <= 0) result.push({ first, last });
    if (compare(left.last, right.last) < 0) i++;
    else j++;
  }
}

/** The values in `a` that are not in `b`. */
export function subtract<T>(discrete: Discrete<T>, a: Intervals<T>, b: Intervals<T>): Intervals<T> {
  const { compare, successor, predecessor } = discrete;
  const result: Interval<T>[] = [];
  let j = 0;
  for (const { first, last } of a) {
    let start = first;
    for (let hole = b[j]; hole !== undefined && compare(hole.first, last) <= 0; hole = b[j]) {
      if (compare(hole.first, start) > 0) result.push({ first: start, last: predecessor(hole.first) });
      if (compare(hole.last, start) >= 0) start = successor(hole.last);
      // This hole also reaches into the next interval, so it stays the current one.
      if (compare(hole.last, last) > 0) break;
      j++;
    }
    if (compare(start, last) <= 0) result.push({ first: start, last });
  }
  return result;
}

/** Is the value in one of the intervals? Binary search. */
export function contains<T>(discrete: Discrete<T>, intervals: Intervals<T>, value: T): boolean {
  let low = 0;
  let high = intervals.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const interval = intervals[middle];
    if (interval === undefined) return false;
    if (discrete.compare(value, interval.first) < 0) high = middle - 1;
    else if (discrete.compare(value, interval.last) > 0) low = middle + 1;
    else return true;
  }
  return false;
}

/** Is there a value in both? */
export function overlaps<T>(discrete: Discrete<T>, a: Intervals<T>, b: Intervals<T>): boolean {
  const { compare } = discrete;
  for (let i = 0, j = 0; ; ) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return false;
    if (compare(left.last, right.first) < 0) i++;
    else if (compare(right.last, left.first) < 0) j++;
    else return true;
  }
}

/** Is every value of `inner` in `outer`? */
export function isSubset<T>(discrete: Discrete<T>, inner: Intervals<T>, outer: Intervals<T>): boolean {
  const { compare } = discrete;
  let place = 0;
  // Intervals never touch: each of these lies in one of those, or not in all of them.
  return inner.every(({ first, last }) => {
    let around = outer[place];
    while (around !== undefined && compare(around.last, first) < 0) around = outer[++place];
    return around !== undefined && compare(around.first, first) <= 0 && compare(last, around.last) <= 0;
  });
}

/** Do both hold the same values? */
export function equal<T>(discrete: Discrete<T>, a: Intervals<T>, b: Intervals<T>): boolean {
  return (
    a.length === b.length &&
    a.every((left, i) => {
      const right = b[i];
      return (
        right !== undefined &&
        discrete.compare(left.first, right.first) === 0 &&
        discrete.compare(left.last, right.last) === 0
      );
    })
  );
}
