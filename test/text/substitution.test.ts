import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf } from '#server/text/document.js';
import { entryOf, isScalar } from '#server/text/tree.js';

test('text with a ${NAME} to be substituted is opaque; a lone $ is not', () => {
  const { root } = documentOf('file:///a.yaml', 'a: ${APP}-x\nb: "${APP:=y}"\nc: cost $5\nd: $(A)\n');
  const opaque = ['a', 'b', 'c', 'd'].map((key) => {
    const value = entryOf(root, key)?.value;
    assert.ok(isScalar(value));
    return value.opaque;
  });
  assert.deepEqual(opaque, [true, true, false, false]);
});
