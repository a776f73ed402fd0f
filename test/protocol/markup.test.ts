import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPlainText } from '#server/features/completion/shape-text.js';
import { plainText } from '#server/features/markup.js';
import { bareClient } from './bare-client.js';
import { apiPolicy, shop } from './manifests.js';
import { positionOf } from './server-process.js';

const cases: readonly (readonly [markdown: string, text: string])[] = [
  ['**Allows** _one_ `port`', 'Allows one port'],
  ['see [line 11](file:///a/b.yaml#L11) and [x](y)', 'see line 11 and x'],
  ['api\\[Deployment\\] -\\> snake\\_case\\*', 'api[Deployment] -> snake_case*'],
  // Names with underscores are names, also two of them, and what stands in code is as it is.
  ['my_app_label and _emphasis_ and a_b', 'my_app_label and emphasis and a_b'],
  ['`**bold** \\_` beside **bold**', '**bold** \\_ beside bold'],
  ['one  \ntwo', 'one\ntwo'],
  ['first\\\nsecond\n\n---\n\nthird', 'first\nsecond\n\nthird'],
  ['```yaml\nkind: A\n```\nafter', 'kind: A\nafter'],
  ['| a | to |\n|:--|:--|\n| TCP 8080 | b \\| c |\n| x | |', 'a         to\nTCP 8080  b | c\nx'],
  ['2 * 3 * 4 and 5 ** 6', '2 * 3 * 4 and 5 ** 6'],
  ['', ''],
];

for (const [markdown, text] of cases) {
  test(`the text of ${JSON.stringify(markdown)}`, () => assert.equal(plainText(markdown), text));
}

test('a line of millions of marks is read once', { timeout: 120_000 }, () => {
  const count = 1_000_000;
  assert.equal(plainText(`a${' '.repeat(count)}b`).length, count + 2);
  for (const mark of ['[', '](', ' _a', '**', '`', '\\', '| ', '#'])
    assert.ok(plainText(`x${mark.repeat(count)}y`) !== '');
  assert.equal(asPlainText('['.repeat(count)).length, count);
  assert.equal(asPlainText(`[x]${'{'.repeat(count)}<>`).length, count + 3);
});

test('a client without Markdown gets the table of a policy in columns', async (t) => {
  const client = await bareClient(t, { capabilities: {}, files: shop });
  const textDocument = { uri: client.uri('policies/api.yaml') };
  const position = positionOf(apiPolicy, 'NetworkPolicy');
  const { contents } = await client.ask<{ contents: { kind: string; value: string } }>('textDocument/hover', {
    textDocument,
    position,
  });
  assert.equal(contents.kind, 'plaintext');
  assert.match(contents.value, /^api — NetworkPolicy, namespace shop\nselects 1 workload: api/);
  assert.match(
    contents.value,
    /\nports +from +by\nTCP\s8080 +pods app=frontend in shop — 1 workload: frontend +api:13\n/,
  );
  assert.doesNotMatch(contents.value, /\*\*|\]\(|\\|^\|/m);
});
