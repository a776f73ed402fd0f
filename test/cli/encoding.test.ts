import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '#server/cli/run.js';
import { styleFor } from '#server/cli/style.js';
import { decoded, encodedAs } from '#server/host/encoding.js';
import { pathOf } from '#server/host/node-files.js';
import { folderWith, netpol } from './terminal.js';

const policy = `# café ☕ 😀
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: x, namespace: shop}
spec:
  podSelector: {}
  PolicyTypes: [Ingress]
`;
const mended = policy.replace('PolicyTypes', 'policyTypes');
const little = (text: string) => Buffer.from(text, 'utf16le');
const big = (text: string) => little(text).swap16();
const latin1 = (text: string) => Buffer.from(text.replace('☕ 😀', ''), 'latin1');

for (const [name, write] of [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a byte order mark', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, little end first', (text) => little(`\uFEFF${text}`)],
  ['UTF-16, big end first', (text) => big(`\uFEFF${text}`)],
  ['UTF-8 with a replacement character', (text) => Buffer.from(`${text}# \uFFFD\n`)],
  ['UTF-16 with half of a pair', (text) => little(`\uFEFF${text}# \uD83D\n`)],
  ['Latin-1', latin1],
] as [string, (text: string) => Buffer][]) {
  test(`--fix writes ${name} as it was`, async (t) => {
    const cwd = await folderWith(t, { 'a.yaml': write(policy) });
    const { err } = await netpol(['check', '--fix'], { cwd });
    assert.match(err, /fixed a\.yaml/);
    assert.deepEqual(await readFile(join(cwd, 'a.yaml')), write(mended));
  });
}

test('a file whose last character is cut is left as it is, and it is said why', async (t) => {
  const bytes = little(`\uFEFF${policy}`).subarray(0, -1);
  const cwd = await folderWith(t, { 'a.yaml': bytes });
  const { code, err } = await netpol(['check', '--fix'], { cwd });
  assert.equal(code, 2);
  assert.match(err, /^netpol: a\.yaml could not be written: it holds bytes that are no text, which would be lost\n$/);
  assert.deepEqual(await readFile(join(cwd, 'a.yaml')), bytes);
});

test('what somebody else writes in the meantime is not written over', async (t) => {
  const cwd = await folderWith(t, { 'a.yaml': policy, 'b.yaml': policy });
  const said: string[] = [];
  const io = {
    ...{ cwd, style: styleFor({}, {}), width: 80, out: () => {}, stdin: async () => '' },
    err: (text: string) => said.push(text),
    async write(uri: string, content: string | Uint8Array) {
      await writeFile(pathOf(uri), content);
      await writeFile(join(cwd, 'b.yaml'), '# mine\n');
    },
  };
  assert.equal(await run(['check', '--fix'], io, '1'), 2);
  assert.match(said.join(''), /b\.yaml could not be written: it has changed since it was read/);
  assert.equal(await readFile(join(cwd, 'b.yaml'), 'utf8'), '# mine\n');
});

test('bytes that are no UTF-8 are reported where they stand, also in comments', async (t) => {
  const inComment = '# netpol for the café\n---\n';
  const cwd = await folderWith(t, {
    'comment.yaml': latin1(`${inComment}${mended.slice(mended.indexOf('\n') + 1)}`),
    'built/comment.yaml': latin1(`${inComment}${mended.slice(mended.indexOf('\n') + 1)}`),
    'built/kustomization.yaml': 'resources: [comment.yaml]\n',
    'value.yaml': latin1(mended.slice(mended.indexOf('\n') + 1).replace('name: x', 'name: "né", labels: {a: "éé ü"}')),
    // No manifests of ours: nothing is said.
    'other.yaml': latin1('a: café\n'),
    'replaced.yaml': Buffer.from(`# \uFFFD\n${mended}`),
  });
  const { code, out } = await netpol(['check', '--format', 'ndjson'], { cwd });
  assert.equal(code, 1);
  const found = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ rule }) => rule === 'yaml-syntax')
    .map(({ file, severity, range, message }) => ({ file, severity, start: range.start, message }));
  assert.deepEqual(found, [
    {
      file: 'built/comment.yaml',
      severity: 'error',
      start: { line: 0, character: 20 },
      message:
        'Here is a byte that is not UTF-8 (e9): kustomize refuses a file with such bytes, in comments as well. Save the file as UTF-8.',
    },
    {
      file: 'comment.yaml',
      severity: 'info',
      start: { line: 0, character: 20 },
      message:
        'Here is a byte that is not UTF-8 (e9): kubectl puts the sign \uFFFD in place of each, and kustomize refuses the file. Save the file as UTF-8.',
    },
    {
      file: 'value.yaml',
      severity: 'warning',
      start: { line: 2, character: 19 },
      message:
        'Here is a byte that is not UTF-8 (e9), as at 2 more places in this document: kubectl puts the sign \uFFFD in place of each, and kustomize refuses the file. Save the file as UTF-8.',
    },
  ]);
});

test('in JSON kubectl takes bytes that are no UTF-8, and nothing is said', async (t) => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'caf?', namespace: 'shop' } };
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace: 'shop', annotations: { owner: 'caf?' } },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  };
  const cwd = await folderWith(t, {});
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object, policy] });
  await writeFile(join(cwd, 'all.json'), Buffer.from(text.replaceAll('?', '\xe9'), 'latin1'));
  const { code, out } = await netpol(['check', '--format', 'json'], { cwd });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out).findings, []);
});

test('any bytes come back as they were, or are said not to', () => {
  // A generator with a seed of its own: every run asks the same.
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const pieces = [Buffer.from('é'), Buffer.from('😀'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xf4, 0x90])];
  for (let run = 0; run < 3000; run++) {
    const bytes = Buffer.concat(
      Array.from({ length: random(12) }, () => pieces[random(8)] ?? Buffer.from([random(256), random(128)])),
    );
    const written = encodedAs(bytes, decoded(bytes));
    const hasMark = bytes[0] === 0xff || bytes[0] === 0xfe;
    if (!hasMark || written !== undefined) assert.deepEqual(written, bytes);
    const plain = bytes.toString('utf8');
    if (!hasMark && !plain.includes('\uFFFD')) assert.equal(decoded(bytes), plain);
  }
});
