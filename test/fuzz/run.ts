/**
 * The long run: `npm run fuzz -- --edits 1000000 [--seed N] [--session EDITS] [--slow MS] [--keep-going]`; one that has
 * been kept again: `npm run fuzz -- --replay FILE`. Ends with 1 where something was found.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { keep } from './keep.js';
import { fuzz, type Recording, replay } from './session.js';

const { values } = parseArgs({
  options: {
    edits: { type: 'string', default: '1000000' },
    session: { type: 'string', default: '10000' },
    seed: { type: 'string', default: process.env.NETPOL_SEED ?? String(Date.now() % 2 ** 31) },
    slow: { type: 'string', default: '1000' },
    replay: { type: 'string' },
    'keep-going': { type: 'boolean', default: false },
  },
});
const slow = Number(values.slow);

process.exitCode = values.replay === undefined ? await longRun() : await again(values.replay);

async function longRun(): Promise<number> {
  const wanted = Number(values.edits);
  let seed = Number(values.seed);
  const sum = { edits: 0, answers: 0, failures: 0, slowest: { method: '', ms: 0 } };
  const began = performance.now();
  while (sum.edits < wanted) {
    const session = await fuzz({ seed, edits: Math.min(Number(values.session), wanted - sum.edits), slow });
    const { slowest, heap } = session;
    sum.edits += session.edits;
    sum.answers += session.answers;
    if (slowest.ms > sum.slowest.ms) sum.slowest = slowest;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    console.log(
      `seed ${seed}: ${session.edits} edits, ${session.answers} answers, slowest ${slowest.method} ${Math.round(slowest.ms)} ms, heap ${megabytes(heap.early)} -> ${megabytes(heap.end)} MB`,
    );
    if (session.failure !== undefined) {
      sum.failures++;
      console.log(await keep(session, slow));
      if (!values['keep-going']) break;
    }
    seed++;
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${sum.edits} edits, ${sum.answers} answers in ${seconds} s; slowest: ${sum.slowest.method}, ${Math.round(sum.slowest.ms)} ms; ${sum.failures} failed`,
  );
  return sum.failures > 0 ? 1 : 0;
}

async function again(path: string): Promise<number> {
  const recording: Recording = JSON.parse(readFileSync(path, 'utf8'));
  const found = await replay(recording, { slow });
  console.log(found === undefined ? 'Nothing is wrong.' : found.message);
  return found === undefined ? 0 : 1;
}
