import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mutated } from './mutants.js';
import { ciliumMutants } from './mutants-cilium.js';
import { clusterOf } from './objects.js';
import { differences } from './table.js';
import { ciliumTable } from './table-cilium.js';
import { verdict } from './verdict.js';

for (const [name, row] of Object.entries(ciliumTable.rows)) {
  test(`Cilium: ${name}`, () => assert.deepEqual(differences(ciliumTable, row, { clusterOf, verdict }), []));
}

test('the table tells every mutant from the reference', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-mutants-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const survivors: string[] = [];
  for (const [index, mutant] of ciliumMutants.entries()) {
    const wrong = await mutated(join(folder, String(index)), mutant);
    const seen = Object.values(ciliumTable.rows).some((row) => differences(ciliumTable, row, wrong).length > 0);
    if (!seen) survivors.push(mutant.fault);
  }
  assert.deepEqual(survivors, []);
  context.diagnostic(`${ciliumMutants.length} mutants, ${Object.keys(ciliumTable.rows).length} rows`);
});

test('a verdict names what decides it', () => {
  const cnp = (name: string, spec: object) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { endpointSelector: {}, ...spec },
  });
  const toPorts = [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }];
  const cluster = clusterOf([
    ...ciliumTable.objects,
    cnp('one', { ingress: [{}, { toPorts }], egress: [{}] }),
    cnp('two', { ingressDeny: [{ fromEntities: ['world'] }] }),
  ]);
  const ask = (from: string, to: string) =>
    verdict(cluster, { from, to, protocol: 'TCP', port: 80 }, ciliumTable.options);
  const tier = 'namespaced';
  assert.deepEqual(ask('ops/web', 'shop/api'), {
    allowed: false,
    possible: true,
    egress: { allowed: true, possible: true, decidedBy: [] },
    ingress: {
      allowed: false,
      possible: true,
      decidedBy: [{ tier, policy: 'CiliumNetworkPolicy shop/one', rule: 1 }],
    },
  });
  assert.deepEqual(ask('1.2.3.4', 'shop/api').ingress.decidedBy, [
    { tier, policy: 'CiliumNetworkPolicy shop/two', rule: 0 },
  ]);
  assert.deepEqual(ask('shop/api', '1.2.3.4').egress.decidedBy, [
    { tier, policy: 'CiliumNetworkPolicy shop/one', rule: undefined },
  ]);
});
