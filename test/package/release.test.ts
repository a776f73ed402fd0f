import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { read, root } from '../docs/pages.js';
import { type Ended, emptyFolder, run, versions } from './tools.js';

const [{ version: present } = { version: '' }] = versions.statedVersions(root);
const next = present.replace(/\d+\.\d+$/, (end) => `${Number(end.split('.')[0]) + 1}.0`);

/** A repository with this tree, also with what is not committed yet, whose changelog has something unreleased. */
class Repository {
  private constructor(
    readonly folder: string,
    /** Where programs put their temporary files. */
    readonly temporary: string,
  ) {}

  static make(t: TestContext): Repository {
    const base = emptyFolder(t);
    const repository = new Repository(join(base, 'netpol'), join(base, 'temporary'));
    mkdirSync(repository.temporary);
    repository.git('init', '--quiet', '--initial-branch=main', repository.folder);
    const listed = run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z', '--', '.', ':!test'], {
      cwd: root,
    });
    for (const path of listed.stdout.split('\0').filter((each) => each !== '' && existsSync(join(root, each)))) {
      mkdirSync(dirname(join(repository.folder, path)), { recursive: true });
      cpSync(join(root, path), join(repository.folder, path));
    }
    for (const path of ['node_modules', 'server/node_modules']) {
      if (existsSync(join(root, path))) symlinkSync(join(root, path), join(repository.folder, path), 'junction');
    }
    writeFileSync(join(repository.folder, '.git/info/exclude'), 'node_modules\n');
    repository.edit('CHANGELOG.md', (text) =>
      text.replace('(unreleased)', '(2026-01-01)').replace('\n## ', '\n## Unreleased\n\n- It flies.\n\n## '),
    );
    repository.commit();
    return repository;
  }

  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
    const cwd = existsSync(this.folder) ? this.folder : dirname(this.folder);
    const { status, stdout, stderr } = run('git', [...identity, ...args], { cwd });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  commit(): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'x');
  }

  /** What CI prints about this commit, but for what is said otherwise. */
  log({ commit = this.git('rev-parse', 'HEAD'), last = '12 passed, 0 failed' } = {}): string {
    const path = join(this.temporary, '../ci.log');
    writeFileSync(path, `== commit ${commit}\n== npm test\nok 1\n\n${last}\n`);
    return path;
  }

  release(...args: readonly string[]): Ended {
    return run(process.execPath, ['.ci/release.mjs', ...args], {
      cwd: this.folder,
      env: { TMPDIR: this.temporary, TMP: this.temporary, TEMP: this.temporary },
    });
  }

  /** That nothing was kept: no change, no package, no commit, no tag, no copy. */
  assertUntouched(commit: string): void {
    assert.equal(this.git('status', '--porcelain', '--ignored=no'), '');
    assert.equal(this.git('rev-parse', 'HEAD'), commit);
    assert.equal(this.git('tag'), '');
    assert.deepEqual(readdirSync(this.temporary), []);
    assert.ok(!existsSync(join(this.folder, 'dist-release')));
  }
}

/** "SUM  NAME" in each line, as `sha256sum` writes. */
function sumsIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([0-9a-f]{64}) {2}(\S+)$/gm)].map(([, sum = '', name = '']) => [name, sum]),
  );
}

const packages = [`netpol-${next}.vsix`, `netpol-language-server-${next}.tgz`, 'CHANGES.md'];

