import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCapabilities, Range, SemanticTokens } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { poor, positionOf, rich, ServerProcess } from './server-process.js';

const coloured: ClientCapabilities = {
  ...rich,
  textDocument: {
    ...rich.textDocument,
    semanticTokens: {
      requests: { full: true, range: true },
      tokenTypes: [],
      tokenModifiers: [],
      formats: ['relative'],
    },
  },
};

const text = `# netpol-disable-next-line world-open-ingress, no-such-rule -- why
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: >-
    app == 'api' &&
    has(env)
  ingress:
    - action: Allow
      protocol: TCP
      source:
        nets: [10.0.0.0/8, "2001:db8::/32"]
        namespaceSelector: "projectcalico.org/name in {'web'}"
      destination:
        ports: [http, 8080]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: "{{ .Release.Name }}", namespace: {{ .Release.Namespace }}}
spec:
  podSelector: {matchLabels: {app: api}}
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
        - ipBlock: {cidr: 192.0.2.0/24, except: &few [192.0.2.1/32]}
        - ipBlock: {cidr: 192.0.2.0/24, except: *few}
      ports: [{port: metrics}, {port: 80}, {port: {{ .Values.port }}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {namespace: not-ours}
data: {namespace: x, action: Allow}
`;

async function tokens(server: ServerProcess, uri: string, of: string, range?: Range): Promise<string[]> {
  const { data }: SemanticTokens = await server.connection.sendRequest(
    `textDocument/semanticTokens/${range === undefined ? 'full' : 'range'}`,
    { textDocument: { uri }, ...(range === undefined ? {} : { range }) },
  );
  const provider = server.initialized.capabilities.semanticTokensProvider;
  const document = TextDocument.create(uri, 'yaml', 1, of);
  const found: string[] = [];
  let [line, character] = [0, 0];
  for (let i = 0; i < data.length; i += 5) {
    const [lines = 0, columns = 0, length = 0, type = 0] = data.slice(i);
    character = lines === 0 ? character + columns : columns;
    line += lines;
    const word = document.getText({ start: { line, character }, end: { line, character: character + length } });
    found.push(`${word}: ${provider?.legend.tokenTypes[type]}`);
  }
  return found;
}

const expected = [
  'world-open-ingress: macro',
  'shop: namespace',
  'app: property',
  '==: operator',
  "'api': string",
  '&&: operator',
  'has: function',
  'env: property',
  'Allow: enumMember',
  '10.0.0.0/8: number',
  '2001:db8::/32: number',
  'projectcalico.org/name: property',
  'in: operator',
  "'web': string",
  'http: variable',
  'monitoring: namespace',
  '192.0.2.0/24: number',
  '192.0.2.1/32: number',
  '192.0.2.0/24: number',
  'metrics: variable',
];

test('what YAML cannot tell is coloured, and nothing else', async (t) => {
  const server = await ServerProcess.start(t, { files: {}, capabilities: coloured });
  const uri = server.uri('policies.yaml');
  await server.open(uri, text);
  assert.deepEqual(await tokens(server, uri, text), expected);
  const crlf = `\uFEFF${text.replaceAll('\n', '\r\n')}`;
  await server.change(uri, 2, [{ text: crlf }]);
  assert.deepEqual(await tokens(server, uri, crlf), expected);
  const cut = text.slice(0, text.indexOf("'api' &&"));
  await server.change(uri, 3, [{ text: cut }]);
  assert.deepEqual(await tokens(server, uri, cut), expected.slice(0, 4));
});

test('of a range only what is in it', async (t) => {
  const server = await ServerProcess.start(t, { files: {}, capabilities: coloured });
  const uri = server.uri('policies.yaml');
  await server.open(uri, text);
  const range = { start: positionOf(text, '- action'), end: positionOf(text, 'namespaceSelector') };
  assert.deepEqual(await tokens(server, uri, text, range), expected.slice(8, 11));
});

test('a client without colours is offered none', async (t) => {
  const server = await ServerProcess.start(t, { files: {}, capabilities: poor });
  assert.equal(server.initialized.capabilities.semanticTokensProvider, undefined);
});
