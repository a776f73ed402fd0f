// Proves that a person's keyboard and mouse reach the editor, with the probe extension.
import assert from 'node:assert/strict';

export const cases = [
  {
    name: 'a squiggle shows, Ctrl+. offers the fix, and the fix removes the squiggle',
    async run(_page, person) {
      await person.openFile('misspelt.yaml');
      await person.waitForSquiggles('error', 1);
      assert.equal((await person.problems()).errors, 1);
      await person.clickOn('NetworkPolice');
      assert.ok((await person.quickFixes()).includes('Write NetworkPolicy'));
      await person.screenshot('probe-quick-fix');
      await person.pickFix('Write NetworkPolicy');
      await person.waitForSquiggles('error', 0);
      assert.match(await person.visibleText(), /kind: NetworkPolicy$/m);
      await person.save();
      assert.match(await person.fileOnDisk('policies/misspelt.yaml'), /kind: NetworkPolicy$/m);
    },
  },
  {
    name: 'resting the mouse on the word shows its hover',
    async run(_page, person) {
      await person.openFile('misspelt.yaml');
      await person.waitForSquiggles('error', 1);
      const said = await person.hover('NetworkPolice');
      await person.screenshot('probe-hover');
      assert.match(said, /Did you mean NetworkPolicy\?/);
      assert.match(said, /is no kind; write NetworkPolicy/);
    },
  },
  {
    name: 'typing a wrong kind brings a squiggle and a row in the Problems panel',
    async run(_page, person) {
      await person.openFile('policies/api.yaml');
      await person.goTo(22);
      await person.press('Control+End');
      await person.press('Enter');
      await person.type('# NetworkPolice');
      await person.waitForSquiggles('error', 1);
      assert.match((await person.problemRows()).join('\n'), /is no kind/);
      await person.screenshot('probe-problems');
    },
  },
  {
    name: 'commands run from the palette, and completions are offered and accepted',
    async run(_page, person) {
      await person.openFile('policies/api.yaml');
      await person.runCommand('Fold All');
      await person.waitForText((text) => !text.includes('podSelector'));
      await person.runCommand('Unfold All');
      await person.waitForText((text) => text.includes('podSelector'));
      await person.press('Control+End');
      await person.type('polic');
      assert.ok((await person.completions()).includes('policyTypes'));
      await person.screenshot('probe-completions');
      await person.pickCompletion('policyTypes');
      await person.waitForText((text) => text.endsWith('policyTypes'));
    },
  },
];
