import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, textBeside } from '#server/engine/append-object.js';
import type { Policy } from '#server/model/policy.js';
import { Netpol } from '#server/service.js';
import type { Placed } from '#server/workspace/scope.js';
import { Memory, policy, root } from '../workspace/memory.js';

async function policiesOf(files: Readonly<Record<string, string>>): Promise<readonly Placed<Policy>[]> {
  const netpol = await Netpol.open(new Memory(files), [root]);
  return netpol.workspace.index.scopes.flatMap(({ policies }) => policies);
}

const object = { metadata: { name: 'new', labels: { app: 'a' } }, list: [1] };

/** What would be added beside the only policy of a file. */
async function beside(text: string, path = 'a.yaml'): Promise<string | undefined> {
  const [placed, ...others] = await policiesOf({ [path]: text });
  assert.ok(placed !== undefined && others.length === 0);
  return textBeside(placed, object);
}

test('an object is written as the others of the file are: their indentation, their lists', async () => {
  assert.equal(
    await beside(policy('p', { namespace: 'shop' })),
    'metadata:\n  name: new\n  labels:\n    app: a\nlist:\n  - 1\n',
  );
  const wide = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
    name: p
spec:
    podSelector: {}
    policyTypes:
    - Ingress
    - Egress
`;
  const asWide = 'metadata:\n    name: new\n    labels:\n        app: a\nlist:\n- 1\n';
  assert.equal(await beside(wide), asWide);
  // The edit gives the file's line breaks to what it adds.
  assert.equal(await beside(wide.replaceAll('\n', '\r\n')), asWide);
});

test('nothing is added to JSON, to a template and to a document whose syntax is broken', async () => {
  const json = JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { podSelector: {} },
  });
  assert.equal(await beside(json, 'a.json'), undefined);
  assert.equal(await beside(json), undefined, 'JSON in a YAML file');
  const yaml = policy('p', { namespace: 'shop' });
  assert.notEqual(await beside(yaml), undefined);
  assert.equal(await beside(yaml.replace('shop', '{{ .Release.Namespace }}')), undefined);
  assert.equal(await beside(`${yaml}status: [\n`), undefined);
});

test('a policy has the name that is applied, and the one that is written where a kustomization changes it', async () => {
  const plain = await policiesOf({ 'a.yaml': policy('p', { namespace: 'shop' }) });
  assert.deepEqual([...new Set(namesOf(plain))], ['p']);
  const renamed = await policiesOf({
    'base/kustomization.yaml': 'resources: [policy.yaml]\nnamePrefix: eu-\n',
    'base/policy.yaml': policy('p', { namespace: 'shop' }),
  });
  assert.deepEqual(new Set(namesOf(renamed)), new Set(['eu-p', 'p']));
});
