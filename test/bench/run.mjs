// Measures netpol's bundles against the numbers of the README, and yaml-language-server beside them with the same client.
//
//   node run.mjs [--quick] [--markdown] [--only ROWS]
//
//   --quick      a tenth of everything, to see that the bench itself works; its numbers hold nothing
//   --markdown   also prints the table as Markdown
//   --requests X only those requests whose method holds this
//   --only ROWS  some of: small, large, requests, head, cold, cli, reach, growth, threads, size

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { coldCheck } from './cold-check.mjs';
import { growth } from './growth.mjs';
import { manifests, writeWorkspace } from './manifests.mjs';
import { askAll, quantile } from './requests.mjs';
import { megabytes, milliseconds, stepped, timed } from './rows.mjs';
import { begin, lineWith, netpolAt, questions, toggling, typing, yamlServerAt } from './sessions.mjs';
import { markdownTable, textTable } from './table.mjs';
import { threads } from './threads.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    requests: { type: 'string', default: '' },
    only: { type: 'string', default: 'small,large,requests,head,cold,cli,reach,growth,threads,size' },
  },
});
const wanted = new Set(flags.only.split(','));
const count = flags.quick ? 1_000 : 10_000;
const documents = flags.quick ? 200 : 2_000;
const edits = flags.quick ? 30 : 200;
const slowEdits = flags.quick ? 5 : 20;

