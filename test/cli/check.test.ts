import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, open, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { run } from '#server/cli/run.js';
import { styleFor } from '#server/cli/style.js';
import { allowDns, apiPolicy, badEndPort, denyEgress, shop } from '../protocol/manifests.js';
import { folderWith, mainModule, netpol, netpolProcess } from './terminal.js';

const bad = { ...shop, 'policies/api.yaml': badEndPort };

/** It could not run: nothing on standard output, one line on standard error. */
function assertRefused({ code, out, err }: { code: number | null; out: string; err: string }, says: RegExp): void {
  assert.equal(code, 2, err);
  assert.equal(out, '');
  assert.match(err, /^netpol: [^\n]+\n$/);
  assert.match(err, says);
}

test('0 when nothing is found, 1 when something is', async (t) => {
  const clean = await netpol(['check'], { cwd: await folderWith(t, shop) });
  assert.deepEqual(clean, { code: 0, out: '3 files, 1 policy, 2 workloads: nothing found\n', err: '' });
  const { code, out, err } = await netpol(['check'], { cwd: await folderWith(t, bad) });
  assert.equal(code, 1);
  assert.equal(err, '');
  assert.match(out, /^error invalid-end-port {2}policies\/api\.yaml:20:20\n/);
  assert.match(out, /\| +endPort: 80\n.*\| +\^\^\n/);
  assert.match(out, / {2}fix {3}/);
  assert.match(out, /3 files, 1 policy, 2 workloads: 1 error\n$/);
});

test('an object with several specs is counted once, and named once where it blocks', async (t) => {
  const pod = (name: string, more = '') =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: app, labels: {app: ${name}}}\nspec: {containers: [{name: c, image: i${more}}]}\n`;
  const cwd = await folderWith(t, {
    'all.yaml': `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: both, namespace: app}
specs:
- endpointSelector: {matchLabels: {app: db}}
  ingress: [{}]
