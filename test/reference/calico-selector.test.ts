import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseSelector } from './calico-selector.js';

/** FACTS A3.5: a selector, then labels that it chooses, and labels that it does not. */
const rows: readonly (readonly [string, readonly object[], readonly object[]])[] = [
  ['', [{}, { a: 'b' }], []],
  [' \t', [{}], []],
  ['all()', [{}], []],
  ['all( )', [{}], []],
  ['global()', [{}], []],
  ["a == 'b'", [{ a: 'b' }], [{}, { a: 'c' }]],
  ["a=='b'", [{ a: 'b' }], [{ a: 'c' }]],
  ['a == "b\'c"', [{ a: "b'c" }], [{ a: 'bc' }]],
  ["a != 'b'", [{}, { a: 'c' }], [{ a: 'b' }]],
  ["a in {'b', 'c',}", [{ a: 'b' }, { a: 'c' }], [{}, { a: 'd' }]],
  ["a not in {'b'}", [{}, { a: 'c' }], [{ a: 'b' }]],
  ["a notin{'b'}", [{}, { a: 'c' }], [{ a: 'b' }]],
  ['a in {}', [], [{}, { a: 'b' }]],
  ['a not in {}', [{}, { a: 'b' }], []],
  ["a contains 'b'", [{ a: 'abc' }], [{}, { a: 'ac' }]],
  ["a starts with 'b'", [{ a: 'bc' }], [{}, { a: 'cb' }]],
  ["a startswith 'b'", [{ a: 'bc' }], [{ a: 'cb' }]],
  ["a ends with 'b'", [{ a: 'cb' }], [{}, { a: 'bc' }]],
  ['has(a)', [{ a: '' }], [{}]],
  ['!has(a)', [{}], [{ a: '' }]],
  ['! !has( a )', [{ a: '' }], [{}]],
  ["a == '1' || b == '2' && c == '3'", [{ a: '1' }, { b: '2', c: '3' }], [{ b: '2' }, { c: '3' }]],
  ["(a == '1' || b == '2') && c == '3'", [{ a: '1', c: '3' }], [{ a: '1' }, { c: '3' }]],
  ["!(a == '1' && b == '2')", [{ a: '1' }], [{ a: '1', b: '2' }]],
  ["!a == '1' && has(b)", [{ b: '' }], [{}, { a: '1', b: '' }]],
  ["in in {'a'}", [{ in: 'a' }], [{}]],
  ["has == 'a'", [{ has: 'a' }], [{}]],
  ["a/b.c-d_e == 'x'", [{ 'a/b.c-d_e': 'x' }], [{}]],
];

test('what selectors choose', () => {
  for (const [selector, chosen, others] of rows) {
    const matches = parseSelector(selector);
    for (const labels of chosen) assert.ok(matches({ ...labels }), `${selector} chooses ${JSON.stringify(labels)}`);
    for (const labels of others) assert.ok(!matches({ ...labels }), `${selector} leaves ${JSON.stringify(labels)}`);
  }
});

test('what is no selector', () => {
  const broken = [
    'a',
    'a = "b"',
    'a == b',
    'a == 1',
    "a IN {'b'}",
    "a == 'b' & c == 'd'",
    "a == 'b' |  c == 'd'",
    "a == 'b'\n&& c == 'd'",
    "a == 'b",
    'has a',
    'has (a)',
    'has(a',
    'all(',
    '(all()',
    'all())',
    "a in {'b'",
    "a in ['b']",
    'a in {,}',
    '!',
    '&&',
    "a == 'b' &&",
    "a contain 'b'",
    "a inx {'b'}",
    'é == "a"',
  ];
  for (const selector of broken) assert.throws(() => parseSelector(selector), /is expected at/, selector);
});

interface Corpus {
  readonly evaluate: readonly {
    readonly selector: string;
    readonly matches: readonly Record<string, string>[];
    readonly nonMatches: readonly Record<string, string>[];
  }[];
  readonly invalid: readonly string[];
}

test('what Calico’s own tests say of selectors', (context) => {
  const path = new URL('../../corpus/calico/selectors.json', import.meta.url);
  const { evaluate, invalid }: Corpus = JSON.parse(readFileSync(path, 'utf8'));
  let asked = 0;
  for (const { selector, matches, nonMatches } of evaluate) {
    const chooses = parseSelector(selector);
    for (const labels of matches) assert.ok(chooses(labels), `${selector} chooses ${JSON.stringify(labels)}`);
    for (const labels of nonMatches) assert.ok(!chooses(labels), `${selector} leaves ${JSON.stringify(labels)}`);
    asked += matches.length + nonMatches.length;
  }
  for (const selector of invalid) assert.throws(() => parseSelector(selector), /is expected at/, selector);
  assert.ok(asked > 0 && invalid.length > 0);
  context.diagnostic(`${evaluate.length} selectors on ${asked} sets of labels, ${invalid.length} that are none`);
});
