import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCapabilities, CompletionItem, CompletionParams } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { SourceFile } from '#server/text/file.js';
import { accepted, labelled, unmarked } from './completion-cases.js';
import { shop } from './manifests.js';
import { rich, ServerProcess } from './server-process.js';

/** VS Code's own abilities in completion. */
const vscode: ClientCapabilities = {
  ...rich,
  textDocument: {
    ...rich.textDocument,
    completion: {
      completionItem: {
        snippetSupport: true,
        documentationFormat: ['markdown', 'plaintext'],
        labelDetailsSupport: true,
      },
    },
  },
};
const askAgain = 'editor.action.triggerSuggest';

type Complete = (marked: string, context?: CompletionParams['context']) => Promise<readonly CompletionItem[]>;

async function completing(
  t: Parameters<typeof ServerProcess.start>[0],
  options: { capabilities?: ClientCapabilities; path?: string; files?: Record<string, string> } = {},
): Promise<Complete> {
  const { capabilities = vscode, path = 'policies/new.yaml', files = shop } = options;
  const server = await ServerProcess.start(t, {
    files: { ...files, [path]: '' },
    capabilities,
    initializationOptions: { commands: capabilities === vscode ? [askAgain] : [] },
  });
  const uri = server.uri(path);
  let version = 0;
  return async (marked, context) => {
    const { text, offset } = unmarked(marked);
    version++;
    if (version === 1) await server.open(uri, text);
    else await server.change(uri, version, [{ text }]);
    const position = TextDocument.create(uri, 'yaml', version, text).positionAt(offset);
    return server.connection.sendRequest('textDocument/completion', {
      textDocument: { uri },
      position,
      ...(context === undefined ? {} : { context }),
    });
  };
}

const head = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: x
  namespace: shop