- endpointSelector: {matchLabels: {app: web}}
  egress: [{toEndpoints: [{matchLabels: {app: other}}]}]
  egressDeny: [{toPorts: [{ports: [{port: "25"}]}]}]
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: app}
spec: {selector: {app: db}, ports: [{port: 5432}]}
${pod('db')}${pod('web', ', env: [{name: DB_HOST, value: "db:5432"}]')}`,
  });
  const { out } = await netpol(['check'], { cwd });
  assert.match(out, /1 file, 1 policy, 2 workloads/);
  assert.match(out.replaceAll(/\s+/g, ' '), /the egress policies of web \(both\) do not let it out/);
  assert.equal(out.match(/both isolates web for egress/g)?.length, 1);
});

test('--fail-on draws the line', async (t) => {
  const cwd = await folderWith(t, { ...shop, 'policies/deny.yaml': denyEgress });
  const codes = async (config: string) => {
    // Other rules have their say elsewhere.
    const others = 'missing-default-deny: off, one-sided-allow: off';
    await writeFile(join(cwd, '.netpol.yaml'), config.replace('}', `, ${others}}`));
    const at = async (severity: string) => (await netpol(['check', '--fail-on', severity], { cwd })).code;
    return [await at('error'), await at('warning'), await at('info')];
  };
  assert.deepEqual(await codes('rules: {dns-egress-missing: error}'), [1, 1, 1]);
  assert.deepEqual(await codes('rules: {dns-egress-missing: warning}'), [0, 1, 1]);
  assert.deepEqual(await codes('rules: {dns-egress-missing: info}'), [0, 0, 1]);
  assert.deepEqual(await codes('rules: {dns-egress-missing: hint}'), [0, 0, 0]);
  assert.deepEqual(await codes('rules: {dns-egress-missing: off}'), [0, 0, 0]);
});

test('a path that is not there, or cannot be read, is said in one line', async (t) => {
  const cwd = await folderWith(t, shop);
  await symlink('nowhere.yaml', join(cwd, 'broken.yaml'));
  await symlink('round.yaml', join(cwd, 'round.yaml'));
  assertRefused(await netpol(['check', 'nowhere'], { cwd }), /nowhere: there is no such file or folder/);
  assertRefused(await netpol(['check', 'policies', 'nowhere'], { cwd }), /nowhere: there is no such/);
  assertRefused(await netpol(['check', 'broken.yaml'], { cwd }), /broken\.yaml: there is no such/);
  assertRefused(await netpol(['check', 'round.yaml'], { cwd }), /round\.yaml: it is a link that leads back to itself/);
  assertRefused(await netpol(['check', 'policies/api.yaml/x'], { cwd }), /api\.yaml\/x: .*not a folder/);
});

test('wrong usage is said in one line', async (t) => {
  const cwd = await folderWith(t, shop);
  assertRefused(await netpol(['check', '--fromat', 'json'], { cwd }), /--fromat/);
  assertRefused(
    await netpol(['check', '--format', 'xml'], { cwd }),
    /--format xml: use text, json, ndjson, sarif, github or junit/,
  );
  assertRefused(await netpol(['check', '--fail-on', 'hint'], { cwd }), /--fail-on hint: use error, warning or info/);
  assertRefused(await netpol(['check', '--fix', '-'], { cwd }), /--fix.*-/);
  assertRefused(await netpol(['chek'], { cwd }), /there is no command "chek"/);
  assertRefused(await netpol(['constructor'], { cwd }), /there is no command "constructor"/);
  assertRefused(await netpol([], { cwd }), /name a command/);
});

test('a wrong configuration is said in one line', async (t) => {
  const cwd = await folderWith(t, { ...shop, '.netpol.yaml': 'cni: calicoo\nrules: {dns-egress-missing: fatal}\n' });
  assertRefused(
    await netpol(['check'], { cwd }),
    /\.netpol\.yaml:1: cni.*calicoo.*\.netpol\.yaml:2: rules\.dns-egress-missing/,
  );
});

test('--help and --version go to standard output', async () => {
  for (const args of [
    ['--help'],
    ['help'],
    ['check', '--help'],
    ['effective', '-h'],
    ['add', '--help'],
    ['rules', '-h'],
  ]) {
    const { code, out, err } = await netpol(args);
    assert.deepEqual([code, err], [0, ''], args.join(' '));
    assert.match(out, /^netpol/);
  }
  assert.deepEqual(await netpol(['--version']), { code: 0, out: '1.2.3\n', err: '' });
});

test('standard input is a file of its own', async () => {
  const { code, out } = await netpol(['check', '-'], { stdin: badEndPort });
  assert.equal(code, 1);
  assert.match(out, /<stdin>:20:20/);
  assert.equal((await netpol(['check', '-'], { stdin: '' })).code, 0);
});

test('a file is judged with the others that are named, not with what lies beside it', async (t) => {
  const cwd = await folderWith(t, { ...shop, 'policies/deny.yaml': denyEgress, 'policies/dns.yaml': allowDns });
  assert.equal((await netpol(['check', 'policies'], { cwd })).code, 0);
  assert.match((await netpol(['check', 'policies/deny.yaml', 'workloads'], { cwd })).out, /dns-egress-missing/);
  assert.doesNotMatch((await netpol(['check', 'policies/deny.yaml', 'policies/dns.yaml'], { cwd })).out, /dns-egress/);
  // Named twice, counted once.
  assert.match(
    (await netpol(['check', '.', 'policies', 'policies/dns.yaml'], { cwd })).out,
    /^4 files|\n4 files|^\d+ files/,
  );
});

test('the configuration of the current folder counts for a folder below it', async (t) => {
  const cwd = await folderWith(t, { ...bad, '.netpol.yaml': 'rules: {invalid-end-port: off}\n' });
  assert.equal((await netpol(['check', 'policies'], { cwd })).code, 0);
  assert.equal((await netpol(['check', 'policies/api.yaml'], { cwd })).code, 0);
  assert.equal((await netpol(['check', '-'], { cwd, stdin: badEndPort })).code, 0);
});

test('what is excluded is not checked, unless it is named', async (t) => {
  const cwd = await folderWith(t, { ...bad, '.netpol.yaml': 'exclude: [policies/]\n' });
  assert.equal((await netpol(['check'], { cwd })).code, 0);
  assert.equal((await netpol(['check', 'policies/api.yaml'], { cwd })).code, 1);
});

test('patterns of a configuration are told from its own folder, whichever folder below is asked about', async (t) => {
  const cwd = await folderWith(t, {
    'deploy/prod/api.yaml': badEndPort,
    'deploy/prod/tests/api.yaml': badEndPort,
    '.netpol.yaml': 'exclude: [deploy/prod/tests/]\n',
  });
  const files = async (...paths: string[]) => {
    const { out } = await netpol(['check', '--format', 'json', ...paths], { cwd });
    return [...new Set((JSON.parse(out).findings as { file: string }[]).map(({ file }) => file))];
  };
  const api = ['deploy/prod/api.yaml'];
  assert.deepEqual(await files(), api);
  assert.deepEqual(await files('deploy'), api);
  assert.deepEqual(await files('deploy/prod'), api);
  // What is named is meant, though what lies in it may be left out.
  assert.deepEqual(await files('deploy/prod/tests'), ['deploy/prod/tests/api.yaml']);
  await writeFile(join(cwd, '.netpol.yaml'), 'include: [deploy/prod/tests]\n');
  assert.deepEqual(await files('deploy'), ['deploy/prod/tests/api.yaml']);
  await writeFile(join(cwd, '.netpol.yaml'), 'exclude: [deploy/*/tests/**]\n');
  assert.deepEqual(await files('deploy/prod'), api);
  // A path that leads up and down again is the same folder, and one beside it has other rules.
  assert.deepEqual(await files('deploy/../deploy/prod'), api);
});

test('scopes of a configuration further up count for a folder below it', async (t) => {
  const pod = (name: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}\nspec: {}\n`;
  const cwd = await folderWith(t, {
    'clusters/a/pod.yaml': pod('a'),
    'clusters/b/pod.yaml': pod('b'),
    '.netpol.yaml': 'scopes: [{name: one, include: [clusters/a/]}, {name: two, include: [clusters/b/]}]\n',
  });
  const { out } = await netpol(['list', 'clusters', '--format', 'json'], { cwd });
  const pairs = (JSON.parse(out) as { src: string; dst: string }[]).map(({ src, dst }) => `${src} ${dst}`);
  assert.ok(!pairs.some((each) => each.includes('shop/a') && each.includes('shop/b')), pairs.join('; '));
});

