import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { ClientCapabilities, CodeAction, CodeLens } from 'vscode-languageserver-protocol';
import { ResponseError } from 'vscode-languageserver-protocol/node';
import { features } from '#server/features/index.js';
import { root } from '../docs/pages.js';
import { diagnosticsNotUnderstood, notUnderstood } from './abilities.js';
import { type BareClient, bareClient } from './bare-client.js';
import { badEndPort, denyEgress, shop } from './manifests.js';

const kept = (name: string): ClientCapabilities =>
  JSON.parse(readFileSync(join(root, 'test/protocol/clients', `${name}.json`), 'utf8'));

/** The first is no editor; of the others `test/other-editors` holds that they say this of themselves. */
const clients: Readonly<Record<string, ClientCapabilities>> = {
  'a client that can nothing': {},
  'Neovim 0.7': kept('neovim-0.7'),
  'eglot 1.9': kept('eglot-1.9'),
  'lsp-mode 8.0': kept('lsp-mode-8.0'),
};

const files: Readonly<Record<string, string>> = {
  ...shop,
  'policies/api.yaml': badEndPort,
  'policies/deny.yaml': denyEgress,
  'shop.netpol-test.yaml': 'connections:\n  - {from: shop/frontend, to: shop/api, port: 8080, allowed: true}\n',
  '.netpol.yaml': 'cni: calico\nrules:\n  all-namespaces-peer: off\n',
};

type Ask = (client: BareClient, path: string, text: string) => Promise<readonly [params: object, answer: unknown][]>;

/** In the first and the last word of each line, and behind it; some that are in no document. */
function placesIn(text: string): readonly { line: number; character: number }[] {
  const inside = text.split('\n').flatMap((line, number) => {
    const words = [...line.matchAll(/[^\s:{},-]+/g)].map(({ index }) => ({ line: number, character: index + 1 }));
    return [...words.slice(0, 1), ...words.slice(1).slice(-1), { line: number, character: line.length }];
  });
  return [...inside, { line: 10_000, character: 3 }, { line: 0, character: 10_000 }];
}

/** Asks a method for each of these parameters. What refuses with a reason, as `rename` may, has no answer. */
async function each(client: BareClient, method: string, all: readonly object[]): Promise<[object, unknown][]> {
  return Promise.all(
    all.map(async (params): Promise<[object, unknown]> => {
      const answer = await client.ask(method, params).catch((error: unknown) => {
        if (error instanceof ResponseError && error.code === requestFailed) return null;
        throw new Error(`${method} of ${JSON.stringify(params)}: ${String(error)}`);
      });
      return [params, answer];
    }),
  );
}

/** `LSPErrorCodes.RequestFailed`: the request was right, but there is nothing to be done, and the message says why. */
const requestFailed = -32803;

const atPlaces =
  (method: string, more: object = {}): Ask =>
  (client, path, text) =>
    each(
      client,
      method,
      placesIn(text).map((position) => ({ textDocument: { uri: client.uri(path) }, position, ...more })),
    );

const ofDocument =
  (method: string, more: object = {}): Ask =>
  (client, path) =>
    each(client, method, [{ textDocument: { uri: client.uri(path) }, ...more }]);

const whole = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };
const question = { from: 'shop/frontend', to: 'shop/api', port: 8080 };

/** Follows what one method answers into another that takes it. */
const following =
  <T>(first: Ask, method: string, paramsOf: (item: T) => object): Ask =>
  async (client, path, text) => {
    const answers = await first(client, path, text);
    return each(client, method, answers.flatMap(([, answer]) => (answer as readonly T[] | null) ?? []).map(paramsOf));
  };

const actions: Ask = (client, path, text) =>
  each(
    client,
    'textDocument/codeAction',
    placesIn(text).map((place) => ({
      textDocument: { uri: client.uri(path) },
      range: { start: place, end: place },
      context: { diagnostics: [] },
    })),
  );

