import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { allowDns, api, apiPolicy, badEndPort, denyEgress, shop } from './manifests.js';
import { poor, rangeOf, ServerProcess, withoutResolve } from './server-process.js';

test('a pulled diagnostic has its code, its page and its cause', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  const [found, ...rest] = await server.pull(uri);
  assert.deepEqual(rest, []);
  assert.equal(found?.code, 'invalid-end-port');
  assert.equal(found?.source, 'netpol');
  assert.equal(found?.severity, 1);
  assert.deepEqual(found?.range, rangeOf(badEndPort, '80', 'endPort: '));
  assert.match(String(found?.message), /endPort.*80.*8080/);
  assert.match(found?.codeDescription?.href ?? '', /^https:.*\/docs\/rules\/invalid-end-port\.md$/);
});

test('related information points into the other file', async (t) => {
  const typo = api.replaceAll('app: api', 'app: apii');
  const server = await ServerProcess.start(t, { files: { ...shop, 'workloads/api.yaml': typo } });
  const uri = server.uri('policies/api.yaml');
  const found = (await server.pull(uri)).find(({ code }) => code === 'selector-matches-nothing');
  const related = found?.relatedInformation ?? [];
  assert.ok(related.some(({ location }) => location.uri === server.uri('workloads/api.yaml')));
});

test('of very many findings in a file the gravest are shown, and how many there are', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/many.yaml');
  // A warning each (the labels are misspelt), and errors behind them.
  const wrong = (n: number) =>
    apiPolicy.replace(/name: api\b/, `name: many-${n}`).replaceAll('app: api', `app: nobody-${n}`);
  const texts = Array.from({ length: 600 }, (_, n) =>
    n < 590 ? wrong(n) : badEndPort.replace('name: api', `name: e-${n}`),
  );
  await server.open(uri, texts.join('---\n'));
  const shown = await server.pull(uri);
  const [last, ...before] = shown.toReversed();
  assert.equal(before.length, 500);
  assert.equal(before.filter(({ code }) => code === 'invalid-end-port').length, 10);
  assert.match(String(last?.message), /^This file has \d{3,} findings; the 500 gravest are shown\./);
  const lines = before.map(({ range }) => range.start.line);
  assert.deepEqual(
    lines,
    lines.toSorted((a, b) => b - a),
  );
});

test('what a client cannot show is left out', async (t) => {
  const typo = api.replaceAll('app: api', 'app: apii');
  const server = await ServerProcess.start(t, { files: { ...shop, 'workloads/api.yaml': typo }, capabilities: poor });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  const { diagnostics } = await server.published.where(({ diagnostics }) => diagnostics.length > 1);
  for (const diagnostic of diagnostics) {
    assert.equal(diagnostic.codeDescription, undefined);
    assert.equal(diagnostic.relatedInformation, undefined);
  }
});

test('a client that pulls is never pushed to', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  assert.deepEqual(await server.codes(uri), ['invalid-end-port']);
  await server.refreshedBy(() => server.close(uri));
  assert.deepEqual(await server.codes(uri), []);
  assert.deepEqual(server.published.all, []);
});

test('a client that cannot pull is pushed to, with the version', async (t) => {
  const server = await ServerProcess.start(t, { files: shop, capabilities: withoutResolve });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, apiPolicy, 7);
  await server.published.where((one) => one.uri === uri && one.version === 7 && one.diagnostics.length === 0);
  await server.change(uri, 8, [{ text: badEndPort }]);
  const pushed = await server.published.where((one) => one.uri === uri && one.version === 8);
  assert.deepEqual(
    pushed.diagnostics.map(({ code }) => code),
    ['invalid-end-port'],
  );
  await server.close(uri);
  await server.published.where(
    (one) => one.uri === uri && one.diagnostics.length === 0,
    server.published.all.indexOf(pushed),
  );
});

test('only open documents are pushed', async (t) => {
  const server = await ServerProcess.start(t, {
    files: { ...shop, 'policies/bad.yaml': badEndPort },
    capabilities: poor,
  });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, apiPolicy);
  await server.published.where((one) => one.uri === uri);
  assert.deepEqual([...new Set(server.published.all.map((one) => one.uri))], [uri]);
});

test('DNS that another file allows is not missing', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/dns.yaml': allowDns } });
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  assert.deepEqual(await server.codes(uri), []);
});

