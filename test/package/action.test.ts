import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { blocksOf } from '../docs/blocks.js';
import { read, root } from '../docs/pages.js';
import { type Ended, emptyFolder, run } from './tools.js';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>;
  readonly runs: {
    readonly steps: readonly [{ readonly run: string; readonly env: Readonly<Record<string, string>> }];
  };
}

const action: Action = parse(read('.github/actions/check/action.yml'));
const [step] = action.runs.steps;
const netpol = join(root, 'server/dist/netpol.js');

/** What stands in for npx: it writes down each call, and answers as `does`, a script in bash, says. */
interface Runner {
  readonly folder: string;
  /** The arguments of each call. */
  readonly calls: () => readonly (readonly string[])[];
  readonly start: (inputs?: Readonly<Record<string, string>>) => Ended;
}

const runsNetpol = `shift 5; exec "${process.execPath}" "${netpol}" "$@"`;

function runner(t: TestContext, does: string): Runner {
  const folder = emptyFolder(t);
  const programs = join(folder, 'programs');
  const work = join(folder, 'a clone');
  const log = join(folder, 'calls');
  mkdirSync(programs);
  mkdirSync(work);
  // Arguments end in NUL, calls in an empty one.
  writeFileSync(join(programs, 'npx'), `#!/usr/bin/env bash\nprintf '%s\\0' "$@" "" >> "${log}"\n${does}\n`);
  chmodSync(join(programs, 'npx'), 0o755);
  const script = join(folder, 'script.sh');
  writeFileSync(script, step.run);
  return {
    folder: work,
    calls: () =>
      readFileSync(log, 'utf8')
        .split('\0\0')
        .slice(0, -1)
        .map((call) => call.split('\0')),
    start: (inputs = {}) =>
      // How GitHub starts `shell: bash`.
      run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
        cwd: work,
        env: { PATH: [programs, process.env.PATH].join(delimiter), ...variables(inputs) },
      }),
  };
}

/** The step's variables, as GitHub fills them in. */
function variables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  for (const name of Object.keys(inputs)) assert.ok(name in action.inputs, name);
  return Object.fromEntries(
    Object.entries(step.env).map(([name, text]) => {
      const [, input = ''] = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text) ?? [];
      const declared = action.inputs[input];
      assert.ok(declared !== undefined, `${name}: ${text}`);
      return [name, inputs[input] ?? declared.default];
    }),
  );
}

