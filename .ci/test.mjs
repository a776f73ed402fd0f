// Every test: installs, builds, then runs the unit, rule, protocol and command-line tests, the grammar's, and the suite
// in real editors. Writes the counts to test-output/results.json and ends with one line "N passed, N failed".
//
//   npm test [-- GROUP...]    only some groups: the folders of test/, "syntaxes" and "editor"

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, root, step } from './install.mjs';

const groups = process.argv.slice(2);
const wanted = (group) => groups.length === 0 || groups.includes(group);
const output = join(root, 'test-output');
let passed = 0;
let failed = 0;

install();
step('type check and compile', 'npx', ['tsc', '-b', 'server', 'client', 'test'], {
  shell: process.platform === 'win32',
});
step('bundle', process.execPath, ['.ci/build.mjs']);
mkdirSync(output, { recursive: true });

const files = testFiles(join(root, 'test/out')).filter((file) => wanted(file.split('/')[2] ?? ''));
if (files.length > 0) nodeTests(files);
if (wanted('syntaxes')) grammarTests();
if (wanted('editor')) editorTests();

writeFileSync(join(output, 'results.json'), JSON.stringify({ passed, failed }));
if (passed + failed === 0) {
  console.error(`no test ran${groups.length > 0 ? `: there is no group ${groups.join(', ')}` : ''}`);
  process.exit(1);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Compiled test files, as paths from the root: test/out/GROUP/NAME.test.js. */
function testFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return testFiles(path);
    return name.endsWith('.test.js') ? [path.slice(root.length + 1).replaceAll('\\', '/')] : [];
  });
}

function nodeTests(list) {
  console.log(`> ${list.length} test files`);
  const { status, stdout: report } = spawnSync(
    process.execPath,
    [
      '--test',
      // A hang is a failure, said by the test's name.
      '--test-timeout=120000',
      // A pipe of a killed server that stays open must not keep its test file alive. Leaving so does not wait for a
      // reporter's file, hence the report comes by standard output, which is written at once.
      '--test-force-exit',
      '--test-reporter=tap',
      ...list,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  writeFileSync(join(output, 'tests.tap'), report);
  const number = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(report)?.[1] ?? 0);
  const skipped = number('skipped') + number('todo');
  if (skipped > 0) console.error(`\n${skipped} tests are skipped, which counts as failed`);
  const bad = number('fail') + number('cancelled') + skipped;
  passed += number('pass');
  // A runner that failed without a failing test (a file that could not be loaded), or ran none, must not pass.
  failed += bad === 0 && (status !== 0 || number('pass') === 0) ? 1 : bad;
  if (bad > 0 || status !== 0) printFailures(report);
  console.log(`\nnode tests: ${number('pass')} passed, ${bad} failed`);
}

function printFailures(report) {
  const lines = report.split('\n');
  lines.forEach((line, index) => {
    if (/^\s*not ok /.test(line)) console.error(lines.slice(index, index + 40).join('\n'));
  });
}

function grammarTests() {
  const names = readdirSync(join(root, 'test/syntaxes')).filter((name) => name.endsWith('.test.yaml'));
  for (const name of names) {
    const { status } = spawnSync(
      'npx',
      ['vscode-tmgrammar-test', '-g', 'test/syntaxes/base/yaml.tmLanguage.json', `test/syntaxes/${name}`],
      { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' },
    );
    if (status === 0) passed++;
    else failed++;
  }
}

function editorTests() {
  const setup = spawnSync(process.execPath, ['test/editor/setup.mjs'], { cwd: root, stdio: 'inherit' });
  if (setup.status !== 0) {
    failed++;
    return;
  }
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
  if (run.status !== 0 && counted === 0) failed++;
}
