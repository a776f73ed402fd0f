import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { apiPolicy, badEndPort, denyEgress, shop } from '../protocol/manifests.js';
import { folderWith, netpol } from './terminal.js';

const faulty = { ...shop, 'policies/api.yaml': badEndPort, 'policies/deny.yaml': denyEgress };
const schemaFile = new URL('../../cli/schemas/sarif-2.1.0.json', import.meta.url);

async function validator() {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const compiled = ajv.compile(JSON.parse(await readFile(schemaFile, 'utf8')));
  return (log: unknown) => {
    assert.ok(compiled(log), ajv.errorsText(compiled.errors));
  };
}

test('SARIF is what its schema says, with the finding at its line, the cause, and the page of the rule', async (t) => {
  const validate = await validator();
  const { code, out } = await netpol(['check', '--format', 'sarif'], { cwd: await folderWith(t, faulty) });
  assert.equal(code, 1);
  const log = JSON.parse(out);
  validate(log);
  const [{ results, tool }] = log.runs;
  const found = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'invalid-end-port');
  assert.equal(found.level, 'error');
  assert.deepEqual(found.locations[0].physicalLocation, {
    artifactLocation: { uri: 'policies/api.yaml', uriBaseId: 'SRCROOT' },
    region: { startLine: 20, startColumn: 20, endLine: 20, endColumn: 22 },
  });
  assert.equal(tool.driver.rules[found.ruleIndex].id, 'invalid-end-port');
  const dns = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'dns-egress-missing');
  assert.ok(dns.relatedLocations.length > 0);
  assert.match(tool.driver.rules[dns.ruleIndex].help.markdown, /## Why it matters/);
  // Twice the same answer: a fingerprint is no accident.
  const prints = results.map((each: { partialFingerprints: object }) => Object.values(each.partialFingerprints)[0]);
  assert.equal(new Set(prints).size, prints.length);
});

test('a schema that is not met is noticed: the check of the schema can fail', async () => {
  const validate = await validator();
  assert.throws(() => validate({ version: '2.1.0', runs: [{ results: [] }] }), /tool/);
});

test('SARIF of files with odd names, and of nothing, is valid too', async (t) => {
  const validate = await validator();
  const cwd = await folderWith(t, { ...shop, 'my policies/ä#%.yaml': badEndPort });
  const odd = JSON.parse((await netpol(['check', '--format', 'sarif'], { cwd })).out);
  validate(odd);
  assert.equal(
    odd.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri,
    'my%20policies/%C3%A4%23%25.yaml',
  );
  const none = await netpol(['check', '--format', 'sarif'], { cwd: await folderWith(t, shop) });
  assert.equal(none.code, 0);
  validate(JSON.parse(none.out));
});

test('fingerprints stay when lines move', async (t) => {
  const cwd = await folderWith(t, faulty);
  const prints = async () =>
    JSON.parse((await netpol(['check', '--format', 'sarif'], { cwd })).out).runs[0].results.map(
      (each: { partialFingerprints: object }) => Object.values(each.partialFingerprints)[0],
    );
  const before = await prints();
  await writeFile(join(cwd, 'policies/api.yaml'), `# one\n# two\n${badEndPort}`);
  assert.deepEqual(await prints(), before);
});

test('annotations of GitHub name file, lines and columns, and a message of several lines is one command', async (t) => {
  const { code, out } = await netpol(['check', '--format', 'github'], { cwd: await folderWith(t, faulty) });
  assert.equal(code, 1);
  const lines = out.trimEnd().split('\n');
  assert.ok(
    lines.every((line) => /^::(error|warning|notice) file=[^,]+,line=\d+,endLine=\d+/.test(line)),
    out,
  );
  const [error] = lines.filter((line) => line.startsWith('::error'));
  assert.match(
    error ?? '',
    /^::error file=policies\/api\.yaml,line=20,endLine=20,col=20,endColumn=22,title=netpol invalid-end-port::/,
  );
  assert.match(out, /::warning file=policies\/deny\.yaml.*%0A.*dns-egress-missing\.md/);
});

test('what a name may hold does not break an annotation', async (t) => {
  const { out } = await netpol(['check', '--format', 'github'], {
    cwd: await folderWith(t, { ...shop, 'a,b:c%.yaml': badEndPort }),
  });
  assert.match(out, /^::error file=a%2Cb%3Ac%25\.yaml,line=/m);
});

