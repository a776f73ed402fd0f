// Labels and ports that the workspace knows of, offered where a person types them.
import assert from 'node:assert/strict';

export const valueCases = [
  {
    name: 'a selector offers the labels of the workloads, and a rule the ports of its pods',
    async run(page, person) {
      await person.openFile('policies/api.yaml');
      // The frontend's label, in the first peer.
      await person.goTo(17);
      await person.press('End');
      await person.press('Shift+Home');
      await person.press('Delete');
      const row = (label) => page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: label });
      await person.until('the labels of the shop', async () => {
        // The server may still be starting.
        if ((await person.completions()).some((label) => label.startsWith('app: frontend'))) return true;
        await person.press('Escape');
        return false;
      });
      const labels = await row('app: ').allInnerTexts();
      assert.ok(labels.length >= 4, labels.join());
      assert.ok(!labels.some((label) => label.includes('prometheus')), 'only those of the own namespace');
      await person.screenshot('completion-label-pairs');
      await person.pickCompletion('app: frontend');
      await person.waitForText((all) => /matchLabels:\n\s+app: frontend\n/.test(all));
      await person.goTo(26);
      await person.press('End');
      await person.press('Control+Shift+ArrowLeft');
      await person.press('Delete');
      const ports = await person.completions();
      assert.deepEqual(ports.slice(0, 2), ['8080', 'http']);
      await person.screenshot('completion-ports');
      await person.pickCompletion('http');
      await person.waitForText((all) => /port: http\b/.test(all));
    },
  },
];
