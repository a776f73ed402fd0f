import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { completionsAt } from '#server/features/completion/completion.js';
import { parseSelector } from '#server/kinds/calico/selector-grammar.js';
import { Netpol } from '#server/service.js';
import { SourceFile } from '#server/text/file.js';
import { nodeAt } from '#server/text/paths.js';
import { stringOf } from '#server/text/tree.js';
import { shop } from './manifests.js';
import { ServerProcess } from './server-process.js';

const others = `apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {team: platform}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus, namespace: ops}
spec:
  selector: {matchLabels: {app: prometheus}}
  template:
    metadata: {labels: {app: prometheus, tier: metrics}}
    spec:
      serviceAccountName: scraper
      containers: [{name: prometheus, image: registry.example/prometheus:1}]
---
apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: partners, namespace: shop, labels: {partner: bank}}
spec: {nets: [192.0.2.0/24]}
`;

const files = { files: { ...shop, 'others.yaml': others, 'calico.yaml': '' } };

const policy = (spec: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
${spec}`;

const subject = (written: string) => policy(`  selector: ${written}\n  types: [Ingress]\n`);
const peer = (...lines: string[]) =>
  policy(
    `  selector: all()\n  ingress:\n    - action: Allow\n      source:\n${lines.map((line) => `        ${line}\n`).join('')}`,
  );

type Complete = (marked: string) => Promise<{ items: CompletionItem[]; document: TextDocument }>;

async function completing(t: Parameters<typeof ServerProcess.start>[0]): Promise<Complete> {
  const server = await ServerProcess.start(t, files);
  const uri = server.uri('calico.yaml');
  let version = 0;
  return async (marked) => {
    const offset = marked.indexOf('|>');
    const text = marked.replace('|>', '');
    version++;
    if (version === 1) await server.open(uri, text);
    else await server.change(uri, version, [{ text }]);
    const document = TextDocument.create(uri, 'yaml', version, text);
    const items: CompletionItem[] = await server.connection.sendRequest('textDocument/completion', {
      textDocument: { uri },
      position: document.positionAt(offset),
    });
    return { items, document };
  };
}

test('labels, operators, values and functions of a Calico selector are offered, and stand right when accepted', async (t) => {
  const complete = await completing(t);
  const cases: readonly (readonly [marked: string, label: string, wanted: string])[] = [
    [subject('|>'), 'app', subject('app')],
    [subject('a|>'), 'app', subject('app')],
    [subject('n|>'), 'app', subject('app')],
    [subject('""').replace('""', '"|>"'), 'app', subject('"app"')],
    [subject('app |>'), '==', subject('app ==')],
    [subject('app == |>'), "'api'", subject("app == 'api'")],
    [subject("app == '|>"), 'api', subject("app == 'api'")],
    [subject("app == '|>'"), 'api', subject("app == 'api'")],
    [subject("app == 'fr|>ont' && all()"), 'api', subject("app == 'api' && all()")],
    [subject("app == '|>' && tier == 'x'"), 'api', subject("app == 'api' && tier == 'x'")],
    [subject('"app == |>"'), "'api'", subject(`"app == 'api'"`)],
    [subject("'app == |>'"), '"api"', subject(`'app == "api"'`)],
    [subject("'app == ''|>'''"), 'api', subject("'app == ''api'''")],
    [subject("'app == ''|>'"), 'api', subject("'app == ''api'''")],
    [subject('app in |>'), "{'api'}", subject("app in {'api'}")],
    [subject("app in {'api', '|>'}"), 'frontend', subject("app in {'api', 'frontend'}")],
    [subject("app not in {'api' |>"), '}', subject("app not in {'api' }")],
    [subject("app == 'api' |>"), '&&', subject("app == 'api' &&")],
    [subject("app == 'api' && |>"), 'has(', subject("app == 'api' && has(")],
    [subject("app == 'api' && |>"), '!has(', subject("app == 'api' && !has(")],
    [subject('has(|>'), 'app)', subject('has(app)')],
    [subject('has(|>)'), 'app', subject('has(app)')],
    [subject('has(ap|>p)'), 'app', subject('has(app)')],
    [subject('has(app |>'), ')', subject('has(app )')],
    [subject('>-\n    app == |>'), "'api'", subject(">-\n    app == 'api'")],
    [subject(">-\n    app == 'api' &&\n    t|>"), 'all()', subject(">-\n    app == 'api' &&\n    all()")],
    [subject("(app == 'api' || |>"), 'all()', subject("(app == 'api' || all()")],
    [
      subject('projectcalico.org/serviceaccount == |>'),
      "'default'",
      subject("projectcalico.org/serviceaccount == 'default'"),
    ],
    [peer('selector: |>'), 'partner', peer('selector: partner')],
    [peer('notSelector: app == |>'), "'frontend'", peer("notSelector: app == 'frontend'")],
    [
      peer('selector: tier == |>', 'namespaceSelector: all()'),
      "'metrics'",
      peer("selector: tier == 'metrics'", 'namespaceSelector: all()'),
    ],
    [
      peer('selector: |>', 'namespaceSelector: all()'),
      'pcns.team',
      peer('selector: pcns.team', 'namespaceSelector: all()'),
    ],
    [peer('namespaceSelector: |>'), 'global()', peer('namespaceSelector: global()')],
    [peer('namespaceSelector: team == |>'), "'platform'", peer("namespaceSelector: team == 'platform'")],
    [
      peer('namespaceSelector: projectcalico.org/name == |>'),
      "'ops'",
      peer("namespaceSelector: projectcalico.org/name == 'ops'"),
    ],
    [
      peer('serviceAccounts:', '  selector: projectcalico.org/name == |>'),
      "'scraper'",
      peer('serviceAccounts:', "  selector: projectcalico.org/name == 'scraper'"),
    ],
  ];
  for (const [marked, label, wanted] of cases) {
    const { items, document } = await complete(marked);
    const item = items.find((each) => each.label === label);
    assert.ok(
      item?.textEdit && 'range' in item.textEdit,
      `${marked}\n${label} in ${items.map((each) => each.label).join()}`,
    );
    assert.equal(TextDocument.applyEdits(document, [item.textEdit]), wanted, marked);
  }
});

test('what a place does not take, and what the policy cannot select, is not offered', async (t) => {
  const complete = await completing(t);
  const cases: readonly (readonly [marked: string, labels: RegExp])[] = [
    // Pods of another namespace, their labels, and functions that Calico refuses here.
    [subject("app == 'api' && |>"), /tier|global|pcns|partner/],
    [subject('app == |>'), /prometheus|==/],
    // A plain value that began so would be a tag of YAML.
    [subject('|>'), /!has/],
    [peer("namespaceSelector: team == 'platform' && |>"), /global|^app$/],
    [subject('app = |>'), /./],
    [subject('app == api |>'), /./],
    [subject('{{ .Values.selector }} && |>'), /./],
    ['apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec:\n  selector: |>\n', /has|==/],
    ['apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec:\n  podSelector: |>\n', /has|==/],
    [subject('all() # |>'), /has|==/],
    [subject('all()').replace('selector', 'sel|>ector'), /has|==/],
  ];
  for (const [marked, labels] of cases) {
    const { items } = await complete(marked);
    assert.deepEqual(
      items.map(({ label }) => label).filter((label) => labels.test(label)),
      [],
      marked,
    );
  }
});

test('whatever is accepted, wherever in a selector, Calico can read on from there', async () => {
  const expression = "app in {'api', 'web'} && !has(tier) || (name starts with 'x' && all())";
  const uri = 'file:///w/calico.yaml';
  const provider = { list: async () => ['file:///w/others.yaml'], read: async () => ({ text: others }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  let accepted = 0;
  for (const [open, close, inner] of [
    ['', '', "'"],
    ['"', '"', "'"],
    ["'", "'", '"'],
    ["'", "'", "''"],
  ] as const) {
    for (let end = 0; end <= expression.length; end++) {
      const typed = peer(
        `selector: ${open}${expression.slice(0, end).replaceAll("'", inner)}|>${close}`,
        'namespaceSelector: all()',
      );
      const text = typed.replace('|>', '');
      netpol.workspace.setBuffer(uri, text, 1);
      const document = TextDocument.create(uri, 'yaml', 1, text);
      for (const { label, textEdit } of completionsAt(netpol, uri, typed.indexOf('|>'))) {
        assert.ok(textEdit && 'range' in textEdit);
        const after = TextDocument.applyEdits(document, [textEdit]);
        const { document: read } = SourceFile.of(uri, after).documents[0] ?? {};
        const path = ['spec', 'ingress', 0, 'source', 'selector'];
        const written = read === undefined ? undefined : stringOf(nodeAt(read, path));
        const { fault } = parseSelector(written ?? '');
        assert.ok(written !== undefined && (fault === undefined || fault.atEnd), `${typed}\n${label} gives ${after}`);
        accepted++;
      }
    }
  }
  assert.ok(accepted > 1000, `${accepted} were accepted`);
});
