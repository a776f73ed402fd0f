import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { whileUnreadable } from '../workspace/unreadable.js';
import { folderWith, netpol } from './terminal.js';

const policy =
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n';
const faulty = policy.replace('policyTypes', 'PolicyTypes');

test('files and folders that may not be read are named, and the rest is checked', async (t) => {
  const cwd = await folderWith(t, { 'a.yaml': faulty, 'c.yaml': faulty, 'secret/b.yaml': faulty });
  await whileUnreadable(cwd, ['c.yaml', 'secret'], async () => {
    const { code, out, err } = await netpol(['check', '--format', 'ndjson'], { cwd });
    assert.equal(code, 1);
    const files = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).file);
    assert.deepEqual([...new Set(files)], ['a.yaml']);
    assert.equal(
      err,
      'netpol: c.yaml was not read: permission denied\nnetpol: secret was not read: permission denied\n',
    );
  });
});

test('what cannot be read is said as well where nothing else is found', async (t) => {
  const cwd = await folderWith(t, { 'a.yaml': policy, 'c.yaml': policy });
  await whileUnreadable(cwd, ['c.yaml'], async () => {
    const { code, err } = await netpol(['check'], { cwd });
    assert.equal(code, 0);
    assert.equal(err, 'netpol: c.yaml was not read: permission denied\n');
  });
});

test('a file or folder that was named and may not be read is why a command cannot run', async (t) => {
  const cwd = await folderWith(t, { 'c.yaml': policy, 'secret/b.yaml': policy });
  await whileUnreadable(cwd, ['c.yaml', 'secret'], async () => {
    for (const path of ['c.yaml', 'secret', join('secret', 'b.yaml')]) {
      const { code, out, err } = await netpol(['check', path], { cwd });
      assert.deepEqual(
        { path, code, out, err },
        { path, code: 2, out: '', err: `netpol: ${path}: permission denied\n` },
      );
    }
  });
});

test('a file that may not be written is said, and stays', async (t) => {
  const cwd = await folderWith(t, { 'a.yaml': faulty });
  if (process.geteuid?.() !== 0) await chmod(join(cwd, 'a.yaml'), 0o444);
  await whileUnreadable(cwd, [], async () => {
    const { code, err } = await netpol(['check', '--fix'], { cwd });
    assert.equal(code, 2);
    assert.equal(err, 'netpol: a.yaml could not be written: permission denied\n');
  });
});
