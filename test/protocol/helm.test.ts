import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chart, fakeHelm, prints } from '../cli/fake-helm.js';
import { folderWith } from '../cli/terminal.js';
import { ServerProcess } from './server-process.js';

const template = 'shop/templates/policy.yaml';

async function started(t: TestContext, initializationOptions: object, settings: object = {}, body = prints) {
  const place = await folderWith(t, {});
  const PATH = [dirname(await fakeHelm(place, body)), process.env.PATH].join(delimiter);
  const server = await ServerProcess.start(t, { files: chart, initializationOptions, settings, env: { PATH } });
  return { server, wasRun: () => existsSync(join(place, 'calls.json')) };
}

/** The place of the finding in what helm prints, once it is there. */
async function rendered(server: ServerProcess): Promise<unknown> {
  for (let seen = 0; ; seen = server.refreshes.all.length) {
    const [finding] = await server.pull(server.uri(template));
    if (finding !== undefined) return [finding.code, finding.range.start];
    await server.refreshes.where(() => true, seen);
  }
}

const finding = ['invalid-end-port', { line: 10, character: 19 }];

test('charts of a trusted workspace are rendered, and again when a file of theirs is saved', async (t) => {
  const { server } = await started(
    t,
    { trusted: true },
    {},
    `const { join } = require('node:path');
const port = readFileSync(join(args[2], 'values.yaml'), 'utf8').trim().slice(6);
process.stdout.write(${JSON.stringify('---\n# Source: shop/templates/policy.yaml\n')} + readFileSync(join(args[2], 'templates/policy.yaml'), 'utf8')
  .replace(/^\\{\\{-.*\\n/gm, '').replace('{{ .Release.Name }}', 'x').replace('{{ .Values.port }}', port).replace('{{ .Values.end }}', '100'));`,
  );
  await writeFile(join(server.folder, 'shop/values.yaml'), 'port: 900\n');
  await server.watched([{ uri: server.uri('shop/values.yaml'), type: 'changed' }]);
  assert.deepEqual(await rendered(server), finding);
});

test('nothing is run in a workspace that is not trusted, until it is', async (t) => {
  const { server, wasRun } = await started(t, {});
  assert.deepEqual(await server.codes(server.uri(template)), []);
  await server.watched([{ uri: server.uri('shop/values.yaml'), type: 'changed' }]);
  assert.equal(wasRun(), false);
  await server.connection.sendNotification('netpol/trusted');
  assert.deepEqual(await rendered(server), finding);
  assert.equal(wasRun(), true);
});

test('nothing is run where rendering is switched off, until it is switched on', async (t) => {
  const { server, wasRun } = await started(t, { trusted: true }, { helm: { render: false } });
  assert.deepEqual(await server.codes(server.uri(template)), []);
  await server.watched([{ uri: server.uri('shop/values.yaml'), type: 'changed' }]);
  assert.equal(wasRun(), false);
  server.settings = {};
  await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  assert.deepEqual(await rendered(server), finding);
});

test('what helm complains of is in the log', async (t) => {
  const { server } = await started(
    t,
    { trusted: true },
    {},
    "console.error('Error: no such value'); process.exitCode = 1;",
  );
  const { message } = await server.logged.where(({ message }) => message.includes('helm'));
  assert.match(message, /shop: helm says: Error: no such value; templates are read as they are written$/);
  assert.deepEqual(await server.codes(server.uri(template)), []);
});
