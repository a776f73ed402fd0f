import type { ServerCapabilities } from 'vscode-languageserver-protocol';
import type { Position, TextDocumentIdentifier } from 'vscode-languageserver-types';
import type { Netpol } from '../service.js';
import { keyOf } from '../workspace/files.js';
import type { Client } from './client.js';

/** Who asks, and what is asked about. */
export interface Asked {
  readonly netpol: Netpol;
  readonly client: Client;
}

/** One kind of request and its answer. The table of them is `index.ts`, and `docs/lsp.md` is made from it. */
export interface Feature<P = never, R = unknown> {
  /** The protocol's name, or one of ours: `netpol/...`. */
  readonly method: string;
  /** What a person gets from it: a line of `docs/lsp.md`. */
  readonly doc: string;
  /** What is said of it at `initialize`. Missing for methods of our own. */
  capability?(client: Client): ServerCapabilities;
  /** Answered only when the whole workspace has been read: an answer before would call missing what is still to come. */
  readonly afterLoad?: boolean;
  /** The request that has a client ask again, for what it keeps showing: `workspace/codeLens/refresh` and its kin. */
  readonly refresh?: string;
  answer(asked: Asked, params: P): R | Promise<R>;
}

/** Keeps the types of its parameters together. */
export function defineFeature<P, R>(feature: Feature<P, R>): Feature<P, R> {
  return feature;
}

export interface DocumentParams {
  readonly textDocument: TextDocumentIdentifier;
}

export interface PlaceParams extends DocumentParams {
  readonly position: Position;
}

/** The place a request is about, in the file as it is now; undefined for a document that is not known. */
export function placeIn({ workspace }: Netpol, { textDocument, position }: PlaceParams) {
  const uri = keyOf(textDocument.uri);
  const file = workspace.file(uri);
  return file === undefined ? undefined : { uri, file, offset: file.lines.offsetAt(position) };
}