test('--format json keeps its contract', async (t) => {
  const cwd = await folderWith(t, {
    ...bad,
    'policies/deny.yaml': denyEgress,
    'broken.yaml': 'apiVersion: networking.k8s.io/v1\nkind: [\n',
  });
  const { code, out } = await netpol(['check', '--format', 'json'], { cwd });
  assert.equal(code, 1);
  const answer = JSON.parse(out);
  const schema = JSON.parse(
    await readFile(fileURLToPath(new URL('../../../docs/json-schema/check.schema.json', import.meta.url)), 'utf8'),
  );
  const validate: (answer: unknown) => boolean = new Ajv().compile(schema);
  assert.ok(validate(answer));
  const found = answer.findings.find(({ rule }: { rule: string }) => rule === 'invalid-end-port');
  assert.deepEqual(
    { file: found.file, severity: found.severity, range: found.range },
    {
      file: join('policies', 'api.yaml'),
      severity: 'error',
      range: { start: { line: 19, character: 19 }, end: { line: 19, character: 21 } },
    },
  );
  assert.ok(found.fixes.length > 0);
  const { errors, warnings, infos, hints } = answer.summary;
  assert.equal(errors + warnings + infos + hints, answer.findings.length);
  // And with nothing found.
  const empty = JSON.parse((await netpol(['check', '--format', 'json'], { cwd: await folderWith(t, shop) })).out);
  assert.ok(validate(empty));
  assert.deepEqual(empty.findings, []);
});

