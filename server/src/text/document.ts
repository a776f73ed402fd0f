import { commentsOf } from './comments.js';
import { problemsOf } from './problems.js';
import type { TextRange } from './range.js';
import { type Reading, readTree } from './read.js';
import type { DocumentRef, YamlNode } from './tree.js';

/** A fault in the text as YAML, in our own words: what, why and what to do. The range is relative to the document's text. */
export interface YamlProblem {
  readonly message: string;
  readonly range: TextRange;
}

/** A comment. `text` is what stands behind the `#`; the range begins at the `#` and is relative to the document's text. */
export interface Comment {
  readonly text: string;
  readonly range: TextRange;
}

/** One document of a YAML file. A value: its text never changes, and what is read from it is read once, at first use. */
export interface YamlDocument extends DocumentRef {
  readonly uri: string;
  /** This document's slice of the file, with its `---` line and the comments before it. */
  readonly text: string;
  /** Undefined for an empty document and for one that is not text. */
  readonly root: YamlNode | undefined;
  /** Faults in the syntax, in text order; none are given for templates, which are not YAML yet. */
  readonly problems: readonly YamlProblem[];
  /** Every comment, in text order. */
  readonly comments: readonly Comment[];
  /** The text holds template actions (`{{ }}`). */
  readonly templated: boolean;
  /** Anchored values that aliases elsewhere stand for: an edit in them changes those places too. */
  readonly shared: readonly TextRange[];
  /** Where it comes from, if it was rendered. */
  readonly origin: Origin | undefined;
}

/** A document over a text that holds exactly one; `splitDocuments` cuts a file into such texts. */
export function documentOf(uri: string, text: string): YamlDocument {
  return new LazyDocument(uri, text);
}

/** Where a document comes from that a program made of a template: the text it was made of, and the way back to it. */
export interface Origin {
  /** The template as it was rendered. It may have changed since. */
  readonly template: string;
  /** The place in the template that shows a range of the document. */
  toTemplate(range: TextRange): TextRange | undefined;
  /** The same text in the template; undefined where it is not there as such, or was rendered more than once. */
  literal(range: TextRange): TextRange | undefined;
}

/** A document that was made of the template at `uri`, and stands in no file. */
export function renderedDocument(uri: string, text: string, origin: Origin): YamlDocument {
  return new LazyDocument(uri, text, origin);
}

/** Where a rendered document comes from; undefined for one that stands in a file. */
export function originOf(ref: DocumentRef): Origin | undefined {
  return documentBehind(ref)?.origin;
}

/** The document behind a node's reference to it; undefined for one that was not read from a text. */
export function documentBehind(ref: DocumentRef): YamlDocument | undefined {
  return ref instanceof LazyDocument ? ref : undefined;
}

/**
 * Lets go of what was read of a document, which is read again when somebody asks. Only for a document of whose nodes nobody
 * keeps any: read again, they are others.
 */
export function releaseTree(document: YamlDocument): void {
  if (document instanceof LazyDocument) document.release();
}

/** Reads each of its parts when first asked, and keeps it. */
class LazyDocument implements YamlDocument {
  readonly uri: string;
  readonly text: string;
  #reading: Reading | undefined;
  #problems: readonly YamlProblem[] | undefined;
  #comments: readonly Comment[] | undefined;
  #templated: boolean | undefined;

  constructor(
    uri: string,
    text: string,
    readonly origin: Origin | undefined = undefined,
  ) {
    this.uri = uri;
    this.text = text;
  }

  get root(): YamlNode | undefined {
    return this.#read().root;
  }

  get templated(): boolean {
    this.#templated ??= this.#read().actions.length > 0;
    return this.#templated;
  }

  get shared(): readonly TextRange[] {
    return this.#read().shared;
  }

  get problems(): readonly YamlProblem[] {
    this.#problems ??= problemsOf(this.#read());
    return this.#problems;
  }

  get comments(): readonly Comment[] {
    this.#comments ??= commentsOf(this.#read());
    return this.#comments;
  }

  release(): void {
    this.#templated = this.templated;
    this.#reading = undefined;
  }

  #read(): Reading {
    this.#reading ??= readTree(this);
    return this.#reading;
  }
}