const scratch = mkdtempSync(join(tmpdir(), 'netpol-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
// A copy, so that a build in between does not change what is measured.
const server = copy('dist/server-node.cjs');
const cli = copy('server/dist/netpol.js');
const ours = netpolAt(server);
const theirs = yamlServerAt(join(here, 'node_modules/yaml-language-server/bin/yaml-language-server'));

const workspace = join(scratch, 'workspace');
const list = manifests(count);
const bytes = writeWorkspace(workspace, list);
const large = join(scratch, 'large');
mkdirSync(large);
const stream = manifests(documents, { mix: { deployments: 0.3, services: 0.1 } })
  .map(({ text }) => text)
  .join('---\n');
writeFileSync(join(large, 'all.yaml'), stream);

const [cpu] = cpus();
console.log(
  `${count} manifests (${megabytes(bytes)}) and one file of ${documents} documents (${megabytes(stream.length)}); Node ${process.versions.node}, ${cpus().length} × ${cpu?.model ?? 'unknown processor'}${flags.quick ? '; quick: the budgets are for ten times as much' : ''}\n`,
);

const rows = [];
if (wanted.has('small')) await small();
if (wanted.has('large')) await largeFile();
if (wanted.has('requests')) await requests();
if (wanted.has('head')) await besideHead();
if (wanted.has('cold')) await cold();
if (wanted.has('cli')) await wholeCheck();
if (wanted.has('reach')) allPairs();
if (wanted.has('threads')) await threads(list);
if (wanted.has('growth')) rows.push(...(await growth({ ours, theirs, cli, scratch, scale: flags.quick ? 0.1 : 1 })));
if (wanted.has('size')) sizes();

console.log(textTable(rows));
if (flags.markdown) console.log(`\n${markdownTable(rows)}`);
process.exitCode = rows.some(({ holds }) => holds === false) && !flags.quick ? 1 : 0;

/** Every pair of a cluster's pods, and how the time grows with ten times as many. */
function allPairs() {
  const measured = (pods) => {
    const sizes = [pods, pods / 10, pods / 100].map(String);
    const { status, stdout } = spawnSync(process.execPath, [join(here, 'reach.mjs'), ...sizes], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`reach.mjs ended with ${status}`);
    return JSON.parse(stdout);
  };
  const [small, big] = [measured(count / 10), measured(count)];
  console.log(
    `all pairs: ${[small, big].map(({ pods, policies, classes, allowed, milliseconds }) => `${pods} pods, ${policies} policies: ${classes} classes, ${allowed} pairs may connect, ${Math.round(milliseconds)} ms`).join('; ')}; ${(big.milliseconds / small.milliseconds).toFixed(1)} times the time for ${big.pods / small.pods} times the pods\n`,
  );
  rows.push({
    title: `all pairs, ${big.pods} pods, ${big.policies} policies, ${big.namespaces} namespaces`,
    budget: '≤ 2 s, 1 GB',
    ours: `${(big.milliseconds / 1000).toFixed(2)} s`,
    memory: megabytes(big.memory),
    theirs: '',
    holds: big.milliseconds <= 2_000 && big.memory <= 1e9,
  });
}

/** Edits of a file with one policy, and the questions of a cursor, in the workspace of many manifests. */
async function small() {
  const chosen = list.findLast(({ text }) => text.includes('ipBlock') && !text.includes('70000'));
  const path = join(workspace, chosen.namespace, `${chosen.name}.yaml`);
  const found = {};
  for (const side of [ours, theirs]) {
    const session = await begin(side, workspace, path);
    const typed = await typing(side, session, side === ours ? edits : slowEdits, lineWith(chosen.text, 'port: 5432'));
    const at = { line: lineWith(chosen.text, 'kind: NetworkPolicy'), character: 8 };
    const peerAt = { line: lineWith(chosen.text, 'matchLabels', 1), character: 14 };
    const document = { textDocument: { uri: session.uri } };
    const hover = await questions(session, side === ours ? edits : slowEdits, (n) => [
      'textDocument/hover',
      { ...document, position: n % 2 === 0 ? at : peerAt },
    ]);
    const action = await questions(session, side === ours ? edits : slowEdits, (n) => {
      const start = n % 2 === 0 ? at : { line: 0, character: 0 };
      const end = n % 2 === 0 ? at : { line: chosen.text.split('\n').length, character: 0 };
      return ['textDocument/codeAction', { ...document, range: { start, end }, context: { diagnostics: [] } }];
    });
    found[side.title] = { typed, hover, action, completes: session.offered.completionProvider !== undefined };
    if (side === ours && session.offered.completionProvider !== undefined) {
      found[side.title].completion = await questions(session, side === ours ? edits : slowEdits, () => [
        'textDocument/completion',
        { ...document, position: peerAt },
      ]);
    }
    found[side.title].memory = await session.client.stop();
  }
  const [a, b] = [found[ours.title], found[theirs.title]];
  rows.push(
    timed(
      'edit to diagnostics, one policy, 10,000 manifests',
      { median: 10, p99: 30 },
      a.typed,
      b.typed,
      a.memory,
      b.memory,
    ),
    timed('hover, same workspace', { p99: 20 }, a.hover, b.hover),
    a.completion === undefined
      ? {
          title: 'completion, same workspace',
          budget: 'p99 ≤ 20 ms',
          ours: 'not there yet',
          theirs: '',
          holds: undefined,
        }
      : timed('completion, same workspace', { p99: 20 }, a.completion),
    timed('code actions, same workspace', { p99: 20 }, a.action, b.action),
  );
}

async function largeFile() {
  const path = join(large, 'all.yaml');
  const found = {};
  for (const side of [ours, theirs]) {
    const session = await begin(side, large, path);
    const half = stream
      .split('\n')
      .findIndex((line, index, all) => index > all.length / 2 && line.includes('port: 5432'));
    const typed = await typing(side, session, side === ours ? edits : slowEdits, half);
    found[side.title] = { typed, memory: await session.client.stop() };
  }
  const [a, b] = [found[ours.title], found[theirs.title]];
  rows.push(
    timed('edit to diagnostics, 2,000 documents in one file', { median: 50 }, a.typed, b.typed, a.memory, b.memory),
  );
}

/** Each request of the server's table, and no other: in the workspace of many manifests, and in a file of many documents. */
async function requests() {
  commitAll();
  const { features } = await import(new URL('../../server/out/features/index.js', import.meta.url));
  const left = new Set(features.map(({ method }) => method));
  const only = (method) => method.includes(flags.requests);
  for (const [where, folder] of [
    [`${count} manifests`, workspace],
    [`${documents} documents in one file`, large],
  ]) {
    const subjects = await subjectsIn(folder);
    const found = await askAll(subjects, { only, quick: flags.quick, each: progress });
    for (const { title, method, inSteps, times, block } of found) {
      left.delete(method);
      const name = `${title}, ${where}`;
      rows.push(inSteps ? stepped(name, times, block) : timed(name, { p99: 20 }, times));
    }
    await subjects.session.client.stop();
  }
  rmSync(join(workspace, '.git'), { recursive: true, force: true });
  const missing = [...left].filter(only);
  if (missing.length > 0) throw new Error(`no row asks ${missing.join(', ')}`);
}

/** Said while it is measured: the table comes at the end. */
function progress({ title, first, times, block }) {
  const told = [first, quantile(times, 0.5), quantile(times, 0.99), block].map(milliseconds);
  console.error(`  ${title}: first ${told[0]}, then ${told[1]} / ${told[2]}, at a stretch ${told[3]}`);
}

/** What the questions are about, with edits that change a policy's ports and a workload's labels. */
async function subjectsIn(folder) {
  const inFile = folder === large;
  const chosen = list.findLast(({ text }) => text.includes('ipBlock') && !text.includes('70000'));
  const own = list.findLast(
    ({ text, namespace }) => text.includes('kind: Deployment') && namespace === chosen.namespace,
  );
  const pathOf = ({ namespace, name }) =>
    inFile ? join(large, 'all.yaml') : join(workspace, namespace, `${name}.yaml`);
  const side = { ...ours, start: () => ours.start() };
  const session = await begin(side, folder, pathOf(chosen), { trusted: true, commands: ['netpol.showMap'] });
  const { client } = session;
  const texts = [chosen, own].map((each) => (inFile ? stream : each.text));
  const uris = [chosen, own].map((each) => `file://${pathOf(each)}`);
  if (!inFile) client.open(uris[1], texts[1]);
  const extra = (name, text) => {
    const uri = `file://${join(folder, name)}`;
    client.open(uri, text);
    return { uri, text };
  };
  const names = namesIn(texts[1], texts[0]);
  const test = extra('connections.netpol-test.yaml', testsOf(...names));
  const empty = extra('empty.yaml', '');
  const [{ id: scope }] = await client.request('netpol/overview', {});
  const line = lineWith(texts[1], 'kind: Deployment');
  const [item] = await client.request('textDocument/prepareCallHierarchy', {
    textDocument: { uri: uris[1] },
    position: { line, character: 8 },
  });
  return {
    session,
    policy: { uri: uris[0], text: texts[0] },
    workload: { uri: uris[1], text: texts[1] },
    test,
    empty,
    scope,
    folder: `file://${folder}`,
    item,
    names,
    edits: [
      toggling(client, uris[0], lineWith(texts[0], 'port: 5432', inFile ? documents / 20 : 0), '5432', '5433'),
      toggling(client, uris[1], lineWith(texts[1], '        tier: ', inFile ? documents / 20 : 0), 'tier: ', 'tier: x'),
    ],
  };
}

/** Two workloads that have to do with each other, as questions name them. */
function namesIn(workloads, policies) {
  const named = (text) => {
    const [, name, namespace] = /name: (.*)\n {2}namespace: (.*)/.exec(text);
    return { namespace, name };
  };
  const to = named(workloads.slice(workloads.indexOf('kind: Deployment')));
  const other = policies.includes('name: gateway-0\n') || policies === workloads ? 'gateway-0' : 'api-0';
  return [`${to.namespace}/${other}`, `${to.namespace}/${to.name}`];
}

function testsOf(from, to) {
  return `tests:
  - name: one workload to another
    from: ${from}
    to: ${to}
    port: 8080
    expect: allowed
  - name: nobody else
    from: "*"
    except: ${from}
    to: ${to}
    port: 8080
    expect: denied
`;
}

/** Makes the workspace a repository whose HEAD has what the files have. */
function commitAll() {
  const git = (...args) =>
    spawnSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.invalid', '-C', workspace, ...args]);
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'all'],
  ]) {
    const { status, stderr } = git(...args);
    if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
  }
}

