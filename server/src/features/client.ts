import type { InitializeParams } from 'vscode-languageserver-protocol';
import { URI } from 'vscode-uri';
import { keyOf } from '../workspace/files.js';
import type { ActionSupport } from './actions/code-actions.js';

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
  /** Shows the progress of work that nobody asked for by a request. */
  readonly progress: boolean;
  readonly resolvesEdits: boolean;
  /** A definition may say which word it is of. */
  readonly definitionLinks: boolean;
  readonly prepareRename: boolean;
  /** Edits may carry the version that they are for, and the reason for which a person shall look at them first. */
  readonly versionedEdits: boolean;
  readonly annotatedEdits: boolean;
  readonly literals: boolean;
  /** The commands of the client's own that a lens or a link may run. */
  readonly commands: ReadonlySet<string>;
  /** Where Markdown is shown; elsewhere its text is sent. */
  readonly markdown: { readonly hover: boolean; readonly completion: boolean };
  readonly hierarchicalSymbols: boolean;
  readonly symbolLabel: boolean;
  /** How many folds the client takes. */
  readonly foldingLimit: number | undefined;
  readonly linkTooltips: boolean;
  readonly semanticTokens: boolean;
  /** Completions may have tab stops. */
  readonly snippets: boolean;
  readonly labelDetails: boolean;
  /** Whether lines that are put in may say that they are indented already. */
  readonly indentsAsSaid: boolean;
}

export function clientOf({ capabilities, initializationOptions }: InitializeParams): Client {
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
    progress: capabilities.window?.workDoneProgress === true,
    relatedInformation: text?.publishDiagnostics?.relatedInformation === true || text?.diagnostic !== undefined,
    codeDescription: text?.publishDiagnostics?.codeDescriptionSupport === true || text?.diagnostic !== undefined,
    resolvesEdits:
      text?.codeAction?.resolveSupport?.properties.includes('edit') === true && text.codeAction.dataSupport === true,
    createsFiles:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.resourceOperations?.includes('create') === true,
    disabled: text?.codeAction?.disabledSupport === true,
    definitionLinks: text?.definition?.linkSupport === true,
    prepareRename: text?.rename?.prepareSupport === true,
    versionedEdits: workspace?.workspaceEdit?.documentChanges === true,
    annotatedEdits:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.changeAnnotationSupport !== undefined &&
      text?.rename?.honorsChangeAnnotations === true,
    literals: text?.codeAction?.codeActionLiteralSupport !== undefined,
    commands: commandsOf(initializationOptions),
    hierarchicalSymbols: text?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
    symbolLabel: text?.documentSymbol?.labelSupport === true,
    foldingLimit: text?.foldingRange?.rangeLimit,
    linkTooltips: text?.documentLink?.tooltipSupport === true,
    semanticTokens: text?.semanticTokens !== undefined,
    snippets: text?.completion?.completionItem?.snippetSupport === true,
    labelDetails: text?.completion?.completionItem?.labelDetailsSupport === true,
    indentsAsSaid: text?.completion?.completionItem?.insertTextModeSupport !== undefined,
    markdown: {
      hover: text?.hover?.contentFormat?.includes('markdown') === true,
      completion: text?.completion?.completionItem?.documentationFormat?.includes('markdown') === true,
    },
  };
}

function commandsOf(options: { readonly commands?: unknown } | null | undefined): ReadonlySet<string> {
  const given: readonly unknown[] = Array.isArray(options?.commands) ? options.commands : [];
  return new Set(given.filter((each) => typeof each === 'string'));
}

/** The workspace folders a client names, newest way first, in the one spelling the workspace uses. */
export function foldersOf({ workspaceFolders, rootUri, rootPath }: InitializeParams): readonly string[] {
  if (workspaceFolders != null) return workspaceFolders.map(({ uri }) => folderKey(uri));
  const root = rootUri ?? (rootPath ? URI.file(rootPath).toString() : undefined);
  return root === undefined ? [] : [folderKey(root)];
}

export function folderKey(uri: string): string {
  return keyOf(uri).replace(/\/$/, '');
}
