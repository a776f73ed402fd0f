// The page of the policy map by itself, in a browser without an editor: what the extension would say to it is said here.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from './machine.mjs';

/** The colours that VS Code's own themes give to a webview, as far as the page uses them. */
const themes = {
  dark: {
    class: 'vscode-dark',
    colours: {
      'editor-background': '#1f1f1f',
      'editor-foreground': '#cccccc',
      foreground: '#cccccc',
      descriptionForeground: '#9d9d9d',
      focusBorder: '#0078d4',
      'input-background': '#313131',
      'input-foreground': '#cccccc',
      'dropdown-background': '#313131',
      'dropdown-foreground': '#cccccc',
      'button-background': '#0078d4',
      'button-foreground': '#ffffff',
      'button-secondaryBackground': '#313131',
      'button-secondaryForeground': '#cccccc',
      'textLink-foreground': '#4daafc',
      'panel-border': '#2b2b2b',
    },
  },
  light: {
    class: 'vscode-light',
    colours: {
      'editor-background': '#ffffff',
      'editor-foreground': '#3b3b3b',
      foreground: '#3b3b3b',
      descriptionForeground: '#5b5b5b',
      focusBorder: '#005fb8',
      'input-background': '#ffffff',
      'input-foreground': '#3b3b3b',
      'input-border': '#cecece',
      'dropdown-background': '#ffffff',
      'dropdown-foreground': '#3b3b3b',
      'dropdown-border': '#cecece',
      'button-background': '#005fb8',
      'button-foreground': '#ffffff',
      'button-secondaryBackground': '#e5e5e5',
      'button-secondaryForeground': '#3b3b3b',
      'textLink-foreground': '#005fb8',
      'panel-border': '#e5e5e5',
    },
  },
  contrast: {
    class: 'vscode-high-contrast',
    colours: {
      'editor-background': '#000000',
      'editor-foreground': '#ffffff',
      foreground: '#ffffff',
      descriptionForeground: '#ffffff',
      focusBorder: '#f38518',
      contrastBorder: '#6fc3df',
      contrastActiveBorder: '#f38518',
      'input-background': '#000000',
      'input-foreground': '#ffffff',
      'dropdown-background': '#000000',
      'dropdown-foreground': '#ffffff',
      'button-foreground': '#ffffff',
      'button-secondaryForeground': '#ffffff',
      'textLink-foreground': '#21a6ff',
    },
  },
};

/**
 * Opens the page with the same content security policy as in the editor.
 * @param {import('playwright-core').Browser} browser
 */
export async function openMapPage(browser, { theme = 'dark', width = 1300, height = 850 } = {}) {
  const page = await browser.newPage({ viewport: { width, height } });
  const script = await readFile(join(repositoryRoot, 'dist', 'map.js'), 'utf8');
  const { class: name, colours } = themes[theme];
  const html = `<!DOCTYPE html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-n'; style-src 'none';"></head>
<body class="${name}"><script nonce="n">
window.sent = [];
window.acquireVsCodeApi = () => ({ postMessage: (message) => window.sent.push(message) });
for (const [key, value] of ${JSON.stringify(Object.entries(colours))}) document.documentElement.style.setProperty('--vscode-' + key, value);
document.documentElement.style.setProperty('--vscode-font-family', 'sans-serif');
</script><script nonce="n">${script.replaceAll('</script', '<\\/script')}</script></body></html>`;
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.route('http://map.test/', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto('http://map.test/');
  return {
    page,
    errors,
    /** What the extension would say. */
    tell: (message) => page.evaluate((data) => window.postMessage(data, '*'), message),
    /** What the page has said to the extension. */
    sent: () => page.evaluate(() => window.sent),
  };
}

/** The texts of the page, as the extension gives them in English. */
export async function mapWordsInEnglish() {
  const text = await readFile(join(repositoryRoot, 'client/src/map-words.ts'), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^ {4}(\w+): t\(\s*'((?:[^'\\]|\\.)*)',?\s*\)/gm)].map(([, name, words]) => [name, words]),
  );
}

/** What the server answers for some manifests. */
export async function mapAnswer(text) {
  const { Netpol } = await import(join(repositoryRoot, 'server/out/service.js'));
  const { mapOf } = await import(join(repositoryRoot, 'server/out/features/map/map.js'));
  const uri = 'file:///cluster/all.yaml';
  const provider = { list: async () => [uri], read: async () => ({ text }) };
  const netpol = await Netpol.open(provider, ['file:///cluster']);
  return mapOf({ netpol, pause: async () => {} }, { textDocument: { uri } });
}
