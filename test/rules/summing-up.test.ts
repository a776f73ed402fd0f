import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

const head = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\n';

/** The findings of one rule in a file of the workspace. */
async function found(files: Readonly<Record<string, string>>, rule: string) {
  const netpol = new Netpol(new Memory(files), [root]);
  await netpol.workspace.load();
  assert.deepEqual(netpol.crashes, []);
  return netpol.findings(`${root}/a.yaml`).filter((finding) => finding.rule.id === rule);
}

const ports = (count: number, port: (i: number) => number) =>
  `${head}spec: {podSelector: {}, ingress: [{ports: [${Array.from({ length: count }, (_, i) => `{port: ${port(i)}}`).join(', ')}]}]}\n`;

test('up to fifty findings of one rule are told one by one, and of more the first fifty, with how many are left', async () => {
  const fifty = await found({ 'a.yaml': ports(50, (i) => 70_000 + i) }, 'invalid-port');
  assert.equal(fifty.length, 50);
  assert.doesNotMatch(fifty.map(({ message }) => message).join('\n'), /not listed/);

  const more = await found({ 'a.yaml': ports(53, (i) => 70_000 + i) }, 'invalid-port');
  assert.equal(more.length, 50);
  assert.deepEqual(
    more.slice(0, 49).map(({ message, range }) => ({ message, range })),
    fifty.slice(0, 49).map(({ message, range }) => ({ message, range })),
  );
  assert.match(
    more.at(-1)?.message ?? '',
    /[.] The rule invalid-port finds 3 more places in this object, which are not listed\.$/,
  );
  assert.equal(more.at(-1)?.severity, 'error');
});

test('what is graver comes first, wherever it stands', async () => {
  // A port that is opened twice is information; what another policy has as well is a hint.
  const twice = `{ports: [{port: 80}, {port: 80}]}`;
  const copies = Array.from({ length: 60 }, (_, i) => `{from: [{podSelector: {matchLabels: {a: a${i}}}}]}`);
  const spec = (rules: readonly string[]) => `spec: {podSelector: {}, policyTypes: [Ingress], ingress: [${rules}]}\n`;
  const first = head.replace('name: x', 'name: first') + spec(copies);
  const second = head + spec([...copies, '{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}', twice]);
  const swapped = await found({ 'a.yaml': `${first}---\n${second}` }, 'redundant-rule');
  assert.equal(swapped.length, 50);
  assert.equal(swapped.filter(({ severity }) => severity === 'info').length, 1);
  assert.match(swapped.find(({ message }) => /not listed/.test(message))?.message ?? '', /finds 11 more places/);
});

test('each object counts by itself, also in one document', async () => {
  const items = Array.from(
    { length: 80 },
    (_, i) =>
      `- apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n  metadata: {name: x${i}, namespace: shop}\n  spec: {podSelector: {}, ingress: [{ports: [{port: 70000}]}]}\n`,
  );
  const all = await found({ 'a.yaml': `apiVersion: v1\nkind: List\nitems:\n${items.join('')}` }, 'invalid-port');
  assert.equal(all.length, 80);
});

test('what a comment silences is not counted, and no comment is called useless', async () => {
  const lines = Array.from(
    { length: 60 },
    (_, i) => `        # netpol-disable-next-line invalid-port\n        - port: ${70_000 + i}\n`,
  );
  const text = `${head}spec:\n  podSelector: {}\n  ingress:\n    - ports:\n${lines.join('')}        - port: 80000\n`;
  assert.equal((await found({ 'a.yaml': text }, 'invalid-port')).length, 1);
  assert.deepEqual(await found({ 'a.yaml': text }, 'unused-suppression'), []);
});
