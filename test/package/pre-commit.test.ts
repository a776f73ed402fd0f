import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { blockOf } from '../docs/blocks.js';
import { root } from '../docs/pages.js';
import { emptyFolder, packed, run } from './tools.js';

const heading = 'Before each commit';

/** A repository in which a person commits; `env` is theirs. */
function repository(t: TestContext, env: Readonly<Record<string, string>>) {
  const folder = emptyFolder(t);
  const author = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.invalid' };
  const committer = { GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.invalid' };
  const git = (...args: readonly string[]) =>
    run('git', args, { cwd: folder, env: { ...author, ...committer, ...env, GIT_CONFIG_GLOBAL: '/dev/null' } });
  assert.equal(git('init', '--quiet').status, 0);
  return {
    folder,
    git,
    commit(name: string, text: string) {
      writeFileSync(join(folder, name), text);
      assert.equal(git('add', '--all').status, 0);
      return git('commit', '--message', name);
    },
  };
}

const policy = (rest: string) =>
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny
  namespace: shop
spec:
  podSelector: {}
${rest}`;
const wrong = policy('  policyTypes: [Ingress]\n  ingres: []\n');
const right = policy('  policyTypes: [Ingress]\n');

/** The hook lets a commit through, or says at which line what is wrong. */
function assertGuards({ commit, git }: ReturnType<typeof repository>) {
  const stopped = commit('deny.yaml', wrong);
  assert.equal(stopped.status, 1, stopped.stderr);
  assert.match(stopped.stdout + stopped.stderr, /unknown-field +deny\.yaml:9:3/);
  assert.match(stopped.stdout + stopped.stderr, /Did you mean "ingress"\?/);
  const passed = commit('deny.yaml', right);
  assert.equal(passed.status, 0, passed.stdout + passed.stderr);
  assert.match(git('log', '--oneline').stdout, /deny\.yaml/);
}

test('the hook for pre-commit stops a commit with a fault, and no other', (t) => {
  const tarball = packed(join(emptyFolder(t), 'packed'));
  const there = repository(t, { PRE_COMMIT_HOME: emptyFolder(t) });
  const { version } = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8'));
  const published = `netpol-language-server@${version}`;
  const recipe = blockOf('docs/ci.md', heading, 'yaml');
  assert.ok(recipe.includes(published), recipe);
  // The package of this commit in place of the one that will be published.
  writeFileSync(join(there.folder, '.pre-commit-config.yaml'), recipe.replace(published, tarball));
  const installed = run('pre-commit', ['install'], { cwd: there.folder });
  assert.equal(installed.status, 0, installed.stdout + installed.stderr);
  assertGuards(there);
});

test('so does the hook without it', (t) => {
  const programs = emptyFolder(t);
  const program = join(programs, 'netpol');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'server/dist/netpol.js')}" "$@"\n`);
  chmodSync(program, 0o755);
  const there = repository(t, { PATH: [programs, process.env.PATH].join(delimiter) });
  const hook = join(there.folder, '.git/hooks/pre-commit');
  mkdirSync(join(there.folder, '.git/hooks'), { recursive: true });
  writeFileSync(hook, blockOf('docs/ci.md', heading, 'bash'));
  chmodSync(hook, 0o755);
  assertGuards(there);
});
