import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workloadsOfPeer, workloadsSelected } from '#server/engine/matching.js';
import { Netpol } from '#server/service.js';

const uri = (name: string) => `file:///w/${name}.yaml`;

const pod = (name: string, namespace: string, app = name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${app} } }
spec: { containers: [{ name: main, image: main }] }
---
`;

const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } }
          podSelector: { matchLabels: { app: proxy } }
`;

async function opened() {
  const texts = new Map([
    [uri('edge'), pod('proxy', 'edge') + pod('other', 'edge')],
    [uri('far'), pod('proxy', 'far')],
    [uri('shop'), pod('web', 'shop') + pod('api', 'shop') + policy],
  ]);
  const provider = {
    list: async () => [...texts.keys()],
    read: async (each: string) => ({ text: texts.get(each) ?? '' }),
  };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const scope = () => {
    const [first] = netpol.workspace.index.scopes;
    assert.ok(first);
    return first;
  };
  return { netpol, scope };
}

test('the workloads of a peer are read from the namespaces that it may mean, and from no other', async () => {
  const { netpol, scope } = await opened();
  // What is read is noted from the first edit on.
  scope();
  netpol.workspace.setBuffer(uri('far'), `${pod('proxy', 'far')}# edited\n`, 1);
  const asked = scope().observe(() => {
    const [web] = scope().policies;
    const peer = web?.value.rules[0]?.peers[0];
    assert.ok(web !== undefined && peer?.kind === 'pods');
    return workloadsOfPeer(scope(), web, peer);
  });
  const names = ({ sure, possible }: typeof asked.answer) => [sure, possible].map((all) => all.map(({ uri }) => uri));
  assert.deepEqual(names(asked.answer), [[uri('edge')], []]);
  netpol.workspace.setBuffer(uri('far'), pod('stranger', 'far'), 2);
  scope();
  assert.equal(asked.isCurrent(), true, 'an edit elsewhere');
  netpol.workspace.setBuffer(uri('edge'), pod('proxy', 'edge', 'moved'), 2);
  scope();
  assert.equal(asked.isCurrent(), false, 'an edit there');
});

test('what a policy selects follows its workloads, although it is remembered', async () => {
  const { netpol, scope } = await opened();
  const selected = () => {
    const [web] = scope().policies;
    assert.ok(web);
    return workloadsSelected(scope(), web).sure.map(({ value }) => value.name);
  };
  assert.deepEqual([selected(), selected()], [['web'], ['web']]);
  netpol.workspace.setBuffer(uri('shop'), pod('web', 'shop') + pod('api', 'shop', 'web') + policy, 2);
  assert.deepEqual(selected(), ['web', 'api']);
  const other = policy.replace('{ app: web }', '{ app: none }');
  netpol.workspace.setBuffer(uri('shop'), pod('web', 'shop') + pod('api', 'shop', 'web') + other, 3);
  assert.deepEqual(selected(), []);
});
