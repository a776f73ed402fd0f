import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { ClientCapabilities } from 'vscode-languageserver-protocol';
import { clientOf } from '#server/features/client.js';
import { features } from '#server/features/index.js';
import { blocksOf } from './blocks.js';
import { linksIn, read, root } from './pages.js';

interface TestFile {
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

interface Generator {
  lspPage(sources: {
    readonly features: readonly { readonly method: string; readonly doc: string }[];
    readonly clientOf: (params: { readonly capabilities: ClientCapabilities }) => unknown;
  }): string;
  testsOf(methods: readonly string[], files?: readonly TestFile[]): Map<string, readonly string[]>;
}

const generator: Generator = await import(pathToFileURL(join(root, '.ci/lsp-docs.mjs')).href);

test('the page of the protocol names every method that is answered, with its words', () => {
  const page = read('docs/lsp.md');
  for (const { method, doc } of features) assert.ok(page.includes(`| \`${method}\` | ${doc} |`), method);
});

test('each test that the page leads to is there', () => {
  const links = linksIn(read('docs/lsp.md'));
  assert.ok(links.length > features.length);
  for (const link of links) assert.ok(existsSync(join(root, 'docs', link)), link);
});

test('a method without a test has no page', () => {
  const untested = { method: 'textDocument/nobodyAsks', doc: 'What nobody asks.' };
  assert.throws(
    () =>
      generator.lspPage({ features: [...features, untested], clientOf: (params) => clientOf({ ...blank, ...params }) }),
    /no test asks textDocument\/nobodyAsks/,
  );
});

test('an ability that the server looks at and the page does not know is told', () => {
  const looks = (params: { readonly capabilities: ClientCapabilities }) => {
    void params.capabilities.textDocument?.moniker;
    return clientOf({ ...blank, ...params });
  };
  assert.throws(() => generator.lspPage({ features, clientOf: looks }), /textDocument\.moniker is missing/);
});

test('a test covers what it asks by name, by a helper, or by a command of the editor', () => {
  const helper = `export async function namesOf(server) {\n  return server.ask('textDocument/documentSymbol', {});\n}\n
export class Server {\n  hover(uri) {\n    return this.ask('textDocument/hover', { uri });\n  }\n}\n`;
  const files = [
    { path: 'helper.ts', text: helper, isTest: false },
    { path: 'by-name.test.ts', text: "ask('textDocument/documentSymbol')", isTest: true },
    { path: 'by-helper.test.ts', text: 'await namesOf(server); await server.hover(uri);', isTest: true },
    { path: 'suite.ts', text: "vscode.commands.executeCommand('vscode.executeHoverProvider')", isTest: true },
    {
      path: 'near-miss.test.ts',
      text: "hovering(uri); renamesOf(server); say('textDocument/hoverings')",
      isTest: true,
    },
  ];
  const found = generator.testsOf(['textDocument/documentSymbol', 'textDocument/hover'], files);
  assert.deepEqual(found.get('textDocument/documentSymbol'), ['by-name.test.ts', 'by-helper.test.ts']);
  assert.deepEqual(found.get('textDocument/hover'), ['by-helper.test.ts', 'suite.ts']);
});

test('the set-ups of editors.md that are JSON can be read, and name settings that there are', () => {
  for (const block of blocksOf('docs/editors.md', 'json')) JSON.parse(block);
  const page = read('docs/editors.md');
  assert.ok(page.includes('netpol-language-server'));
  for (const link of linksIn(page)) assert.ok(existsSync(join(root, 'docs', link)), link);
});

const blank = { processId: null, rootUri: null };
