import assert from 'node:assert/strict';
import { test } from 'node:test';
import { somePodsName } from '#server/engine/exposure.js';
import { everything, type Selector } from '#server/model/selector.js';

const shop: Selector = { op: 'In', key: 'kubernetes.io/metadata.name', values: ['shop'] };
const web: Selector = { op: 'In', key: 'app', values: ['web'] };

const inShop: readonly (readonly [Selector, string])[] = [
  [everything, 'shop/[all pods]'],
  [web, 'shop/[pod with {app=web}]'],
  [{ op: 'In', key: 'app', values: ['web', 'api'] }, 'shop/[pod with {app in (api,web)}]'],
  [{ op: 'NotIn', key: 'app', values: ['web', 'api'] }, 'shop/[pod with {app notin (api,web)}]'],
  [{ op: 'Exists', key: 'app' }, 'shop/[pod with {app}]'],
  [{ op: 'DoesNotExist', key: 'app' }, 'shop/[pod with {!app}]'],
  [{ op: 'And', terms: [web, { op: 'Exists', key: 'a' }] }, 'shop/[pod with {a,app=web}]'],
  [{ op: 'Or', terms: [web, { op: 'Exists', key: 'a' }] }, 'shop/[pod with {(app=web) or (a)}]'],
  [{ op: 'Not', term: { op: 'StartsWith', key: 'app', value: 'w' } }, 'shop/[pod with {not (app startswith "w")}]'],
];

test('described pods of a namespace, with expressions as kubectl writes them', () => {
  for (const [pods, name] of inShop) assert.equal(somePodsName({ kind: 'some pods', namespaces: shop, pods }), name);
});

test('described pods of other namespaces', () => {
  const named = (namespaces: Selector, pods: Selector) => somePodsName({ kind: 'some pods', namespaces, pods });
  assert.equal(named(everything, everything), 'entire-cluster');
  assert.equal(named(everything, web), '[all namespaces]/[pod with {app=web}]');
  const prod: Selector = { op: 'In', key: 'env', values: ['prod'] };
  assert.equal(named(prod, everything), '[namespace with {env=prod}]/[all pods]');
  assert.equal(named({ op: 'And', terms: [shop] }, web), 'shop/[pod with {app=web}]');
  // A namespace that must have labels besides is one of several that there may be.
  const both = '[namespace with {env=prod,kubernetes.io/metadata.name=shop}]/[all pods]';
  assert.equal(named({ op: 'And', terms: [shop, prod] }, everything), both);
});
