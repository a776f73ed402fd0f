import type { TextDocumentIdentifier } from 'vscode-languageserver-types';
import { keyOf } from '../../workspace/files.js';
import { folderKey } from '../client.js';
import { defineFeature } from '../feature.js';
import { type BaselinePlace, baselineChoices, baselineEdit } from './baseline.js';

interface MaybeDocument {
  readonly textDocument?: TextDocumentIdentifier;
}

export const baselineChoicesFeature = defineFeature({
  method: 'netpol/baselineChoices',
  doc: 'The namespaces that the layered baseline may be for.',
  afterLoad: true,
  answer: ({ netpol }, { textDocument }: MaybeDocument) =>
    baselineChoices(netpol, textDocument && keyOf(textDocument.uri)),
});

export const baselineFeature = defineFeature({
  method: 'netpol/baseline',
  doc: 'The edit that writes the layered baseline of a namespace, or the files that are in the way.',
  afterLoad: true,
  answer({ netpol, client: { createsFiles } }, params: BaselinePlace & MaybeDocument) {
    const folder = folderKey(params.folder);
    const uri = params.textDocument && keyOf(params.textDocument.uri);
    return baselineEdit(netpol, { namespace: params.namespace, folder }, { createsFiles, uri }) ?? null;
  },
});
