import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimised } from './minimise.js';
import { fuzz, replay } from './session.js';

/** What a fault of `fault.ts` must show as. */
const faults: readonly (readonly [fault: string, kind: string, about?: string])[] = [
  ['a rule throws', 'rule failed', 'missing-default-deny'],
  ['a request throws', 'request failed', 'textDocument/hover'],
  ['a request is not answered', 'no answer', 'textDocument/documentSymbol'],
  ['the server ends', 'server ended', 'with 3'],
  ['an answer is slow', 'slow answer'],
  ['an edit is forgotten', 'other answer'],
];

for (const [fault, kind, about] of faults) {
  test(`the fuzzer finds it where ${fault}`, async () => {
    const slow = kind === 'slow answer' ? 2500 : 60_000;
    const { failure } = await fuzz({
      seed: 7,
      edits: 400,
      slow,
      fault,
      patience: kind === 'no answer' ? 5000 : 60_000,
    });
    assert.equal(failure?.failure.kind, kind, failure?.message);
    if (about !== undefined) assert.equal(failure.failure.about, about, failure.message);
  });
}

test('what fails is cut down to the steps that it takes', async () => {
  const options = { slow: 60_000, fault: 'the server ends' };
  const { failure, recording } = await fuzz({ seed: 7, edits: 400, ...options });
  assert.ok(failure !== undefined);
  const short = await minimised(recording, failure, options, 12);
  assert.ok(
    short.steps.length * 3 < recording.steps.length,
    `${short.steps.length} of ${recording.steps.length} steps are left`,
  );
  assert.equal((await replay(short, options, 'not compared'))?.failure.kind, 'server ended');
});
