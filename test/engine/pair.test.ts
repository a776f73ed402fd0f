import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterOf } from '#server/engine/cluster.js';
import { type Pair, pairOf } from '#server/engine/pair.js';
import { podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { printPorts } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';
import { namespaces } from './repairing.js';

const pod = (name: string, namespace: string, more = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec: {${more}containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
`;
const workloads = [
  pod('web', 'shop'),
  pod('api', 'shop'),
  pod('db', 'data'),
  pod('other', 'data'),
  pod('host', 'data', 'hostNetwork: true, '),
].join('');

function networkPolicy(name: string, namespace: string, spec: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: {${spec}}
---
`;
}

async function scopeOf(policies: string) {
  const netpol = await Netpol.open(new Memory({ 'all.yaml': namespaces + workloads + policies }), [root]);
  const [scope] = netpol.workspace.index.scopes;
  assert.ok(scope !== undefined);
  const { profile } = netpol.settings;
  const workload = (name: string) => {
    const found = scope.workloads.find(({ value }) => value.name === name);
    assert.ok(found !== undefined, name);
    return found;
  };
  const pair = (from: string, to: string, what: 'pair' | 'namespaces'): Pair | undefined =>
    pairOf(scope, profile, [workload(from), workload(to)], what);
  const judge = new Judge(clusterOf([scope], { profile, unset: '(unset)', open: true }));
  const whole = (from: string, to: string) => {
    const ends = [from, to].map((name) => judge.cluster.pods.find((each) => each.name === name));
    const [source, target] = ends;
    assert.ok(source !== undefined && target !== undefined);
    return printPorts(judge.table.setOf(judge.between(podsEnd(source), podsEnd(target))));
  };
  return { pair, whole };
}

const cases: Readonly<Record<string, readonly [policies: string, passes: string]>> = {
  'no policies': ['', 'every port'],
  'a policy of the server, by the label of the client’s namespace and the name of a port': [
    networkPolicy(
      'db',
      'data',
      'podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {stage: prod}}}], ports: [{port: http}]}]',
    ),
    'TCP 8080',
  ],
  'a policy of the client': [
    networkPolicy(
      'web',
      'shop',
      'podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {stage: test}}}], ports: [{port: 80}]}]',
    ),
    'TCP 80',
  ],
  'policies of both, of which that of another workload says nothing': [
    networkPolicy('api', 'shop', 'podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress, Egress]') +
      networkPolicy('all', 'data', 'podSelector: {}, ingress: [{ports: [{port: 1, endPort: 9}]}]') +
      networkPolicy(
        'web',
        'shop',
        'podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 5, endPort: 20}]}]',
      ),
    'TCP 5-9',
  ],
  'a policy of the whole cluster': [
    `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 5
  subject: {namespaces: {matchLabels: {stage: test}}}
  ingress: [{action: Deny, from: [{namespaces: {matchLabels: {stage: prod}}}], ports: [{portNumber: {protocol: TCP, port: 22}}]}]
---
`,
    'every port except TCP 22',
  ],
  'Calico’s policies in a tier of their own': [
    `apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: early}
spec: {order: 1}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: early.db, namespace: data}
spec: {tier: early, order: 1, selector: app == 'db', types: [Ingress], ingress: [{action: Allow, protocol: TCP, destination: {ports: [80]}}]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: late, namespace: data}
spec: {order: 1, selector: all(), types: [Ingress], ingress: [{action: Deny}]}
---
`,
    'TCP 80',
  ],
};

describe('two workloads alone are judged as they are in their whole scope', () => {
  for (const [name, [policies, passes]] of Object.entries(cases)) {
    test(name, async () => {
      const { pair, whole } = await scopeOf(policies);
      for (const what of ['pair', 'namespaces'] as const) {
        const found = pair('web', 'db', what);
        assert.ok(found !== undefined);
        const { judge, from, to } = found;
        assert.deepEqual([from.pods.name, to.pods.name], ['web', 'db']);
        assert.equal(printPorts(judge.table.setOf(judge.between(from, to))), passes, what);
      }
      assert.equal(whole('web', 'db'), passes);
    });
  }
});

test('of the namespaces all workloads and policies are there, of the pair no other workload', async () => {
  const { pair } = await scopeOf(
    networkPolicy('api', 'shop', 'podSelector: {matchLabels: {app: api}}') +
      networkPolicy('web', 'shop', 'podSelector: {matchLabels: {app: web}}'),
  );
  const told = (what: 'pair' | 'namespaces') => {
    const cluster = pair('web', 'db', what)?.judge.cluster;
    const policies = cluster?.policies.map(({ placed }) => placed.value.name);
    return [cluster?.pods.map(({ name }) => name).toSorted(), policies?.toSorted()];
  };
  assert.deepEqual(told('pair'), [['db', 'web'], ['web']]);
  assert.deepEqual(told('namespaces'), [
    ['api', 'db', 'host', 'other', 'web'],
    ['api', 'web'],
  ]);
});

test('a workload and itself are no pair, and neither are host-network pods with others', async () => {
  const { pair } = await scopeOf('');
  for (const what of ['pair', 'namespaces'] as const) {
    assert.equal(pair('web', 'web', what), undefined);
    assert.equal(pair('web', 'host', what), undefined);
    assert.equal(pair('host', 'web', what), undefined);
    assert.notEqual(pair('db', 'other', what), undefined, 'two of one namespace');
  }
});
