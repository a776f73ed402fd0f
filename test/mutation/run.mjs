// Are our tests able to fail? Makes small faults in the model, the engine and the rules, one at a time, and looks whether a
// test sees each. Needs the compiled server and tests.
//
//   npm run mutation -- [FILES]    parts of names such as engine/verdict or rules/; without any, everything
//   --sample N                     N mutants of each file, drawn by chance (default: all)
//   --seed S                       which ones are drawn (default: 1)
//   --budget MS                    how long the tests of one mutant may take together (default: 3000)
//   --test-files N                 from how many files of tests these are taken at most (default: 15)
//   --tests PARTS                  only tests of these groups or files, such as engine/,rules/ (default: all): sooner, and less is killed
//   --jobs N                       processes at once (default: 2)
//   --survivors                    only those that survived in the last run of these files
//
// What was found is kept in test-output/mutation/results.json and printed; docs/mutation.md explains it.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesBelow } from '../../.ci/files.mjs';
import { inMemory } from '../../.ci/groups.mjs';
import { allMutants } from './modules.mjs';
import { bitsOf, reachedBy } from './reached.mjs';
import { report } from './report.mjs';
import { drawn, groupedByFile } from './sample.mjs';
import { startWorker } from './workers.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const output = join(root, 'test-output/mutation');
/** Those that start many processes, need other programs, or have nothing to say of the folders under test, are left out. */
const groups = [...inMemory, 'docs', 'cli', 'protocol'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    budget: { type: 'string', default: '3000' },
    'test-files': { type: 'string', default: '15' },
    tests: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    survivors: { type: 'boolean', default: false },
  },
});
const jobs = Number(values.jobs);
const budget = Number(values.budget);
const testFilesAtMost = Number(values['test-files']);

