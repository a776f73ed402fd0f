import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CodeLens } from 'vscode-languageserver-protocol';
import { api, apiPolicy, frontend, shop } from './manifests.js';
import { poor, rich, ServerProcess } from './server-process.js';

const commands = ['netpol.showChanges'];
const trusted = { files: 'disk', trusted: true, commands };
const capabilities = { ...rich, workspace: { ...rich.workspace, codeLens: { refreshSupport: true } } };

function git(folder: string, ...args: readonly string[]): string {
  const person = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const env = { ...process.env, ...person, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd: folder, env, stdio: 'pipe', encoding: 'utf8' });
}

function commit(folder: string): void {
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all', '--force');
  git(folder, 'commit', '--quiet', '-m', 'all');
}

interface Repository {
  readonly server: ServerProcess;
  /** Does something, and waits until the lenses are to be asked for again and show what is expected. */
  until(act: () => unknown, isThere: () => Promise<boolean>): Promise<void>;
}

/** A server on a repository whose last commit holds these files. */
async function started(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  {
    before = async () => {},
    initializationOptions = trusted as object,
  }: {
    readonly before?: (folder: string) => Promise<void>;
    readonly initializationOptions?: object;
  } = {},
): Promise<Repository> {
  const server = await ServerProcess.spawned(t, { files });
  commit(server.folder);
  await before(server.folder);
  let told = () => {};
  server.connection.onRequest('workspace/codeLens/refresh', () => {
    told();
    return null;
  });
  await server.initialize({ capabilities, initializationOptions });
  await server.statuses.where(({ state }) => state === 'ready');
  return {
    server,
    until: (act, isThere) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`it did not come; the last were ${seen}`)), 15_000);
        told = () => {
          isThere().then((found) => {
            if (!found) return;
            clearTimeout(limit);
            resolve();
          }, reject);
        };
        Promise.resolve(act()).then(told, reject);
      }),
  };
}

/** What was there last, for a test that waits in vain. */
let seen = '';

/** The lenses about HEAD, as "LINE: title". */
async function lenses(server: ServerProcess, path: string): Promise<string[]> {
  const found: CodeLens[] = await server.connection.sendRequest('textDocument/codeLens', {
    textDocument: { uri: server.uri(path) },
  });
  return found.flatMap(({ range, command }) =>
    command === undefined ? [] : [`${range.start.line + 1}: ${command.title}`],
  );
}

const shows =
  ({ server }: Repository, path: string, ...expected: readonly string[]) =>
  async () => {
    seen = JSON.stringify(await lenses(server, path));
    return seen === JSON.stringify(expected);
  };

interface Changes {
  readonly title?: string;
  readonly markdown?: string;
  readonly problem?: string;
}

const changes = (server: ServerProcess, params: object = {}): Promise<Changes> =>
  server.connection.sendRequest('netpol/changes', params);

const policy = 'policies/api.yaml';

test('over a policy that differs from HEAD stands what it opens and cuts, as it is typed', async (t) => {
  const repository = await started(t, shop);
  const { server, until } = repository;
  const uri = server.uri(policy);
  assert.deepEqual(await lenses(server, policy), []);
  // Of the frontend's and everybody else's connections: one is cut, those from outside are opened.
  await until(
    () =>
      server.open(
        uri,
        apiPolicy.replace(/podSelector:\n {12}matchLabels:\n {14}app: frontend/, 'ipBlock: {cidr: 10.0.0.0/8}'),
      ),
    shows(repository, policy, '1: opens 1 and cuts 1 connection against HEAD'),
  );
  await until(
    () => server.change(uri, 2, [{ text: apiPolicy.replace('port: 8080', 'port: 9090') }]),
    shows(repository, policy, '1: opens 1 and cuts 1 connection against HEAD'),
  );
  // Written otherwise; and as it was.
  await until(
    () => server.change(uri, 3, [{ text: apiPolicy.replace('      ports:', '      # the API\n      ports:') }]),
    shows(repository, policy, '1: means the same as at HEAD'),
  );
  await until(() => server.change(uri, 4, [{ text: apiPolicy.replaceAll('\n', '\r\n') }]), shows(repository, policy));
});

