import { documentOf, originOf, type YamlDocument } from './document.js';
import { LineIndex } from './lines.js';
import { shift, type TextRange } from './range.js';
import { splitDocuments } from './split.js';
import type { DocumentRef, Span } from './tree.js';

/** A document and where its text begins in the file. */
export interface PlacedDocument {
  readonly document: YamlDocument;
  readonly offset: number;
}

/**
 * A YAML file as an immutable value: an edit makes a new one. Documents whose text an edit leaves alone are carried
 * over as the same objects, so that whatever is derived from them can be kept.
 */
export class SourceFile {
  readonly uri: string;
  readonly text: string;
  readonly version: number | undefined;
  /** At least one, in file order; their texts joined are the file's text. */
  readonly documents: readonly PlacedDocument[];
  #offsets: ReadonlyMap<DocumentRef, number> | undefined;
  #lines: LineIndex | undefined;

  private constructor(uri: string, text: string, version: number | undefined, documents: readonly PlacedDocument[]) {
    this.uri = uri;
    this.text = text;
    this.version = version;
    this.documents = documents;
  }

  static of(uri: string, text: string, version?: number): SourceFile {
    const documents = splitDocuments(text).map((piece) => documentOf(uri, piece));
    return new SourceFile(uri, text, version, place(documents));
  }

  /** The file after an edit. Documents before and after the changed ones are the same objects as in this file. */
  withText(text: string, version?: number): SourceFile {
    const pieces = splitDocuments(text);
    const old = this.documents;
    const shared = Math.min(pieces.length, old.length);
    let before = 0;
    while (before < shared && old[before]?.document.text === pieces[before]) before++;
    let after = 0;
    while (after < shared - before && old.at(-1 - after)?.document.text === pieces.at(-1 - after)) after++;
    const documents = pieces.map((piece, index) => {
      const kept = index < before ? old[index] : undefined;
      const moved = index >= pieces.length - after ? old[index - pieces.length + old.length] : undefined;
      return (kept ?? moved)?.document ?? documentOf(this.uri, piece);
    });
    return new SourceFile(this.uri, text, version, place(documents));
  }

  /** Where a document begins in this file; undefined for a document that is not, or no longer, in it. */
  offsetOf(document: DocumentRef): number | undefined {
    this.#offsets ??= new Map(this.documents.map((placed) => [placed.document, placed.offset]));
    return this.#offsets.get(document);
  }

  /**
   * A span's range in the file's text; undefined when its document is no longer in the file. Of a document that was
   * rendered from this file, the place in the template; undefined where its lines have changed since.
   */
  toFile(span: Span): TextRange | undefined {
    const offset = this.offsetOf(span.document);
    if (offset !== undefined) return shift(span.range, offset);
    const origin = originOf(span.document);
    const range = origin?.toTemplate(span.range);
    return origin === undefined || range === undefined ? undefined : this.#sinceThen(origin.template, range);
  }

  /** Where a range of another state of this file is now; undefined where its lines have changed. */
  #sinceThen(then: string, range: TextRange): TextRange | undefined {
    if (then === this.text) return range;
    let same = 0;
    while (same < then.length && then[same] === this.text[same]) same++;
    if (range.end < then.lastIndexOf('\n', same - 1) + 1) return range;
    const longest = Math.min(then.length, this.text.length) - same;
    let behind = 0;
    while (behind < longest && then.at(-1 - behind) === this.text.at(-1 - behind)) behind++;
    const border = then.indexOf('\n', then.length - behind);
    return border >= 0 && range.start > border ? shift(range, this.text.length - then.length) : undefined;
  }

  /** The document an offset of the file falls in; at a border, the later one. Offsets outside the text give undefined. */
  documentAt(offset: number): PlacedDocument | undefined {
    if (offset < 0 || offset > this.text.length) return undefined;
    let low = 0;
    let high = this.documents.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.documents[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return this.documents[low];
  }

  /** The lines of the whole file, found at first use. */
  get lines(): LineIndex {
    this.#lines ??= new LineIndex(this.text);
    return this.#lines;
  }
}

function place(documents: readonly YamlDocument[]): PlacedDocument[] {
  let offset = 0;
  return documents.map((document) => {
    const placed = { document, offset };
    offset += document.text.length;
    return placed;
  });
}