test('--quiet prints errors and warnings only', async (t) => {
  const cwd = await folderWith(t, { ...bad, '.netpol.yaml': 'rules: {invalid-end-port: info}\n' });
  assert.deepEqual(await netpol(['check', '--quiet'], { cwd }), { code: 0, out: '', err: '' });
  assert.match((await netpol(['check', '--quiet'], { cwd: await folderWith(t, bad) })).out, /^error invalid-end-port/);
});

test('--fix applies the safe fixes and leaves every other byte', async (t) => {
  const before = `\uFEFF${apiPolicy}`.replace('policyTypes:', 'PolicyTypes:   # as "it" is').replaceAll('\n', '\r\n');
  const cwd = await folderWith(t, { ...shop, 'policies/api.yaml': before, 'policies/other.yaml': badEndPort });
  const { code, err } = await netpol(['check', '--fix'], { cwd });
  assert.equal(await readFile(join(cwd, 'policies/api.yaml'), 'utf8'), before.replace('PolicyTypes', 'policyTypes'));
  // The swapped range is for a person to decide.
  assert.equal(await readFile(join(cwd, 'policies/other.yaml'), 'utf8'), badEndPort);
  assert.equal(code, 1);
  assert.equal(err, `netpol: fixed ${join('policies', 'api.yaml')}\n`);
  const again = await netpol(['check', '--fix'], { cwd });
  assert.equal(again.err, '');
});

test('--fix keeps the bytes of a file that is not UTF-8', async (t) => {
  const text = apiPolicy.replace('policyTypes:', 'PolicyTypes: # caf\u00e9');
  const cwd = await folderWith(t, { 'api.yaml': Buffer.from(text, 'latin1') });
  await netpol(['check', '--fix'], { cwd });
  const fixed = Buffer.from(text.replace('PolicyTypes', 'policyTypes'), 'latin1');
  assert.deepEqual(await readFile(join(cwd, 'api.yaml')), fixed);
});

test('a file that cannot be written is said in one line', async (t) => {
  const cwd = await folderWith(t, { 'api.yaml': apiPolicy.replace('policyTypes:', 'PolicyTypes:') });
  let err = '';
  const code = await run(
    ['check', '--fix'],
    {
      ...{ cwd, style: styleFor({}, {}), width: 80, out: () => {}, stdin: async () => '' },
      err: (text) => {
        err += text;
      },
      write: async () => {
        throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      },
    },
    '1',
  );
  assert.equal(code, 2);
  assert.equal(err, 'netpol: api.yaml could not be written: permission denied\n');
});

