import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { netpol } from '../../cli/terminal.js';
import { differences } from './differences.js';
import { exposureDifferences } from './exposure-differences.js';

interface ListCase {
  readonly dir: string;
  readonly format: 'txt' | 'json';
  readonly options: {
    readonly focusWorkloads?: readonly string[];
    readonly focusDirection?: string;
    readonly exposure?: boolean;
  };
  readonly expected: string;
}

const root = join(process.cwd(), 'test/corpus/np-guard');
const cases = (JSON.parse(readFileSync(join(root, 'list-cases.json'), 'utf8')) as readonly ListCase[]).filter(
  ({ options }) => options.exposure === true,
);

describe('netpol list --exposure says what np-guard says', () => {
  for (const { dir, format, options, expected } of cases) {
    if (differences[dir] !== undefined) continue;
    test(`${dir}, ${format}, ${JSON.stringify(options)}`, async () => {
      const { code, out, err } = await netpol([
        'list',
        join(root, 'tests', dir),
        ...['--format', format, '--exposure'],
        ...(options.focusWorkloads === undefined ? [] : ['--focus', options.focusWorkloads.join(',')]),
        ...(options.focusDirection === undefined ? [] : ['--direction', options.focusDirection]),
      ]);
      assert.equal(code, 0, err);
      const own = exposureIn(format, out);
      const theirs = exposureIn(format, readFileSync(join(root, 'expected', expected), 'utf8'));
      const missing = theirs.filter((line) => !own.includes(line));
      const more = own.filter((line) => !theirs.includes(line));
      const difference = exposureDifferences[dir];
      assert.deepEqual({ missing, more }, { missing: difference?.missing ?? [], more: difference?.more ?? [] });
    });
  }
});

test('the page about differences tells each', () => {
  const page = readFileSync(join(process.cwd(), 'docs/differences.md'), 'utf8');
  for (const dir of Object.keys(exposureDifferences)) {
    assert.ok(cases.some((each) => each.dir === dir), dir);
    assert.ok(page.includes(`\`${dir}\``), `docs/differences.md does not name ${dir}`);
  }
  assert.ok(cases.length > 90);
});

/** Each line of the exposure, in one form for both formats. What is unprotected stands in the text alone. */
function exposureIn(format: ListCase['format'], text: string): readonly string[] {
  if (format === 'json') {
    const { exposure_results: found } = JSON.parse(text) as {
      readonly exposure_results: Readonly<
        Record<'egress_exposure' | 'ingress_exposure', readonly { src: string; dst: string; conn: string }[] | null>
      >;
    };
    return [
      ...(found.egress_exposure ?? []).map(({ src, dst, conn }) => `${src} => ${dst} : ${conn}`),
      ...(found.ingress_exposure ?? []).map(({ src, dst, conn }) => `${dst} <= ${src} : ${conn}`),
    ]
      .map(inOneWay)
      .sort();
  }
  const section = text.split('Exposure Analysis Result:')[1] ?? '';
  return section
    .split('\n')
    .filter((line) => /=>|<=| is not protected /.test(line))
    .map(inOneWay)
    .sort();
}

/** One space around arrows, and np-guard's Go structs for expressions in the way kubectl writes selectors, sorted. */
function inOneWay(line: string): string {
  const expressions = line.replace(
    /\{Key:([^,]+),Operator:(\w+),Values:\[([^\]]*)\],\}/g,
    (_, key: string, operator: string, values: string) => {
      const list = values.split(' ').sort();
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      if (operator === 'In' && list.length === 1) return `${key}=${list[0]}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${list.join(',')})`;
    },
  );
  return expressions
    .replace(/\s+(=>|<=)\s+/, ' $1 ')
    .replace(/\{([^}]*)\}/g, (_, labels: string) => `{${labels.split(/,(?![^(]*\))/).sort().join(',')}}`);
}