test('JUnit: a failure for each finding that fails, a case that passes for each other file', async (t) => {
  const cwd = await folderWith(t, faulty);
  const { out } = await netpol(['check', '--format', 'junit'], { cwd });
  assert.match(out, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="netpol check">\n/);
  assert.match(
    out,
    /<testsuite name="policies\/api\.yaml" tests="1" failures="1" errors="0">\n {4}<testcase name="invalid-end-port at line 20"/,
  );
  assert.match(
    out,
    /<testsuite name="workloads\/api\.yaml" tests="1" failures="0" errors="0">\n {4}<testcase name="no finding that fails"/,
  );
  const opened = out.match(/<(?!\?|\/)[a-z-]+(?=[^>]*[^/]>)/g)?.length;
  assert.equal(opened, out.match(/<\//g)?.length, 'each element is closed');
  // With nothing below an error that fails, warnings are no failures.
  const { out: errors } = await netpol(['check', '--format', 'junit', '--fail-on', 'error'], { cwd });
  assert.match(
    errors,
    /<testsuite name="policies\/deny\.yaml" tests="1" failures="0"[\s\S]*?<system-out>warning dns-egress-missing/,
  );
});

test('ndjson has in each line what JSON has in its list', async (t) => {
  const cwd = await folderWith(t, faulty);
  const lines = (await netpol(['check', '--format', 'ndjson'], { cwd })).out.trimEnd().split('\n');
  const { findings } = JSON.parse((await netpol(['check', '--format', 'json'], { cwd })).out);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    findings,
  );
});

test('a baseline accepts what is there, and what is new fails', async (t) => {
  const cwd = await folderWith(t, faulty);
  const written = await netpol(['check', '--write-baseline', 'known.json'], { cwd });
  assert.deepEqual([written.code, written.out], [0, '']);
  assert.match(written.err, /known\.json holds \d findings as accepted/);
  const clean = await netpol(['check', '--baseline', 'known.json'], { cwd });
  assert.deepEqual([clean.code, clean.err], [0, '']);
  assert.match(clean.out, /nothing found\n$/);
  // Lines that move, and numbers within a message, make nothing new.
  await writeFile(join(cwd, 'policies/api.yaml'), `# moved\n${badEndPort.replace('endPort: 80', 'endPort: 79')}`);
  assert.equal((await netpol(['check', '--baseline', 'known.json'], { cwd })).code, 0);
  // The same fault in another object does.
  await writeFile(join(cwd, 'policies/other.yaml'), badEndPort.replace('name: api', 'name: other'));
  const { code, out } = await netpol(['check', '--baseline', 'known.json', '--format', 'json'], { cwd });
  assert.equal(code, 1);
  const files = JSON.parse(out).findings.map(({ file, rule }: { file: string; rule: string }) => `${file} ${rule}`);
  assert.deepEqual(
    files.filter((each: string) => each.includes('invalid-end-port')),
    ['policies/other.yaml invalid-end-port'],
  );
});

test('a second finding of a rule in the same object is new, and what is gone is said', async (t) => {
  const cwd = await folderWith(t, { ...shop, 'policies/api.yaml': badEndPort });
  await netpol(['check', '--write-baseline', 'known.json'], { cwd });
  await writeFile(
    join(cwd, 'policies/api.yaml'),
    badEndPort
      .replace(/( +- port: .*\n)( +endPort: 80\n)/, '$1$2$1$2')
      .replace(/( {8}- protocol: TCP\n)([\s\S]*?endPort: 80\n)/, '$1$2$1$2'),
  );
  const twice = await netpol(['check', '--baseline', 'known.json', '--format', 'json'], { cwd });
  assert.equal(
    JSON.parse(twice.out).findings.filter(({ rule }: { rule: string }) => rule === 'invalid-end-port').length,
    1,
  );
  await writeFile(join(cwd, 'policies/api.yaml'), apiPolicy);
  const gone = await netpol(['check', '--baseline', 'known.json'], { cwd });
  assert.deepEqual([gone.code, gone.err], [0, 'netpol: of the baseline known.json, 1 finding no longer there\n']);
});

test('a baseline that is none is said in one line', async (t) => {
  const cwd = await folderWith(t, { ...shop, 'text.json': 'no', 'old.json': '{"version": 0, "findings": []}' });
  for (const [file, says] of [
    ['missing.json', /missing\.json: there is no such file, and no such git revision; `netpol check --write-baseline/],
    ['text.json', /text\.json is no baseline: /],
    ['old.json', /old\.json is no baseline of this version/],
  ] as const) {
    const { code, out, err } = await netpol(['check', '--baseline', file], { cwd });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, says);
  }
});

test('against a revision only what the revision does not have is new, wherever it stands', async (t) => {
  const cwd = await repositoryWith(t, { ...shop, 'policies/deny.yaml': denyEgress });
  assert.equal((await netpol(['check'], { cwd })).code, 1);
  assert.equal((await netpol(['check', '--baseline', 'HEAD', '--fail-on', 'info'], { cwd })).code, 0);
  // The workload changes, and a policy in a file that did not change selects nothing.
  const workload = join(cwd, 'workloads/api.yaml');
  await writeFile(workload, (await readFile(workload, 'utf8')).replaceAll('app: api', 'app: server'));
  const { code, out } = await netpol(['check', '--baseline', 'HEAD', '--format', 'ndjson', '--fail-on', 'info'], {
    cwd,
  });
  assert.equal(code, 1, out);
  assert.match(out, /"rule":"selector-matches-nothing".*"file":"policies\/api\.yaml"/);
  assert.doesNotMatch(out, /dns-egress-missing.*deny\.yaml.*\n.*dns-egress-missing/);
});

test('--changed tells only of files that differ from the commit, also of those git does not know', async (t) => {
  const cwd = await repositoryWith(t, faulty);
  const files = async (...more: string[]) => {
    const { out } = await netpol(['check', '--changed', '--format', 'json', ...more], { cwd });
    return [...new Set(JSON.parse(out).findings.map(({ file }: { file: string }) => file))];
  };
  assert.deepEqual(await files(), []);
  await writeFile(join(cwd, 'policies/api.yaml'), `# changed\n${badEndPort}`);
  assert.deepEqual(await files(), ['policies/api.yaml']);
  await writeFile(join(cwd, 'policies/new.yaml'), badEndPort.replace('name: api', 'name: new'));
  assert.deepEqual(await files(), ['policies/api.yaml', 'policies/new.yaml']);
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '-m', 'second');
  assert.deepEqual(await files(), []);
  assert.deepEqual(await files('--since', 'HEAD~1'), ['policies/api.yaml', 'policies/new.yaml']);
  // What is caused by a line of a changed file belongs to the change.
  await writeFile(join(cwd, 'workloads/worker.yaml'), shop['workloads/api.yaml']?.replaceAll('api', 'worker') ?? '');
  const wrong = await netpol(['check', '--changed', '--since', 'nowhere'], { cwd });
  assert.deepEqual([wrong.code, wrong.out], [2, '']);
  assert.match(wrong.err, /--since nowhere: there is no such revision/);
  const outside = await netpol(['check', '--changed'], { cwd: await folderWith(t, shop) });
  assert.match(outside.err, /--changed asks git: the current folder is in no git repository/);
});

test('--changed tells of every file before the first commit, in the index or not', async (t) => {
  const cwd = await folderWith(t, { 'policies/api.yaml': badEndPort, 'policies/.gitignore': 'ignored.yaml\n' });
  await writeFile(join(cwd, 'policies/ignored.yaml'), badEndPort);
  git(cwd, 'init', '--quiet');
  const changed = async (...more: string[]) =>
    JSON.parse((await netpol(['check', '--changed', '--format', 'json', ...more], { cwd })).out).findings.map(
      ({ file }: { file: string }) => file,
    );
  assert.deepEqual(await changed(), ['policies/api.yaml']);
  git(cwd, 'add', '.');
  assert.deepEqual(await changed(), ['policies/api.yaml']);
});

test('--dry-run prints the patch that --fix would make, and changes nothing', async (t) => {
  const policy = apiPolicy.replace('networking.k8s.io/v1', 'extensions/v1beta1');
  const cwd = await repositoryWith(t, { ...shop, 'policies/api.yaml': policy });
  const path = join(cwd, 'policies/api.yaml');
  const { code, out } = await netpol(['check', '--fix', '--dry-run'], { cwd });
  assert.equal(code, 1);
  assert.match(out, /^--- a\/policies\/api\.yaml\n\+\+\+ b\/policies\/api\.yaml\n@@ /);
  assert.equal(await readFile(path, 'utf8'), policy);
  await writeFile(join(cwd, 'fix.patch'), out);
  git(cwd, 'apply', 'fix.patch');
  const patched = await readFile(path, 'utf8');
  await writeFile(path, policy);
  await rm(join(cwd, 'fix.patch'));
  await netpol(['check', '--fix'], { cwd });
  assert.equal(await readFile(path, 'utf8'), patched);
  assert.deepEqual(await netpol(['check', '--fix', '--dry-run'], { cwd }), { code: 0, out: '', err: '' });
});

test('the jobs of a shard check every file once, and find together what one job finds', async (t) => {
  const kustomization = (name: string) => ({
    [`${name}/kustomization.yaml`]: `namespace: ${name}\nresources: [deny.yaml, api.yaml]\n`,
    [`${name}/deny.yaml`]: denyEgress,
    [`${name}/api.yaml`]: shop['workloads/api.yaml'] ?? '',
  });
  const cwd = await folderWith(t, { ...faulty, ...kustomization('a'), ...kustomization('b') });
  const lines = async (...args: string[]) =>
    (await netpol(['check', '--format', 'ndjson', ...args], { cwd })).out.split('\n').filter((line) => line !== '');
  const whole = await lines();
  for (const of of [1, 2, 3, 7]) {
    const shares = await Promise.all(Array.from({ length: of }, (_, i) => lines('--shard', `${i + 1}/${of}`)));
    assert.deepEqual(shares.flat().sort(), [...whole].sort(), `${of} jobs`);
    if (of === 2) assert.ok(shares.every((share) => share.length < whole.length));
  }
  for (const wrong of ['0/2', '3/2', '1', 'x/y']) {
    const { code, err } = await netpol(['check', '--shard', wrong], { cwd });
    assert.equal(code, 2);
    assert.match(err, /--shard .*: use i\/n/);
  }
});

async function repositoryWith(t: Parameters<typeof folderWith>[0], files: Readonly<Record<string, string>>) {
  const cwd = await folderWith(t, files);
  git(cwd, 'init', '--quiet', '--initial-branch=main');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '-m', 'first');
  return cwd;
}

function git(folder: string, ...args: readonly string[]): void {
  const author = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com' };
  const committer = { GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' };
  execFileSync('git', args, { cwd: folder, env: { ...process.env, ...author, ...committer }, stdio: 'pipe' });
}
