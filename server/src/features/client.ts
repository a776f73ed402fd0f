import type { InitializeParams } from 'vscode-languageserver-protocol';
import { keyOf } from '../workspace/files.js';
import type { ActionSupport } from './code-actions.js';

/** What the client offered, as far as the server acts on it. */
export interface Client extends ActionSupport {
  readonly pull: boolean;
  readonly refresh: boolean;
  /** The requests that have the client ask again for what it shows in the text: lenses, hints, colours. */
  readonly refreshes: readonly string[];
  readonly configuration: boolean;
  readonly watchFiles: boolean;
  readonly watchConfiguration: boolean;
  readonly folders: boolean;
  readonly resolvesEdits: boolean;
  readonly literals: boolean;
}

export function clientOf({ capabilities }: InitializeParams): Client {
  const text = capabilities.textDocument;
  const workspace = capabilities.workspace;
  return {
    pull: text?.diagnostic !== undefined,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    refreshes: [
      ...(workspace?.codeLens?.refreshSupport ? ['workspace/codeLens/refresh'] : []),
      ...(workspace?.inlayHint?.refreshSupport ? ['workspace/inlayHint/refresh'] : []),
      ...(workspace?.semanticTokens?.refreshSupport ? ['workspace/semanticTokens/refresh'] : []),
    ],
    configuration: workspace?.configuration === true,
    watchFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    watchConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    folders: workspace?.workspaceFolders === true,
    relatedInformation: text?.publishDiagnostics?.relatedInformation === true || text?.diagnostic !== undefined,
    codeDescription: text?.publishDiagnostics?.codeDescriptionSupport === true || text?.diagnostic !== undefined,
    resolvesEdits:
      text?.codeAction?.resolveSupport?.properties.includes('edit') === true && text.codeAction.dataSupport === true,
    createsFiles:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.resourceOperations?.includes('create') === true,
    disabled: text?.codeAction?.disabledSupport === true,
    literals: text?.codeAction?.codeActionLiteralSupport !== undefined,
  };
}

/** The workspace folders a client names, in the one spelling the workspace uses. */
export function foldersOf(params: InitializeParams): readonly string[] {
  const folders =
    params.workspaceFolders?.map((folder) => folder.uri) ?? (params.rootUri == null ? [] : [params.rootUri]);
  return folders.map(folderKey);
}

export function folderKey(uri: string): string {
  return keyOf(uri).replace(/\/$/, '');
}
