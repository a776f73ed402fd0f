// What is seen of a policy at a glance: the outline, symbols, hints within the line, folds.
import assert from 'node:assert/strict';

/** The hints in view, one after the other. */
const hintsIn = (page) =>
  page
    .locator('.monaco-editor .view-line [class*="dyn-rule"]')
    .evaluateAll((spans) =>
      spans.map((span) => span.textContent.replaceAll('\u00a0', ' ').trim()).filter((text) => text !== ''),
    );

async function waitForHints(page, person, wanted) {
  let last = [];
  await person.until(
    () => `the hints ${wanted.join(' | ')}; there are ${last.join(' | ')}`,
    async () => {
      last = await hintsIn(page);
      return wanted.every((each) => last.includes(each));
    },
  );
  return last;
}

/** The rows of an open list of choices. */
const choices = async (page) =>
  (await page.locator('.quick-input-list .monaco-list-row').allInnerTexts()).map((text) =>
    text.replaceAll('\u00a0', ' ').replaceAll('\n', ' '),
  );

export const outlineCases = [
  {
    name: 'hints within the lines say AND and OR, count workloads, and tell what is left out',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      const hints = await waitForHints(page, person, ['1 workload', 'OR', 'AND']);
      assert.equal(hints.filter((each) => each === '1 workload').length, 3, hints.join(' | '));
      await person.screenshot('hints');
      await person.openFile('policies/postgres.yaml');
      await waitForHints(page, person, ['OR', 'no workload', '2 workloads']);
      await person.screenshot('hints-or');
      // Resting on a count names who is counted, and a click leads there.
      const count = page.locator('.monaco-editor .view-line [class*="dyn-rule"]').filter({ hasText: '2 workloads' });
      await count.first().hover();
      const said = page.locator('.monaco-hover:visible').first();
      await person.until('the names of the workloads', async () =>
        /Deployment shop\/worker/.test(await said.innerText().catch(() => '')),
      );
      await person.screenshot('hints-tooltip');
      await person.openFile('policies/default-deny.yaml');
      await waitForHints(page, person, ['every pod in namespace shop', '4 workloads']);
      // A direction that is not said, while it is typed.
      await person.goTo(8);
      await person.press('Control+Shift+K');
      await person.press('Control+Shift+K');
      await waitForHints(page, person, ['policyTypes: [Ingress]']);
      await person.screenshot('hints-defaults');
    },
  },
  {
    name: 'Ctrl+Shift+O lists the rules and peers of a policy, and goes to one',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      await waitForHints(page, person, ['AND']);
      await person.press('Control+Shift+O');
      await person.until('the outline', async () =>
        (await choices(page)).some((row) => row.includes('from pods app=frontend')),
      );
      await person.screenshot('outline');
      await person.type('TCP 8080');
      await person.until('one row', async () => /TCP 8080/.test((await choices(page))[0] ?? ''));
      await person.press('Enter');
      await page.locator('[id="status.editor.selection"]').getByText('Ln 25').waitFor();
    },
  },
  {
    name: 'Ctrl+T finds policies and workloads of the whole workspace by name',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      await waitForHints(page, person, ['AND']);
      await person.press('Control+T');
      await page.locator('.quick-input-widget input').first().waitFor();
      await person.type('shop/work');
      let rows = [];
      await person.until(
        () => `the symbols; there are ${rows.join(' | ')}`,
        async () => {
          rows = await choices(page);
          // A row's parts are drawn apart, with nothing between them in the text.
          return ['shop/worker-egressNetworkPolicy, shop', 'shop/workerDeployment, shop'].every((start) =>
            rows.some((row) => row.startsWith(start)),
          );
        },
      );
      await person.screenshot('workspace-symbols');
      await person.type('er-eg');
      await person.until('one row', async () => (await choices(page)).length === 1);
      await person.press('Enter');
      await page.locator('.tab.active').getByText('worker-egress.yaml').waitFor();
    },
  },
  {
    name: 'a list folds under its key, and rules fold by themselves',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      await waitForHints(page, person, ['AND']);
      await person.goTo(13, 3);
      await person.press('Control+Shift+BracketLeft');
      const text = await person.waitForText((all) => !all.includes('podSelector:\n            matchLabels'));
      assert.match(text, /ingress:/);
      assert.doesNotMatch(text, /port: 8080/);
      await person.screenshot('folded');
    },
  },
];
