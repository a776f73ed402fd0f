// Policies that a person writes with completion alone: at the keyboard, from an empty file.
import assert from 'node:assert/strict';

export const completionCases = [
  {
    name: 'an empty file gets a default deny by Ctrl+Space',
    async run(page, person) {
      await person.openFile('policies/new.yaml');
      await person.until('the standard policies', async () => {
        // The server may still be starting.
        const offered = await person.completions();
        if (offered.some((label) => label.startsWith('Allow traffic'))) return true;
        await person.press('Escape');
        return false;
      });
      await person.screenshot('completion-empty-file');
      await person.type('default deny');
      const row = page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: 'default-deny-all' });
      // A blank that is typed while an answer is on its way closes the list: it is asked for again by these words.
      await person.until('the default deny among them', async () => {
        if (await row.first().isVisible()) return true;
        await person.completions();
        return row.first().isVisible();
      });
      await showDetails(page, person);
      await person.screenshot('completion-policies');
      await acceptFocused(page, person, 'Default deny: ingress and egress');
      const text = await person.waitForText((all) => /kind: NetworkPolicy[\s\S]*- Ingress\n\s*- Egress/.test(all));
      assert.match(text, /namespace: shop/);
      await person.screenshot('completion-default-deny');
    },
  },
  {
    name: 'a whole NetworkPolicy is written by completion, from its kind to its ports',
    async run(page, person) {
      await person.openFile('policies/new.yaml');
      const accept = (label) => acceptFocused(page, person, label);
      await person.type('kind: ');
      await person.type('NetworkP');
      await accept('NetworkPolicy');
      await person.waitForText((all) => /^apiVersion: networking\.k8s\.io\/v1\nkind: NetworkPolicy/.test(all));
      await person.press('Enter');
      await person.type('meta');
      await accept('metadata');
      await person.type('api');
      await person.waitForText((all) => /name: api\n\s+namespace: shop/.test(all));
      await person.press('Escape');
      await person.press('Control+End');
      await lineAtColumn(person, 0);
      await person.type('spe');
      await accept('spec');
      await person.waitForText((all) => /matchLabels:\n/.test(all));
      // The labels that there are come by themselves.
      await page.locator('.suggest-widget.visible .monaco-list-row').first().waitFor();
      await person.screenshot('completion-labels');
      await person.pickCompletion('app: api');
      await person.press('Tab');
      await page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: 'Egress' }).first().waitFor();
      await person.screenshot('completion-choice');
      await accept('Ingress');
      await person.press('Control+End');
      await lineAtColumn(person, 2);
      await person.type('ing');
      await showDetails(page, person);
      await person.screenshot('completion-fields');
      await accept('ingress');
      await person.waitForText((all) => /ingress:\n\s+- from:\n/.test(all));
      await page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: 'ipBlock' }).first().waitFor();
      await person.screenshot('completion-peers');
      await accept('podSelector');
      await person.waitForText((all) => /- podSelector:\n\s+matchLabels:\n/.test(all));
      await person.screenshot('completion-written');
    },
  },
];

/** Accepts the completion that has the focus, once it is the one that is meant. */
async function acceptFocused(page, person, label) {
  const name = page.locator('.label-name').getByText(label, { exact: true });
  const row = page.locator('.suggest-widget.visible .monaco-list-row.focused').filter({ has: name });
  await person.until(`${label} in focus`, async () => {
    if (await row.isVisible()) return true;
    // What was offered before the server had started stays as it is: it is asked again.
    if (await page.locator('.suggest-widget.visible').isVisible()) await person.press('Escape');
    await person.press('Control+Space');
    await row.waitFor({ timeout: 2_000 }).catch(() => undefined);
    return row.isVisible();
  });
  // The test windows accept nothing on Enter. A list that was just loading again takes no key.
  await person.until(`${label} accepted`, async () => {
    if (await row.isVisible()) await person.press('Tab');
    return row.waitFor({ state: 'hidden', timeout: 2_000 }).then(
      () => true,
      () => false,
    );
  });
}

/** Opens what the list says of the row in focus, beside it. */
async function showDetails(page, person) {
  const details = page.locator('.suggest-details-container .suggest-details');
  await page.locator('.suggest-widget.visible .monaco-list-row.focused').waitFor();
  await person.until('the documentation', async () => {
    if (await details.isVisible()) return true;
    await person.press('Control+Space');
    await details.waitFor({ timeout: 2_000 }).catch(() => undefined);
    return details.isVisible();
  });
}

/** A new line below, with the cursor at a column. */
async function lineAtColumn(person, column) {
  await person.press('End');
  await person.press('Enter');
  // Twice: the first goes to the end of the indentation.
  for (let i = 0; i < 8; i += 2) await person.press('Shift+Tab');
  for (let i = 0; i < column; i += 2) await person.press('Tab');
}
