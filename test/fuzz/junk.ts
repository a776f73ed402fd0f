import type { Random } from './random.js';
import type { Message } from './steps.js';

const junk: readonly unknown[] = [
  ...[null, undefined, true, 0, -1, 1.5, 1e300, '', 'x', [], {}, [null], { length: 5 }, { uri: 5 }, { line: 'x' }],
  ...[{ start: null, end: null }, { toString: 5 }, JSON.parse('{"__proto__": {"x": 1}}'), 'a'.repeat(5000), [[[[]]]]],
];

export function drawJunk(random: Random): unknown {
  return random.pick(junk);
}

/** The same value with junk in the place of some part of it, or of all. */
export function withJunk(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.3)) return drawJunk(random);
  const keys = Object.keys(value);
  if (keys.length === 0) return drawJunk(random);
  const key = random.pick(keys);
  const part = withJunk(random, (value as Record<string, unknown>)[key]);
  return Array.isArray(value)
    ? value.map((each: unknown, index) => (String(index) === key ? part : each))
    : { ...value, [key]: part };
}

type Draw = (random: Random, uri: string) => { readonly message: Message };

const said = (method: string, params: unknown): { readonly message: Message } => ({
  message: { jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) },
});

const noText: readonly unknown[] = [null, 5, {}, [], true];
const noUri: readonly unknown[] = [null, 5, {}, [], undefined];
const noChange: readonly unknown[] = [
  ...[null, 5, 'x', [], {}, { text: 5 }, { text: null }, { range: 5, text: 'x' }],
  ...[
    { range: {}, text: 'x' },
    { range: { start: { line: 0, character: 0 } }, text: 'x' },
  ],
  ...[{ range: { start: { line: '0', character: 0 }, end: { line: 0, character: 1 } }, text: 'x' }],
  ...[{ range: { start: { line: 0 }, end: { line: 0, character: 1 } }, text: 'x' }],
];

/** What must be refused as a whole: the texts stay as they are. */
export const malformedNotifications: readonly Draw[] = [
  (random) =>
    said(random.pick(['textDocument/didOpen', 'textDocument/didChange', 'textDocument/didClose']), drawJunk(random)),
  (random, uri) =>
    said('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text: random.pick(noText) } }),
  (random) =>
    said('textDocument/didOpen', {
      textDocument: { uri: random.pick(noUri), languageId: 'yaml', version: 1, text: 'x' },
    }),
  (random) => said('textDocument/didClose', { textDocument: { uri: random.pick(noUri) } }),
  (random, uri) =>
    said('textDocument/didChange', {
      textDocument: { uri, version: 9 },
      contentChanges: random.pick([null, 5, 'x', {}]),
    }),
  (random, uri) =>
    said('textDocument/didChange', {
      textDocument: { uri, version: 9 },
      // What stands before the fault must not stay.
      contentChanges: [{ text: 'kind: NetworkPolicy\n' }, random.pick(noChange)],
    }),
  (random) => said('workspace/didChangeWatchedFiles', drawJunk(random)),
  (random, uri) =>
    said('workspace/didChangeWatchedFiles', {
      changes: random.pick([null, 5, [null], [{ uri: 5, type: 1 }], [{}], [{ uri, type: 'x' }], [{ uri, type: 99 }]]),
    }),
  (random) => said('workspace/didChangeConfiguration', drawJunk(random)),
  (random) => said('workspace/didChangeWorkspaceFolders', drawJunk(random)),
  (random) => said('initialized', drawJunk(random)),
  (random) => said('window/workDoneProgress/cancel', drawJunk(random)),
  (random) => said('$/cancelRequest', drawJunk(random)),
  (random) => said('netpol/x', drawJunk(random)),
];
