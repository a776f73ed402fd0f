import type { ScalarPart } from '../text/scalar-part.js';

/** Something at a place that can be called otherwise. */
export interface Renaming {
  /** The word at the place. */
  readonly word: ScalarPart;
  /** Every place of it, with this one; what keeps the name from being used is thrown as a `Refusal`. */
  partsFor(name: string): { readonly parts: readonly ScalarPart[]; readonly notes: readonly string[] };
}

/** A file by its name and its folder's. */
export function shown(uri: string): string {
  return decodeURIComponent(uri.split('/').slice(-2).join('/'));
}
