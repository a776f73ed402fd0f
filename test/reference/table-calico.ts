/** FACTS A3.3 to A3.7 and B4, one row for each. */
import type { Row, Table } from './table.js';

const pod = (namespace: string, name: string, app: string, podIP: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app } },
  spec: { containers: [], ...spec },
  status: { podIP },
});
const listening = (...ports: object[]) => ({ containers: [{ name: 'main', ports }] });
const v3 = 'projectcalico.org/v3';

const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ops', labels: { team: 'b' } } },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'robot', namespace: 'shop', labels: { trust: 'high' } },
  },
  pod('shop', 'web', 'web', '10.1.0.1', {
    ...listening({ name: 'http', containerPort: 8080 }),
    serviceAccountName: 'robot',
  }),
  pod('shop', 'api', 'api', '10.1.0.2', {
    ...listening({ name: 'http', containerPort: 80 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }),
  }),
  pod('shop', 'six', 'six', 'fd00::6'),
  pod('ops', 'web', 'web', '10.1.0.4', { nodeName: 'n1' }),
  pod('ops', 'host', 'web', '10.9.0.1', { hostNetwork: true, nodeName: 'n1' }),
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'many', namespace: 'shop' },
    spec: { template: { metadata: { labels: { app: 'many' } }, spec: listening() } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', namespace: 'shop' },
    spec: {
      selector: { app: 'api' },
      ports: [
        { port: 8000, targetPort: 'http' },
        { port: 53, protocol: 'UDP' },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', namespace: 'ops' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: v3,
    kind: 'GlobalNetworkSet',
    metadata: { name: 'far', labels: { kind: 'far' } },
    spec: { nets: ['192.0.2.0/24', '10.1.0.4'] },
  },
  {
    apiVersion: v3,
    kind: 'NetworkSet',
    metadata: { name: 'partners', namespace: 'shop', labels: { kind: 'near' } },
    spec: { nets: ['198.51.100.0/24'] },
  },
];

const np = (spec: object, name = 'np', kind = 'NetworkPolicy', apiVersion = v3) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
});
const gnp = (spec: object, name = 'gnp', kind = 'GlobalNetworkPolicy') => ({
  apiVersion: v3,
  kind,
  metadata: { name },
  spec,
});
const kubernetes = (spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'kube', namespace: 'shop' },
  spec,
});
const clusterWide = (tier: string, rules: object, priority = 5) => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'cnp' },
  spec: { tier, priority, subject: { namespaces: {} }, ...rules },
});
const tier = (name: string, spec: object = {}) => ({ apiVersion: v3, kind: 'Tier', metadata: { name }, spec });
const allow = { action: 'Allow' };
const deny = { action: 'Deny' };
const pass = { action: 'Pass' };
/** Ingress rules of one policy about all pods of the namespace `shop`. */
const rules = (...ingress: object[]) => [np({ ingress })];
const from = (source: object) => ({ ...allow, source });
const to = (destination: object) => ({ ...allow, protocol: 'TCP', destination });
const everyone = [{ namespaces: {} }];

const fromWeb = ['shop/web shop/api TCP 80 yes', 'shop/many shop/api TCP 80 no'];

