import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cidrContains, formatAddress, parseAddress } from './addresses.js';
import type { AddressesMatchPods } from './connection.js';
import { clusterOf, type Protocol } from './objects.js';
import { verdict } from './verdict.js';

const pod = (namespace: string, name: string, app: string, more: object = {}, status: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app } },
  spec: { containers: [], ...more },
  status,
});
const listening = (...ports: object[]) => ({ containers: [{ name: 'main', ports }] });

const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ops', labels: { team: 'b' } } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { zone: 'one' } } },
  pod('shop', 'web', 'web', listening({ name: 'http', containerPort: 8080 }), { podIP: '10.1.0.1' }),
  pod('shop', 'api', 'api', listening({ name: 'http', containerPort: 80 }), { podIP: '10.1.0.2' }),
  pod('shop', 'dns', 'dns', listening({ name: 'http', containerPort: 53, protocol: 'UDP' }), { podIP: 'fd00::3' }),
  pod('ops', 'web', 'web', { nodeName: 'n1' }, { podIP: '10.1.0.4' }),
  pod('ops', 'host', 'web', { hostNetwork: true, nodeName: 'n1' }, { podIP: '10.9.0.1' }),
  pod('bare', 'web', 'web'),
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'many', namespace: 'shop' },
    spec: {
      template: {
        metadata: { labels: { app: 'many' } },
        spec: { initContainers: [{ name: 'sidecar', ports: [{ name: 'http', containerPort: 81 }] }] },
      },
    },
  },
  pod('shop', 'ended', 'api', {}, { phase: 'Succeeded', podIP: '10.1.0.9' }),
];

const np = (spec: object | null | undefined, name = 'np', namespace = 'shop') => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec,
});
const admin = (priority: number, rules: object, name = 'anp', subject: object = { namespaces: {} }) => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name },
  spec: { priority, subject, ...rules },
});
const baselineDefault = (rules: object) => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'BaselineAdminNetworkPolicy',
  metadata: { name: 'default' },
  spec: { subject: { namespaces: {} }, ...rules },
});
const cluster = (tier: string, rules: object, name = 'cnp', priority = 5, subject: object = { namespaces: {} }) => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name },
  spec: { tier, priority, subject, ...rules },
});
const app = (name: string) => ({ matchLabels: { app: name } });
const everyone = [{ namespaces: {} }];
const denyAll = { ingress: [{ action: 'Deny', from: everyone }] };
const toWeb = { podSelector: app('web') };

interface Row {
  readonly policies: readonly object[];
  /** `FROM TO PROTOCOL PORT yes|no`. */
  readonly expect: readonly string[];
  readonly addressesMatchPods?: AddressesMatchPods;
}

