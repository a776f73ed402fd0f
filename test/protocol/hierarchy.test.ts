import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
} from 'vscode-languageserver-protocol';
import { api, apiPolicy, denyEgress, frontend, shop } from './manifests.js';
import { positionOf, ServerProcess } from './server-process.js';

async function prepared(server: ServerProcess, uri: string, text: string, at: string): Promise<CallHierarchyItem[]> {
  const found: CallHierarchyItem[] | null = await server.connection.sendRequest('textDocument/prepareCallHierarchy', {
    textDocument: { uri },
    position: positionOf(text, at),
  });
  return found ?? [];
}

const incoming = (server: ServerProcess, item: unknown): Promise<CallHierarchyIncomingCall[]> =>
  server.connection.sendRequest('callHierarchy/incomingCalls', { item });
const outgoing = (server: ServerProcess, item: unknown): Promise<CallHierarchyOutgoingCall[]> =>
  server.connection.sendRequest('callHierarchy/outgoingCalls', { item });

test('by whom a workload may be reached, on which ports and by which rules', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('workloads/api.yaml');
  for (const at of ['Deployment', 'api\n  namespace', 'containerPort']) {
    const [item, ...more] = await prepared(server, uri, api, at);
    assert.deepEqual([item?.name, item?.detail, item?.uri, more], ['api', 'Deployment in shop', uri, []], at);
  }
  const [item] = await prepared(server, uri, api, 'kind');
  assert.ok(item);
  assert.deepEqual(item.selectionRange, {
    start: positionOf(api, 'api\n  namespace'),
    end: { ...positionOf(api, 'api\n  namespace'), character: positionOf(api, 'api\n  namespace').character + 3 },
  });
  const from = await incoming(server, item);
  assert.deepEqual(
    from.map((call) => [call.from.name, call.from.detail, call.from.uri]),
    [['frontend', 'TCP 8080 · shop/api, ingress rule 1 · Deployment in shop', server.uri('workloads/frontend.yaml')]],
  );
  // Whoever calls has callers of its own.
  const further = await incoming(server, from[0]?.from);
  assert.deepEqual(
    further.map((call) => [call.from.name, call.from.detail]),
    [
      ['outside of the cluster', 'every port · no policy restricts it'],
      ['any pod of the cluster', 'every port · no policy restricts it'],
      ['api', 'every port · no policy restricts it · Deployment in shop'],
    ],
  );
  assert.deepEqual(await incoming(server, further[0]?.from), []);
});

test('whom it may reach, with both ends judged', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('workloads/frontend.yaml');
  const [item] = await prepared(server, uri, frontend, 'kind');
  const to = await outgoing(server, item);
  assert.deepEqual(
    to.map((call) => [call.to.name, call.to.detail]),
    [
      ['outside of the cluster', 'every port · no policy restricts it'],
      ['any pod of the cluster', 'every port · no policy restricts it'],
      ['api', 'TCP 8080 · shop/api, ingress rule 1 · Deployment in shop'],
    ],
  );
  await server.open(server.uri('policies/deny.yaml'), denyEgress);
  assert.deepEqual(await outgoing(server, item), []);
});

test('where the rule stands in the same file, its line is the range of the call', async (t) => {
  const text = `${api}---\n${apiPolicy}---\n${frontend}`;
  const server = await ServerProcess.start(t, { files: { 'all.yaml': text } });
  const [item] = await prepared(server, server.uri('all.yaml'), text, 'kind');
  const [call] = await incoming(server, item);
  const line = text.split('\n').findIndex((each) => each.includes('- from:'));
  assert.equal(call?.fromRanges[0]?.start.line, line);
});

test('on a policy: the workloads that it selects; elsewhere nothing', async (t) => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n';
  const server = await ServerProcess.start(t, { files: { ...shop, 'other.yaml': other } });
  const found = await prepared(server, server.uri('policies/api.yaml'), apiPolicy, 'podSelector');
  assert.deepEqual(
    found.map(({ name, uri }) => [name, uri]),
    [['api', server.uri('workloads/api.yaml')]],
  );
  assert.deepEqual(await prepared(server, server.uri('other.yaml'), other, 'kind'), []);
  assert.deepEqual(await prepared(server, server.uri('nowhere.yaml'), other, 'kind'), []);
  for (const data of [undefined, null, 'x', { scope: 'x', name: 'y' }, { scope: 1 }]) {
    assert.deepEqual(await incoming(server, { ...found[0], data }), []);
    assert.deepEqual(await outgoing(server, { ...found[0], data }), []);
  }
});

test('a level with very many says how many are left out', async (t) => {
  const many = Array.from({ length: 250 }, (_, i) => frontend.replace('name: frontend', `name: f${i}`)).join('---\n');
  const server = await ServerProcess.start(t, { files: { ...shop, 'many.yaml': many } });
  const [item] = await prepared(server, server.uri('workloads/api.yaml'), api, 'kind');
  const calls = await incoming(server, item);
  assert.equal(calls.length, 201);
  const last = calls.at(-1)?.from;
  assert.equal(last?.name, 'and 51 more workloads');
  assert.deepEqual(await incoming(server, last), []);
});
