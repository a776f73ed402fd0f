import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourcesOf } from '#server/kinds/index.js';
import { printAddresses } from '#server/model/addresses.js';
import type { Peer } from '#server/model/peer.js';
import type { Policy, Rule } from '#server/model/policy.js';
import { printPorts } from '#server/model/ports.js';
import { printSelector } from '#server/model/print.js';
import { isEverything, matches, type Selector } from '#server/model/selector.js';
import { documentOf } from '#server/text/document.js';

function objects(text: string) {
  return resourcesOf(documentOf('file:///a.yaml', text)).map(({ object }) => object);
}

function policies(text: string): readonly Policy[] {
  return objects(text).map((object) => {
    assert.ok(object?.type === 'policy');
    return object.value;
  });
}

function one(all: readonly Policy[]): Policy {
  const [policy] = all;
  assert.ok(policy !== undefined && all.length === 1);
  return policy;
}

function cnp(spec: string): Policy {
  return one(
    policies(`apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  endpointSelector: {}
${spec}`),
  );
}

function ccnp(spec: string): Policy {
  return one(
    policies(`apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: a}
spec:
${spec}`),
  );
}

function selectorWords(selector: Selector): string {
  return isEverything(selector) ? 'all' : printSelector(selector);
}

function words(peer: Peer): string {
  const mark = peer.uncertain ? '?' : '';
  switch (peer.kind) {
    case 'pods': {
      const namespaces = peer.namespaces.own ? 'own' : selectorWords(peer.namespaces.selector);
      return `pods ${selectorWords(peer.pods)} in ${namespaces}${mark}`;
    }
    case 'addresses':
      return `${printAddresses(peer.addresses)}${mark}`;
    case 'nodes':
      return `nodes ${selectorWords(peer.nodes)}${mark}`;
    case 'domains':
      return `domains ${peer.patterns.join(' ')}${mark}`;
    case 'entity':
      return `${peer.entity}${mark}`;
    case 'service': {
      const by = peer.name ?? (peer.selector === undefined ? '' : selectorWords(peer.selector));
      return `service ${by} in ${peer.anyNamespace === true ? 'any' : (peer.namespace ?? 'own')}${mark}`;
    }
    case 'address set':
      return `set ${peer.name ?? (peer.selector === undefined ? '' : selectorWords(peer.selector))}${mark}`;
    default:
      return `${peer.kind}${mark}`;
  }
}

function ruleWords(rule: Rule): string {
  const limits = (rule.constraints ?? []).map(({ words, limits }) => (limits ? words : `(${words})`));
  return [
    `${rule.action} ${rule.direction}[${rule.index}]${rule.uncertain ? '?' : ''}`,
    rule.peers.map(words).join(' | ') || 'nobody',
    [printPorts(rule.ports), ...limits].join(', '),
  ].join(': ');
}

function rules(spec: string): readonly string[] {
  return cnp(spec).rules.map(ruleWords);
}

test('the shape of an entry', () => {
  const shapes: readonly (readonly [string, string])[] = [
    ['{}', 'nobody: every port'],
    ['{fromEndpoints: [{}]}', 'pods all in own: every port'],
    ['{fromEndpoints: []}', 'nobody: every port'],
    ['{fromEndpoints: [], toPorts: [{ports: [{port: "80"}]}]}', 'nobody: TCP 80, UDP 80, SCTP 80'],
    ['{toPorts: [{ports: [{port: "80", protocol: TCP}]}]}', 'anything: TCP 80'],
    ['{toPorts: [{}]}', 'anything: nothing'],
    ['{toPorts: [{ports: []}]}', 'anything: nothing'],
    ['{fromEntities: [all]}', 'all: every port'],
    ['{fromEntities: [world, host]}', 'world | host: every port'],
    ['{fromCIDR: [10.0.0.0/8], toPorts: []}', '10.0.0.0/8: every port'],
    ['{icmps: [{fields: [{type: 8}, {family: IPv6, type: EchoRequest}]}]}', 'anything: ICMP type 8, ICMPv6 type 128'],
    ['{fromEndpoints: [{}], icmps: [{fields: [{type: "EchoReply"}]}]}', 'pods all in own: ICMP type 0'],
  ];
  for (const [entry, expected] of shapes) {
    assert.deepEqual(rules(`  ingress:\n  - ${entry}`), [`Allow ingress[0]: ${expected}`], entry);
  }
});