test('a release is rehearsed, then made with the same bytes, and not published', (t) => {
  const repository = Repository.make(t);
  const commit = repository.git('rev-parse', 'HEAD');
  const args = [next, '--ci-log', repository.log(), '--date', '2026-02-03'];

  const rehearsed = repository.release(...args, '--dry-run');
  assert.equal(rehearsed.status, 0, rehearsed.stderr);
  repository.assertUntouched(commit);
  assert.match(rehearsed.stdout, /A dry run/);
  assert.match(rehearsed.stdout, /^ CHANGELOG\.md +\| +2 \+-$/m);
  assert.match(rehearsed.stdout, new RegExp(`git tag v${next}\n.*git push .*\n.*npm publish dist-release/.*\\.tgz\n`));
  const expected = sumsIn(rehearsed.stdout);
  assert.deepEqual(Object.keys(expected), packages);

  const made = repository.release(...args);
  assert.equal(made.status, 0, made.stderr);
  assert.deepEqual(sumsIn(made.stdout), expected);
  const output = join(repository.folder, 'dist-release');
  assert.deepEqual(readdirSync(output).sort(), [...packages, 'SHA256SUMS'].sort());
  assert.deepEqual(sumsIn(readFileSync(join(output, 'SHA256SUMS'), 'utf8')), expected);
  for (const [name, sum] of Object.entries(expected)) {
    assert.equal(
      createHash('sha256')
        .update(readFileSync(join(output, name)))
        .digest('hex'),
      sum,
      name,
    );
  }
  assert.equal(readFileSync(join(output, 'CHANGES.md'), 'utf8'), '- It flies.\n');

  // The tree has the release, and a person commits it.
  assert.match(
    readFileSync(join(repository.folder, 'CHANGELOG.md'), 'utf8'),
    new RegExp(`^## ${next} \\(2026-02-03\\)$`, 'm'),
  );
  assert.deepEqual(versions.versionFaults(repository.folder), []);
  assert.ok(versions.statedVersions(repository.folder).every(({ version }) => version === next));
  assert.equal(repository.git('rev-parse', 'HEAD'), commit);
  assert.equal(repository.git('tag'), '');
  assert.doesNotMatch(repository.git('status', '--porcelain'), /dist-release/);

  // The packages say the version, too.
  const tarball = join(output, `netpol-language-server-${next}.tgz`);
  const manifest = JSON.parse(run('tar', ['-xzOf', tarball, 'package/package.json']).stdout);
  assert.equal(manifest.version, next);
  const unpacked = join(repository.temporary, '../unpacked');
  mkdirSync(unpacked);
  run('tar', ['-xzf', tarball, '-C', unpacked]);
  assert.match(
    run(process.execPath, [join(unpacked, 'package/dist/netpol.js'), '--version']).stdout,
    new RegExp(`\\b${next.replaceAll('.', '\\.')}\\b`),
  );

  // Who builds the tag again, as docs/releasing.md says, gets the same bytes.
  repository.commit();
  const rebuilt = ['npm pack ./server', 'SOURCE_DATE_EPOCH=$(date --utc --date 2026-02-03 +%s) npm run package'];
  for (const command of rebuilt) {
    assert.ok(read('docs/releasing.md').includes(`\n${command}\n`), command);
    const { status, stderr } = run('sh', ['-c', `umask 022; ${command}`], { cwd: repository.folder });
    assert.equal(status, 0, stderr);
  }
  for (const name of packages.slice(0, 2)) {
    const bytes = readFileSync(join(repository.folder, name));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), expected[name], name);
    rmSync(join(repository.folder, name));
  }

  const again = repository.release(next, '--ci-log', repository.log());
  assert.equal(again.status, 1);
  assert.match(again.stderr, /^release: CHANGELOG\.md has nothing unreleased/);
});

test('a release that fails on its way changes nothing', (t) => {
  const repository = Repository.make(t);
  rmSync(join(repository.folder, 'server/README.md'));
  repository.edit('server/package.json', (text) => text.replace('"devDependencies"', '"dependencies"'));
  repository.edit('.vscodeignore', (text) => text.replace('!dist/map.js\n', '!dist/meta.json\n!test*\n!biome.json\n'));
  repository.commit();
  const commit = repository.git('rev-parse', 'HEAD');
  const { status, stderr } = repository.release(next, '--ci-log', repository.log());
  assert.equal(status, 1);
  const faults = [
    'the npm package lacks README.md',
    'server/package.json: yaml is in the bundles, so it belongs under devDependencies',
    'the VSIX lacks dist/map.js',
    'the VSIX holds biome.json, which nothing there uses',
  ];
  assert.match(stderr, /^release: check of the packages failed:\n/);
  for (const fault of faults) assert.ok(stderr.includes(`package: ${fault}\n`), `${fault}\n${stderr}`);
  repository.assertUntouched(commit);
});

