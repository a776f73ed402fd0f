/** FACTS A4.2 to A4.4 and B5, one row for each. */
import type { Row, Table } from './table.js';

const pod = (namespace: string, name: string, app: string, podIP: string, node: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app } },
  spec: { nodeName: node, containers: [], ...spec },
  status: { podIP },
});
const listening = (...ports: object[]) => ({ containers: [{ name: 'main', ports }] });
const node = (name: string, zone: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { zone } } });
const service = (namespace: string, app: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'back', namespace, labels: { tier: `${namespace}-back` } },
  spec: { selector: { app }, ports: [{ port: 8000, targetPort: 'http' }] },
});

const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ops', labels: { team: 'b' } } },
  node('n1', 'one'),
  node('n2', 'two'),
  pod('shop', 'web', 'web', '10.1.0.1', 'n1', {
    ...listening({ name: 'http', containerPort: 8080 }),
    serviceAccountName: 'robot',
  }),
  pod('shop', 'api', 'api', '10.1.0.2', 'n1', {
    ...listening({ name: 'http', containerPort: 80 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }),
  }),
  pod('ops', 'web', 'web', '10.1.0.4', 'n2'),
  pod('ops', 'host', 'web', '10.9.0.1', 'n1', { hostNetwork: true }),
  pod('ops', 'far', 'web', '10.9.0.2', 'n2', { hostNetwork: true }),
  service('shop', 'api'),
  service('ops', 'web'),
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumCIDRGroup',
    metadata: { name: 'partners', labels: { kind: 'near' } },
    spec: { externalCIDRs: ['198.51.100.0/24', '2001:db8::/32'] },
  },
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumCIDRGroup',
    metadata: { name: 'others', labels: { kind: 'far' } },
    spec: { externalCIDRs: ['192.0.2.0/24'] },
  },
];

const cnp = (spec: object | undefined, more: object = {}, name = 'cnp') => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'shop' },
  ...(spec === undefined ? {} : { spec: { endpointSelector: {}, ...spec } }),
  ...more,
});
const ccnp = (spec: object, name = 'ccnp') => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name },
  spec: { endpointSelector: {}, ...spec },
});
const np = (spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'np', namespace: 'shop' },
  spec,
});
const clusterWide = (tier: string, rules: object) => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: tier.toLowerCase() },
  spec: { tier, priority: 5, subject: { namespaces: {} }, ...rules },
});
const app = (name: string) => ({ matchLabels: { app: name } });
const all = { fromEntities: ['all'] };
const tcp = (...ports: string[]) => ({ ports: ports.map((port) => ({ port, protocol: 'TCP' })) });
/** Ingress entries of one policy about all pods of the namespace `shop`. */
const ingress = (...entries: object[]) => [cnp({ ingress: entries })];
const everyone = [{ namespaces: {} }];