/** Edits that come while the workspace is compared with HEAD, at any moment of it. */
async function besideHead() {
  commitAll();
  const chosen = list.findLast(({ text }) => text.includes('ipBlock') && !text.includes('70000'));
  const path = join(workspace, chosen.namespace, `${chosen.name}.yaml`);
  const session = await begin(ours, workspace, path, { trusted: true, commands: ['netpol.showChanges'] });
  const { client, uri } = session;
  const edit = toggling(client, uri, lineWith(chosen.text, 'port: 5432'), '5432', '5433');
  const times = [];
  let block = 0;
  for (let n = 0; n < (flags.quick ? 3 : 25); n++) {
    edit();
    await ours.diagnostics(client, uri);
    await client.meter('begin');
    // It begins half a second after the edit; the next edit comes a little later each time.
    await new Promise((resolve) => setTimeout(resolve, 480 + 20 * n));
    block = Math.max(block, (await client.meter('end')).block);
    const used = await client.meter('begin');
    const before = performance.now();
    edit();
    await ours.diagnostics(client, uri);
    const passed = performance.now() - before;
    const ended = await client.meter('end');
    times.push(Math.min(passed, ended.cpu - used.cpu));
  }
  await client.stop();
  rmSync(join(workspace, '.git'), { recursive: true, force: true });
  rows.push(
    timed('edit to diagnostics while HEAD is compared, 10,000 manifests', { median: 10, p99: 30 }, times),
    stepped('comparing with HEAD beside that', [0], block),
  );
}

