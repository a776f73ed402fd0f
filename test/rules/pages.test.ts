import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rules } from '#server/rules/index.js';
import { pageOf } from '#server/rules/page.js';
import type { RuleDefinition } from '#server/rules/rule.js';
import { allFindings, filesOf, open, parseFixture } from './harness.js';

/** The examples on the rules' pages. They may hold several files, and a `.netpol.yaml`, as fixtures do. */
for (const rule of rules) {
  describe(rule.id, () => {
    test('the bad example shows the finding', async () => {
      const found = await findings(pageOf(rule).bad);
      assert.ok(
        found.some((each) => each.rule === rule),
        `found only: ${found.map((each) => each.rule.id).join(', ')}`,
      );
    });

    test('the good example shows neither this nor anything else that matters', async () => {
      const found = await findings(pageOf(rule).good);
      const serious = found.filter(
        (each) => each.rule === rule || each.severity === 'warning' || each.severity === 'error',
      );
      assert.deepEqual(
        serious.map((each) => `${each.rule.id}: ${each.message}`),
        [],
      );
    });

    test('the page says something in each part', () => checkPage(rule));
  });
}

test('every rule has an id of its own', () => {
  assert.equal(new Set(rules.map((rule) => rule.id)).size, rules.length);
});

async function findings(example: string) {
  const fixture = parseFixture(example);
  return allFindings(await open(filesOf(fixture), fixture.settings));
}

function checkPage(rule: RuleDefinition): void {
  assert.match(rule.id, /^[a-z]+(-[a-z]+)*$/);
  assert.match(rule.summary, /^\S[^\n]*\.$/, 'the summary is one sentence on one line');
  for (const part of [pageOf(rule).what, pageOf(rule).why]) assert.match(part, /\S/);
  for (const address of pageOf(rule).references) {
    assert.equal(new URL(address).protocol, 'https:');
    assert.doesNotMatch(address, /npmjs|pkg\.go\.dev|crates\.io|pypi/);
  }
}