const sections: Readonly<Record<string, Row>> = {
  'a pod that no policy selects is open': {
    policies: [cnp({ endpointSelector: app('api'), ingress: [{}] })],
    expect: ['ops/web shop/api TCP 80 no', 'ops/web shop/web TCP 80 yes', 'shop/api ops/web TCP 80 yes'],
  },
  'a policy of a namespace is about its pods alone, a clusterwide one about all': {
    policies: [cnp({ ingress: [{}] }), ccnp({ endpointSelector: app('web'), egress: [{}] })],
    expect: ['ops/web shop/api TCP 80 no', 'ops/web 1.2.3.4 TCP 80 no', '1.2.3.4 ops/web TCP 80 yes'],
  },
  'the namespace of the subject is overwritten': {
    policies: [cnp({ endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'ops' } }, ingress: [{}] })],
    expect: ['ops/web shop/api TCP 80 no', 'shop/api ops/web TCP 80 yes'],
  },
  'subjects by namespace, its labels and service account': {
    policies: [
      ccnp({ endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'ops' } }, ingress: [{}] }, 'a'),
      ccnp(
        { endpointSelector: { matchLabels: { 'io.cilium.k8s.policy.serviceaccount': 'robot' } }, ingress: [{}] },
        'b',
      ),
      ccnp(
        { endpointSelector: { matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'b' } }, egress: [{}] },
        'c',
      ),
    ],
    expect: [
      '1.2.3.4 ops/web TCP 80 no',
      '1.2.3.4 shop/web TCP 80 no',
      '1.2.3.4 shop/api TCP 80 yes',
      'ops/web 1.2.3.4 TCP 80 no',
      'shop/web 1.2.3.4 TCP 80 yes',
    ],
  },
  'policies only add': {
    policies: [...ingress({}), cnp({ ingress: [{ toPorts: [tcp('80')] }] }, {}, 'b')],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api TCP 81 no'],
  },
  'what denies is before what allows, of every kind': {
    policies: [
      np({ podSelector: {}, ingress: [{}] }),
      ccnp({ ingressDeny: [{ fromEntities: ['world'], toPorts: [tcp('80')] }] }),
      cnp({ ingress: [{ ...all, toPorts: [tcp('80')] }] }),
    ],
    expect: ['1.2.3.4 shop/api TCP 80 no', '1.2.3.4 shop/api TCP 81 yes', 'ops/web shop/api TCP 80 yes'],
  },
  'a policy that only denies turns on default deny': {
    policies: [cnp({ ingressDeny: [{ fromEntities: ['world'] }] })],
    expect: ['ops/web shop/api TCP 80 no', 'shop/api 1.2.3.4 TCP 80 yes'],
  },
  'unless it says that it does not': {
    policies: [
      cnp({ enableDefaultDeny: { ingress: false }, ingressDeny: [{ fromEntities: ['world'] }], egress: [{}] }),
    ],
    expect: ['ops/web shop/api TCP 80 yes', '1.2.3.4 shop/api TCP 80 no', 'shop/api 1.2.3.4 TCP 80 no'],
  },
  'one policy that isolates is enough': {
    policies: [
      cnp({ enableDefaultDeny: { ingress: false }, ingress: [{ toPorts: [tcp('80')] }] }),
      cnp({ ingress: [{}] }, {}, 'b'),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api TCP 81 no'],
  },
  'a direction without entries is open': {
    policies: [cnp({ ingress: [], egress: [{}] })],
    expect: ['ops/web shop/api TCP 80 yes', 'shop/api ops/web TCP 80 no'],
  },
  'spec and specs are rules of their own': {
    policies: [
      cnp(
        { endpointSelector: app('api'), ingress: [{ toPorts: [tcp('80')] }] },
        {
          specs: [
            { endpointSelector: app('web'), egress: [{}] },
            { endpointSelector: {}, ingress: [{ toPorts: [tcp('81')] }] },
          ],
        },
      ),
      cnp(undefined, { specs: [{ endpointSelector: app('api'), ingress: [{ toPorts: [tcp('82')] }] }] }, 'b'),
    ],
    expect: [
      'ops/web shop/api TCP 80 yes',
      'ops/web shop/api TCP 81 yes',
      'ops/web shop/api TCP 82 yes',
      'ops/web shop/web TCP 80 no',
      'shop/web 1.2.3.4 TCP 80 no',
      'shop/api 1.2.3.4 TCP 80 yes',
    ],
  },
  'the own node is let in, unless a rule denies it': {
    policies: [
      ...ingress({}),
      ccnp({ endpointSelector: app('api'), ingressDeny: [{ fromEntities: ['host'], toPorts: [tcp('22')] }] }),
    ],
    expect: [
      'ops/host shop/web TCP 80 yes',
      'ops/far shop/web TCP 80 no',
      'ops/host shop/api TCP 22 no',
      'ops/host shop/api TCP 23 yes',
    ],
  },
  'the way to the own node is policed': {
    policies: [cnp({ egress: [{}] })],
    expect: ['shop/web ops/host TCP 80 no'],
  },
  'host-network pods are not selected': {
    policies: [ccnp({ ingress: [{}], egress: [{}] })],
    expect: ['1.2.3.4 ops/host TCP 80 yes', 'ops/host 1.2.3.4 TCP 80 yes', 'ops/host ops/web TCP 80 no'],
  },
  'policies about nodes are not about pods': {
    policies: [ccnp({ endpointSelector: undefined, nodeSelector: {}, ingress: [{}] })],
    expect: ['1.2.3.4 shop/web TCP 80 yes'],
  },
  'united with network policies of Kubernetes': {
    policies: [
      np({ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] }),
      cnp({ ingress: [{ toPorts: [tcp('81')] }] }),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api TCP 81 yes', 'ops/web shop/api TCP 82 no'],
  },
  'rules of network policies count also where policyTypes leaves their direction out': {
    policies: [np({ podSelector: {}, policyTypes: ['Ingress'], ingress: [{}], egress: [{ ports: [{ port: 80 }] }] })],
    expect: ['shop/api 1.2.3.4 TCP 80 yes', 'shop/api 1.2.3.4 TCP 81 no'],
  },
  'without rules policyTypes isolates': {
    policies: [np({ podSelector: {}, policyTypes: ['Egress'] })],
    expect: ['shop/api 1.2.3.4 TCP 80 no', '1.2.3.4 shop/api TCP 80 yes'],
  },
  'an ipBlock is no pod’s': {
    policies: [np({ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })],
    expect: ['1.2.3.4 shop/api TCP 80 yes', 'ops/web shop/api TCP 80 no', 'ops/far shop/api TCP 80 no'],
  },
  'cluster network policies come before and after': {
    policies: [
      clusterWide('Admin', {
        ingress: [{ action: 'Deny', from: everyone, protocols: [{ udp: { destinationPort: { number: 53 } } }] }],
      }),
      clusterWide('Baseline', { ingress: [{ action: 'Deny', from: everyone }] }),
      cnp({ endpointSelector: app('api'), ingress: [all] }),
    ],
    expect: [
      'ops/web shop/api UDP 53 no',
      'ops/web shop/api UDP 54 yes',
      'ops/web shop/web UDP 54 no',
      '1.2.3.4 shop/web UDP 53 yes',
    ],
  },
  'a rule that does not isolate leaves it to the baseline': {
    policies: [
      clusterWide('Baseline', { ingress: [{ action: 'Deny', from: everyone }] }),
      cnp({ enableDefaultDeny: { ingress: false }, ingress: [{ ...all, toPorts: [tcp('80')] }] }),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api TCP 81 no', '1.2.3.4 shop/api TCP 81 yes'],
  },
  'an admin policy allows what Cilium’s denies, and passes': {
    policies: [
      clusterWide('Admin', {
        ingress: [
          { action: 'Accept', from: everyone, protocols: [{ tcp: { destinationPort: { number: 80 } } }] },
          { action: 'Pass', from: everyone },
        ],
      }),
      ccnp({ endpointSelector: app('api'), ingressDeny: [all] }),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api TCP 81 no', 'ops/web shop/web TCP 81 yes'],
  },
};

const shapes: Readonly<Record<string, Row>> = {
  'an empty entry allows nothing': {
    policies: ingress({}),
    expect: ['shop/web shop/api TCP 80 no', '1.2.3.4 shop/api TCP 80 no'],
  },
  'fromEndpoints [{}]: the namespace; clusterwide: all pods': {
    policies: [
      cnp({ endpointSelector: app('api'), ingress: [{ fromEndpoints: [{}] }] }),
      ccnp({ endpointSelector: app('web'), ingress: [{ fromEndpoints: [{}] }] }),
    ],
    expect: [
      'shop/web shop/api TCP 80 yes',
      'ops/web shop/api TCP 80 no',
      'ops/web shop/web TCP 80 yes',
      '1.2.3.4 shop/web TCP 80 no',
      'ops/far shop/web TCP 80 no',
    ],
  },
  ...Object.fromEntries(
    ['fromEndpoints', 'fromEntities', 'fromNodes', 'fromCIDR', 'fromCIDRSet'].map((key) => [
      `${key} [] is nobody, also with ports`,
      {
        policies: ingress({ [key]: [] }, { [key]: [], toPorts: [tcp('80')] }),
        expect: ['shop/web shop/api TCP 80 no', '1.2.3.4 shop/api TCP 80 no', 'ops/far shop/api TCP 80 no'],
      },
    ]),
  ),
  'ports alone: anybody': {
    policies: ingress({ toPorts: [tcp('80')] }),
    expect: [
      'ops/web shop/api TCP 80 yes',
      '1.2.3.4 shop/api TCP 80 yes',
      'ops/far shop/api TCP 80 yes',
      'ops/web shop/api TCP 81 no',
      'ops/web shop/api UDP 80 no',
    ],
  },
  'toPorts without ports allows nothing': {
    policies: ingress({ ...all, toPorts: [{}] }, { ...all, toPorts: [{ ports: [] }] }, { toPorts: [{}] }),
    expect: ['ops/web shop/api TCP 80 no'],
  },
  'one item of toPorts is enough': {
    policies: ingress({ ...all, toPorts: [{}, tcp('80'), tcp('81', '82')] }),
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api TCP 82 yes', 'ops/web shop/api TCP 83 no'],
  },
  'peer and ports: both': {
    policies: ingress({ fromEndpoints: [app('web')], toPorts: [tcp('80')] }),
    expect: ['shop/web shop/api TCP 80 yes', 'shop/web shop/api TCP 81 no', '1.2.3.4 shop/api TCP 80 no'],
  },
  'peers without ports: every protocol': {
    policies: ingress(all),
    expect: ['1.2.3.4 shop/api ICMP 8 yes', '1.2.3.4 shop/api other 47 yes', '1.2.3.4 shop/api SCTP 1 yes'],
  },
  'no protocol, and ANY: TCP, UDP and SCTP': {
    policies: ingress({ toPorts: [{ ports: [{ port: '0' }, { port: '1', protocol: 'ANY' }] }] }),
    expect: [
      '1.2.3.4 shop/api TCP 9 yes',
      '1.2.3.4 shop/api UDP 9 yes',
      '1.2.3.4 shop/api SCTP 9 yes',
      '1.2.3.4 shop/api ICMP 8 no',
      '1.2.3.4 shop/api other 47 no',
    ],
  },
  'port 0 is all of its protocol, whatever endPort': {
    policies: ingress({ toPorts: [{ ports: [{ port: '0', endPort: 9, protocol: 'TCP' }] }] }),
    expect: ['1.2.3.4 shop/api TCP 99 yes', '1.2.3.4 shop/api UDP 9 no'],
  },
  'endPort; one that is not larger is nothing': {
    policies: ingress({
      toPorts: [
        {
          ports: [
            { port: '80', endPort: 82 },
            { port: '90', endPort: 8 },
          ],
        },
      ],
    }),
    expect: [
      '1.2.3.4 shop/api TCP 82 yes',
      '1.2.3.4 shop/api TCP 83 no',
      '1.2.3.4 shop/api TCP 90 yes',
      '1.2.3.4 shop/api TCP 89 no',
    ],
  },
  'numbers as Go reads them': {
    policies: ingress({ toPorts: [tcp('010', '0x50')] }),
    expect: ['1.2.3.4 shop/api TCP 8 yes', '1.2.3.4 shop/api TCP 80 no', '1.2.3.4 shop/api TCP 10 no'],
  },
  'names, of any protocol where none is said; in lower case': {
    policies: ingress({ toPorts: [{ ports: [{ port: 'DNS' }] }, tcp('http')] }),
    expect: [
      '1.2.3.4 shop/api UDP 53 yes',
      '1.2.3.4 shop/api TCP 80 yes',
      '1.2.3.4 shop/web TCP 8080 yes',
      '1.2.3.4 shop/api TCP 8080 no',
      '1.2.3.4 shop/web UDP 53 no',
    ],
  },
  'names are the destination’s': {
    policies: [cnp({ egress: [{ toPorts: [tcp('http')] }] })],
    expect: ['shop/web shop/api TCP 80 yes', 'shop/web shop/api TCP 8080 no', 'shop/web 1.2.3.4 TCP 8080 no'],
  },
  'protocols that have no ports': {
    policies: ingress({ toPorts: [{ ports: [{ protocol: 'GRE' }] }] }),
    expect: ['1.2.3.4 shop/api other 47 yes', '1.2.3.4 shop/api other 50 no', '1.2.3.4 shop/api TCP 47 no'],
  },
  'icmps: those types alone': {
    policies: ingress(
      { icmps: [{ fields: [{ type: 8 }, { family: 'IPv6', type: 'EchoRequest' }] }] },
      { fromEntities: ['world'], icmps: [{ fields: [{ type: 'EchoReply' }] }] },
    ),
    expect: [
      'ops/web shop/api ICMP 8 yes',
      'ops/web shop/api ICMPv6 128 yes',
      'ops/web shop/api ICMP 128 no',
      'ops/web shop/api ICMPv6 8 no',
      'ops/web shop/api TCP 8 no',
      '1.2.3.4 shop/api ICMP 0 yes',
      'ops/web shop/api ICMP 0 no',
    ],
  },
  'other protocols on conditions': {
    policies: ingress(
      { toPorts: [{ ...tcp('80'), rules: { http: [{ method: 'GET' }] } }, tcp('81')] },
      { toPorts: [{ ...tcp('443'), serverNames: ['a.example'] }] },
      { ...all, toPorts: [tcp('22')], authentication: { mode: 'required' } },
      { ...all, toPorts: [tcp('23')], authentication: { mode: 'disabled' } },
    ),
    expect: [
      '1.2.3.4 shop/api TCP 80 maybe',
      '1.2.3.4 shop/api TCP 81 yes',
      '1.2.3.4 shop/api UDP 80 no',
      '1.2.3.4 shop/api TCP 443 maybe',
      '1.2.3.4 shop/api TCP 22 maybe',
      '1.2.3.4 shop/api TCP 23 yes',
    ],
  },
  'a wider rule without the condition makes it void': {
    policies: ingress(
      { fromEndpoints: [app('web')], toPorts: [{ ...tcp('80'), rules: { http: [{ method: 'GET' }] } }] },
      { fromEndpoints: [{}] },
    ),
    expect: ['shop/web shop/api TCP 80 yes'],
  },
  'a rule that does not isolate keeps nothing out by its conditions': {
    policies: [
      cnp({
        enableDefaultDeny: { ingress: false },
        ingress: [{ toPorts: [{ ...tcp('80'), rules: { http: [{ method: 'GET' }] } }] }],
      }),
      cnp({ ingress: [{}] }, {}, 'b'),
    ],
    expect: ['ops/web shop/api TCP 80 yes', 'ops/web shop/api TCP 81 no'],
  },
  'what denies is before what allows on conditions': {
    policies: [
      cnp({
        ingressDeny: [{ fromEntities: ['world'] }],
        ingress: [{ toPorts: [{ ...tcp('80'), rules: { http: [{ method: 'GET' }] } }] }],
      }),
    ],
    expect: ['1.2.3.4 shop/api TCP 80 no', 'ops/web shop/api TCP 80 maybe'],
  },
  'DNS rules, and one that lets every name through': {
    policies: [
      cnp({
        egress: [
          { toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName: 'a.example' }] } }] },
          {
            toPorts: [
              {
                ports: [{ port: '54', protocol: 'UDP' }],
                rules: { dns: [{ matchName: 'a.example' }, { matchPattern: '*' }] },
              },
            ],
          },
        ],
      }),
    ],
    expect: ['shop/web 1.2.3.4 UDP 53 maybe', 'shop/web 1.2.3.4 UDP 54 yes'],
  },
};