const rows: Readonly<Record<string, Row>> = {
  'no policy: everything is allowed': {
    policies: [],
    expect: ['9.9.9.9 shop/web SCTP 1 yes', 'shop/web ::1 UDP 9 yes'],
  },
  'B1.1 only pods that are selected are isolated, in their own namespace': {
    policies: [np({ podSelector: app('web') })],
    expect: ['shop/api shop/web TCP 80 no', 'shop/web shop/api TCP 80 yes', 'shop/api ops/web TCP 80 yes'],
  },
  'B1.1 only in the directions that are listed': {
    policies: [np({ podSelector: {}, policyTypes: ['Egress'], ingress: [] })],
    expect: ['ops/web shop/web TCP 80 yes', 'shop/web ops/web TCP 80 no'],
  },
  'B1.1 rules of a direction that is not listed do nothing': {
    policies: [np({ podSelector: {}, policyTypes: ['Ingress'], egress: [{ to: [{ podSelector: {} }] }] })],
    expect: ['shop/web ops/web TCP 80 yes', 'ops/web shop/web TCP 80 no'],
  },
  'B1.3 policies only add': {
    policies: [np({}, 'none'), np({ ingress: [{ ports: [{ port: 80 }] }] }, 'some')],
    expect: ['ops/web shop/web TCP 80 yes', 'ops/web shop/web TCP 81 no'],
  },
  'B1.4 both sides must allow': {
    policies: [
      np(
        { podSelector: app('web'), policyTypes: ['Egress'], egress: [{ ports: [{ port: 80 }, { port: 81 }] }] },
        'out',
      ),
      np({ podSelector: app('api'), ingress: [{ ports: [{ port: 80 }, { port: 82 }] }] }, 'in'),
    ],
    expect: ['shop/web shop/api TCP 80 yes', 'shop/web shop/api TCP 81 no', 'shop/web shop/api TCP 82 no'],
  },
  'B1.5 peers and ports must both match': {
    policies: [np({ ingress: [{ from: [toWeb], ports: [{ port: 80 }] }] })],
    expect: ['shop/web shop/api TCP 80 yes', 'shop/web shop/api TCP 81 no', 'shop/dns shop/api TCP 80 no'],
  },
  'ingress [] denies all': {
    policies: [np({ podSelector: {}, policyTypes: ['Ingress'], ingress: [] })],
    expect: ['1.2.3.4 shop/web TCP 80 no', 'shop/web shop/api TCP 80 no', 'shop/web ops/web TCP 80 yes'],
  },
  'an empty rule, or a null one, allows all': {
    policies: [np({ policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [null] })],
    expect: ['1.2.3.4 shop/web SCTP 80 yes', 'shop/web 1.2.3.4 UDP 1 yes'],
  },
  'from [] is any source, ports [] any port': {
    policies: [np({ ingress: [{ from: [], ports: [] }] })],
    expect: ['1.2.3.4 shop/web SCTP 9 yes', 'ops/host shop/web UDP 9 yes'],
  },
  'only a protocol is all of its ports': {
    policies: [np({ ingress: [{ ports: [{ protocol: 'UDP' }] }] })],
    expect: ['ops/web shop/web UDP 65535 yes', 'ops/web shop/web TCP 80 no'],
  },
  'an empty port item is all of TCP': {
    policies: [np({ ingress: [{ ports: [{}] }] })],
    expect: ['ops/web shop/web TCP 1 yes', 'ops/web shop/web UDP 1 no'],
  },
  'a port without a protocol is TCP': {
    policies: [np({ ingress: [{ ports: [{ port: 53 }] }] })],
    expect: ['ops/web shop/web TCP 53 yes', 'ops/web shop/web UDP 53 no'],
  },
  'podSelector {}: the pods of the own namespace': {
    policies: [np({ ingress: [{ from: [{ podSelector: {} }] }] })],
    expect: ['shop/api shop/web TCP 80 yes', 'ops/web shop/web TCP 80 no', '1.2.3.4 shop/web TCP 80 no'],
  },
  'namespaceSelector {}: all pods, no addresses outside, no nodes': {
    policies: [np({ ingress: [{ from: [{ namespaceSelector: {} }] }] })],
    expect: ['ops/web shop/web TCP 80 yes', '1.2.3.4 shop/web TCP 80 no', 'ops/host shop/web TCP 80 no'],
  },
  'both selectors in one item: and': {
    policies: [np({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } }, ...toWeb }] }] })],
    expect: ['shop/web shop/api TCP 80 yes', 'ops/web shop/api TCP 80 no', 'shop/dns shop/api TCP 80 no'],
  },
  'two items: or': {
    policies: [np({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }, toWeb] }] })],
    expect: ['shop/web shop/api TCP 80 yes', 'ops/web shop/api TCP 80 yes', 'shop/dns shop/api TCP 80 no'],
  },
  'a podSelector alone: the own namespace only': {
    policies: [np({ ingress: [{ from: [toWeb] }] })],
    expect: ['shop/web shop/api TCP 80 yes', 'ops/web shop/api TCP 80 no'],
  },
  'a missing spec isolates every pod for ingress': {
    policies: [np(undefined)],
    expect: ['shop/web shop/api TCP 80 no', 'shop/web ops/web TCP 80 yes'],
  },
  'policyTypes [] is defaulted as a missing one': {
    policies: [np({ policyTypes: [], egress: [{ ports: [{ port: 80 }] }] })],
    expect: ['shop/web ops/web TCP 80 yes', 'shop/web ops/web TCP 81 no', 'ops/web shop/web TCP 80 no'],
  },
  'egress [] without policyTypes leaves egress alone': {
    policies: [np({ egress: [] })],
    expect: ['shop/web ops/web TCP 80 yes', 'ops/web shop/web TCP 80 no'],
  },
  'the namespace has the label of its name, also without an object': {
    policies: [
      np({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'bare' } } }] }] }),
    ],
    expect: ['bare/web shop/web TCP 80 yes', 'ops/web shop/web TCP 80 no'],
  },
  'NotIn and DoesNotExist hold where the key is missing, In and Exists do not': {
    policies: [
      np({
        ingress: [
          { from: [{ podSelector: { matchExpressions: [{ key: 'x', operator: 'In', values: ['1'] }] } }] },
          { from: [{ podSelector: { matchExpressions: [{ key: 'x', operator: 'Exists' }] } }] },
          {
            from: [{ podSelector: { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['1'] }] } }],
            ports: [{ port: 80 }],
          },
          {
            from: [{ podSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } }],
            ports: [{ port: 81 }],
          },
        ],
      }),
    ],
    expect: ['shop/api shop/web TCP 80 yes', 'shop/api shop/web TCP 81 yes', 'shop/api shop/web TCP 82 no'],
  },
  'every label and every expression must hold': {
    policies: [
      np({
        ingress: [
          {
            from: [
              {
                podSelector: {
                  matchLabels: { app: 'web' },
                  matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web', 'api'] }],
                },
              },
              {
                podSelector: {
                  matchExpressions: [
                    { key: 'app', operator: 'Exists' },
                    { key: 'app', operator: 'In', values: ['dns', 'api'] },
                  ],
                },
              },
            ],
          },
        ],
      }),
    ],
    expect: ['shop/web shop/api TCP 80 no', 'shop/dns shop/api TCP 80 yes', 'shop/api shop/web TCP 80 yes'],
  },
  'ipBlock with exceptions, for addresses outside': {
    policies: [np({ ingress: [{ from: [{ ipBlock: { cidr: '192.168.0.0/16', except: ['192.168.1.0/24'] } }] }] })],
    expect: [
      '192.168.0.255 shop/web TCP 80 yes',
      '192.168.1.0 shop/web TCP 80 no',
      '192.168.1.255 shop/web TCP 80 no',
      '192.168.2.0 shop/web TCP 80 yes',
      '192.169.0.0 shop/web TCP 80 no',
      'fd00::1 shop/web TCP 80 no',
    ],
  },
  'ipBlock for IPv6; bits behind the prefix are masked': {
    policies: [np({ ingress: [{ from: [{ ipBlock: { cidr: '2001:db8::ff/120' } }] }] })],
    expect: ['2001:db8:: shop/web TCP 80 yes', '2001:db8::ff shop/web TCP 80 yes', '2001:db8::100 shop/web TCP 80 no'],
  },
  'ipBlock matches pods by their address where plugins do so': {
    policies: [np({ ingress: [{ from: [{ ipBlock: { cidr: '10.1.0.0/30' } }] }] })],
    expect: ['shop/api shop/web TCP 80 yes', '10.1.0.2 shop/web TCP 80 yes', 'ops/web shop/web TCP 80 no'],
  },
  'ipBlock does not match pods in the API’s narrow reading': {
    policies: [np({ ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })],
    addressesMatchPods: 'networks',
    expect: [
      'shop/api shop/web TCP 80 no',
      '10.1.0.2 shop/web TCP 80 no',
      '10.1.0.3 shop/web TCP 80 yes',
      'fd00:0::0:3 shop/web TCP 80 no',
      'fd00::4 shop/web TCP 80 no',
    ],
  },
  'named ports are each destination pod’s own, by name and protocol': {
    policies: [np({ policyTypes: ['Egress'], egress: [{ ports: [{ port: 'http' }] }] })],
    expect: [
      'shop/dns shop/web TCP 8080 yes',
      'shop/dns shop/web TCP 80 no',
      'shop/dns shop/api TCP 80 yes',
      'shop/dns shop/api TCP 8080 no',
      'shop/web shop/dns TCP 53 no',
      'shop/web shop/dns UDP 53 no',
      'shop/web shop/many TCP 81 yes',
      'shop/web ops/web TCP 80 no',
      'shop/web 1.2.3.4 TCP 80 no',
    ],
  },
  'a text of digits is a name': {
    policies: [np({ ingress: [{ ports: [{ port: '80' }] }] })],
    expect: ['ops/web shop/api TCP 80 no'],
  },
  'endPort is inclusive': {
    policies: [np({ ingress: [{ ports: [{ port: 80, endPort: 82 }] }] })],
    expect: ['79', '80', '82', '83'].map((port) => `ops/web shop/api TCP ${port} ${/8[02]/.test(port) ? 'yes' : 'no'}`),
  },
  'a pod reaches itself; a workload of several pods is not one pod': {
    policies: [np({}), admin(1, denyAll)],
    expect: ['shop/web shop/web TCP 80 yes', '10.1.0.1 shop/web TCP 80 yes', 'shop/many shop/many TCP 81 no'],
  },
  'a host-network pod is its node: not isolated, not chosen by selectors': {
    policies: [np({}, 'np', 'ops'), admin(1, { egress: [{ action: 'Deny', to: everyone }] }), np({ ingress: [{}] })],
    expect: ['shop/web ops/host TCP 80 yes', 'ops/host shop/web TCP 80 yes', 'shop/web ops/web TCP 80 no'],
  },
  'a node reaches its own pods, also through a deny': {
    policies: [np({}, 'np', 'ops'), admin(1, { ingress: [{ action: 'Deny', from: everyone }] })],
    expect: ['ops/host ops/web TCP 80 yes', 'shop/web ops/web TCP 80 no'],
  },
  'B2: selecting a pod does not isolate it': {
    policies: [admin(1, { ingress: [{ action: 'Allow', from: everyone, ports: [{ portNumber: { port: 80 } }] }] })],
    expect: ['ops/web shop/web TCP 80 yes', 'ops/web shop/web TCP 81 yes'],
  },
  'B2: lower priorities first, whatever their order in the file': {
    policies: [admin(9, denyAll, 'a'), admin(1, { ingress: [{ action: 'Allow', from: everyone }] }, 'b')],
    expect: ['ops/web shop/web TCP 80 yes'],
  },
  'B2: equal priorities by name': {
    policies: [admin(1, denyAll, 'b'), admin(1, { ingress: [{ action: 'Allow', from: everyone }] }, 'a')],
    expect: ['ops/web shop/web TCP 80 yes'],
  },
  'B2: rules in the order of the list, the first decides': {
    policies: [
      admin(1, {
        ingress: [
          { action: 'Allow', from: [{ namespaces: { matchLabels: { team: 'b' } } }] },
          { action: 'Deny', from: everyone },
          { action: 'Allow', from: everyone },
        ],
      }),
    ],
    expect: ['ops/web shop/web TCP 80 yes', 'shop/api shop/web TCP 80 no', '1.2.3.4 shop/web TCP 80 yes'],
  },
  'B2: an admin Allow is final over NetworkPolicy, on its own side only': {
    policies: [
      admin(1, { ingress: [{ action: 'Allow', from: everyone }] }, 'a'),
      np({ policyTypes: ['Ingress', 'Egress'] }),
    ],
    expect: ['ops/web shop/web TCP 80 yes', 'shop/web ops/web TCP 80 no'],
  },
  'B2: Pass leaves the tier, past the tier’s later policies': {
    policies: [
      admin(1, { ingress: [{ action: 'Pass', from: [{ namespaces: { matchLabels: { team: 'b' } } }] }] }, 'a'),
      admin(2, denyAll, 'b'),
    ],
    expect: ['ops/web shop/web TCP 80 yes', 'shop/api shop/web TCP 80 no'],
  },
  'B2: after Pass, NetworkPolicy decides, and the baseline is not asked where it isolates': {
    policies: [
      admin(1, { ingress: [{ action: 'Pass', from: everyone }] }),
      np({ podSelector: app('api'), ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] }] }),
      baselineDefault({ ingress: [{ action: 'Deny', from: everyone, ports: [{ portNumber: { port: 80 } }] }] }),
    ],
    expect: [
      'ops/web shop/api TCP 80 yes',
      'ops/web shop/api TCP 81 no',
      'ops/web shop/web TCP 80 no',
      'ops/web shop/web TCP 81 yes',
    ],
  },
  'B2: isolation in one direction leaves the other to the baseline': {
    policies: [np({}), baselineDefault({ egress: [{ action: 'Deny', to: everyone }] })],
    expect: ['shop/web ops/web TCP 80 no', 'shop/web 1.2.3.4 TCP 80 yes'],
  },
  'B2: Pass in the baseline tier skips the rest': {
    policies: [
      cluster('Baseline', { ingress: [{ action: 'Pass', from: everyone }] }, 'a', 1),
      cluster('Baseline', denyAll, 'b', 2),
    ],
    expect: ['ops/web shop/web TCP 80 yes'],
  },
  'B2: networks match pods by their address, in both readings but Cilium’s': {
    policies: [cluster('Admin', { egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0', 'fd00::/8'] }] }] })],
    addressesMatchPods: 'networks',
    expect: [
      'shop/web shop/api TCP 80 no',
      'shop/web shop/dns TCP 80 no',
      'shop/web 1.2.3.4 TCP 80 no',
      'shop/web 2001:db8::1 TCP 80 yes',
      // Whatever address it has is among them.
      'shop/web shop/many TCP 80 no',
    ],
  },
  'B5: networks do not match pods in Cilium': {
    policies: [cluster('Admin', { egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }] })],
    addressesMatchPods: 'none',
    expect: ['shop/web shop/api TCP 80 yes', 'shop/web 1.2.3.4 TCP 80 no'],
  },
  'B2: nodes match host-network pods by their node’s labels': {
    policies: [
      cluster('Admin', {
        egress: [
          {
            action: 'Deny',
            to: [{ nodes: { matchLabels: { zone: 'one' } } }],
            protocols: [{ destinationNamedPort: 'x' }],
          },
          { action: 'Deny', to: [{ nodes: { matchLabels: { zone: 'one' } } }], protocols: [tcp({ number: 80 })] },
          { action: 'Deny', to: [{ nodes: { matchLabels: { zone: 'two' } } }] },
        ],
      }),
    ],
    expect: ['shop/web ops/host TCP 80 no', 'shop/web ops/host TCP 81 yes', 'shop/web ops/web TCP 80 yes'],
  },
  'B2: domainNames match no address that a manifest tells': {
    policies: [
      cluster('Admin', { egress: [{ action: 'Accept', to: [{ domainNames: ['example.com'] }] }] }),
      np({ policyTypes: ['Egress'] }),
    ],
    expect: ['shop/web 1.2.3.4 TCP 443 no'],
  },
  'A2.1: ports by number, range and name; a name in every protocol': {
    policies: [
      admin(1, {
        ingress: [
          {
            action: 'Deny',
            from: everyone,
            ports: [
              { portNumber: { protocol: 'UDP', port: 90 } },
              { portRange: { start: 70, end: 72 } },
              { namedPort: 'http' },
            ],
          },
        ],
      }),
    ],
    expect: [
      'ops/web shop/web UDP 90 no',
      'ops/web shop/web TCP 90 yes',
      'ops/web shop/web TCP 70 no',
      'ops/web shop/web TCP 72 no',
      'ops/web shop/web TCP 73 yes',
      'ops/web shop/web UDP 71 yes',
      'ops/web shop/web TCP 8080 no',
      'ops/web shop/dns UDP 53 no',
      'ops/web shop/dns TCP 53 yes',
    ],
  },
  'A2.3: protocols by number, range and name': {
    policies: [
      cluster('Baseline', {
        ingress: [
          {
            action: 'Deny',
            from: everyone,
            protocols: [
              tcp({ number: 90 }),
              { udp: { destinationPort: { range: { start: 70, end: 72 } } } },
              { sctp: { destinationPort: { number: 5 } } },
              { destinationNamedPort: 'http' },
            ],
          },
        ],
      }),
    ],
    expect: [
      'ops/web shop/web TCP 90 no',
      'ops/web shop/web UDP 90 yes',
      'ops/web shop/web UDP 72 no',
      'ops/web shop/web UDP 73 yes',
      'ops/web shop/web SCTP 5 no',
      'ops/web shop/dns UDP 53 no',
      'ops/web shop/dns TCP 53 yes',
    ],
  },
  'A2: subjects by namespaces, and by pods with and without a namespaceSelector': {
    policies: [
      cluster('Admin', denyAll, 'a', 1, { pods: { podSelector: app('dns') } }),
      cluster('Admin', denyAll, 'b', 1, {
        pods: { namespaceSelector: { matchLabels: { team: 'b' } }, podSelector: app('web') },
      }),
    ],
    expect: ['shop/api shop/dns TCP 80 no', 'shop/api ops/web TCP 80 no', 'shop/api shop/web TCP 80 yes'],
  },
};

