// Makes a release: checks, writes the version everywhere, dates the changelog, builds and packs. It publishes nothing and
// pushes nothing; the commands for that are its last words.
//
//   node .ci/release.mjs VERSION [--dry-run] [--ci-log FILE] [--date YYYY-MM-DD]
//
//   --dry-run      the whole release in a copy, which is thrown away: nothing here changes
//   --ci-log FILE  what .ci/run printed for this commit; without it, .ci/run runs now
//   --date         the day of the release, today (UTC) when it is left out; the same day gives the same bytes
//
// What it made is in dist-release/: the extension, the npm package, this version's changes, and the SHA-256 sums of all.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './install.mjs';
import { changelogSections, isNewer, setVersions, statedVersions } from './versions.mjs';

/** Why there is no release: said in one line. */
class Refused extends Error {}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  // The archives keep the modes of their files, which must be the same wherever they are made.
  process.umask(0o022);
  const { version, date, dryRun, ciLog } = readArguments();
  requireCleanTree();
  const commit = git('rev-parse', 'HEAD');
  requireNewVersion(version);
  requireReleasable(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version);
  requireCiPassed(ciLog === undefined ? await runCi() : readLog(ciLog), commit);

  // In a copy: nothing that is not committed gets in, and a release that fails has changed nothing here.
  const copy = mkdtempSync(join(tmpdir(), 'netpol-release-'));
  try {
    copyOfTree(copy);
    const sums = makeRelease(copy, version, date);
    console.log(`\ndist-release/, with these SHA-256 sums in SHA256SUMS:\n${sums.join('\n')}`);
    if (dryRun) {
      console.log(`\nChanged:\n${git('-C', copy, 'diff', '--stat')}`);
      console.log('\nA dry run: nothing of this was kept. The release itself would end with:\n');
    } else {
      rmSync(join(root, 'dist-release'), { recursive: true, force: true });
      cpSync(join(copy, 'dist-release'), join(root, 'dist-release'), { recursive: true });
      writeVersion(root, version, date);
      console.log(`\nChanged:\n${git('diff', '--stat')}\n`);
    }
    console.log(nextSteps(version));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function readArguments() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        'ci-log': { type: 'string' },
        date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      },
    });
  } catch (error) {
    throw new Refused(error.message);
  }
  const { positionals, values } = parsed;
  const [version] = positionals;
  if (version === undefined || positionals.length > 1) {
    throw new Refused('node .ci/release.mjs VERSION [--dry-run] [--ci-log FILE] [--date YYYY-MM-DD]');
  }
  // The marketplace of VS Code takes no other.
  if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(version)) {
    throw new Refused(`"${version}" is not a version of three numbers, such as 1.2.3`);
  }
  const day = new Date(`${values.date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== values.date) {
    throw new Refused(`"${values.date}" is not a day, such as 2026-01-31`);
  }
  return { version, date: values.date, dryRun: values['dry-run'], ciLog: values['ci-log'] };
}

function requireCleanTree() {
  const changes = git('status', '--porcelain');
  if (changes !== '') throw new Refused(`the tree has changes that are not committed:\n${changes}`);
}

function requireNewVersion(version) {
  if (git('tag', '--list', `v${version}`) !== '') throw new Refused(`there is a tag v${version} already`);
  const tags = git('tag', '--list', 'v*').split('\n');
  const later = tags.find((tag) => /^v\d+\.\d+\.\d+$/.test(tag) && !isNewer(version, tag.slice(1)));
  if (later !== undefined) throw new Refused(`${later} is released already, and ${version} does not come after it`);
}

/** The newest section holds what is to be released, and the packages have not gone beyond the version. */
function requireReleasable(changelog, version) {
  const [top, ...older] = changelogSections(changelog);
  if (top === undefined || top.date !== undefined) {
    throw new Refused('CHANGELOG.md has nothing unreleased: what would its readers gain?');
  }
  if (top.body === '') throw new Refused(`CHANGELOG.md has nothing below "${top.line}"`);
  const last = older.find((section) => section.date !== undefined);
  if (last !== undefined && !isNewer(version, last.version)) {
    throw new Refused(`CHANGELOG.md says that ${last.version} is released, and ${version} does not come after it`);
  }
  const [{ version: present }] = statedVersions(root);
  if (version !== present && !isNewer(version, present)) {
    throw new Refused(`package.json says ${present} already, and ${version} comes before it`);
  }
}

/** CI ran on this very commit, without a change beside it, and nothing failed. */
function requireCiPassed(log, commit) {
  const at = /^== commit (\S+)$/m.exec(log)?.[1];
  if (at !== commit) {
    throw new Refused(`CI's log is of ${at ?? 'no commit that it names'}, and this is ${commit}: run .ci/run here`);
  }
  const last = log.trimEnd().split('\n').at(-1) ?? '';
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(last) ?? [];
  if (passed === undefined) throw new Refused(`CI's log does not end with its counts, but with "${last}"`);
  if (failed !== '0' || passed === '0') throw new Refused(`CI has not passed: ${last}`);
  console.log(`CI on ${commit.slice(0, 12)}: ${last}`);
}

