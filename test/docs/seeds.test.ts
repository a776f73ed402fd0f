import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { run } from '#server/cli/run.js';
import { styleFor } from '#server/cli/style.js';
import { rules } from '#server/rules/index.js';
import { templateNamed } from '#server/templates/index.js';
import { linksIn, namesIn, read, root } from './pages.js';

interface Row {
  readonly number: string;
  readonly says: string;
  readonly served: string;
  readonly shown: string;
}

const table = read('docs/seeds.md');
const rows = [...table.matchAll(/^\| ([AB]\d+) \| (.*) \|$/gm)].map(([, number = '', rest = '']): Row => {
  const [says = '', served = '', shown = '', ...more] = rest.split(' | ');
  assert.deepEqual(more, [], `${number} has four cells`);
  return { number, says, served, shown };
});

const fixtures = namesIn('test/rules/fixtures', '.yaml').map((name) => read(`test/rules/fixtures/${name}.yaml`));
const prefixes = new Set(['netpol', 'alerts'].flatMap((name) => prefixesIn(`snippets/${name}.json`)));
const words = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const commandTitles = (
  JSON.parse(read('package.json')) as { contributes: { commands: { title: string }[] } }
).contributes.commands.map(({ title }) => words[title.replaceAll('%', '')] ?? title);

describe('the table of the two documents', () => {
  for (const row of rows) test(`${row.number}: what it names is there`, () => checkRow(row));

  test('counts without a gap, and says something in each cell', () => {
    for (const letter of ['A', 'B']) {
      const numbers = rows
        .filter(({ number }) => number.startsWith(letter))
        .map(({ number }) => Number(number.slice(1)));
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index + 1),
      );
      assert.ok(numbers.length > 0);
    }
    assert.equal(rows.length, table.match(/^\| [AB]/gm)?.length, 'every row is read');
  });

  test('what is not open is shown by a test', () => {
    for (const { number, served, shown } of rows)
      assert.ok(shown !== '-' || /`open`|\bopen\b/.test(served), `${number} is neither open nor shown`);
  });

  test('what the documents count is all there', () => {
    const parts = { Metrics: 6, Alerts: 4, 'Best practices': 9 };
    for (const [part, count] of Object.entries(parts)) assert.equal(rowsOf(part).length, count, part);
    const runbooks = new Set(rowsOf('Runbooks').map(({ says }) => says.slice(0, 1)));
    assert.deepEqual([...runbooks], ['1', '2', '3', '4', '5']);
  });

  test('names every policy of the documents', () => {
    const said = rows.map(({ says, served }) => `${says} ${served}`).join('\n');
    const others: Readonly<Record<string, string>> = { 'deny-all': '`deny-all`', default: 'Sample baseline' };
    for (const file of ['seed-policies', 'seed-cluster-policies', 'seed-family-policies']) {
      for (const document of parseAllDocuments(read(`test/templates/${file}.yaml`))) {
        const name = String(document.getIn(['metadata', 'name']));
        assert.ok(said.includes(others[name] ?? `\`${name}\``), name);
      }
    }
  });
});

async function checkRow({ number, says, served, shown }: Row): Promise<void> {
  assert.ok(says.trim() !== '' && served.trim() !== '' && shown.trim() !== '', number);
  const ids = linksIn(served).flatMap((link) => /^rules\/(.*)\.md$/.exec(link)?.[1] ?? []);
  for (const id of ids)
    assert.ok(
      rules.some((rule) => rule.id === id),
      `there is no rule ${id}`,
    );
  for (const link of linksIn(served)) {
    // A rule's page is generated from the rule, which is there.
    if (!link.startsWith('rules/')) assert.ok(existsSync(resolve(root, 'docs', link)), `there is no ${link}`);
  }
  for (const name of named(served, /[Tt]emplate `([^`]+)`/g))
    assert.ok(templateNamed(name) !== undefined, `there is no template ${name}`);
  for (const name of named(served, /[Ss]nippet `([^`]+)`/g))
    assert.ok(prefixes.has(name), `there is no snippet ${name}`);
  for (const title of named(served, /fix “([^”]+)”/g))
    assert.ok(
      fixtures.some((text) => text.includes(`# after fix "${title}"`)),
      `no fixture shows the fix ${title}`,
    );
  for (const title of named(served, /\*netpol: ([^*]+)\*/g)) assert.ok(commandTitles.includes(title), title);
  for (const command of named(served, /`netpol ([a-z]+)/g)) assert.equal(await helpOf(command), 0, command);
  if (shown !== '-') for (const each of shown.split('<br>')) checkShown(number, each, ids);
}

/** A test is a file, with the name of a test in it; a fixture shows one of the row's rules, or its silence. */
function checkShown(number: string, text: string, ids: readonly string[]): void {
  const [, path, name] = /^`([^`]+)`(?: “(.+)”)?$/.exec(text) ?? [];
  assert.ok(path !== undefined, `${number}: ${text} is no test`);
  assert.ok(existsSync(join(root, path)), `${number}: there is no ${path}`);
  if (path.startsWith('test/rules/fixtures/')) {
    const fixture = path.slice('test/rules/fixtures/'.length);
    assert.ok(
      ids.some((id) => read(path).includes(id) || fixture.startsWith(id)),
      `${number}: ${path} shows none of ${ids.join(', ')}`,
    );
    return;
  }
  assert.ok(path.endsWith('.test.ts'), path);
  if (name !== undefined) assert.ok(read(path).includes(name), `${number}: ${path} has no test “${name}”`);
}

function named(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

/** The rows below a heading of the table. */
function rowsOf(heading: string): readonly Row[] {
  const [, part = ''] = table.split(`### ${heading}\n`);
  const [own = ''] = part.split(/^##/m);
  return rows.filter(({ number }) => own.includes(`| ${number} |`));
}

function prefixesIn(path: string): readonly string[] {
  const snippets = JSON.parse(read(path).replace(/^\/\/.*\n/, '')) as Record<string, { prefix: string | string[] }>;
  return Object.values(snippets).flatMap(({ prefix }) => prefix);
}

async function helpOf(command: string): Promise<number> {
  const quiet = () => undefined;
  const io = { cwd: root, style: styleFor({}, {}), width: 100, out: quiet, err: quiet, stdin: async () => '' };
  return run([command, '--help'], { ...io, write: async () => assert.fail('nothing is written') }, '0.0.0');
}
