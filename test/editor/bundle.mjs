// Bundles a suite for the two extension hosts: Node's and the web worker's.
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { harnessRoot } from './machine.mjs';

/**
 * Writes the suite as one CommonJS file and answers its path.
 * The web editor serves only what lies inside the extension's folder, so the file goes there.
 * @param {{ suite: string, extension: string, host: 'node' | 'web' }} options absolute paths
 */
export async function bundleSuite({ suite, extension, host }) {
  const inside = !relative(extension, harnessRoot).startsWith('..');
  const folder = join(inside ? harnessRoot : extension, 'out', host);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // A package of type "module" lies above: Node needs .cjs. The web worker's loader appends .js to any other name.
  const outfile = join(folder, host === 'node' ? 'suite.cjs' : 'suite.js');
  await build({
    entryPoints: [suite],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: host === 'node' ? 'node' : 'browser',
    target: 'es2022',
    external: ['vscode'],
    define: { __EXTENSION_HOST__: JSON.stringify(host), 'process.env.NODE_ENV': '"test"' },
    sourcemap: 'inline',
    logLevel: 'error',
    absWorkingDir: dirname(suite),
  });
  return outfile;
}
