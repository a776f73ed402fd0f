import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mutated } from './mutants.js';
import { calicoMutants } from './mutants-calico.js';
import { clusterOf } from './objects.js';
import { differences } from './table.js';
import { calicoTable } from './table-calico.js';
import { verdict } from './verdict.js';

for (const [name, row] of Object.entries(calicoTable.rows)) {
  test(`Calico: ${name}`, () => assert.deepEqual(differences(calicoTable, row, { clusterOf, verdict }), []));
}

test('the table tells every mutant from the reference', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-mutants-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const survivors: string[] = [];
  for (const [index, mutant] of calicoMutants.entries()) {
    const wrong = await mutated(join(folder, String(index)), mutant);
    const seen = Object.values(calicoTable.rows).some((row) => differences(calicoTable, row, wrong).length > 0);
    if (!seen) survivors.push(mutant.fault);
  }
  assert.deepEqual(survivors, []);
  context.diagnostic(`${calicoMutants.length} mutants, ${Object.keys(calicoTable.rows).length} rows`);
});

test('a verdict names what decides it', () => {
  const np = (name: string, spec: object) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec,
  });
  const cluster = clusterOf([
    ...calicoTable.objects,
    np('one', {
      order: 1,
      ingress: [{ action: 'Log' }, { action: 'Allow', protocol: 'TCP', http: { methods: ['GET'] } }],
    }),
    np('two', { order: 2, ingress: [] }),
  ]);
  const query = { from: 'ops/web', to: 'shop/api', protocol: 'TCP' as const, port: 80 };
  assert.deepEqual(verdict(cluster, query, calicoTable.options).ingress, {
    allowed: false,
    possible: true,
    decidedBy: [
      { tier: 'default', policy: 'NetworkPolicy shop/one', rule: 1 },
      { tier: 'default', policy: 'NetworkPolicy shop/one', rule: undefined },
      { tier: 'default', policy: 'NetworkPolicy shop/two', rule: undefined },
    ],
  });
});

test('a policy in a tier that is not there is refused', () => {
  const policy = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'a' },
    spec: { tier: 'none' },
  };
  const cluster = clusterOf([...calicoTable.objects, policy]);
  const query = { from: 'ops/web', to: 'shop/api', protocol: 'TCP' as const, port: 80 };
  assert.throws(() => verdict(cluster, query, calicoTable.options), /there is no tier none/);
});
