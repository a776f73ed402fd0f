import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MarkupContent } from 'vscode-languageserver-types';
import { hoverAt } from '#server/features/hover/hover.js';
import { defaultSettings } from '#server/workspace/settings.js';
import { folder, open } from '../rules/harness.js';

const text = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: guard
spec:
  tier: Admin
  priority: 1
  subject:
    namespaces: {}
  ingress:
    - action: Deny
      from:
        - namespaces:
            matchLabels: {team: a}
        - pods:
            podSelector: {matchLabels: {app: web}}
  egress:
    - action: Pass
      to:
        - networks: [10.0.0.0/8, 192.168.0.0/16]
        - networks: [172.16.0.0/12]
        - nodes: {}
`;

async function hover(at: string): Promise<string> {
  const uri = `${folder}/policy.yaml`;
  const netpol = await open(new Map([[uri, text]]), defaultSettings);
  const contents = hoverAt(netpol, uri, text.indexOf(at))?.contents;
  assert.ok(MarkupContent.is(contents), at);
  return contents.value;
}

test('a peer of a cluster policy is told with the action of its rule', async () => {
  assert.match(
    await hover('namespaces:\n            matchLabels'),
    /\*\*Denies from\*\* every pod in namespaces with team=a/,
  );
  const pods = await hover('pods:\n');
  assert.match(pods, /\*\*Denies from\*\* pods app=web in every namespace/);
  assert.match(pods, /no namespaceSelector in this item, so every namespace is meant/);
  assert.match(await hover('to:\n'), /\*\*Passes on what is to any of these\*\*/);
});

test('an item with several address ranges is told as a whole, and does not move those behind it', async () => {
  const both = await hover('networks: [10');
  assert.match(both, /any of these\*\* \(\*\*OR\*\*\)/);
  assert.match(both, /10\.0\.0\.0\/8[\s\S]*192\.168\.0\.0\/16/);
  assert.doesNotMatch(both, /172/);
  const one = await hover('networks: [172');
  assert.match(one, /\*\*Passes on what is to\*\* .*172\.16\.0\.0\/12/);
  assert.match(one, /those of pods and nodes as well/);
  assert.match(await hover('nodes: {}'), /to\*\* .*node/);
});