`;
const plain = (...lines: readonly string[]) => `${head}spec:\n${lines.map((line) => `  ${line}\n`).join('')}`;
const calico = (...lines: readonly string[]) => plain(...lines).replace('networking.k8s.io/v1', 'projectcalico.org/v3');
const cilium = (...lines: readonly string[]) =>
  plain(...lines).replace('networking.k8s.io/v1\nkind: N', 'cilium.io/v2\nkind: CiliumN');
const cluster = (...lines: readonly string[]) =>
  plain(...lines)
    .replace('networking.k8s.io/v1\nkind: N', 'policy.networking.k8s.io/v1alpha2\nkind: ClusterN')
    .replace('  namespace: shop\n', '');

type Case = readonly [marked: string, label: string, wanted: string];

/** Each accepted: the whole text, with LF and with CRLF. */
async function agree(complete: Complete, cases: readonly Case[]): Promise<void> {
  for (const [marked, label, wanted] of cases) {
    for (const eol of ['\n', '\r\n']) {
      const text = marked.replaceAll('\n', eol);
      const item = labelled(await complete(text), label);
      assert.equal(accepted(unmarked(text).text, item), wanted.replaceAll('\n', eol), `${label} in\n${marked}`);
    }
  }
}

test('kinds and versions are offered, and a kind brings its version', async (t) => {
  const complete = await completing(t);
  await agree(complete, [
    ['kind: |>\n', 'NetworkPolicy', 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n'],
    ['kind: Net|>\n', 'CiliumNetworkPolicy', 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n'],
    [
      'apiVersion: networking.k8s.io/v1\nkind: |>',
      'NetworkPolicy',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy',
    ],
    [
      'apiVersion: |>\nkind: NetworkPolicy\n',
      'projectcalico.org/v3',
      'apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n',
    ],
    ['kind: NetworkPolicy\n|>', 'apiVersion', 'kind: NetworkPolicy\napiVersion: '],
    [
      'apiVersion: v1\nkind: List\nitems:\n  - kind: |>\n    metadata: {name: x}\n',
      'Namespace',
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Namespace\n    metadata: {name: x}\n',
    ],
    [
      '# notes\n|>',
      'Tier',
      '# notes\napiVersion: projectcalico.org/v3\nkind: Tier\nmetadata:\n  name: \nspec:\n  order: 100\n  defaultAction: Deny',
    ],
  ]);
  const ofCilium = (await complete('apiVersion: cilium.io/v2\nkind: |>')).map(({ label }) => label);
  assert.deepEqual(ofCilium, [
    'CiliumNetworkPolicy',
    'CiliumClusterwideNetworkPolicy',
    'CiliumCIDRGroup',
    'CiliumLocalRedirectPolicy',
  ]);
  const both = (await complete('kind: |>')).filter(({ label }) => label === 'NetworkPolicy');
  assert.deepEqual(
    both.map(({ labelDetails }) => labelDetails?.description),
    ['networking.k8s.io/v1', 'projectcalico.org/v3'],
  );
  assert.match(String(both[0]?.documentation), /some pods of one namespace/);
});

test('a NetworkPolicy is written from its fields, in block and in flow style', async (t) => {
  const complete = await completing(t);
  await agree(complete, [
    [`${head}|>`, 'spec', `${head}spec:\n  podSelector:\n    matchLabels:\n      \n  policyTypes:\n    - Ingress`],
    [plain('|>'), 'podSelector: {}', plain('podSelector: {}')],
    [plain('po|>', 'ingress: []'), 'podSelector', plain('podSelector:', '  matchLabels:', '    ', 'ingress: []')],
    [plain('|>'), 'policyTypes: Ingress and Egress', plain('policyTypes:', '  - Ingress', '  - Egress')],
    [
      plain('podSelector: {}', '|>'),
      'ingress',
      plain(
        'podSelector: {}',
        'ingress:',
        '  - from:',
        '      - ',
        '    ports:',
        '      - protocol: TCP',
        '        port: ',
      ),
    ],
    [plain('ingress:', '  - |>'), 'from', plain('ingress:', '  - from:', '      - ')],
    [plain('ingress:', '  -|>'), 'from', plain('ingress:', '  - from:', '      - ')],
    [plain('ingress:', '  |>'), 'ports', plain('ingress:', '  - ports:', '      - protocol: TCP', '        port: ')],
    [plain('ingress: |>'), 'from', plain('ingress:', '  - from:', '      - ')],
    [plain('podSelector: |>'), '{}', plain('podSelector: {}')],
    [plain('podSelector: |>'), 'matchLabels', plain('podSelector:', '  matchLabels:', '    ')],
    [
      plain('ingress:', '  - from:', '      - |>'),
      'namespaceSelector AND podSelector',
      plain(
        'ingress:',
        '  - from:',
        '      - namespaceSelector:',
        '          matchLabels:',
        '            kubernetes.io/metadata.name: ',
        '        podSelector:',
        '          matchLabels:',
        '            ',
      ),
    ],
    [
      plain('egress:', '  - to:', '      - ip|>'),
      'ipBlock with except',
      plain(
        'egress:',
        '  - to:',
        '      - ipBlock:',
        '          cidr: ',
        '          except:',
        '            - 169.254.0.0/16',
      ),
    ],
    [
      plain('podSelector:', '  match|>'),
      'matchExpressions',
      plain('podSelector:', '  matchExpressions:', '    - key: ', '      operator: In', '      values:', '        - '),
    ],
    [
      plain('podSelector:', '  matchExpressions:', '    - key: app', '      operator: |>'),
      'DoesNotExist',
      plain('podSelector:', '  matchExpressions:', '    - key: app', '      operator: DoesNotExist'),
    ],
    [plain('policyTypes:', '  - |>'), 'Egress', plain('policyTypes:', '  - Egress')],
    [plain('policyTypes: [Ingress, |>]'), 'Egress', plain('policyTypes: [Ingress, Egress]')],
    [plain('ingress:', '- ports:', '  - |>'), 'port', plain('ingress:', '- ports:', '  - port: ')],
    [plain('ingress:', '- ports:', '  - protocol: "|>"'), 'UDP', plain('ingress:', '- ports:', '  - protocol: "UDP"')],
    // A name that has its colon, and one whose value stands below, are only replaced.
    [plain('ing|>ress: []'), 'egress', plain('egress: []')],
    [plain('ing|>', '  - from: []'), 'ingress', plain('ingress:', '  - from: []')],
    [
      plain('ingress:', '- from: []', '|>'),
      'egress',
      plain('ingress:', '- from: []', 'egress:', '- to:', '  - ', '  ports:', '  - protocol: TCP', '    port: '),
    ],
    [
      `${head}spec: {podSelector: {}, |>}\n`,
      'egress',
      `${head}spec: {podSelector: {}, egress: [{to: [], ports: [{protocol: TCP, port: }]}]}\n`,
    ],
    [
      `${head}spec: {\n  podSelector: {},\n  po|>\n}\n`,
      'policyTypes',
      `${head}spec: {\n  podSelector: {},\n  policyTypes: [Ingress]\n}\n`,
    ],
    [
      `${head}spec: {ingress: [{from: [{|>}]}]}\n`,
      'podSelector',
      `${head}spec: {ingress: [{from: [{podSelector: {matchLabels: {}}}]}]}\n`,
    ],
  ]);
});

test('the DNS rule is that of the cluster, and four spaces stay four spaces', async (t) => {
  const complete = await completing(t);
  const dns = labelled(await complete(plain('egress:', '  - |>')), 'DNS');
  assert.match(
    accepted(unmarked(plain('egress:', '  - |>')).text, dns),
    /kube-system[\s\S]*UDP\n +port: 53[\s\S]*TCP\n +port: 53/,
  );
  await agree(complete, [
    [
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n    name: x\nspec:\n    podSelector: {}\n    |>\n',
      'policyTypes',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n    name: x\nspec:\n    podSelector: {}\n    policyTypes:\n        - Ingress\n',
    ],
  ]);
});

test('policies of Calico, of Cilium and of the cluster are written from their own fields', async (t) => {
  const complete = await completing(t);
  await agree(complete, [
    [
      calico('ingress|>'),
      'ingress',
      calico(
        'ingress:',
        '  - action: Allow',
        '    protocol: TCP',
        '    source:',
        '      selector: ',
        '    destination:',
        '      ports:',
        '        - 8080',
      ),
    ],
    [calico('ingress:', '  - action: |>'), 'Pass', calico('ingress:', '  - action: Pass')],
    [calico('ingress:', '  - |>'), 'action', calico('ingress:', '  - action: ')],
    [
      calico('doNot|>').replace('kind: N', 'kind: GlobalN'),
      'doNotTrack',
      calico('doNotTrack: ').replace('kind: N', 'kind: GlobalN'),
    ],
    [
      calico('doNotTrack: |>').replace('kind: N', 'kind: GlobalN'),
      'true',
      calico('doNotTrack: true').replace('kind: N', 'kind: GlobalN'),
    ],
    [cilium('enableDefaultDeny:', '  |>'), 'ingress', cilium('enableDefaultDeny:', '  ingress: ')],
    [
      cilium('egress:', '  - toEntities:', '      - |>'),
      'world',
      cilium('egress:', '  - toEntities:', '      - world'),
    ],
    [
      cilium('egress:', '  - |>'),
      'toPorts',
      cilium('egress:', '  - toPorts:', '      - ports:', '          - port: "8080"', '            protocol: TCP'),
    ],
    [
      cilium('|>'),
      'egress to domain names, with DNS',
      cilium(
        'egress:',
        '  - toEndpoints:',
        '      - matchLabels:',
        '          k8s:io.kubernetes.pod.namespace: kube-system',
        '          k8s:k8s-app: kube-dns',
        '    toPorts:',
        '      - ports:',
        '          - port: "53"',
        '            protocol: ANY',
        '        rules:',
        '          dns:',
        '            - matchPattern: "*"',
        '  - toFQDNs:',
        '      - matchName: ',
        '    toPorts:',
        '      - ports:',
        '          - port: "443"',
        '            protocol: TCP',
      ),
    ],
    [cluster('tier: |>'), 'Baseline', cluster('tier: Baseline')],
    [
      cluster('egress:', '  - action: Accept', '    |>'),
      'to',
      cluster('egress:', '  - action: Accept', '    to:', '      - '),
    ],
    [
      cluster('egress:', '  - action: Accept', '    prot|>'),
      'protocols',
      cluster(
        'egress:',
        '  - action: Accept',
        '    protocols:',
        '      - tcp:',
        '          destinationPort:',
        '            number: ',
      ),
    ],
  ]);
  // A peer of these is exactly one thing.
  const more = await complete(cluster('egress:', '  - to:', '      - pods: {}', '        |>'));
  assert.deepEqual(more, []);
});

test('fields come with their documentation, required ones first, those that are there not at all', async (t) => {
  const complete = await completing(t);
  const items = await complete(plain('egress:', '  - to:', '      - ipBlock:', '          |>'));
  assert.deepEqual(
    items.map(({ label }) => label),
    ['cidr', 'except'],
  );
  const { documentation } = labelled(items, 'cidr');
  assert.ok(typeof documentation === 'object' && /CIDR form[\s\S]*Required/.test(documentation.value));
  const labels = async (marked: string) => (await complete(marked)).map(({ label }) => label);
  assert.deepEqual((await labels(calico('|>'))).slice(0, 2), ['types', 'selector']);
  assert.ok(
    !(await labels(plain('podSelector: {}', '|>', 'ingress: []'))).some((each) => /^(podS|ingress)/.test(each)),
  );
  // Nothing stands beside an ipBlock, and it beside nothing.
  assert.deepEqual(await labels(plain('ingress:', '  - from:', '      - ipBlock: {}', '        |>')), []);
  assert.deepEqual(await labels(plain('ingress:', '  - from:', '      - podSelector: {}', '        |>')), [
    'namespaceSelector',
  ]);
  // What only the server writes.
  assert.ok(!(await labels(`${head}  |>`)).includes('uid'));
  const udp = labelled(await complete(plain('ingress:', '  - ports:', '      - protocol: |>')), 'UDP');
  assert.ok(typeof udp.documentation === 'object' && /DNS/.test(udp.documentation.value));
});

test('nothing is offered within text, templates, and files that are no manifests', async (t) => {
  const complete = await completing(t);
  const nothing = [
    `${head}# a comment, in gr|>\n`,
    `${head}  annotations:\n    note: |\n      spec|>\n`,
    `${head}  annotations:\n    note: >-\n      po: x\n      in|>\n`,
    `${head}  annotations:\n    note: some text|>\n`,
    `${head}  annotations:\n    |>`,
    head.replace('name: x', 'name: in|>'),
    plain('podSelector: {{ .Values.po|> }}'),
    plain('{{- with .Values|>'),
    plain('podSelector: {}|>'),
    'name: ci\non: push\n|>',
    'services:\n  web:\n    |>',
    `${head}---|>\n`,
    '- |>',
    `\0${head}|>`,
    'a text\n|>',
  ];
  for (const marked of nothing) assert.deepEqual(await complete(marked), [], marked);
  const around = plain('{{- if .Values.open }}', '|>', '{{- end }}', 'policyTypes: [Ingress]');
  assert.deepEqual(
    (await complete(around)).map(({ label }) => label),
    ['podSelector', 'ingress', 'egress', 'podSelector: {}'],
  );
  const other = await completing(t, { path: 'kustomization.yaml', files: {} });
  assert.deepEqual(await other('|>'), []);
});

