import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientCapabilities, InitializeParams } from 'vscode-languageserver-protocol';
import { blockOf } from '../docs/blocks.js';
import { root } from '../docs/pages.js';

/** A place for one run of an editor: a home, the shop as a repository, and the packed server on the PATH. */
export interface Workbench {
  readonly shop: string;
  /** Writes a file that is none of the workspace, and gives its path. */
  write(name: string, text: string): string;
  /**
   * Runs an editor to its end, and reads the report that it has written to `$REPORT` as JSON. Fails with what the editor
   * printed when there is none.
   */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<unknown>;
  /** What the editor's client sent as `initialize`. */
  initialized(): InitializeParams;
  remove(): void;
}

export function newWorkbench(): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-editor-'));
  const [home, shop, programs] = ['home', 'shop', 'programs'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [home, programs]) mkdirSync(each);
  cpSync(join(root, 'examples/shop'), shop, { recursive: true });
  // A repository: by this folder editors find the root.
  execFileSync('git', ['init', '--quiet', shop]);
  const said = join(folder, 'said');
  install(folder, programs, said);
  const report = join(folder, 'report.json');
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    shop,
    write,
    async run(command, args, env = {}) {
      const path = [programs, process.env.PATH].join(delimiter);
      // Editors read their settings from these; a person's own must not count here.
      const xdg = { XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, XDG_STATE_HOME: home, XDG_CACHE_HOME: home };
      const { stdout, stderr } = await promisify(execFile)(command, args, {
        cwd: shop,
        timeout: 60_000,
        killSignal: 'SIGKILL',
        env: { ...process.env, ...env, ...xdg, HOME: home, PATH: path, REPORT: report },
      }).catch((error: { stdout?: string; stderr?: string; message: string }) => ({
        stdout: error.stdout ?? '',
        stderr: `${error.stderr ?? ''}\n${error.message}`,
      }));
      assert.ok(existsSync(report), `${command} has written no report. It said:\n${stdout}\n${stderr}`);
      return JSON.parse(readFileSync(report, 'utf8'));
    },
    initialized: () => initializeIn(readFileSync(said)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Puts the server where the page has it, packed by npm and unpacked again, and keeps what the editor says to it. */
function install(folder: string, programs: string, said: string): void {
  execFileSync('npm', ['pack', join(root, 'server'), '--pack-destination', folder, '--silent', '--ignore-scripts']);
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  assert.ok(archive !== undefined, 'npm has packed the server');
  execFileSync('tar', ['xzf', archive], { cwd: folder });
  const manifest = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'));
  const entry = join(folder, 'package', manifest.bin['netpol-language-server']);
  const starter = join(programs, 'netpol-language-server');
  writeFileSync(starter, `#!/bin/sh\ntee '${said}' | '${process.execPath}' '${entry}' "$@"\n`);
  chmodSync(starter, 0o755);
}

/** The parameters of the first message that a client has sent. */
function initializeIn(said: Buffer): InitializeParams {
  const begin = said.indexOf('\r\n\r\n') + 4;
  const length = Number(/Content-Length: (\d+)/i.exec(said.subarray(0, begin).toString())?.[1]);
  return JSON.parse(said.subarray(begin, begin + length).toString()).params;
}

/** The block of docs/editors.md that sets an editor up, as it stands there. */
export const setUpOf = (heading: string, language: string) => blockOf('docs/editors.md', heading, language);

const update = process.env.UPDATE_FIXTURES === '1';

/**
 * What a real client says that it can, kept for `test/protocol/few-abilities.test.ts`: this fails where the kept file says
 * something else than the editor does.
 */
export function keptCapabilities(name: string, capabilities: ClientCapabilities): void {
  const path = join(root, 'test/protocol/clients', `${name}.json`);
  const text = `${JSON.stringify(capabilities, null, 2)}\n`;
  if (update) writeFileSync(path, text);
  assert.deepEqual(capabilities, JSON.parse(readFileSync(path, 'utf8')));
}