test('nothing is called missing while the workspace is still being read', async (t) => {
  const server = await ServerProcess.spawned(t, { files: { ...shop, 'policies/dns.yaml': allowDns } });
  await server.initialize();
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  assert.deepEqual(await server.codes(uri), []);
});

test('the same while it is pushed', async (t) => {
  const files = { ...shop, 'policies/dns.yaml': allowDns };
  const server = await ServerProcess.spawned(t, { files, capabilities: poor });
  const uri = server.uri('policies/deny.yaml');
  await server.initialize({ capabilities: poor });
  await server.open(uri, denyEgress);
  await server.published.where((one) => one.uri === uri);
  assert.deepEqual(
    server.published.all.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)),
    [],
  );
});

test('a mended label in another open document takes the finding away', async (t) => {
  const typo = api.replaceAll('app: api', 'app: apii');
  const server = await ServerProcess.start(t, { files: { ...shop, 'workloads/api.yaml': typo } });
  const policy = server.uri('policies/api.yaml');
  const workload = server.uri('workloads/api.yaml');
  await server.open(policy, apiPolicy);
  assert.deepEqual(await server.codes(policy), ['selector-matches-nothing']);
  await server.open(workload, typo);
  // The client is told that what it shows for the other document is stale.
  await server.refreshedBy(() => server.change(workload, 2, [{ text: api }]));
  assert.deepEqual(await server.codes(policy), []);
});

test('the same is pushed to the open document that did not change', async (t) => {
  const typo = api.replaceAll('app: api', 'app: apii');
  const server = await ServerProcess.start(t, { files: { ...shop, 'workloads/api.yaml': typo }, capabilities: poor });
  const policy = server.uri('policies/api.yaml');
  const workload = server.uri('workloads/api.yaml');
  await server.open(policy, apiPolicy);
  await server.published.where((one) => one.uri === policy && one.diagnostics.length === 1);
  await server.open(workload, typo);
  const before = server.published.all.length;
  await server.change(workload, 2, [{ text: api }]);
  await server.published.where((one) => one.uri === policy && one.diagnostics.length === 0, before);
});

test('a file that is created, changed and deleted on the disk counts', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  assert.deepEqual(await server.codes(uri), ['dns-egress-missing']);

  const dns = join(server.folder, 'policies/dns.yaml');
  const watched = (type: 'created' | 'changed' | 'deleted') =>
    server.watched([{ uri: server.uri('policies/dns.yaml'), type }]);
  await writeFile(dns, allowDns);
  await watched('created');
  assert.deepEqual(await server.codes(uri), []);
  await writeFile(dns, allowDns.replaceAll('port: 53', 'port: 54'));
  await watched('changed');
  assert.deepEqual(await server.codes(uri), ['dns-egress-missing']);
  await writeFile(dns, allowDns);
  await watched('changed');
  assert.deepEqual(await server.codes(uri), []);
  await rm(dns);
  await watched('deleted');
  assert.deepEqual(await server.codes(uri), ['dns-egress-missing']);
});

test('a folder that is deleted takes its files along', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'dns/nested/dns.yaml': allowDns } });
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  assert.deepEqual(await server.codes(uri), []);
  await rm(join(server.folder, 'dns'), { recursive: true });
  await server.watched([{ uri: server.uri('dns'), type: 'deleted' }]);
  assert.deepEqual(await server.codes(uri), ['dns-egress-missing']);
});

test('a new file in an ignored folder does not count', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, '.gitignore': 'build/\n', 'build/note.txt': '' } });
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  await writeFile(join(server.folder, 'build/dns.yaml'), allowDns);
  await server.watched([{ uri: server.uri('build/dns.yaml'), type: 'created' }]);
  assert.deepEqual(await server.codes(uri), ['dns-egress-missing']);
});

test('an open buffer counts before the disk, until it is closed', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/dns.yaml': allowDns } });
  const deny = server.uri('policies/deny.yaml');
  const dns = server.uri('policies/dns.yaml');
  await server.open(deny, denyEgress);
  await server.open(dns, '# nothing left\n');
  assert.deepEqual(await server.codes(deny), ['dns-egress-missing']);
  // A change on the disk below an open buffer changes nothing.
  await server.watched([{ uri: dns, type: 'changed' }]);
  assert.deepEqual(await server.codes(deny), ['dns-egress-missing']);
  await server.refreshedBy(() => server.close(dns));
  assert.deepEqual(await server.codes(deny), []);
});

