// The main job in one command: installs, builds, checks a folder (examples/ when none is named) and shows what one of
// its policies allows.
//
//   npm start                 the examples
//   npm start -- PATH...      any file or folder

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { install, root, step } from './install.mjs';

const paths = process.argv.slice(2);
install();
step('building', process.execPath, ['.ci/build.mjs', '--quiet']);

// npm changes to the project's folder; INIT_CWD is where the person stands.
const from = process.env.INIT_CWD ?? process.cwd();
const targets = paths.length > 0 ? paths.map((path) => resolve(from, path)) : ['examples'];
const shown = paths.length > 0 ? [] : ['--policy', 'shop/api'];

console.log(`\n> netpol check ${(paths.length > 0 ? paths : targets).join(' ')}\n`);
const check = netpol(['check', ...targets], 'inherit');
if (check.status !== null && check.status > 1) process.exit(check.status);

const first = paths.length > 0 ? firstPolicy(targets) : shown;
if (first === undefined) {
  console.log('There are no policies here to show.');
} else {
  console.log(`> netpol effective ${(paths.length > 0 ? paths : targets).join(' ')} ${first.join(' ')}\n`);
  const effective = netpol(['effective', ...targets, ...first], 'inherit');
  if (effective.status !== 0) process.exit(effective.status ?? 1);
}

function netpol(args, stdout) {
  return spawnSync(process.execPath, [join(root, 'server/dist/netpol.js'), ...args], {
    cwd: root,
    stdio: ['inherit', stdout, 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
}

function firstPolicy(paths) {
  const { stdout } = netpol(['effective', ...paths, '--format', 'json'], 'pipe');
  const [policy] = JSON.parse(stdout || '[]');
  return policy === undefined ? undefined : ['--policy', policy.name];
}