test('a blank that is typed has something offered behind a dash or a colon only', async (t) => {
  const complete = await completing(t);
  const typed = { triggerKind: 2, triggerCharacter: ' ' } as const;
  assert.deepEqual(await complete(plain('  |>'), typed), []);
  assert.deepEqual(await complete(' |>', typed), []);
  assert.deepEqual(await complete(`${head}# |>\n`, typed), []);
  assert.deepEqual(await complete(plain('|>').replace(/ +$/, '('), { triggerKind: 2, triggerCharacter: '(' }), []);
  assert.ok((await complete(plain('policyTypes:', '  - |>'), typed)).length > 0);
  assert.ok((await complete(plain('podSelector: |>'), typed)).length > 0);
  assert.ok((await complete(`# netpol-disable-next-line |>\n${head}`, typed)).length > 0);
});

test('what makes room for more has VS Code ask again, and a plainer client gets plain text', async (t) => {
  const complete = await completing(t);
  const spec = labelled(await complete(`${head}|>`), 'spec');
  assert.equal(spec.command?.command, askAgain);
  assert.equal(spec.insertTextFormat, 2);
  assert.equal(labelled(await complete(`${head.replace('name: x', '')}  |>`), 'name').command, undefined);
  const poor = await completing(t, { capabilities: {} });
  const plainSpec = labelled(await poor(`${head}|>`), 'spec');
  assert.deepEqual(
    [plainSpec.command, plainSpec.insertTextFormat, plainSpec.textEdit?.newText],
    [undefined, undefined, 'spec:\n  podSelector:\n    matchLabels:\n      '],
  );
  assert.ok(typeof plainSpec.documentation === 'object' && plainSpec.documentation.kind === 'plaintext');
  assert.equal(labelled(await poor(plain('|>')), 'policyTypes').textEdit?.newText, 'policyTypes:\n    - Ingress');
  assert.equal(labelled(await poor('kind: |>'), 'NetworkPolicy').detail, 'networking.k8s.io/v1');
});

