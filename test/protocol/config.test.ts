import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { shop } from './manifests.js';
import { applied, ServerProcess } from './server-process.js';

/** The items at the `|` of the configuration. */
async function complete(server: ServerProcess, marked: string, version: number) {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const uri = server.uri('.netpol.yaml');
  if (version === 1) await server.open(uri, text);
  else await server.change(uri, version, [{ text }]);
  const document = TextDocument.create(uri, 'yaml', version, text);
  const items: CompletionItem[] = await server.connection.sendRequest('textDocument/completion', {
    textDocument: { uri },
    position: document.positionAt(offset),
  });
  return { items, text, document };
}

/** The text after the item of this label is accepted, and the labels that were offered. */
async function accepting(server: ServerProcess, marked: string, label: string, version: number): Promise<string> {
  const { items, document } = await complete(server, marked, version);
  const item = items.find((each) => each.label === label);
  assert.ok(item?.textEdit && 'range' in item.textEdit, `${label} in ${items.map((each) => each.label).join()}`);
  return TextDocument.applyEdits(document, [item.textEdit]);
}

test('keys, values, rules and ready-made parts are offered as the text is typed', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  assert.ok(server.initialized.capabilities.completionProvider);
  const cases: readonly (readonly [string, string, string])[] = [
    ['|', 'cni', 'cni: '],
    ['cl|', 'cluster', 'cluster:\n  '],
    ['cni: |', 'cilium', 'cni: cilium'],
    ['cni: ca|', 'calico', 'cni: calico'],
    ['cni: "ca|"', 'calico', 'cni: "calico"'],
    ['cluster:\n  pod|', 'podCIDRs', 'cluster:\n  podCIDRs:\n    - '],
    ['cluster:\n  pod|: []', 'podCIDRs', 'cluster:\n  podCIDRs: []'],
    ['cluster:\n  istioAmbient: |', 'true', 'cluster:\n  istioAmbient: true'],
    ['cluster:\n  nodeLocalDNS: |', 'true', 'cluster:\n  nodeLocalDNS: true'],
    ['cluster:\n  ingressControllers:\n    - |', 'traefik', 'cluster:\n  ingressControllers:\n    - traefik'],
    ['cluster:\n  ingressControllers:\n    - |', 'namespace', 'cluster:\n  ingressControllers:\n    - namespace: '],
    ['cluster: {|}', 'dns', 'cluster: {dns: {}}'],
    [
      'cluster:\n  |',
      'dns (OpenShift)',
      'cluster:\n  dns:\n    namespace: openshift-dns\n    labels:\n      dns.operator.openshift.io/daemonset-dns: default\n    ports: [5353]',
    ],
    ['rules:\n  dns|', 'dns-egress-missing', 'rules:\n  dns-egress-missing: '],
    ['rules: {dns-egress-missing: |}', 'off', 'rules: {dns-egress-missing: "off"}'],
    ['scop|', 'scopes', 'scopes:\n  - name: '],
    ['scopes:\n  - name: a\n    |', 'include', 'scopes:\n  - name: a\n    include:\n      - '],
  ];
  for (const [i, [marked, label, wanted]] of cases.entries()) {
    assert.equal(await accepting(server, marked, label, i + 1), wanted, marked);
  }
});

