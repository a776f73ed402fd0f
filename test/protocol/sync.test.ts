import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver-protocol';
import { apiPolicy, badEndPort, shop } from './manifests.js';
import { positionOf, ServerProcess } from './server-process.js';

test('typing a line character by character gives what the full text gives', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const typed = server.uri('policies/api.yaml');
  const given = server.uri('policies/given.yaml');
  let text = apiPolicy;
  let version = 1;
  await server.open(typed, text, version);
  for (const unit of '          endPort: 80\n') {
    const at = endOf(text);
    await server.change(typed, ++version, [{ range: { start: at, end: at }, text: unit }]);
    text += unit;
  }
  assert.equal(text, badEndPort);
  const found = await server.pull(typed);
  assert.deepEqual(
    found.map(({ code }) => code),
    ['invalid-end-port'],
  );
  await server.close(typed);
  await server.open(given, badEndPort);
  const again = (await server.pull(given)).filter(({ code }) => code === 'invalid-end-port');
  const shown = ({ message, range }: Diagnostic) => ({ message, range });
  assert.deepEqual(again.map(shown), found.map(shown));
});

test('every state while typing a policy is answered', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/new.yaml');
  let text = '';
  let version = 1;
  await server.open(uri, text, version);
  const answers: Promise<unknown>[] = [];
  for (const unit of badEndPort) {
    const at = endOf(text);
    await server.change(uri, ++version, [{ range: { start: at, end: at }, text: unit }]);
    text += unit;
    answers.push(server.pull(uri), server.hover(uri, text, text.slice(-1)));
  }
  await Promise.all(answers);
  assert.ok((await server.codes(uri)).includes('invalid-end-port'));
});

test('several changes in one notification are applied in order', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  const at = positionOf(badEndPort, '80', 'endPort: ');
  await server.change(uri, 2, [
    { range: { start: at, end: { ...at, character: at.character + 2 } }, text: '' },
    { range: { start: at, end: at }, text: '8' },
    {
      range: { start: { ...at, character: at.character + 1 }, end: { ...at, character: at.character + 1 } },
      text: '090',
    },
  ]);
  assert.deepEqual(await server.codes(uri), []);
  assert.match((await server.hover(uri, badEndPort, 'kind')) ?? '', /8080-8090/);
});

test('edits behind characters outside the basic plane stay at their place', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  const text = badEndPort.replace('endPort: 80', '"endPort": 80 # 🐘 é 漢');
  await server.open(uri, text);
  const [found] = await server.pull(uri);
  assert.deepEqual(found?.range.start, positionOf(text, '80 # '));
  const end = { ...positionOf(text, ' 漢'), character: positionOf(text, ' 漢').character + 2 };
  await server.change(uri, 2, [{ range: { start: positionOf(text, '80 # '), end }, text: '9000' }]);
  assert.deepEqual(await server.codes(uri), []);
});

/** The place behind the last character. */
function endOf(text: string): { line: number; character: number } {
  const lines = text.split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
