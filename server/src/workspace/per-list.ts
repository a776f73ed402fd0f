/**
 * A pure function's memory: a scope's lists never change (a change makes new ones), so what is worked out from one is kept
 * with it, and goes when the list goes.
 */
export function perList<L extends object, T>(workOut: (list: L) => T): (list: L) => T {
  const known = new WeakMap<L, { readonly answer: T }>();
  return (list) => {
    const found = known.get(list);
    if (found !== undefined) return found.answer;
    const answer = workOut(list);
    known.set(list, { answer });
    return answer;
  };
}

/** The place of each item in its list. */
export const placesIn: (list: readonly object[]) => ReadonlyMap<object, number> = perList(
  (list: readonly object[]) => new Map(list.map((item, place) => [item, place])),
);

/** What is known of a key, or what is made for it now and known from then on. */
export function knownOr<K, V>(
  known: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

/** An answer, with the lists that it was read from. */
export interface ReadFrom<T> {
  readonly from: readonly unknown[];
  readonly answer: T;
}

/** What was worked out for a key, for as long as the lists that it was read from are the very same. */
export function whileSame<K, T>(
  known: { get(key: K): ReadFrom<T> | undefined; set(key: K, value: ReadFrom<T>): unknown },
  key: K,
  from: readonly unknown[],
  workOut: () => T,
): T {
  const found = known.get(key);
  if (found !== undefined && same(found.from, from)) return found.answer;
  const answer = workOut();
  known.set(key, { from, answer });
  return answer;
}

/** Whether two lists have the same items in the same order. */
export function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
