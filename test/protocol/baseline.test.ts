import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCapabilities, CreateFile, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { parse, parseAllDocuments } from 'yaml';
import { rich, ServerProcess } from './server-process.js';

const creates: ClientCapabilities = {
  ...rich,
  workspace: { ...rich.workspace, workspaceEdit: { documentChanges: true, resourceOperations: ['create'] } },
};

const namespaces = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: v1
kind: Namespace
metadata:
  name: team-b
`;

const workloads = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: c, ports: [{containerPort: 3000}]}]}
`;

const denied = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: team-b}
spec: {podSelector: {}, policyTypes: [Ingress]}
`;

const entry = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 3000}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
`;

const inner = { 'cluster/namespaces.yaml': namespaces, 'apps/web.yaml': workloads, 'apps/deny.yaml': denied };
const files = { ...inner, 'apps/entry.yaml': entry };
const names = [
  '00-default-deny.yaml',
  '10-allow-dns.yaml',
  '20-allow-intra-namespace.yaml',
  '30-allow-ingress-controller.yaml',
  '40-allow-prometheus-scrape.yaml',
  'kustomization.yaml',
];

type Answer = WorkspaceEdit | { taken: string[] } | null;

/** What an edit creates: the texts of new files by URI. It creates each before it fills it, and overwrites none. */
function created(edit: WorkspaceEdit): Map<string, string> {
  const made = new Map<string, string>();
  for (const change of edit.documentChanges ?? []) {
    if ('kind' in change) {
      assert.deepEqual({ ...change, uri: '' } satisfies CreateFile | object, {
        kind: 'create',
        uri: '',
        options: { overwrite: false, ignoreIfExists: false },
      });
      made.set((change as CreateFile).uri, '');
    } else {
      const { textDocument, edits } = change as TextDocumentEdit;
      assert.ok(made.has(textDocument.uri));
      made.set(textDocument.uri, edits.map((each) => ('newText' in each ? each.newText : '')).join(''));
    }
  }
  return made;
}

test('the namespaces that the baseline may be for are known, and the one of a document', async (t) => {
  const server = await ServerProcess.start(t, { files, capabilities: creates });
  const ask = (path?: string) =>
    server.connection.sendRequest('netpol/baselineChoices', {
      ...(path === undefined ? {} : { textDocument: { uri: server.uri(path) } }),
    });
  assert.deepEqual(await ask(), { namespaces: ['shop', 'team-b'] });
  assert.deepEqual(await ask('apps/web.yaml'), { namespaces: ['shop', 'team-b'], here: 'shop' });
  assert.deepEqual(await ask('apps/none.yaml'), { namespaces: ['shop', 'team-b'] });
});

test('the baseline is written as new files, with the ports of the workloads', async (t) => {
  const server = await ServerProcess.start(t, { files, capabilities: creates });
  const folder = server.uri('network-policies/shop');
  const edit = await server.connection.sendRequest<WorkspaceEdit>('netpol/baseline', { namespace: 'shop', folder });
  const made = created(edit);
  assert.deepEqual(
    [...made.keys()],
    names.map((name) => `${folder}/${name}`),
  );
  const ingress = parse(made.get(`${folder}/30-allow-ingress-controller.yaml`) ?? '');
  assert.deepEqual(ingress.spec.ingress[0].ports, [{ protocol: 'TCP', port: 3000 }]);
});

test('files that are there are named, and nothing is written', async (t) => {
  const there = {
    ...files,
    'p/10-allow-dns.yaml': '# mine\n',
    'p/kustomization.yaml': 'resources: [10-allow-dns.yaml]\n',
    'r/kustomization.yml': 'resources: []\n',
  };
  const server = await ServerProcess.start(t, { files: there, capabilities: creates });
  const ask = (namespace: string, path: string) =>
    server.connection.sendRequest<Answer>('netpol/baseline', { namespace, folder: server.uri(path) });
  assert.deepEqual(await ask('shop', 'p'), { taken: ['10-allow-dns.yaml', 'kustomization.yaml'] });
  assert.deepEqual(await ask('shop', 'r'), { taken: ['kustomization.yml'] });
  assert.equal(await ask('No Name', 'q'), null);
});

