import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as intervals from '#server/model/intervals.js';
import { bigIntegers, type Intervals, integers } from '#server/model/intervals.js';

const universe = Array.from({ length: 24 }, (_, i) => i);
const raw = fc.array(fc.record({ first: fc.integer({ min: 0, max: 23 }), last: fc.integer({ min: 0, max: 23 }) }), {
  maxLength: 6,
});
const sets = raw.map((list) => intervals.normalise(integers, list));
const members = (set: Intervals<number>) => universe.filter((n) => intervals.contains(integers, set, n));

function assertNormal(set: Intervals<number>): void {
  set.forEach(({ first, last }, i) => {
    assert.ok(first <= last);
    const next = set[i + 1];
    assert.ok(next === undefined || next.first > last + 1, 'sorted, disjoint, not touching');
  });
}

test('normalise keeps the members and nothing else', () => {
  fc.assert(
    fc.property(raw, (list) => {
      const set = intervals.normalise(integers, list);
      assertNormal(set);
      assert.deepEqual(
        members(set),
        universe.filter((n) => list.some(({ first, last }) => first <= n && n <= last)),
      );
    }),
  );
});

test('union, intersect and subtract agree with membership and stay normal', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const inA = members(a);
      const inB = members(b);
      const either = intervals.union(integers, a, b);
      const both = intervals.intersect(integers, a, b);
      const rest = intervals.subtract(integers, a, b);
      for (const set of [either, both, rest]) assertNormal(set);
      assert.deepEqual(
        members(either),
        universe.filter((n) => inA.includes(n) || inB.includes(n)),
      );
      assert.deepEqual(
        members(both),
        universe.filter((n) => inA.includes(n) && inB.includes(n)),
      );
      assert.deepEqual(
        members(rest),
        universe.filter((n) => inA.includes(n) && !inB.includes(n)),
      );
      assert.equal(
        intervals.isSubset(integers, a, b),
        inA.every((n) => inB.includes(n)),
      );
      assert.equal(intervals.equal(integers, a, b), inA.join() === inB.join());
    }),
    { numRuns: 1000 },
  );
});

test('bigints beyond the safe integers are kept apart', () => {
  const top = (1n << 128n) - 1n;
  const all = [{ first: 0n, last: top }];
  const hole = [{ first: top - 1n, last: top - 1n }];
  const rest = intervals.subtract(bigIntegers, all, hole);
  assert.deepEqual(rest, [
    { first: 0n, last: top - 2n },
    { first: top, last: top },
  ]);
  assert.deepEqual(intervals.union(bigIntegers, rest, hole), all);
});