test('new policies, and those that are gone, from a file and with it', async (t) => {
  const two = `${apiPolicy}---\n${apiPolicy.replace('name: api\n', 'name: other\n').replace('app: frontend', 'app: web')}`;
  const repository = await started(t, { ...shop, 'two.yaml': two, [policy]: '' });
  const { server, until } = repository;
  const added = 'policies/new.yaml';
  await until(
    () =>
      server.open(
        server.uri(added),
        apiPolicy.replace('name: api\n', 'name: wide\n').replace(/ {4}- from[\s\S]*/, '    - {}\n'),
      ),
    shows(repository, added, '1: opens 2 connections, new since HEAD'),
  );
  await until(
    () =>
      server.open(
        server.uri('two.yaml'),
        two.slice(0, two.indexOf('---')).replace('  ingress:', '  # As before.\n  ingress:'),
      ),
    shows(
      repository,
      'two.yaml',
      '1: NetworkPolicy other is gone since HEAD, which opens and cuts no connection',
      '1: means the same as at HEAD',
    ),
  );
  const { markdown } = await changes(server);
  assert.match(markdown ?? '', /Without effect on these workloads: NetworkPolicy shop\/other \(removed\)/);
});

test('a condition, and what no manifest tells, are a change: in the lens and in the view', async (t) => {
  const cilium = (spec: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: p, namespace: shop }
spec: { endpointSelector: { matchLabels: { app: api } }, ${spec} }
`;
  const ingress = (rules: string) =>
    cilium(`ingress: [{ fromEndpoints: [{}], toPorts: [{ ports: [{ port: "80", protocol: TCP }]${rules} }] }]`);
  const egress = (name: string) => cilium(`egress: [{ toFQDNs: [{ matchName: ${name} }] }]`);
  const files = { ...shop, [policy]: '', 'in.yaml': ingress(', rules: { http: [{ method: GET }] }') };
  const repository = await started(t, { ...files, 'out.yaml': egress('a.example.com').replace('name: p', 'name: q') });
  const { server, until } = repository;
  await until(
    () => server.open(server.uri('in.yaml'), ingress('')),
    shows(repository, 'in.yaml', '1: changes the conditions of 1 connection against HEAD'),
  );
  await until(
    () => server.open(server.uri('out.yaml'), egress('b.example.com').replace('name: p', 'name: q')),
    shows(repository, 'out.yaml', '1: changes what the manifests do not tell against HEAD'),
  );
  const all = await changes(server);
  assert.match(all.markdown ?? '', /\*\*1 connection changed; what else 1 policy changes cannot be told\*\*/);
  assert.match(all.markdown ?? '', /: TCP 80 instead of TCP 80 \(TCP 80 only HTTP GET/);
  assert.match(
    all.markdown ?? '',
    /#### What these change cannot be told from the manifests\n\n- \*\*CiliumNetworkPolicy shop\/q \(changed\)\*\*: the addresses behind domain names/,
  );
  assert.doesNotMatch(all.markdown ?? '', /Without effect/);
  const place = { textDocument: { uri: server.uri('out.yaml') }, position: { line: 2, character: 0 } };
  const own = await changes(server, place);
  assert.match(own.markdown ?? '', /\*\*What CiliumNetworkPolicy q changes cannot be told\*\*/);
});

test('the view: what becomes allowed and blocked, with links to the lines, of one policy or all', async (t) => {
  const repository = await started(t, shop);
  const { server, until } = repository;
  const uri = server.uri(policy);
  const open = apiPolicy.replace(/ {4}- from[\s\S]*/, '    - {}\n');
  await until(() => server.open(uri, open), shows(repository, policy, '1: opens 2 connections against HEAD'));
  const all = await changes(server);
  assert.equal(all.title, 'Changes against HEAD');
  assert.match(
    all.markdown ?? '',
    /^\*\*1 connection newly allowed, 1 changed\*\*, compared with HEAD\. Edits that are not saved/,
  );
  assert.match(all.markdown ?? '', /#### Newly allowed — 1 connection/);
  const line = open.split('\n').findIndex((each) => each.includes('- {}')) + 1;
  assert.ok(all.markdown?.includes(`(${uri}#L${line})`), all.markdown);
  const one = await changes(server, { textDocument: { uri }, position: { line: 0, character: 0 } });
  assert.equal(one.title, 'api against HEAD');
  // Another difference that this policy has no part in.
  await server.open(
    server.uri('policies/more.yaml'),
    apiPolicy.replace('name: api\n', 'name: more\n').replace('app: api', 'app: frontend'),
  );
  const still = await changes(server, { textDocument: { uri }, position: { line: 0, character: 0 } });
  assert.match(still.markdown ?? '', /Of other changes \d+ connections? differ/);
  assert.doesNotMatch(still.markdown ?? '', /shop\/more/);
});

test('any revision can be compared with, and where a branch parted; what is none is said', async (t) => {
  const { server } = await started(
    t,
    { ...shop, [policy]: '' },
    {
      async before(folder) {
        git(folder, 'tag', 'v1');
        await writeFile(join(folder, policy), apiPolicy);
        git(folder, 'add', '--all');
        git(folder, 'commit', '--quiet', '-m', 'policy');
      },
    },
  );
  assert.match((await changes(server)).markdown ?? '', /^\*\*No connection is allowed or blocked that was not before/);
  const old = await changes(server, { revision: 'v1' });
  assert.equal(old.title, 'Changes against v1');
  assert.match(old.markdown ?? '', /newly blocked/);
  assert.match((await changes(server, { revision: 'v1...' })).markdown ?? '', /newly blocked/);
  const names: { names?: string[] } = await server.connection.sendRequest('netpol/revisions', {});
  assert.deepEqual(names.names?.toSorted(), ['main', 'v1']);
  for (const revision of ['nowhere', '--upload-pack=x', '-h', '', 'v1...nowhere']) {
    const { problem } = await changes(server, { revision });
    assert.match(problem ?? '', /^Nothing can be compared with .*no revision/, revision);
  }
});

test('a commit takes the lens away, also where no manifest changes with it', async (t) => {
  const repository = await started(t, shop);
  const { server, until } = repository;
  const changed = apiPolicy.replace('port: 8080', 'port: 9090');
  await writeFile(join(server.folder, policy), changed);
  await until(
    () => server.open(server.uri(policy), changed),
    shows(repository, policy, '1: opens 1 and cuts 1 connection against HEAD'),
  );
  await until(
    async () => {
      git(server.folder, 'commit', '--quiet', '--all', '-m', 'change');
      await server.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri: server.uri('.git/logs/HEAD'), type: 2 }],
      });
    },
    shows(repository, policy),
  );
});