/** From the start of the process to its answer. */
async function cold() {
  const starts = flags.quick ? 5 : 20;
  const found = {};
  for (const side of [ours, theirs]) {
    const times = [];
    for (let n = 0; n < starts; n++) {
      const client = side.start({ measured: false });
      await client.initialize(workspace, side.capabilities);
      times.push(performance.now() - client.started);
      await client.kill();
    }
    found[side.title] = times;
  }
  rows.push(timed('initialize, cold process', { median: 150 }, found[ours.title], found[theirs.title]));
}

/** The command line over all manifests; the memory is the most it ever held. */
async function wholeCheck() {
  const runs = [];
  for (let n = 0; n < (flags.quick ? 2 : 3); n++) runs.push(await coldCheck(cli, workspace));
  const { summary, findings } = runs[0].answer;
  if (summary.files !== count) throw new Error(`netpol check read ${summary.files} files of ${count}`);
  console.log(
    `netpol check: ${findings.length} findings in ${summary.policies} policies, ${summary.workloads} workloads\n`,
  );
  const held = Math.max(...runs.map(({ memory }) => memory));
  const times = runs.map(({ time }) => time);
  const alone = yamlAlone();
  console.log(
    `the yaml package alone takes ${milliseconds(alone)} to read these manifests: the check takes ${(quantile(times, 0.5) / alone).toFixed(2)} times that\n`,
  );
  rows.push(timed('cold index and check of 10,000 manifests', { median: 4_000 }, times), {
    title: 'memory of that',
    budget: '≤ 400 MB',
    ours: megabytes(held),
    theirs: '',
    holds: held <= 400e6,
  });
}

/** Milliseconds, from the start of a process to its end: what the machine's speed is told by. The median of three. */
function yamlAlone() {
  const once = () => {
    const started = performance.now();
    const { status, stdout } = spawnSync(process.execPath, [join(here, 'yaml-alone.mjs'), workspace], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    if (status !== 0 || Number(stdout) < count)
      throw new Error(`yaml-alone.mjs ended with ${status} and read ${stdout}`);
    return performance.now() - started;
  };
  return quantile([once(), once(), once()], 0.5);
}

function sizes() {
  const bundle = statSync(server).size;
  rows.push({
    title: 'server bundle',
    budget: '≤ 600 kB',
    ours: `${Math.round(bundle / 1000)} kB`,
    theirs: '',
    holds: bundle <= 600_000,
  });
}

function copy(path) {
  const target = join(scratch, path.split('/').at(-1));
  copyFileSync(join(root, path), target);
  return target;
}
