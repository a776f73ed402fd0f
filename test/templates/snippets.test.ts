import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { type FragmentPlace, fragments, snippetFile, templates, toSnippet } from '#server/templates/index.js';
import { TabStops } from '#server/templates/tab-stops.js';
import { accepted, assertValid } from './policies.js';

const snippets = snippetFile();
const places = new Map<string, FragmentPlace>(fragments().map(({ title, place }) => [title, place]));

describe('every snippet', () => {
  for (const [title, { prefix, body, description }] of Object.entries(snippets)) {
    test(`"${title}" is valid as it is`, () => {
      const text = accepted(body);
      const documents = text.split('---\n').map((piece) => inPolicy(piece, places.get(title) ?? 'document'));
      for (const document of documents) assertValid(document, title);
    });

    test(`"${title}" has its tab stops in order, prefixes and a sentence`, () => {
      const stops = [...body.join('\n').matchAll(/\$\{(\d+):/g)].map(([, number]) => Number(number));
      assert.deepEqual(
        stops,
        stops.map((_, index) => index + 1),
      );
      assert.ok(prefix.length > 0);
      for (const each of prefix) assert.match(each, /^(netpol|np)(-[a-z]+)*$/);
      assert.match(description, /^[A-Z].*\.$/);
    });
  }

  test('has prefixes of its own', () => {
    const all = Object.values(snippets).flatMap(({ prefix }) => prefix);
    assert.deepEqual(
      all.filter((each, index) => all.indexOf(each) !== index),
      [],
    );
  });
});

test('no title is used twice', () => {
  const titles = [...templates.map(({ title }) => title), ...fragments().map(({ title }) => title)];
  assert.equal(new Set(titles).size, titles.length);
});

for (const template of templates) {
  test(`the tab stops of ${template.id} come in the order of its parameters`, () => {
    const body = toSnippet(template).body.join('\n');
    const stops = [...body.matchAll(/\$\{\d+:([^}]*)\}/g)].map(([, value]) => value);
    const defaults = template.parameters.flatMap(({ default: text }) => (text === '' ? [] : text.split(',')));
    let from = 0;
    for (const value of defaults) {
      const found = stops.indexOf(value, from);
      assert.ok(found >= 0, `${value} has no tab stop behind the one before it`);
      from = found + 1;
    }
  });
}

test('the layered set has one namespace for all policies', () => {
  const body = snippets['The layered baseline of a namespace']?.body ?? [];
  const namespaces = body.filter((line) => line.startsWith('  namespace: '));
  assert.deepEqual(namespaces, [`  namespace: \${1:my-namespace}`, ...Array(5).fill(`  namespace: \${1}`)]);
});

test('text that an editor would read as a tab stop is escaped', () => {
  const tab = new TabStops();
  const word = tab.stop('a}b$c\\d');
  assert.equal(tab.expand(`x: {${word}} $HOME \\ ${word}`), 'x: {$' + '{1:a\\}b\\$c\\\\d}} \\$HOME \\\\ $' + '{1}');
  assert.equal(accepted([tab.expand(`x: ${word} $HOME`)]), 'x: a}b$c\\d $HOME\n');
});

test('snippets/netpol.json is what the templates give (else run node .ci/generate-snippets.mjs)', () => {
  const text = readFileSync(new URL('../../../snippets/netpol.json', import.meta.url), 'utf8');
  assert.deepEqual(JSON.parse(text.replace(/^\/\/.*\n/, '')), snippets);
});

/** A fragment within a policy that has nothing else. */
function inPolicy(text: string, place: FragmentPlace): string {
  if (place === 'document') return text;
  const items = parse(text);
  const rules = {
    ingress: { ingress: items },
    egress: { egress: items },
    peers: { ingress: [{ from: items }], egress: [{ to: items }] },
    ports: { ingress: [{ ports: items }], egress: [{ ports: items }] },
  }[place];
  return JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'around' },
    spec: { podSelector: {}, ...rules },
  });
}
