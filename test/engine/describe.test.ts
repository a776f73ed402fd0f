import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEnds } from '#server/engine/describe.js';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

/** Whom each ingress and egress rule of a policy is about, in words. */
async function ends(policy: string): Promise<readonly string[]> {
  const netpol = await Netpol.open(new Memory({ 'policy.yaml': policy }), [root]);
  const [placed] = netpol.workspace.index.scopes[0]?.policies ?? [];
  assert.ok(placed !== undefined);
  return placed.value.rules.map((rule) => describeEnds(rule, placed.namespace));
}

const kubernetes = (rules: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress], ${rules}}
`;
const cilium = (rules: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec: {endpointSelector: {}, ${rules}}
`;

test('a rule without peers is about everyone; two selectors of one peer are joined by AND', async () => {
  const from = (peer: string) => `{from: [${peer}]}`;
  const rules = [
    '{}',
    from('{podSelector: {}}'),
    from('{podSelector: {matchLabels: {app: web}}}'),
    from('{namespaceSelector: {}}'),
    from('{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}'),
    from('{namespaceSelector: {matchLabels: {env: prod}}, podSelector: {matchLabels: {app: web}}}'),
    from('{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 0.0.0.0/0}}'),
  ];
  assert.deepEqual(await ends(kubernetes(`ingress: [${rules.join(', ')}]`)), [
    'everyone, inside and outside the cluster',
    'every pod in shop',
    'pods app=web in shop',
    'every pod in every namespace',
    'every pod in edge',
    'pods app=web AND in namespaces with env=prod',
    'addresses 10.0.0.0/8 and every IPv4 address',
  ]);
  assert.deepEqual(await ends(kubernetes('egress: [{}]')), ['everywhere, inside and outside the cluster']);
});

test('what Calico’s global() is about are sets and host endpoints, and no pods', async () => {
  const policy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  selector: all()
  types: [Ingress]
  ingress:
    - {action: Allow, source: {namespaceSelector: global(), selector: kind == 'partner'}}
    - {action: Allow, source: {namespaceSelector: global()}}
    - {action: Allow, source: {namespaceSelector: "!has(env)"}}
`;
  assert.deepEqual(await ends(policy), [
    'GlobalNetworkSets and host endpoints with kind=partner',
    'GlobalNetworkSets and host endpoints',
    'every pod in namespaces with label env absent',
  ]);
});

test('what Cilium’s rules name: services, groups of blocks, hosts and entities', async () => {
  const rules = [
    '{toServices: [{k8sService: {serviceName: db, namespace: data}}]}',
    '{toServices: [{k8sServiceSelector: {selector: {matchLabels: {app: db}}}}]}',
    '{toCIDRSet: [{cidrGroupRef: partners}]}',
    '{toCIDRSet: [{cidrGroupRef: partners, except: [10.1.0.0/16]}]}',
    '{toCIDRSet: [{cidrGroupSelector: {matchLabels: {env: prod}}}]}',
    '{toFQDNs: [{matchName: a.example.com}]}',
    '{toEntities: [world]}',
  ];
  assert.deepEqual(await ends(cilium(`egress: [${rules.join(', ')}]`)), [
    'what is behind Service db in data',
    'what is behind Service with app=db',
    'addresses of CiliumCIDRGroup partners',
    'addresses of CiliumCIDRGroup partners except 10.1.0.0/16',
    'addresses of CiliumCIDRGroup with env=prod',
    'a.example.com',
    'everything outside the cluster',
  ]);
});

test('what Calico joins is said with AND, and what it leaves out with BUT NOT; a rule for some of its pods says so', async () => {
  const calico = (direction: 'ingress' | 'egress', rules: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {selector: all(), types: [Ingress, Egress], ${direction}: [${rules}]}
`;
  const rules = [
    "{action: Allow, source: {selector: app == 'web', nets: [10.0.0.0/8]}}",
    "{action: Allow, source: {selector: app == 'web', notNets: [10.1.0.0/16]}}",
    "{action: Allow, destination: {selector: app == 'api'}}",
  ];
  assert.deepEqual(await ends(calico('ingress', rules.join(', '))), [
    'pods app=web in shop AND addresses 10.0.0.0/8',
    'pods app=web in shop BUT NOT addresses 10.1.0.0/16',
    'everyone, inside and outside the cluster; only for pods app=api in shop',
  ]);
  const unknown = '{action: Allow, protocol: TCP, source: {selector: "{{ .x }}"}}';
  assert.deepEqual(await ends(calico('ingress', unknown)), ['a source that cannot be read']);
  const outward = '{action: Allow, protocol: TCP, destination: {selector: "{{ .x }}"}}';
  assert.deepEqual(await ends(calico('egress', outward)), ['a destination that cannot be read']);
});
