import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { folderWith, netpol } from '../../cli/terminal.js';
import { differences } from './differences.js';

interface DiffCase {
  readonly dir1: string;
  readonly dir2: string;
  readonly expected: string;
}

interface Item {
  readonly change: string;
  readonly src: string;
  readonly dst: string;
  readonly before: string;
  readonly after: string;
  readonly because: readonly { readonly kind: string; readonly name: string; readonly change: string }[];
}

const root = join(process.cwd(), 'test/corpus/np-guard');
const cases = JSON.parse(readFileSync(join(root, 'diff-cases.json'), 'utf8')) as readonly DiffCase[];

/** Second folders of the cases in which netpol means to differ, for the reasons that differences.ts has for the folders. */
const unlike: readonly string[] = [
  'k8s_ingress_test_new',
  'semanticDiff-same-topologies-new1',
  'semanticDiff-same-topologies-new1a',
  'semanticDiff-same-topologies-new2',
  'semanticDiff-different-topologies-policy-a',
];

describe('netpol diff says what np-guard says', () => {
  for (const { dir1, dir2, expected } of cases) {
    test(`${dir1} and ${dir2}`, async (t) => {
      const lines = readFileSync(join(root, expected), 'utf8').split(/\r?\n/);
      const wanted = lines.filter((line) => line.startsWith('diff-type: ')).sort();
      const own = await compared(join(root, 'tests', dir1), join(root, 'tests', dir2));
      if (!unlike.includes(dir2) || (differences[dir1] ?? differences[dir2]) === undefined) {
        assert.deepEqual(own, wanted);
        return;
      }
      assert.notDeepEqual(own, wanted, `${dir2}: the difference is gone; take it out of the list`);
      assert.deepEqual(await compared(await mended(t, dir1), await mended(t, dir2)), wanted);
    });
  }
});

test('every case is there', () => {
  assert.equal(cases.length, 20);
});

async function compared(before: string, after: string): Promise<readonly string[]> {
  const { code, out, err } = await netpol(['diff', before, after, '--format', 'json']);
  assert.equal(code, 0, err);
  const items = JSON.parse(out) as readonly Item[];
  for (const { because } of items) assert.ok(because.length > 0, 'each difference has a cause');
  return items.map(lineOf).sort();
}

/** A difference in np-guard's words. */
function lineOf({ change, src, dst, before, after, because }: Item): string {
  const info = ['added', 'removed'].flatMap((each) => {
    const names = because.flatMap((cause) => (cause.kind === 'workload' && cause.change === each ? [cause.name] : []));
    return names.length === 0 ? [] : [`, workloads-diff-info: workload ${names.join(' and ')} ${each}`];
  });
  return `diff-type: ${change}, source: ${src}, destination: ${dst}, ref1: ${before}, ref2: ${after}${info.join('')}`;
}

/** A case's manifests without the cause of a difference. */
async function mended(t: Parameters<typeof folderWith>[0], dir: string): Promise<string> {
  const mend = differences[dir]?.manifests ?? ((text: string) => text);
  const folder = join(root, 'tests', dir);
  const names = readdirSync(folder);
  return folderWith(t, Object.fromEntries(names.map((name) => [name, mend(readFileSync(join(folder, name), 'utf8'))])));
}
