// The first minutes with netpol: walkthrough, welcome, the view of policies, the status, the sample.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { screenshots } from './machine.mjs';

export const onboardingCases = [
  {
    name: 'the walkthrough leads through what netpol does',
    async run(page, person) {
      await person.openFile('policies/worker-egress.yaml');
      await person.waitForSquiggles('warning', 1);
      await person.runCommand('netpol: Learn What netpol Can Do');
      const steps = page.locator('.gettingStartedContainer .step-title');
      await steps.first().waitFor();
      const titles = await steps.allInnerTexts();
      assert.equal(titles.length, 6, titles.join('\n'));
      assert.ok(!titles.join().includes('%'), titles.join('\n'));
      // The workspace has policies: the first step is done.
      const done = page.locator('.getting-started-step').first().locator('.codicon-getting-started-step-checked');
      await done.waitFor();
      await person.screenshot('walkthrough');
      for (const [nth, name] of ['hover', 'fix', 'explain', 'map', 'test'].entries()) {
        await steps.nth(nth + 1).click();
        await page
          .locator('.gettingStartedContainer .getting-started-step.expanded')
          .filter({ hasText: titles[nth + 1] })
          .waitFor();
        await person.screenshot(`walkthrough-${name}`);
      }
    },
  },
  {
    name: 'where there is no policy, the view offers the first ones',
    opens: 'workloads',
    async run(page, person) {
      await person.openFile('frontend.yaml');
      const header = page.getByRole('button', { name: 'Network Policies Section' });
      await header.click();
      await page.getByRole('button', { name: 'Insert a Standard Policy' }).waitFor();
      await person.screenshot('welcome-view');
      await page.getByRole('button', { name: 'Insert a Standard Policy' }).click();
      await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: 'Default deny' }).first().waitFor();
      await person.press('Escape');
      // The server runs now, and there is still no policy.
      await page.getByText('every pod may connect to every other').waitFor();
      await person.screenshot('welcome-view-running');
    },
  },
  {
    name: 'the view shows policies and workloads by namespace, and leads to them',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      await person.waitForSquiggles('error', 0);
      await person.hover('NetworkPolicy');
      await person.press('Escape');
      await person.runCommand('Explorer: Focus on Network Policies View');
      const rows = page.locator('.pane').filter({ hasText: 'Network Policies' }).locator('.monaco-list-row');
      await rows.first().waitFor();
      await rows.first().click();
      await person.screenshot('policies-view');
    },
  },
  {
    name: 'the status says what is known, and what can be done',
    async run(page, person) {
      await person.openFile('policies/worker-egress.yaml');
      await person.waitForSquiggles('warning', 1);
      await person.press('F1');
      const quick = page.locator('.quick-input-widget');
      await quick.locator('input').fill('>netpol: Show Status and Actions');
      await quick.locator('.monaco-list-row').filter({ hasText: 'Show Status' }).first().waitFor();
      await person.press('Enter');
      await quick.locator('.monaco-list-row').filter({ hasText: 'Run the connectivity tests' }).first().waitFor();
      const said = await quick.innerText();
      assert.match(said, /\d+ policies, \d+ workloads/);
      assert.match(said, /1 warning/);
      await person.screenshot('status-details');
    },
  },
  {
    name: 'the sample workspace opens with a policy to mend',
    opens: 'notes',
    async run(page, person) {
      await person.openFile('plain.yaml');
      const opened = page.context().waitForEvent('page');
      await person.runCommand('netpol: Open a Sample Workspace');
      const sample = await opened;
      await sample.locator('.tab').filter({ hasText: 'api.yaml' }).first().waitFor({ timeout: 30_000 });
      await sample.locator('.squiggly-warning').first().waitFor({ timeout: 30_000 });
      await sample.screenshot({ path: join(screenshots, 'sample.png') });
    },
  },
];
