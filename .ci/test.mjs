// Every test: installs, builds, then runs the unit, rule, protocol and command-line tests, the grammar's, and the suite
// in real editors. Writes the counts to test-output/results.json and ends with one line "N passed, N failed".
//
//   npm test [-- GROUP...]    only some groups: the folders of test/, "syntaxes" and "editor"

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from './files.mjs';
import { install, installIn, root, step } from './install.mjs';

const groups = process.argv.slice(2);
const wanted = (group) => groups.length === 0 || groups.includes(group);
const output = join(root, 'test-output');
let passed = 0;
let failed = 0;
/** What failed, in a line each: said again at the end. */
const failures = [];

install();
// The database of docs/scale.md is large, and nothing else needs it.
if (wanted('scale')) installIn(join(root, 'test/scale'), 'installing the packages of test/scale');
step('type check and compile', 'npx', ['tsc', '-b', 'server', 'client', 'test'], {
  shell: process.platform === 'win32',
});
step('bundle', process.execPath, ['.ci/build.mjs']);
mkdirSync(output, { recursive: true });

/** Groups that need more of the machine than Node and npm: without it they fail, in one line. */
const notReady = ['other-editors', 'package'].filter((group) => wanted(group) && !isSetUp(group));
const files = testFiles().filter((file) => {
  const group = file.split('/')[2] ?? '';
  return wanted(group) && !notReady.includes(group);
});
if (files.length > 0) await nodeTests(files);
if (wanted('syntaxes')) grammarTests();
if (wanted('editor')) editorTests();

writeFileSync(join(output, 'results.json'), JSON.stringify({ passed, failed, failures }));
if (passed + failed === 0) {
  console.error(`no test ran${groups.length > 0 ? `: there is no group ${groups.join(', ')}` : ''}`);
  process.exit(1);
}
for (const failure of failures) console.error(`FAILED ${failure}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Compiled test files, as paths from the root: test/out/GROUP/NAME.test.js. */
function testFiles() {
  const all = filesBelow(join(root, 'test/out'), '.test.js');
  return all.map((path) => path.slice(root.length + 1).replaceAll('\\', '/'));
}

/**
 * Runs each file in a process of its own, as many at once as there are processors. Not by `node --test`: a
 * file that does not end would hold it up without being named, and made to leave it loses reports. Reports go to files, so
 * that nothing is lost with a pipe.
 */
async function nodeTests(list) {
  console.log(`> ${list.length} test files`);
  const folder = join(output, 'tap');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const before = { passed, failed };
  const waiting = [...list];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await nodeTest(file, folder);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  console.log(`\nnode tests: ${passed - before.passed} passed, ${failed - before.failed} failed`);
}

async function nodeTest(file, folder) {
  const path = join(folder, `${file.slice('test/out/'.length).replaceAll('/', '-')}.tap`);
  const report = openSync(path, 'w');
  const child = spawn(process.execPath, ['--test-reporter=tap', file], {
    cwd: root,
    stdio: ['ignore', report, report],
  });
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, 300_000);
  const status = await new Promise((resolve) => child.on('exit', resolve));
  clearTimeout(limit);
  closeSync(report);
  const text = readFileSync(path, 'utf8');
  const number = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  passed += number('pass');
  const skipped = number('skipped') + number('todo');
  const bad = number('fail') + number('cancelled') + skipped;
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    if (!/^\s*not ok /.test(line)) return;
    console.error(lines.slice(index, index + 40).join('\n'));
    failures.push(`${file}: ${line.trim()}`);
  });
  if (skipped > 0) failures.push(`${file}: ${skipped} tests are skipped, which counts as failed`);
  // A file that failed without a failing test (it could not be loaded, or never ended), or ran none, must not pass.
  if (bad === 0 && (status !== 0 || number('pass') === 0)) {
    console.error(lines.slice(-60).join('\n'));
    const why = late ? 'did not end within 300 s' : status !== 0 ? `ended with ${status}` : 'ran no test';
    failures.push(`${file}: the file ${why}`);
    failed++;
  }
  failed += bad;
}

function isSetUp(group) {
  const setup = `test/${group}/setup.mjs`;
  if (spawnSync(process.execPath, [setup], { cwd: root, stdio: 'inherit' }).status === 0) return true;
  failed++;
  failures.push(`the set-up of ${group} (${setup})`);
  return false;
}

function grammarTests() {
  const names = readdirSync(join(root, 'test/syntaxes')).filter((name) => name.endsWith('.test.yaml'));
  for (const name of names) {
    const { status } = spawnSync(
      'npx',
      ['vscode-tmgrammar-test', '-g', 'test/syntaxes/base/yaml.tmLanguage.json', `test/syntaxes/${name}`],
      { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' },
    );
    if (status === 0) {
      passed++;
      continue;
    }
    failed++;
    failures.push(`test/syntaxes/${name}`);
  }
}

function editorTests() {
  if (!isSetUp('editor')) return;
  const run = spawnSync(process.execPath, ['test/editor/run.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  process.stdout.write(run.stdout);
  let counted = 0;
  for (const [, good, bad] of run.stdout.matchAll(/^editor \w+: (\d+) passed, (\d+) failed/gm)) {
    passed += Number(good);
    failed += Number(bad);
    counted += Number(bad);
  }
  for (const [line] of run.stdout.matchAll(/^\[\w+\] not ok .*$/gm)) failures.push(`editor: ${line.trim()}`);
  if (run.status === 0 || counted > 0) return;
  failed++;
  failures.push('the run of the editors (test/editor/run.mjs)');
}