const asks: Readonly<Record<string, Ask>> = {
  'textDocument/hover': atPlaces('textDocument/hover'),
  'textDocument/completion': atPlaces('textDocument/completion'),
  'textDocument/definition': atPlaces('textDocument/definition'),
  'textDocument/references': atPlaces('textDocument/references', { context: { includeDeclaration: true } }),
  'textDocument/documentHighlight': atPlaces('textDocument/documentHighlight'),
  'textDocument/prepareRename': atPlaces('textDocument/prepareRename'),
  'textDocument/rename': atPlaces('textDocument/rename', { newName: 'other' }),
  'textDocument/codeAction': actions,
  'codeAction/resolve': following(actions, 'codeAction/resolve', (action: CodeAction) => action),
  'textDocument/codeLens': ofDocument('textDocument/codeLens'),
  'codeLens/resolve': following(ofDocument('textDocument/codeLens'), 'codeLens/resolve', (lens: CodeLens) => lens),
  'textDocument/prepareCallHierarchy': atPlaces('textDocument/prepareCallHierarchy'),
  'callHierarchy/incomingCalls': following(
    atPlaces('textDocument/prepareCallHierarchy'),
    'callHierarchy/incomingCalls',
    (item: object) => ({ item }),
  ),
  'callHierarchy/outgoingCalls': following(
    atPlaces('textDocument/prepareCallHierarchy'),
    'callHierarchy/outgoingCalls',
    (item: object) => ({ item }),
  ),
  'textDocument/documentSymbol': ofDocument('textDocument/documentSymbol'),
  'workspace/symbol': (client) => each(client, 'workspace/symbol', [{ query: '' }, { query: 'api' }, { query: '𝔘' }]),
  'textDocument/foldingRange': ofDocument('textDocument/foldingRange'),
  'textDocument/selectionRange': (client, path, text) =>
    each(client, 'textDocument/selectionRange', [
      { textDocument: { uri: client.uri(path) }, positions: placesIn(text) },
    ]),
  'textDocument/documentLink': ofDocument('textDocument/documentLink'),
  'textDocument/inlayHint': ofDocument('textDocument/inlayHint', { range: whole }),
  'textDocument/semanticTokens/full': ofDocument('textDocument/semanticTokens/full'),
  'textDocument/semanticTokens/range': ofDocument('textDocument/semanticTokens/range', { range: whole }),
  'netpol/changes': ofDocument('netpol/changes'),
  'netpol/revisions': ofDocument('netpol/revisions'),
  'netpol/map': ofDocument('netpol/map'),
  'netpol/mapCursor': atPlaces('netpol/mapCursor', { scope: 'what there is not' }),
  'netpol/mapArrow': (client) => each(client, 'netpol/mapArrow', [{ scope: 'what there is not', from: 'a', to: 'b' }]),
  'netpol/effective': atPlaces('netpol/effective'),
  'netpol/endpoints': atPlaces('netpol/endpoints'),
  'netpol/explain': ofDocument('netpol/explain', question),
  'netpol/repairs': ofDocument('netpol/repairs', question),
  'netpol/repair': ofDocument('netpol/repair', { ...question, title: 'what there is not' }),
  'netpol/templates': atPlaces('netpol/templates'),
  'netpol/applyTemplate': atPlaces('netpol/applyTemplate', { id: 'default-deny-all' }),
  'netpol/baselineChoices': ofDocument('netpol/baselineChoices'),
  'netpol/baseline': (client) => each(client, 'netpol/baseline', [{ namespace: 'shop', folder: client.uri('base') }]),
  'netpol/tests': ofDocument('netpol/tests'),
  'netpol/runTests': (client) =>
    each(client, 'netpol/runTests', [{ files: [{ uri: client.uri('shop.netpol-test.yaml') }] }]),
  'netpol/overview': ofDocument('netpol/overview'),
  'netpol/scopeObjects': ofDocument('netpol/scopeObjects', { id: 'what there is not' }),
};

test('every method that the server answers is asked here', () => {
  assert.deepEqual(Object.keys(asks).sort(), features.map(({ method }) => method).sort());
});

for (const [name, capabilities] of Object.entries(clients)) {
  test(`${name} is sent nothing that it does not offer to take`, async (t) => {
    const client = await bareClient(t, { capabilities, files });
    await t.test('it understands the diagnostics', async () => {
      await client.open(client.uri('policies/api.yaml'), badEndPort);
      const { diagnostics } = await client.published.where((each) => each.diagnostics.length > 0);
      assert.ok(diagnostics.some(({ code }) => code === 'invalid-end-port'));
      assert.deepEqual([...diagnosticsNotUnderstood(capabilities, diagnostics)], []);
    });
    for (const [path, text] of Object.entries(files)) await client.open(client.uri(path), text);
    for (const [method, ask] of Object.entries(asks)) {
      await t.test(`it understands what ${method} answers`, async () => {
        for (const [path, text] of Object.entries(files)) {
          for (const [params, answer] of await ask(client, path, text)) {
            assert.deepEqual(notUnderstood(capabilities, method, answer), [], JSON.stringify(params));
          }
        }
        // Of a document that there is not, there is nothing to say, and no error.
        await ask(client, 'nowhere.yaml', 'kind: NetworkPolicy\n');
      });
    }
    assert.deepEqual(client.unwanted, []);
  });
}

const anEditor: ClientCapabilities = {
  workspace: { configuration: true, workspaceFolders: true, didChangeWatchedFiles: { dynamicRegistration: true } },
};

/** The rules of the findings that are first published of a file with a wrong port, in a workspace that says who uses it. */
async function rulesIn(client: BareClient): Promise<unknown[]> {
  await client.open(client.uri('policies/api.yaml'), badEndPort);
  const { diagnostics } = await client.published.where((published) => published.uri.endsWith('api.yaml'));
  return diagnostics.map(({ code }) => code);
}

