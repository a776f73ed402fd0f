// docs/lsp.md: what the server answers and says, from its table of features and its sources, with the tests that ask it.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * What the server looks at in `ClientCapabilities`, by what becomes plainer or is left out without it. Held to what
 * `clientOf` reads: one that it does not read, and one that is missing here, both fail.
 */
const abilities = {
  'textDocument/hover': { 'textDocument.hover.contentFormat': 'plain text' },
  'textDocument/completion': {
    'textDocument.completion.completionItem.snippetSupport': 'no tab stops',
    'textDocument.completion.completionItem.documentationFormat': 'plain text',
    'textDocument.completion.completionItem.labelDetailsSupport': 'details in one line',
    'textDocument.completion.completionItem.insertTextModeSupport': 'the editor’s own indentation',
  },
  'textDocument/definition': { 'textDocument.definition.linkSupport': 'places without the word they are for' },
  'textDocument/prepareRename': { 'textDocument.rename.prepareSupport': 'not announced' },
  'textDocument/rename': {
    'workspace.workspaceEdit.documentChanges': 'edits without versions',
    'workspace.workspaceEdit.changeAnnotationSupport': 'nothing to confirm',
    'textDocument.rename.honorsChangeAnnotations': 'nothing to confirm',
  },
  'textDocument/codeAction': {
    'textDocument.codeAction.codeActionLiteralSupport': 'no actions',
    'textDocument.codeAction.resolveSupport.properties': 'edits at once',
    'textDocument.codeAction.dataSupport': 'edits at once',
    'textDocument.codeAction.disabledSupport': 'no actions that say why they cannot be',
    'workspace.workspaceEdit.resourceOperations': 'no actions that create files',
  },
  'textDocument/documentSymbol': {
    'textDocument.documentSymbol.hierarchicalDocumentSymbolSupport': 'a flat list',
    'textDocument.documentSymbol.labelSupport': 'no name of the outline',
  },
  'textDocument/foldingRange': { 'textDocument.foldingRange.rangeLimit': 'all folds' },
  'textDocument/documentLink': { 'textDocument.documentLink.tooltipSupport': 'no tooltips' },
  'textDocument/semanticTokens/full': { 'textDocument.semanticTokens': 'not announced' },
  'textDocument/diagnostic': { 'textDocument.diagnostic': 'published diagnostics' },
  'textDocument/publishDiagnostics': {
    'textDocument.publishDiagnostics.relatedInformation': 'no related places',
    'textDocument.publishDiagnostics.codeDescriptionSupport': 'no link to the rule’s page',
  },
  'workspace/diagnostic/refresh': { 'workspace.diagnostics.refreshSupport': 'not sent' },
  'workspace/codeLens/refresh': { 'workspace.codeLens.refreshSupport': 'not sent' },
  'workspace/inlayHint/refresh': { 'workspace.inlayHint.refreshSupport': 'not sent' },
  'workspace/semanticTokens/refresh': { 'workspace.semanticTokens.refreshSupport': 'not sent' },
  'workspace/configuration': { 'workspace.configuration': 'settings by notification, or at the start' },
  'workspace/workspaceFolders': { 'workspace.workspaceFolders': 'the folders of `initialize`' },
  'window/workDoneProgress/create': { 'window.workDoneProgress': 'not sent' },
  'client/registerCapability': {
    'workspace.didChangeWatchedFiles.dynamicRegistration': 'changes on the disk are seen when a file is opened',
    'workspace.didChangeConfiguration.dynamicRegistration': 'settings as the editor sends them',
  },
};

/** What the server sends by itself, and when. Held to its sources. */
const sent = {
  'client/registerCapability': 'After `initialized`: for changes of files and of settings.',
  'workspace/workspaceFolders': 'After `initialized`, and when the folders change.',
  'workspace/configuration': 'The section `netpol`: after `initialized`, and when settings change.',
  'workspace/diagnostic/refresh': 'The diagnostics of open documents may have changed: another file did.',
  'workspace/codeLens/refresh': 'The same for code lenses.',
  'workspace/inlayHint/refresh': 'The same for inlay hints.',
  'workspace/semanticTokens/refresh': 'The same for semantic tokens.',
  'textDocument/publishDiagnostics':
    'The diagnostics of all open documents after each change, where they are not pulled.',
  'window/workDoneProgress/create': 'While a workspace of many files is read, which a person can stop.',
  '$/progress': 'How much of it is read.',
  'window/logMessage': 'What was not read or failed, and why.',
  '$/netpol/status': 'How far the server is: `{ state, files, policies, workloads, network }`. May be ignored.',
  'netpol/listFiles': 'The files of a folder. Only where `initializationOptions.files` is `client`.',
  'netpol/readFile': 'The text of a file. Only there as well.',
};

