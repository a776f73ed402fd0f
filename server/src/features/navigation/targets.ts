import type { Location, LocationLink } from 'vscode-languageserver-types';
import type { Place } from '../../model/workload.js';
import type { SourceFile } from '../../text/file.js';
import { keySpan, spanOf } from '../../text/tree.js';
import type { Workspace } from '../../workspace/workspace.js';
import type { Client } from '../client.js';
import type { Cursor } from '../cursor.js';
import { locate, toLspRange } from '../places.js';

/** Where the answer of a navigation leads: a place, or a file as a whole. */
export type Target = Place | { readonly uri: string };

export interface Targets {
  /** What the cursor is on, where it is a word of the document: editors underline it. */
  readonly origin: Place | undefined;
  readonly targets: readonly Target[];
}

/** The scalar or key under the cursor. */
export function wordUnder({ location: { onKey, entry, node } }: Cursor): Place | undefined {
  if (onKey && entry !== undefined) return keySpan(entry);
  return node.kind === 'scalar' ? spanOf(node) : undefined;
}

/** Places as locations, each once, in the order given; what is no longer in the text is left out. */
export function locationsOf(workspace: Workspace, targets: readonly Target[]): Location[] {
  const found = new Map<string, Location>();
  for (const target of targets) {
    const location = 'uri' in target ? { uri: target.uri, range: fileStart } : locate(workspace, target);
    if (location === undefined) continue;
    const { start, end } = location.range;
    const key = `${location.uri} ${start.line}:${start.character}-${end.line}:${end.character}`;
    if (!found.has(key)) found.set(key, location);
  }
  return [...found.values()];
}

const fileStart = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** With the word that leads there, where the client takes links; as plain locations elsewhere. */
export function linksTo(
  workspace: Workspace,
  file: SourceFile,
  { origin, targets }: Targets,
  { definitionLinks }: Client,
): Location[] | LocationLink[] {
  const locations = locationsOf(workspace, targets);
  if (!definitionLinks) return locations;
  const range = origin === undefined ? undefined : file.toFile(origin);
  const from = range === undefined ? {} : { originSelectionRange: toLspRange(file, range) };
  return locations.map(({ uri, range }) => ({
    ...from,
    targetUri: uri,
    targetRange: range,
    targetSelectionRange: range,
  }));
}