const peers: Readonly<Record<string, Row>> = {
  'a selector in a namespace’s policy stays in it': {
    policies: ingress({ fromEndpoints: [app('web')] }),
    expect: [
      'shop/web shop/api TCP 80 yes',
      'ops/web shop/api TCP 80 no',
      'ops/host shop/api TCP 80 yes',
      'ops/far shop/api TCP 80 no',
    ],
  },
  'keys with a source, and with none': {
    policies: ingress(
      { fromEndpoints: [{ matchLabels: { 'k8s:app': 'web' } }], toPorts: [tcp('1')] },
      { fromEndpoints: [{ matchLabels: { 'any:app': 'web' } }], toPorts: [tcp('2')] },
      { fromEndpoints: [{ matchLabels: { 'container:app': 'web' } }], toPorts: [tcp('3')] },
      {
        fromEndpoints: [{ matchExpressions: [{ key: 'k8s:app', operator: 'NotIn', values: ['api'] }] }],
        toPorts: [tcp('4')],
      },
    ),
    expect: [
      'shop/web shop/api TCP 1 yes',
      'shop/web shop/api TCP 2 yes',
      'shop/web shop/api TCP 3 no',
      'shop/web shop/api TCP 4 yes',
      'ops/web shop/api TCP 4 no',
    ],
  },
  'a namespace by name': {
    policies: ingress(
      { fromEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'ops' } }], toPorts: [tcp('1')] },
      {
        fromEndpoints: [{ matchExpressions: [{ key: 'io.kubernetes.pod.namespace', operator: 'Exists' }] }],
        toPorts: [tcp('2')],
      },
    ),
    expect: [
      'ops/web shop/api TCP 1 yes',
      'shop/web shop/api TCP 1 no',
      'ops/web shop/api TCP 2 yes',
      'shop/web shop/api TCP 2 yes',
      '1.2.3.4 shop/api TCP 2 no',
    ],
  },
  'a namespace by label': {
    policies: ingress({ fromEndpoints: [{ matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'b' } }] }),
    expect: ['ops/web shop/api TCP 1 yes', 'shop/web shop/api TCP 1 no'],
  },
  'a namespace’s name as its label': {
    policies: [
      ccnp({
        endpointSelector: app('api'),
        ingress: [
          { fromEndpoints: [{ matchLabels: { 'io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name': 'ops' } }] },
        ],
      }),
    ],
    expect: ['ops/web shop/api TCP 1 yes', 'shop/web shop/api TCP 1 no'],
  },
  'a key that holds where it is missing opens to what has no namespace': {
    policies: [
      cnp({
        endpointSelector: app('api'),
        ingress: [
          {
            fromEndpoints: [
              { matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'NotIn', values: ['shop'] }] },
            ],
          },
        ],
      }),
      ccnp({
        endpointSelector: app('web'),
        ingress: [
          {
            fromEndpoints: [
              {
                matchExpressions: [
                  { key: 'k8s:io.cilium.k8s.namespace.labels.team', operator: 'NotIn', values: ['a'] },
                ],
              },
            ],
          },
        ],
      }),
    ],
    expect: [
      'ops/web shop/api TCP 1 yes',
      '1.2.3.4 shop/api TCP 1 yes',
      'shop/web shop/api TCP 1 no',
      'ops/web shop/web TCP 1 yes',
      '1.2.3.4 shop/web TCP 1 no',
    ],
  },
  'service accounts': {
    policies: ingress({ fromEndpoints: [{ matchLabels: { 'io.cilium.k8s.policy.serviceaccount': 'robot' } }] }),
    expect: ['shop/web shop/api TCP 1 yes', 'ops/web shop/api TCP 1 no'],
  },
  'the local cluster': {
    policies: ingress({ fromEndpoints: [{ matchLabels: { 'io.cilium.k8s.policy.cluster': 'default' } }] }),
    expect: ['shop/web shop/api TCP 1 yes'],
  },
  'reserved identities': {
    policies: ingress(
      { fromEndpoints: [{ matchLabels: { 'reserved:remote-node': '' } }], toPorts: [tcp('1')] },
      { fromEndpoints: [{ matchExpressions: [{ key: 'reserved:world', operator: 'Exists' }] }], toPorts: [tcp('2')] },
    ),
    expect: [
      'ops/far shop/api TCP 1 yes',
      '1.2.3.4 shop/api TCP 1 no',
      '1.2.3.4 shop/api TCP 2 yes',
      'shop/web shop/api TCP 1 no',
    ],
  },
  'entities, of four ends': {
    policies: [
      cnp({
        egress: ['all', 'world', 'cluster', 'host', 'remote-node', 'kube-apiserver', 'none', 'init', 'health'].map(
          (entity, index) => ({ toEntities: [entity], toPorts: [tcp(String(index + 1))] }),
        ),
      }),
    ],
    expect: [
      'shop/web ops/web TCP 1 yes',
      'shop/web 1.2.3.4 TCP 1 yes',
      'shop/web ops/far TCP 1 yes',
      'shop/web ops/web TCP 2 no',
      'shop/web 1.2.3.4 TCP 2 yes',
      'shop/web ops/host TCP 2 no',
      'shop/web ops/web TCP 3 yes',
      'shop/web ops/host TCP 3 yes',
      'shop/web ops/far TCP 3 yes',
      'shop/web 1.2.3.4 TCP 3 no',
      'shop/web ops/host TCP 4 yes',
      'shop/web ops/far TCP 4 no',
      'shop/web ops/web TCP 4 no',
      'shop/web ops/far TCP 5 yes',
      'shop/web ops/host TCP 5 no',
      'shop/web ops/far TCP 6 no',
      'shop/web 1.2.3.4 TCP 7 no',
      'shop/web ops/web TCP 8 no',
      'shop/web ops/web TCP 9 no',
    ],
  },
  'several peers of a list: any': {
    policies: ingress({ fromEntities: ['world', 'remote-node'] }),
    expect: ['1.2.3.4 shop/api TCP 1 yes', 'ops/far shop/api TCP 1 yes', 'ops/web shop/api TCP 1 no'],
  },
  'CIDR is for what is outside alone': {
    policies: ingress({ fromCIDR: ['10.0.0.0/8', '1.2.3.4/32'] }),
    expect: [
      '10.7.0.1 shop/api TCP 1 yes',
      '1.2.3.4 shop/api TCP 1 yes',
      'ops/web shop/api TCP 1 no',
      'ops/far shop/api TCP 1 no',
      '1.2.3.5 shop/api TCP 1 no',
    ],
  },
  'CIDR sets, exceptions and groups': {
    policies: ingress(
      { fromCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.7.0.0/16', '10.8.0.0/16'] }] },
      { fromCIDRSet: [{ cidrGroupRef: 'partners', except: ['198.51.100.128/25'] }] },
      { fromCIDRSet: [{ cidrGroupSelector: { matchLabels: { kind: 'far' } } }] },
    ),
    expect: [
      '10.9.9.9 shop/api TCP 1 yes',
      '10.7.0.1 shop/api TCP 1 no',
      '10.8.0.1 shop/api TCP 1 no',
      'ops/web shop/api TCP 1 no',
      '198.51.100.1 shop/api TCP 1 yes',
      '198.51.100.200 shop/api TCP 1 no',
      '2001:db8::1 shop/api TCP 1 yes',
      '192.0.2.1 shop/api TCP 1 yes',
      '192.0.3.1 shop/api TCP 1 no',
    ],
  },
  'an empty selector of groups is every group': {
    policies: ingress({ fromCIDRSet: [{ cidrGroupSelector: {} }] }),
    expect: ['198.51.100.1 shop/api TCP 1 yes', '192.0.2.1 shop/api TCP 1 yes', '1.2.3.4 shop/api TCP 1 no'],
  },
  'nodes: others, by label': {
    policies: ingress(
      { fromNodes: [{ matchLabels: { zone: 'two' } }], toPorts: [tcp('80')] },
      { fromNodes: [{ matchLabels: { zone: 'one' } }], toPorts: [tcp('1')] },
    ),
    expect: ['ops/far shop/api TCP 80 yes', 'ops/far shop/api TCP 1 no', 'ops/web shop/api TCP 80 no'],
  },
  'nodes: not the own one': {
    policies: [cnp({ egress: [{ toNodes: [{}] }] })],
    expect: ['shop/web ops/far TCP 80 yes', 'shop/web ops/host TCP 80 no', 'shop/web 1.2.3.4 TCP 80 no'],
  },
  'services: their pods, on every port': {
    policies: [
      cnp({
        egress: [
          { toServices: [{ k8sService: { serviceName: 'back', namespace: 'shop' } }] },
          {
            toServices: [{ k8sServiceSelector: { selector: { matchLabels: { tier: 'ops-back' } }, namespace: 'ops' } }],
            toPorts: [tcp('7')],
          },
        ],
      }),
    ],
    expect: [
      'shop/web shop/api TCP 9 yes',
      'ops/web shop/web TCP 7 yes',
      'shop/api ops/web TCP 7 yes',
      'shop/api ops/web TCP 8 no',
      'shop/api shop/web TCP 7 no',
      'shop/api ops/far TCP 7 no',
    ],
  },
  'services by labels, and in the policy’s own namespace': {
    policies: [
      cnp({
        egress: [
          {
            toServices: [
              { k8sServiceSelector: { selector: { matchLabels: { tier: 'ops-back' } }, namespace: 'shop' } },
            ],
            toPorts: [tcp('1')],
          },
          { toServices: [{ k8sService: { serviceName: 'back' } }], toPorts: [tcp('2')] },
        ],
      }),
    ],
    expect: ['shop/web shop/api TCP 1 maybe', 'shop/web shop/api TCP 2 yes', 'shop/web ops/web TCP 2 no'],
  },
  'a service that is not here': {
    policies: [
      cnp({
        egress: [
          { toServices: [{ k8sService: { serviceName: 'gone', namespace: 'shop' } }], toPorts: [tcp('1')] },
          { toServices: [{ k8sService: { serviceName: 'kube-dns', namespace: 'kube-system' } }], toPorts: [tcp('53')] },
        ],
      }),
    ],
    expect: [
      'shop/web shop/api TCP 1 maybe',
      'shop/web ops/web TCP 1 no',
      'shop/web ops/far TCP 1 no',
      'shop/web 1.2.3.4 TCP 1 maybe',
      'shop/web shop/api TCP 53 no',
    ],
  },
  'domain names are nothing that is known': {
    policies: [cnp({ egress: [{ toFQDNs: [{ matchPattern: '*' }], toPorts: [tcp('443')] }] })],
    expect: ['shop/web 1.2.3.4 TCP 443 no', 'shop/web ops/web TCP 443 no'],
  },
  'groups of a cloud are nothing that is known': {
    policies: [cnp({ egress: [{ toGroups: [{ aws: { region: 'x' } }], toPorts: [tcp('443')] }] })],
    expect: ['shop/web 1.2.3.4 TCP 443 no'],
  },
};

export const ciliumTable: Table = {
  objects,
  options: { families: 'cilium' },
  rows: {
    ...sections,
    ...shapes,
    ...peers,
    'Calico’s policies are not Cilium’s': {
      policies: [
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'GlobalNetworkPolicy',
          metadata: { name: 'deny' },
          spec: { types: ['Ingress'] },
        },
      ],
      expect: ['ops/web shop/api TCP 80 yes'],
    },
  },
};