/** What the server is told, besides the protocol's lifecycle. Held to its sources. */
const heard = {
  'textDocument/didOpen': 'The editor’s text counts from now on.',
  'textDocument/didChange': 'Whole texts or parts of them.',
  'textDocument/didClose': 'The file on the disk counts again.',
  'workspace/didChangeWatchedFiles': 'Files are read again, new ones are found.',
  'workspace/didChangeConfiguration': 'Settings are asked for again, or taken from it: `{ settings: { netpol } }`.',
  'workspace/didChangeWorkspaceFolders': 'The workspace is read anew.',
  'window/workDoneProgress/cancel': 'The reading of the workspace is stopped: what was not read is not known.',
  'netpol/trusted': 'The person trusts this workspace from now on: charts may be rendered with `helm template`.',
};

/**
 * How tests ask for an answer besides by the method's name: VS Code's commands and, of what a person does by keyboard and mouse,
 * words of a case's name or of a command that is run.
 */
const otherwise = {
  'textDocument/diagnostic': [
    'is underlined while it is typed',
    'vscode.languages.getDiagnostics',
    'vim.diagnostic.get',
    'flymake-diagnostics',
    'lsp--get-buffer-diagnostics',
  ],
  'textDocument/hover': [
    'vscode.executeHoverProvider',
    'resting the mouse',
    'eglot-hover-eldoc-function',
    'lsp.buf.hover',
  ],
  'textDocument/completion': [
    'vscode.executeCompletionItemProvider',
    'Ctrl+Space',
    'completion-at-point',
    '<C-x><C-o>',
  ],
  'textDocument/definition': [
    'vscode.executeDefinitionProvider',
    'Go to Definition',
    'lsp.buf.definition',
    'xref-backend-definitions',
  ],
  'textDocument/references': [
    'vscode.executeReferenceProvider',
    'Go to References',
    'Find All References',
    'lsp.buf.references',
  ],
  'textDocument/documentHighlight': ['vscode.executeDocumentHighlights'],
  'textDocument/prepareRename': ['vscode.prepareRename'],
  'textDocument/rename': ['vscode.executeDocumentRenameProvider', 'Rename Symbol', 'lsp.buf.rename', 'eglot-rename'],
  'textDocument/codeAction': [
    'vscode.executeCodeActionProvider',
    'Ctrl+.',
    'lsp.buf.code_action',
    'eglot-code-actions',
    'lsp-execute-code-action',
  ],
  'codeAction/resolve': ['Ctrl+.', 'lsp.buf.code_action', 'lsp-execute-code-action'],
  'textDocument/codeLens': ['vscode.executeCodeLensProvider', 'a lens over a policy'],
  'codeLens/resolve': ['a lens over a policy'],
  'textDocument/prepareCallHierarchy': ['vscode.prepareCallHierarchy', 'as the callers of a function are'],
  'callHierarchy/incomingCalls': ['vscode.provideIncomingCalls', 'as the callers of a function are'],
  'callHierarchy/outgoingCalls': ['vscode.provideOutgoingCalls'],
  'textDocument/documentSymbol': ['vscode.executeDocumentSymbolProvider', 'lsp.buf.document_symbol', 'eglot-imenu'],
  'workspace/symbol': ['vscode.executeWorkspaceSymbolProvider'],
  'textDocument/foldingRange': ['vscode.executeFoldingRangeProvider'],
  'textDocument/selectionRange': ['vscode.executeSelectionRangeProvider'],
  'textDocument/documentLink': ['vscode.executeLinkProvider'],
  'textDocument/inlayHint': ['vscode.executeInlayHintProvider'],
  'textDocument/semanticTokens/full': ['vscode.provideDocumentSemanticTokens'],
  'textDocument/semanticTokens/range': ['vscode.provideDocumentRangeSemanticTokens'],
  'netpol/effective': ['the effective policy opens'],
  'netpol/explain': ['asks why a connection is blocked', 'the answer about a connection'],
  'netpol/repair': ['the edit written that allows it', 'its edit is seen before it is applied'],
  'netpol/templates': ['a standard policy is inserted'],
  'netpol/applyTemplate': ['a standard policy is inserted'],
  'netpol/changes': ['what the changes of a whole workspace do'],
  'netpol/tests': ['the Test Explorer runs'],
  'netpol/runTests': ['the Test Explorer runs'],
  'netpol/overview': ['Focus on Network Policies View'],
  'netpol/scopeObjects': ['Focus on Network Policies View'],
  'netpol/map': ['the policy map follows the cursor'],
  'netpol/mapCursor': ['the policy map follows the cursor'],
  'netpol/mapArrow': ['the edit, and leads to the lines'],
};

