import type { Range, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-types';
import type { Steps } from '../../engine/steps.js';
import { count } from '../../model/print.js';
import type { Netpol } from '../../service.js';
import type { Change } from '../../text/fix.js';
import type { ScalarPart } from '../../text/scalar-part.js';
import { textEdits } from '../actions/edit-shapes.js';
import type { Client } from '../client.js';
import { defineFeature, inSteps, type PlaceParams, placeIn, Refusal } from '../feature.js';
import { locate } from '../places.js';
import { labelRenaming } from './rename-label.js';
import { portRenaming } from './rename-port.js';
import { type Renaming, shown } from './renaming.js';

interface RenameParams extends PlaceParams {
  readonly newName: string;
}

export const prepareRenameFeature = defineFeature({
  method: 'textDocument/prepareRename',
  doc: 'Whether the word at a place can be renamed, and why not.',
  afterLoad: true,
  answer({ netpol }, params: PlaceParams): { range: Range; placeholder: string } {
    const { word } = renamingAt(netpol, params).renaming;
    const found = locate(netpol.workspace, word.at);
    if (found === undefined) throw new Refusal(nothingHere);
    return { range: found.range, placeholder: word.text };
  },
});

export const renameFeature = defineFeature({
  method: 'textDocument/rename',
  doc: 'Renames a label’s key or value, or a named port, wherever it means the same: selectors, pod templates, services, probes and tests, in every file.',
  capability: ({ prepareRename }) => ({ renameProvider: prepareRename ? { prepareProvider: true } : true }),
  afterLoad: true,
  async answer(asked, params: RenameParams): Promise<WorkspaceEdit | null> {
    const { netpol, client } = asked;
    const { uri, renaming } = renamingAt(netpol, params);
    const name = params.newName.trim();
    if (name === renaming.word.text) return null;
    // What is renamed is the word that stood there when it was asked for: the place may be another one after an edit.
    const { revision } = netpol.workspace;
    const { changes, notes } = await inSteps(asked, () => {
      if (netpol.workspace.revision !== revision) throw new Refusal(changedMeanwhile);
      return changesFor(netpol, renaming, name);
    });
    const edits = textEdits(netpol, changes);
    if (edits === undefined) throw new Refusal(changedMeanwhile);
    return workspaceEdit(netpol, client, uri, unique(edits), notes);
  },
});

const changedMeanwhile = 'The files have changed meanwhile. Try again.';

const nothingHere =
  'Only labels (in selectors, on pods, namespaces and services) and names of ports can be renamed here.';

interface Renamed {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

/** How many places are edited in one step. */
const partsAtOnce = 200;

/** What a renaming does to the text, all of it or nothing; in steps, since a label may stand in thousands of files. */
export function* changesFor(netpol: Netpol, renaming: Renaming, name: string): Steps<Renamed> {
  const { parts, notes } = yield* renaming.partsFor(name);
  const changes: Change[] = [];
  for (const [index, part] of parts.entries()) {
    if (index % partsAtOnce === partsAtOnce - 1) yield;
    const edit = part.edit(name);
    if (edit === undefined) throw new Refusal(notWritten(netpol, part));
    changes.push({ kind: 'edit', edit });
  }
  return { changes, notes };
}

function renamingAt(netpol: Netpol, params: PlaceParams): { readonly uri: string; readonly renaming: Renaming } {
  const at = placeIn(netpol, params);
  const renaming = at && (labelRenaming(netpol, at.uri, at.offset) ?? portRenaming(netpol, at.uri, at.offset));
  if (at === undefined || renaming === undefined) throw new Refusal(nothingHere);
  if (renaming.word.edit(renaming.word.text) === undefined) throw new Refusal(notWritten(netpol, renaming.word));
  return { uri: at.uri, renaming };
}

function notWritten({ workspace }: Netpol, { text, at }: ScalarPart): string {
  const found = locate(workspace, at);
  const where = found === undefined ? at.document.uri : `${shown(found.uri)}, line ${found.range.start.line + 1}`;
  return `"${text}" is not written as such in ${where}: it comes from a template, from a YAML anchor, or is written with escapes. Nothing was renamed, since that place would keep the old name. Rename it there first.`;
}

type Edits = ReadonlyMap<string, readonly { readonly range: Range; readonly newText: string }[]>;

/** Several documents may have been rendered from one line. */
function unique(edits: Edits): Edits {
  const key = ({ range: { start, end } }: { readonly range: Range }) =>
    `${start.line}:${start.character}-${end.line}:${end.character}`;
  return new Map([...edits].map(([uri, list]) => [uri, [...new Map(list.map((each) => [key(each), each])).values()]]));
}

/**
 * The edits as the client takes them; in a preview, those of other files are told apart. None waits for a confirmation of its
 * own: VS Code leaves such edits out unless each is ticked, and half a renaming lets others connect than before.
 */
function workspaceEdit(
  { workspace }: Netpol,
  client: Client,
  own: string,
  edits: Edits,
  notes: readonly string[],
): WorkspaceEdit {
  if (!client.versionedEdits) return { changes: Object.fromEntries([...edits].map(([uri, list]) => [uri, [...list]])) };
  const others = [...edits.keys()].filter((uri) => uri !== own);
  const annotated = client.annotatedEdits && (others.length > 0 || notes.length > 0);
  const documentChanges = [...edits].map(([uri, list]): TextDocumentEdit => {
    const isAnnotated = annotated && (uri !== own || others.length === 0);
    return {
      textDocument: { uri, version: workspace.isOpen(uri) ? (workspace.file(uri)?.version ?? null) : null },
      edits: list.map((edit) => (isAnnotated ? { ...edit, annotationId: 'others' } : edit)),
    };
  });
  if (!annotated) return { documentChanges };
  const label = others.length === 0 ? 'in this file' : `in ${count(others.length, 'other file')}`;
  const description = notes.length === 0 ? 'They mean the same label or port.' : notes.join(' ');
  return { documentChanges, changeAnnotations: { others: { label, needsConfirmation: false, description } } };
}