export const tiersAndOrder: Readonly<Record<string, Row>> = {
  'a pod that no policy selects is open, its profile allows': {
    policies: [np({ selector: "app == 'api'", ingress: [] })],
    expect: ['ops/web shop/api TCP 80 no', 'ops/web shop/web TCP 80 yes', 'shop/api ops/web TCP 1 yes'],
  },
  'a policy of a namespace is about its pods alone, a global one about all': {
    policies: [np({}), gnp({ selector: "app == 'web'", types: ['Egress'] })],
    expect: [
      'ops/web shop/api TCP 80 no',
      'shop/api ops/web TCP 80 yes',
      'ops/web 1.2.3.4 TCP 80 no',
      'shop/web 1.2.3.4 TCP 80 no',
    ],
  },
  'rules in their order, the first that matches decides': {
    policies: rules({ ...deny, source: { selector: "app == 'many'" } }, allow, deny),
    expect: fromWeb,
  },
  'Log goes on': { policies: rules({ action: 'Log' }, allow), expect: ['ops/web shop/api TCP 80 yes'] },
  'policies by order, absent last; then by name': {
    policies: [
      np({ ingress: [deny] }, 'a'),
      np({ order: 20, ingress: [{ ...allow, protocol: 'UDP' }] }, 'b20'),
      np({ order: 20, ingress: [{ ...deny, protocol: 'UDP' }] }, 'a20'),
      np({ order: 5, selector: "app == 'api'", ingress: [allow] }, 'z'),
      np(
        {
          order: 10,
          ingress: [
            { ...deny, protocol: 'TCP' },
            { ...allow, protocol: 'SCTP' },
          ],
        },
        'm',
      ),
    ],
    expect: [
      'ops/web shop/api TCP 80 yes',
      'ops/web shop/web TCP 80 no',
      'ops/web shop/web UDP 80 no',
      'ops/web shop/web SCTP 80 yes',
    ],
  },
  'equal orders and names: by namespace, a global policy first': {
    policies: [np({ ingress: [deny] }, 'same'), gnp({ ingress: [allow] }, 'same')],
    expect: ['ops/web shop/api TCP 80 yes'],
  },
  'order 0 is before order 1, and is an order': {
    policies: [np({ order: 1, ingress: [deny] }, 'a'), np({ order: 0, ingress: [allow] }, 'b')],
    expect: ['ops/web shop/api TCP 80 yes'],
  },
  'the end of a tier denies, whatever a later tier says': {
    policies: [
      tier('late', { order: 2_000_000 }),
      np({ ingress: [{ ...allow, protocol: 'UDP' }] }),
      gnp({ tier: 'late', ingress: [allow] }),
    ],
    expect: ['ops/web shop/api TCP 80 no', 'ops/web shop/api UDP 80 yes', 'shop/api ops/web TCP 80 yes'],
  },
  'a tier whose default action is Pass hands on': {
    policies: [
      tier('first', { order: 1, defaultAction: 'Pass' }),
      gnp({ tier: 'first', ingress: [{ ...allow, protocol: 'UDP' }] }),
      np({ ingress: [{ ...allow, protocol: 'TCP' }] }),
    ],
    expect: [
      'ops/web shop/api UDP 80 yes',
      'ops/web shop/api TCP 80 yes',
      'ops/web shop/api SCTP 80 no',
      '1.2.3.4 ops/web SCTP 80 yes',
    ],
  },
  'a tier counts only where it has a policy about the pod in that direction': {
    policies: [
      tier('first', { order: 1 }),
      gnp({ tier: 'first', selector: "app == 'api'", types: ['Egress'] }),
      np({ ingress: [allow] }),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'shop/api ops/web TCP 80 no', 'shop/web ops/web TCP 80 yes'],
  },
  'Pass goes to the next tier, over the rest of its own': {
    policies: [
      tier('first', { order: 1 }),
      gnp({ tier: 'first', ingress: [pass, deny] }, 'a'),
      gnp({ tier: 'first', ingress: [deny] }, 'b'),
      np({ ingress: [{ ...allow, protocol: 'TCP' }] }),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api UDP 80 no', '1.2.3.4 ops/web UDP 80 yes'],
  },
  'Pass in the last tier leads to the profiles': {
    policies: rules({ ...pass, protocol: 'TCP' }),
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api UDP 80 no'],
  },
  'tiers by order, absent after the default tier; then by name': {
    policies: [
      tier('y', {}),
      tier('x', {}),
      tier('one', { order: 1 }),
      gnp({ tier: 'y', ingress: [{ ...deny }] }, 'y'),
      gnp({ tier: 'x', ingress: [{ ...allow, protocol: 'SCTP' }, pass] }, 'x'),
      np({ selector: "app == 'api'", ingress: [{ ...deny, protocol: 'SCTP' }, pass] }, 'd'),
      gnp({ tier: 'one', ingress: [{ ...allow, protocol: 'UDP' }, pass] }, 'one'),
    ],
    expect: [
      'ops/web shop/api UDP 80 yes',
      'ops/web shop/api SCTP 80 no',
      'ops/web shop/web SCTP 80 yes',
      'ops/web shop/web TCP 80 no',
    ],
  },
  'staged policies do nothing': {
    policies: [
      gnp({ ingress: [] }, 'a', 'StagedGlobalNetworkPolicy'),
      np({ ingress: [] }, 'b', 'StagedNetworkPolicy'),
      np({ podSelector: {}, policyTypes: ['Ingress'] }, 'c', 'StagedKubernetesNetworkPolicy'),
    ],
    expect: ['ops/web shop/api TCP 80 yes'],
  },
  'a staged policy in a tier with others does nothing either': {
    policies: [np({ order: 1, ingress: [allow] }, 'b', 'StagedNetworkPolicy'), np({ ingress: [] })],
    expect: ['ops/web shop/api TCP 80 no'],
  },
  'types: ingress alone, egress alone, both': {
    policies: [
      np({ selector: "app == 'web'", egress: [allow] }, 'out'),
      np({ selector: "app == 'api'", ingress: [], egress: [] }, 'in'),
      np({ selector: "app == 'six'", ingress: [allow], egress: [{ ...allow, protocol: 'TCP' }] }, 'both'),
    ],
    expect: [
      'ops/web shop/web TCP 80 yes',
      'ops/web shop/api TCP 80 no',
      'shop/api ops/web TCP 80 yes',
      'ops/web shop/six TCP 80 yes',
      'shop/six ops/web UDP 80 no',
    ],
  },
  'types that are written win': {
    policies: [np({ types: ['Egress'], ingress: [deny] })],
    expect: ['ops/web shop/api TCP 80 yes', 'shop/api ops/web TCP 80 no'],
  },
  'types that a raw object lacks are both': {
    policies: [np({ ingress: [allow] }, 'np', 'NetworkPolicy', 'crd.projectcalico.org/v1')],
    expect: ['ops/web shop/api TCP 80 yes', 'shop/api ops/web TCP 80 no'],
  },
  'network policies of Kubernetes are in the default tier at order 1000': {
    policies: [
      kubernetes({ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] }),
      np(
        {
          order: 999,
          selector: "app == 'api'",
          ingress: [
            { ...allow, protocol: 'UDP' },
            { ...deny, ...to({ ports: [80] }), action: 'Deny' },
          ],
        },
        'early',
      ),
      np(
        {
          order: 1001,
          ingress: [
            { ...deny, protocol: 'TCP' },
            { ...allow, protocol: 'SCTP' },
          ],
        },
        'late',
      ),
    ],
    expect: [
      'ops/web shop/api UDP 9 yes',
      'ops/web shop/api TCP 80 no',
      'ops/web shop/web TCP 80 yes',
      'ops/web shop/web TCP 81 no',
      'ops/web shop/web SCTP 1 yes',
    ],
  },
  'Pass in the default tier passes over network policies of Kubernetes': {
    policies: [kubernetes({ podSelector: {} }), np({ order: 1, ingress: [{ ...pass, protocol: 'TCP' }] })],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api UDP 80 no'],
  },
  'cluster network policies have tiers of their own, which pass at the end': {
    policies: [
      clusterWide('Admin', {
        ingress: [{ action: 'Deny', from: everyone, protocols: [{ udp: { destinationPort: { number: 53 } } }] }],
      }),
      np({ selector: "app == 'api'", ingress: [allow] }),
    ],
    expect: ['ops/web shop/api UDP 53 no', 'ops/web shop/api TCP 80 yes', 'ops/web shop/web TCP 80 yes'],
  },
  'the admin tier stands between tiers, at 1000': {
    policies: [
      tier('first', { order: 999, defaultAction: 'Pass' }),
      gnp({ tier: 'first', ingress: [{ ...allow, protocol: 'UDP' }] }),
      clusterWide('Admin', { ingress: [{ action: 'Deny', from: everyone }] }),
    ],
    expect: ['ops/web shop/api UDP 53 yes', 'ops/web shop/api TCP 53 no'],
  },
  'the baseline tier comes after the default tier': {
    policies: [
      clusterWide('Baseline', { ingress: [{ action: 'Deny', from: everyone }] }),
      np({ selector: "app == 'api'", ingress: [allow] }),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/web TCP 80 no', '1.2.3.4 shop/web TCP 80 yes'],
  },
  'host-network pods are no endpoints, and a node reaches its pods': {
    policies: [gnp({ types: ['Ingress', 'Egress'] })],
    expect: ['ops/host ops/web TCP 80 yes', 'ops/host shop/api TCP 80 no', 'ops/host 1.2.3.4 TCP 80 yes'],
  },
  'policies for host endpoints are not about pods': {
    policies: [
      gnp({ preDNAT: true, applyOnForward: true, ingress: [deny] }, 'a'),
      gnp({ doNotTrack: true, applyOnForward: true, ingress: [deny] }, 'b'),
    ],
    expect: ['ops/web shop/api TCP 80 yes'],
  },
  'the subject: namespaces and service accounts': {
    policies: [
      gnp({ namespaceSelector: "team == 'b'", types: ['Egress'] }, 'ns'),
      np({ serviceAccountSelector: "trust == 'high'", types: ['Egress'] }, 'sa'),
    ],
    expect: ['ops/web 1.2.3.4 TCP 80 no', 'shop/web 1.2.3.4 TCP 80 no', 'shop/api 1.2.3.4 TCP 80 yes'],
  },
};

export const ruleMatching: Readonly<Record<string, Row>> = {
  'an empty rule is every protocol': {
    policies: rules(allow),
    expect: ['1.2.3.4 shop/api ICMP 8 yes', '1.2.3.4 shop/api other 47 yes', '1.2.3.4 shop/api SCTP 1 yes'],
  },
  'protocols by name and number, and not': {
    policies: rules(
      { ...allow, protocol: 17 },
      { ...allow, protocol: 'UDPLite' },
      { ...deny, protocol: '132' },
      {
        ...allow,
        notProtocol: 'TCP',
      },
    ),
    expect: [
      '1.2.3.4 shop/api UDP 9 yes',
      '1.2.3.4 shop/api other 136 yes',
      '1.2.3.4 shop/api SCTP 9 no',
      '1.2.3.4 shop/api ICMP 8 yes',
      '1.2.3.4 shop/api TCP 9 no',
    ],
  },
  'UDPLite is a protocol of its own': {
    policies: rules({ ...allow, protocol: 'UDPLite' }),
    expect: ['1.2.3.4 shop/api other 136 yes', '1.2.3.4 shop/api UDP 136 no'],
  },
  'icmp types, with any code': {
    policies: rules(
      { ...allow, protocol: 'ICMP', icmp: { type: 8 } },
      { ...allow, protocol: 'ICMPv6', icmp: { type: 128 } },
    ),
    expect: [
      '1.2.3.4 shop/api ICMP 8 yes',
      '1.2.3.4 shop/api ICMP 0 no',
      '1.2.3.4 shop/six ICMPv6 128 yes',
      '1.2.3.4 shop/api ICMPv6 8 no',
      '1.2.3.4 shop/api TCP 8 no',
    ],
  },
  'an icmp code is a condition': {
    policies: rules(
      { ...deny, protocol: 'ICMP', icmp: { type: 3, code: 4 } },
      { ...allow, protocol: 'ICMP', icmp: { type: 8, code: 0 } },
      { ...allow, protocol: 'ICMP', icmp: { type: 3 } },
    ),
    expect: ['1.2.3.4 shop/api ICMP 8 maybe', '1.2.3.4 shop/api ICMP 3 maybe', '1.2.3.4 shop/api ICMP 0 no'],
  },
  notICMP: {
    policies: rules({ ...allow, protocol: 'ICMP', notICMP: { type: 8 } }),
    expect: ['1.2.3.4 shop/api ICMP 8 no', '1.2.3.4 shop/api ICMP 0 yes'],
  },
  ipVersion: {
    policies: rules({ ...allow, ipVersion: 6 }),
    expect: ['::1 shop/six TCP 1 yes', '1.2.3.4 shop/api TCP 1 no', 'shop/web shop/api TCP 1 no'],
  },
  'nets, also of pods': {
    policies: rules(from({ nets: ['10.1.0.0/30', '203.0.113.0/24'] })),
    expect: [
      'shop/web shop/api TCP 1 yes',
      'ops/web shop/api TCP 1 no',
      '203.0.113.9 shop/api TCP 1 yes',
      '1.2.3.4 shop/api TCP 1 no',
      'shop/many shop/api TCP 1 no',
    ],
  },
  'notNets, alone and with nets': {
    policies: [
      np({ selector: "app == 'api'", ingress: [from({ notNets: ['10.1.0.4/32', '203.0.113.0/24'] })] }, 'a'),
      np({ selector: "app == 'six'", ingress: [from({ nets: ['10.0.0.0/8'], notNets: ['10.1.0.4/32'] })] }, 'b'),
    ],
    expect: [
      'ops/web shop/api TCP 1 no',
      'shop/web shop/api TCP 1 yes',
      '203.0.113.9 shop/api TCP 1 no',
      '10.1.0.9 shop/six TCP 1 yes',
      'ops/web shop/six TCP 1 no',
      '1.2.3.4 shop/six TCP 1 no',
    ],
  },
  'a selector in a namespace’s policy stays in it': {
    policies: rules(from({ selector: "app == 'web'" })),
    expect: ['shop/web shop/api TCP 1 yes', 'ops/web shop/api TCP 1 no', 'ops/host shop/api TCP 1 no'],
  },
  'a selector in a global policy does not': {
    policies: [gnp({ selector: "app == 'api'", ingress: [from({ selector: "app == 'web'" })] })],
    expect: ['shop/web shop/api TCP 1 yes', 'ops/web shop/api TCP 1 yes', 'ops/host shop/api TCP 1 no'],
  },
  'a namespaceSelector, with a selector and alone': {
    policies: [
      np(
        { selector: "app == 'api'", ingress: [from({ selector: "app == 'web'", namespaceSelector: "team == 'b'" })] },
        'a',
      ),
      np({ selector: "app == 'six'", ingress: [from({ namespaceSelector: "projectcalico.org/name == 'ops'" })] }, 'b'),
    ],
    expect: [
      'ops/web shop/api TCP 1 yes',
      'shop/web shop/api TCP 1 no',
      'ops/web shop/six TCP 1 yes',
      'shop/web shop/six TCP 1 no',
      '1.2.3.4 shop/six TCP 1 no',
    ],
  },
  'the namespace’s name is a label in both forms': {
    policies: rules(from({ namespaceSelector: "kubernetes.io/metadata.name == 'ops'" })),
    expect: ['ops/web shop/api TCP 1 yes', 'shop/web shop/api TCP 1 no'],
  },
  'all() of namespaces: pods and network sets of some namespace': {
    policies: rules(from({ namespaceSelector: 'all()' })),
    expect: [
      'ops/web shop/api TCP 1 yes',
      '198.51.100.9 shop/api TCP 1 yes',
      '192.0.2.9 shop/api TCP 1 no',
      '1.2.3.4 shop/api TCP 1 no',
    ],
  },
  'global(): what has no namespace': {
    policies: rules(from({ namespaceSelector: 'global()', selector: 'has(kind)' })),
    expect: ['192.0.2.9 shop/api TCP 1 yes', '198.51.100.9 shop/api TCP 1 no', 'shop/web shop/api TCP 1 no'],
  },
  '!= holds where the label is missing': {
    policies: [gnp({ selector: "app == 'api'", ingress: [from({ selector: "app != 'web'" })] })],
    expect: ['192.0.2.9 shop/api TCP 1 yes', 'shop/web shop/api TCP 1 no', '1.2.3.4 shop/api TCP 1 no'],
  },
  'all() of endpoints is not every address': {
    policies: [gnp({ selector: "app == 'api'", ingress: [from({ selector: 'all()' })] })],
    expect: ['ops/web shop/api TCP 1 yes', '192.0.2.9 shop/api TCP 1 yes', '1.2.3.4 shop/api TCP 1 no'],
  },
  'network sets by labels; a pod’s address may be in one': {
    policies: [
      gnp({ selector: "app == 'api'", ingress: [from({ selector: "kind == 'far'" })] }),
      np({ selector: "app == 'six'", ingress: [from({ selector: 'has(kind)' })] }),
    ],
    expect: [
      '192.0.2.9 shop/api TCP 1 yes',
      '198.51.100.9 shop/api TCP 1 no',
      'ops/web shop/api TCP 1 yes',
      'shop/web shop/api TCP 1 no',
      '198.51.100.9 shop/six TCP 1 yes',
      '192.0.2.9 shop/six TCP 1 no',
    ],
  },
  'notSelector alone: in a global policy everything else, also outside': {
    policies: [gnp({ selector: "app == 'api'", ingress: [from({ notSelector: "app == 'web'" })] })],
    expect: ['shop/web shop/api TCP 1 no', 'shop/many shop/api TCP 1 yes', '1.2.3.4 shop/api TCP 1 yes'],
  },
  'notSelector alone: in a namespace’s policy the rest of the namespace': {
    policies: rules(from({ notSelector: "app == 'web'" })),
    expect: [
      'shop/web shop/api TCP 1 no',
      'shop/many shop/api TCP 1 yes',
      '1.2.3.4 shop/api TCP 1 no',
      'ops/web shop/api TCP 1 no',
    ],
  },
  'selector and notSelector': {
    policies: rules(from({ selector: 'has(app)', notSelector: "app == 'many'" })),
    expect: ['shop/web shop/api TCP 1 yes', 'shop/many shop/api TCP 1 no'],
  },
  'selector and nets: both': {
    policies: rules(from({ selector: 'has(app)', nets: ['10.1.0.1/32'] })),
    expect: ['shop/web shop/api TCP 1 yes', 'shop/six shop/api TCP 1 no'],
  },
  'nets alone are not confined to the namespace': {
    policies: rules(from({ nets: ['10.1.0.0/16'] })),
    expect: ['ops/web shop/api TCP 1 yes'],
  },
  'service accounts by name, in the namespace, and by label': {
    policies: [
      np({ selector: "app == 'api'", ingress: [from({ serviceAccounts: { names: ['robot', 'other'] } })] }, 'a'),
      np({ selector: "app == 'six'", ingress: [from({ serviceAccounts: { selector: "trust == 'high'" } })] }, 'b'),
      np({ selector: "app == 'many'", ingress: [from({ serviceAccounts: { names: ['default'] } })] }, 'c'),
    ],
    expect: [
      'shop/web shop/api TCP 1 yes',
      'shop/many shop/api TCP 1 no',
      'shop/web shop/six TCP 1 yes',
      'shop/many shop/six TCP 1 no',
      'shop/api shop/many TCP 1 yes',
      'shop/web shop/many TCP 1 no',
      'ops/web shop/many TCP 1 no',
    ],
  },
  'service accounts: name and label together': {
    policies: rules(from({ serviceAccounts: { names: ['robot'], selector: "trust == 'low'" } })),
    expect: ['shop/web shop/api TCP 1 no'],
  },
  'implicit labels of pods': {
    policies: [
      gnp({
        selector: "projectcalico.org/orchestrator == 'k8s' && projectcalico.org/namespace == 'shop'",
        ingress: [
          from({ selector: "projectcalico.org/serviceaccount == 'robot' || projectcalico.org/namespace == 'ops'" }),
        ],
      }),
    ],
    expect: [
      'shop/web shop/api TCP 1 yes',
      'ops/web shop/api TCP 1 yes',
      'shop/six shop/api TCP 1 no',
      'shop/six ops/web TCP 1 yes',
    ],
  },
  'both ends of a rule': {
    policies: [
      gnp({ ingress: [{ ...allow, source: { selector: "app == 'web'" }, destination: { selector: "app == 'api'" } }] }),
    ],
    expect: ['shop/web shop/api TCP 1 yes', 'shop/api shop/web TCP 1 no', 'shop/web ops/web TCP 1 no'],
  },
  'the other end of egress rules is the destination': {
    policies: [np({ egress: [to({ selector: "app == 'api'" })] })],
    expect: ['shop/web shop/api TCP 1 yes', 'shop/api shop/web TCP 1 no'],
  },
  'ports, ranges and names': {
    policies: rules(to({ ports: [80, '90:92', 'http'] })),
    expect: [
      'ops/web shop/web TCP 80 yes',
      'ops/web shop/web TCP 90 yes',
      'ops/web shop/web TCP 92 yes',
      'ops/web shop/web TCP 93 no',
      'ops/web shop/web TCP 8080 yes',
      'ops/web shop/api TCP 8080 no',
      'ops/web shop/web UDP 80 no',
    ],
  },
  'a named port without a protocol is of whichever it has': {
    policies: rules({ ...allow, destination: { ports: ['dns', 'http'] } }),
    expect: [
      'ops/web shop/api UDP 53 yes',
      'ops/web shop/api TCP 80 yes',
      'ops/web shop/api TCP 53 no',
      'ops/web shop/api ICMP 53 no',
    ],
  },
  notPorts: {
    policies: rules(to({ notPorts: [80, 'http'] }), {
      ...allow,
      protocol: 'UDP',
      destination: { ports: ['50:60'], notPorts: [53] },
    }),
    expect: [
      'ops/web shop/api TCP 80 no',
      'ops/web shop/api TCP 81 yes',
      'ops/web shop/web TCP 8080 no',
      'ops/web shop/web UDP 54 yes',
      'ops/web shop/web UDP 53 no',
    ],
  },
  'source ports are a condition': {
    policies: rules(
      { ...deny, protocol: 'UDP', source: { ports: [53] } },
      { ...allow, protocol: 'TCP', source: { notPorts: ['1:1023'] } },
      { ...allow, protocol: 'UDP' },
    ),
    expect: ['ops/web shop/api TCP 80 maybe', 'ops/web shop/api UDP 80 maybe', 'ops/web shop/api SCTP 80 no'],
  },
  'conditions on the way to what is decided anyway change nothing': {
    policies: rules(
      { ...deny, protocol: 'UDP', source: { ports: [53] } },
      { ...allow, protocol: 'TCP', source: { ports: [53] } },
      {
        ...allow,
        protocol: 'TCP',
      },
      deny,
    ),
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api UDP 80 no'],
  },
  'Pass on a condition': {
    policies: [
      tier('first', { order: 1 }),
      gnp({ tier: 'first', ingress: [{ ...pass, protocol: 'TCP', source: { ports: [53] } }, allow] }),
      np({ selector: "app == 'api'", ingress: [deny] }),
    ],
    expect: ['ops/web shop/api TCP 80 maybe', 'ops/web shop/web TCP 80 yes', 'ops/web shop/api UDP 80 yes'],
  },
  'HTTP is a condition, of TCP': {
    policies: rules({ ...allow, http: { methods: ['GET'] } }),
    expect: ['ops/web shop/api TCP 80 maybe', 'ops/web shop/api UDP 80 no'],
  },
  'destination.services: address, port and protocol': {
    policies: [np({ egress: [{ ...allow, destination: { services: { name: 'api', namespace: 'shop' } } }] })],
    expect: [
      'shop/web shop/api TCP 80 yes',
      'shop/web shop/api TCP 8000 no',
      'shop/web shop/api UDP 53 yes',
      'shop/web shop/api TCP 53 no',
      'shop/web shop/six TCP 80 no',
    ],
  },
  'a service that is not here': {
    policies: [
      np({
        egress: [
          { ...allow, destination: { services: { name: 'gone' } } },
          { ...allow, destination: { services: { name: 'kube-dns', namespace: 'kube-system' } } },
        ],
      }),
    ],
    expect: ['shop/web shop/api TCP 9 maybe', 'shop/web ops/web TCP 9 maybe'],
  },
  'source.services: the address alone; the policy’s own namespace': {
    policies: rules(from({ services: { name: 'api' } })),
    expect: ['shop/api shop/web TCP 9 yes', 'shop/many shop/web TCP 80 no', 'ops/web shop/web TCP 80 no'],
  },
};

export const calicoTable: Table = {
  objects,
  options: { families: 'calico' },
  rows: {
    ...tiersAndOrder,
    ...ruleMatching,
    'Cilium’s policies are not Calico’s': {
      policies: [
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumClusterwideNetworkPolicy',
          metadata: { name: 'deny' },
          spec: { endpointSelector: {}, ingress: [{}] },
        },
      ],
      expect: ['ops/web shop/api TCP 80 yes'],
    },
  },
};
