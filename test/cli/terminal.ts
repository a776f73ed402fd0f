import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Io } from '#server/cli/command.js';
import { run } from '#server/cli/run.js';
import { styleFor } from '#server/cli/style.js';
import { pathOf } from '#server/host/node-files.js';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, in a folder, without a terminal. */
export async function netpol(
  args: readonly string[],
  options: { cwd?: string; stdin?: string } = {},
): Promise<Outcome> {
  const said = { out: '', err: '' };
  const io: Io = {
    cwd: options.cwd ?? '/',
    style: styleFor({ isTTY: false }, {}),
    width: 100,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    stdin: async () => options.stdin ?? '',
    write: (uri, text) => writeFile(pathOf(uri), text),
  };
  const code = await run(args, io, '1.2.3');
  return { code, ...said };
}

/** Runs it as a process of its own. */
export function netpolProcess(
  args: readonly string[],
  options: { cwd?: string; stdin?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mainModule, ...args], {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...options.env },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(options.stdin ?? '');
  });
}

export const mainModule = fileURLToPath(import.meta.resolve('#server/cli/main.js'));

/** Writes files into a folder of their own, which goes with the test. */
export async function folderWith(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netpol-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}