/** Tests that put a method's name together from parts, with the part that they hold. */
const composed = {
  'textDocument/semanticTokens/full': { 'test/protocol/semantic-tokens.test.ts': 'textDocument/semanticTokens/' },
  'textDocument/semanticTokens/range': { 'test/protocol/semantic-tokens.test.ts': 'textDocument/semanticTokens/' },
};

/** Asks every method the same: that it does says nothing of what is answered. */
const asksAll = new Set(['few-abilities.test.ts', 'abilities.ts', 'bare-client.ts']);

const folders = ['test/protocol', 'test/editor', 'test/editor/suite', 'test/other-editors'];

/** The page. Throws where a method has no test, or a table here is not what the sources say. */
export function lspPage({ features, clientOf }) {
  const { read, everything } = lookedAt(clientOf);
  agree('abilities of clients', Object.values(abilities).flatMap(Object.keys), read);
  agree('what the server sends', Object.keys(sent), sentInSources());
  agree('what the server hears', Object.keys(heard), heardInSources());
  const pulled = {
    method: 'textDocument/diagnostic',
    doc: 'What is wrong and what is missing in a document.',
    capability: () => ({ diagnosticProvider: {} }),
  };
  const all = [pulled, ...features];
  const tests = testsOf(all.map(({ method }) => method));
  const client = clientOf({ capabilities: everything });
  const row = ({ method, doc, capability }) => {
    const provider = Object.keys(capability?.(client) ?? {})[0];
    return `| \`${method}\` | ${doc} | ${provider === undefined ? '' : `\`${provider}\``} | ${plainer(method)} | ${links(tests.get(method))} |`;
  };
  const table = (list) =>
    [
      '| method | what a person gets | announced as | without an ability of the editor | tests |',
      '|---|---|---|---|---|',
      ...list.map(row),
    ].join('\n');
  const isOurs = ({ method }) => method.startsWith('netpol/');
  return `# What the language server speaks

The Language Server Protocol 3.17, with positions in UTF-16. An editor is asked for nothing that it does not offer, and is sent nothing
that it does not understand: \`test/protocol/few-abilities.test.ts\` asks every method below with the abilities of no editor, of
Neovim 0.7, of eglot 1.9 and of lsp-mode 8.0. How to set an editor up is in [editors.md](editors.md).

## Requests of the protocol

${table(all.filter((each) => !isOurs(each)))}

## Requests of our own

Any editor may send them. What those about explanations take and give is in [editors.md](editors.md#requests-beyond-the-protocol).

${table(all.filter(isOurs))}

## What the server asks and tells

| method | when | without an ability of the editor |
|---|---|---|
${Object.entries(sent)
  .map(([method, when]) => `| \`${method}\` | ${when} | ${plainer(method)} |`)
  .join('\n')}

## What the server is told

| method | what follows |
|---|---|
${Object.entries(heard)
  .map(([method, what]) => `| \`${method}\` | ${what} |`)
  .join('\n')}

## What \`initialize\` may carry

As \`initializationOptions\`, all of them optional:

| key | meaning |
|---|---|
| \`settings\` | The settings, as in \`.netpol.yaml\`, for an editor that answers no \`workspace/configuration\`. |
| \`trusted\` | \`true\`: the person trusts this workspace, and charts may be rendered with \`helm template\`. |
| \`commands\` | The names of those of our commands that the editor has. A lens or a link without its command is words only. |
| \`files\` | \`client\`: files are read by asking the editor, not from the disk. |
`;
}

/** The test files of each method; throws for a method without one. */
export function testsOf(methods, files = testFiles()) {
  const words = new Map(methods.map((method) => [method, [`'${method}'`, ...(otherwise[method] ?? [])]]));
  // What helpers ask is asked by the tests that call them, in two steps at most.
  for (let step = 0; step < 2; step++) {
    for (const { text } of files.filter(({ isTest }) => !isTest)) {
      for (const { name, body } of partsOf(text)) {
        for (const list of words.values()) {
          if (list.some((word) => holds(body, word)) && !list.includes(name)) list.push(name);
        }
      }
    }
  }
  const found = new Map(
    methods.map((method) => [
      method,
      files
        .filter(
          (file) => file.isTest && (composes(file, method) || words.get(method).some((word) => holds(file.text, word))),
        )
        .map(({ path }) => path),
    ]),
  );
  const bare = methods.filter((method) => found.get(method).length === 0);
  if (bare.length > 0) throw new Error(`no test asks ${bare.join(', ')}`);
  return found;
}

function composes({ path, text }, method) {
  const part = composed[method]?.[path];
  return part !== undefined && text.includes(part);
}

