import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Ajv } from 'ajv';
import { folderWith, netpol } from './terminal.js';

const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }
spec: { containers: [{ name: main, image: main }] }
`;
const deny = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: shop }
spec: { podSelector: { matchLabels: { app: api } } }
`;
const allow = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow
  namespace: shop
spec:
  podSelector: { matchLabels: { app: api } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: web } } }]
      ports: [{ port: 8080 }]
`;
const open = { 'k8s/pods.yaml': `${pod('web')}---\n${pod('api')}` };
const closed = { ...open, 'k8s/deny.yaml': deny };

/** A repository of its own whose commits hold these files; the last is also in the working tree. */
async function repository(t: TestContext, ...commits: readonly Readonly<Record<string, string>>[]): Promise<string> {
  const folder = await folderWith(t, {});
  git(folder, 'init', '--quiet', '--initial-branch=main');
  for (const [index, files] of commits.entries()) {
    git(folder, 'rm', '-r', '--quiet', '--ignore-unmatch', '.');
    write(folder, files);
    git(folder, 'add', '--all', '--force');
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', `commit ${index}`);
    git(folder, 'tag', `v${index}`);
  }
  return folder;
}

function git(folder: string, ...args: readonly string[]): void {
  const person = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const env = { ...process.env, ...person, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  execFileSync('git', args, { cwd: folder, env, stdio: 'pipe' });
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The differences as "CHANGE SRC DST", and the lines of their causes. */
async function changes(cwd: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await netpol(['diff', '--format', 'json', ...args], { cwd });
  assert.deepEqual([code, err], [0, ''], err);
  const items = JSON.parse(out) as { change: string; src: string; dst: string; because: { file?: string }[] }[];
  return items.map(
    ({ change, src, dst, because }) => `${change} ${src} ${dst} ${because.map(({ file }) => file).join()}`,
  );
}

const outside = '0.0.0.0-255.255.255.255[External]';
const blocked = (file = 'k8s/deny.yaml') => [
  `removed ${outside} shop/api[Pod] ${file}`,
  `removed shop/web[Pod] shop/api[Pod] ${file}`,
];
const opened = blocked().map((line) => line.replace('removed', 'added'));

test('two folders, and two files', async (t) => {
  const cwd = await folderWith(t, {
    'a/p.yaml': open['k8s/pods.yaml'],
    'b/p.yaml': open['k8s/pods.yaml'],
    'b/d.yaml': deny,
  });
  assert.deepEqual(await changes(cwd, 'a', 'b'), blocked('b/d.yaml'));
  assert.deepEqual(await changes(cwd, 'a/p.yaml', 'b/p.yaml'), []);
});

test('the exit status tells of differences where that is asked for', async (t) => {
  const cwd = await folderWith(t, {
    'a/p.yaml': open['k8s/pods.yaml'],
    'b/p.yaml': open['k8s/pods.yaml'],
    'b/d.yaml': deny,
  });
  assert.equal((await netpol(['diff', 'a', 'b'], { cwd })).code, 0);
  assert.equal((await netpol(['diff', 'a', 'b', '--fail-on-change'], { cwd })).code, 1);
  assert.equal((await netpol(['diff', 'a', 'a', '--fail-on-change'], { cwd })).code, 0);
});

test('a revision and the working tree: edits, new and deleted files count, and nothing is touched', async (t) => {
  const cwd = await repository(t, open);
  assert.deepEqual(await changes(cwd, 'main'), []);
  write(cwd, { 'k8s/deny.yaml': deny });
  assert.deepEqual(await changes(cwd, 'main'), blocked());
  assert.deepEqual(await changes(cwd, 'HEAD', '--', 'k8s/pods.yaml'), []);
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '-m', 'deny');
  rmSync(join(cwd, 'k8s/deny.yaml'));
  assert.deepEqual(await changes(cwd, 'HEAD'), opened);
  const status = execFileSync('git', ['status', '--porcelain'], { cwd }).toString();
  assert.equal(status, ' D k8s/deny.yaml\n');
});

test('two revisions in each spelling', async (t) => {
  const cwd = await repository(t, open, closed);
  for (const words of [
    ['v0', 'v1'],
    ['v0..v1'],
    ['v0..'],
    ['v0...v1'],
    ['v0', 'HEAD'],
    ['HEAD~1', 'k8s'],
    ['v0..v1', 'k8s'],
  ]) {
    assert.deepEqual(await changes(cwd, ...words), blocked(), words.join(' '));
  }
  assert.deepEqual(await changes(cwd, 'v1', 'v0'), opened);
  git(cwd, 'checkout', '--quiet', '-b', 'side', 'v0');
  assert.deepEqual(await changes(cwd, 'main...side'), [], 'since they parted, nothing changed on side');
  assert.deepEqual(await changes(cwd, 'main..side'), opened);
});

test('the words of a removed line name the revision that it is in', async (t) => {
  const cwd = await repository(t, { ...closed, 'k8s/allow.yaml': allow }, closed);
  const { out } = await netpol(['diff', 'v0', 'v1'], { cwd });
  assert.match(
    out,
    /shop\/web\[Pod\] → shop\/api\[Pod\] {3}TCP 8080\n.*allow \(removed\): ingress rule 1 allowed it before {3}v0:k8s\/allow\.yaml:9\n/,
  );
});

test('a file that moves changes nothing; below a folder only that folder counts', async (t) => {
  const cwd = await repository(t, closed);
  mkdirSync(join(cwd, 'other'));
  renameSync(join(cwd, 'k8s/deny.yaml'), join(cwd, 'other/deny.yaml'));
  assert.deepEqual(await changes(cwd, 'HEAD'), []);
  assert.deepEqual(
    await changes(join(cwd, 'k8s'), 'HEAD'),
    blocked('deny.yaml').map((line) => line.replace('removed', 'added')),
  );
});

test('what .gitignore leaves out is left out on both sides, also where git knows the file', async (t) => {
  const ignored = { 'k8s/.gitignore': 'gen/*\n!gen/keep.yaml\n', 'k8s/gen/deny.yaml': deny };
  const cwd = await repository(t, { ...open, ...ignored });
  assert.deepEqual(await changes(cwd, 'HEAD'), []);
  renameSync(join(cwd, 'k8s/gen/deny.yaml'), join(cwd, 'k8s/gen/keep.yaml'));
  assert.deepEqual(await changes(cwd, 'HEAD'), blocked('k8s/gen/keep.yaml'));
});

test('a repository within the folder is not part of the outer one’s working tree', async (t) => {
  const cwd = await repository(t, open);
  write(cwd, { 'inner/deny.yaml': deny });
  git(join(cwd, 'inner'), 'init', '--quiet');
  assert.deepEqual(await changes(cwd, 'HEAD'), []);
});

test('links to files, names with blanks and letters of other alphabets are read from a revision', async (t) => {
  const cwd = await repository(t, open);
  write(cwd, { 'k8s/мир [1]/den y.yaml': deny });
  symlinkSync('мир [1]/den y.yaml', join(cwd, 'k8s/link.yaml'));
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '-m', 'links');
  assert.deepEqual(await changes(cwd, 'HEAD'), []);
  assert.equal((await changes(cwd, 'HEAD~1', 'HEAD')).length, 2);
});

test('many and large files come from one reading', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k8s/p${n}.yaml`, `# ${'x'.repeat(5000)}\n`]));
  const cwd = await repository(t, { ...open, ...many });
  write(cwd, { 'k8s/deny.yaml': deny });
  assert.deepEqual(await changes(cwd, 'HEAD'), blocked());
});