test('a client that creates no files gets one stream in its document', async (t) => {
  const server = await ServerProcess.start(t, { files, capabilities: rich });
  const folder = server.uri('network-policies/shop');
  assert.equal(await server.connection.sendRequest('netpol/baseline', { namespace: 'shop', folder }), null);
  const textDocument = { uri: server.uri('cluster/namespaces.yaml') };
  const { changes } = await server.connection.sendRequest<WorkspaceEdit>('netpol/baseline', {
    namespace: 'shop',
    folder,
    textDocument,
  });
  assert.deepEqual(Object.keys(changes ?? {}), [textDocument.uri]);
  const [insert] = changes?.[textDocument.uri] ?? [];
  assert.deepEqual(insert?.range.start, { line: 9, character: 0 });
  const documents = parseAllDocuments(namespaces + insert?.newText);
  assert.deepEqual(
    documents.map((document) => document.get('kind')),
    ['Namespace', 'Namespace', ...Array(5).fill('NetworkPolicy')],
  );
});

test('where nothing leads in from outside, what is written says which layer it goes without', async (t) => {
  const server = await ServerProcess.start(t, { files: inner, capabilities: rich });
  const uri = server.uri('cluster/namespaces.yaml');
  const { changes } = await server.connection.sendRequest<WorkspaceEdit>('netpol/baseline', {
    namespace: 'shop',
    folder: server.uri('network-policies/shop'),
    textDocument: { uri },
  });
  const text = changes?.[uri]?.[0]?.newText ?? '';
  assert.match(text, /^# 30-allow-ingress-controller is left out: no Ingress, /m);
  assert.equal(text.match(/kind: NetworkPolicy/g)?.length, 4);
});

test('it is offered on a Namespace object without policies', async (t) => {
  const server = await ServerProcess.start(t, { files, capabilities: creates });
  const uri = server.uri('cluster/namespaces.yaml');
  await server.open(uri, namespaces);
  const at = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 0 } });
  const offered = async (line: number) =>
    (await server.actions(uri, at(line), { only: ['refactor.netpol.add'] })).filter(({ title }) =>
      /baseline/.test(title),
    );
  const [action, ...more] = await offered(1);
  assert.equal(action?.title, 'Add the layered baseline for namespace "shop"');
  assert.deepEqual(more, []);
  assert.deepEqual(await offered(6), [], 'team-b has policies');
  const made = created((await server.resolve(action)).edit ?? {});
  assert.deepEqual(
    [...made.keys()],
    names.map((name) => server.uri(`cluster/network-policies/shop/${name}`)),
  );
});

test('it is offered in a kustomization that builds nothing yet, which gets the list', async (t) => {
  const empty = {
    'a/kustomization.yaml': 'namespace: shop # ours\n',
    'shop/kustomization.yaml': '# to be filled\n',
    'c/kustomization.yaml': 'namespace: shop\nresources: []\n',
    'unknown/kustomization.yaml': '',
  };
  const server = await ServerProcess.start(t, { files: { ...files, ...empty }, capabilities: creates });
  const start = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  for (const [path, text] of Object.entries(empty)) {
    const uri = server.uri(path);
    await server.open(uri, text);
    const actions = await server.actions(uri, start, { only: ['refactor.netpol.add'] });
    const action = actions.find(({ title }) => title === 'Add the layered baseline for namespace "shop"');
    if (path.startsWith('c/') || path.startsWith('unknown/')) {
      assert.equal(action, undefined, path);
      continue;
    }
    assert.ok(action !== undefined, path);
    const { documentChanges = [] } = (await server.resolve(action)).edit ?? {};
    const own = documentChanges.filter((change): change is TextDocumentEdit => 'textDocument' in change);
    const edit = own.find(({ textDocument }) => textDocument.uri === uri)?.edits[0];
    assert.ok(edit !== undefined && 'newText' in edit);
    const after = parse(text + edit.newText);
    assert.equal(after.namespace, 'shop');
    assert.deepEqual(after.resources, names.slice(0, -1));
    assert.equal(documentChanges.filter((change) => 'kind' in change).length, 5);
    await server.close(uri);
  }
});
