// Makes a machine ready for tests that need more than npm brings: Debian's packages, and steps that may take long.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { root } from './install.mjs';

/** In milliseconds. */
export const minutes = 60_000;

/** What the person at the machine can mend; its message is one line for them. */
export class SetupError extends Error {}

/**
 * What Debian must provide: `{ package, present }`, the latter to see that it does. Installs what is missing where it may.
 * Throws a SetupError that names the packages and the command where it may not, or where they cannot be found afterwards.
 */
export async function installFromDebian(needs) {
  const missing = () => needs.filter((need) => !need.present()).map((need) => need.package);
  const wanted = missing();
  if (wanted.length === 0) return;
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...wanted];
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !onPath('apt-get')) {
    throw new SetupError(`missing on this machine: ${wanted.join(', ')}. On Debian, as root: ${command.join(' ')}`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('reading the lists of Debian packages', 'apt-get', ['update'], { limit: 5 * minutes, env });
  await run(`installing ${wanted.join(', ')}`, command[0], command.slice(1), { limit: 15 * minutes, env });
  const still = missing();
  if (still.length > 0) throw new SetupError(`apt-get installed ${still.join(', ')}, but it cannot be found`);
}

/** Runs one step and stays quiet unless it is slow or fails; a step that hangs is ended with its children. */
export function run(title, command, args, { cwd = root, limit, env = {} }) {
  say(title);
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const alive = setInterval(() => say(`${title}: ${seconds(started)}, still at it`), 30_000);
    const endAll = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself in the meantime.
      }
    };
    let tooLong = false;
    const timer = setTimeout(() => {
      tooLong = true;
      endAll();
    }, limit);
    const interrupted = () => {
      endAll();
      process.exit(130);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    const finish = (settle) => {
      clearInterval(alive);
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      settle();
    };
    child.on('error', (error) =>
      finish(() => reject(new SetupError(`${title}: ${command} could not start: ${error.message}`))),
    );
    child.on('close', (code) =>
      finish(() => {
        if (code === 0) return resolve();
        process.stderr.write(output.trimEnd().split('\n').slice(-40).join('\n').concat('\n'));
        const why = tooLong ? `took longer than ${limit / minutes} minutes` : `failed with exit code ${code}`;
        reject(new SetupError(`${title}: ${command} ${args.join(' ')} ${why} (its last lines are above)`));
      }),
    );
  });
}

/** Without what an outer `npm run` sets: it would point the inner npm at another folder or another Node's headers. */
function cleanEnvironment() {
  const foreign =
    /^npm_(package|lifecycle|command|execpath|node_execpath)|^npm_config_(local_prefix|prefix|workspace|nodedir|node_gyp|omit|global)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name) && name !== 'NODE_ENV'));
}

export function onPath(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

export function seconds(since) {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}

export function say(line) {
  console.log(`setup: ${line}`);
}

/** Waits for a set-up; what a person can mend is said in one line, and the process ends with 1. */
export async function settle(setUp) {
  try {
    await setUp;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup failed: ${error.message}`);
    process.exitCode = 1;
  }
}
