import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCidr } from '#server/model/addresses.js';
import { defaultProfile, ingressControllers, openShiftDns } from '#server/model/profile.js';
import { dnsPeer, dnsRule, nodeRule, peerOf } from '#server/templates/index.js';
import { profileWith } from './policies.js';

const kubeDnsPeer = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

describe('a peer', () => {
  test('is namespace AND pods in one item', () => assert.deepEqual(dnsPeer(defaultProfile), kubeDnsPeer));

  test('uses the labels of the namespace where there are some, and no pod selector without labels', () => {
    const router = ingressControllers['openshift-router'];
    assert.ok(router !== undefined);
    assert.deepEqual(peerOf(router), {
      namespaceSelector: { matchLabels: { 'policy-group.network.openshift.io/ingress': '' } },
    });
  });
});

describe('the DNS rule', () => {
  test('is UDP and TCP to the DNS pods', () => {
    assert.deepEqual(dnsRule(defaultProfile), { to: [kubeDnsPeer], ports: both(53) });
  });

  test("names the pods' own port", () => {
    assert.deepEqual(dnsRule(profileWith({ dns: [openShiftDns] })), {
      to: [dnsPeer(profileWith({ dns: [openShiftDns] }))],
      ports: both(5353),
    });
  });

  test('adds NodeLocal DNSCache by its address', () => {
    assert.deepEqual(dnsRule(profileWith({ nodeLocalDns: '169.254.20.10' })), {
      to: [kubeDnsPeer, { ipBlock: { cidr: '169.254.20.10/32' } }],
      ports: both(53),
    });
  });

  test('has port 53 for NodeLocal DNSCache also where the DNS pods listen elsewhere', () => {
    const profile = profileWith({ dns: [openShiftDns], nodeLocalDns: 'FD00:0::A' });
    assert.deepEqual(dnsRule(profile), {
      to: [dnsPeer(profile), { ipBlock: { cidr: 'fd00::a/128' } }],
      ports: [...both(5353), ...both(53)],
    });
  });

  test('leaves out an address that is none', () => {
    assert.deepEqual(dnsRule(profileWith({ nodeLocalDns: 'localhost' })), dnsRule(defaultProfile));
  });
});

describe('the rule for nodes', () => {
  const nodes = parseCidr('10.0.5.1/16');
  assert.ok(nodes !== undefined);

  test('names the masked ranges and the ports', () => {
    assert.deepEqual(nodeRule([nodes], [8080, 'health']), {
      from: [{ ipBlock: { cidr: '10.0.0.0/16' } }],
      ports: [
        { protocol: 'TCP', port: 8080 },
        { protocol: 'TCP', port: 'health' },
      ],
    });
  });

  test('is on all ports when none are given', () => {
    assert.deepEqual(nodeRule([nodes], []), { from: [{ ipBlock: { cidr: '10.0.0.0/16' } }] });
  });

  test('is nothing without addresses, since it would let everyone in', () => {
    assert.equal(nodeRule([], [8080]), undefined);
  });
});

function both(port: number) {
  return [
    { protocol: 'UDP', port },
    { protocol: 'TCP', port },
  ];
}
