import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { resourcesOf } from '#server/kinds/index.js';
import { networkPolicyKind } from '#server/kinds/kubernetes/index.js';
import { jsonSchemaOf } from '#server/kinds/schema.js';
import type { Peer } from '#server/model/peer.js';
import type { Policy } from '#server/model/policy.js';
import { allPorts, equal, printPorts } from '#server/model/ports.js';
import { isEverything, type Selector } from '#server/model/selector.js';
import { documentOf } from '#server/text/document.js';

function policyOf(text: string): Policy {
  const [resource] = resourcesOf(documentOf('file:///a.yaml', text));
  assert.ok(resource?.object?.type === 'policy');
  return resource.object.value;
}

function cnp(spec: string): Policy {
  return policyOf(`apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec:
  tier: Admin
  priority: 7
  subject: {namespaces: {}}
${spec}`);
}

function anp(spec: string, kind = 'AdminNetworkPolicy'): Policy {
  return policyOf(`apiVersion: policy.networking.k8s.io/v1alpha1
kind: ${kind}
metadata: {name: default}
spec:
  ${kind === 'AdminNetworkPolicy' ? 'priority: 9\n  ' : ''}subject: {namespaces: {matchLabels: {team: a}}}
${spec}`);
}

const team: Selector = { op: 'In', key: 'team', values: ['a'] };

function textOf(place: { document: { text: string }; range: { start: number; end: number } }): string {
  return place.document.text.slice(place.range.start, place.range.end);
}

function words(peer: Peer): string {
  const mark = peer.uncertain ? '?' : '';
  switch (peer.kind) {
    case 'pods': {
      const namespaces = peer.namespaces.own ? 'own' : selectorWords(peer.namespaces.selector);
      return `pods ${selectorWords(peer.pods)} in ${namespaces}${mark}`;
    }
    case 'addresses':
      return `${peer.cidr.text}${mark}`;
    case 'nodes':
      return `nodes ${selectorWords(peer.nodes)}${mark}`;
    case 'domains':
      return `${peer.patterns.join(' ')}${mark}`;
    default:
      return `anything${mark}`;
  }
}

function selectorWords(selector: Selector): string {
  return isEverything(selector) ? 'all' : JSON.stringify('values' in selector ? selector.values : selector);
}

const peersOf = (policy: Policy) => policy.rules.map(({ peers }) => peers.map(words));

test('who and when: kind, scope, order, subject', () => {
  const policy = cnp('');
  assert.equal(policy.family, 'cluster');
  assert.equal(policy.clusterWide, true);
  assert.equal(policy.namespace, undefined);
  assert.deepEqual(policy.isolates, []);
  assert.deepEqual(policy.order, { tier: 'admin', priority: 7 });
  assert.equal(policy.uncertain, false);
  assert.ok(!policy.subject.namespaces.own && isEverything(policy.subject.namespaces.selector));
  assert.ok(isEverything(policy.subject.pods));
  assert.equal(policy.subject.source && textOf(policy.subject.source.at), 'namespaces');
  assert.equal(textOf(policy.at), 'a');
  assert.equal(textOf(policy.kindAt), 'ClusterNetworkPolicy');
  assert.deepEqual(anp('').order, { tier: 'admin', priority: 9 });
  assert.deepEqual(anp('').subject.namespaces, { own: false, selector: team });
  assert.deepEqual(anp('', 'BaselineAdminNetworkPolicy').order, { tier: 'baseline', priority: 0 });
  assert.equal(anp('', 'BaselineAdminNetworkPolicy').uncertain, false);
});

test('the tier Baseline, and a subject by pods', () => {
  const policy = policyOf(`apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec:
  tier: Baseline
  priority: 0
  subject: {pods: {podSelector: {matchLabels: {team: a}}}}
`);
  assert.deepEqual(policy.order, { tier: 'baseline', priority: 0 });
  assert.ok(!policy.subject.namespaces.own && isEverything(policy.subject.namespaces.selector));
  assert.deepEqual(policy.subject.pods, team);
  assert.equal(policy.subject.source && textOf(policy.subject.source.at), 'podSelector');
  assert.equal(policy.uncertain, false);
});

test('actions, names and places of rules', () => {
  const policy = cnp(`  ingress:
    - {name: one, action: Accept, from: [{namespaces: {}}]}
    - {action: Deny, from: [{namespaces: {}}]}
  egress:
    - {action: Pass, to: [{namespaces: {}}]}
`);
  assert.deepEqual(
    policy.rules.map(({ name, action, direction, index, uncertain }) => [name, action, direction, index, uncertain]),
    [
      ['one', 'Allow', 'ingress', 0, false],
      [undefined, 'Deny', 'ingress', 1, false],
      [undefined, 'Pass', 'egress', 0, false],
    ],
  );
  const words = (kind: string, action: string) =>
    anp(`  egress: [{action: ${action}, to: [{namespaces: {}}]}]\n`, kind).rules.map(({ action, uncertain }) =>
      uncertain ? 'unknown' : action,
    );
  assert.deepEqual(words('AdminNetworkPolicy', 'Allow'), ['Allow']);
  assert.deepEqual(words('AdminNetworkPolicy', 'Pass'), ['Pass']);
  assert.deepEqual(words('AdminNetworkPolicy', 'Accept'), ['unknown']);
  assert.deepEqual(words('BaselineAdminNetworkPolicy', 'Pass'), ['unknown']);
});

