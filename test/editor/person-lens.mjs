// What stands over policies and workloads, and what a click there shows.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { visibleInFrame } from './person-frames.mjs';

/** The lens whose title holds the text. */
const lensWith = (page, text) => page.locator('.codelens-decoration a').filter({ hasText: text }).first();

function commit(folder) {
  const person = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const env = { ...process.env, ...person, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all', '--force'],
    ['commit', '--quiet', '-m', 'all'],
  ])
    execFileSync('git', args, { cwd: folder, env, stdio: 'pipe' });
}

export const lensCases = [
  {
    name: 'a lens over a policy says whom it selects, and a click shows what is allowed',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      const lens = lensWith(page, 'selects 1 workload, ingress from 2 workloads');
      await lens.waitFor();
      await person.screenshot('lens-policy');
      await lens.click();
      await person.until('it in the preview', () =>
        visibleInFrame(page, (frame) => frame.getByText('everything else is denied')),
      );
      await person.screenshot('lens-policy-clicked');
    },
  },
  {
    name: 'a lens says what a change opens and cuts against HEAD, and a click shows which connections',
    async run(page, person) {
      commit(person.folder);
      await person.openFile('policies/api.yaml');
      await lensWith(page, 'selects 1 workload').waitFor();
      await person.clickOn('port: 8080');
      await person.press('End');
      for (const _ of '8080') await person.press('Backspace');
      await person.type('9090');
      const lens = lensWith(page, 'opens 2 and cuts 2 connections against HEAD');
      await lens.waitFor();
      await person.screenshot('lens-head');
      await lens.click();
      const inPreview = (find) => person.until('it in the preview', () => visibleInFrame(page, find));
      await inPreview((frame) => frame.getByRole('heading', { name: 'Changed' }));
      await person.screenshot('changes-view');
      const link = await inPreview((frame) => frame.getByRole('link', { name: /line \d+/ }).first());
      await link.click();
      await page.locator('.tab.active').filter({ hasText: 'api.yaml' }).first().waitFor();
    },
  },
  {
    name: 'what the changes of a whole workspace do (no lens) is asked for from the command palette',
    async run(page, person) {
      commit(person.folder);
      await person.openFile('policies/default-deny.yaml');
      await lensWith(page, 'selects').waitFor();
      await person.press('Control+a');
      await person.press('Delete');
      await person.press('F1');
      const input = page.locator('.quick-input-widget');
      await input.locator('input').fill('>netpol: Show What My Changes');
      await input.locator('.monaco-list-row').filter({ hasText: 'Show What My Changes' }).first().waitFor();
      await person.press('Enter');
      await input.locator('.monaco-list-row').filter({ hasText: 'not committed yet' }).first().waitFor();
      await person.screenshot('changes-revision');
      await person.press('Enter');
      await person.until('it in the preview', () => visibleInFrame(page, (frame) => frame.getByText('Newly allowed')));
      await person.screenshot('changes-workspace');
    },
  },
  {
    name: 'from a lens, who may reach a workload is shown as the callers of a function are',
    async run(page, person) {
      // The server starts with the first policy; one of another file's name, for its tab.
      await person.openFile('policies/default-deny.yaml');
      await lensWith(page, 'selects').waitFor();
      await person.openFile('workloads/api.yaml');
      const lens = lensWith(page, 'may be reached by');
      await lens.waitFor();
      await person.screenshot('lens-workload');
      await lens.click();
      const row = page.locator('.monaco-list-row').filter({ hasText: 'frontend' }).filter({ hasText: 'TCP 8080' });
      await row.first().waitFor();
      await person.screenshot('hierarchy');
      assert.match(await row.first().innerText(), /ingress rule 1/);
    },
  },
];
