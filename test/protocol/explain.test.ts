import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkspaceEdit } from 'vscode-languageserver-protocol';
import type { EndpointItem } from '#server/features/explain/endpoints-request.js';
import type { ExplainResult, RepairsResult } from '#server/features/explain/explain-request.js';
import { apiPolicy, denyEgress, frontend, shop } from './manifests.js';
import { applied, positionOf, ServerProcess } from './server-process.js';

const files = { files: { ...shop, 'policies/deny.yaml': denyEgress } };

test('netpol/endpoints lists what can be asked about', async (t) => {
  const server = await ServerProcess.start(t, files);
  const items = await server.connection.sendRequest<EndpointItem[]>('netpol/endpoints', {
    textDocument: { uri: server.uri('policies/api.yaml') },
  });
  assert.ok(
    items.some(({ name, kind }) => name === 'shop/api[Deployment]' && kind === 'workload'),
    JSON.stringify(items),
  );
  assert.deepEqual(items.at(-1), { name: 'internet', kind: 'outside', ports: [] });
});

test('netpol/explain answers for every pair of them, with links to the lines', async (t) => {
  const server = await ServerProcess.start(t, files);
  const textDocument = { uri: server.uri('policies/api.yaml') };
  const ask = (params: object) =>
    server.connection.sendRequest<ExplainResult>('netpol/explain', { textDocument, ...params });
  const items = await server.connection.sendRequest<EndpointItem[]>('netpol/endpoints', { textDocument });
  for (const { name: from } of items) {
    for (const { name: to } of items) assert.ok('markdown' in (await ask({ from, to })), `${from} to ${to}`);
  }
  const blocked = await ask({ from: 'frontend', to: 'api', port: 8080 });
  assert.ok('markdown' in blocked);
  assert.equal(blocked.verdict, 'blocked');
  assert.match(blocked.markdown, /^\*\*Blocked: shop\/frontend/);
  assert.ok(blocked.markdown.includes(`](${server.uri('policies/deny.yaml')}#L`), blocked.markdown);
  const unknown = await ask({ from: 'frontnd', to: 'api' });
  assert.ok('problem' in unknown && unknown.problem.includes('did you mean shop/frontend[Deployment]?'));
  const wrong = await ask({ from: 'frontend', to: 'api', port: 0 });
  assert.ok('problem' in wrong && wrong.problem.startsWith('0 is no port'));
});

test('netpol/endpoints tells the likely end for the place of the cursor, with labels and ports', async (t) => {
  const server = await ServerProcess.start(t, files);
  const here = async (path: string, text: string, at: string) => {
    const items = await server.connection.sendRequest<EndpointItem[]>('netpol/endpoints', {
      textDocument: { uri: server.uri(path) },
      position: positionOf(text, at),
    });
    return items.filter((item) => item.here !== undefined);
  };
  const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }];
  const apiItem = { name: 'shop/api[Deployment]', kind: 'workload', ports, labels: 'app=api' };
  const frontendItem = { name: 'shop/frontend[Deployment]', kind: 'workload', ports, labels: 'app=frontend' };
  assert.deepEqual(await here('workloads/frontend.yaml', frontend, 'spec'), [{ ...frontendItem, here: 'from' }]);
  assert.deepEqual(await here('policies/api.yaml', apiPolicy, 'ingress:'), [{ ...apiItem, here: 'to' }]);
  const denied = await here('policies/deny.yaml', denyEgress, 'kind');
  assert.deepEqual(
    new Map(denied.map((item) => [item.name, item.here])),
    new Map([
      [apiItem.name, 'from'],
      [frontendItem.name, 'from'],
    ]),
  );
});

test('netpol/repair gives the edit behind a title, and after it the answer is: allowed', async (t) => {
  const server = await ServerProcess.start(t, files);
  const uri = server.uri('policies/deny.yaml');
  const asked = { textDocument: { uri }, from: 'frontend', to: 'api', port: 8080 };
  const explain = () => server.connection.sendRequest<ExplainResult>('netpol/explain', asked);
  const repair = (title: string) =>
    server.connection.sendRequest<WorkspaceEdit | null>('netpol/repair', { ...asked, title });
  const blocked = await explain();
  assert.ok('markdown' in blocked);
  assert.equal(blocked.title, 'frontend → api');
  assert.match(blocked.markdown, /\*\*What would allow it\*\*\n\n1\. Allow egress of shop\/frontend/);
  assert.ok(blocked.repairable);
  const { repairs } = await server.connection.sendRequest<RepairsResult>('netpol/repairs', asked);
  const [first] = repairs;
  assert.ok(first !== undefined);
  const { title, where } = first;
  assert.equal(where, 'new policy frontend-to-api');
  const edit = await repair(title);
  assert.ok(edit !== null);
  assert.deepEqual(Object.keys(edit.changes ?? {}), [uri]);
  await server.open(uri, denyEgress);
  await server.change(uri, 2, [{ text: applied(edit, uri, denyEgress) }]);
  const after = await explain();
  assert.ok('markdown' in after);
  assert.equal(after.verdict, 'allowed');
  // The question has another answer now: the old edit must not be made on the new text.
  assert.equal(await repair(title), null);
  // And the reverse: what cuts it again.
  assert.ok(after.repairable);
  assert.match(after.markdown, /\*\*What would cut it\*\*\n\n1\. Cut/);
  const cuts = await server.connection.sendRequest<RepairsResult>('netpol/repairs', asked);
  assert.equal(cuts.aim, 'cut');
  const cut = await repair(cuts.repairs[0]?.title ?? '');
  assert.ok(cut !== null);
  const texts: Readonly<Record<string, string>> = files.files;
  for (const changed of Object.keys(cut.changes ?? {})) {
    const before =
      changed === uri ? applied(edit, uri, denyEgress) : (texts[changed.replace(server.uri(''), '')] ?? '');
    if (changed !== uri) await server.open(changed, before);
    await server.change(changed, 3, [{ text: applied(cut, changed, before) }]);
  }
  const severed = await explain();
  assert.ok('markdown' in severed);
  assert.equal(severed.verdict, 'blocked');
  const everyPort = await server.connection.sendRequest<ExplainResult>('netpol/explain', {
    textDocument: { uri },
    from: 'api',
    to: 'frontend',
  });
  assert.ok('markdown' in everyPort && everyPort.markdown.endsWith('_Ask about one port to see what would allow it._'));
});

test('in a large cluster edits are tried only when they are asked for', async (t) => {
  const pod = (n: number) => `apiVersion: v1
kind: Pod
metadata: {name: pod-${n}, namespace: crowd, labels: {app: pod-${n}}}
spec: {containers: [{name: main, image: main}]}
`;
  const crowd = Array.from({ length: 500 }, (_, n) => pod(n)).join('---\n');
  const server = await ServerProcess.start(t, { files: { ...files.files, 'crowd.yaml': crowd } });
  const asked = {
    textDocument: { uri: server.uri('policies/deny.yaml') },
    from: 'frontend',
    to: 'api',
    port: 8080,
  };
  const answer = await server.connection.sendRequest<ExplainResult>('netpol/explain', asked);
  assert.ok('markdown' in answer);
  assert.ok(answer.repairable);
  assert.doesNotMatch(answer.markdown, /What would allow it/);
  const { repairs } = await server.connection.sendRequest<RepairsResult>('netpol/repairs', asked);
  assert.ok(repairs.length > 0);
});
