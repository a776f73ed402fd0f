import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, all, and, any, not, or } from '#server/model/three.js';

const answers: readonly Answer[] = ['yes', 'no', 'unknown'];
/** What an answer may turn out to be once all is known. */
const outcomes = (answer: Answer): boolean[] => (answer === 'unknown' ? [true, false] : [answer === 'yes']);
const answerOf = (possible: Set<boolean>): Answer =>
  possible.size > 1 ? 'unknown' : possible.has(true) ? 'yes' : 'no';

test('and, or and not say what holds for every way the unknown may turn out', () => {
  for (const a of answers) {
    assert.equal(not(a), answerOf(new Set(outcomes(a).map((x) => !x))));
    for (const b of answers) {
      const pairs = outcomes(a).flatMap((x) => outcomes(b).map((y) => [x, y] as const));
      assert.equal(and(a, b), answerOf(new Set(pairs.map(([x, y]) => x && y))));
      assert.equal(or(a, b), answerOf(new Set(pairs.map(([x, y]) => x || y))));
      assert.equal(all([a, b]), and(a, b));
      assert.equal(any([a, b]), or(a, b));
    }
  }
});

test('all of none is yes, any of none is no', () => {
  assert.equal(all([]), 'yes');
  assert.equal(any([]), 'no');
});

test('all and any stop at the answer that decides', () => {
  function* endless(answer: Answer): Generator<Answer> {
    yield 'unknown';
    for (;;) yield answer;
  }
  assert.equal(all(endless('no')), 'no');
  assert.equal(any(endless('yes')), 'yes');
});
