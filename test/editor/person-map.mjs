// The policy map as a person uses it: beside a manifest, by keyboard and mouse; and its page alone, in every theme and size.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { screenshots } from './machine.mjs';
import { manifests } from './map-manifests.mjs';
import { mapAnswer, mapWordsInEnglish, openMapPage } from './map-page.mjs';
import { until } from './person.mjs';
import { visibleInFrame } from './person-frames.mjs';

export const mapCases = [
  {
    name: 'the policy map follows the cursor and the edit, and leads to the lines',
    async run(page, person) {
      const inMap = (find) => person.until('it in the map', () => visibleInFrame(page, find));
      const node = (name) => inMap((frame) => frame.locator(`.node[aria-label^="${name},"]`));
      // A line that is straight has no area: the arrow with its head has.
      const arrow = (words) => inMap((frame) => frame.locator('.arrow', { has: frame.getByText(words) }));
      await person.openFile('policies/api.yaml');
      await person.goTo(5, 9);
      await person.runCommand('netpol: Show the Policy Map');
      await node('shop/api');
      await arrow(/^shop\/frontend to shop\/api on TCP 8080$/);
      // The cursor is on policy api, which selects one workload.
      await inMap((frame) => frame.locator('.node.here[aria-label^="shop/api,"]'));
      await inMap((frame) => frame.getByText('At the cursor: policy api'));
      await person.screenshot('map');

      // By keyboard: search, Enter chooses, Enter once more opens the manifest, Escape clears.
      const search = await inMap((frame) => frame.locator('#search'));
      await search.focus();
      await person.type('postgres');
      await inMap((frame) => frame.getByText('Found: 1'));
      await person.press('Enter');
      await inMap((frame) => frame.locator('.node.selected[aria-label^="shop/postgres,"]'));
      await inMap((frame) => frame.getByRole('heading', { name: 'May be reached by' }));
      await person.screenshot('map-selected');
      await person.press('Enter');
      await page.locator('.tab.active').filter({ hasText: 'postgres.yaml' }).waitFor();
      await person.press('Escape');
      await person.until('nothing chosen', async () => {
        const chosen = await visibleInFrame(page, (frame) => frame.locator('.node.selected'));
        return chosen === undefined;
      });

      // An arrow leads to the rule that decides it.
      await (await arrow(/^shop\/frontend to shop\/api on TCP 8080$/)).click({ force: true });
      await inMap((frame) =>
        frame.getByRole('button', { name: /^allows: shop\/api, ingress rule 1 \(api\.yaml:14\)$/ }),
      );
      await page.locator('.tab.active').filter({ hasText: 'api.yaml' }).waitFor();
      await person.screenshot('map-arrow');

      // An edit is drawn without anything asked.
      await person.press('Control+1');
      await page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
      await person.goTo(26);
      await person.press('End');
      for (let i = 0; i < 4; i++) await person.press('Backspace');
      await person.type('8099');
      await arrow(/^shop\/frontend to shop\/api on TCP 8099$/);
      await person.screenshot('map-edited');
    },
  },
  {
    name: 'the page of the policy map at 5, 50 and 200 workloads, dark, light and in high contrast',
    async run(page) {
      const words = await mapWordsInEnglish();
      const browser = page.context().browser();
      for (const [count, sizes] of [
        [7, { width: 1100, height: 640 }],
        [50, { width: 1500, height: 950 }],
        [200, { width: 1500, height: 950 }],
      ]) {
        const result = await mapAnswer(manifests(count));
        for (const theme of ['dark', 'light', 'contrast']) {
          const map = await openMapPage(browser, { theme, ...sizes });
          await map.tell({ type: 'map', result, words });
          await map.page.locator('.node').first().waitFor();
          await map.page.screenshot({ path: join(screenshots, `map-${count}-${theme}.png`) });
          // The same once more, as after an edit of a comment, changes nothing that is seen.
          await map.tell({ type: 'cursor', cursor: { title: 'policy db', names: ['shop/db[Deployment]'] } });
          await map.page.locator('.node.here').waitFor();
          await map.tell({ type: 'map', result, words });
          await map.tell({ type: 'cursor', cursor: { title: 'it', names: ['shop/db[Deployment]'] } });
          await map.page.getByText('At the cursor: it').waitFor();
          assert.equal(await map.page.locator('.node.here').count(), 1);
          if (theme === 'dark') await usedByKeyboard(map, count);
          if (theme === 'light' && count === 7) await otherShape(map, sizes);
          assert.deepEqual(map.errors, []);
          await map.page.close();
        }
      }
    },
  },
];

/** A page that is moved beside an editor is laid out anew, and a page that gets a little smaller is not. */
async function otherShape({ page }, { width, height }) {
  const laid = () => page.locator('svg.netpol-map').getAttribute('viewBox');
  const before = await laid();
  await page.setViewportSize({ width: width - 40, height });
  assert.equal(await laid(), before);
  await page.setViewportSize({ width: 480, height });
  await until('another layout', async () => (await laid()) !== before);
  await page.screenshot({ path: join(screenshots, 'map-7-beside.png') });
  await page.setViewportSize({ width, height });
  await until('the layout of before', async () => (await laid()) === before);
}

/** Nodes by arrow keys, the list by Tab, what is denied, neighbours only, and namespaces opened and closed. */
async function usedByKeyboard({ page, sent }, count) {
  const press = (keys) => page.keyboard.press(keys);
  await page.locator('.node[tabindex="0"]').focus();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  const first = await focused();
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight']) await press(key);
  assert.notEqual(await focused(), first);
  assert.equal(await page.locator('.node[tabindex="0"]').count(), 1);
  await press('Space');
  await page.locator('.node.selected').waitFor();
  assert.ok((await page.locator('.node.dim').count()) > 0);
  await press('Escape');
  assert.equal(await page.locator('.dim').count(), 0);
  if (count === 7) {
    await page.locator('.node[aria-label^="shop/web,"]').focus();
    await press('Space');
    await page.locator('#denied').click();
    assert.equal(await page.locator('.denial').count(), 4);
    await page.locator('#around').click();
    // The addresses, what it sends to, what one end allows, DNS and Prometheus: db and worker are gone.
    assert.equal(await page.locator('.node[aria-label^="shop/db,"]').count(), 0);
    await press('Escape');
    await page.locator('#save').click();
    const saved = (await sent()).find(({ type }) => type === 'save');
    assert.match(saved.svg, /^<svg [\s\S]*--map-paper[\s\S]*<\/svg>\n$/);
  }
  if (count === 200) {
    assert.equal(await page.locator('.node.namespace').count(), 20);
    await page.locator('.node[aria-label^="namespace media,"]').focus();
    await press('Enter');
    await page.locator('.box[data-namespace="media"]').waitFor();
    assert.match(await focused(), /^media\//);
    await page.getByRole('button', { name: 'Close Namespace media' }).waitFor({ state: 'detached' });
    await press('Space');
    await page.getByRole('button', { name: 'Close Namespace media' }).click();
    await page.locator('.node[aria-label^="namespace media,"]').waitFor();
    assert.equal(await page.locator('.node.namespace').count(), 20);
  }
}
