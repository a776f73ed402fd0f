import type { Steps } from '../../engine/steps.js';
import type { ScalarPart } from '../../text/scalar-part.js';

/** Something at a place that can be called otherwise. */
export interface Renaming {
  /** The word at the place. */
  readonly word: ScalarPart;
  /** Every place of it, with this one, in steps; what keeps the name from being used is thrown as a `Refusal`. */
  partsFor(name: string): Steps<{ readonly parts: readonly ScalarPart[]; readonly notes: readonly string[] }>;
}

/** A file by its name and its folder's. */
export function shown(uri: string): string {
  return decodeURIComponent(uri.split('/').slice(-2).join('/'));
}
