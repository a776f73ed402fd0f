// A process that reads files of tests and runs tests of them, once for what they reach, or with one mutant switched on.
// What it is sent and what it answers: see run.mjs.

import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { collected } from './collected-tests.mjs';

const { modules, count, active: fromStart } = await new Promise((resolve) => process.once('message', resolve));
register('./hooks.mjs', import.meta.url, { data: { modules } });

/** How often each mutant's place was come to, while that is counted. */
const reached = new Float64Array(count);
let active = fromStart ?? -1;
let left = Number.POSITIVE_INFINITY;
/** Something that nothing waited for has failed, or a place was come to without end. */
let fault = false;

globalThis.__m = (id) => {
  reached[id]++;
  if (id !== active) return false;
  if (left-- > 0) return true;
  fault = true;
  throw new Error('the mutant is come to without end');
};
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, () => {
    fault = true;
  });
// What tests and the code under them print is of no interest.
console.log = console.error = console.warn = console.info = () => {};
// A counterexample is enough; the smallest one would cost time. And the same cases each time.
fc.configureGlobal({ endOnFailure: true, seed: 20261121 });

const files = new Map();

process.on('message', async (message) => {
  const answer =
    message.file !== undefined ? counted(message) : message.mutant !== undefined ? tried(message) : loaded();
  process.send(await answer.catch((error) => ({ failed: String(error?.stack ?? error) })));
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });

/** What is reached by loading the modules: no test can switch it on later. */
async function loaded() {
  reached.fill(0);
  for (const [url] of modules) await import(url);
  return { loading: bits() };
}

/** What each test of a file reaches and takes, what is reached by reading it, and how often each place at most. */
async function counted({ file, known }) {
  const before = new Set(known);
  reached.fill(0);
  const list = await testsOf(file);
  const loading = bits();
  const most = reached.slice();
  const tests = [];
  for (const [index, { name }] of list.entries()) {
    if (before.has(name)) {
      tests.push({ name });
      continue;
    }
    reached.fill(0);
    const { why, ms } = await run(file, index, 120_000);
    tests.push({ name, ms: Math.round(ms), why, reached: bits() });
    reached.forEach((times, id) => {
      if (times > most[id]) most[id] = times;
    });
  }
  return { loading, tests, most: [...most] };
}

/** The first of these tests that fails with the mutant. */
async function tried({ mutant, tests, most }) {
  let ms = 0;
  for (const [at, { file, index, limit }] of tests.entries()) {
    // A file that is read while the mutant is on would keep what it has made of it.
    process.send({ begun: at, reading: true });
    try {
      await testsOf(file);
    } catch (error) {
      return { killed: at, ms, why: `the tests cannot be read: ${error?.message}`.slice(0, 200) };
    }
    process.send({ begun: at });
    active = mutant;
    left = most;
    const result = await run(file, index, limit);
    active = fromStart ?? -1;
    ms += result.ms;
    if (!result.failed) continue;
    // Something that is kept between tests may be wrong from now on, or since an earlier mutant.
    const spoilt = fromStart === undefined && (await run(file, index, limit)).failed;
    return { killed: at, ms, why: result.why, spoilt };
  }
  return { ms };
}

async function run(file, index, limit) {
  fault = false;
  const began = performance.now();
  let timer;
  let why;
  try {
    const test = (await testsOf(file))[index];
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('too late')), limit);
    });
    await Promise.race([test.run(), late]);
    if (fault) why = 'a fault besides';
  } catch (error) {
    why = String(error?.message ?? error).slice(0, 200);
  }
  clearTimeout(timer);
  return { failed: why !== undefined, why, ms: performance.now() - began };
}

async function testsOf(file) {
  let tests = files.get(file);
  if (tests === undefined) {
    tests = await collected(() => import(pathToFileURL(file).href));
    files.set(file, tests);
  }
  return tests;
}

/** The mutants whose places were come to, a bit for each. */
function bits() {
  const bytes = Buffer.alloc(Math.ceil(count / 8));
  reached.forEach((times, id) => {
    if (times > 0) bytes[id >> 3] |= 1 << (id & 7);
  });
  return bytes.toString('base64');
}
