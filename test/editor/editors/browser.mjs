// Chromium, and a page that shows an editor.
import { chromium } from 'playwright-core';
import { findChromium } from '../machine.mjs';
import { settings, windowSize } from './settings.mjs';

export function launchBrowser() {
  return chromium.launch({
    executablePath: findChromium(),
    // run.mjs ends the browser itself, after the page's last words have been printed.
    handleSIGINT: false,
    handleSIGTERM: false,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--no-proxy-server', '--force-color-profile=srgb'],
      ...['--disable-dev-shm-usage', '--font-render-hinting=none'],
    ],
  });
}

/**
 * A page with a fresh profile, not yet opened on an editor. `died` rejects when the page is gone before `close`.
 * Everything the page says on its console is handed to `listen`; `own` are settings besides those of every window.
 */
export async function newPage(browser, listen = () => {}, own = {}) {
  const context = await browser.newContext({ viewport: windowSize, colorScheme: 'dark', reducedMotion: 'reduce' });
  await context.addInitScript(addSettings, { ...settings, ...own });
  const page = await context.newPage();
  let closing = false;
  const died = new Promise((_, reject) => {
    const dead = (how) => () => {
      if (!closing) reject(new Error(`the editor's page ${how}`));
    };
    page.on('crash', dead('crashed'));
    page.on('close', dead('was closed'));
    context.on('close', dead('lost its browser'));
  });
  died.catch(() => {});
  page.on('console', (message) => listen(message.text()));
  page.on('pageerror', (error) => listen(`page error: ${error.message}`));
  const close = async () => {
    closing = true;
    await context.close();
  };
  return { page, died, close };
}

/**
 * Runs in the page before anything else: adds our settings to the start configuration that the workbench reads from its
 * own HTML. In a browser the user's settings live in a database inside the page; defaults that come with the page need
 * no file, and leave the sample workspace as it is.
 */
function addSettings(defaults) {
  if (window !== window.top) return;
  const add = () => {
    const start = document.getElementById('vscode-workbench-web-configuration');
    if (!start) return;
    observer.disconnect();
    const configuration = JSON.parse(start.dataset.settings);
    configuration.configurationDefaults = { ...configuration.configurationDefaults, ...defaults };
    start.dataset.settings = JSON.stringify(configuration);
  };
  // An observer is called before the next script of the page runs, so before the workbench reads its configuration.
  const observer = new MutationObserver(add);
  observer.observe(document, { childList: true, subtree: true });
}
