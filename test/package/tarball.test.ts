import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  createProtocolConnection,
  type InitializeResult,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { root } from '../docs/pages.js';
import { emptyFolder, packed, run, withoutNpm } from './tools.js';

/** Its files by their paths, read by `tar`. */
function filesOf(tarball: string): readonly string[] {
  return run('tar', ['-tzf', tarball]).stdout.trim().split('\n').sort();
}

test('packing twice gives the same bytes', (t) => {
  const folder = emptyFolder(t);
  const [one, two] = ['one', 'two'].map((name) =>
    createHash('sha256')
      .update(readFileSync(packed(join(folder, name))))
      .digest('hex'),
  );
  assert.equal(one, two);
});

test('the package holds the programs, what they are, and the licences, and nothing else', (t) => {
  const tarball = packed(emptyFolder(t));
  assert.deepEqual(filesOf(tarball), [
    'package/LICENSE',
    'package/README.md',
    'package/dist/NOTICES.txt',
    'package/dist/netpol.js',
    'package/dist/server-node.js',
    'package/package.json',
  ]);
  const notices = run('tar', ['-xzOf', tarball, 'package/dist/NOTICES.txt']).stdout;
  for (const name of ['yaml', 'diff', 'ipaddr.js', '@dagrejs/dagre']) {
    assert.match(notices, new RegExp(`^${name} \\d`, 'm'));
  }
});

describe('installed into an empty folder', () => {
  let folder: string;
  let program: (name: string) => string;

  after(() => rmSync(folder, { recursive: true, force: true }));
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'netpol-package-'));
    const tarball = packed(join(folder, 'packed'));
    const home = join(folder, 'home');
    mkdirSync(home);
    // Offline and with an empty cache: whatever it needed besides could not come from anywhere.
    const { status, stderr } = run(
      'npm',
      ['install', '--offline', '--cache', join(folder, 'cache'), '--no-audit', '--no-fund', tarball],
      { cwd: home },
    );
    assert.equal(status, 0, stderr);
    program = (name) => join(home, 'node_modules/.bin', name);
  });

  test('it is the only package there', () => {
    assert.deepEqual(
      readdirSync(join(folder, 'home/node_modules')).filter((name) => !name.startsWith('.')),
      ['netpol-language-server'],
    );
  });

  test('netpol says its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8'));
    const { status, stdout, stderr } = run(program('netpol'), ['--version'], { cwd: folder });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, new RegExp(`\\b${version.replaceAll('.', '\\.')}$`, 'm'));
  });

  test('netpol check finds what is wrong, and nothing where nothing is', () => {
    const wrong = run(program('netpol'), ['check', join(root, 'examples/shop'), '--format', 'json'], { cwd: folder });
    assert.deepEqual({ status: wrong.status, stderr: wrong.stderr }, { status: 1, stderr: '' });
    const rules = JSON.parse(wrong.stdout).findings.map(({ rule }: { rule: string }) => rule);
    assert.ok(rules.includes('dns-egress-missing') && rules.includes('invalid-end-port'), rules.join());
    const right = run(program('netpol'), ['check', join(root, 'examples/shop-fixed')], { cwd: folder });
    assert.deepEqual({ status: right.status, stderr: right.stderr }, { status: 0, stderr: '' });
  });

  test('netpol list draws', () => {
    const { status, stdout, stderr } = run(
      program('netpol'),
      ['list', join(root, 'examples/shop-fixed'), '--format', 'svg'],
      { cwd: folder },
    );
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /^<svg [\s\S]*storefront[\s\S]*<\/svg>\s*$/);
  });

  test('netpol-language-server answers an editor', async (t) => {
    const server = spawn(program('netpol-language-server'), ['--stdio'], { cwd: folder, env: withoutNpm() });
    t.after(() => server.kill());
    const ended = new Promise<number | null>((resolve) => server.on('exit', resolve));
    const connection = createProtocolConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    t.after(() => connection.dispose());
    connection.listen();
    const { capabilities, serverInfo } = (await connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    })) as InitializeResult;
    assert.equal(capabilities.hoverProvider, true);
    assert.match(serverInfo?.name ?? '', /netpol/);
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    assert.equal(await ended, 0);
  });
});
