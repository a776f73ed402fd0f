import type { TextRange } from './range.js';

/** A replacement in the text a document is read from. The range is relative to the document's own text. */
export interface Patch {
  readonly range: TextRange;
  readonly text: string;
}

/**
 * The text that is handed to the YAML reader: the document's text with patches that repair half-typed places. Offsets
 * in it lead back to the document's own text, so that ranges stay true.
 */
export interface Draft {
  readonly text: string;
  /** In text order, without overlaps. */
  readonly patches: readonly Patch[];
  /** The offset in the document's text for an offset in the draft; inside a patch, the nearest replaced character. */
  original(offset: number): number;
}

/** A draft over `base`, a text in which every character stands where it stands in the document. */
export function draftOf(base: string, patches: readonly Patch[]): Draft {
  let text = '';
  let done = 0;
  for (const patch of patches) {
    text += base.slice(done, patch.range.start) + patch.text;
    done = patch.range.end;
  }
  text += base.slice(done);
  return { text, patches, original: (offset) => originalOffset(patches, offset) };
}

/**
 * The patches of a draft with further ones, in text order. A new patch replaces older ones within its range, and is left
 * out where it meets one in another way. The same array when nothing was added.
 */
export function joinPatches(old: readonly Patch[], added: readonly Patch[]): readonly Patch[] {
  let joined: readonly Patch[] = old;
  for (const patch of added) {
    const rest = joined.filter((other) => !swallows(patch, other));
    if (!rest.some((other) => meets(patch.range, other.range))) joined = [...rest, patch];
  }
  return joined === old ? old : joined.toSorted((a, b) => a.range.start - b.range.start);
}

function swallows(patch: Patch, other: Patch): boolean {
  const { start, end } = patch.range;
  const same = start === other.range.start && end === other.range.end;
  return start < end && !same && start <= other.range.start && other.range.end <= end;
}

function meets(a: TextRange, b: TextRange): boolean {
  return a.start === b.start || (a.start < b.end && b.start < a.end);
}

function originalOffset(patches: readonly Patch[], offset: number): number {
  let grown = 0;
  for (const { range, text } of patches) {
    const start = range.start + grown;
    if (offset < start) break;
    if (offset < start + text.length) return Math.min(range.start + offset - start, range.end);
    grown += text.length - (range.end - range.start);
  }
  return offset - grown;
}
