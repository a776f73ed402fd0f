import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryAt, formatPath, nodeAt, pathAt } from '#server/text/paths.js';
import { data, read } from './reading.js';
import { ANCHORS, POLICY } from './samples.js';

/** The path at the `|` of a text, and what stands there. */
function at(marked: string): string {
  const offset = marked.indexOf('|');
  const here = pathAt(read(marked.slice(0, offset) + marked.slice(offset + 1)), offset);
  if (here === undefined) return 'nothing';
  return `${formatPath(here.path)} ${here.onKey ? 'key' : here.node.kind}`.trim();
}

test('nodes and entries by path', () => {
  const document = read(POLICY);
  assert.equal(data(nodeAt(document, ['spec', 'ingress', 0, 'from', 0, 'ipBlock', 'cidr'])), '172.17.0.0/16');
  assert.equal(nodeAt(document, ['spec', 'nothing', 0]), undefined);
  assert.equal(nodeAt(document, ['spec', 0]), undefined);
  assert.equal(entryAt(document, ['spec', 'egress'])?.key.value, 'egress');
  assert.equal(entryAt(document, ['spec', 'ingress', 0]), undefined);
  assert.equal(data(nodeAt(read(ANCHORS), ['copy', 'tier'])), 'front');
});

test('paths are printed as the API server does', () => {
  assert.equal(formatPath(['spec', 'ingress', 0, 'from', 1]), 'spec.ingress[0].from[1]');
  assert.equal(formatPath(['metadata', 'labels', 'app.kubernetes.io/name']), 'metadata.labels[app.kubernetes.io/name]');
  assert.equal(formatPath([]), '');
});

test('what stands at an offset', () => {
  assert.equal(at('spec:\n  po|rt: 80\n'), 'spec.port key');
  assert.equal(at('spec:\n  port: 8|0\n'), 'spec.port scalar');
  assert.equal(at('spec:\n  port: 80|\n'), 'spec.port scalar');
  assert.equal(at('spec:\n  port: |\n'), 'spec.port scalar');
  assert.equal(at('a: [1, 2|, {b: c}]\n'), 'a[1] scalar');
  assert.equal(at('a: [1, 2, {b: c|}]\n'), 'a[2].b scalar');
  assert.equal(at('a: {b: c, |}\n'), 'a map');
  assert.equal(at('a:\n  - b: 1\n  - |c: 2\n'), 'a[1].c key');
  assert.equal(at('a:\n  -| c: 2\n'), 'a[0] map');
  assert.equal(at(''), 'nothing');
});

test('blank space belongs to the block of its column', () => {
  assert.equal(at('spec:\n  a: 1\n  |\n'), 'spec map');
  assert.equal(at('spec:\n  a: 1\n|\n'), 'map');
  assert.equal(at('spec:\n  a:\n    |\nb: 1\n'), 'spec.a scalar');
  assert.equal(at('spec:\n  |\nb: 1\n'), 'spec scalar');
  assert.equal(at('l:\n  - a: 1\n    |\n'), 'l[0] map');
  assert.equal(at('l:\n  - a: 1\n  |\n'), 'l sequence');
  assert.equal(at('l:\n  - a: 1\n    b:\n      c: 1\n    |\n  - d: 1\n'), 'l[0] map');
  assert.equal(at('l:\n  - \n  - |\n'), 'l[1] scalar');
});

test('the collections around a node, outermost first', () => {
  const document = read('a:\n  - b: 1\n');
  const here = pathAt(document, document.text.indexOf('1'));
  assert.deepEqual(
    here?.ancestors.map((node) => node.kind),
    ['map', 'sequence', 'map'],
  );
  assert.equal(here?.entry?.key.value, 'b');
});

test('an alias is not looked into', () => {
  const document = read(ANCHORS);
  const here = pathAt(document, ANCHORS.indexOf('*base\nalso') + 2);
  assert.deepEqual(here?.path, ['copy']);
  assert.ok(here?.node.alias);
});
