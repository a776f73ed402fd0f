import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { features } from '#server/features/index.js';
import { keep } from './keep.js';
import { changed } from './mirror.js';
import { draws } from './requests.js';
import { fuzz, type SessionResult } from './session.js';

/** The same in every run, so that nobody's change fails by luck; NETPOL_SEED and NETPOL_RUNS look further. */
const seed = Number(process.env.NETPOL_SEED ?? 20261121);
const edits = Number(process.env.NETPOL_RUNS ?? 20_000);
/** Of one server. */
const perSession = 2500;
/** A machine in CI may be busy: what takes longer than a second is for the long run, and the bench, to say. */
const slow = 15_000;
/** In bytes, over what is in use early in a session: what is held for texts that are bounded. */
const growth = 40e6;

test('every method that the server answers is asked', () => {
  const methods = [...features.map(({ method }) => method), 'textDocument/diagnostic'];
  assert.deepEqual(Object.keys(draws).sort(), methods.sort());
});

test('the mirror of the texts follows the protocol', () => {
  const at = (line: number, character: number) => ({ line, character });
  const between = (start: object, end: object) => ({ range: { start, end } as never, text: '|' });
  assert.equal(changed('ab\r\ncd', [between(at(0, 9), at(1, 1))]), 'ab|d');
  assert.equal(changed('ab\r\ncd', [between(at(1, 1), at(0, 1))]), 'a|d');
  assert.equal(changed('ab\ncd\n', [between(at(-1, 5), at(0, -5))]), '|ab\ncd\n');
  assert.equal(changed('ab\ncd\n', [between(at(2, 5), at(2 ** 31, 1))]), 'ab\ncd\n|');
  assert.equal(changed('a\rb', [between(at(1, 0), at(1, 1)), { text: 'x' }]), 'x');
});

test(`${edits} edits of all sorts, with seed ${seed}: the server stays, answers all, and forgets nothing`, async () => {
  const seeds = Array.from({ length: Math.ceil(edits / perSession) }, (_, index) => seed + index);
  const waiting = [...seeds];
  const done: SessionResult[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const session = await fuzz({ seed: next, edits: perSession, slow });
      if (session.failure !== undefined) {
        waiting.length = 0;
        throw new Error(await keep(session, slow));
      }
      done.push(session);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  assert.ok(done.reduce((sum, session) => sum + session.edits, 0) >= edits);
  for (const { recording, heap } of done) {
    assert.ok(
      heap.end - heap.early < growth,
      `with seed ${recording.seed} the heap grew from ${heap.early} to ${heap.end}`,
    );
  }
});
