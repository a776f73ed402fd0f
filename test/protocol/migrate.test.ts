import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ServerProcess } from './server-process.js';

const anp = `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata:
  name: guard
spec:
  priority: 1
  subject:
    namespaces: {}
  ingress:
    - action: Allow # all
      from:
        - namespaces: {}
`;

const title = 'Migrate to ClusterNetworkPolicy v1alpha2';
const at = (line: number) => ({ start: { line, character: 8 }, end: { line, character: 8 } });

test('an AdminNetworkPolicy is migrated from anywhere in it, and by the fix of its finding', async (t) => {
  const server = await ServerProcess.start(t, { files: {} });
  const uri = server.uri('policies/guard.yaml');
  await server.open(uri, anp);
  assert.deepEqual(await server.codes(uri), ['deprecated-api']);
  const offered = async (line: number, only?: string[]) =>
    (await server.actions(uri, at(line), only && { only })).filter((each) => each.title === title);
  assert.deepEqual(
    (await offered(9)).map(({ kind }) => kind),
    ['refactor.rewrite'],
  );
  assert.deepEqual(
    (await offered(1)).map(({ kind }) => kind),
    ['quickfix', 'refactor.rewrite'],
  );
  for (const only of ['refactor', 'refactor.rewrite']) assert.equal((await offered(9, [only])).length, 1, only);
  for (const only of ['refactor.extract', 'refactor.netpol.add', 'source', 'quickfix']) {
    assert.equal((await offered(9, [only])).length, 0, only);
  }
  for (const action of await offered(1)) {
    const { changes = {} } = (await server.resolve(action)).edit ?? {};
    const edits = (changes[uri] ?? []).toSorted((a, b) => b.range.start.line - a.range.start.line);
    const lines = anp.split('\n');
    for (const { range, newText } of edits) {
      assert.equal(range.start.line, range.end.line);
      const line = lines[range.start.line] ?? '';
      lines[range.start.line] = line.slice(0, range.start.character) + newText + line.slice(range.end.character);
    }
    const after = lines.join('\n');
    assert.match(after, /action: Accept # all/);
    assert.deepEqual(parse(after), {
      ...parse(anp),
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: {} },
        ingress: [{ action: 'Accept', from: [{ namespaces: {} }] }],
      },
    });
  }
  // What is for a namespace is not offered on a policy that has none.
  assert.deepEqual(await server.actions(uri, at(1), { only: ['refactor.netpol.add'] }), []);
  assert.ok(
    await server.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position: at(1).start }),
  );
});

test('what cannot be migrated is not offered', async (t) => {
  const server = await ServerProcess.start(t, { files: {} });
  const uri = server.uri('policies/guard.yaml');
  let version = 1;
  for (const text of [
    anp.replace('action: Allow', 'action: Alow'),
    anp.replace('v1alpha1', 'v1alpha2').replace('Admin', 'Cluster'),
    anp.replace('metadata:', 'metadata: ['),
  ]) {
    await server.open(uri, text, version++);
    const actions = await server.actions(uri, at(9));
    assert.deepEqual(
      actions.filter((each) => each.title === title),
      [],
      text,
    );
    await server.close(uri);
  }
});
