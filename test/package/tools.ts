import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../docs/pages.js';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without what an outer `npm test` says to an inner npm. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>>; input?: string } = {},
): Ended {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: options.cwd,
    env: { ...withoutNpm(), ...options.env },
    input: options.input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** The npm package of the server, as `npm publish` would send it. */
export function packed(folder: string): string {
  mkdirSync(folder, { recursive: true });
  // Not built again: other tests run the bundles at this moment.
  const args = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const { status, stderr } = run('npm', args, { cwd: join(root, 'server') });
  assert.equal(status, 0, stderr);
  const [name = ''] = readdirSync(folder);
  return join(folder, name);
}

/** An empty folder, which goes with the test. */
export function emptyFolder(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'netpol-package-')));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export function withoutNpm(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== 'NODE_ENV');
  return Object.fromEntries(kept.map(([name, value = '']) => [name, value]));
}

interface Versions {
  readonly statedVersions: (folder: string) => readonly { readonly place: string; readonly version: string }[];
  readonly setVersions: (folder: string, to: string) => void;
  readonly versionFaults: (folder: string) => readonly string[];
  readonly changelogSections: (text: string) => readonly {
    readonly line: string;
    readonly version: string | undefined;
    readonly date: string | undefined;
    readonly body: string;
  }[];
  readonly isNewer: (one: string, other: string) => boolean;
}

/** `.ci/versions.mjs`, which has no types of its own. */
export const versions: Versions = await import(pathToFileURL(join(root, '.ci/versions.mjs')).href);
