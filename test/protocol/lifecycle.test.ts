import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { shop } from './manifests.js';
import { poor, ServerProcess } from './server-process.js';

test('a client that can everything is offered everything', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const { capabilities, serverInfo } = server.initialized;
  assert.equal(serverInfo?.name, 'netpol-language-server');
  assert.deepEqual(capabilities.textDocumentSync, { openClose: true, change: 2 });
  assert.equal(capabilities.hoverProvider, true);
  assert.deepEqual(capabilities.diagnosticProvider, {
    identifier: 'netpol',
    interFileDependencies: true,
    workspaceDiagnostics: false,
  });
  assert.deepEqual(capabilities.codeActionProvider, {
    codeActionKinds: ['quickfix', 'refactor.netpol.add', 'refactor.rewrite', 'source.fixAll.netpol'],
    resolveProvider: true,
  });
  assert.deepEqual(capabilities.workspace?.workspaceFolders, { supported: true, changeNotifications: true });
  assert.ok(server.registrations.all.includes('workspace/didChangeWatchedFiles'));
  assert.ok(server.registrations.all.includes('workspace/didChangeConfiguration'));
});

test('a client that can nothing is asked for nothing', async (t) => {
  const server = await ServerProcess.start(t, { files: shop, capabilities: poor });
  const { capabilities } = server.initialized;
  assert.equal(capabilities.diagnosticProvider, undefined);
  assert.equal(capabilities.codeActionProvider, false);
  assert.equal(capabilities.workspace, undefined);
  assert.deepEqual(server.registrations.all, []);
  assert.deepEqual(server.requested, []);
});

test('the status counts what the workspace holds', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  assert.deepEqual(server.statuses.all[0]?.state, 'indexing');
  const ready = await server.statuses.where(({ state }) => state === 'ready');
  assert.deepEqual(ready, { state: 'ready', files: 3, policies: 1, workloads: 2 });
});

test('without a folder the server is ready and knows nothing', async (t) => {
  const server = await ServerProcess.start(t);
  assert.deepEqual(server.statuses.all.at(-1), { state: 'ready', files: 0, policies: 0, workloads: 0 });
});

test('a folder that is not there costs nothing but itself', async (t) => {
  const server = await ServerProcess.spawned(t);
  await server.connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: 'file:///nowhere/at/all',
    capabilities: poor,
  });
  await server.connection.sendNotification('initialized', {});
  await server.statuses.where(({ state }) => state === 'ready');
  await server.logged.where(({ message }) => /nowhere\/at\/all.*there is no such file or folder/.test(message));
});

test('shutdown and exit end the process with 0', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  await server.connection.sendRequest('shutdown');
  void server.connection.sendNotification('exit');
  assert.equal(await server.exited, 0);
});

test('exit without shutdown ends it with 1', async (t) => {
  const server = await ServerProcess.start(t);
  void server.connection.sendNotification('exit');
  assert.equal(await server.exited, 1);
});

test('a closed standard input ends the process', async (t) => {
  const server = await ServerProcess.start(t);
  server.process.stdin?.end();
  assert.notEqual(await server.exited, null);
});

test('a request before initialize is refused, and the server stays', async (t) => {
  const server = await ServerProcess.spawned(t);
  const hover = { textDocument: { uri: 'file:///a.yaml' }, position: { line: 0, character: 0 } };
  await assert.rejects(server.connection.sendRequest('textDocument/hover', hover));
  await server.initialize();
  await server.statuses.where(({ state }) => state === 'ready');
});

test('an unknown request is refused, an unknown notification ignored', async (t) => {
  const server = await ServerProcess.start(t);
  await assert.rejects(server.connection.sendRequest('netpol/nonsense', {}), /netpol\/nonsense/);
  await server.connection.sendNotification('netpol/nonsense', {});
  assert.deepEqual(await server.pull('file:///a.yaml'), []);
});

test('--help says how to start it', async () => {
  const module = fileURLToPath(import.meta.resolve('#server/node.js'));
  const { stdout } = await promisify(execFile)(process.execPath, [module, '--help']);
  assert.match(stdout, /--stdio/);
});
