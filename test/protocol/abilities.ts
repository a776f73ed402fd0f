import type {
  ClientCapabilities,
  CodeAction,
  CompletionItem,
  CompletionList,
  Diagnostic,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  LocationLink,
  RegistrationParams,
  SymbolInformation,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';

/** Whether the protocol lets a server ask this of a client, or tell it, that has these abilities. */
export function mayBeSent(capabilities: ClientCapabilities, method: string, params: unknown): boolean {
  const { workspace, window } = capabilities;
  if (method === 'client/registerCapability') {
    return (params as RegistrationParams).registrations.every((each) => registers(capabilities, each.method));
  }
  const refresh = /^workspace\/(\w+)\/refresh$/.exec(method)?.[1];
  if (refresh !== undefined) {
    const kind = refresh === 'diagnostic' ? 'diagnostics' : refresh;
    return (
      (workspace as Record<string, { refreshSupport?: boolean } | undefined> | undefined)?.[kind]?.refreshSupport ===
      true
    );
  }
  const needs: Readonly<Record<string, boolean | undefined>> = {
    'workspace/configuration': workspace?.configuration,
    'workspace/workspaceFolders': workspace?.workspaceFolders,
    'workspace/applyEdit': workspace?.applyEdit,
    'window/workDoneProgress/create': window?.workDoneProgress,
    'window/showDocument': window?.showDocument?.support,
    'textDocument/publishDiagnostics': capabilities.textDocument?.diagnostic === undefined,
    'window/logMessage': true,
    'window/showMessage': true,
  };
  // A client may ignore what begins so, whatever it knows.
  return needs[method] ?? method.startsWith('$/');
}

/** `workspace/didChangeWatchedFiles`: `{workspace: {didChangeWatchedFiles: {dynamicRegistration}}}`. */
function registers(capabilities: ClientCapabilities, method: string): boolean {
  const [area = '', name = ''] = method.split('/');
  const areas = capabilities as Record<
    string,
    Record<string, { dynamicRegistration?: boolean } | undefined> | undefined
  >;
  return areas[area]?.[name]?.dynamicRegistration === true;
}

/** What in an answer a client with these abilities does not understand, in words; empty where all is plain enough. */
export function notUnderstood(capabilities: ClientCapabilities, method: string, answer: unknown): readonly string[] {
  if (answer === null || answer === undefined) return [];
  return [...(checks[method]?.(capabilities, answer as never) ?? [])];
}

type Check = (capabilities: ClientCapabilities, answer: never) => Iterable<string>;

const checks: Readonly<Record<string, Check>> = {
  *'textDocument/hover'({ textDocument }, { contents }: Hover) {
    yield* markup('the hover', contents, textDocument?.hover?.contentFormat);
  },
  *'textDocument/completion'({ textDocument }, answer: CompletionItem[] | CompletionList) {
    const can = textDocument?.completion;
    const items = Array.isArray(answer) ? answer : answer.items;
    if (!Array.isArray(answer) && answer.itemDefaults !== undefined) {
      for (const name of Object.keys(answer.itemDefaults)) {
        if (can?.completionList?.itemDefaults?.includes(name) !== true) yield `the default ${name} of completions`;
      }
    }
    for (const item of items) {
      if (item.insertTextFormat === 2 && can?.completionItem?.snippetSupport !== true)
        yield `the snippet ${item.label}`;
      if (item.labelDetails !== undefined && can?.completionItem?.labelDetailsSupport !== true)
        yield `the details of ${item.label}`;
      if (item.tags !== undefined && can?.completionItem?.tagSupport === undefined) yield `the tags of ${item.label}`;
      if (
        item.textEdit !== undefined &&
        'insert' in item.textEdit &&
        can?.completionItem?.insertReplaceSupport !== true
      )
        yield `the two ranges of ${item.label}`;
      if (item.insertTextMode !== undefined && can?.completionItem?.insertTextModeSupport === undefined)
        yield `how ${item.label} is indented`;
      yield* markup(`the documentation of ${item.label}`, item.documentation, can?.completionItem?.documentationFormat);
    }
  },
  *'textDocument/codeAction'(capabilities, actions: readonly CodeAction[]) {
    const can = capabilities.textDocument?.codeAction;
    for (const action of actions) {
      if (can?.codeActionLiteralSupport === undefined) yield `the action ${action.title}, which is no command`;
      if (action.disabled !== undefined && can?.disabledSupport !== true) yield `the disabled action ${action.title}`;
      const resolves = can?.resolveSupport?.properties.includes('edit') === true && can.dataSupport === true;
      if (action.edit === undefined && action.disabled === undefined && !resolves)
        yield `the action ${action.title}, which has no edit yet`;
      if (action.data !== undefined && can?.dataSupport !== true) yield `the data of ${action.title}`;
      yield* edits(capabilities, action.edit);
    }
  },
  *'codeAction/resolve'(capabilities, { edit }: CodeAction) {
    yield* edits(capabilities, edit);
  },
  *'textDocument/rename'(capabilities, edit: WorkspaceEdit) {
    yield* edits(capabilities, edit);
  },
  *'textDocument/definition'({ textDocument }, answer: readonly object[] | object) {
    const isLink = (each: object): each is LocationLink => 'targetUri' in each;
    const found = Array.isArray(answer) ? answer : [answer];
    if (found.some(isLink) && textDocument?.definition?.linkSupport !== true) yield 'a link for a definition';
  },
  *'textDocument/documentSymbol'({ textDocument }, symbols: readonly (DocumentSymbol | SymbolInformation)[]) {
    const can = textDocument?.documentSymbol;
    for (const symbol of symbols) {
      if (!('location' in symbol) && can?.hierarchicalDocumentSymbolSupport !== true)
        yield `the tree below ${symbol.name}`;
      if (symbol.tags !== undefined && can?.tagSupport === undefined) yield `the tags of ${symbol.name}`;
    }
  },
  *'workspace/symbol'({ workspace }, symbols: readonly { name: string; location: object }[]) {
    for (const { name, location } of symbols) {
      if (!('range' in location) && workspace?.symbol?.resolveSupport === undefined) yield `${name} without a range`;
    }
  },
  *'textDocument/foldingRange'({ textDocument }, folds: readonly FoldingRange[]) {
    const can = textDocument?.foldingRange;
    for (const fold of folds) {
      if (fold.collapsedText !== undefined && can?.foldingRange?.collapsedText !== true)
        yield `the text of the fold at line ${fold.startLine}`;
    }
    if (can?.rangeLimit !== undefined && folds.length > can.rangeLimit) yield `${folds.length} folds`;
  },
  *'textDocument/inlayHint'({ textDocument }, hints: readonly InlayHint[]) {
    const can = textDocument?.inlayHint;
    for (const hint of hints) {
      const isWhole = hint.tooltip !== undefined || can?.resolveSupport?.properties.includes('tooltip') !== true;
      if (!isWhole) yield 'a hint without what it says';
    }
  },
  *'textDocument/documentLink'({ textDocument }, links: readonly { tooltip?: string; target?: string }[]) {
    for (const { tooltip, target } of links) {
      if (tooltip !== undefined && textDocument?.documentLink?.tooltipSupport !== true) yield `the tooltip ${tooltip}`;
      if (target?.startsWith('command:') === true) yield `the command ${target}`;
    }
  },
  *'codeLens/resolve'(_, { command }: { command?: { command: string } }) {
    if (command !== undefined && command.command !== '') yield `the command ${command.command}, which it does not have`;
  },
};

/** What a client does not understand in published diagnostics. */
export function* diagnosticsNotUnderstood(
  { textDocument }: ClientCapabilities,
  diagnostics: readonly Diagnostic[],
): Iterable<string> {
  const can = textDocument?.publishDiagnostics;
  for (const each of diagnostics) {
    if (each.relatedInformation !== undefined && can?.relatedInformation !== true) yield `the places of ${each.code}`;
    if (each.codeDescription !== undefined && can?.codeDescriptionSupport !== true) yield `the page of ${each.code}`;
    if (each.tags !== undefined && can?.tagSupport === undefined) yield `the tags of ${each.code}`;
    if (each.data !== undefined && can?.dataSupport !== true) yield `the data of ${each.code}`;
  }
}

function* markup(what: string, content: unknown, formats: readonly string[] | undefined): Iterable<string> {
  if (typeof content !== 'object' || content === null || !('kind' in content)) return;
  if (content.kind === 'markdown' && formats?.includes('markdown') !== true) yield `${what}, which is Markdown`;
}

function* edits({ workspace }: ClientCapabilities, edit: WorkspaceEdit | undefined): Iterable<string> {
  const can = workspace?.workspaceEdit;
  for (const change of edit?.documentChanges ?? []) {
    if (can?.documentChanges !== true) yield 'an edit of versions';
    if ('kind' in change && can?.resourceOperations?.includes(change.kind) !== true)
      yield `an edit that has to ${change.kind}`;
  }
  if (edit?.changeAnnotations !== undefined && can?.changeAnnotationSupport === undefined) yield 'notes at edits';
}