function tcp(destinationPort: object) {
  return { tcp: { destinationPort } };
}

for (const [title, { policies, expect, addressesMatchPods }] of Object.entries(rows)) {
  test(title, () => {
    const read = clusterOf([...objects, ...policies]);
    for (const row of expect) {
      const [from = '', to = '', protocol, port, allowed] = row.split(' ');
      const query = { from, to, protocol: protocol as Protocol, port: Number(port) };
      const given = verdict(read, query, addressesMatchPods === undefined ? {} : { addressesMatchPods });
      assert.equal(given.allowed, allowed === 'yes', `${row}: ${JSON.stringify(given)}`);
    }
  });
}

test('what decided is named: tier, policy and rule, or the policies that isolate', () => {
  const read = clusterOf([
    ...objects,
    admin(1, { egress: [{ action: 'Pass', to: everyone }] }),
    cluster('Admin', { egress: [{ action: 'Deny', to: everyone, protocols: [tcp({ number: 1 })] }] }, 'guard', 0),
    np({ podSelector: app('api'), ingress: [{ ports: [{ port: 7 }] }, { ports: [{ port: 80 }] }] }, 'one'),
    np({ podSelector: {} }, 'two'),
    baselineDefault({ ingress: [{ action: 'Deny', from: everyone }] }),
  ]);
  const ask = (to: string, port: number) => verdict(read, { from: 'ops/web', to, protocol: 'TCP', port });
  assert.deepEqual(ask('shop/api', 1).egress, {
    allowed: false,
    possible: false,
    decidedBy: [{ tier: 'admin', policy: 'ClusterNetworkPolicy guard', rule: 0 }],
  });
  assert.deepEqual(ask('shop/api', 80), {
    allowed: true,
    possible: true,
    egress: { allowed: true, possible: true, decidedBy: [] },
    ingress: {
      allowed: true,
      possible: true,
      decidedBy: [{ tier: 'namespaced', policy: 'NetworkPolicy shop/one', rule: 1 }],
    },
  });
  assert.deepEqual(ask('shop/api', 81).ingress, {
    allowed: false,
    possible: false,
    decidedBy: [
      { tier: 'namespaced', policy: 'NetworkPolicy shop/one', rule: undefined },
      { tier: 'namespaced', policy: 'NetworkPolicy shop/two', rule: undefined },
    ],
  });
  assert.deepEqual(ask('bare/web', 80).ingress, {
    allowed: false,
    possible: false,
    decidedBy: [{ tier: 'baseline', policy: 'BaselineAdminNetworkPolicy default', rule: 0 }],
  });
});

test('a pod that has ended or never was is not asked about', () => {
  const read = clusterOf(objects);
  for (const to of ['shop/ended', 'shop/nobody']) {
    assert.throws(() => verdict(read, { from: 'shop/web', to, protocol: 'TCP', port: 80 }), /there is no pod/);
  }
});

test('addresses', () => {
  assert.equal(parseAddress('::ffff:1.2.3.4').value, 0xffff01020304n);
  assert.equal(parseAddress('1:2:3:4:5:6:7:8').value, 0x00010002000300040005000600070008n);
  assert.equal(formatAddress(parseAddress('2001:db8::1:0')), '2001:db8:0:0:0:0:1:0');
  assert.equal(formatAddress(parseAddress('10.0.255.1')), '10.0.255.1');
  assert.ok(cidrContains('::/0', 'ffff::') && cidrContains('0.0.0.0/0', '255.255.255.255'));
  assert.ok(!cidrContains('::/0', '1.2.3.4') && !cidrContains('1.2.3.4/32', '1.2.3.5'));
  assert.throws(() => parseAddress('1.2.3'), /is not an IP address/);
});
