import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsOf } from '#server/engine/peer-parts.js';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

/** The kinds of every end that each rule names. */
async function kinds(rules: string): Promise<readonly string[]> {
  const text = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {selector: all(), types: [Ingress], ingress: [${rules}]}
`;
  const netpol = await Netpol.open(new Memory({ 'policy.yaml': text }), [root]);
  const [placed] = netpol.workspace.index.scopes[0]?.policies ?? [];
  return (placed?.value.rules ?? []).map((rule) => [...partsOf(rule)].map(({ kind }) => kind).join());
}

test('the ends of a rule: its peers, what they are made of, and the pods of its own policy', async () => {
  assert.deepEqual(await kinds('{action: Allow}'), ['anything']);
  assert.deepEqual(await kinds('{action: Allow, source: {selector: "app == \'web\'"}}'), ['pods']);
  assert.deepEqual(
    await kinds('{action: Allow, source: {selector: "app == \'web\'"}, destination: {selector: "app == \'api\'"}}'),
    ['pods,pods'],
  );
  assert.deepEqual(await kinds('{action: Allow, source: {selector: "app == \'web\'", notNets: [10.0.0.0/8]}}'), [
    'all of,pods,addresses',
  ]);
});