test('an untitled document counts while it is open, and leaves nothing behind', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = 'untitled:Untitled-1';
  await server.open(uri, badEndPort);
  assert.deepEqual(await server.codes(uri), ['invalid-end-port']);
  const before = server.statuses.all.length;
  await server.close(uri);
  assert.equal((await server.statuses.where(({ state }) => state === 'ready', before)).files, 3);
  assert.deepEqual(await server.codes(uri), []);
});

test('a file that was moved by the editor is known by its new name only', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/deny.yaml': denyEgress } });
  await rename(join(server.folder, 'policies/deny.yaml'), join(server.folder, 'policies/closed.yaml'));
  await server.watched([
    { uri: server.uri('policies/deny.yaml'), type: 'deleted' },
    { uri: server.uri('policies/closed.yaml'), type: 'created' },
  ]);
  assert.deepEqual(await server.codes(server.uri('policies/deny.yaml')), []);
  assert.deepEqual(await server.codes(server.uri('policies/closed.yaml')), ['dns-egress-missing']);
});

test('one file under two spellings of its URI is one file', async (t) => {
  const server = await ServerProcess.start(t, {
    files: { ...shop, 'a@b/deny.yaml': denyEgress, 'a@b/dns.yaml': allowDns },
  });
  const spelt = server.uri('a@b/dns.yaml').replace('%40', '@');
  const other = spelt.replace('@', '%40');
  assert.notEqual(spelt, other);
  await server.open(spelt, '# nothing left\n');
  assert.deepEqual(await server.codes(server.uri('a@b/deny.yaml')), ['dns-egress-missing']);
  await server.close(spelt);
  await server.open(other, '# nothing left\n');
  assert.deepEqual(await server.codes(server.uri('a@b/deny.yaml')), ['dns-egress-missing']);
});

test('a pushed diagnostic carries the URI as the client spells it', async (t) => {
  const server = await ServerProcess.start(t, { files: { 'a@b/deny.yaml': denyEgress }, capabilities: poor });
  for (const uri of ['a@b', 'a%40b'].map((name) => server.uri('a@b/deny.yaml').replace(/a(@|%40)b/, name))) {
    await server.open(uri, badEndPort);
    await server.published.where((one) => one.uri === uri && one.diagnostics.length > 0);
    await server.close(uri);
  }
});

test('a document that is not known has no diagnostics, no hover, no actions', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  for (const uri of ['file:///not/there.yaml', 'untitled:nowhere', 'not a uri at all', '']) {
    assert.deepEqual(await server.pull(uri), []);
    assert.equal(await server.hover(uri, 'a', 'a'), null);
    assert.deepEqual(await server.actions(uri, rangeOf('a', 'a')), []);
    const at = { textDocument: { uri }, position: { line: 0, character: 0 } };
    assert.equal(await server.connection.sendRequest('netpol/effective', at), null);
    assert.deepEqual(await server.connection.sendRequest('netpol/templates', at), []);
    assert.equal(await server.connection.sendRequest('netpol/applyTemplate', { id: 'default-deny-all', ...at }), null);
  }
});

test('a position outside the text is no error', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  for (const position of [
    { line: 10_000, character: 0 },
    { line: 0, character: 10_000 },
  ]) {
    await server.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position });
    await server.actions(uri, { start: position, end: position });
  }
});

test('cancelled requests are answered, and the server goes on', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  const { CancellationTokenSource } = await import('vscode-languageserver-protocol/node');
  const settled = await Promise.allSettled(
    ['textDocument/diagnostic', 'textDocument/hover', 'textDocument/codeAction'].map((method) => {
      const source = new CancellationTokenSource();
      const range = rangeOf(badEndPort, 'endPort');
      const params = { textDocument: { uri }, position: range.start, range, context: { diagnostics: [] } };
      const answer = server.connection.sendRequest(method, params, source.token);
      source.cancel();
      return answer;
    }),
  );
  assert.equal(settled.length, 3);
  assert.deepEqual(await server.codes(uri), ['invalid-end-port']);
});