test('files that are not manifests are no findings; a policy that is not YAML is one', async (t) => {
  const cwd = await folderWith(t, {
    ...shop,
    'notes.yaml': 'Dear reader: this "is {{ no [manifest\n\t- at all',
    'picture.yaml': Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256),
    'data.json': '{"a": [1, 2',
    'empty.yaml': '',
  });
  assert.equal((await netpol(['check'], { cwd })).code, 0);
  await writeFile(
    join(cwd, 'cut.yaml'),
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {podSelector: {\n',
  );
  const { code, out, err } = await netpol(['check'], { cwd });
  assert.deepEqual([code, err], [1, 'netpol: picture.yaml was not read: it is not a text file\n']);
  assert.match(out, /error yaml-syntax {2}cut\.yaml/);
  const named = await netpol(['check', 'notes.yaml', 'picture.yaml', 'empty.yaml'], { cwd });
  assert.equal(named.code, 0);
  assert.match(named.err, /^netpol: notes\.yaml holds no object that netpol knows/m);
  assert.match(named.err, /^netpol: picture\.yaml was not read: it is not a text file$/m);
});

test('an alias bomb is a finding, and the other files are answered', async (t) => {
  const levels = Array.from({ length: 30 }, (_, i) =>
    i === 0
      ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
      : `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
  );
  const bomb = `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n${levels.join('\n')}\nspec: *a29\n`;
  const { code, out } = await netpol(['check'], { cwd: await folderWith(t, { ...bad, 'bomb.yaml': bomb }) });
  assert.equal(code, 1);
  assert.match(out, /bomb\.yaml/);
  assert.match(out, /invalid-end-port/);
});

test('a file of 50 MB is refused by name, and the other files are answered', async (t) => {
  const cwd = await folderWith(t, bad);
  const file = await open(join(cwd, 'huge.yaml'), 'w');
  await file.close();
  await truncate(join(cwd, 'huge.yaml'), 50 * 1024 * 1024);
  const { code, out, err } = await netpol(['check'], { cwd });
  assert.equal(code, 1);
  assert.match(out, /invalid-end-port/);
  assert.equal(err, 'netpol: huge.yaml was not read: it has 50 MB; files over 32 MB are not read\n');
  assertRefused(await netpol(['check', 'huge.yaml'], { cwd }), /huge\.yaml: it has 50 MB/);
});

test('a broken link in a folder is said, and the other files are answered', async (t) => {
  const cwd = await folderWith(t, bad);
  await symlink('nowhere.yaml', join(cwd, 'broken.yaml'));
  await mkdir(join(cwd, 'folder.yaml'));
  const { code, err } = await netpol(['check'], { cwd });
  assert.equal(code, 1);
  assert.equal(err, 'netpol: broken.yaml was not read: there is no such file or folder\n');
});

test('links to folders are not followed, links to files are', async (t) => {
  const cwd = await folderWith(t, bad);
  await symlink('.', join(cwd, 'round'));
  await rename(join(cwd, 'policies/api.yaml'), join(cwd, 'policies/api.txt'));
  await symlink('api.txt', join(cwd, 'policies/link.yaml'));
  const { out } = await netpol(['check', '--format', 'json'], { cwd });
  assert.deepEqual(
    JSON.parse(out).findings.map(({ file }: { file: string }) => file),
    [join('policies', 'link.yaml')],
  );
});

test('as a process: exit codes, and no colour in a pipe', async (t) => {
  const cwd = await folderWith(t, bad);
  const found = await netpolProcess(['check'], { cwd });
  assert.equal(found.code, 1);
  assert.ok(!found.out.includes('\u001b'));
  assert.equal((await netpolProcess(['check', 'workloads'], { cwd })).code, 0);
  assertRefused(await netpolProcess(['check', 'nowhere'], { cwd }), /nowhere/);
  assert.equal((await netpolProcess(['check', '-'], { cwd, stdin: badEndPort })).code, 1);
});

test('as a process: FORCE_COLOR colours, NO_COLOR wins', async (t) => {
  const cwd = await folderWith(t, bad);
  assert.ok((await netpolProcess(['check'], { cwd, env: { FORCE_COLOR: '1' } })).out.includes('\u001b[31m'));
  const both = await netpolProcess(['check'], { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
  assert.ok(!both.out.includes('\u001b'));
});

test('as a process: a reader that goes away is no failure', async (t) => {
  const many = badEndPort.split('\n').slice(0, -1).join('\n');
  const cwd = await folderWith(t, { 'many.yaml': `${Array(800).fill(many).join('\n---\n')}\n` });
  const shell = '"$0" "$1" check many.yaml | head -n 1; echo "${PIPESTATUS[0]}"';
  const { out, err } = await new Promise<{ out: string; err: string }>((resolve) => {
    execFile('bash', ['-c', shell, process.execPath, mainModule], { cwd }, (_, out, err) => resolve({ out, err }));
  });
  assert.equal(err, '');
  assert.match(out, /^error .*\n[01]\n$/);
});
