// Which lines of the server the tests run, by layer and by file, as V8 counts them; child processes count as well.
//
//   npm run coverage [-- GROUP...]    the folders of test/ that run in memory; "protocol" and "cli" start many processes
//   --files N                         also the N files with most lines that nothing runs

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesBelow } from './files.mjs';
import { inMemory } from './groups.mjs';
import { root } from './install.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: 'string', default: '15' } },
});
const groups = positionals.length === 0 ? inMemory : positionals;
const sources = join(root, 'server/out');

/** By file: for each line, 1 where something ran it. Lines without code are left out of all counts. */
const seen = new Map(
  filesBelow(sources, '.js').map((path) => {
    const text = readFileSync(path, 'utf8');
    return [path, { text, starts: lineStarts(text), ran: new Uint8Array(text.split('\n').length) }];
  }),
);

const waiting = filesBelow(join(root, 'test/out'), '.test.js').filter((path) =>
  groups.includes(relative(join(root, 'test/out'), path).split(/[\\/]/)[0]),
);
if (waiting.length === 0) throw new Error(`there is no test in ${groups.join(', ')}; are they compiled (npx tsc -b)?`);
let failed = 0;
const worker = async () => {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await run(file);
};
await Promise.all(Array.from({ length: availableParallelism() }, worker));
report();
process.exitCode = failed > 0 ? 1 : 0;

async function run(file) {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-coverage-'));
  const child = spawn(process.execPath, ['--test-reporter=dot', file], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  });
  const status = await new Promise((resolve) => child.on('exit', resolve));
  if (status !== 0) {
    failed++;
    console.error(`${relative(root, file)} failed: what it runs is counted as far as it came`);
  }
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    for (const script of result) if (script.url.startsWith('file:')) count(script);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** V8 gives nested ranges, outer ones first: the innermost says how often a character ran. */
function count({ url, functions }) {
  const file = seen.get(fileURLToPath(url));
  if (file === undefined) return;
  const ran = new Uint8Array(file.text.length);
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  file.starts.forEach((start, line) => {
    const end = file.starts[line + 1] ?? file.text.length;
    if (ran.subarray(start, end).includes(1) && !isPartly(file.text, start, end, ran)) file.ran[line] = 1;
  });
}

/** Most of the line did not run: a function's head ran when it was made, its body on the same line did not. */
function isPartly(text, start, end, ran) {
  let code = 0;
  let idle = 0;
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at) <= 32) continue;
    code++;
    if (ran[at] === 0) idle++;
  }
  return idle > code / 2;
}

function report() {
  const rows = [...seen].map(([path, { text, ran }]) => {
    const code = text.split('\n').map((line) => /\w/.test(line) && !/^\s*(?:\/\/|\/?\*|import |export \{)/.test(line));
    const all = code.filter(Boolean).length;
    return { path: relative(sources, path), all, ran: code.filter((is, line) => is && ran[line] === 1).length };
  });
  const byLayer = new Map();
  for (const row of rows) {
    const [layer, ...more] = row.path.split(/[\\/]/);
    const key = more.length === 0 ? '(top)' : layer;
    const sum = byLayer.get(key) ?? { all: 0, ran: 0 };
    byLayer.set(key, { all: sum.all + row.all, ran: sum.ran + row.ran });
  }
  const percent = ({ ran, all }) => `${((100 * ran) / Math.max(1, all)).toFixed(1)} %`.padStart(8);
  console.log(`lines that the tests of ${groups.join(', ')} run:\n`);
  for (const [layer, sum] of [...byLayer].sort()) console.log(`${layer.padEnd(12)}${percent(sum)}  of ${sum.all}`);
  const worst = rows.filter(({ all }) => all > 0).sort((a, b) => b.all - b.ran - (a.all - a.ran));
  console.log('\nmost lines that nothing runs:\n');
  for (const row of worst.slice(0, Number(values.files)))
    console.log(`${percent(row)}  ${String(row.all - row.ran).padStart(4)} of ${row.all}  ${row.path}`);
}

function lineStarts(text) {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
