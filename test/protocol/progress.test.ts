import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCapabilities } from 'vscode-languageserver-protocol/node';
import { api, denyEgress, shop } from './manifests.js';
import { Inbox, rich, ServerProcess, type StartOptions } from './server-process.js';

interface Progress {
  readonly token: string;
  readonly value: { readonly kind: string; readonly percentage?: number; readonly message?: string };
}

const showing: ClientCapabilities = { ...rich, window: { workDoneProgress: true } };

/** Of more files than are worth showing the reading of. */
function many(count: number): Readonly<Record<string, string>> {
  const others = Array.from({ length: count }, (_, i) => [
    `others/${i}.yaml`,
    api.replaceAll('api', `other${i}`).replace('namespace: shop', 'namespace: other'),
  ]);
  return { ...shop, 'policies/deny.yaml': denyEgress, ...Object.fromEntries(others) };
}

/** A server whose client shows progress, up to the first status; nothing is awaited. */
async function started(t: Parameters<typeof ServerProcess.spawned>[0], options: StartOptions, stop = false) {
  const server = await ServerProcess.spawned(t, options);
  const progress = new Inbox<Progress>('progress');
  const created: string[] = [];
  server.connection.onRequest('window/workDoneProgress/create', ({ token }: { token: string }) => {
    created.push(token);
    if (stop) void server.connection.sendNotification('window/workDoneProgress/cancel', { token });
    return null;
  });
  server.connection.onNotification('$/progress', (params: Progress) => progress.add(params));
  await server.initialize(options);
  return { server, progress, created };
}

test('the reading of a large workspace is shown from begin to end', async (t) => {
  const { server, progress, created } = await started(t, { files: many(800), capabilities: showing });
  await server.statuses.where(({ state }) => state === 'ready');
  assert.equal(created.length, 1);
  const values = progress.all.map(({ value }) => value);
  assert.equal(values[0]?.kind, 'begin');
  assert.equal(values.at(-1)?.kind, 'end');
  const percentages = values.flatMap(({ percentage }) => percentage ?? []);
  assert.deepEqual(
    percentages,
    [...percentages].sort((a, b) => a - b),
  );
  assert.ok(values.some(({ message }) => /^\d+ of 804 files$/.test(message ?? '')));
});

test('a small workspace, or a client that shows nothing, is told of no progress', async (t) => {
  for (const options of [
    { files: shop, capabilities: showing },
    { files: many(800), capabilities: rich },
  ]) {
    const { server, progress, created } = await started(t, options);
    await server.statuses.where(({ state }) => state === 'ready');
    assert.deepEqual([created, progress.all], [[], []]);
  }
});

test('a reading that is stopped leaves no warning that the rest could take back', async (t) => {
  const { server, progress } = await started(t, { files: many(4000), capabilities: showing }, true);
  const status = await server.statuses.where(({ state }) => state === 'ready');
  assert.ok(status.files < 4004, `${status.files} files were read`);
  assert.match(JSON.stringify(status), /The reading was stopped/);
  assert.equal(progress.all.at(-1)?.value.kind, 'end');
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  const found = await server.pull(uri);
  assert.deepEqual(
    found.filter(({ severity }) => severity !== undefined && severity < 3).map(({ code }) => code),
    [],
  );
  assert.ok(found.some(({ code }) => code === 'dns-egress-missing'));
});