test('a workspace below its repository; files that git ignores are none of it', async (t) => {
  const repository = await started(
    t,
    { ...shop, '.gitignore': 'made/\n' },
    {
      async before(folder) {
        await mkdir(join(folder, 'made'), { recursive: true });
        await writeFile(join(folder, 'made/all.yaml'), apiPolicy.replace('name: api\n', 'name: made\n'));
      },
    },
  );
  assert.match((await changes(repository.server)).markdown ?? '', /^\*\*No connection/);
});

test('a kustomized policy has the differences of all its overlays', async (t) => {
  const files = {
    'base/kustomization.yaml': 'resources: [api.yaml, frontend.yaml, policy.yaml]\n',
    'base/api.yaml': api,
    'base/frontend.yaml': frontend,
    'base/policy.yaml': apiPolicy,
    'a/kustomization.yaml': 'namespace: a\nresources: [../base]\n',
    'b/kustomization.yaml': 'namespace: b\nresources: [../base]\n',
  };
  const repository = await started(t, files);
  const { server, until } = repository;
  await until(
    () => server.open(server.uri('base/policy.yaml'), apiPolicy.replace('app: frontend', 'app: web')),
    shows(repository, 'base/policy.yaml', '1: cuts 2 connections against HEAD'),
  );
  const { markdown } = await changes(server);
  assert.match(markdown ?? '', /ingress rule 1 allowed it before \(HEAD:base\/policy\.yaml:13\)/);
  assert.match(markdown ?? '', /### a\n[\s\S]*### b\n/);
});

test('Calico’s policies and those of a list; half-typed text is no failure', async (t) => {
  const calico = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: calico, namespace: shop}
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      source: {selector: app == 'frontend'}
`;
  const list = `apiVersion: v1\nkind: List\nitems:\n${calico.replace(/^/gm, '    ').replace(/^ {4}/, '  - ').trimEnd()}\n`;
  const repository = await started(t, { ...shop, [policy]: list });
  const { server, until } = repository;
  const uri = server.uri(policy);
  await until(
    () =>
      server.open(uri, list.replace("source: {selector: app == 'frontend'}", "source: {selector: app == 'nobody'}")),
    shows(repository, policy, '4: cuts 1 connection against HEAD'),
  );
  await until(
    () => server.change(uri, 2, [{ text: list.slice(0, list.indexOf('spec')) }]),
    async () => (await lenses(server, policy)).every((each) => !each.includes('cuts 1 connection against')),
  );
  assert.ok((await changes(server)).markdown);
});

test('git is not run where nobody trusts the workspace, nor for a client whose disk is not here', async (t) => {
  for (const [options, expected] of [
    [{ ...trusted, trusted: false }, /not trusted/],
    [{ commands }, /not trusted/],
    [{ ...trusted, files: 'client' }, /on a disk/],
  ] as const) {
    const server = await ServerProcess.spawned(t, { files: shop });
    commit(server.folder);
    server.connection.onRequest('netpol/listFiles', () => []);
    await server.initialize({ capabilities: poor, initializationOptions: options });
    await server.statuses.where(({ state }) => state === 'ready');
    assert.match((await changes(server)).problem ?? '', expected);
    const names: Changes = await server.connection.sendRequest('netpol/revisions', {});
    assert.match(names.problem ?? '', expected);
  }
});

test('no repository, or one without a commit, is said and no failure', async (t) => {
  const server = await ServerProcess.start(t, { files: shop, initializationOptions: trusted });
  assert.match((await changes(server)).problem ?? '', /in no git repository/);
  git(server.folder, 'init', '--quiet');
  assert.match((await changes(server)).problem ?? '', /no revision “HEAD”/);
});

test('nothing that a repository configures is run', async (t) => {
  const repository = await started(
    t,
    { ...shop, '.gitattributes': '*.yaml diff=evil filter=evil\n' },
    {
      async before(folder) {
        const script = join(folder, '.git/evil.sh');
        await writeFile(script, `#!/bin/sh\necho ran >> ${folder}/.git/ran\n`);
        await chmod(script, 0o755);
        await appendFile(
          join(folder, '.git/config'),
          `[core]\n\tfsmonitor = ${script}\n\thooksPath = ${dirname(script)}/hooks\n\tpager = ${script}\n\tsshCommand = ${script}\n[diff "evil"]\n\ttextconv = ${script}\n\tcommand = ${script}\n[filter "evil"]\n\tsmudge = ${script}\n\tclean = ${script}\n`,
        );
        await rm(join(folder, '.git/hooks'), { recursive: true, force: true });
      },
    },
  );
  const { server, until } = repository;
  await until(
    () => server.open(server.uri(policy), apiPolicy.replace('app: frontend', 'app: web')),
    shows(repository, policy, '1: cuts 1 connection against HEAD'),
  );
  await changes(server, { revision: 'main' });
  assert.throws(() => execFileSync('cat', [join(server.folder, '.git/ran')], { stdio: 'pipe' }));
});