test('ports', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{port: "0"}', 'all TCP, UDP and SCTP ports'],
    ['{port: "0", protocol: UDP}', 'all UDP ports'],
    ['{port: "8080", endPort: 8090, protocol: TCP}', 'TCP 8080-8090'],
    ['{port: "8080", endPort: 80, protocol: TCP}', 'TCP 8080'],
    ['{port: "8080", endPort: 0, protocol: TCP}', 'TCP 8080'],
    ['{port: "010", protocol: TCP}', 'TCP 8'],
    ['{port: HTTP, protocol: TCP}', 'TCP port named http'],
    ['{port: http, endPort: 90, protocol: TCP}', 'TCP port named http'],
    ['{port: "53", protocol: ANY}', 'TCP 53, UDP 53, SCTP 53'],
    ['{protocol: GRE}', 'IP protocol 47'],
  ];
  for (const [port, expected] of cases) {
    const [rule] = cnp(`  egress:\n  - toPorts: [{ports: [${port}]}]`).rules;
    assert.ok(rule !== undefined && !rule.uncertain, port);
    assert.equal(printPorts(rule.ports), expected, port);
  }
  for (const port of [
    '{port: "080", protocol: TCP}',
    '{port: "70000"}',
    '{port: 80}',
    '{}',
    '{port: "80", protocol: FOO}',
  ]) {
    assert.ok(cnp(`  egress:\n  - toPorts: [{ports: [${port}]}]`).uncertain, port);
  }
});

test('peers of a policy with a namespace', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['fromEndpoints: [{matchLabels: {app: a}}]', 'pods app=a in own'],
    ['fromEndpoints: [{matchLabels: {"k8s:app": a, "any:tier": b}}]', 'pods app=a and tier=b in own'],
    [
      'fromEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns}}]',
      'pods k8s-app=kube-dns in kubernetes.io/metadata.name=kube-system',
    ],
    ['fromEndpoints: [{matchLabels: {io.cilium.k8s.namespace.labels.team: a}}]', 'pods all in team=a'],
    [
      'fromEndpoints: [{matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: Exists}]}]',
      'pods all in label kubernetes.io/metadata.name present',
    ],
    ['fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: bot}}]', 'pods service account=bot in own'],
    ['fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: default, app: a}}]', 'pods app=a in own'],
    ['fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: east, app: a}}]', 'pods app=a in own?'],
    ['fromEndpoints: [{matchLabels: {"container:app": a}}]', 'pods all in own?'],
    ['fromEndpoints: [{matchLabels: {"reserved:host": ""}}]', 'host'],
    ['fromEndpoints: [{matchExpressions: [{key: "reserved:remote-node", operator: Exists}]}]', 'remote-node'],
    ['fromEndpoints: [{matchLabels: {"reserved:hosts": ""}}]', 'none?'],
    ['fromEndpoints: [{matchLabels: {"reserved:host": "", app: a}}]', 'host?'],
    ['fromEndpoints: [{matchExpressions: [{key: "reserved:init", operator: DoesNotExist}]}]', 'all?'],
    ['fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]', '10.0.0.0/8 except 10.1.0.0/16'],
    ['fromCIDRSet: [{cidrGroupRef: vpn}]', 'set vpn'],
    ['fromCIDRSet: [{cidrGroupSelector: {matchLabels: {"cidrgroup:kind": vpn}}}]', 'set kind=vpn'],
    ['fromNodes: [{matchLabels: {role: worker}}]', 'nodes role=worker'],
    ['fromGroups: [{aws: {region: a}}]', 'anything?'],
    ['fromEndpoints: [{matchLabels: {app: "{{ .x }}"}}]', 'pods all in own?'],
    ['fromEntities: ["{{ .x }}"]', 'anything?'],
    ['fromCIDR: [nonsense]', 'anything?'],
  ];
  for (const [peers, expected] of cases) {
    const [rule] = cnp(`  ingress:\n  - ${peers}`).rules;
    assert.equal(rule?.peers.map(words).join(' | '), expected, peers);
  }
  const egress: readonly (readonly [string, string])[] = [
    ['toServices: [{k8sService: {serviceName: db, namespace: data}}]', 'service db in data'],
    ['toServices: [{k8sService: {serviceName: db}}]', 'service db in any'],
    ['toServices: [{k8sServiceSelector: {selector: {matchLabels: {a: b}}, namespace: data}}]', 'service a=b in data'],
    [
      'toFQDNs: [{matchName: example.com}, {matchPattern: "*.example.com"}]',
      'domains example.com | domains *.example.com',
    ],
    ['toNodes: [{}]', 'nodes all'],
    ['toServices: []', ''],
  ];
  for (const [peers, expected] of egress) {
    const [rule] = cnp(`  egress:\n  - ${peers}`).rules;
    assert.equal(rule?.peers.map(words).join(' | '), expected, peers);
    assert.equal(rule?.uncertain, expected === '', peers);
  }
});

