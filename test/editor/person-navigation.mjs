// Going from a selector to its workloads and back, and renaming a label, by the keyboard.
import assert from 'node:assert/strict';

export const navigationCases = [
  {
    name: 'F12 on a selector goes to its workload, Shift+F12 there shows the policies that match it',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      // The server has started when it answers.
      await person.hover('NetworkPolicy');
      await person.press('Escape');
      await person.clickOn('podSelector');
      await person.press('F12');
      await person.waitForText((text) => /kind: Deployment/.test(text) && /name: api/.test(text));
      await person.clickOn('Deployment');
      await person.press('Shift+F12');
      await page.waitForSelector('.zone-widget .reference-file, .zone-widget .monaco-list-row', { timeout: 20_000 });
      await person.screenshot('references-of-a-workload');
      await person.press('Escape');
    },
  },
  {
    name: 'F12 on a selector of several workloads peeks at them',
    async run(page, person) {
      await person.openFile('policies/default-deny.yaml');
      // The server has started when it answers.
      await person.hover('NetworkPolicy');
      await person.press('Escape');
      await person.clickOn('podSelector');
      await person.press('F12');
      await page.waitForSelector('.zone-widget .monaco-list-row', { timeout: 20_000 });
      await person.screenshot('definition-of-a-selector');
      await person.press('Escape');
    },
  },
  {
    name: 'F2 renames a label in every file, with a preview of the others',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      // The server has started when it answers.
      await person.hover('NetworkPolicy');
      await person.press('Escape');
      await person.clickOn('app: api');
      await person.press('End');
      await person.press('F2');
      await page.waitForFunction(() => document.activeElement?.closest('.rename-box') != null, { timeout: 20_000 });
      await person.press('Control+a');
      await person.type('backend');
      await person.press('Control+Enter');
      await page.waitForSelector('.bulk-edit-panel', { timeout: 20_000 });
      await person.screenshot('rename-preview');
      const said = await page.locator('.bulk-edit-panel').innerText();
      assert.match(said, /app: apibackend/);
      assert.equal(await page.locator('.bulk-edit-panel input[type=checkbox]:not(:checked)').count(), 0);
      await page.locator('.bulk-edit-panel .monaco-button', { hasText: 'Apply' }).click();
      await person.waitForText((text) => /app: backend/.test(text));
      await person.runCommand('File: Save All Files');
      await person.until('the new label in the file of the workload', async () =>
        /app: backend/.test(await person.fileOnDisk('workloads/api.yaml')),
      );
    },
  },
];
