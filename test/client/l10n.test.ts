import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const manifest = JSON.parse(read('package.json'));
const strings: Record<string, string> = JSON.parse(read('package.nls.json'));
const bundle: Record<string, string> = JSON.parse(read('l10n/bundle.l10n.json'));
const sources = readdirSync(new URL('client/src/', root), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name): [string, string] => [name, read(`client/src/${name}`)]);

/** Every text below a part of the manifest, with its way. */
function* texts(value: unknown, path: string): Iterable<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) yield* texts(each, `${path}.${key}`);
}

const shown = [...texts(manifest.contributes, 'contributes'), ...texts(manifest.capabilities, 'capabilities')];

test('in a pseudo-locale, nothing of package.json that is read is left as it was', () => {
  const left = shown.filter(([path, text]) => {
    const translated = text.replace(/^%(.+)%$/, (_, key) => `⟦${strings[key]}⟧`);
    // Several words are a sentence or a title, wherever they stand; what is no prose is told by its key.
    return / /.test(text) && translated === text && !/\.(when|pattern|default|regexp?)$/.test(path);
  });
  assert.deepEqual(left, []);
});

test('each key of package.json has a text, and each text has its place', () => {
  const keys = [...shown, ...texts([manifest.displayName, manifest.description], '')]
    .map(([, text]) => /^%(.+)%$/.exec(text)?.[1])
    .filter((key) => key !== undefined);
  assert.deepEqual(keys.sort(), Object.keys(strings).sort());
  for (const [key, text] of Object.entries(strings)) assert.ok(text.trim() !== '', key);
});

test('in a pseudo-locale, nothing that the client says is left as it was', () => {
  const left = sources.flatMap(([name, source]) => {
    const code = withoutComments(source);
    const literals = [...code.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)];
    return literals.flatMap(({ 0: literal, index }) => {
      const before = code.slice(Math.max(0, index - 60), index);
      const isTranslated = /(?<!\w)t\(\s*$/.test(before) && literal.slice(1, -1) in bundle;
      return isTranslated || !isProse(literal) || isForTheLog(before) ? [] : [`${name}: ${literal}`];
    });
  });
  assert.deepEqual(left, []);
});

test('what is put into a text has its number, from 0 on', () => {
  for (const text of Object.keys(bundle)) {
    const numbers = [...new Set([...text.matchAll(/\{(\d+)\}/g)].map(([, n]) => Number(n)))].sort();
    assert.deepEqual(numbers, [...numbers.keys()], text);
  }
});

/** The server's words for what became of a test: names, which are not shown as they are. */
const verdicts = new Set(['not certain', 'not asked']);

/** Two words with a space between, of which one is a word of prose. */
function isProse(literal: string): boolean {
  const text = literal.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, '');
  if (verdicts.has(text) || /^<!DOCTYPE html>|^\w+\(/.test(text)) return false;
  return /[A-Za-z]{2,},? [A-Za-z]{2,}/.test(text) && !/^[^A-Za-z]*#|\n\s+-?\s*\w+:/.test(text);
}

/**
 * The output is read by those who look for a fault, with the server's own lines; what is compared is not shown. Errors of
 * the map's page show a fault of netpol's own.
 */
function isForTheLog(before: string): boolean {
  return /output\.(debug|info|warn|error)\(\s*$|=== $|new Error\($/.test(before);
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}
