// Which test reaches the place of which mutant, and how long it takes. Kept until the server or the test changes.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { filesBelow } from '../../.ci/files.mjs';
import { hashOf } from './modules.mjs';

/**
 * Of each file of tests: its tests with their milliseconds and what they reach; `loading`, what reading the file reaches;
 * and for all together `most`, how often each place is come to in one test, and `whenLoaded`, what loading the modules reaches.
 */
export async function reachedBy(testFiles, { mutants, modules, hash, kept, startWorker, jobs, say }) {
  const old = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {};
  const same = old.hash === hash;
  const most = same ? old.most : mutants.map(() => 0);
  const files = {};
  const waiting = [];
  for (const file of testFiles) {
    const before = same ? old.files[file] : undefined;
    if (before?.hash === hashOf([file]) && before.fixtures === fixturesOf(file)) files[file] = before;
    else waiting.push(file);
  }
  let whenLoaded = same ? old.whenLoaded : undefined;
  const others = same ? old.files : {};
  const keep = () => writeFileSync(kept, JSON.stringify({ hash, most, whenLoaded, files: { ...others, ...files } }));
  const work = async () => {
    let worker = await startWorker({ modules, count: mutants.length });
    whenLoaded ??= (await worker.ask({ loaded: true }, 60_000)).loading;
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      // Of tests that come from fixtures only those that are new are counted: all would take minutes.
      const before = same && old.files[file]?.hash === hashOf([file]) ? old.files[file].tests : [];
      const answer = await worker.ask({ file, known: before.map(({ name }) => name) }, 900_000);
      if (answer.tests === undefined) {
        say(`${file} could not be read or did not end, left out: ${answer.failed ?? ''}`);
        worker.end();
        files[file] = { hash: '', loading: '', tests: [] };
        worker = await startWorker({ modules, count: mutants.length });
        continue;
      }
      const { loading } = answer;
      const known = new Map(before.map((test) => [test.name, test]));
      const tests = answer.tests.map((test) => (test.reached === undefined ? known.get(test.name) : test));
      answer.most.forEach((times, id) => {
        most[id] = Math.max(most[id], times);
      });
      const failed = tests.filter(({ why }) => why !== undefined);
      files[file] = { hash: hashOf([file]), fixtures: fixturesOf(file), loading, tests };
      say(`${file}: ${tests.length} tests, ${tests.reduce((sum, { ms }) => sum + ms, 0)} ms`);
      for (const { name, why } of failed) say(`  fails here without a mutant, left out: ${name}: ${why}`);
      keep();
    }
    worker.end();
  };
  if (waiting.length > 0) await Promise.all(Array.from({ length: jobs }, work));
  keep();
  return { files, most, whenLoaded: bitsOf(whenLoaded) };
}

function fixturesOf(file) {
  const folder = join(dirname(file).replace(`${sep}out${sep}`, sep), 'fixtures');
  return existsSync(folder) ? hashOf(filesBelow(folder, '')) : '';
}

export function bitsOf(text) {
  const bytes = Buffer.from(text, 'base64');
  return { has: (id) => ((bytes[id >> 3] ?? 0) & (1 << (id & 7))) !== 0 };
}