test('peers and subject of a cluster-wide policy', () => {
  const all = ccnp('  endpointSelector: {}\n  ingress:\n  - fromEndpoints: [{}]');
  assert.deepEqual(all.rules.map(ruleWords), ['Allow ingress[0]: pods all in all: every port']);
  assert.ok(all.clusterWide && !all.uncertain && !all.subject.namespaces.own);
  const some = ccnp(
    '  endpointSelector: {matchLabels: {app: a, "k8s:io.kubernetes.pod.namespace": x}}\n  egress:\n  - toServices: [{k8sService: {serviceName: db}}]',
  );
  assert.equal(selectorWords(some.subject.pods), 'app=a');
  assert.ok(!some.subject.namespaces.own);
  assert.equal(selectorWords(some.subject.namespaces.selector), 'kubernetes.io/metadata.name=x');
  assert.deepEqual(some.rules.map(ruleWords), ['Allow egress[0]: service db in own: every port']);
  const nodes = ccnp('  nodeSelector: {matchLabels: {role: worker}}\n  ingress: [{}]');
  assert.ok(nodes.subject.nodes !== undefined && selectorWords(nodes.subject.nodes) === 'role=worker');
  assert.ok(!matches(nodes.subject.pods, new Map()) && !nodes.uncertain);
});

test('the subject of a policy with a namespace is in that namespace', () => {
  const subject = (selector: string) =>
    one(
      policies(`apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a, namespace: shop}
spec: {endpointSelector: ${selector}, ingress: [{}]}`),
    ).subject;
  const replaced = subject('{matchLabels: {app: a, "k8s:io.kubernetes.pod.namespace": other}}');
  assert.ok(replaced.namespaces.own && !replaced.uncertain);
  assert.equal(selectorWords(replaced.pods), 'app=a');
  assert.equal(selectorWords(subject('{matchLabels: {io.kubernetes.pod.namespace: shop}}').pods), 'all');
  assert.equal(selectorWords(subject('{matchLabels: {io.kubernetes.pod.namespace: other}}').pods), 'namespace=other');
  assert.equal(
    selectorWords(subject('{matchLabels: {io.cilium.k8s.namespace.labels.team: a}}').pods),
    'namespace label team=a',
  );
  assert.ok(!matches(subject('{matchLabels: {"reserved:health": ""}}').pods, new Map()));
  assert.equal(
    selectorWords(subject('{matchExpressions: [{key: "reserved:init", operator: DoesNotExist}]}').pods),
    'all',
  );
});

test('one entry with several kinds of conditions is several rules', () => {
  assert.deepEqual(
    rules(`  egress:
  - toEndpoints: [{}]
    toPorts:
    - ports: [{port: "53", protocol: ANY}]
      rules: {dns: [{matchPattern: "*"}]}
    - ports: [{port: "80", protocol: TCP}]
    - ports: [{port: "8080", protocol: TCP}]
      rules: {http: [{method: GET, path: "/v1/.*"}, {method: POST, host: a.example, headers: ["X-Key: 1"]}]}
    - ports: [{port: "81", protocol: TCP}]
    - ports: [{port: "443", protocol: TCP}]
      serverNames: [a.example, b.example]
    - ports: [{port: "9092", protocol: TCP}]
      rules: {kafka: [{role: produce, topic: orders}]}
    - ports: [{port: "9", protocol: TCP}]
      rules: {l7proto: r2d2}
    - ports: [{port: "10", protocol: TCP}]
      listener: {name: proxy, envoyConfig: {name: x}}
    authentication: {mode: disabled}
  egressDeny:
  - toEntities: [world]
  - toPorts: [{ports: [{port: "25"}]}]
  ingress:
  - fromEndpoints: [{}]
    authentication: {mode: required}`),
    [
      'Allow ingress[0]: pods all in own: every port, with mutual authentication',
      'Allow egress[0]: pods all in own: TCP 80-81',
      'Allow egress[0]: pods all in own: TCP 53, UDP 53, SCTP 53, (DNS, every name)',
      'Allow egress[0]: pods all in own: TCP 8080, HTTP GET /v1/.* or HTTP POST host a.example with header X-Key: 1',
      'Allow egress[0]: pods all in own: TCP 443, TLS server name a.example or b.example',
      'Allow egress[0]: pods all in own: TCP 9092, Kafka produce topic orders',
      'Allow egress[0]: pods all in own: TCP 9, r2d2 rules',
      'Allow egress[0]: pods all in own: TCP 10, through the Envoy listener proxy',
      'Deny egress[0]: world: every port',
      'Deny egress[1]: anything: TCP 25, UDP 25, SCTP 25',
    ],
  );
  const [dns] = cnp(
    '  egress: [{toPorts: [{ports: [{port: "53"}], rules: {dns: [{matchName: a.b}, {matchPattern: "*.c"}]}}]}]',
  ).rules;
  assert.deepEqual(dns?.constraints?.[0]?.patterns, ['a.b', '*.c']);
  const [templated] = cnp(
    '  egress: [{toPorts: [{ports: [{port: "80"}], rules: {http: [{path: "{{ .x }}"}]}}]}]',
  ).rules;
  assert.ok(templated?.uncertain);
});

