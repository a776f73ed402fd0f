import type { CodeAction, CodeActionParams } from 'vscode-languageserver-protocol';
import { keyOf } from '../../workspace/files.js';
import { type Asked, defineFeature, type PlaceParams, placeIn } from '../feature.js';
import {
  actionData,
  addPolicyKind,
  codeActions,
  editOfAction,
  fixAllKind,
  offersAt,
  quickFixKind,
  rangeOffsets,
  rewriteKind,
  templateChanges,
  workspaceEdit,
} from './code-actions.js';

export const codeActionFeature = defineFeature({
  method: 'textDocument/codeAction',
  doc: 'Fixes of findings, comments that silence them, standard policies, migrations and conversions.',
  capability: (client) => ({
    codeActionProvider: client.literals
      ? {
          codeActionKinds: [quickFixKind, addPolicyKind, rewriteKind, fixAllKind],
          resolveProvider: client.resolvesEdits,
        }
      : false,
  }),
  answer({ netpol, client }, { textDocument, range, context }: CodeActionParams) {
    const uri = keyOf(textDocument.uri);
    const offsets = rangeOffsets(netpol, uri, range);
    // A client from before there were actions knows commands only, and was told that there are none.
    if (offsets === undefined || !client.literals) return [];
    const actions = codeActions(netpol, {
      uri,
      range: offsets,
      diagnostics: context.diagnostics,
      only: context.only,
      support: client,
    });
    if (client.resolvesEdits) return actions;
    return actions.flatMap((action) => resolved({ netpol, client }, action) ?? []);
  },
});

export const codeActionResolveFeature = defineFeature({
  method: 'codeAction/resolve',
  doc: 'The edit of an action, worked out when it is chosen.',
  answer: (asked, action: CodeAction) => resolved(asked, action) ?? action,
});

function resolved({ netpol, client }: Pick<Asked, 'netpol' | 'client'>, action: CodeAction): CodeAction | undefined {
  const data = actionData(action);
  const edit = data === undefined ? undefined : editOfAction(netpol, data, client);
  if (edit === undefined) return undefined;
  const { data: _, ...rest } = action;
  return { ...rest, edit };
}

export const templatesFeature = defineFeature({
  method: 'netpol/templates',
  doc: 'The standard policies that can be written at a place.',
  answer({ netpol }, params: PlaceParams) {
    const at = placeIn(netpol, params);
    if (at === undefined) return [];
    return offersAt(netpol, at.uri, at.offset, 'anywhere').map(({ template, present }) => ({
      id: template.id,
      title: template.title,
      description: template.id,
      detail: template.description,
      present,
    }));
  },
});

export const applyTemplateFeature = defineFeature({
  method: 'netpol/applyTemplate',
  doc: 'The edit that writes one of them; null where it cannot be written.',
  answer({ netpol }, { id, ...params }: PlaceParams & { readonly id: string }) {
    const at = placeIn(netpol, params);
    if (at === undefined) return null;
    const offer = offersAt(netpol, at.uri, at.offset, 'anywhere').find((each) => each.template.id === id);
    const changes = offer === undefined ? undefined : templateChanges(netpol, at.uri, offer);
    return changes === undefined ? null : (workspaceEdit(netpol, changes) ?? null);
  },
});
