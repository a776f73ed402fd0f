// Installs the root's packages when they are missing or older than the lock file. Imported by start and test.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command in the project's root; ends this process with its status when it fails. */
export function step(title, command, args, options = {}) {
  console.log(`> ${title}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

export function install() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    console.error(`netpol needs Node 20 or later; this is ${process.version}.`);
    process.exit(2);
  }
  installIn(root, 'installing packages');
}

/** Installs the packages of a folder when they are missing or older than its lock file. */
export function installIn(folder, title) {
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'node_modules', '.netpol-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  // No package needs its install script: esbuild and biome ship their programs as packages of their own.
  step(title, 'npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  writeFileSync(stamp, lock);
}
