import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Labels, Selector } from '#server/model/selector.js';
import * as s from '#server/model/selector.js';

const is = (key: string, ...values: string[]): Selector => ({ op: 'In', key, values });
const isNot = (key: string, ...values: string[]): Selector => ({ op: 'NotIn', key, values });
const has = (key: string): Selector => ({ op: 'Exists', key });
const lacks = (key: string): Selector => ({ op: 'DoesNotExist', key });
const not = (term: Selector): Selector => ({ op: 'Not', term });
const and = (...terms: Selector[]): Selector => ({ op: 'And', terms });
const or = (...terms: Selector[]): Selector => ({ op: 'Or', terms });
const labels = (pairs: Record<string, string>): Labels => new Map(Object.entries(pairs));

const keys = ['app', 'tier'];
const mentioned = ['x', 'y', 'z'];
/** Every label set over the keys; `w` stands for all the values that no selector mentions. */
const universe: Labels[] = [undefined, ...mentioned, 'w'].flatMap((app) =>
  [undefined, ...mentioned, 'w'].map((tier) => {
    const pairs: [string, string | undefined][] = [
      ['app', app],
      ['tier', tier],
    ];
    return new Map(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
  }),
);

const term: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({
    op: fc.constantFrom('In' as const, 'NotIn' as const),
    key: fc.constantFrom(...keys),
    values: fc.array(fc.constantFrom(...mentioned), { maxLength: 3 }),
  }),
  fc.record({ op: fc.constantFrom('Exists' as const, 'DoesNotExist' as const), key: fc.constantFrom(...keys) }),
);
const conjunction = fc.array(term, { maxLength: 4 }).map((terms) => and(...terms));
const { any } = fc.letrec<{ any: Selector }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    term,
    fc.constant(s.everything),
    tie('any').map(not),
    fc.array(tie('any'), { maxLength: 3 }).map((terms) => and(...terms)),
    fc.array(tie('any'), { maxLength: 3 }).map((terms) => or(...terms)),
  ),
}));

const satisfying = (selector: Selector) => universe.filter((it) => s.matches(selector, it));
const yes = (certain: boolean) => (certain ? 'yes' : 'no');

test('Kubernetes terms on present and missing keys', () => {
  const web = labels({ app: 'web' });
  for (const holds of [
    is('app', 'web', 'x'),
    isNot('app', 'x'),
    isNot('tier', 'x'),
    has('app'),
    lacks('tier'),
    isNot('app'),
  ]) {
    assert.ok(s.matches(holds, web), JSON.stringify(holds));
    assert.ok(!s.matches(not(holds), web), JSON.stringify(holds));
  }
  for (const fails of [
    is('app', 'x'),
    is('tier', 'x'),
    has('tier'),
    lacks('app'),
    isNot('app', 'web'),
    is('app'),
    s.nothing,
  ]) {
    assert.ok(!s.matches(fails, web), JSON.stringify(fails));
  }
  assert.ok(s.matches(and(), web));
  assert.ok(!s.matches(or(), web));
  assert.ok(!s.matches({ op: 'Contains', key: 'tier', value: '' }, web), 'false on a missing key');
  assert.ok(s.matches({ op: 'StartsWith', key: 'app', value: 'w' }, web));
  assert.ok(s.matches({ op: 'EndsWith', key: 'app', value: 'eb' }, web));
});

for (const [name, selectors] of [['conjunctions', conjunction] as const, ['any selectors', any] as const]) {
  test(`disjoint and implies are exact for ${name}`, () => {
    fc.assert(
      fc.property(selectors, selectors, (a, b) => {
        const inA = satisfying(a);
        assert.equal(s.disjoint(a, b), yes(!inA.some((it) => s.matches(b, it))));
        assert.equal(s.implies(a, b), yes(inA.every((it) => s.matches(b, it))));
        assert.equal(s.isEverything(a), inA.length === universe.length);
      }),
      { numRuns: 2000 },
    );
  });
}

test('both and either mean And and Or', () => {
  fc.assert(
    fc.property(any, any, (a, b) => {
      for (const it of universe) {
        assert.equal(s.matches(s.both(a, b), it), s.matches(a, it) && s.matches(b, it));
        assert.equal(s.matches(s.either(a, b), it), s.matches(a, it) || s.matches(b, it));
      }
    }),
  );
});

test('both and either simplify', () => {
  const a = is('app', 'x');
  const b = has('tier');
  assert.deepEqual(s.both(s.everything, a), a);
  assert.deepEqual(s.both(a, s.nothing), s.nothing);
  assert.deepEqual(s.both(a, a), a);
  assert.deepEqual(s.both(and(a, b), b), and(a, b));
  assert.deepEqual(s.both(and(), and()), s.everything);
  assert.deepEqual(s.either(s.nothing, a), a);
  assert.deepEqual(s.either(s.everything, a), s.everything);
  assert.deepEqual(s.either(or(), or()), s.nothing);
});

test('matchesOpen is what all completions of the known labels agree on', () => {
  fc.assert(
    fc.property(any, fc.constantFrom(...universe), (selector, known) => {
      const completions = universe.filter((it) => [...known].every(([key, value]) => it.get(key) === value));
      const holding = completions.filter((it) => s.matches(selector, it)).length;
      const expected = holding === 0 ? 'no' : holding === completions.length ? 'yes' : 'unknown';
      assert.equal(s.matchesOpen(selector, known), expected);
    }),
    { numRuns: 2000 },
  );
});

