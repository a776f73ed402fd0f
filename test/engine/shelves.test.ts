import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelOn, labelShelf, Shelves, shelfOf } from '#server/engine/shelves.js';
import type { Selector } from '#server/model/selector.js';

test('what stands on several shelves comes in the order in which it was put there, from few shelves and from many', () => {
  for (const count of [1, 2, 3, 16, 17, 40]) {
    const shelves = new Shelves<number>();
    const items = Array.from({ length: 3 * count }, (_, index) => index);
    for (const item of items) shelves.put(item, [`shelf ${(item * 7) % count}`]);
    const names = Array.from({ length: count }, (_, index) => `shelf ${index}`);
    assert.deepEqual([...shelves.on(names)], items, `${count} shelves`);
    assert.deepEqual([...shelves.on([...names, ...names, 'none'])], items, 'a shelf counts once');
    assert.deepEqual(
      [...shelves.on(['shelf 0'])],
      items.filter((item) => (item * 7) % count === 0),
    );
  }
  assert.deepEqual([...new Shelves().on(['none'])], []);
});

test('who stops early is given what comes first', () => {
  const shelves = new Shelves<string>();
  shelves.put('first', ['a']);
  shelves.put('second', ['b', 'c']);
  shelves.put('third', ['a']);
  const [first, second] = shelves.on(['b', 'a']);
  assert.deepEqual([first, second], ['first', 'second']);
  assert.deepEqual([...shelves.on(['c'])], ['second']);
});

test('a selector has a shelf where whatever it chooses has one label', () => {
  const app: Selector = { op: 'In', key: 'app', values: ['web'] };
  const either: Selector = { op: 'In', key: 'app', values: ['web', 'api'] };
  const exists: Selector = { op: 'Exists', key: 'tier' };
  assert.deepEqual(labelOn(app), ['app', 'web']);
  assert.equal(shelfOf(app), labelShelf('app', 'web'));
  assert.deepEqual(labelOn({ op: 'And', terms: [exists, either, app] }), ['app', 'web']);
  for (const selector of [
    either,
    exists,
    { op: 'All' },
    { op: 'And', terms: [exists, either] },
    { op: 'Or', terms: [app, app] },
    { op: 'NotIn', key: 'app', values: ['web'] },
    { op: 'And', terms: [{ op: 'Not', term: app }] },
    // Of a namespace's label, or a pod's name: no label of the pods themselves.
    { op: 'In', key: 'namespace:stage', values: ['prod'] },
  ] satisfies Selector[]) {
    assert.equal(labelOn(selector), undefined, JSON.stringify(selector));
    assert.equal(shelfOf(selector), undefined);
  }
});