test('what is there is not offered again, nor a former name, nor anything where nothing fits', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const labels = async (marked: string, version: number) =>
    (await complete(server, marked, version)).items.map(({ label }) => label);
  assert.ok(!(await labels('cni: calico\n|', 1)).includes('cni'));
  const cluster = await labels('cluster:\n  |\n  podCIDRs: []\n', 2);
  assert.ok(cluster.includes('dns') && !cluster.includes('podCIDRs') && !cluster.includes('ingressController'));
  assert.deepEqual(await labels('rules: {}|', 3), []);
  assert.deepEqual(await labels('exclude:\n  - |', 4), []);
  assert.deepEqual(await labels('nothing:\n  - |', 5), []);
  assert.deepEqual(await labels('# c|', 6), []);
  const crlf = await complete(server, 'cni: calico\r\nclu|', 7);
  const edit = crlf.items.find(({ label }) => label === 'cluster')?.textEdit;
  assert.equal(edit?.newText, 'cluster:\r\n  ');
  // A policy is not a configuration.
  const items: CompletionItem[] = await server.connection.sendRequest('textDocument/completion', {
    textDocument: { uri: server.uri('policies/api.yaml') },
    position: { line: 0, character: 0 },
  });
  assert.deepEqual(
    items.map(({ label }) => label).filter((label) => label === 'cni'),
    [],
  );
});

test('an item says what it means', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const doc = async (marked: string, label: string, version: number) =>
    JSON.stringify((await complete(server, marked, version)).items.find((each) => each.label === label)?.documentation);
  assert.match(await doc('rules:\n  |', 'dns-egress-missing', 1), /DNS/);
  assert.match(await doc('cni: |', 'flannel', 2), /enforces no policies/);
  assert.match(await doc('|', 'scopes', 3), /cluster/);
});

test('the hover says what a setting and its value mean', async (t) => {
  const text = 'cni: flannel\ncluster:\n  dns:\n    ports: [53]\nrules:\n  dns-egress-missing: off\nnothing: 1\n';
  const server = await ServerProcess.start(t, { files: { ...shop, '.netpol.yaml': text } });
  const uri = server.uri('.netpol.yaml');
  assert.match((await server.hover(uri, text, 'cni')) ?? '', /^`cni` \(string, one of auto, .*\)[\s\S]*Left out: auto/);
  assert.match((await server.hover(uri, text, 'flannel')) ?? '', /^\*\*flannel\*\*: Flannel without a policy engine/);
  assert.match((await server.hover(uri, text, 'ports')) ?? '', /5353 on OpenShift/);
  assert.match((await server.hover(uri, text, 'dns-egress')) ?? '', /DNS/);
  assert.equal(await server.hover(uri, text, 'nothing'), null);
});

test('what is wrong is a diagnostic with its fix, and goes with it', async (t) => {
  const text = 'cni: cilum\nrules:\n  dns-egress-mising: off\n';
  const server = await ServerProcess.start(t, { files: { ...shop, '.netpol.yaml': text } });
  const uri = server.uri('.netpol.yaml');
  await server.open(uri, text);
  const diagnostics = await server.pull(uri);
  assert.deepEqual(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [
      ['invalid-configuration', 1],
      ['invalid-configuration', 2],
    ],
  );
  const [first] = diagnostics;
  assert.ok(first);
  const [action] = (await server.actions(uri, first.range)).filter(({ isPreferred }) => isPreferred === true);
  assert.ok(action);
  const after = applied((await server.resolve(action)).edit, uri, text);
  assert.match(after, /^cni: cilium\n/);
  await server.change(uri, 2, [{ text: after.replace('mising', 'missing') }]);
  assert.deepEqual(await server.codes(uri), []);
});

test('the plugin that the manifests install is in the status and in the hover', async (t) => {
  const image = 'quay.io/cilium/cilium:v1.16.3';
  const spec = { template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'agent', image }] } } };
  const cilium = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'cilium', namespace: 'kube-system' },
    spec,
  };
  const server = await ServerProcess.start(t, { files: { ...shop, 'cilium.json': JSON.stringify(cilium) } });
  assert.equal((await server.statuses.where(({ state }) => state === 'ready')).network, 'Cilium');
  const uri = server.uri('policies/api.yaml');
  const hover = await server.hover(uri, shop['policies/api.yaml'] ?? '', 'NetworkPolicy');
  assert.match(
    hover ?? '',
    /The network is taken to be Cilium, which \[DaemonSet kube-system\/cilium\]\(.*cilium\.json#L1\) installs/,
  );
});
