import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPolicy, badEndPort, shop } from './manifests.js';
import { rangeOf, ServerProcess } from './server-process.js';

/** Everything a client asks of a document; nothing may fail. */
async function askEverything(server: ServerProcess, uri: string): Promise<void> {
  const position = { line: 3, character: 4 };
  const range = { start: { line: 0, character: 0 }, end: position };
  await server.actions(uri, range);
  await server.actions(uri, range, { only: ['source.fixAll'] });
  await server.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position });
  await server.connection.sendRequest('netpol/effective', { textDocument: { uri }, position });
  await server.connection.sendRequest('netpol/templates', { textDocument: { uri }, position });
}

function aliasBomb(): string {
  const levels = Array.from({ length: 30 }, (_, i) =>
    i === 0
      ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
      : `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
  );
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: bomb}\n${levels.join('\n')}\nspec: *a29\n`;
}

const head = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: x\n';

/** A text, and what one of its diagnostics says; undefined where there must be none. */
const texts: readonly (readonly [name: string, text: string, says: RegExp | undefined])[] = [
  ['no YAML at all', '%%% {{{ ]]] : : : \u0001', undefined],
  ['broken YAML of a policy', `${head}spec:\n  podSelector: {\n  policyTypes: [Ingress\n`, /\}|brace|closed|\]/],
  ['prose', 'Dear reader,\n\nthis is: not a manifest. "Or is it?\n', undefined],
  ['bytes', `\0\u0001\u0002\uFFFD\uFFFD${'\uFFFD\0'.repeat(2000)}`, undefined],
  ['bytes behind the head of a policy', `${head}spec: \0\0\0\uFFFD`, /not a text file/],
  ['one huge line', `${head}spec: {podSelector: {matchLabels: {${'a: b, '.repeat(50_000)}}}}`, /48999 more/],
  ['tabs', badEndPort.replaceAll('  ', '\t'), /[Tt]ab/],
  ['an alias bomb', aliasBomb(), /alias|100000/],
  ['ten thousand brackets', `${head}spec: ${'['.repeat(10_000)}`, /deep|nest|closed|level/i],
  [
    'a template',
    badEndPort.replace('name: api', 'name: {{ .Release.Name }}-api').replace('8080\n', '{{ .Values.port }}\n'),
    undefined,
  ],
  ['a template with control lines', `{{- if .Values.enabled }}\n${apiPolicy}{{- end }}\n`, undefined],
  ['an empty text', '', undefined],
  ['half a surrogate pair', `${head}spec:\n  podSelector: {matchLabels: {"\\ud800": x}}\n`, /./],
  [
    '__proto__ and friends',
    `${head}  labels: {__proto__: x, constructor: y}\nspec:\n  podSelector: {}\n  __proto__: {}\n  toString: 1\n`,
    /./,
  ],
];

for (const [name, text, says] of texts) {
  test(`${name}: the server stays, and says what is wrong`, async (t) => {
    const server = await ServerProcess.start(t, { files: shop });
    const uri = server.uri('policies/hostile.yaml');
    await server.open(uri, text);
    const found = await server.pull(uri);
    const messages = found.map(({ message }) => String(message));
    if (says === undefined) assert.deepEqual(messages, []);
    else
      assert.ok(
        messages.some((message) => says.test(message)),
        `${messages.join('\n')} does not match ${says}`,
      );
    for (const message of messages) assert.doesNotMatch(message, /undefined|\[object|NaN| at line \d/, message);
    await askEverything(server, uri);
    // Nothing was reported as a fault of netpol's own, and the rest of the workspace is answered as before.
    assert.deepEqual(
      server.logged.all.filter(({ type }) => type === 1),
      [],
    );
    await server.open(server.uri('policies/api.yaml'), badEndPort);
    const codes = await server.codes(server.uri('policies/api.yaml'));
    assert.ok(codes.includes('invalid-end-port'));
  });
}

for (const [name, change] of [
  ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
  ['a BOM', (text: string) => `\uFEFF${text}`],
  ['CRLF and a BOM', (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`],
] as const) {
  test(`${name}: the same findings at the same places`, async (t) => {
    const server = await ServerProcess.start(t, { files: shop });
    const uri = server.uri('policies/api.yaml');
    const text = change(badEndPort);
    await server.open(uri, text);
    const [found, ...rest] = await server.pull(uri);
    assert.deepEqual(rest, []);
    assert.deepEqual(found?.range, rangeOf(text, '80', 'endPort: '));
    await askEverything(server, uri);
  });
}

test('a hostile kustomization costs nothing but itself', async (t) => {
  const server = await ServerProcess.start(t, {
    files: {
      ...shop,
      'overlay/kustomization.yaml':
        'resources: ["\\ud800", "../../../../../..", "%zz", "..", ".", "", "x\\0y", "overlay"]\nnamespace: [x]\n',
      'ring/kustomization.yaml': 'resources: [../ring2]\n',
      'ring2/kustomization.yaml': 'resources: [../ring]\n',
    },
  });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  assert.deepEqual(await server.codes(uri), ['invalid-end-port']);
});
