import assert from 'node:assert/strict';
import { test } from 'node:test';
import { netpolProcess } from '../cli/terminal.js';
import { apiPolicy, badEndPort, shop } from './manifests.js';
import { rangeOf, ServerProcess, writeFiles } from './server-process.js';

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

function numbered(count: number, each: (i: number) => string, between = ', '): string {
  return Array.from({ length: count }, (_, i) => each(i)).join(between);
}

function calico(selector: string): string {
  return `apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec:\n  selector: ${JSON.stringify(selector)}\n`;
}

/** A text, and what one of its diagnostics says; undefined where there must be none. */
const texts: readonly (readonly [name: string, text: string, says: RegExp | undefined])[] = [
  ['no YAML at all', '%%% {{{ ]]] : : : \u0001', undefined],
  ['broken YAML of a policy', `${head}spec:\n  podSelector: {\n  policyTypes: [Ingress\n`, /\}|brace|closed|\]/],
  ['prose', 'Dear reader,\n\nthis is: not a manifest. "Or is it?\n', undefined],
  ['bytes', `\0\u0001\u0002\uFFFD\uFFFD${'\uFFFD\0'.repeat(2000)}`, undefined],
  ['bytes behind the head of a policy', `${head}spec: \0\0\0\uFFFD`, /not a text file/],
  ['one huge line', `${head}spec: {podSelector: {matchLabels: {${'a: b, '.repeat(50_000)}}}}`, /49949 more places/],
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
  ['a banner of number signs', `${'#'.repeat(200)}\n${'### '.repeat(50)}\n${badEndPort}`, /endPort/],
  ['a row of anchors', badEndPort.replace('spec:', `spec: ${'&'.repeat(200)}`), /./],
  ['a row of tags', badEndPort.replace('spec:', `spec: ${'!'.repeat(200)} x`), /./],
  ['half a surrogate pair', `${head}spec:\n  podSelector: {matchLabels: {"\\ud800": x}}\n`, /./],
  [
    'a conflict that git has left',
    `${head}<<<<<<< HEAD\nspec: {}\n=======\nspec:\n  a: 1\n>>>>>>> other\n`,
    /^Git has left/,
  ],
  ['a value of megabytes', `${head}spec: ${'a'.repeat(3_000_000)}`, /^.{1,2100}$/],
  [
    'twenty thousand labels',
    `${head}spec: {podSelector: {matchLabels: {${numbered(20_000, (i) => `k${i}: v`)}}}}\n`,
    undefined,
  ],
  [
    'ten thousand requirements',
    `${head}spec: {podSelector: {matchExpressions: [${numbered(10_000, (i) => `{key: k${i}, operator: Exists}`)}]}}\n`,
    undefined,
  ],
  [
    'ten thousand unknown fields',
    `${head}spec: {podSelector: {}, ${numbered(10_000, (i) => `podSelectr${i}: 1`)}}\n`,
    /no field/,
  ],
  [
    'an address of a hundred thousand colons and dots',
    `${head}spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "${'1:'.repeat(50_000)}${'.'.repeat(50_000)}"}}]}]}\n`,
    /./,
  ],
  [
    'a selector of Calico with ten thousand terms',
    calico(numbered(10_000, (i) => `a${i} == 'b'`, ' && ')),
    /1024 are allowed/,
  ],
  [
    'a selector of Calico in ten thousand brackets',
    calico(`${'('.repeat(10_000)}all()${')'.repeat(10_000)}`),
    /nested/,
  ],
  ['a selector of Calico with a long gap', calico(`a${' '.repeat(100_000)}==`), /1024 are allowed/],
  ['alternatives that multiply', calico(numbered(24, (i) => `(a${i} == 'x' || b${i} == 'y')`, ' && ')), undefined],
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

const version = 2;

test('a notification that is not what the protocol says is refused as a whole', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  const before = await server.pull(uri);
  const send = (method: string, params: object) => server.connection.sendNotification(method, params);
  await send('textDocument/didOpen', { textDocument: { languageId: 'yaml', version, text: badEndPort } });
  await send('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version, text: 5 } });
  await send('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text: '' }, { text: 5 }] });
  await send('textDocument/didChange', { textDocument: { uri, version }, contentChanges: 'x' });
  const half = { start: { line: 0, character: 0 } };
  await send('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text: '', range: half }] });
  assert.deepEqual(await server.pull(uri), before);
  assert.equal(server.logged.all.filter(({ message }) => /^textDocument\/did\w+ failed: it/.test(message)).length, 5);
  await send('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text: '', range: null }] });
  assert.deepEqual(await server.pull(uri), []);
});

test('a change at a line that there cannot be costs nothing', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  const at = (line: number) => ({ line, character: 0 });
  await server.change(uri, 2, [{ text: '# a\n', range: { start: at(2 ** 31 - 2), end: at(2 ** 31 - 1) } }]);
  await server.change(uri, 3, [{ text: '# b\n', range: { start: at(-5), end: at(-1) } }]);
  const [found] = await server.pull(uri);
  assert.deepEqual(found?.range, rangeOf(`# b\n${badEndPort}`, '80', 'endPort: '));
});

const fault = {
  NODE_OPTIONS: `--import=${new URL('../fuzz/fault.js', import.meta.url).href}`,
  NETPOL_FAULT: 'a rule throws',
};

test('a rule that throws loses nothing else, and is reported once', async (t) => {
  const server = await ServerProcess.start(t, { files: shop, env: fault });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  for (let version = 2; version < 6; version++) {
    assert.ok((await server.codes(uri)).includes('invalid-end-port'));
    await server.change(uri, version, [{ text: `${badEndPort}# ${version}\n` }]);
  }
  const said = server.logged.all.filter(({ type }) => type === 1).map(({ message }) => message.split('\n')[0]);
  assert.deepEqual(said, [
    'The rule missing-default-deny failed; please report this. Error: a fault that a test put in',
  ]);
});

test('the command line says so as well, and reports the rest', async (t) => {
  const folder = await writeFiles(t, { ...shop, 'policies/api.yaml': badEndPort });
  const { code, out, err } = await netpolProcess(['check', folder], { env: fault });
  assert.equal(code, 1);
  assert.match(out, /invalid-end-port/);
  assert.equal(err.match(/the rule missing-default-deny failed; please report this/g)?.length, 1, err);
});

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
