import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { Memory, root, uriOf } from '../workspace/memory.js';

const pod = (name: string, namespace: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i}]}
---
`;
const networkPolicy = (spec: string, namespace = 'shop') => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: ${namespace}}
spec: {${spec}}
`;

/** The fixes of the findings of a rule in policy.yaml: their titles, with a star before one that is preferred. */
async function fixes(rule: string, policies: string, files: Readonly<Record<string, string>> = {}) {
  const workloads = pod('web', 'shop') + pod('api', 'shop');
  const netpol = await Netpol.open(new Memory({ 'policy.yaml': policies, 'workloads.yaml': workloads, ...files }), [
    root,
  ]);
  const found = netpol.findings(uriOf('policy.yaml')).filter((finding) => finding.rule.id === rule);
  assert.equal(found.length, 1, `${rule} is found once`);
  const [finding] = found;
  return {
    titles: (finding?.fixes ?? []).map(({ title, preferred }) => `${preferred === true ? '* ' : ''}${title}`),
    texts: (finding?.fixes ?? []).map((fix) => {
      const changes = fix.changes();
      return changes === undefined ? undefined : netpol.applyChanges(changes)?.get(uriOf('policy.yaml'));
    }),
  };
}

/** The beginning of each title: what it does. */
function begun(titles: readonly string[]): readonly string[] {
  return titles.map((title) => title.slice(0, 22));
}

test('DNS belongs in a policy that has rules, and beside one that denies all', async () => {
  const api = 'podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]';
  const inside = await fixes('dns-egress-missing', networkPolicy(api));
  assert.deepEqual(begun(inside.titles), ['* Add DNS egress to th', 'Add DNS egress as poli']);
  const beside = await fixes('dns-egress-missing', networkPolicy('podSelector: {}, policyTypes: [Egress]'));
  assert.deepEqual(begun(beside.titles), ['Add DNS egress to this', '* Add DNS egress as po']);
});

test('a policy in a namespace that is misspelt is moved; where the namespace has others it may be meant', async () => {
  const misspelt = networkPolicy('podSelector: {}, policyTypes: [Ingress]', 'shpo');
  const title = "Change the policy's namespace from shpo to shop";
  assert.deepEqual((await fixes('namespace-unknown', misspelt)).titles, [`* ${title}`]);
  const another = networkPolicy('podSelector: {matchLabels: {app: x}}', 'shpo').replace('name: p', 'name: q');
  assert.deepEqual((await fixes('namespace-unknown', misspelt, { 'other.yaml': another })).titles, [title]);
});

test('a namespace’s name is asked for by Cilium’s own label; where it is asked for already no fix is needed', async () => {
  const from = (labels: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  ingress:
    - fromEndpoints:
        - matchLabels: {${labels}}
`;
  const plain = await fixes('namespace-label-without-prefix', from('kubernetes.io/metadata.name: edge'));
  assert.deepEqual(plain.titles, ['* Change to k8s:io.kubernetes.pod.namespace']);
  assert.match(plain.texts[0] ?? '', /matchLabels: \{['"]?k8s:io\.kubernetes\.pod\.namespace['"]?: edge\}/);
  const both = from('kubernetes.io/metadata.name: edge, k8s:io.kubernetes.pod.namespace: edge');
  assert.deepEqual((await fixes('namespace-label-without-prefix', both)).titles, []);
});

test('what is put beside a policy of a Calico tier has the tier’s name before its own where that one has', async () => {
  const policy = (name: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {tier: security, selector: all(), types: [Egress]}
`;
  const tier = {
    'tier.yaml': 'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 5}\n',
  };
  const names = async (name: string) =>
    (await fixes('dns-egress-missing', policy(name), tier)).texts.map((text) =>
      [...(text ?? '').matchAll(/name: (\S*allow-dns-egress)/g)].map(([, found]) => found).join(),
    );
  assert.deepEqual((await names('security.deny')).filter(Boolean), ['security.allow-dns-egress']);
  assert.deepEqual((await names('deny')).filter(Boolean), ['allow-dns-egress']);
});
