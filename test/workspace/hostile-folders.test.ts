import assert from 'node:assert/strict';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { nodeFiles } from '#server/host/node-files.js';
import { Netpol } from '#server/service.js';
import type { FileProvider } from '#server/workspace/files.js';
import { folderWith } from '../cli/terminal.js';
import { Memory, root } from './memory.js';
import { whileUnreadable } from './unreadable.js';

const policy =
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec: {podSelector: {}}\n';

/** What was read of a folder, and why the rest was not, by paths in it. */
async function reading(folder: string, provider: FileProvider = nodeFiles()) {
  const uri = pathToFileURL(folder).href;
  const netpol = new Netpol(provider, [uri]);
  await netpol.workspace.load();
  const path = (each: string) => each.slice(uri.length + 1);
  const unread = Object.fromEntries(netpol.workspace.unread.map((each) => [path(each.uri), each.reason]));
  return { netpol, read: [...netpol.workspace.files.keys()].map(path), unread };
}

test('links that lead in circles, nowhere, or out', async (t) => {
  const folder = await folderWith(t, { 'a.yaml': policy, 'sub/b.yaml': policy });
  await symlink('..', join(folder, 'sub/up'));
  await symlink('self.yaml', join(folder, 'self.yaml'));
  await symlink('two.yaml', join(folder, 'one.yaml'));
  await symlink('one.yaml', join(folder, 'two.yaml'));
  await symlink('nothing.yaml', join(folder, 'lost.yaml'));
  await symlink('/etc/hostname', join(folder, 'out.yaml'));
  const { read, unread } = await reading(folder);
  assert.deepEqual(read, ['a.yaml', 'sub/b.yaml']);
  assert.deepEqual(Object.keys(unread).sort(), ['lost.yaml', 'one.yaml', 'out.yaml', 'self.yaml', 'two.yaml']);
  for (const reason of Object.values(unread)) assert.match(reason, /^(?:there is no such|it is a link that leads)/);
});

test('a folder and a file without the right to read cost what they hold, and are named', async (t) => {
  const folder = await folderWith(t, { 'a.yaml': policy, 'secret/b.yaml': policy, 'c.yaml': policy });
  await whileUnreadable(folder, ['secret', 'c.yaml'], async () => {
    const { read, unread } = await reading(folder);
    assert.deepEqual(read, ['a.yaml']);
    assert.deepEqual(unread, { 'c.yaml': 'permission denied', secret: 'permission denied' });
  });
});

test('files that vanish between the listing and the reading are named, and the rest is read', async (t) => {
  const folder = await folderWith(t, { 'a.yaml': policy, 'gone.yaml': policy, 'gone/b.yaml': policy });
  const disk = nodeFiles();
  const vanishing: FileProvider = {
    async list(uri, exclude) {
      const found = await disk.list(uri, exclude);
      await rm(join(folder, 'gone.yaml'));
      await rm(join(folder, 'gone'), { recursive: true });
      return found;
    },
    read: (uri) => disk.read(uri),
  };
  const { read, unread } = await reading(folder, vanishing);
  assert.deepEqual(read, ['a.yaml']);
  const reason = 'there is no such file or folder';
  assert.deepEqual(unread, { 'gone.yaml': reason, 'gone/b.yaml': reason });
});

test('a file of 50 MB is not read, and it is said why', async (t) => {
  const folder = await folderWith(t, { 'a.yaml': policy, 'huge.yaml': policy });
  await truncate(join(folder, 'huge.yaml'), 50 * 1024 * 1024);
  const { read, unread } = await reading(folder);
  assert.deepEqual(read, ['a.yaml']);
  assert.deepEqual(unread, { 'huge.yaml': 'it has 50 MB; files over 32 MB are not read' });
});

test('UTF-16 is read as kubectl reads it, and bytes that are no text are no manifest', async (t) => {
  const folder = await folderWith(t, { 'a.yaml': policy });
  const bad = policy.replace('podSelector', 'podSelectr');
  const little = Buffer.from(`\ufeff${bad}`, 'utf16le');
  await writeFile(join(folder, 'little.yaml'), little);
  await writeFile(join(folder, 'big.yaml'), Buffer.from(little).swap16());
  await writeFile(join(folder, 'bytes.yaml'), Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)));
  const { netpol, read } = await reading(folder);
  assert.deepEqual(read, ['a.yaml', 'big.yaml', 'bytes.yaml', 'little.yaml']);
  const codes = (name: string) => netpol.findings(`${pathToFileURL(folder).href}/${name}`).map(({ rule }) => rule.id);
  for (const name of ['little.yaml', 'big.yaml']) assert.ok(codes(name).includes('unknown-field'), name);
  assert.deepEqual(codes('bytes.yaml'), []);
});

/** 200,000 in a long run: `NETPOL_FILES=200000`. */
const many = Number(process.env.NETPOL_FILES ?? 20_000);

test(`a folder of ${many} files is listed and read`, async (t) => {
  const folder = await folderWith(t, { 'a.yaml': policy });
  await mkdir(join(folder, 'many'));
  for (let i = 0; i < many; i += 500) {
    const some = Array.from({ length: Math.min(500, many - i) }, (_, place) =>
      join(folder, 'many', `${i + place}.yaml`),
    );
    await Promise.all(some.map((path) => writeFile(path, 'a: 1\n')));
  }
  const { read, unread } = await reading(folder);
  assert.equal(read.length, many + 1);
  assert.deepEqual(unread, {});
});

test('a workspace in memory forgets what cannot be read any more', async () => {
  const files = new Memory({ 'a.yaml': policy });
  const netpol = new Netpol(files, [root]);
  await netpol.workspace.load();
  files.texts.clear();
  await netpol.workspace.refresh(`${root}/a.yaml`);
  assert.deepEqual([...netpol.workspace.files.keys()], []);
  assert.match(netpol.workspace.unread[0]?.reason ?? '', /no such file/);
});
