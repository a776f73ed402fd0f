import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { URI } from 'vscode-uri';

import { nodeFiles } from '#server/host/node-files.js';
import { Netpol } from '#server/service.js';

const corpus = join(process.cwd(), 'test/corpus');

test('the official recipes: each by itself gives no error and no warning', async () => {
  const names = readdirSync(join(corpus, 'recipes')).filter((name) => name.endsWith('.yaml'));
  assert.equal(names.length, 15);
  for (const name of names) {
    const text = readFileSync(join(corpus, 'recipes', name), 'utf8');
    const uri = `file:///recipe/${name}`;
    const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text }) }, ['file:///recipe']);
    const loud = netpol.findings(uri).filter(({ severity }) => severity === 'error' || severity === 'warning');
    assert.deepEqual(
      loud.map(({ rule, message }) => `${name}: ${rule.id}: ${message}`),
      [],
    );
    assert.deepEqual(netpol.crashes, []);
    assert.ok(netpol.workspace.index.scopes.some((scope) => scope.policies.length > 0), `${name} holds a policy`);
  }
});

test('manifests of real projects: no crash, and only the errors and warnings that are defended in expected.json', async () => {
  const root = join(corpus, 'real');
  const found: string[] = [];
  let files = 0;
  for (const project of readdirSync(root).sort()) {
    if (project.includes('.')) continue;
    const folder = URI.file(join(root, project)).toString();
    const netpol = await Netpol.open(nodeFiles(), [folder]);
    for (const uri of netpol.workspace.files.keys()) {
      files++;
      for (const { rule, severity, range } of netpol.findings(uri)) {
        if (severity !== 'error' && severity !== 'warning') continue;
        const line = (netpol.workspace.file(uri)?.lines.positionAt(range.start).line ?? -1) + 1;
        found.push(`${project}/${decodeURIComponent(uri.slice(folder.length + 1))}:${line} ${severity} ${rule.id}`);
      }
    }
    assert.deepEqual(netpol.crashes, [], project);
    assert.deepEqual(netpol.workspace.unread, [], project);
  }
  const expected = join(root, 'expected.json');
  if (process.env.UPDATE_FIXTURES === '1') writeFileSync(expected, `${JSON.stringify(found.sort(), undefined, 1)}\n`);
  assert.ok(files > 300, `${files} files were read`);
  assert.deepEqual(found.sort(), JSON.parse(readFileSync(expected, 'utf8')));
});
