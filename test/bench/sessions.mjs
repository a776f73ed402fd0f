// A server that runs on a folder with a file open, as an editor has it, and what a person does in it.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Client } from './client.mjs';

/** netpol, from its bundle. */
export const netpolAt = (server) => ({
  title: 'netpol',
  /** Its diagnostics are asked for, so they are never those of the text before. */
  pulls: true,
  start: (options) => new Client(server, ['--stdio'], options),
  capabilities: {
    workspace: { workspaceFolders: true },
    textDocument: {
      diagnostic: { dynamicRegistration: false },
      hover: { contentFormat: ['markdown'] },
      documentSymbol: { hierarchicalDocumentSymbolSupport: true },
      foldingRange: { rangeLimit: 5000, lineFoldingOnly: true },
      semanticTokens: { requests: {}, tokenTypes: [], tokenModifiers: [], formats: ['relative'] },
      codeAction: {
        dataSupport: true,
        resolveSupport: { properties: ['edit'] },
        codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'refactor', 'source'] } },
      },
    },
  },
  ready: (client) => client.next('$/netpol/status', ({ state }) => state === 'ready'),
  diagnostics: async (client, uri) =>
    (await client.request('textDocument/diagnostic', { textDocument: { uri } })).items,
});

/** yaml-language-server, which is told nothing of schemas: what it does with any YAML. */
export const yamlServerAt = (server) => ({
  title: 'yaml-language-server',
  start: (options) => new Client(server, ['--stdio'], options),
  capabilities: { textDocument: { publishDiagnostics: {}, hover: { contentFormat: ['markdown'] }, codeAction: {} } },
  ready: async () => undefined,
  diagnostics: async (client, uri) =>
    (await client.next('textDocument/publishDiagnostics', (params) => params.uri === uri)).diagnostics,
});

/** Starts a server on a folder and opens one file, whose first diagnostics have come. */
export async function begin(side, folder, path, options = {}) {
  const client = side.start();
  const { capabilities: offered } = await client.initialize(folder, side.capabilities, options);
  const ready = side.ready(client);
  client.notify('initialized', {});
  await ready;
  const uri = `file://${path}`;
  client.open(uri, readFileSync(path, 'utf8'));
  await side.diagnostics(client, uri);
  return { client, uri, offered };
}

/**
 * Types at a port number, digit by digit: right, broken (`5432A`), out of range (`543299`), and back. The times from
 * sending the edit to having the answer; netpol's answers must show the fault while it is there, so that none is stale.
 */
export async function typing(side, { client, uri }, rounds, line) {
  const start = client.line(uri, line).indexOf('5432');
  const states = ['54329', '543299', '54329', '5432', '5432A', '5432'];
  const faults = [false, true, false, false, true, false];
  const times = [];
  let length = 4;
  const base = side.pulls ? (await side.diagnostics(client, uri)).length : 0;
  for (let n = 0; n < rounds + 5; n++) {
    const state = states[n % states.length];
    const before = performance.now();
    client.edit(uri, line, start, start + length, state);
    const items = await side.diagnostics(client, uri);
    // The first few warm the process up, as the first seconds of any session do.
    if (n >= 5) times.push(performance.now() - before);
    length = state.length;
    const faulty = items.some(({ range }) => range.start.line === line);
    if (side.pulls && (faulty !== faults[n % states.length] || (!faulty && items.length !== base)))
      throw new Error(`stale answer after typing ${state}: ${items.length} diagnostics, ${base} before`);
    const rest = 5 - (performance.now() - before);
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  }
  client.edit(uri, line, start, start + length, '5432');
  await side.diagnostics(client, uri);
  return times;
}

/** A question, asked again after each edit elsewhere in the file, so that nothing is answered from a memory. */
export async function questions({ client, uri }, rounds, question) {
  const times = [];
  const last = 0;
  for (let n = 0; n < rounds; n++) {
    const old = client.line(uri, last).length;
    client.edit(uri, last, old, old, ' ');
    const before = performance.now();
    const [method, params] = question(n);
    await client.request(method, params);
    times.push(performance.now() - before);
  }
  return times;
}

/** An edit between two texts of a line, there and back. */
export function toggling(client, uri, line, one, other) {
  let isOther = false;
  return () => {
    const [now, then] = isOther ? [other, one] : [one, other];
    const start = client.line(uri, line).indexOf(now);
    client.edit(uri, line, start, start + now.length, then);
    isOther = !isOther;
  };
}

/** The number of the line that holds some text, from zero; `nth` counts such lines from zero. */
export function lineWith(text, part, nth = 0) {
  const found = text.split('\n').flatMap((line, index) => (line.includes(part) ? [index] : []));
  return found[nth];
}