test('peers: each address range is one of its own', () => {
  const policy = cnp(`  egress:
    - action: Accept
      to:
        - namespaces: {matchLabels: {team: a}}
        - pods: {podSelector: {matchLabels: {team: a}}}
        - pods: {namespaceSelector: {matchLabels: {team: b}}, podSelector: {}}
        - networks: [10.0.0.0/8, "2001:db8::/32"]
        - nodes: {matchLabels: {team: a}}
        - domainNames: ["*.example.com", example.com]
`);
  assert.deepEqual(peersOf(policy), [
    [
      'pods all in ["a"]',
      'pods ["a"] in all',
      'pods all in ["b"]',
      '10.0.0.0/8',
      '2001:db8::/32',
      'nodes ["a"]',
      '*.example.com example.com',
    ],
  ]);
  const [rule] = policy.rules;
  const [namespaces, , both, network] = rule?.peers ?? [];
  assert.ok(namespaces?.kind === 'pods' && namespaces.podSource === undefined);
  assert.equal(namespaces.namespaceSource && textOf(namespaces.namespaceSource.at), 'namespaces');
  assert.ok(both?.kind === 'pods' && both.namespaceSource && both.podSource);
  assert.equal(textOf(both.namespaceSource.at), 'namespaceSelector');
  assert.equal(network && textOf(network.at), '10.0.0.0/8');
});

test('a required selector that is left out is read as implementations read it', () => {
  const policy = anp('  ingress: [{action: Deny, from: [{pods: {namespaceSelector: {matchLabels: {team: a}}}}]}]\n');
  assert.deepEqual(peersOf(policy), [['pods all in ["a"]']]);
  assert.equal(policy.uncertain, false);
});

test('a wrong peer costs that peer', () => {
  const peers = (list: string, direction = 'egress') =>
    peersOf(cnp(`  ${direction}: [{action: Deny, ${direction === 'egress' ? 'to' : 'from'}: ${list}}]\n`))[0];
  assert.deepEqual(peers('[{namespaces: {}}, {networks: [10.0.0.0/99, 10.0.0.0/8]}]'), [
    'pods all in all',
    'anything?',
    '10.0.0.0/8',
  ]);
  assert.deepEqual(peers('[{namespaces: {}, nodes: {}}]'), ['pods all in all?']);
  assert.deepEqual(peers('[{}, {networks: []}, {domainNames: [1]}]'), ['anything?', 'anything?', '?']);
  assert.deepEqual(peers('[{networks: [10.0.0.0/8]}]', 'ingress'), ['anything?']);
  assert.deepEqual(peers('[]'), ['anything?']);
  assert.deepEqual(peers('{}'), ['anything?']);
  assert.deepEqual(peers('[{namespaces: {namespaceSelector: {}}}]'), ['pods all in all?']);
});

const portsOf = (policy: Policy) =>
  policy.rules.map(({ ports, uncertain }) => `${printPorts(ports)}${uncertain ? '?' : ''}`);

test('ports of v1alpha2', () => {
  const ports = (list: string) =>
    portsOf(cnp(`  ingress: [{action: Deny, from: [{namespaces: {}}], protocols: ${list}}]\n`));
  assert.deepEqual(portsOf(cnp('  ingress: [{action: Deny, from: [{namespaces: {}}]}]\n')), ['every port']);
  assert.deepEqual(ports('null'), ['every port']);
  assert.deepEqual(
    ports('[{tcp: {destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: 1, end: 9}}}}]'),
    ['TCP 80, UDP 1-9'],
  );
  assert.deepEqual(ports('[{sctp: {destinationPort: {number: 7}}}]'), ['SCTP 7']);
  assert.deepEqual(ports('[{destinationNamedPort: web}]'), [
    'TCP port named web, UDP port named web, SCTP port named web',
  ]);
  for (const wrong of [
    '{tcp: {}}',
    '{tcp: {destinationPort: {number: 0}}}',
    '{tcp: {destinationPort: {range: {start: 9, end: 1}}}}',
    '{tcp: {destinationPort: {number: 1, range: {start: 1, end: 2}}}}',
    '{icmp: {}}',
    '{}',
    'null',
    '{tcp: {destinationPort: {number: 1}}, destinationNamedPort: a}',
    '{constructor: {destinationPort: {number: 1}}}',
  ]) {
    assert.deepEqual(ports(`[{udp: {destinationPort: {number: 5}}}, ${wrong}]`), ['UDP 5?'], wrong);
  }
  assert.deepEqual(ports('[]'), ['every port?']);
});

