// What a person does at the keyboard and with the mouse, and what they see. Nothing here sleeps for a fixed time, and
// nothing talks to the extension: every answer is read from what the window shows.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const limit = 15_000;

/** Kinds of squiggle, by what the editor calls them. */
const squiggleKinds = ['error', 'warning', 'info', 'hint'];

/**
 * @param {import('playwright-core').Page} page showing an editor
 * @param {{ screenshots: string, folder: string }} places where pictures go, and the folder that the window has open
 */
export function personAt(page, { screenshots, folder }) {
  const editor = page.locator('.editor-instance .monaco-editor').first();
  const quickInput = page.locator('.quick-input-widget');
  const actionMenu = page.locator('.action-widget:not(.action-list-submenu-panel)');
  const suggestions = page.locator('.suggest-widget.visible');
  const hoverBox = page.locator(
    '.monaco-editor .monaco-hover:not(.hidden), .monaco-resizable-hover .monaco-hover:not(.hidden)',
  );

  const press = (keys) => page.keyboard.press(keys);
  /** Types as a person does, key by key, into whatever has the focus. */
  const type = (text) => page.keyboard.type(text);

  async function windowIsReady() {
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 30_000 });
    // The theme comes last; without it a picture would show the editor half dressed.
    await page.locator('.monaco-workbench.file-icons-enabled[class*="_modern"]').waitFor({ timeout: 30_000 });
  }

  /** Opens a file by Ctrl+P and waits until its tab is there and its text has the focus. */
  async function openFile(path) {
    // Right after start the search knows no files yet: asking again, as a person would, gets the list.
    await until(`${path} in the list of files`, async () => {
      if (!(await quickInput.isVisible())) await press('Control+P');
      await quickInput.locator('input').fill(path, { timeout: 1_000 });
      // Enter opens the row that has the focus, which is another while the list still shows the files opened before.
      const row = quickInput
        .locator('.monaco-list-row.focused')
        .filter({ hasText: basename(path) })
        .first();
      try {
        await row.waitFor({ timeout: 3_000 });
      } catch {
        await press('Escape');
        return false;
      }
      await press('Enter');
      return true;
    });
    await page
      .locator('.tab.active')
      .filter({ hasText: basename(path) })
      .waitFor({ timeout: limit });
    await editor.locator('.view-line').first().waitFor({ timeout: limit });
    await page.locator('.editor-instance .monaco-editor.focused').first().waitFor({ timeout: limit });
  }

  /** Runs a command by its title from the command palette. */
  async function runCommand(title) {
    await press('F1');
    await quickInput.locator('input').fill(`>${title}`);
    await quickInput.locator('.monaco-list-row').filter({ hasText: title }).first().waitFor({ timeout: limit });
    await press('Enter');
    await quickInput.waitFor({ state: 'hidden', timeout: limit });
  }

  /** Puts the cursor on a line and column, both counted from 1, and brings them into view. */
  async function goTo(line, column = 1) {
    await press('Control+G');
    await quickInput.locator('input').fill(`:${line}:${column}`);
    await press('Enter');
    await quickInput.waitFor({ state: 'hidden', timeout: limit });
  }

  /** Where a text stands on the screen: the first, or the nth counted from 1, of those in view. */
  async function boxOf(text, nth = 1) {
    return until(`"${text}" in view`, () => editor.evaluate(findBox, { text, nth }));
  }

  /** Where a text is once it stays there: a lens that comes moves the lines below it. */
  async function settledBox(text, nth) {
    let before = await boxOf(text, nth);
    return until(`"${text}" at rest`, async () => {
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const now = await boxOf(text, nth);
      const rests = now.y === before.y;
      before = now;
      return rests ? now : undefined;
    });
  }

  /** Clicks into the middle of a text, which puts the cursor there. */
  async function clickOn(text, nth = 1) {
    const { x, y, width, height } = await settledBox(text, nth);
    await page.mouse.click(x + width / 2, y + height / 2);
  }

  /** Rests the mouse on a text and answers what the hover says. */
  async function hover(text, nth = 1) {
    return until(`a hover on "${text}"`, async () => {
      const { x, y, width, height } = await boxOf(text, nth);
      // The mouse must come from elsewhere: an editor that is still busy may have missed that it moved.
      await page.mouse.move(x + width / 2, y + height * 3);
      await page.mouse.move(x + width / 2 - 1, y + height / 2, { steps: 3 });
      try {
        await hoverBox.first().waitFor({ timeout: 3_000 });
        const said = await settled(
          () => hoverBox.first().innerText(),
          (said) => said !== '' && !/^Loading\.\.\.$/m.test(said),
        );
        // A lens that came meanwhile has moved the lines below it from under the mouse.
        if ((await boxOf(text, nth)).y === y) return said;
        await press('Escape');
        return undefined;
      } catch {
        return undefined;
      }
    });
  }

  /** Asks for quick fixes where the cursor is (Ctrl+.) and answers their titles, in the menu's order. */
  async function quickFixes() {
    // The lightbulb's answer may come after the first request: no menu, or an empty one, is asked for again.
    await until('a menu of quick fixes', async () => {
      await press('Control+.');
      try {
        await actionMenu.locator('.monaco-list-row.action').first().waitFor({ timeout: 3_000 });
        return true;
      } catch {
        await press('Escape');
        return false;
      }
    });
    const titles = await actionMenu.locator('.monaco-list-row.action .title').allInnerTexts();
    return titles.map((title) => title.trim());
  }

  /** Picks an entry of the menu that quickFixes opened, by a part of its title, with the mouse. */
  async function pickFix(title) {
    await actionMenu.locator('.monaco-list-row.action').filter({ hasText: title }).first().click({ timeout: limit });
    await actionMenu.waitFor({ state: 'hidden', timeout: limit });
  }

  /** Asks for completions (Ctrl+Space) and answers the labels in view. */
  async function completions() {
    await until('a list of completions', async () => {
      await press('Control+Space');
      try {
        await suggestions.locator('.monaco-list-row').first().waitFor({ timeout: 3_000 });
        return true;
      } catch {
        await press('Escape');
        return false;
      }
    });
    return suggestions.locator('.monaco-list-row .label-name').allInnerTexts();
  }

  /** Accepts a completion from the open list, by its exact label. */
  async function pickCompletion(label) {
    const name = page.locator('.label-name').getByText(label, { exact: true });
    await suggestions.locator('.monaco-list-row').filter({ has: name }).first().click({ timeout: limit });
    await suggestions.waitFor({ state: 'hidden', timeout: limit });
  }

  /** How many squiggles of a kind (error, warning, info, hint) are in view. */
  function squiggles(kind) {
    if (!squiggleKinds.includes(kind)) throw new Error(`no such kind of squiggle: ${kind}`);
    return editor.locator(`.squiggly-${kind}`).count();
  }

  /** Waits until exactly so many squiggles of a kind are in view. */
  async function waitForSquiggles(kind, wanted) {
    let seen;
    await until(
      () => `${wanted} squiggles of kind ${kind} (there are ${seen})`,
      async () => {
        seen = await squiggles(kind);
        return seen === wanted;
      },
    );
  }

  /** Errors, warnings and infos of the whole window, as its status bar counts them. */
  async function problems() {
    const label = await page.locator('[id="status.problems"] a').first().getAttribute('aria-label', { timeout: limit });
    const count = (word) =>
      Number(new RegExp(`(\\d+) ${word}|${word}: (\\d+)`, 'i').exec(label)?.slice(1).find(Boolean) ?? 0);
    return { errors: count('errors?'), warnings: count('warnings?'), infos: count('infos?'), label };
  }

  /** Opens the Problems panel (Ctrl+Shift+M) and answers the text of its rows, once there is a row. */
  async function problemRows() {
    const rows = page.locator('.markers-panel .monaco-list-row');
    if (!(await page.locator('.markers-panel').isVisible())) await press('Control+Shift+M');
    await rows.first().waitFor({ timeout: limit });
    return rows.allInnerTexts();
  }

  /** Waits until the Problems panel says something, whatever it said while a word was half typed. */
  function waitForProblem(wanted) {
    return until(`${wanted} in the Problems panel`, async () => wanted.test((await problemRows()).join('\n')));
  }

  /** The text in view, one string per line of the editor, top to bottom. */
  function visibleText() {
    return editor.evaluate(readLines);
  }

  /** Waits until the text in view satisfies the condition, and answers it. */
  function waitForText(condition) {
    return until('the expected text in view', async () => {
      const text = await visibleText();
      return condition(text) ? text : undefined;
    });
  }

  /** Saves (Ctrl+S) and waits until the tab no longer says that something is unsaved. */
  async function save() {
    await press('Control+S');
    await page.locator('.tab.active:not(.dirty)').waitFor({ timeout: limit });
  }

  /** A file of the open folder as it stands on disk. */
  const fileOnDisk = (path) => readFile(join(folder, path), 'utf8');

  /** Takes a picture as test-output/screenshots/NAME.png, without toasts that have nothing to do with the case. */
  async function screenshot(name) {
    const style = '.notifications-toasts { display: none !important }';
    await page.screenshot({ path: join(screenshots, `${name}.png`), style, animations: 'disabled' });
  }

  return {
    ...{ windowIsReady, openFile, runCommand, goTo, clickOn, boxOf, press, type, save, fileOnDisk, screenshot },
    ...{ hover, quickFixes, pickFix, completions, pickCompletion, visibleText, waitForText },
    ...{ squiggles, waitForSquiggles, problems, problemRows, waitForProblem, until, folder },
  };
}