test('a path comes before a revision of the same name, and says so', async (t) => {
  const cwd = await repository(t, { 'main/p.yaml': open['k8s/pods.yaml'], 'b/p.yaml': open['k8s/pods.yaml'] });
  const { code, err } = await netpol(['diff', 'main', 'b'], { cwd });
  assert.equal(code, 0);
  assert.equal(err, 'netpol: main is compared as a path; `refs/heads/main` would be the branch\n');
  const alone = await netpol(['diff', 'main'], { cwd });
  assert.deepEqual([alone.code, alone.out], [2, '']);
  assert.match(
    alone.err,
    /^netpol: main is a path here; `refs\/heads\/main` would be the branch: name a second path[^\n]*\n$/,
  );
  assert.deepEqual(await changes(cwd, 'refs/heads/main'), []);
});

test('several scopes are compared each with its own counterpart', async (t) => {
  const chart = { 'Chart.yaml': 'name: c\nversion: 1.0.0\n' };
  const files = (which: string, more: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries({
        'one/Chart.yaml': chart['Chart.yaml'],
        'one/templates/p.yaml': open['k8s/pods.yaml'],
        ...open,
        ...more,
      }).map(([path, text]) => [`${which}/${path}`, text]),
    );
  const cwd = await folderWith(t, { ...files('a', {}), ...files('b', { 'k8s/deny.yaml': deny }) });
  const { out } = await netpol(['diff', 'a', 'b', '--format', 'json'], { cwd });
  assert.deepEqual(
    [...new Set((JSON.parse(out) as { scope: string }[]).map(({ scope }) => scope))],
    ['the rest of the folder'],
  );
  assert.match((await netpol(['diff', 'a', 'b'], { cwd })).out, /\n# the rest of the folder\n/);
});

test('JSON fits its schema, which refuses what it does not describe', async (t) => {
  const cwd = await folderWith(t, {
    'a/p.yaml': `${pod('api')}---\n${pod('gone')}`,
    'b/p.yaml': open['k8s/pods.yaml'],
    'b/d.yaml': deny,
    'b/e.yaml': allow,
  });
  const schema = new URL('../../../docs/json-schema/diff.schema.json', import.meta.url);
  const validate = new Ajv().compile(JSON.parse(readFileSync(schema, 'utf8')));
  const items = JSON.parse((await netpol(['diff', 'a', 'b', '--format', 'json'], { cwd })).out);
  assert.ok(items.length > 2);
  assert.ok(validate(items), JSON.stringify(validate.errors));
  assert.ok(!validate([{ change: 'added' }]));
});

test('CSV has a row for each difference', async (t) => {
  const cwd = await folderWith(t, {
    'a/p.yaml': open['k8s/pods.yaml'],
    'b/p.yaml': open['k8s/pods.yaml'],
    'b/d.yaml': deny,
  });
  const { out } = await netpol(['diff', 'a', 'b', '--format', 'csv'], { cwd });
  assert.equal(
    out,
    `change,src,dst,before,after\nremoved,${outside},shop/api[Pod],All Connections,No Connections\nremoved,shop/web[Pod],shop/api[Pod],All Connections,No Connections\n`,
  );
});

test('Markdown escapes what the table or GitHub would take as its own', async (t) => {
  const evil = deny.replace('name: deny', 'name: "de|ny`<b>@all"');
  const cwd = await folderWith(t, {
    'a/p.yaml': open['k8s/pods.yaml'],
    'b/p.yaml': open['k8s/pods.yaml'],
    'b/d.yaml': evil,
  });
  const { out } = await netpol(['diff', 'a', 'b', '--format', 'md'], { cwd });
  assert.match(out, /^### Network policies: 2 connections newly blocked\n\n\*\*Newly blocked\*\* \(2\)\n/);
  assert.ok(out.includes('shop/de\\|ny\\`\\<b\\>\\@all'), out);
  assert.doesNotMatch(out, /(?<!\\)[<]b/);
});

const cilium = (spec: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: p, namespace: shop }
spec: { endpointSelector: { matchLabels: { app: api } }, ${spec} }
`;
const states = (before: string, after: string) => ({
  'a/p.yaml': open['k8s/pods.yaml'],
  'a/c.yaml': cilium(before),
  'b/p.yaml': open['k8s/pods.yaml'],
  'b/c.yaml': cilium(after),
});

test('other conditions on the same ports are a change, in the words of the list', async (t) => {
  const ingress = (rules: string) =>
    `ingress: [{ fromEndpoints: [{ matchLabels: { app: web } }], toPorts: [{ ports: [{ port: "8080", protocol: TCP }]${rules} }] }]`;
  const cwd = await folderWith(t, states(ingress(', rules: { http: [{ method: GET, path: "/v1" }] }'), ingress('')));
  const { code, out } = await netpol(['diff', 'a', 'b', '--format', 'json', '--fail-on-change'], { cwd });
  const [item] = JSON.parse(out) as { change: string; before: string; after: string }[];
  assert.deepEqual(
    [code, item?.change, item?.before, item?.after],
    [1, 'changed', 'TCP 8080 (TCP 8080 only HTTP GET /v1)', 'TCP 8080'],
  );
  const listed = JSON.parse((await netpol(['list', 'a', '--format', 'json'], { cwd })).out) as { conn: string }[];
  assert.ok(listed.some(({ conn }) => conn === item?.before));
  const text = await netpol(['diff', 'a', 'b'], { cwd });
  assert.match(text.out, / {3}TCP 8080 instead of TCP 8080 \(TCP 8080 only HTTP GET \/v1\)\n/);
  assert.doesNotMatch(text.out, /Without effect/);
});

test('what a policy changes and no manifest tells is said, and is not called without effect', async (t) => {
  const cwd = await folderWith(
    t,
    states('egress: [{ toFQDNs: [{ matchName: api.stripe.com }] }]', 'egress: [{ toFQDNs: [{ matchPattern: "*" }] }]'),
  );
  const why = 'the addresses behind domain names are learnt from DNS, and no manifest tells them';
  const text = await netpol(['diff', 'a', 'b', '--fail-on-change'], { cwd });
  assert.equal(text.code, 1);
  assert.equal(
    text.out,
    `What 1 policy changes cannot be told: a compared with b\n\nWhat these change cannot be told from the manifests:\n    CiliumNetworkPolicy shop/p (changed): ${why}\n`,
  );
  const md = await netpol(['diff', 'a', 'b', '--format', 'md'], { cwd });
  assert.ok(md.out.includes(`\n- \`CiliumNetworkPolicy shop/p (changed)\`: ${why}\n`), md.out);
  assert.doesNotMatch(md.out, /Without effect|No connection is/);
  for (const [format, empty] of [
    ['json', '[]\n'],
    ['csv', 'change,src,dst,before,after\n'],
  ] as const) {
    const { code, out, err } = await netpol(['diff', 'a', 'b', '--format', format, '--fail-on-change'], { cwd });
    assert.deepEqual(
      [code, out, err],
      [
        1,
        empty,
        `netpol: what CiliumNetworkPolicy shop/p (changed) changes cannot be told from the manifests: ${why}\n`,
      ],
    );
  }
});

