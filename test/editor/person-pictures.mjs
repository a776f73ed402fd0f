// The pictures of the README, taken of the true editor: npm run pictures. In light colours, cut to what matters, and small.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from './machine.mjs';
import { visibleInFrame } from './person-frames.mjs';
import { smallerPng } from './smaller-png.mjs';

const folder = join(repositoryRoot, 'docs', 'images');
const largest = 80_000;

const settings = {
  'workbench.colorTheme': 'Default Light Modern',
  'breadcrumbs.enabled': false,
  'editor.scrollbar.horizontal': 'hidden',
  'editor.stickyScroll.enabled': false,
};

export const cases = [
  {
    name: 'picture: a finding, and what mends it',
    copyOf: 'examples/shop',
    settings,
    async run(page, person) {
      await dressed(page, person, { width: 900, height: 540 });
      await person.openFile('policies/api.yaml');
      await person.waitForSquiggles('warning', 1);
      await hintsAreThere(page, 'OR');
      // Below the line, so that the list covers nothing that it is about.
      for (let i = 0; i < 11; i += 1) await person.press('Control+ArrowDown');
      await person.clickOn('namespaceSelector');
      await person.quickFixes();
      await picture(page, 'quick-fix');
    },
  },
  {
    name: 'picture: what a policy allows in the end',
    copyOf: 'examples/shop',
    settings,
    async run(page, person) {
      // A hover takes a quarter of the window at most.
      await dressed(page, person, { width: 900, height: 1240 });
      await person.openFile('policies/api.yaml');
      await person.waitForSquiggles('warning', 1);
      await hintsAreThere(page, 'OR');
      await person.hover('NetworkPolicy');
      await picture(page, 'hover', { bottom: 470 });
    },
  },
  {
    name: 'picture: labels of the workloads that there are',
    copyOf: 'examples/shop-fixed',
    // Without the snippets of every language that come after them.
    settings: { ...settings, 'editor.suggest.showSnippets': false },
    async run(page, person) {
      await dressed(page, person, { width: 900, height: 760 });
      await person.openFile('policies/cache.yaml');
      await lensIsThere(page);
      const text = await person.visibleText();
      const line = text.split('\n').findIndex((each) => /^ {6}app: cache/.test(each));
      await person.goTo(line + 1, 7);
      await person.press('Shift+End');
      await person.press('Delete');
      await person.completions();
      await picture(page, 'completion', { bottom: 400 });
    },
  },
  {
    name: 'picture: what stands over and within the lines',
    copyOf: 'examples/shop-fixed',
    settings,
    async run(page, person) {
      await dressed(page, person, { width: 900, height: 520 });
      await person.openFile('policies/api.yaml');
      await lensIsThere(page);
      await hintsAreThere(page, 'AND');
      await picture(page, 'at-a-glance');
    },
  },
  {
    name: 'picture: the policy map',
    copyOf: 'examples/shop-fixed',
    settings,
    async run(page, person) {
      await dressed(page, person, { width: 1000, height: 470 });
      await person.openFile('policies/api.yaml');
      await person.goTo(6, 9);
      await person.runCommand('netpol: Show the Policy Map');
      const here = () => visibleInFrame(page, (frame) => frame.locator('.node.here[aria-label^="shop/api,"]'));
      await person.until('the map', here);
      // Alone, it is as wide as the window.
      await person.runCommand('View: Move Editor into Previous Group');
      await person.until('the map', here);
      await picture(page, 'map');
    },
  },
  {
    name: 'picture: why a connection is blocked, and the edit that allows it',
    copyOf: 'examples/shop',
    settings,
    async run(page, person) {
      await dressed(page, person, { width: 1200, height: 600 });
      await person.openFile('policies/frontend-egress.yaml');
      await lensIsThere(page);
      await person.press('F1');
      const quick = page.locator('.quick-input-widget');
      await quick.locator('input').fill('>netpol: Why Is This Connection Allowed or Blocked?');
      await quick.locator('.monaco-list-row').filter({ hasText: 'netpol: Why' }).first().waitFor();
      await person.press('Enter');
      for (const [step, text] of ['storefront/frontend', 'shop/api', '8080'].entries()) {
        await page
          .locator('.quick-input-title')
          .filter({ hasText: `(${step + 1}/3)` })
          .waitFor();
        await person.type(text);
        await person.press('Enter');
      }
      const inPreview = (find) => person.until('it in the preview', () => visibleInFrame(page, find));
      await inPreview((frame) => frame.getByText('Blocked: storefront/frontend'));
      await picture(page, 'explain');
      await page.getByRole('button', { name: 'Allow or Cut the Explained Connection…' }).first().click();
      await quick.locator('.monaco-list-row').filter({ hasText: 'Preview:' }).first().waitFor();
      await person.type('Preview');
      await quick.locator('.monaco-list-row.focused').filter({ hasText: 'Preview:' }).waitFor();
      await person.press('Enter');
      await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
      await quick.locator('.monaco-list-row').filter({ hasText: 'Discard' }).first().waitFor();
      await picture(page, 'repair', { top: 0 });
    },
  },
  {
    name: 'picture: the Test Explorer',
    copyOf: 'examples/shop-fixed',
    settings: { ...settings, 'testing.automaticallyOpenTestResults': 'neverOpen' },
    async run(page, person) {
      // One test fails: the frontend may not connect where the API listens.
      const policy = join(person.folder, 'policies/api.yaml');
      const text = await readFile(policy, 'utf8');
      await writeFile(policy, text.replace('port: 8080', 'port: 8081'));
      await dressed(page, person, { width: 1120, height: 500, sideBar: true });
      await person.openFile('shop.netpol-test.yaml');
      await page.locator('.codelens-decoration a').filter({ hasText: 'fails' }).first().waitFor();
      await person.runCommand('Testing: Focus on Test Explorer View');
      const rows = page.locator('.test-explorer .monaco-list-row');
      await rows.filter({ hasText: 'shop.netpol-test.yaml' }).first().waitFor();
      await person.runCommand('Test: Run All Tests');
      await page.locator('.test-explorer .codicon-testing-failed-icon').first().waitFor();
      await rows.filter({ hasText: 'shop.netpol-test.yaml' }).first().click();
      await rows.filter({ hasText: 'the frontend calls the API' }).first().waitFor();
      await picture(page, 'test-explorer');
    },
  },
];

/** Of a size, and without what is beside the editor. */
async function dressed(page, person, { width, height, sideBar = false }) {
  await page.setViewportSize({ width, height });
  if (!sideBar) {
    await person.press('Control+B');
    await page.locator('.part.sidebar').waitFor({ state: 'hidden' });
  }
}

function lensIsThere(page) {
  return page.locator('.codelens-decoration a').filter({ hasText: 'selects' }).first().waitFor();
}

function hintsAreThere(page, text) {
  return page.locator('.monaco-editor .view-line [class*="dyn-rule"]').filter({ hasText: text }).first().waitFor();
}

/** Writes docs/images/NAME.png without the window's own edges, down to where it matters. */
async function picture(page, name, { top = 36, bottom = page.viewportSize().height - 24 } = {}) {
  const { width } = page.viewportSize();
  const left = 48;
  const style = '.notifications-toasts, .monaco-editor .cursor { display: none !important }';
  const clip = { x: left, y: top, width: width - left, height: bottom - top };
  await mkdir(folder, { recursive: true });
  const png = smallerPng(await page.screenshot({ clip, style, animations: 'disabled' }));
  assert.ok(png.length <= largest, `${name}.png has ${png.length} bytes, more than ${largest}`);
  await writeFile(join(folder, `${name}.png`), png);
}
