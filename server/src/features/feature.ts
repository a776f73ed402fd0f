import type { ServerCapabilities } from 'vscode-languageserver-protocol';
import type { Position, TextDocumentIdentifier } from 'vscode-languageserver-types';
import type { Steps } from '../engine/steps.js';
import type { Netpol } from '../service.js';
import type { EditorSettings } from '../workspace/editor-settings.js';
import { keyOf } from '../workspace/files.js';
import type { NoRevision } from '../workspace/revisions.js';
import type { Changes } from './changes/changes.js';
import type { Client } from './client.js';

/** Who asks, and what is asked about. */
export interface Asked {
  readonly netpol: Netpol;
  readonly client: Client;
  /** What the person who asks wants to be shown. */
  readonly editor: EditorSettings;
  /** What differs from the repository's revisions, or in a sentence why that cannot be said here. */
  readonly changes: Changes | NoRevision;
  /** Lets messages be answered that have come meanwhile. Throws where nobody waits for this answer any more. */
  pause(): Promise<void>;
}

/**
 * What takes longer than a moment, in steps between which others are answered. The manifests may change meanwhile: then it
 * is begun anew, so that an answer is never about two states of them.
 */
export async function inSteps<T>(
  { netpol, pause }: Pick<Asked, 'netpol' | 'pause'>,
  begin: () => Steps<T>,
): Promise<T> {
  for (;;) {
    const { revision } = netpol.workspace;
    const { settings } = netpol;
    const steps = begin();
    while (netpol.workspace.revision === revision && netpol.settings === settings) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await pause();
    }
  }
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

/** Why a request is not answered, in sentences for the person who asked. Thrown by `answer`; anything else is a fault. */
export class Refusal extends Error {}

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