test('ports of v1alpha1', () => {
  const ports = (list: string) =>
    portsOf(anp(`  ingress: [{action: Deny, from: [{namespaces: {}}], ports: ${list}}]\n`));
  assert.deepEqual(ports('[{portNumber: {port: 80}}, {portNumber: {protocol: UDP, port: 53}}]'), ['TCP 80, UDP 53']);
  assert.deepEqual(ports('[{portRange: {protocol: SCTP, start: 5, end: 6}}]'), ['SCTP 5-6']);
  assert.deepEqual(ports('[{portRange: {start: 5, end: 5}}]'), ['TCP 5']);
  assert.deepEqual(ports('[{namedPort: web}]'), ['TCP port named web, UDP port named web, SCTP port named web']);
  assert.deepEqual(ports('[{portRange: {start: 6, end: 5}}]'), ['nothing'], 'the server takes it, and it is empty');
  assert.deepEqual(ports('[{portNumber: {protocol: ICMP, port: 8}}, {portNumber: {port: 1}}]'), ['TCP 1?']);
  assert.deepEqual(ports('[{portNumber: {protocol: tcp, port: 8}}]'), ['nothing?']);
});

test('clauses keep their places', () => {
  const [rule] = anp(
    '  ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portRange: {protocol: UDP, start: 5, end: 6}}]}]\n',
  ).rules;
  const [clause] = rule?.clauses ?? [];
  assert.ok(clause?.portAt && clause.endPortAt && clause.protocolAt);
  assert.deepEqual([clause.from, clause.to, clause.protocol], [5, 6, 'UDP']);
  assert.deepEqual([textOf(clause.portAt), textOf(clause.endPortAt), textOf(clause.protocolAt)], ['5', '6', 'UDP']);
});

test('what is not known is said to be uncertain, and nothing throws', () => {
  const valid = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec:
  tier: Admin
  priority: 7
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
`;
  assert.equal(policyOf(valid).uncertain, false);
  for (const [from, to] of [
    ['tier: Admin', 'tier: admin'],
    ['tier: Admin', 'teir: Admin'],
    ['tier: Admin', 'tier: "{{ .Values.tier }}"'],
    ['priority: 7', 'priority: 1001'],
    ['priority: 7', 'priority: seven'],
    ['subject: {namespaces: {}}', 'subject: {}'],
    ['subject: {namespaces: {}}', 'subject:'],
    ['subject: {namespaces: {}}', 'subject: [a]'],
    ['action: Deny', 'action: deny'],
    ['action: Deny', 'actoin: Deny'],
    ['[{action: Deny, from: [{namespaces: {}}]}]', 'Deny'],
    ['[{action: Deny, from: [{namespaces: {}}]}]', '[null]'],
    ['[{namespaces: {}}]', '[{namespaces: {matchExpressions: [{key: a, operator: in}]}}]'],
  ] as const) {
    assert.ok(valid.includes(from));
    assert.equal(policyOf(valid.replace(from, to)).uncertain, true, to);
  }
  const text = valid.replace('spec:', 'spec: # all');
  assert.ok(parse(text));
  for (let end = 0; end <= text.length; end++) {
    for (const { object } of resourcesOf(documentOf('file:///a.yaml', text.slice(0, end)))) assert.ok(object);
  }
});

test('all ports are all of them', () => {
  assert.ok(equal(cnp('  egress: [{action: Deny, to: [{nodes: {}}]}]\n').rules[0]?.ports ?? allPorts, allPorts));
});

test('a version that servers no longer offer is read, and not proposed', () => {
  const text = `apiVersion: extensions/v1beta1
kind: NetworkPolicy
metadata: {name: a, namespace: b}
spec: {podSelector: {matchLabels: {team: a}}, ingress: [{}]}
`;
  const [resource] = resourcesOf(documentOf('file:///a.yaml', text));
  assert.equal(resource?.kind, networkPolicyKind);
  assert.deepEqual(policyOf(text).subject.pods, team);
  assert.ok(!JSON.stringify(jsonSchemaOf(networkPolicyKind)).includes('v1beta1'));
});

test('the items of a typed list need not say what they are', () => {
  const policy = policyOf(`apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicyList
items:
  - metadata: {name: a}
    spec: {tier: Baseline, priority: 3, subject: {namespaces: {}}}
`);
  assert.deepEqual(
    [policy.kind, policy.name, policy.order],
    ['ClusterNetworkPolicy', 'a', { tier: 'baseline', priority: 3 }],
  );
});