rmSync(join(output, 'modules'), { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const { mutants, modules, importers, hash } = allMutants(root, join(output, 'modules'));
const testParts = values.tests.split(',');
const testFiles = filesBelow(join(root, 'test/out'), '.test.js').filter((path) => {
  const name = relative(join(root, 'test/out'), path).replaceAll('\\', '/');
  return groups.includes(name.split('/')[0]) && testParts.some((part) => name.startsWith(part));
});
const start = (settings) => startWorker(root, settings);
const say = (text) => console.error(text.replaceAll(root, ''));
const { files, most, whenLoaded } = await reachedBy(testFiles, {
  mutants,
  modules,
  hash,
  kept: join(output, 'reached.json'),
  startWorker: start,
  jobs,
  say,
});

const resultsFile = join(output, 'results.json');
const earlier = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : [];
const keyOf = ({ file, at, kind, before, after }) => [file, at, kind, before, after].join('|');
const survived = new Set(earlier.filter(({ killed }) => !killed).map(keyOf));
const wanted = mutants.filter(
  ({ file }) => positionals.length === 0 || positionals.some((part) => file.includes(part)),
);
const chosen = values.survivors
  ? wanted.filter((mutant) => survived.has(keyOf(mutant)))
  : drawn(wanted, values.sample === undefined ? undefined : Number(values.sample), Number(values.seed));
if (chosen.length === 0)
  throw new Error(`no mutant of ${positionals.join(', ')}${values.survivors ? ' survived' : ''}`);

const tests = Object.entries(files).flatMap(([file, { loading, tests: list }]) => {
  const readingReaches = bitsOf(loading);
  return list.map(({ name, ms, why, reached }, index) => ({
    file,
    index,
    name,
    ms,
    sound: why === undefined,
    limit: 3000 + 5 * ms,
    reached: bitsOf(reached),
    readingReaches,
    kills: new Map(),
  }));
});
const usable = tests.filter(({ sound }) => sound).sort((a, b) => a.ms - b.ms);
const results = [];
const waiting = [...chosen];
const began = performance.now();
await Promise.all(Array.from({ length: jobs }, work));
keep();
report(known(), wanted);

async function work() {
  const settings = { modules, count: mutants.length };
  let worker = await start(settings);
  let done = 0;
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    if (done++ % 400 === 399) {
      worker.end();
      worker = await start(settings);
    }
    const { list, left } = within(coveringOf(mutant), mutant.file);
    let outcome = await tried(worker, mutant, list);
    if (outcome.spoilt) {
      // Whether it was this mutant that the test saw, a new worker says.
      worker.end();
      worker = await start(settings);
      outcome = await tried(worker, mutant, list);
    }
    if (outcome.gone || outcome.spoilt) {
      say(`  a new worker: ${mutant.file}:${mutant.at} ${outcome.gone ? outcome.why : 'spoilt'}`);
      worker.end();
      worker = await start(settings);
    }
    const onlyFromStart = whenLoaded.has(mutant.id) || list.some(({ readingReaches }) => readingReaches.has(mutant.id));
    let all = list;
    if (!outcome.killed && (onlyFromStart || list.length === 0)) {
      all = fromStart(mutant);
      if (all.length > 0) {
        const fresh = await start({ ...settings, active: mutant.id }).catch(() => undefined);
        outcome = fresh === undefined ? { killed: 'it could not even begin' } : await tried(fresh, mutant, all);
        fresh?.end();
      }
    }
    results.push({ ...mutant, killed: outcome.killed, why: outcome.why, tests: all.length, left });
    if (results.length % 20 === 0) {
      const killed = results.filter((each) => each.killed).length;
      say(
        `${results.length} of ${chosen.length}, ${killed} killed, ${Math.round((performance.now() - began) / 1000)} s`,
      );
      keep();
    }
  }
  worker.end();
}

/** The tests that come to the mutant's place: the file's own first, then those that run most of what is around it for their time. */
function coveringOf({ id, file }) {
  const around = mutants.slice(Math.max(0, id - 25), id + 26).filter((each) => each.file === file);
  const worth = (test) =>
    (around.filter((each) => test.reached.has(each.id)).length / (test.ms + 20)) *
    (isNamedAfter(test.file, file) ? 1000 : 1);
  return usable
    .filter(({ reached }) => reached.has(id))
    .map((each) => ({ each, value: worth(each) }))
    .sort((a, b) => b.value - a.value)
    .map(({ each }) => each);
}

async function tried(worker, { id, file }, list) {
  if (list.length === 0) return {};
  const sent = list.map(({ file: path, index, limit }) => ({ file: path, index, limit }));
  const answer = await worker.ask(
    { mutant: id, tests: sent, most: 1000 + 100 * most[id] },
    (begun) => 2_000 + (list[begun]?.limit ?? 0),
  );
  const at = answer.late || answer.ended ? answer.begun : answer.killed;
  if (at === undefined) return {};
  const test = list[at];
  test.kills.set(file, (test.kills.get(file) ?? 0) + 1);
  const why = answer.late ? 'no end' : answer.ended ? 'its process ended' : answer.why;
  const gone = answer.late || answer.ended || why === 'too late';
  return { killed: `${relative(join(root, 'test/out'), test.file)}: ${test.name}`, why, gone, spoilt: answer.spoilt };
}

/**
 * Those first that have killed others of the file, then in their order, as far as the budget and the number of test files go;
 * `left` are not run.
 */
function within(covering, file, limit = budget, most = testFilesAtMost) {
  const proven = covering
    .filter(({ kills }) => kills.has(file))
    .sort((a, b) => (b.kills.get(file) ?? 0) / (b.ms + 5) - (a.kills.get(file) ?? 0) / (a.ms + 5))
    .slice(0, 25);
  const rank = ([path, list]) =>
    isNamedAfter(path, file) ? Number.POSITIVE_INFINITY : list.filter(({ ms }) => ms < 200).length;
  const ranked = [...groupedByFile(covering)].sort((a, b) => rank(b) - rank(a)).slice(0, most);
  const near = new Set(ranked.map(([path]) => path));
  const order = [...new Set([...proven, ...covering.filter((test) => near.has(test.file))])];
  let sum = 0;
  const list = order.filter(({ ms }) => {
    sum += ms;
    return sum <= limit || sum === ms;
  });
  return { list, left: covering.length - list.length };
}

function isNamedAfter(path, file) {
  return path.endsWith(`/${file.slice(0, -'.ts'.length)}.test.js`);
}

/**
 * For a mutant that is reached while something is loaded, in a worker of its own: the tests of a few files, of those with
 * the module's own name first, then of those that use the module, or what imports it, most.
 */
function fromStart({ id, file }) {
  const related = new Set([file, ...(importers.get(file) ?? [])]);
  const near = mutants.filter((each) => related.has(each.file)).map((each) => each.id);
  const some = usable.filter(
    ({ reached, readingReaches }) => readingReaches.has(id) || near.some((each) => reached.has(each)),
  );
  return within(some, file, budget, Math.max(6, testFilesAtMost / 2)).list;
}

function keep() {
  const here = new Set(wanted.map(({ file }) => file));
  const others = earlier.filter(({ file }) => !here.has(file));
  writeFileSync(resultsFile, JSON.stringify([...others, ...known()], null, 1));
}

/** What was found, and of a run over survivors also what the run before it had found of the same files. */
function known() {
  if (!values.survivors) return results;
  const anew = new Map(results.map((each) => [keyOf(each), each]));
  const here = new Set(wanted.map(({ file }) => file));
  return earlier.filter(({ file }) => here.has(file)).map((each) => anew.get(keyOf(each)) ?? each);
}
