import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting } from '#server/model/setting.js';

test('texts fit while there is room for them and a line end each; one that does not takes no room', () => {
  const fits = fitting(10);
  assert.equal(fits('a'.repeat(10)), false);
  assert.equal(fits('a'.repeat(4)), true);
  assert.equal(fits('a'.repeat(5)), false);
  assert.equal(fits('a'.repeat(4)), true);
  assert.equal(fits(''), false);
  assert.equal(fitting(10)('a'.repeat(9)), true);
});
