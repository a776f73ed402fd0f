import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownRules, ownSpec } from '#server/rules/family-words.js';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

/** A policy that somebody has written, whose words are asked for. */
async function policyOf(text: string) {
  const netpol = await Netpol.open(new Memory({ 'policy.yaml': text }), [root]);
  const [scope] = netpol.workspace.index.scopes;
  const policy = scope?.policies[0] ?? scope?.clusterPolicies[0];
  assert.ok(policy !== undefined);
  return policy;
}

const kubernetes = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {}}
`;
const calico = (spec = 'selector: all()') => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {${spec}}
`;
const cilium = (egress = '[{toEndpoints: [{}]}]', kind = 'CiliumNetworkPolicy', where = ', namespace: shop') =>
  `apiVersion: cilium.io/v2
kind: ${kind}
metadata: {name: web${where}}
spec: {endpointSelector: {}, egress: ${egress}}
`;

const shopApi = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop', team: 'a' } },
  podSelector: { matchLabels: { app: 'api' } },
};
const web = { protocol: 'TCP', port: 8080 };

test('a NetworkPolicy takes a rule as it is', async () => {
  const rule = { from: [shopApi], ports: [web] };
  assert.deepEqual(ownRules(await policyOf(kubernetes), 'ingress', rule), [rule]);
});

test('Calico has a rule for each peer and protocol, with the port on the destination', async () => {
  const policy = await policyOf(calico());
  const selectors = {
    namespaceSelector: "kubernetes.io/metadata.name == 'shop' && team == 'a'",
    selector: "app == 'api'",
  };
  const ports = [web, { protocol: 'UDP', port: 53 }, { port: 'http' }];
  assert.deepEqual(ownRules(policy, 'ingress', { from: [shopApi], ports }), [
    { action: 'Allow', protocol: 'TCP', source: selectors, destination: { ports: [8080, 'http'] } },
    { action: 'Allow', protocol: 'UDP', source: selectors, destination: { ports: [53] } },
  ]);
  assert.deepEqual(ownRules(policy, 'egress', { to: [shopApi], ports: [web] }), [
    { action: 'Allow', protocol: 'TCP', destination: { ...selectors, ports: [8080] } },
  ]);
  assert.deepEqual(ownRules(policy, 'egress', { to: [{ podSelector: {} }] }), [
    { action: 'Allow', destination: { selector: 'all()' } },
  ]);
});

test('in Calico addresses of one family stand together, those of the other apart', async () => {
  const blocks = ['192.0.2.0/24', '2001:db8::/32', '198.51.100.0/24'].map((cidr) => ({ ipBlock: { cidr } }));
  assert.deepEqual(ownRules(await policyOf(calico()), 'ingress', { from: blocks, ports: [{ protocol: 'UDP' }] }), [
    { action: 'Allow', protocol: 'UDP', source: { nets: ['192.0.2.0/24', '198.51.100.0/24'] } },
    { action: 'Allow', protocol: 'UDP', source: { nets: ['2001:db8::/32'] } },
  ]);
});

test('without peers a rule is for everyone', async () => {
  assert.deepEqual(ownRules(await policyOf(calico()), 'ingress', {}), [{ action: 'Allow' }]);
  assert.deepEqual(ownRules(await policyOf(cilium()), 'ingress', {}), [{ fromEntities: ['all'] }]);
  assert.deepEqual(ownRules(await policyOf(cilium()), 'ingress', { ports: [web] }), [
    { toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }] }] },
  ]);
});

test('Cilium has an entry for each kind of peer, knows namespaces by labels of its own, and takes ports as text', async () => {
  const policy = await policyOf(cilium());
  const from = [shopApi, { ipBlock: { cidr: '192.0.2.0/24' } }, { ipBlock: { cidr: '169.254.20.10/32' } }];
  const toPorts = [{ ports: [{ port: '8000', endPort: 8100, protocol: 'TCP' }] }];
  assert.deepEqual(ownRules(policy, 'ingress', { from, ports: [{ port: 8000, endPort: 8100 }] }), [
    {
      fromEndpoints: [
        {
          matchLabels: {
            'k8s:io.kubernetes.pod.namespace': 'shop',
            'k8s:io.cilium.k8s.namespace.labels.team': 'a',
            'k8s:app': 'api',
          },
        },
      ],
      toPorts,
    },
    { fromEntities: ['host'], toPorts },
    { fromCIDR: ['192.0.2.0/24'], toPorts },
  ]);
  assert.deepEqual(ownRules(policy, 'egress', { to: [{ podSelector: {} }], ports: [{ protocol: 'UDP' }] }), [
    { toEndpoints: [{}], toPorts: [{ ports: [{ port: '0', protocol: 'UDP' }] }] },
  ]);
});

test('beside names that are allowed Cilium is to see the look-ups, which are egress', async () => {
  const policy = await policyOf(cilium('[{toFQDNs: [{matchName: api.example.com}]}]'));
  const dns = { protocol: 'UDP', port: 53 };
  const ports = [{ port: '53', protocol: 'UDP' }];
  assert.deepEqual(ownRules(policy, 'egress', { to: [{ podSelector: {} }], ports: [dns] }), [
    { toEndpoints: [{}], toPorts: [{ ports, rules: { dns: [{ matchPattern: '*' }] } }] },
  ]);
  assert.deepEqual(ownRules(policy, 'ingress', { from: [{ podSelector: {} }], ports: [dns] }), [
    { fromEndpoints: [{}], toPorts: [{ ports }] },
  ]);
});

test('a spec keeps the tier and the order of a policy of Calico, and says its types', async () => {
  const spec = { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] };
  const policy = await policyOf(calico('tier: security, order: 10, selector: all()'));
  assert.deepEqual(ownSpec(policy, spec), {
    tier: 'security',
    order: 10,
    selector: "app == 'web'",
    types: ['Ingress'],
  });
  assert.deepEqual(ownSpec(await policyOf(calico()), { ...spec, ingress: [{ from: [{ podSelector: {} }] }] }), {
    selector: "app == 'web'",
    types: ['Ingress'],
    ingress: [{ action: 'Allow', source: { selector: 'all()' } }],
  });
});

test('in Cilium a listed direction without rules has an entry that allows nobody', async () => {
  const podSelector = { matchLabels: { app: 'web' } };
  const both = { podSelector, policyTypes: ['Ingress', 'Egress'], egress: [{ to: [{ podSelector: {} }] }] };
  assert.deepEqual(ownSpec(await policyOf(cilium()), both), {
    endpointSelector: podSelector,
    ingress: [{}],
    egress: [{ toEndpoints: [{}] }],
  });
  assert.deepEqual(ownSpec(await policyOf(cilium()), { podSelector, policyTypes: ['Egress'] }), {
    endpointSelector: podSelector,
    egress: [{}],
  });
});

test('no spec is written where labels alone would mean pods of every namespace, or for a policy of the cluster', async () => {
  const clusterwide = await policyOf(cilium(undefined, 'CiliumClusterwideNetworkPolicy', ''));
  const spec = { podSelector: {}, policyTypes: ['Ingress'] };
  assert.equal(ownSpec(clusterwide, spec), undefined);
  assert.deepEqual(ownSpec(clusterwide, { endpointSelector: {}, policyTypes: ['Ingress'] }), {
    endpointSelector: {},
    ingress: [{}],
  });
  const admin = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: x}
spec: {tier: Admin, priority: 1, subject: {namespaces: {}}}
`;
  assert.equal(ownSpec(await policyOf(admin), spec), undefined);
  assert.deepEqual(ownSpec(await policyOf(kubernetes), spec), spec);
});