test('an empty document gets whole standard policies, as `netpol add` writes them for its namespace', async (t) => {
  const complete = await completing(t);
  for (const marked of ['|>', '---\n|>', '# notes\n|>', `${plain('podSelector: {}')}---\n|>`, '\uFEFF|>']) {
    const items = await complete(marked);
    const deny = labelled(items, 'Default deny: ingress and egress');
    const text = accepted(unmarked(marked).text, deny);
    const added = text.slice(unmarked(marked).text.length);
    assert.match(
      added,
      /^(?:#.*\n)*apiVersion: networking\.k8s\.io\/v1\nkind: NetworkPolicy\nmetadata:\n {2}name: default-deny-all\n {2}namespace: shop\n/,
    );
    assert.deepEqual(problems(text), []);
    assert.ok(typeof deny.documentation === 'object' && deny.documentation.value.includes('policyTypes'));
  }
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/new.yaml': '' }, capabilities: vscode });
  const uri = server.uri('policies/new.yaml');
  await server.open(uri, '');
  const items: CompletionItem[] = await server.connection.sendRequest('textDocument/completion', {
    textDocument: { uri },
    position: { line: 0, character: 0 },
  });
  const dns = accepted('', labelled(items, 'Allow DNS'));
  await server.change(uri, 2, [{ text: dns }]);
  assert.deepEqual(await server.codes(uri), []);
});

test('rules to silence: those that find something here first, then the others', async (t) => {
  const complete = await completing(t);
  const silent = (directive: string) =>
    plain('podSelector:', '  matchLabels:', `    # ${directive}|>`, '    app: nobody');
  const first = (await complete(silent('netpol-disable-next-line ')))[0];
  assert.equal(first?.label, 'selector-matches-nothing');
  assert.match(String(first.documentation), /Here: /);
  await agree(complete, [
    [
      silent('netpol-disable-next-line sel'),
      'selector-matches-nothing',
      silent('netpol-disable-next-line selector-matches-nothing').replace('|>', ''),
    ],
    [
      silent('netpol-disable-next-line invalid-port, '),
      'invalid-cidr',
      silent('netpol-disable-next-line invalid-port, invalid-cidr').replace('|>', ''),
    ],
    [silent('net'), 'netpol-disable-next-line', silent('netpol-disable-next-line ').replace('|>', '')],
    [plain('podSelector: {} # net|>'), 'netpol-disable-line', plain('podSelector: {} # netpol-disable-line ')],
    ['#|>\n', 'netpol-disable', '# netpol-disable \n'],
  ]);
  assert.deepEqual(await complete(silent('netpol-disable-next-line invalid-port -- becau')), []);
  assert.deepEqual(await complete(silent('the network')), []);
});

function problems(text: string): readonly string[] {
  return SourceFile.of('file:///x.yaml', text).documents.flatMap(({ document }) =>
    document.problems.map(({ message }) => message),
  );
}
