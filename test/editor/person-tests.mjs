// The Test Explorer and the question about a connection, by keyboard and mouse.
import assert from 'node:assert/strict';

export const testCases = [
  {
    name: 'the Test Explorer runs the connectivity tests, and a failing one shows the line that decides',
    opens: 'scenarios/expectations',
    async run(page, person) {
      await person.openFile('bank.netpol-test.yaml');
      await person.waitForSquiggles('error', 1);
      await person.runCommand('Testing: Focus on Test Explorer View');
      const rows = page.locator('.test-explorer .monaco-list-row');
      await rows.filter({ hasText: 'bank.netpol-test.yaml' }).first().waitFor();
      await person.screenshot('tests-listed');
      await person.runCommand('Test: Run All Tests');
      await page.locator('.codicon-testing-failed-icon').first().waitFor();
      await rows.filter({ hasText: 'bank.netpol-test.yaml' }).first().click();
      await rows.filter({ hasText: 'a teller sees the accounts' }).first().waitFor();
      await person.screenshot('tests-failed');
      // The message stands at the line as well, and leads to the policy.
      await person.runCommand('Test: Peek Output');
      const peek = page.locator('.test-output-peek');
      await peek.first().waitFor();
      await page.getByText('expected to be').first().waitFor();
      await person.screenshot('tests-peek');
    },
  },
  {
    name: 'a connection is asked about by typing ahead, and its edit is seen before it is applied',
    async run(page, person) {
      await person.openFile('policies/postgres.yaml');
      await person.goTo(3);
      await person.press('F1');
      const input = page.locator('.quick-input-widget input');
      await input.first().fill('>netpol: Why Is This Connection Allowed or Blocked?');
      await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: 'netpol: Why' }).first().waitFor();
      await person.press('Enter');
      await step(page, 1);
      // Everything at once, without looking whether the list has settled.
      await person.type('front');
      await person.press('Enter');
      await step(page, 2);
      await person.type('postgres');
      await person.press('Enter');
      await step(page, 3);
      await person.type('5432');
      await person.press('Enter');
      const inPreview = (find) => person.until('it in the preview', () => visibleInFrame(page, find));
      await inPreview((frame) => frame.getByText('Blocked: shop/frontend'));
      await page.getByRole('button', { name: 'Allow or Cut the Explained Connection…' }).first().click();
      await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: 'Preview:' }).first().waitFor();
      await person.screenshot('repair-choices');
      await person.type('Preview');
      await page.locator('.quick-input-widget .monaco-list-row.focused').filter({ hasText: 'Preview:' }).waitFor();
      await person.press('Enter');
      await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
      await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: 'Discard' }).first().waitFor();
      await person.screenshot('repair-preview');
      await person.press('Enter');
      await person.waitForText((text) => /app: frontend/.test(text));
      assert.doesNotMatch(await person.fileOnDisk('policies/postgres.yaml'), /frontend/);
      assert.equal(await page.locator('.monaco-diff-editor').count(), 0);
      await inPreview((frame) => frame.getByText('Allowed: shop/frontend'));
      await person.screenshot('repair-applied');
    },
  },
  {
    name: 'the answer about a connection follows the edit of a policy',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      await person.goTo(3);
      await person.runCommand('netpol: Show Effective Policy');
      const inPreview = (find) => person.until('it in the preview', () => visibleInFrame(page, find));
      await inPreview((frame) => frame.getByText('selects 1 workload'));
      await person.clickOn('port: 8080');
      await person.press('End');
      await person.press('Backspace');
      await person.waitForText((text) => /port: 808$/m.test(text));
      await inPreview((frame) => frame.getByText('TCP 808', { exact: true }).first());
    },
  },
];

async function step(page, number) {
  await page
    .locator('.quick-input-title')
    .filter({ hasText: `(${number}/3)` })
    .waitFor();
}

/** What is visible in one of the page's frames: a preview is a page within a page, and is replaced while it loads. */
async function visibleInFrame(page, find) {
  for (const frame of page.frames()) {
    const found = find(frame);
    if (await found.isVisible().catch(() => false)) return found;
  }
  return undefined;
}