describe('no release is made', () => {
  const refusals: readonly (readonly [string, (repository: Repository) => readonly string[], RegExp])[] = [
    ['without a version', () => [], /node \.ci\/release\.mjs VERSION/],
    ['of two versions', () => [next, '9.0.0'], /node \.ci\/release\.mjs VERSION/],
    ['with an unknown option', () => [next, '--publish'], /--publish/],
    ['of a version that VS Code does not take', () => ['1.0.0-beta.1'], /"1\.0\.0-beta\.1" is not a version of three/],
    ['of a version with a v', () => ['v1.0.0'], /"v1\.0\.0" is not a version/],
    ['on a day that is none', () => [next, '--date', '2026-02-30'], /"2026-02-30" is not a day/],
    [
      'with changes that are not committed',
      (repository) => {
        repository.edit('README.md', (text) => `${text}more\n`);
        return [next];
      },
      /not committed:\n ?M README\.md/,
    ],
    [
      'with a file that git does not know',
      (repository) => {
        writeFileSync(join(repository.folder, 'new.txt'), '');
        return [next];
      },
      /not committed:\n\?\? new\.txt/,
    ],
    [
      'of a tag that is there',
      (repository) => {
        repository.git('tag', `v${next}`);
        return [next];
      },
      /there is a tag v/,
    ],
    [
      'before a tag that is there',
      (repository) => {
        repository.git('tag', 'v99.0.0');
        return [next];
      },
      /v99\.0\.0 is released already/,
    ],
    ['of the version before', () => ['0.0.1'], /0\.0\.1 does not come after it/],
    ['of what is released', () => [present], /does not come after it/],
    ['without the log of CI', () => [next, '--ci-log', 'missing.log'], /CI's log cannot be read: .*missing\.log/],
    [
      'after a failure of CI',
      (repository) => [next, '--ci-log', repository.log({ last: '12 passed, 1 failed' })],
      /CI has not passed: 12 passed, 1 failed/,
    ],
    [
      'after a CI that ran nothing',
      (repository) => [next, '--ci-log', repository.log({ last: '0 passed, 0 failed' })],
      /CI has not passed/,
    ],
    [
      'after a CI that was broken off',
      (repository) => [next, '--ci-log', repository.log({ last: '== lint' })],
      /does not end with its counts, but with "== lint"/,
    ],
    [
      'after CI of another commit',
      (repository) => [next, '--ci-log', repository.log({ commit: '0'.repeat(40) })],
      /CI's log is of 0{40}, and this is/,
    ],
    [
      'after CI of this commit with changes',
      (repository) => [next, '--ci-log', repository.log({ commit: `${repository.git('rev-parse', 'HEAD')}-dirty` })],
      /CI's log is of \w+-dirty/,
    ],
    [
      'of nothing',
      (repository) => {
        repository.edit('CHANGELOG.md', (text) => text.replace('- It flies.\n', ''));
        repository.commit();
        return [next];
      },
      /nothing below "## Unreleased"/,
    ],
  ];
  test('where something stands against it', async (t) => {
    const repository = Repository.make(t);
    const start = repository.git('rev-parse', 'HEAD');
    for (const [title, prepare, why] of refusals) {
      await t.test(title, () => {
        const { status, stderr, stdout } = repository.release(...prepare(repository));
        assert.equal(status, 1, stdout);
        assert.match(stderr, /^release: /);
        assert.match(stderr, why);
        assert.ok(!existsSync(join(repository.folder, 'dist-release')));
        assert.ok(!readdirSync(repository.temporary).some((name) => name.startsWith('netpol-release')));
        for (const tag of repository.git('tag').split('\n').filter(Boolean)) repository.git('tag', '--delete', tag);
        repository.git('reset', '--quiet', '--hard', start);
        repository.git('clean', '--quiet', '--force');
      });
    }
  });
});
