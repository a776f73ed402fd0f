// VS Code's server as a user has it: the extension installed from its VSIX, and no node on the PATH.
import { spawn } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { node24, repositoryRoot, vscodeServer } from '../machine.mjs';
import { startDesktop } from './desktop.mjs';

/**
 * @param {{ temporary: string, data: string }} options absolute paths of empty folders, for the VSIX and for the editor
 * @returns the server, as `startDesktop` does
 */
export async function startInstalled({ temporary, data }) {
  const vsix = join(temporary, 'netpol.vsix');
  const vsce = join(repositoryRoot, 'node_modules', '@vscode', 'vsce', 'vsce');
  await ended(process.execPath, [vsce, 'package', '--no-dependencies', '--out', vsix], { cwd: repositoryRoot });
  // Programs are called by their full paths, and the PATH leads to none at all.
  const empty = join(temporary, 'no-programs');
  await mkdir(empty);
  const env = { PATH: empty };
  const install = [join('out', 'server-main.js'), '--install-extension', vsix, '--server-data-dir', data];
  await ended(node24, [...install, '--accept-server-license-terms'], { cwd: vscodeServer, env });
  // The shell of the user would bring its own PATH.
  return startDesktop({ data, env, args: ['--force-disable-user-env'] });
}

/** The folders of a PATH that hold a node. */
export function foldersWithNode(path) {
  return path.split(':').filter((folder) => {
    try {
      accessSync(join(folder, 'node'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The ids of the processes that run a script below a folder, as Linux lists them. */
export function processesRunning(script, below, readText) {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    const words = readText(`/proc/${id}/cmdline`).split('\0');
    return words.some((word) => word.startsWith(`${below}/`) && word.endsWith(script));
  });
}

function ended(command, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    const keep = (chunk) => {
      log = (log + chunk).slice(-5_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${args.slice(0, 2).join(' ')} ended with ${code}:\n${log}`));
    });
  });
}