test('equalsRequired: every match has them', () => {
  fc.assert(
    fc.property(any, (selector) => {
      for (const [key, value] of s.equalsRequired(selector)) {
        for (const it of satisfying(selector)) assert.equal(it.get(key), value);
      }
    }),
  );
  assert.deepEqual(
    [...s.equalsRequired(and(is('app', 'x'), and(is('tier', 'y', 'y')), has('z')))],
    [
      ['app', 'x'],
      ['tier', 'y'],
    ],
  );
  assert.deepEqual([...s.equalsRequired(and(is('app', 'x'), or(is('tier', 'y'), is('tier', 'z'))))], [['app', 'x']]);
  assert.equal(s.equalsRequired(is('app', 'x', 'y')).size, 0);
  assert.equal(s.equalsRequired(s.everything).size, 0);
});

test('keysOf and sameSelector', () => {
  assert.deepEqual(s.keysOf(or(s.everything, and(is('app', 'x'), not(has('tier'))))), new Set(['app', 'tier']));
  assert.ok(s.sameSelector(and(is('app', 'x', 'y'), has('tier')), and(has('tier'), is('app', 'y', 'x', 'x'))));
  assert.ok(!s.sameSelector(is('app', 'x'), isNot('app', 'x')));
  assert.ok(!s.sameSelector(is('app', 'x,y'), is('app', 'x', 'y')));
  assert.ok(!s.sameSelector(and(has('a'), has('b')), or(has('a'), has('b'))));
});

test('no list of excluded values excludes all values', () => {
  assert.equal(s.disjoint(has('app'), isNot('app', ...mentioned, 'w')), 'no');
  assert.equal(s.implies(isNot('app', ...mentioned), lacks('app')), 'no');
});

/** Every text over three letters up to length 6; `w` occurs in no selector. */
const texts = [0, 1, 2, 3, 4, 5]
  .reduce<string[][]>(
    (levels) => [...levels, (levels.at(-1) ?? []).flatMap((text) => ['x', 'y', 'w'].map((letter) => text + letter))],
    [['']],
  )
  .flat();
const textUniverse: Labels[] = [new Map(), ...texts.map((text) => new Map([['app', text]]))];
const textTerm: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({
    op: fc.constantFrom('StartsWith' as const, 'EndsWith' as const, 'Contains' as const),
    key: fc.constant('app'),
    value: fc.constantFrom('', 'x', 'y', 'xy', 'yx', 'xx'),
  }),
  fc.record({
    op: fc.constant('In' as const),
    key: fc.constant('app'),
    values: fc.constantFrom(['x'], ['xy', 'yx'], []),
  }),
  fc.constant(has('app')),
);

test('text operators agree with brute force', () => {
  const literal = fc.tuple(textTerm, fc.boolean()).map(([it, negative]) => (negative ? not(it) : it));
  fc.assert(
    fc.property(fc.array(literal, { minLength: 1, maxLength: 3 }), literal, (terms, other) => {
      const a = and(...terms);
      const found = textUniverse.some((it) => s.matches(a, it) && s.matches(other, it));
      if (terms.length < 3) assert.equal(s.disjoint(a, other), yes(!found));
      else if (found) assert.equal(s.disjoint(a, other), 'no');
      const implied = textUniverse.every((it) => !s.matches(a, it) || s.matches(other, it));
      if (!implied) assert.equal(s.implies(a, other), 'no');
    }),
    { numRuns: 3000 },
  );
});

test('values too long for a label are left open', () => {
  const start: Selector = { op: 'StartsWith', key: 'app', value: 'x'.repeat(40) };
  assert.equal(s.disjoint(start, { op: 'EndsWith', key: 'app', value: 'y'.repeat(40) }), 'unknown');
  assert.equal(s.disjoint(start, { op: 'StartsWith', key: 'app', value: 'y' }), 'yes');
});

test('too many alternatives are unknown, and soon', () => {
  const wide = and(...Array.from({ length: 40 }, (_, i) => or(has(`a${i}`), has(`b${i}`))));
  assert.equal(s.disjoint(wide, wide), 'unknown');
  assert.equal(s.implies(wide, wide), 'unknown');
  assert.equal(s.matchesOpen(wide, new Map()), 'unknown');
  assert.ok(s.matches(s.everything, new Map()));
});

test('texts at one end of a value agree where one continues the other', () => {
  const starts = (value: string): Selector => ({ op: 'StartsWith', key: 'app', value });
  const ends = (value: string): Selector => ({ op: 'EndsWith', key: 'app', value });
  assert.equal(s.disjoint(starts('a'), starts('ab')), 'no');
  assert.equal(s.disjoint(starts('ab'), starts('b')), 'yes');
  assert.equal(s.disjoint(ends('b'), ends('ab')), 'no');
  assert.equal(s.disjoint(ends('ab'), ends('a')), 'yes');
  assert.equal(s.disjoint(starts('ab'), ends('yz')), 'no');
});

test('selectors by texts are the same only with the same text', () => {
  const starts = (value: string): Selector => ({ op: 'StartsWith', key: 'app', value });
  const ends: Selector = { op: 'EndsWith', key: 'app', value: 'a' };
  assert.equal(s.sameSelector(starts('a'), starts('a')), true);
  assert.equal(s.sameSelector(starts('a'), starts('b')), false);
  assert.equal(s.sameSelector(starts('a'), ends), false);
  assert.deepEqual(s.both(starts('a'), ends), { op: 'And', terms: [starts('a'), ends] });
});

test('alternatives that leave nothing out hold whatever the label is', () => {
  const either = or(is('tier', 'x'), isNot('tier', 'x'));
  assert.equal(s.matchesOpen(either, new Map()), 'yes');
  assert.equal(s.matchesOpen(and(is('tier', 'x'), lacks('tier')), new Map()), 'no');
  assert.equal(s.matchesOpen(is('tier', 'x'), new Map()), 'unknown');
});
