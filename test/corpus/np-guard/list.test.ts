import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { folderWith, netpol } from '../../cli/terminal.js';
import { differences } from './differences.js';

interface ListCase {
  readonly dir: string;
  readonly format: 'txt' | 'json';
  readonly options: {
    readonly focusWorkloads?: readonly string[];
    readonly focusWorkloadPeers?: readonly string[];
    readonly focusDirection?: string;
    readonly focusConn?: string;
    readonly exposure?: boolean;
  };
  readonly expected: string;
}

const root = join(process.cwd(), 'test/corpus/np-guard');
const cases = JSON.parse(readFileSync(join(root, 'list-cases.json'), 'utf8')) as readonly ListCase[];

describe('netpol list says what np-guard says', () => {
  for (const each of cases) {
    const { dir, format, options, expected } = each;
    test(`${dir}, ${format}${Object.keys(options).length > 0 ? `, ${JSON.stringify(options)}` : ''}`, async (t) => {
      const wanted = expectedLines(each);
      const difference = options.focusWorkloads === undefined ? differences[dir] : undefined;
      const own = await listed(each, join(root, 'tests', dir));
      if (difference === undefined) {
        assert.deepEqual(own, wanted, expected);
        return;
      }
      assert.notDeepEqual(own, wanted, `${dir}: the difference "${difference.heading}" is gone; take it out of the list`);
      const { manifests = (text) => text, lines = (all) => all } = difference;
      const without = await listed(each, await folderWith(t, filesOf(dir, manifests)));
      assert.deepEqual(lines(without), wanted, `${dir}: not only because of "${difference.heading}"`);
    });
  }
});

test('every case is there, and the page about differences tells each', () => {
  assert.equal(cases.length, 224);
  const page = readFileSync(join(process.cwd(), 'docs/differences.md'), 'utf8');
  for (const [dir, { heading }] of Object.entries(differences)) {
    assert.ok(cases.some((each) => each.dir === dir), dir);
    assert.ok(page.includes(`# ${heading}\n`), `docs/differences.md says nothing about "${heading}"`);
  }
});

/** What netpol says, without the exposure; JSON objects as one line each. */
async function listed({ format, options }: ListCase, folder: string): Promise<readonly string[]> {
  const [protocol = '', port = ''] = options.focusConn?.split('-') ?? [];
  const { code, out, err } = await netpol([
    'list',
    folder,
    ...['--format', format],
    ...(options.focusWorkloads === undefined ? [] : ['--focus', options.focusWorkloads.join(',')]),
    ...(options.focusWorkloadPeers === undefined ? [] : ['--focus-peer', options.focusWorkloadPeers.join(',')]),
    ...(options.focusDirection === undefined ? [] : ['--direction', options.focusDirection]),
    ...(options.exposure === true ? ['--exposure'] : []),
    ...(options.focusConn === undefined ? [] : ['--port', port, '--protocol', protocol]),
  ]);
  assert.equal(code, 0, err);
  return listIn(format, out);
}

/** The list without the exposure section, where there is one. */
function expectedLines({ format, expected }: ListCase): readonly string[] {
  const bytes = readFileSync(join(root, 'expected', expected));
  const text = (expected.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return listIn(format, text);
}

function listIn(format: ListCase['format'], text: string): readonly string[] {
  return format === 'txt' ? linesOf(text.split('Exposure Analysis Result:')[0] ?? '') : objectsOf(text);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function objectsOf(text: string): readonly string[] {
  const read = JSON.parse(text) as readonly object[] | { readonly connlist_results: readonly object[] | null };
  const objects = 'connlist_results' in read ? (read.connlist_results ?? []) : read;
  return objects.map((object) => JSON.stringify(object));
}

/** The files of a case by their paths, changed. */
function filesOf(dir: string, change: (text: string) => string): Readonly<Record<string, string>> {
  const folder = join(root, 'tests', dir);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ya?ml|json)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, change(readFileSync(join(folder, name), 'utf8'))]));
}
