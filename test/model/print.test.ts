import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, list, printSelector, shortened } from '#server/model/print.js';
import type { Selector } from '#server/model/selector.js';
import { everything, nothing } from '#server/model/selector.js';

const web: Selector = { op: 'In', key: 'app', values: ['web'] };
const notX: Selector = { op: 'NotIn', key: 'tier', values: ['x'] };
const has: Selector = { op: 'Exists', key: 'app' };
const either: Selector = { op: 'Or', terms: [web, has] };

const printed: readonly [Selector, string][] = [
  [everything, ''],
  [nothing, 'nothing'],
  [web, 'app=web'],
  [{ op: 'In', key: 'app', values: ['a', 'b'] }, 'app in (a, b)'],
  [{ op: 'In', key: 'app', values: [] }, 'nothing'],
  [notX, 'tier not in (x)'],
  [has, 'label app present'],
  [{ op: 'DoesNotExist', key: 'app' }, 'label app absent'],
  [{ op: 'StartsWith', key: 'app', value: 'we' }, 'app starts with "we"'],
  [{ op: 'And', terms: [web, notX, everything] }, 'app=web and tier not in (x)'],
  [{ op: 'And', terms: [web, nothing] }, 'nothing'],
  [{ op: 'And', terms: [] }, ''],
  [{ op: 'Or', terms: [] }, 'nothing'],
  [{ op: 'Or', terms: [web, everything] }, ''],
  [{ op: 'And', terms: [either, notX] }, '(app=web or label app present) and tier not in (x)'],
  [
    { op: 'And', terms: [{ op: 'Not', term: { op: 'Not', term: either } }, notX] },
    '(app=web or label app present) and tier not in (x)',
  ],
  [{ op: 'And', terms: [{ op: 'And', terms: [either] }, notX] }, '(app=web or label app present) and tier not in (x)'],
  [{ op: 'Or', terms: [{ op: 'And', terms: [web, notX] }, has] }, '(app=web and tier not in (x)) or label app present'],
  [{ op: 'EndsWith', key: 'app', value: 'eb' }, 'app ends with "eb"'],
  [{ op: 'Contains', key: 'app', value: 'e' }, 'app contains "e"'],
  [{ op: 'Not', term: web }, 'app not in (web)'],
  [{ op: 'Not', term: notX }, 'tier=x'],
  [{ op: 'Not', term: { op: 'Not', term: web } }, 'app=web'],
  [{ op: 'Not', term: { op: 'DoesNotExist', key: 'app' } }, 'label app present'],
  [{ op: 'Not', term: { op: 'Or', terms: [web, everything] } }, 'nothing'],
  [{ op: 'Not', term: { op: 'Or', terms: [] } }, ''],
  [{ op: 'Not', term: has }, 'label app absent'],
  [{ op: 'Not', term: either }, 'not (app=web or label app present)'],
];
for (const [selector, text] of printed) {
  test(`prints ${JSON.stringify(text)} for ${JSON.stringify(selector)}`, () =>
    assert.equal(printSelector(selector), text));
}

test('list', () => {
  assert.equal(list([]), '');
  assert.equal(list(['a']), 'a');
  assert.equal(list(['a', 'b'], 2), 'a and b');
  assert.equal(list(['a', 'b', 'c']), 'a, b and c');
  assert.equal(list(['a', 'b', 'c', 'd', 'e'], 2), 'a, b and 3 more');
  assert.equal(list(['a', 'b'], 1), 'a and 1 more');
});

test('count', () => {
  const counted = [count(1, 'pod'), count(3, 'pod'), count(0, 'policy'), count(2, 'address'), count(2, 'gateway')];
  assert.deepEqual(counted, ['1 pod', '3 pods', '0 policies', '2 addresses', '2 gateways']);
});

test('of a long text the beginning and the end are shown, and no half of a character', () => {
  assert.equal(shortened('abcdefgh', 8), 'abcdefgh');
  assert.equal(shortened('abcdefghi', 8), 'abcd ... fghi');
  assert.equal(shortened('abc😀efghijklm😀opq', 8), 'abc ... opq');
});
