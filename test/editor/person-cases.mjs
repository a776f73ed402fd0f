// What a person sees and does with netpol in VS Code, each in a fresh window with a fresh copy of workspace/.
import assert from 'node:assert/strict';
import { completionCases } from './person-completion.mjs';
import { visibleInFrame } from './person-frames.mjs';
import { lensCases } from './person-lens.mjs';
import { mapCases } from './person-map.mjs';
import { navigationCases } from './person-navigation.mjs';
import { onboardingCases } from './person-onboarding.mjs';
import { outlineCases } from './person-outline.mjs';
import { scenarioCases } from './person-scenarios.mjs';
import { testCases } from './person-tests.mjs';
import { valueCases } from './person-values.mjs';

export const cases = [
  {
    name: 'a wrong range is underlined while it is typed',
    async run(_page, person) {
      await person.openFile('policies/api.yaml');
      await person.goTo(27);
      await person.press('Control+End');
      await person.waitForSquiggles('error', 0);
      await person.type('          endPort: 80');
      await person.waitForProblem(/endPort.*invalid-end-port/s);
      await person.waitForSquiggles('error', 1);
      await person.screenshot('squiggle');
      await person.press('Control+1');
      await person.press('Backspace');
      await person.press('Backspace');
      await person.type('8090');
      await person.waitForSquiggles('error', 0);
    },
  },
  {
    name: 'Ctrl+. adds DNS egress, and the squiggle is gone',
    async run(_page, person) {
      await person.openFile('policies/worker-egress.yaml');
      await person.waitForSquiggles('warning', 1);
      await person.clickOn('- Egress');
      await person.press('End');
      const titles = await person.quickFixes();
      assert.match(titles[0], /^Add DNS egress/);
      await person.screenshot('dns-quick-fix');
      await person.pickFix('Add DNS egress');
      await person.waitForSquiggles('warning', 0);
      const text = await person.waitForText((text) => /protocol: UDP\n\s+port: 53/.test(text));
      assert.match(text, /k8s-app: kube-dns/);
      await person.screenshot('dns-fixed');
      await person.save();
      assert.match(
        await person.fileOnDisk('policies/worker-egress.yaml'),
        /# The worker talks.*\n[\s\S]*port: 5432\n[\s\S]*port: 53\n/,
      );
    },
  },
  {
    name: 'resting the mouse on DNS that is blocked says what and why',
    async run(_page, person) {
      await person.openFile('policies/worker-egress.yaml');
      await person.waitForSquiggles('warning', 1);
      const said = await person.hover('- Egress');
      assert.match(said, /DNS/);
      await person.screenshot('dns-finding');
    },
  },
  {
    name: 'resting the mouse on the kind shows the table of what is allowed',
    async run(_page, person) {
      await person.openFile('policies/api.yaml');
      const said = await person.hover('NetworkPolicy');
      assert.match(said, /selects 1 workload: api/);
      assert.match(said, /TCP\s8080/);
      assert.match(said, /frontend/);
      assert.match(said, /prometheus/);
      await person.screenshot('hover');
    },
  },
  {
    name: 'the same for a policy that blocks DNS, and for a workload',
    async run(_page, person) {
      await person.openFile('policies/worker-egress.yaml');
      assert.match(await person.hover('NetworkPolicy'), /DNS/);
      await person.screenshot('hover-egress');
      await person.openFile('workloads/postgres.yaml');
      assert.match(await person.hover('StatefulSet'), /TCP\s5432/);
      await person.screenshot('hover-workload');
    },
  },
  {
    name: 'OR where AND was meant is pointed out, and one key joins the two',
    async run(_page, person) {
      await person.openFile('policies/postgres.yaml');
      await person.waitForSquiggles('warning', 1);
      const said = await person.hover('app.kubernetes.io/name');
      assert.match(said, /OR/);
      await person.screenshot('and-or-hover');
      await person.press('Escape');
      const [row] = (await person.problemRows()).filter((each) => /OR/.test(each));
      assert.ok(row !== undefined);
      await person.press('Control+Shift+M');
      await person.press('Control+1');
      await person.goTo(27, 14);
      const titles = await person.quickFixes();
      await person.screenshot('and-or-quick-fix');
      const join = titles.find((title) => /AND/.test(title));
      assert.ok(join !== undefined, titles.join('\n'));
      await person.pickFix(join);
      await person.waitForSquiggles('warning', 0);
      await person.waitForText((text) => /name: monitoring\n {10}podSelector:/.test(text));
    },
  },
  {
    name: 'a snippet expands when its prefix is typed',
    async run(_page, person) {
      await person.openFile('policies/new.yaml');
      await person.type('np-deny-all');
      // The editor may not have read the snippets yet when the first key is typed.
      assert.equal((await person.completions())[0], 'np-deny-all');
      await person.screenshot('snippet-offered');
      await person.press('Tab');
      await person.waitForText((text) => /kind: NetworkPolicy[\s\S]*- Egress/.test(text));
      // The namespace is selected: what is typed now replaces it.
      await person.type('shop');
      await person.waitForText((text) => /namespace: shop\n/.test(text));
      await person.screenshot('snippet');
    },
  },
  {
    name: 'a standard policy is inserted from the command palette',
    async run(page, person) {
      await person.openFile('policies/default-deny.yaml');
      await person.goTo(2);
      await commandWithList(page, person, 'netpol: Insert a Standard Policy', 'Default deny');
      await person.screenshot('insert-policy');
      await person.type('DNS');
      await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: 'Allow DNS' }).first().waitFor();
      await person.press('Enter');
      const text = await person.waitForText((text) => /allow-dns-egress/.test(text));
      assert.match(text, /namespace: shop\n[\s\S]*---\n[\s\S]*namespace: shop\n/);
      await person.screenshot('inserted-policy');
    },
  },
  {
    name: 'the effective policy opens beside the manifest',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      await person.goTo(3);
      await person.runCommand('netpol: Show Effective Policy');
      const inPreview = (find) => person.until('it in the preview', () => visibleInFrame(page, find));
      await inPreview((frame) => frame.getByText('selects 1 workload'));
      await person.screenshot('effective');
      // A link leads to the line that it names.
      const link = await inPreview((frame) => frame.getByRole('link', { name: 'default-deny:8' }).first());
      await link.click();
      await page.locator('.tab').filter({ hasText: 'default-deny.yaml' }).first().waitFor();
    },
  },
  {
    name: 'a person asks why a connection is blocked, and has the edit written that allows it',
    async run(page, person) {
      await person.openFile('policies/postgres.yaml');
      await person.goTo(3);
      await commandWithList(page, person, WHY, 'shop/frontend');
      await person.screenshot('explain-from');
      await person.type('front');
      await chooseRow(page, person, 'shop/frontend');
      // What the policy at the cursor is about is the first destination.
      const first = page.locator('.quick-input-widget .monaco-list-row.focused');
      await first.filter({ hasText: 'shop/postgres' }).waitFor();
      await person.screenshot('explain-to');
      await person.press('Enter');
      await first.filter({ hasText: 'TCP 5432' }).waitFor();
      await person.screenshot('explain-port');
      await person.press('Enter');
      const inPreview = (find) => person.until('it in the preview', () => visibleInFrame(page, find));
      await inPreview((frame) => frame.getByText('Blocked: shop/frontend'));
      await inPreview((frame) => frame.getByText('What would allow it'));
      await person.screenshot('explain');
      await page.getByRole('button', { name: 'Allow or Cut the Explained Connection…' }).first().click();
      await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: 'Apply:' }).first().waitFor();
      await person.screenshot('explain-edits');
      await person.press('Enter');
      await person.waitForText((text) => /app: frontend/.test(text));
      await inPreview((frame) => frame.getByText('Allowed: shop/frontend'));
      await person.screenshot('explain-allowed');
      // It is not saved, and one key takes it back.
      assert.doesNotMatch(await person.fileOnDisk('policies/postgres.yaml'), /frontend/);
      await person.press('Control+1');
      await person.press('Control+Z');
      await person.waitForText((text) => !/app: frontend/.test(text));
    },
  },
  {
    name: 'an address is typed for a question, and the answer has a link to the line that decides',
    async run(page, person) {
      await person.openFile('workloads/worker.yaml');
      await person.goTo(4);
      await commandWithList(page, person, WHY, 'shop/worker');
      await person.press('Enter');
      await stepOfList(page, 2);
      await person.type('203.0.113.7');
      await chooseRow(page, person, '203.0.113.7');
      await stepOfList(page, 3);
      await person.type('udp 123');
      await chooseRow(page, person, 'udp 123');
      const inPreview = (find) => person.until('it in the preview', () => visibleInFrame(page, find));
      await inPreview((frame) => frame.getByText('Blocked: shop/worker'));
      await person.screenshot('explain-address');
      const link = await inPreview((frame) => frame.getByRole('link', { name: /^line \d+$/ }).first());
      await link.click();
      await page.locator('.tab').filter({ hasText: 'worker-egress.yaml' }).first().waitFor();
    },
  },
  ...scenarioCases,
  ...outlineCases,
  ...navigationCases,
  ...lensCases,
  ...completionCases,
  ...valueCases,
  ...mapCases,
  ...onboardingCases,
  ...testCases,
];

const WHY = 'netpol: Why Is This Connection Allowed or Blocked?';

/** Runs a command from the palette that opens a list of its own in its place. */
async function commandWithList(page, person, title, row) {
  const quickInput = page.locator('.quick-input-widget');
  await person.press('F1');
  await quickInput.locator('input').fill(`>${title}`);
  await quickInput.locator('.monaco-list-row').filter({ hasText: title }).first().waitFor();
  await person.press('Enter');
  await quickInput.locator('.monaco-list-row').filter({ hasText: row }).first().waitFor();
}

/** Waits for a list that is one of several: the one before may still be there. */
async function stepOfList(page, step) {
  await page
    .locator('.quick-input-title')
    .filter({ hasText: `(${step}/3)` })
    .waitFor();
}

/** Takes the row that a typed text has left over, once the list shows it as the chosen one. */
async function chooseRow(page, person, text) {
  // While its entries still come, the list may move the focus once more.
  await page.locator('.quick-input-widget .quick-input-progress.active').waitFor({ state: 'hidden' });
  await page.locator('.quick-input-widget .monaco-list-row.focused').filter({ hasText: text }).waitFor();
  await person.press('Enter');
}
