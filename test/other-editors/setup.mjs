#!/usr/bin/env node
// Makes a machine ready for the tests in other editors than VS Code: `node test/other-editors/setup.mjs`. Installs Debian's packages
// where it may, and else says in one line what is missing. A second run only looks.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** What Debian 12 must provide, and how to see that it does. */
const needs = [
  { package: 'neovim', present: () => onPath('nvim') },
  { package: 'emacs-nox', present: () => onPath('emacs') },
  { package: 'elpa-eglot', present: () => hasPackage('eglot') },
  { package: 'elpa-lsp-mode', present: () => hasPackage('lsp-mode') },
  { package: 'elpa-yaml-mode', present: () => hasPackage('yaml-mode') },
];

const missing = () => needs.filter((need) => !need.present()).map((need) => need.package);

const wanted = missing();
if (wanted.length > 0) {
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...wanted];
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !onPath('apt-get')) {
    fail(`missing on this machine: ${wanted.join(', ')}. On Debian, as root: ${command.join(' ')}`);
  }
  console.log(`setup: installing ${wanted.join(', ')}`);
  run(['apt-get', 'update']);
  run(command);
  const still = missing();
  if (still.length > 0) fail(`apt-get installed ${still.join(', ')}, but it cannot be found`);
}

function run([command, ...args]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 10 * 60_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`.split('\n').slice(-40).join('\n'));
  fail(`${command} ${args.join(' ')} failed with ${status ?? 'no exit code'} (its last lines are above)`);
}

function onPath(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

/** A package of Emacs, where Debian puts it. */
function hasPackage(name) {
  const folder = '/usr/share/emacs/site-lisp/elpa';
  return existsSync(folder) && readdirSync(folder).some((each) => new RegExp(`^${name}-\\d`).test(each));
}

function fail(message) {
  console.error(`setup failed: ${message}`);
  process.exit(1);
}
