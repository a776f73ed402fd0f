#!/usr/bin/env node
// Makes a machine ready for the editor tests: `node test/editor/setup.mjs`. A second run only reads a stamp.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installFromDebian, minutes, onPath, run, SetupError, say, seconds, settle } from '../../.ci/machine.mjs';
import { findChromium, harnessRoot, modules, node24, node24Root, vscodeServer } from './machine.mjs';

/** Native modules that VS Code's server loads; each must load under Node 24 before the set-up counts as done. */
const nativeModules = ['@vscode/spdlog', '@vscode/native-watchdog', '@parcel/watcher', 'node-pty', 'kerberos'];

/** What Debian must provide, and how to see that it does. */
const systemNeeds = [
  { package: 'chromium', present: () => findChromium() !== undefined },
  { package: 'libkrb5-dev', present: () => existsSync('/usr/include/gssapi/gssapi.h') },
  { package: 'fonts-dejavu-core', present: hasFonts },
  { package: 'g++', present: () => onPath('g++') },
  { package: 'make', present: () => onPath('make') },
  { package: 'python3', present: () => onPath('python3') },
];

const stampFile = join(modules, '.netpol-editor-setup');

/** Changes whenever the packages, this file or the machine's kind change. */
function stamp() {
  const hash = createHash('sha256');
  for (const file of ['package.json', 'package-lock.json', 'setup.mjs'])
    hash.update(readFileSync(join(harnessRoot, file)));
  return hash.update(`${process.platform}-${process.arch}`).digest('hex');
}

/** True when the set-up has been done and is still whole. */
export function isSetUp() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp() && findChromium() !== undefined;
}

async function setUp() {
  const started = Date.now();
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new SetupError(`the editor tests run on Linux (x64, arm64), not on ${process.platform} ${process.arch}`);
  }
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(`Node 20 or newer is needed, this is ${process.version}`);
  }
  if (isSetUp()) {
    say('already done');
    return;
  }
  if (!onPath('npm')) throw new SetupError('npm is needed: install it beside Node');

  await installFromDebian(systemNeeds);
  await run('installing the npm packages', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: harnessRoot,
    limit: 10 * minutes,
  });
  if (!existsSync(node24)) throw new SetupError(`npm did not bring ${node24}: are optional packages switched off?`);

  // VS Code's own dependencies, built for the Node that runs it. Headers of the machine's Node would be the wrong ones.
  await run(
    "building VS Code's native modules (about a minute)",
    'npm',
    ['install', '--omit=dev', '--ignore-scripts=false'],
    {
      cwd: vscodeServer,
      limit: 15 * minutes,
      env: { PATH: [dirname(node24), process.env.PATH].join(delimiter), npm_config_nodedir: node24Root },
    },
  );
  const load = `for (const name of ${JSON.stringify(nativeModules)}) require(name)`;
  await run('loading the native modules', node24, ['-e', load], { cwd: vscodeServer, limit: minutes });

  writeFileSync(stampFile, stamp());
  say(`done in ${seconds(started)}`);
}

function hasFonts() {
  const folders = ['/usr/share/fonts/truetype', '/usr/share/fonts/opentype', '/usr/local/share/fonts'];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await settle(setUp());
