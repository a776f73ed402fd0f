// What grows with the size of an estate, and how: manifests, one file, pods.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { coldCheck } from './cold-check.mjs';
import { manifests, writeWorkspace } from './manifests.mjs';
import { quantile } from './requests.mjs';
import { megabytes, milliseconds } from './rows.mjs';
import { begin, lineWith, questions, typing } from './sessions.mjs';
import { padded } from './table.mjs';

const podsProgram = fileURLToPath(new URL('pods.mjs', import.meta.url));
/** Nobody waits longer for a file to be read. */
const patience = 60_000;

/**
 * The table of growth, printed as Markdown reads it too. `scale`: 1, or less to see that it works.
 * Answers rows for what is promised of the largest.
 */
export async function growth({ ours, theirs, cli, scratch, scale }) {
  const sizes = (...all) => all.map((each) => Math.round(each * scale));
  const folders = [];
  for (const count of sizes(1_000, 10_000, 50_000)) folders.push(await ofManifests(count, { ours, cli, scratch }));
  const files = [];
  for (const documents of sizes(2_000, 25_000)) {
    files.push(await ofFile(documents, { side: ours, scratch }), await ofFile(documents, { side: theirs, scratch }));
  }
  const pods = sizes(1_000, 10_000, 100_000).map(ofPods);
  for (const table of [folders, files, pods]) console.log(`${columns(table)}\n`);
  const last = pods.at(-1).changes;
  return [
    {
      title: `one changed policy among ${last.pods} pods: what is wrong with it, and what it does`,
      budget: 'p99 ≤ 100 ms',
      ours: `${milliseconds(quantile(last.times, 0.5))} / ${milliseconds(quantile(last.times, 0.99))}`,
      theirs: '',
      holds: quantile(last.times, 0.99) <= 100,
    },
  ];
}

/** A folder of many files: from an empty process, and with a person at work in it. */
async function ofManifests(count, { ours, cli, scratch }) {
  const folder = join(scratch, `growth-${count}`);
  const list = manifests(count);
  const bytes = writeWorkspace(folder, list);
  const { time, memory, answer } = await coldCheck(cli, folder);
  if (answer.summary.files !== count) throw new Error(`netpol check read ${answer.summary.files} files of ${count}`);
  const chosen = list.findLast(({ text }) => text.includes('ipBlock') && !text.includes('70000'));
  const started = performance.now();
  const session = await begin(ours, folder, join(folder, chosen.namespace, `${chosen.name}.yaml`));
  const ready = performance.now() - started;
  const typed = await typing(ours, session, 60, lineWith(chosen.text, 'port: 5432'));
  const position = { line: lineWith(chosen.text, 'kind: NetworkPolicy'), character: 8 };
  const hovers = await questions(session, 60, () => [
    'textDocument/hover',
    { textDocument: { uri: session.uri }, position },
  ]);
  const held = await session.client.stop();
  rmSync(folder, { recursive: true });
  return {
    manifests: `${count} (${megabytes(bytes)})`,
    'netpol check': milliseconds(time),
    'its memory': megabytes(memory),
    'server ready': milliseconds(ready),
    'edit to diagnostics': both(typed),
    hover: both(hovers),
    'server’s memory': megabytes(held),
  };
}

/** One file of many documents: how long until it is read, and then each edit. */
async function ofFile(documents, { side, scratch }) {
  const folder = join(scratch, `growth-file-${documents}`);
  mkdirSync(folder, { recursive: true });
  const text = manifests(documents, { mix: { deployments: 0.3, services: 0.1 } })
    .map((each) => each.text)
    .join('---\n');
  const path = join(folder, 'all.yaml');
  writeFileSync(path, text);
  const row = { 'one file': `${documents} documents (${megabytes(text.length)})`, server: side.title };
  const started = performance.now();
  const session = await within(patience, begin(side, folder, path));
  // Not far behind the beginning: of a thousand findings and more, only the first thousand are shown.
  const edited = text.split('\n').findIndex((line, at, all) => at > all.length / 50 && line.includes('port: 5432'));
  const read = performance.now() - started;
  const times = session === undefined ? undefined : await within(patience, typing(side, session, 10, edited));
  const memory = times === undefined ? undefined : await session.client.stop();
  await session?.client.kill();
  rmSync(folder, { recursive: true });
  const late = `over ${milliseconds(patience)}`;
  return {
    ...row,
    'first diagnostics': session === undefined ? late : milliseconds(read),
    'edit to diagnostics': times === undefined ? late : both(times),
    memory: memory === undefined ? '' : megabytes(memory),
  };
}

/** The pods of a cluster, read from a list as `kubectl get` prints it: every pair, and the policy that one changes. */
function ofPods(pods) {
  const namespaces = Math.max(10, pods / 1_000);
  const { status, stdout } = spawnSync(process.execPath, [podsProgram, `${pods}`, `${namespaces}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`pods.mjs ended with ${status}`);
  const found = JSON.parse(stdout);
  const row = {
    pods: `${found.pods} in ${namespaces} namespaces, ${found.policies} policies`,
    'read and checked': milliseconds(found.read),
    'all pairs': milliseconds(found.pairs),
    'one changed policy': both(found.changes),
    memory: megabytes(found.memory),
  };
  // Not a column: for the row of what is promised.
  return Object.defineProperty(row, 'changes', {
    value: { times: found.changes, pods: found.pods },
    enumerable: false,
  });
}

const both = (times) => `${milliseconds(quantile(times, 0.5))} / ${milliseconds(quantile(times, 0.99))}`;

/** Undefined when it takes longer. */
async function within(limit, promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function columns(table) {
  const titles = Object.keys(table[0]);
  const lines = padded([titles, ...table.map((row) => titles.map((title) => row[title]))]);
  const [head, ...body] = lines.map((line) => `| ${line.join(' | ')} |`);
  return [head, head.replaceAll(/[^|]/g, '-'), ...body].join('\n');
}
