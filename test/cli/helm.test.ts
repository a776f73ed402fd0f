import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { URI } from 'vscode-uri';
import { helm } from '#server/host/helm.js';
import { chart, fakeHelm, prints } from './fake-helm.js';
import { folderWith, netpol } from './terminal.js';

async function calls(folder: string): Promise<readonly { args: string[]; env: Record<string, string> }[]> {
  const text = await readFile(join(folder, 'calls.json'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('netpol check --helm judges what helm prints, at the places of the template', async (t) => {
  const cwd = await folderWith(t, chart);
  await fakeHelm(cwd, prints);
  const { code, out, err } = await netpol(['check', 'shop', '--helm', '--helm-path', 'bin/helm'], { cwd });
  assert.match(out, /^error invalid-end-port {2}shop\/templates\/policy\.yaml:11:20\n/m);
  assert.deepEqual([code, err], [1, '']);
  const [call] = await calls(cwd);
  assert.deepEqual(call, {
    args: ['template', 'release-name', join(cwd, 'shop'), '--namespace=default'],
    env: { HTTPS_PROXY: 'http://127.0.0.1:9', KUBECONFIG: devNull, HELM_NO_PLUGINS: '1' },
  });
});

test('without --helm no program is run', async (t) => {
  const cwd = await folderWith(t, chart);
  const program = await fakeHelm(cwd, prints);
  const { code } = await netpol(['check', 'shop'], { cwd });
  assert.equal(code, 0);
  const refused = await netpol(['check', 'shop', `--helm-path=${program}`], { cwd });
  assert.deepEqual(
    [refused.code, refused.err],
    [2, 'netpol: --helm-path says which helm to run, and --helm that it is run\n'],
  );
  assert.ok(!existsSync(join(cwd, 'calls.json')));
});

test('values and the version are joined to their options; a configuration cannot name a program', async (t) => {
  const cwd = await folderWith(t, {
    ...chart,
    'shop/a,b.yaml': 'port: 1\n',
    '.netpol.yaml': 'helm:\n  values: {shop: [[values.yaml, "a,b.yaml"]]}\n  kubeVersion: "1.31"\n',
  });
  await fakeHelm(cwd, prints);
  assert.equal((await netpol(['list', '--helm', '--helm-path=./bin/helm'], { cwd })).code, 0);
  const [call] = await calls(cwd);
  assert.deepEqual(call?.args.slice(3), [
    '--namespace=default',
    `--values=${join(cwd, 'shop/values.yaml')}`,
    `--values="${join(cwd, 'shop/a,b.yaml')}"`,
    '--kube-version=1.31',
  ]);
  const { code, err } = await netpol(['check', '--helm', '--helm-path=./bin/helm'], {
    cwd: await folderWith(t, { ...chart, '.netpol.yaml': 'helm: {path: /bin/sh}\n' }),
  });
  assert.equal(code, 2);
  assert.match(err, /There is no setting "path"/);
});

test('what helm complains of is one line, and the chart is read as it is written', async (t) => {
  const cwd = await folderWith(t, chart);
  const complaint =
    'Error: An error occurred while checking for chart dependencies. You may need to run `helm dependency build`';
  await fakeHelm(cwd, `process.stderr.write('WARNING: x\\n${complaint}\\nmore\\n'); process.exitCode = 1;`);
  const { code, out, err } = await netpol(['check', '--helm', '--helm-path=./bin/helm'], { cwd });
  assert.equal(err, `netpol: the chart shop was not rendered: helm says: ${complaint}\n`);
  assert.match(out, /1 policy/);
  assert.equal(code, 0);
});

test('a helm that is not there keeps the command from running', async (t) => {
  const cwd = await folderWith(t, chart);
  const { code, err } = await netpol(['check', '--helm', '--helm-path=./none'], { cwd });
  assert.equal(code, 2);
  assert.match(err, /^netpol: charts are rendered with helm, and the program \S+none is not there; install it/);
});

test('a helm that does not end, or does not stop, is ended', async (t) => {
  const cwd = await folderWith(t, chart);
  const request = { chart: URI.file(join(cwd, 'shop')).toString(), values: [], kubeVersion: undefined };
  const asleep = await fakeHelm(cwd, 'setInterval(() => {}, 1000);');
  assert.deepEqual(await helm({ program: asleep, seconds: 0.5 }).render(request), {
    error: 'it was not rendered within 0.5 s',
  });
  const endless = await fakeHelm(
    cwd,
    "const much = Buffer.alloc(1 << 22, 'x'); const go = () => process.stdout.write(much, go); go();",
  );
  assert.deepEqual(await helm({ program: endless, seconds: 60 }).render(request), {
    error: 'it gives more than 64 MB',
  });
});

test('revisions are not rendered, and the help says what is', async (t) => {
  const { out } = await netpol(['list', '--help']);
  assert.match(out, /--helm-path PATH/);
  assert.doesNotMatch((await netpol(['schema', '--help'])).out, /--helm/);
  const cwd = await folderWith(t, chart);
  assert.match((await netpol(['diff', 'shop', 'shop', '--helm', '--helm-path=./none'], { cwd })).err, /is not there/);
});