const withoutSettings = { ...shop, 'policies/api.yaml': badEndPort };
const off = { settings: { rules: { 'invalid-end-port': 'off' } } };

test('a client that refuses what it offers has a workspace all the same, and is told', async (t) => {
  const client = await bareClient(t, {
    capabilities: anEditor,
    files: withoutSettings,
    place: (folder) => ({ rootUri: pathToFileURL(folder).href }),
    answer: (method) => {
      throw new Error(`no ${method}`);
    },
  });
  assert.deepEqual(await rulesIn(client), ['invalid-end-port']);
  const hover = { textDocument: { uri: client.uri('policies/api.yaml') }, position: { line: 1, character: 1 } };
  assert.match(JSON.stringify(await client.ask('textDocument/hover', hover)), /selects 1 workload: api/);
  for (const what of ['the registration of workspace/didChangeWatchedFiles', 'workspace/configuration']) {
    await client.logged.where(({ message }) => message.startsWith(`The editor refused ${what}: `));
  }
});

test('settings may come with initialize, and stay where the editor has none of its own to give', async (t) => {
  for (const capabilities of [{}, anEditor]) {
    const client = await bareClient(t, { capabilities, files: withoutSettings, initializationOptions: off });
    assert.deepEqual(await rulesIn(client), []);
  }
});

test('an editor with settings of its own is asked, and wins', async (t) => {
  const client = await bareClient(t, {
    capabilities: anEditor,
    files: withoutSettings,
    initializationOptions: off,
    answer: (method) => (method === 'workspace/configuration' ? [{ rules: {} }] : null),
  });
  assert.deepEqual(await rulesIn(client), ['invalid-end-port']);
});

for (const [how, place] of Object.entries<(folder: string) => object>({
  'rootPath alone': (folder) => ({ rootPath: folder }),
  'rootUri alone': (folder) => ({ rootUri: pathToFileURL(folder).href, rootPath: null }),
  'folders that are null': (folder) => ({ rootUri: pathToFileURL(folder).href, workspaceFolders: null }),
  'folders alone': (folder) => ({ workspaceFolders: [{ uri: `${pathToFileURL(folder).href}/`, name: '' }] }),
})) {
  test(`the workspace is found by ${how}`, async (t) => {
    const client = await bareClient(t, { capabilities: {}, files: withoutSettings, place });
    await client.open(client.uri('policies/api.yaml'), badEndPort);
    const hover = { textDocument: { uri: client.uri('policies/api.yaml') }, position: { line: 1, character: 1 } };
    assert.match(JSON.stringify(await client.ask('textDocument/hover', hover)), /selects 1 workload: api/);
  });
}

for (const [how, place] of Object.entries<() => object>({
  'no word of a folder': () => ({}),
  'a root that is null': () => ({ rootUri: null, rootPath: null, workspaceFolders: null }),
  'an empty list of folders': () => ({ rootUri: null, workspaceFolders: [] }),
})) {
  test(`with ${how} a file is judged by itself`, async (t) => {
    const client = await bareClient(t, { capabilities: {}, files: withoutSettings, place });
    assert.deepEqual(await rulesIn(client), ['invalid-end-port']);
  });
}

test('a client that sends the whole text at each change is understood', async (t) => {
  const client = await bareClient(t, { capabilities: {}, files: withoutSettings });
  const uri = client.uri('policies/api.yaml');
  assert.deepEqual(await rulesIn(client), ['invalid-end-port']);
  const text = badEndPort.replace('endPort: 80\n', 'endPort: 8090\n');
  await client.tell('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text }] });
  const { diagnostics } = await client.published.where(({ version }) => version === 2);
  assert.deepEqual(diagnostics, []);
});

test('a client that names no encoding of positions gets UTF-16, as one that names others first', async (t) => {
  const text = badEndPort.replace('name: api\n', 'name: "🦊"\n').replace('endPort: 80\n', 'endPort: 80 # 🦊🦊\n');
  for (const general of [undefined, { positionEncodings: ['utf-8', 'utf-32', 'utf-16'] }]) {
    const capabilities = general === undefined ? {} : { general };
    const client = await bareClient(t, { capabilities, files: { 'policies/api.yaml': text } });
    assert.ok([undefined, 'utf-16'].includes(client.server.positionEncoding));
    await client.open(client.uri('policies/api.yaml'), text);
    const { diagnostics } = await client.published.where(({ uri }) => uri.endsWith('api.yaml'));
    const named = diagnostics.find(({ code }) => code === 'invalid-name');
    // The quotes are about two units of UTF-16 more than characters.
    assert.equal((named?.range.end.character ?? 0) - (named?.range.start.character ?? 0), '"🦊"'.length);
  }
});