/** Asks again until the answer is neither undefined, null nor false, and answers it; an error names what was wanted. */
export async function until(what, ask, within = limit) {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() > end)
      throw new Error(`after ${within / 1000} s there is not: ${typeof what === 'function' ? what() : what}`);
    // One drawn frame of the window is the shortest time in which anything can change.
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** A text that comes in parts (hovers of several providers): answered when it is acceptable and the same twice. */
async function settled(read, acceptable) {
  let before;
  return until(
    'a text that stays the same',
    async () => {
      const now = (await read()).trim();
      const same = now === before && acceptable(now);
      before = now;
      return same ? now : undefined;
    },
    3_000,
  );
}

// The functions below run inside the page.

/** Lines are drawn in any order, with no-break spaces. Hints, whose classes are made as it goes, are no text of the file. */
function readLines(editorElement) {
  const ofFile = (node) =>
    node.parentElement.closest('[class*="dyn-rule"]') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  const textOf = (line) => {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT, ofFile);
    let text = '';
    while (walker.nextNode()) text += walker.currentNode.data;
    return text.replaceAll('\u00a0', ' ');
  };
  const lines = [...editorElement.querySelectorAll('.view-lines > .view-line')];
  return lines
    .sort((a, b) => Number.parseInt(a.style.top, 10) - Number.parseInt(b.style.top, 10))
    .map(textOf)
    .join('\n');
}

function findBox(editorElement, { text, nth }) {
  const ofFile = (node) =>
    node.parentElement.closest('[class*="dyn-rule"]') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  const textIn = (line) => document.createTreeWalker(line, NodeFilter.SHOW_TEXT, ofFile);
  const lines = [...editorElement.querySelectorAll('.view-lines > .view-line')].sort(
    (a, b) => Number.parseInt(a.style.top, 10) - Number.parseInt(b.style.top, 10),
  );
  let left = nth;
  for (const line of lines) {
    const walker = textIn(line);
    let content = '';
    while (walker.nextNode()) content += walker.currentNode.data;
    content = content.replaceAll('\u00a0', ' ');
    for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + 1)) {
      left -= 1;
      if (left === 0) return boxOfRange(line, at, at + text.length);
    }
  }
  return undefined;

  function boxOfRange(line, from, to) {
    const range = document.createRange();
    const walker = textIn(line);
    let passed = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const end = passed + node.length;
      if (from >= passed && from < end) range.setStart(node, from - passed);
      if (to > passed && to <= end) range.setEnd(node, to - passed);
      passed = end;
    }
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x, y, width, height };
  }
}