test('no input is put into the script itself', () => {
  assert.doesNotMatch(step.run, /\$\{\{/);
});

test('without inputs it checks the folder with the release that it belongs to', (t) => {
  const { calls, start } = runner(t, 'echo found');
  const { status, stdout } = start();
  const { version } = JSON.parse(read('server/package.json'));
  assert.deepEqual({ status, stdout }, { status: 0, stdout: 'found\n' });
  assert.deepEqual(calls(), [
    [
      ...['--yes', '--package', `netpol-language-server@${version}`, '--'],
      ...['netpol', 'check', '--fail-on', 'warning', '--format', 'github', '--', '.'],
    ],
  ]);
});

test('every input arrives as it is', (t) => {
  const { calls, start } = runner(t, 'echo "{}"');
  const hostile = '$(touch injected) "; touch injected; `touch injected` * ~';
  const { status } = start({
    paths: 'deploy  charts/*\tbase',
    'fail-on': hostile,
    format: 'text',
    sarif: 'out put/net pol.sarif',
    baseline: `${hostile} base`,
    version: '9.9.9',
  });
  assert.equal(status, 0);
  const common = ['--yes', '--package', 'netpol-language-server@9.9.9', '--', 'netpol', 'check'];
  const options = ['--fail-on', hostile, '--baseline', `${hostile} base`];
  const paths = ['--', 'deploy', 'charts/*', 'base'];
  assert.deepEqual(calls(), [
    [...common, ...options, '--format', 'sarif', ...paths],
    [...common, ...options, '--format', 'text', ...paths],
  ]);
});

const lines: readonly (readonly [string, string, readonly string[]])[] = [
  ['one in each line', 'deploy\nour charts\n', ['deploy', 'our charts']],
  ['one line of a block', 'our charts\n', ['our charts']],
  ['no line break at the end', 'deploy\n\nour charts', ['deploy', 'our charts']],
  ['breaks of Windows', 'deploy\r\nour charts\r\n', ['deploy', 'our charts']],
  ['backslashes stay', 'a\\b c', ['a\\b', 'c']],
  ['like an option', '--help', ['--help']],
];
for (const [title, paths, expected] of lines) {
  test(`paths: ${title}`, (t) => {
    const { calls, start } = runner(t, 'true');
    assert.equal(start({ paths }).status, 0);
    assert.deepEqual(calls()[0]?.slice(calls()[0]?.lastIndexOf('--')), ['--', ...expected]);
  });
}

test('the step ends as netpol does', (t) => {
  for (const status of [0, 1, 2]) {
    assert.equal(runner(t, `exit ${status}`).start().status, status);
  }
});

test('what is found is annotated, written as SARIF, and fails the step', (t) => {
  const { folder, start } = runner(t, runsNetpol);
  cpSync(join(root, 'examples/shop'), join(folder, 'our shop'), { recursive: true });
  const { status, stdout } = start({ paths: 'our shop\n', sarif: 'reports of today/netpol.sarif' });
  assert.equal(status, 1);
  assert.match(stdout, /^::error file=our shop\/policies\/postgres-metrics\.yaml,line=24,/m);
  const sarif = JSON.parse(readFileSync(join(folder, 'reports of today/netpol.sarif'), 'utf8'));
  assert.equal(sarif.version, '2.1.0');
  assert.ok(sarif.runs[0].results.length > 10);
});

test('where only notes are found the step passes, with SARIF that has them', (t) => {
  const { folder, start } = runner(t, runsNetpol);
  cpSync(join(root, 'examples/shop-fixed'), join(folder, 'shop'), { recursive: true });
  const { status } = start({ paths: 'shop', sarif: 'netpol.sarif' });
  assert.equal(status, 0);
  const { results } = JSON.parse(readFileSync(join(folder, 'netpol.sarif'), 'utf8')).runs[0];
  assert.ok(results.length > 0 && results.every(({ level }: { level: string }) => level === 'note'));
});

test('where netpol cannot run the step says why, and leaves nothing to upload', (t) => {
  const { folder, start } = runner(t, runsNetpol);
  const { status, stderr } = start({ paths: 'missing', sarif: 'netpol.sarif' });
  assert.equal(status, 2);
  assert.match(stderr, /missing/);
  assert.ok(!existsSync(join(folder, 'netpol.sarif')));
});

test('where the package cannot be installed, which npx says with 1, the step does not take it for findings', (t) => {
  const { folder, start } = runner(t, 'echo "npm error 404" >&2; exit 1');
  const { status, stderr } = start({ sarif: 'netpol.sarif' });
  assert.equal(status, 2);
  assert.match(stderr, /npm error 404/);
  assert.ok(!existsSync(join(folder, 'netpol.sarif')));
});

test('a place for SARIF that cannot be written fails the step before netpol runs', (t) => {
  const { folder, start } = runner(t, 'echo ran');
  mkdirSync(join(folder, 'taken'));
  const { status, stdout } = start({ sarif: 'taken' });
  assert.notEqual(status, 0);
  assert.equal(stdout, '');
});

test('the workflow in the documentation gives the action what it takes', () => {
  const [block = ''] = blocksOf('docs/ci.md', 'yaml').filter((each) => each.includes('actions/check'));
  const steps: readonly { uses: string; with?: Record<string, string> }[] = parse(block).jobs.netpol.steps;
  const ours = steps.find(({ uses }) => uses.includes('.github/actions/check@'));
  const given = Object.keys(ours?.with ?? {});
  assert.ok(given.length > 0 && given.every((name) => name in action.inputs), given.join());
  // What it writes is what is uploaded.
  const upload = steps.find(({ uses }) => uses.includes('upload-sarif'));
  assert.equal(upload?.with?.sarif_file, ours?.with?.sarif);
});

test('the hook of pre-commit in the documentation runs', (t) => {
  const [block = ''] = blocksOf('docs/ci.md', 'yaml').filter((each) => each.includes('id: netpol'));
  const [{ entry }] = parse(block).repos[0].hooks;
  const [program, ...args] = entry.split(' ');
  assert.equal(program, 'netpol');
  const folder = emptyFolder(t);
  const git = (...args: readonly string[]) => {
    const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
    assert.equal(run('git', [...identity, ...args], { cwd: folder }).status, 0);
  };
  cpSync(join(root, 'examples/shop'), folder, { recursive: true });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'x');
  assert.equal(run(process.execPath, [netpol, ...args], { cwd: folder }).status, 0);
  const policy = join(folder, 'policies/postgres-metrics.yaml');
  writeFileSync(policy, readFileSync(policy, 'utf8').replace(/endPort: \d+/, 'endPort: 1'));
  const changed = run(process.execPath, [netpol, ...args], { cwd: folder });
  assert.equal(changed.status, 1);
  assert.match(changed.stdout, /invalid-end-port/);
});
