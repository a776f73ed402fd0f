import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { allowDns, apiPolicy, badEndPort, denyEgress, shop } from './manifests.js';
import { poor, ServerProcess } from './server-process.js';

const bad = { ...shop, 'policies/api.yaml': badEndPort };

test("the editor's settings set a rule's severity", async (t) => {
  const server = await ServerProcess.start(t, { files: bad, settings: { rules: { 'invalid-end-port': 'hint' } } });
  const [found] = await server.pull(server.uri('policies/api.yaml'));
  assert.equal(found?.severity, 4);
});

test('changed settings count at once', async (t) => {
  const server = await ServerProcess.start(t, { files: bad });
  const uri = server.uri('policies/api.yaml');
  assert.deepEqual(await server.codes(uri), ['invalid-end-port']);
  server.settings = { rules: { 'invalid-end-port': 'off' } };
  await server.refreshedBy(() =>
    server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null }),
  );
  assert.deepEqual(await server.codes(uri), []);
});

test('a client that cannot be asked sends its settings', async (t) => {
  const server = await ServerProcess.start(t, {
    files: bad,
    capabilities: poor,
    initializationOptions: { settings: { rules: { 'invalid-end-port': 'warning' } } },
  });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  await server.published.where(({ diagnostics }) => diagnostics[0]?.severity === 2);
  await server.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { netpol: { rules: { 'invalid-end-port': 'info' } } },
  });
  await server.published.where(({ diagnostics }) => diagnostics[0]?.severity === 3);
});

test('settings that are nonsense leave everything as it is', async (t) => {
  for (const settings of [null, 7, 'x', [], { rules: 'x', cluster: 3, exclude: {}, cni: ['x'] }]) {
    const server = await ServerProcess.start(t, { files: bad, settings });
    assert.deepEqual(await server.codes(server.uri('policies/api.yaml')), ['invalid-end-port']);
  }
});

test('.netpol.yaml wins over the editor, rule by rule', async (t) => {
  const server = await ServerProcess.start(t, {
    files: {
      ...bad,
      'policies/deny.yaml': denyEgress,
      '.netpol.yaml': 'rules:\n  invalid-end-port: info\n',
    },
    settings: { rules: { 'invalid-end-port': 'off', 'dns-egress-missing': 'error' } },
  });
  assert.equal(
    (await server.pull(server.uri('policies/api.yaml'))).find(({ code }) => code === 'invalid-end-port')?.severity,
    3,
  );
  assert.equal((await server.pull(server.uri('policies/deny.yaml')))[0]?.severity, 1);
});

test('.netpol.yaml counts while it is typed, and again from the disk when it is closed', async (t) => {
  const server = await ServerProcess.start(t, { files: bad });
  const config = server.uri('.netpol.yaml');
  const uri = server.uri('policies/api.yaml');
  await server.open(config, 'rules:\n  invalid-end-port: off\n');
  assert.deepEqual(await server.codes(uri), []);
  await server.refreshedBy(() => server.close(config));
  assert.deepEqual(await server.codes(uri), ['invalid-end-port']);
});

test('.netpol.yaml that comes and goes on the disk counts', async (t) => {
  const server = await ServerProcess.start(t, { files: bad });
  const uri = server.uri('policies/api.yaml');
  const config = join(server.folder, '.netpol.yaml');
  await writeFile(config, 'rules: {invalid-end-port: off}\n');
  await server.watched([{ uri: server.uri('.netpol.yaml'), type: 'created' }]);
  assert.deepEqual(await server.codes(uri), []);
  await writeFile(config, 'rules: {invalid-end-port: hint}\n');
  await server.watched([{ uri: server.uri('.netpol.yaml'), type: 'changed' }]);
  assert.equal((await server.pull(uri))[0]?.severity, 4);
  await rm(config);
  await server.watched([{ uri: server.uri('.netpol.yaml'), type: 'deleted' }]);
  assert.equal((await server.pull(uri))[0]?.severity, 1);
});

test('what a setting excludes is not part of the workspace', async (t) => {
  const files = { ...shop, 'policies/deny.yaml': denyEgress, 'testdata/dns.yaml': allowDns };
  const server = await ServerProcess.start(t, { files, settings: { exclude: ['testdata/'] } });
  const uri = server.uri('policies/deny.yaml');
  assert.deepEqual(await server.codes(uri), ['dns-egress-missing']);
  server.settings = { exclude: [] };
  await server.refreshedBy(() =>
    server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null }),
  );
  assert.deepEqual(await server.codes(uri), []);
});

test('what .netpol.yaml excludes is not part of the workspace', async (t) => {
  const files = { ...shop, 'policies/deny.yaml': denyEgress, 'testdata/dns.yaml': allowDns };
  const server = await ServerProcess.start(t, { files: { ...files, '.netpol.yaml': 'exclude: ["**/testdata/**"]\n' } });
  const uri = server.uri('policies/deny.yaml');
  assert.deepEqual(await server.codes(uri), ['dns-egress-missing']);
  await writeFile(join(server.folder, '.netpol.yaml'), 'exclude: []\n');
  await server.watched([{ uri: server.uri('.netpol.yaml'), type: 'changed' }]);
  assert.deepEqual(await server.codes(uri), []);
});

test('the cluster profile changes what is found', async (t) => {
  const dns = allowDns
    .replace('kube-system', 'openshift-dns')
    .replace('k8s-app: kube-dns', 'dns: default')
    .replaceAll('port: 53}', 'port: 5353}');
  const server = await ServerProcess.start(t, {
    files: { ...shop, 'policies/deny.yaml': denyEgress, 'policies/dns.yaml': dns },
    settings: { cluster: { dns: { namespace: 'openshift-dns', labels: { dns: 'default' }, ports: [5353] } } },
  });
  assert.deepEqual(await server.codes(server.uri('policies/deny.yaml')), []);
});

test('where the client reads the files, it is asked for them', async (t) => {
  const server = await ServerProcess.spawned(t);
  const files = new Map([
    ['memory:/shop/policies/deny.yaml', denyEgress],
    ['memory:/shop/policies/api.yaml', apiPolicy],
    ['memory:/shop/testdata/dns.yaml', allowDns],
    ['memory:/shop/.netpol.yaml', 'exclude: [testdata/]\n'],
  ]);
  server.connection.onRequest('netpol/listFiles', ({ folder }: { folder: string }) => {
    assert.equal(folder, 'memory:/shop');
    return [...files.keys(), 'memory:/shop/gone.yaml'];
  });
  server.connection.onRequest('netpol/readFile', ({ uri }: { uri: string }): { text?: string; error?: string } => {
    const text = files.get(uri);
    return text === undefined ? { error: 'it is gone' } : { text };
  });
  await server.connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: 'memory:/shop/',
    capabilities: { textDocument: { diagnostic: {} } },
    initializationOptions: { files: 'client' },
  });
  await server.connection.sendNotification('initialized', {});
  await server.statuses.where(({ state }) => state === 'ready');
  assert.deepEqual(await server.codes('memory:/shop/policies/deny.yaml'), ['dns-egress-missing']);
  await server.logged.where(({ message }) => /gone\.yaml was not read: it is gone/.test(message));
});