test('a set of addresses is a cause, and JSON with it fits the schema', async (t) => {
  const group = (cidr: string) =>
    `apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: { name: g }\nspec: { externalCIDRs: [${cidr}] }\n`;
  const rule = 'ingress: [{ fromCIDRSet: [{ cidrGroupRef: g }] }]';
  const files = states(rule, rule);
  const cwd = await folderWith(t, { ...files, 'a/g.yaml': group('1.2.3.0/24'), 'b/g.yaml': group('1.2.4.0/24') });
  const items = JSON.parse((await netpol(['diff', 'a', 'b', '--format', 'json'], { cwd })).out) as {
    because: object[];
  }[];
  const schema = new URL('../../../docs/json-schema/diff.schema.json', import.meta.url);
  const validate = new Ajv().compile(JSON.parse(readFileSync(schema, 'utf8')));
  assert.ok(validate(items), JSON.stringify(validate.errors));
  const cause = {
    kind: 'address set',
    name: 'CiliumCIDRGroup g',
    change: 'changed',
    side: 'after',
    file: 'b/g.yaml',
    line: 3,
  };
  assert.deepEqual(
    items.map(({ because }) => because),
    [[cause], [cause]],
  );
});

for (const [args, says] of [
  [['diff'], /name what to compare/],
  [['diff', 'nowhere'], /nowhere: there is no such file or folder, and no such revision/],
  [['diff', 'v0', '--', '../x'], /\.\.\/x is not below the current folder/],
  [['diff', 'v0', '--', 'nothing'], /nothing: neither side has manifests there/],
  [['diff', 'v0..nowhere'], /nowhere: there is no such/],
  [['diff', 'v0...nowhere'], /have no common ancestor/],
  [['diff', 'k8s', 'v0'], /k8s is a path here and v0 a revision: compare two paths, or `netpol diff v0 -- k8s`/],
  [['diff', 'k8s', 'k8s', 'k8s'], /there are 3 paths: compare two/],
  [['diff', 'v0', '--format', 'xml'], /--format xml/],
  [['diff', '--', '--upload-pack=x'], /name what to compare/],
] as const) {
  test(`netpol ${args.join(' ')} is refused in one line`, async (t) => {
    const { code, out, err } = await netpol(args, { cwd: await repository(t, open) });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^netpol: [^\n]+\n$/);
    assert.match(err, says);
  });
}

test('outside of a repository a revision is refused in one line', async (t) => {
  const { code, err } = await netpol(['diff', 'main'], { cwd: await folderWith(t, open) });
  assert.equal(code, 2);
  assert.match(
    err,
    /^netpol: main: there is no such file or folder, and it cannot be a revision, since the current folder is in no git repository\n$/,
  );
});