/** A call of a helper (`name` or `.method`), or a text as it is. */
function holds(text, word) {
  if (/^\.\w+$/.test(word)) return new RegExp(`(?<!Promise|path|meta)\\${word}\\(`).test(text);
  return /^\w+$/.test(word) ? new RegExp(`(?<!function |\\.)\\b${word}\\(`).test(text) : text.includes(word);
}

/** The functions of a helper, and its class's methods, with their texts. */
function partsOf(text) {
  const starts = [...text.matchAll(/^(?:export )?(?:(?:async )?function|const) (\w+)|^ {2}(?:async )?(\w+)\(/gm)];
  return starts.map((start, index) => ({
    name: start[1] ?? `.${start[2]}`,
    body: text.slice(start.index + start[0].length, starts[index + 1]?.index),
  }));
}

function testFiles() {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.(ts|mjs|lua|el)$/.test(name) && !asksAll.has(name))
      .sort()
      .map((name) => ({
        path: `${folder}/${name}`,
        text: readFileSync(join(root, folder, name), 'utf8').replaceAll('"textDocument/', "'textDocument/"),
        isTest:
          /\.test\.ts$|\.lua$|\.el$|^person-.*cases\.mjs$|^person-(?!frames|pictures)\w+\.mjs$/.test(name) ||
          isSuite(folder, name),
      })),
  );
}

function isSuite(folder, name) {
  return folder.endsWith('/suite') && !['expect.ts', 'runner.ts', 'waiting.ts'].includes(name);
}

function links(paths) {
  const named = (path) => {
    const name = basename(path).replace(/(\.test)?\.(ts|mjs|lua|el)$/, '');
    return path.startsWith('test/editor/') ? `VS Code: ${name}` : name;
  };
  return paths.map((path) => `[${named(path)}](../${path})`).join(', ');
}

function plainer(method) {
  return Object.entries(abilities[method] ?? {})
    .map(([path, instead]) => `\`${path.split('.').slice(-2).join('.')}\`: ${instead}`)
    .join('; ');
}

/** Which abilities `clientOf` reads of a client that has all that are declared, and that client. */
function lookedAt(clientOf) {
  const everything = {};
  for (const path of Object.values(abilities).flatMap(Object.keys)) put(everything, path.split('.'));
  const read = new Set();
  const watched = (object, path) =>
    new Proxy(object, {
      get(target, name) {
        const below = [...path, name];
        const value = target[name];
        if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0)
          return watched(value, below);
        read.add(below.join('.'));
        return value;
      },
    });
  clientOf({ capabilities: watched(everything, []) });
  return { read, everything };
}

function put(object, [name, ...rest]) {
  if (rest.length === 0) object[name] ??= listed[name] ?? true;
  else {
    object[name] ??= {};
    put(object[name], rest);
  }
}

/** The abilities that are lists. */
const listed = {
  contentFormat: ['markdown', 'plaintext'],
  documentationFormat: ['markdown', 'plaintext'],
  properties: ['edit'],
  resourceOperations: ['create', 'rename', 'delete'],
};

function sentInSources() {
  const calls = matches(/\b(?:request|notify|offered|ask)(?:<[^()]*>)?\(\s*'([^']+)'/g);
  return [...calls, ...matches(/'(workspace\/\w+\/refresh)'/g)];
}

function heardInSources() {
  return matches(/(?:onNotification|notifications\.set)\(\s*'([^']+)'/g).filter((method) => method !== 'initialized');
}

/** What an expression finds in the server's shell: its entry, its connection, where files come from. */
function matches(expression) {
  const tops = readdirSync(join(root, 'server/src')).filter((name) => name.endsWith('.ts'));
  const below = ['host', 'features'].flatMap((folder) =>
    readdirSync(join(root, 'server/src', folder), { recursive: true }).map((name) => `${folder}/${name}`),
  );
  const shell = [...tops, ...below.filter((name) => name.endsWith('.ts'))].map((name) =>
    readFileSync(join(root, 'server/src', name), 'utf8'),
  );
  return shell.flatMap((text) => [...text.matchAll(expression)].map(([, found]) => found));
}

function agree(what, declared, found) {
  const [here, there] = [new Set(declared), new Set(found)];
  const missing = [...there].filter((each) => !here.has(each));
  const gone = [...here].filter((each) => !there.has(each));
  if (missing.length + gone.length === 0) return;
  const where = relative(root, fileURLToPath(import.meta.url));
  throw new Error(
    `${where}, ${what}: ${[...missing.map((each) => `${each} is missing`), ...gone.map((each) => `${each} is in no source`)].join(', ')}`,
  );
}
