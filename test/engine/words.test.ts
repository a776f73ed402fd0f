import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionWords, endWords } from '#server/engine/connection-words.js';
import { nodeLocalCidr } from '#server/engine/dns-rule.js';
import { identifyingLabels } from '#server/engine/pod-labels.js';
import { ruleName, titleOf } from '#server/engine/policy-title.js';
import { networkProbes } from '#server/engine/probes.js';
import { dnsPortOf } from '#server/engine/shown-dns.js';
import { allAddresses } from '#server/model/addresses.js';
import { ports } from '#server/model/ports.js';
import { defaultProfile, kubeDns } from '#server/model/profile.js';
import { everything } from '#server/model/selector.js';
import { endOf, worldOf } from './repairing.js';

const pod = (name: string, container: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: kube-system, labels: {k8s-app: kube-dns, name: ${name}}}
spec: {containers: [{name: c, image: i, ${container}}]}
---
`;

test('ends and connections in words', async () => {
  const world = await worldOf({ 'a.yaml': pod('dns', '') });
  assert.equal(endWords(endOf(world, 'kube-system/dns')), 'kube-system/dns');
  assert.equal(endWords({ kind: 'addresses', addresses: allAddresses }), 'any address');
  assert.equal(endWords(endOf(world, '10.0.0.0/8')), '10.0.0.0/8');
  assert.equal(endWords(endOf(world, '203.0.113.7')), '203.0.113.7');
  assert.equal(endWords(endOf(world, 'fd00::7')), 'fd00::7');
  assert.equal(endWords({ kind: 'some pods', namespaces: everything, pods: everything }), 'some pods');
  const [from, to] = [endOf(world, 'kube-system/dns'), endOf(world, '203.0.113.7')];
  assert.equal(connectionWords({ from, to, ports: ports('TCP', 443) }), 'kube-system/dns to 203.0.113.7 on TCP 443');
});

test('a policy is called by its namespace and name, one of the whole cluster by its kind; rules count from 1', async () => {
  const world = await worldOf({
    'a.yaml': `${pod('dns', '')}apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: kube-system}
spec: {podSelector: {}, ingress: [{}, {}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec: {priority: 1, subject: {namespaces: {}}, egress: [{name: no mail, action: Deny, to: [{namespaces: {}}]}]}
`,
  });
  const names = world.cluster.policies.flatMap((policy) => [
    titleOf(policy),
    ...policy.placed.value.rules.map((rule) => ruleName({ policy, rule })),
  ]);
  assert.deepEqual(names.toSorted(), [
    'AdminNetworkPolicy guard',
    'AdminNetworkPolicy guard, egress rule 1 "no mail"',
    'kube-system/p',
    'kube-system/p, ingress rule 1',
    'kube-system/p, ingress rule 2',
  ]);
});

test('the address of NodeLocal DNSCache as a block of one', () => {
  const cidr = (nodeLocalDns: string | undefined) => nodeLocalCidr({ ...defaultProfile, nodeLocalDns });
  assert.equal(cidr('169.254.20.10'), '169.254.20.10/32');
  assert.equal(cidr('fd00::a'), 'fd00::a/128');
  assert.equal(cidr('nowhere'), undefined);
  assert.equal(cidr(undefined), undefined);
});

test('the port of the cluster’s DNS is the one with its name, else 53, else the only one of UDP', async () => {
  const answers = async (...containerPorts: string[]) => {
    const world = await worldOf({
      'a.yaml': containerPorts.map((each, index) => pod(`dns-${index}`, `ports: [${each}]`)).join(''),
    });
    return dnsPortOf(kubeDns, world.netpol.workspace.index.scopes[0]?.workloads ?? [])?.port;
  };
  const udp = (port: number, name = '') =>
    `{containerPort: ${port}, protocol: UDP${name === '' ? '' : `, name: ${name}`}}`;
  assert.equal(await answers(`${udp(53)}, ${udp(5353, 'dns')}`), 5353);
  assert.equal(await answers(`${udp(1053, 'dns')}`), 1053);
  assert.equal(await answers(`${udp(1053, 'other')}, ${udp(53, 'else')}`), 53);
  assert.equal(await answers(udp(1053, 'other')), 1053);
  assert.equal(await answers(`${udp(1053, 'other')}, ${udp(1054, 'else')}`), undefined);
  assert.equal(await answers('{containerPort: 53, name: dns, protocol: TCP}'), undefined);
});

test('labels that tell pods from others of their namespace: a usual one that only they have, else all that last', () => {
  const labels = (each: Record<string, string>) => new Map(Object.entries(each));
  const web = labels({ app: 'web', tier: 'front', 'pod-template-hash': 'x' });
  const found = (...others: Record<string, string>[]) => {
    const chosen = identifyingLabels(web, [web, ...others.map(labels)]);
    return chosen && Object.fromEntries(chosen);
  };
  assert.deepEqual(found(), { app: 'web' });
  assert.deepEqual(found({ app: 'api' }), { app: 'web' });
  assert.deepEqual(found({ app: 'web' }), { app: 'web', tier: 'front' });
  assert.equal(identifyingLabels(labels({}), []), undefined);
});

test('a probe may name a TCP port of its own container; with another name it is none over the network', async () => {
  const probed = async (port: string) => {
    const probe = `livenessProbe: {httpGet: {path: /, port: ${port}}}`;
    const declared = 'ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]';
    const world = await worldOf({ 'a.yaml': pod('web', `${declared}, ${probe}`) });
    const [workload] = world.netpol.workspace.index.scopes[0]?.workloads ?? [];
    assert.ok(workload !== undefined);
    return networkProbes(workload.value).map((each) => each.port);
  };
  assert.deepEqual(await probed('9000'), [9000]);
  assert.deepEqual(await probed('http'), [8080]);
  assert.deepEqual(await probed('dns'), []);
  assert.deepEqual(await probed('htpp'), []);
});

test('what Calico logs goes on to the next rule', async () => {
  const policy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p, namespace: kube-system}
spec: {selector: all(), types: [Ingress], ingress: [{action: Log}, {action: Allow, protocol: TCP, destination: {ports: [80]}}]}
`;
  const world = await worldOf({ 'a.yaml': pod('one', '') + pod('two', '') + policy }, 'calico');
  const { judge } = world;
  const passes = judge.side('ingress', endOf(world, 'kube-system/one'), endOf(world, 'kube-system/two'));
  assert.equal(passes, judge.table.idOf(ports('TCP', 80)));
});