test('isolation', () => {
  const cases: readonly (readonly [string, readonly string[], boolean])[] = [
    ['  ingress: [{}]', ['ingress'], false],
    ['  egressDeny: [{toEntities: [world]}]', ['egress'], false],
    ['  ingress: []\n  egress: [{}]', ['egress'], false],
    ['  ingress: [{}]\n  enableDefaultDeny: {ingress: false}', [], false],
    // Entries are what isolates: the switch alone, in a direction without any, does not (FACTS B5).
    ['  ingress: [{}]\n  enableDefaultDeny: {egress: true}', ['ingress'], false],
    ['  ingress: [{}]\n  enableDefaultDeny: {ingress: "{{ .x }}"}', ['ingress'], true],
  ];
  for (const [spec, isolates, uncertain] of cases) {
    const policy = cnp(spec);
    assert.deepEqual(policy.isolates, isolates, spec);
    assert.equal(policy.uncertain, uncertain, spec);
    assert.deepEqual(policy.directions, ['ingress', 'egress']);
  }
});

test('fromRequires makes the entry uncertain', () => {
  assert.deepEqual(rules('  ingress: [{fromRequires: [{matchLabels: {a: b}}]}]'), [
    'Allow ingress[0]?: nobody: every port',
  ]);
});

test('each spec of an object is a policy', () => {
  const text = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a}
spec: {endpointSelector: {matchLabels: {app: a}}, ingress: [{}]}
specs:
- {endpointSelector: {matchLabels: {app: b}}, egress: [{}]}
- {endpointSelector: {matchLabels: {app: c}}, egress: [{}]}
`;
  assert.deepEqual(
    policies(text).map(({ subject, isolates }) => [selectorWords(subject.pods), ...isolates]),
    [
      ['app=a', 'ingress'],
      ['app=b', 'egress'],
      ['app=c', 'egress'],
    ],
  );
  assert.deepEqual(
    policies(text.replace(/spec: .*\n/, '')).map(({ subject }) => selectorWords(subject.pods)),
    ['app=b', 'app=c'],
  );
  assert.ok(one(policies(text.slice(0, text.indexOf('spec:')))).uncertain);
});

test('a CiliumCIDRGroup is addresses under a name', () => {
  for (const version of ['v2', 'v2alpha1']) {
    const [object] = objects(`apiVersion: cilium.io/${version}
kind: CiliumCIDRGroup
metadata: {name: vpn, labels: {kind: vpn}}
spec: {externalCIDRs: [10.0.0.0/8, "2001:db8::/32"]}`);
    assert.ok(object?.type === 'addressSet');
    const { name, addresses, uncertain, labels, clusterWide } = object.value;
    assert.deepEqual(
      [name, printAddresses(addresses), uncertain, clusterWide],
      ['vpn', '10.0.0.0/8, 2001:db8::/32', false, true],
    );
    assert.equal(labels.get('kind'), 'vpn');
  }
  const [open] = objects(
    'apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: a}\nspec: {externalCIDRs: ["{{ .x }}"]}',
  );
  assert.ok(open?.type === 'addressSet' && open.value.uncertain);
});
