import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byOrder } from '#server/engine/order.js';
import { rulesData } from '#server/engine/own-words.js';
import { addressesOf, allIPv6, union as joined, noAddresses, parseCidr } from '#server/model/addresses.js';
import { allPorts, namedPort, type PortSet, ports, union } from '#server/model/ports.js';
import { endOf, worldOf } from './repairing.js';

const pod = (name: string, namespace: string, more = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i}]${more}}
---
`;
const pods = [
  pod('api', 'shop'),
  pod('web', 'shop'),
  pod('proxy', 'edge'),
  pod('agent', 'shop', ', hostNetwork: true'),
];
const calico = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {selector: app == 'api'}
`;
const cilium = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: api}}}
`;
const web80: PortSet = ports('TCP', 80);

/** The rules that say it in the words of the policy. The end is `namespace/name`, or an address or block. */
async function said(policy: string, direction: 'ingress' | 'egress', end: string, wanted: PortSet) {
  const world = await worldOf({ 'all.yaml': pods.join('') + policy });
  const [applied] = world.cluster.policies;
  assert.ok(applied !== undefined);
  return rulesData(world.cluster, applied, {
    action: 'Allow',
    direction,
    end: endOf(world, end),
    ports: wanted,
    declared: [],
  });
}

test('a rule of Calico’s has its other end as source or destination, and the ports always at the destination', async () => {
  assert.deepEqual(await said(calico, 'ingress', 'shop/web', web80), [
    { action: 'Allow', protocol: 'TCP', source: { selector: "app == 'web'" }, destination: { ports: [80] } },
  ]);
  assert.deepEqual(await said(calico, 'egress', 'shop/web', web80), [
    { action: 'Allow', protocol: 'TCP', destination: { selector: "app == 'web'", ports: [80] } },
  ]);
  assert.deepEqual(await said(calico, 'ingress', '10.0.0.0/8', allPorts), [
    { action: 'Allow', source: { nets: ['10.0.0.0/8'] } },
  ]);
});

test('a rule of Calico’s is about one protocol; other namespaces are named', async () => {
  const both = union(ports('TCP', 80, 90), ports('UDP', 53));
  const source = { selector: "app == 'proxy'", namespaceSelector: "kubernetes.io/metadata.name == 'edge'" };
  assert.deepEqual(await said(calico, 'ingress', 'edge/proxy', both), [
    { action: 'Allow', protocol: 'TCP', source, destination: { ports: ['80:90'] } },
    { action: 'Allow', protocol: 'UDP', source, destination: { ports: [53] } },
  ]);
});

test('a rule of Cilium’s names labels, with the namespace where it is another', async () => {
  assert.deepEqual(await said(cilium, 'ingress', 'shop/web', union(web80, ports('UDP', 1000, 2000))), [
    {
      fromEndpoints: [{ matchLabels: { app: 'web' } }],
      toPorts: [
        {
          ports: [
            { port: '80', protocol: 'TCP' },
            { port: '1000', endPort: 2000, protocol: 'UDP' },
          ],
        },
      ],
    },
  ]);
  assert.deepEqual(await said(cilium, 'egress', 'edge/proxy', allPorts), [
    { toEndpoints: [{ matchLabels: { app: 'proxy', 'k8s:io.kubernetes.pod.namespace': 'edge' } }] },
  ]);
  assert.deepEqual(await said(cilium, 'egress', '192.0.2.1', allPorts), [{ toCIDR: ['192.0.2.1/32'] }]);
});

test('what a kind cannot say is not said wider', async () => {
  for (const policy of [calico, cilium]) {
    assert.equal(await said(policy, 'ingress', 'shop/agent', web80), undefined, 'pods on their node’s network');
    assert.equal(await said(policy, 'ingress', 'shop/web', ports('ICMP', 8)), undefined, 'ICMP');
    assert.equal(await said(policy, 'ingress', 'shop/web', namedPort('TCP', 'http')), undefined, 'names of ports');
    assert.equal(await said(policy, 'ingress', 'shop/web', union(web80, namedPort('TCP', 'http'))), undefined, 'both');
  }
});

test('one rule of Calico’s has nets of one family; too many blocks are not written', async () => {
  const world = await worldOf({ 'all.yaml': pods.join('') + calico });
  const [applied] = world.cluster.policies;
  const block = parseCidr('10.0.0.0/8');
  assert.ok(applied !== undefined && block !== undefined);
  const four = addressesOf(block);
  const says = (addresses: typeof four) =>
    rulesData(world.cluster, applied, {
      action: 'Deny',
      direction: 'egress',
      end: { kind: 'addresses', addresses },
      ports: allPorts,
      declared: [],
    });
  assert.deepEqual(says(four), [{ action: 'Deny', destination: { nets: ['10.0.0.0/8'] } }]);
  assert.deepEqual(says(allIPv6), [{ action: 'Deny', destination: { nets: ['::/0'] } }]);
  assert.equal(says(joined(four, allIPv6)), undefined);
  assert.equal(says(noAddresses), undefined);
  const hole = parseCidr('10.1.2.3/32');
  assert.ok(hole !== undefined);
  assert.equal(says(addressesOf(block, [hole])), undefined, '24 blocks');
});

test('policies of a tier go by order, name, namespace and kind; those of Kubernetes have the order 1000', async () => {
  const policy = (name: string, namespace: string, order: string) =>
    calico
      .replace('name: p, namespace: shop', `name: ${name}, namespace: ${namespace}`)
      .replace('{selector', `{${order}selector`);
  const kubernetes = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: k, namespace: shop}
spec: {podSelector: {}}
`;
  const policies = [
    policy('late', 'shop', 'order: 2000, '),
    policy('b', 'shop', 'order: 5, '),
    policy('a', 'shop', 'order: 5, '),
    policy('a', 'edge', 'order: 5, '),
    policy('soon', 'shop', 'order: 999, '),
    kubernetes,
  ];
  const world = await worldOf({ 'all.yaml': policies.join('---\n') });
  const sorted = world.cluster.policies.map(({ placed }) => placed.value).toSorted(byOrder);
  for (const [index, each] of sorted.entries()) {
    assert.equal(byOrder(each, each), 0);
    for (const later of sorted.slice(index + 1)) assert.ok(byOrder(each, later) < 0 && byOrder(later, each) > 0);
  }
  assert.deepEqual(
    sorted.map(({ name, namespace }) => `${namespace}/${name}`),
    ['edge/a', 'shop/a', 'shop/b', 'shop/soon', 'shop/k', 'shop/late'],
  );
});
