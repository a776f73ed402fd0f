import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { Netpol } from '#server/service.js';

/** A finding's rule, the line and column where it begins (both from 1), and the text it covers. */
interface Place {
  readonly rule: string;
  readonly at: string;
  readonly text: string;
}

/** The fault of a file, as its author meant it; `also` lists what else is wrong with it. */
interface Fault extends Place {
  readonly severity?: 'warning';
  readonly also?: readonly Place[];
}

const folder = join(process.cwd(), 'test/corpus/nca-single-fault');
const expected: Readonly<Record<string, Fault | null>> = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

/** What is loud in a file that stands alone. */
async function loudIn(name: string): Promise<readonly (Place & { readonly severity: string })[]> {
  const text = readFileSync(join(folder, name), 'utf8');
  const uri = `file:///fault/${name}`;
  const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text }) }, ['file:///fault']);
  const found = netpol.findings(uri).filter(({ severity }) => severity === 'error' || severity === 'warning');
  assert.deepEqual(netpol.crashes, []);
  return found.map(({ rule, severity, range }) => {
    const before = text.slice(0, range.start).split('\n');
    const at = `${before.length}:${(before.at(-1) ?? '').length + 1}`;
    return { rule: rule.id, severity, at, text: text.slice(range.start, range.end) };
  });
}

describe('files with one fault each', () => {
  test('each file is listed, with a fault in all but two', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    assert.deepEqual(names.sort(), Object.keys(expected).sort());
    const sound = Object.keys(expected).filter((name) => expected[name] === null);
    assert.deepEqual(sound, ['mixed_ipv4_ipv6_policy.yaml', 'networkPolicy_no_error.yaml']);
    assert.equal(names.length, 88);
  });

  for (const [name, fault] of Object.entries(expected)) {
    test(fault === null ? `sound: ${name}` : `${fault.rule}: ${name}`, async () => {
      const loud = await loudIn(name);
      const { severity = 'error', also = [], ...place } = fault ?? {};
      const first = fault === null ? [] : [{ ...place, severity }];
      const wanted = [...first, ...also.map((each) => ({ ...each, severity: 'error' }))];
      const missing = wanted.filter((each) => !loud.some((one) => key(one) === key(each)));
      const others = loud.filter((one) => one.severity === 'error' && !wanted.some((each) => key(each) === key(one)));
      assert.deepEqual({ missing, others }, { missing: [], others: [] });
    });
  }
});

function key({ rule, severity, at, text }: Partial<Place> & { readonly severity: string }): string {
  return `${at} ${severity} ${rule} ${text}`;
}