function readLog(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refused(`CI's log cannot be read: ${error.message}`);
  }
}

/** Runs CI, which takes its time, so that one sees it at work. */
function runCi() {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, '.ci/run'), { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      log += text;
      process.stdout.write(text);
    });
    child.on('error', reject);
    child.on('close', () => resolve(log));
  });
}

/** The tree as it is committed, with the packages that are installed here. */
function copyOfTree(folder) {
  git('clone', '--quiet', '--no-hardlinks', root, folder);
  for (const path of ['node_modules', 'server/node_modules', 'client/node_modules']) {
    const from = join(root, path);
    if (!existsSync(from)) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(from, join(folder, path), 'junction');
  }
}

/** Writes the version wherever it is stated, and the day into the changelog. */
function writeVersion(folder, version, date) {
  setVersions(folder, version);
  const path = join(folder, 'CHANGELOG.md');
  const text = readFileSync(path, 'utf8');
  const [{ line }] = changelogSections(text);
  writeFileSync(path, text.replace(line, `## ${version} (${date})`));
}

/** Writes the version, builds and packs in a folder; answers the sums of what it made in its dist-release/. */
function makeRelease(folder, version, date) {
  writeVersion(folder, version, date);
  const output = join(folder, 'dist-release');
  mkdirSync(output);
  const [{ body }] = changelogSections(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'));
  writeFileSync(join(output, 'CHANGES.md'), `${body}\n`);
  run(folder, 'build', process.execPath, ['.ci/build.mjs', '--check-sizes', '--quiet']);
  run(folder, 'check of the packages', process.execPath, ['.ci/package-check.mjs']);
  const vsix = `netpol-${version}.vsix`;
  // The time that every entry of the archive gets, and the order of them.
  const env = { SOURCE_DATE_EPOCH: String(Date.parse(`${date}T00:00:00Z`) / 1000) };
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  run(
    folder,
    'vsce package',
    process.execPath,
    [vsce, 'package', '--no-dependencies', '--out', join(output, vsix)],
    env,
  );
  // It is built already: building again is what the package's own script is for.
  const pack = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', output];
  run(join(folder, 'server'), 'npm pack', 'npm', pack);

  const files = [vsix, `netpol-language-server-${version}.tgz`, 'CHANGES.md'];
  const sums = files.map((name) => `${sha256(join(output, name))}  ${name}`);
  writeFileSync(join(output, 'SHA256SUMS'), `${sums.join('\n')}\n`);
  return sums;
}

/** What only a person does. */
function nextSteps(version) {
  return [
    'Read the changes, then:',
    '',
    `  git commit --all --message "netpol ${version}"`,
    `  git tag v${version}`,
    `  git push origin HEAD v${version}`,
    `  npm publish dist-release/netpol-language-server-${version}.tgz`,
    `  npx vsce publish --packagePath dist-release/netpol-${version}.vsix`,
    `  npx ovsx publish dist-release/netpol-${version}.vsix`,
    `  gh release create v${version} dist-release/*.vsix dist-release/*.tgz dist-release/SHA256SUMS --notes-file dist-release/CHANGES.md`,
  ].join('\n');
}

function run(cwd, title, command, args, env = {}) {
  const options = { cwd, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...options,
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error !== undefined) throw new Refused(`${title}: ${error.message}`);
  if (status !== 0) throw new Refused(`${title} failed:\n${stdout}${stderr}`.trimEnd());
  console.log(`${title}: done`);
}

function git(...args) {
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error !== undefined) throw new Refused(`git cannot be started: ${error.message}`);
  if (status !== 0) throw new Refused(`git ${args.join(' ')} failed: ${stderr.trim()}`);
  return stdout.trimEnd();
}

function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
