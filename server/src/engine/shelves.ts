import type { Selector } from '../model/selector.js';

/** Things, each with its place among those of all shelves, in the order of these places. */
export type Shelf<T> = Entry<T>[];

interface Entry<T> {
  readonly place: number;
  readonly item: T;
}

/**
 * Things on shelves with names, found again without a walk over all of them. What stands on several shelves is given in the
 * order in which it was put there.
 */
export class Shelves<T> {
  readonly #shelves = new Map<string, Shelf<T>>();
  #count = 0;

  /** Puts an item on shelves. Nobody may ask for two shelves of one item at once: it would come twice. */
  put(item: T, names: Iterable<string>): void {
    const entry = { place: this.#count++, item };
    for (const name of names) {
      const shelf = this.#shelves.get(name);
      if (shelf === undefined) this.#shelves.set(name, [entry]);
      else shelf.push(entry);
    }
  }

  /** What stands on some shelves. Nobody who stops early pays for the rest. */
  on(names: Iterable<string>): Iterable<T> {
    const open: Shelf<T>[] = [];
    for (const name of new Set(names)) {
      const shelf = this.#shelves.get(name);
      if (shelf !== undefined) open.push(shelf);
    }
    return inOrder(open);
  }
}

/** What stands on any of some shelves, by its place. Nobody who stops early pays for the rest. */
export function inOrder<T>(shelves: readonly Shelf<T>[]): Iterable<T> {
  return shelves.length === 0 ? [] : merged(shelves);
}

function* merged<T>(shelves: readonly Shelf<T>[]): Iterable<T> {
  const [only, ...others] = shelves;
  if (only === undefined) return;
  if (others.length === 0) {
    for (const { item } of only) yield item;
    return;
  }
  if (shelves.length > fewShelves) {
    for (const { item } of shelves.flat().sort((a, b) => a.place - b.place)) yield item;
    return;
  }
  const open = shelves.map((shelf) => ({ shelf, next: 0 }));
  while (true) {
    let first: (typeof open)[number] | undefined;
    for (const each of open) {
      const place = each.shelf[each.next]?.place;
      if (place === undefined) continue;
      const least = first?.shelf[first.next]?.place;
      if (least === undefined || place < least) first = each;
    }
    const entry = first?.shelf[first.next];
    if (first === undefined || entry === undefined) return;
    first.next++;
    yield entry.item;
  }
}

/** Of so many the foremost item is quickly found among them all. */
const fewShelves = 16;

/** The name of a label's shelf; no label holds the sign between. */
export function labelShelf(key: string, value: string): string {
  return `${key}\n${value}`;
}

/** A label that whatever the selector chooses has; undefined where it asks for none so plainly. */
export function labelOn(selector: Selector): readonly [key: string, value: string] | undefined {
  if (selector.op === 'And') {
    for (const term of selector.terms) {
      const found = term.op === 'In' ? labelOn(term) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (selector.op !== 'In' || selector.values.length !== 1) return undefined;
  const [value] = selector.values;
  // What is asked of other things than the pods themselves has keys that no label has.
  return value === undefined || selector.key.includes(':') ? undefined : [selector.key, value];
}

/** The shelf of that label. */
export function shelfOf(selector: Selector): string | undefined {
  const label = labelOn(selector);
  return label && labelShelf(...label);
}
