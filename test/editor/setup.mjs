#!/usr/bin/env node
// Makes a machine ready for the editor tests: `node test/editor/setup.mjs`. A second run only reads a stamp.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, harnessRoot, modules, node24, node24Root, vscodeServer } from './machine.mjs';

const minutes = 60_000;

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

class SetupError extends Error {}

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

  await installSystemPackages();
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

async function installSystemPackages() {
  const missing = systemNeeds.filter((need) => !need.present()).map((need) => need.package);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !onPath('apt-get')) {
    throw new SetupError(`missing on this machine: ${missing.join(', ')}. On Debian, as root: ${command}`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('reading the lists of Debian packages', 'apt-get', ['update'], { limit: 5 * minutes, env });
  await run(`installing ${missing.join(', ')}`, 'apt-get', command.split(' ').slice(1), { limit: 15 * minutes, env });
  const still = systemNeeds.filter((need) => !need.present()).map((need) => need.package);
  if (still.length > 0) throw new SetupError(`apt-get installed ${still.join(', ')}, but it cannot be found`);
}

/** Runs one step and stays quiet unless it is slow or fails; a step that hangs is ended with its children. */
function run(title, command, args, { cwd = harnessRoot, limit, env = {} }) {
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

function hasFonts() {
  const folders = ['/usr/share/fonts/truetype', '/usr/share/fonts/opentype', '/usr/local/share/fonts'];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

function onPath(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function seconds(since) {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}

function say(line) {
  console.log(`setup: ${line}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await setUp();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup failed: ${error.message}`);
    process.exitCode = 1;
  }
}
