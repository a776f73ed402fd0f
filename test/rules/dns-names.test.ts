import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOverlap } from '#server/rules/dns-names.js';

const cases: readonly (readonly [string, string, boolean])[] = [
  ['api.example.com', 'API.example.com.', true],
  ['*.example.com', 'api.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'a.b.example.com', false],
  ['**.example.com', 'a.b.example.com', true],
  ['*', 'a.b.example.com', true],
  ['*', '*.*.svc.cluster.local', true],
  ['a*.example.com', '*b.example.com', true],
  ['a*.example.com', 'b*.example.com', false],
  ['*.*.example.com', '*.example.com', false],
  ['**.example.com', '*.*.example.com', true],
  ['api-*', 'api-1', true],
  ['*.com', '*.org', false],
];

test('two patterns overlap where some name is one that both take in', () => {
  for (const [one, other, expected] of cases) {
    assert.equal(namesOverlap(one, other), expected, `${one} and ${other}`);
    assert.equal(namesOverlap(other, one), expected, `${other} and ${one}`);
  }
});

test('many wildcards cost little', () => {
  assert.equal(namesOverlap('*a'.repeat(120), '*b'.repeat(120)), false);
});
