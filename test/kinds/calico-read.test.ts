import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resourcesOf } from '#server/kinds/index.js';
import { printAddresses } from '#server/model/addresses.js';
import type { Peer } from '#server/model/peer.js';
import { serviceAccountName } from '#server/model/pod-facts.js';
import type { Policy, Rule } from '#server/model/policy.js';
import { printPorts } from '#server/model/ports.js';
import { printSelector } from '#server/model/print.js';
import { SourceFile } from '#server/text/file.js';

function objectOf(yaml: string) {
  const { document } = SourceFile.of('file:///policy.yaml', yaml).documents[0] ?? {};
  const [resource] = document === undefined ? [] : resourcesOf(document);
  return resource?.object;
}

function policyOf(spec: string, kind = 'NetworkPolicy', apiVersion = 'projectcalico.org/v3'): Policy {
  const indented = spec.replace(/^(?=.)/gm, '  ');
  const object = objectOf(
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: p, namespace: shop}\nspec:\n${indented}\n`,
  );
  assert.ok(object?.type === 'policy');
  return object.value;
}

function ruleOf(rule: string, kind = 'NetworkPolicy', direction = 'ingress'): Rule {
  const [first] = policyOf(`${direction}:\n- action: Allow\n${rule.replace(/^(?=.)/gm, '  ')}`, kind).rules;
  assert.ok(first !== undefined);
  return first;
}

/** A peer in few words. */
function words(peer: Peer): string {
  const sure = peer.uncertain ? '?' : '';
  switch (peer.kind) {
    case 'anything':
      return `anything${sure}`;
    case 'pods': {
      const where = peer.namespaces.own ? 'own' : printSelector(peer.namespaces.selector) || 'anywhere';
      const sets =
        peer.onlyNamespacedSets === true ? ' (sets in namespaces)' : peer.alsoAddressSets === true ? ' (sets)' : '';
      return `pods ${printSelector(peer.pods) || 'all'} in ${where}${sets}${sure}`;
    }
    case 'addresses':
      return `${printAddresses(peer.addresses)}${sure}`;
    case 'service':
      return `service ${peer.namespace ?? 'own'}/${peer.name}${peer.portsCount ? ' with ports' : ''}${sure}`;
    case 'all of':
      return `(${peer.peers.map(words).join(' AND ')}${peer.except.length > 0 ? ` BUT NOT ${peer.except.map(words).join(' OR ')}` : ''})${sure}`;
    default:
      return peer.kind;
  }
}

describe('the directions of a Calico policy', () => {
  const cases: readonly (readonly [spec: string, v3: string, raw: string])[] = [
    ['order: 1', 'ingress', 'ingress egress'],
    ['ingress: [{action: Allow}]', 'ingress', 'ingress egress'],
    ['egress: [{action: Allow}]', 'egress', 'ingress egress'],
    ['ingress: [{action: Allow}]\negress: [{action: Allow}]', 'ingress egress', 'ingress egress'],
    ['egress: []', 'ingress', 'ingress egress'],
    ['types: [Egress]\ningress: [{action: Allow}]', 'egress', 'egress'],
  ];
  for (const [spec, v3, raw] of cases) {
    test(JSON.stringify(spec), () => {
      assert.equal(policyOf(spec).isolates.join(' '), v3);
      assert.equal(policyOf(spec, 'NetworkPolicy', 'crd.projectcalico.org/v1').isolates.join(' '), raw);
      assert.equal(policyOf(spec).isolatesByDefault, !spec.includes('types'));
    });
  }
});

test('rank, subject and staging', () => {
  const plain = policyOf('selector: app == "web"');
  assert.deepEqual(plain.order, { tier: 'tiered', tierName: 'default', priority: Number.POSITIVE_INFINITY });
  assert.deepEqual(
    [plain.family, plain.staged, plain.uncertain, plain.clusterWide],
    ['calico', undefined, false, false],
  );
  assert.deepEqual(plain.subject.namespaces, { own: true });
  const global = policyOf(
    "tier: security\norder: 10.5\nselector: app == 'web' && projectcalico.org/namespace in {'a'}\nnamespaceSelector: team == 'x'\nserviceAccountSelector: projectcalico.org/name == 'sa'",
    'GlobalNetworkPolicy',
  );
  assert.deepEqual(global.order, { tier: 'tiered', tierName: 'security', priority: 10.5 });
  assert.equal(global.namespace, undefined);
  assert.ok(!global.subject.namespaces.own);
  assert.match(printSelector(global.subject.namespaces.selector), /team.*kubernetes\.io\/metadata\.name/);
  assert.deepEqual(global.subject.pods, {
    op: 'And',
    terms: [
      { op: 'In', key: 'app', values: ['web'] },
      { op: 'In', key: serviceAccountName, values: ['sa'] },
    ],
  });
  assert.equal(policyOf('stagedAction: Learn', 'StagedGlobalNetworkPolicy').staged, true);
  assert.ok(policyOf('preDNAT: true\napplyOnForward: true', 'GlobalNetworkPolicy').subject.nodes !== undefined);
  const kubernetes = policyOf('stagedAction: Set\npodSelector: {}', 'StagedKubernetesNetworkPolicy');
  assert.deepEqual([kubernetes.family, kubernetes.staged, kubernetes.uncertain], ['kubernetes', true, false]);
});

describe('the ends of a rule', () => {
  const cases: readonly (readonly [source: string, namespaced: string, global: string])[] = [
    ['{}', 'anything', 'anything'],
    ['{selector: app == "a"}', 'pods app=a in own (sets)', 'pods app=a in anywhere (sets)'],
    ['{selector: all()}', 'pods all in own (sets)', 'pods all in anywhere (sets)'],
    [
      '{namespaceSelector: all()}',
      'pods all in anywhere (sets in namespaces)',
      'pods all in anywhere (sets in namespaces)',
    ],
    [
      '{selector: has(a), namespaceSelector: team == "x"}',
      'pods label a present in team=x (sets)',
      'pods label a present in team=x (sets)',
    ],
    ['{nets: [10.0.0.0/8]}', '10.0.0.0/8', '10.0.0.0/8'],
    ['{nets: [10.0.0.0/8], notNets: [10.1.0.0/16]}', '10.0.0.0/8 except 10.1.0.0/16', '10.0.0.0/8 except 10.1.0.0/16'],
    ['{notNets: [10.0.0.0/8]}', '(anything BUT NOT 10.0.0.0/8)', '(anything BUT NOT 10.0.0.0/8)'],
    [
      '{notSelector: has(a)}',
      '(pods all in own (sets) BUT NOT pods label a present in anywhere (sets))',
      '(anything BUT NOT pods label a present in anywhere (sets))',
    ],
    [
      '{selector: has(a), nets: [10.0.0.0/8, 11.0.0.0/8]}',
      '(pods label a present in own (sets) AND 10.0.0.0/7)',
      '(pods label a present in anywhere (sets) AND 10.0.0.0/7)',
    ],
    ['{nets: [nonsense]}', 'anything?', 'anything?'],
    ['{services: {name: web, namespace: x}}', 'service x/web', 'service x/web'],
    ['{ports: [80]}', 'anything', 'anything'],
  ];
  for (const [source, namespaced, global] of cases) {
    test(source, () => {
      assert.equal(ruleOf(`source: ${source}`).peers.map(words).join(' OR '), namespaced);
      assert.equal(ruleOf(`source: ${source}`, 'GlobalNetworkPolicy').peers.map(words).join(' OR '), global);
    });
  }

  test('several blocks are alternatives', () => {
    assert.deepEqual(ruleOf('source: {nets: [10.0.0.0/8, 12.0.0.0/8]}').peers.map(words), ['10.0.0.0/8', '12.0.0.0/8']);
  });

  test('global() is no pod', () => {
    const [peer] = ruleOf('source: {selector: has(a), namespaceSelector: global()}').peers;
    assert.ok(peer?.kind === 'pods' && !peer.namespaces.own);
    assert.deepEqual(peer.namespaces.selector, { op: 'DoesNotExist', key: 'kubernetes.io/metadata.name' });
  });

  test('the end that is selected may be asked for more', () => {
    const rule = ruleOf('destination: {selector: has(b), ports: [80]}\nprotocol: TCP');
    assert.ok(rule.own !== undefined);
    assert.equal(words(rule.own), 'pods label b present in own (sets)');
    assert.equal(ruleOf('destination: {ports: [80]}\nprotocol: TCP').own, undefined);
    const egress = ruleOf(
      'source: {selector: has(b)}\ndestination: {services: {name: web}}',
      'NetworkPolicy',
      'egress',
    );
    assert.deepEqual(egress.peers.map(words), ['service own/web with ports']);
    assert.ok(egress.own !== undefined);
  });

  test('ipVersion takes the other family away', () => {
    assert.deepEqual(ruleOf('ipVersion: 4').peers.map(words), ['(anything BUT NOT every IPv6 address)']);
    assert.deepEqual(ruleOf('ipVersion: 6\nsource: {selector: has(a)}').peers.map(words), [
      '(pods label a present in own (sets) BUT NOT every IPv4 address)',
    ]);
    assert.deepEqual(ruleOf('ipVersion: 4\nprotocol: ICMP').peers.map(words), ['anything']);
  });
});

describe('the ports of a rule', () => {
  const cases: readonly (readonly [rule: string, ports: string, constraints?: string])[] = [
    ['source: {}', 'every port'],
    ['protocol: TCP', 'all TCP ports'],
    ['protocol: 17', 'all UDP ports'],
    ['protocol: "132"', 'all SCTP ports'],
    ['protocol: ICMP', 'all ICMP'],
    ['protocol: 47', 'IP protocol 47'],
    ['notProtocol: TCP', 'all UDP and SCTP ports, all ICMP, all ICMPv6, other protocols'],
    ['protocol: TCP\ndestination: {ports: [80, "8000:8080", "443"]}', 'TCP 80, 443 and 8000-8080'],
    ['protocol: TCP\ndestination: {ports: [http]}', 'TCP port named http'],
    ['destination: {ports: [http]}', 'TCP port named http, UDP port named http, SCTP port named http'],
    ['protocol: TCP\ndestination: {notPorts: [22]}', 'TCP 1-21 and 23-65535'],
    ['protocol: TCP\ndestination: {ports: ["1:100"], notPorts: [22]}', 'TCP 1-21 and 23-100'],
    ['protocol: ICMP\nicmp: {type: 8}', 'ICMP type 8'],
    ['protocol: ICMPv6\nicmp: {type: 128, code: 0}', 'ICMPv6 type 128', 'icmp code: code 0'],
    ['protocol: ICMP\nnotICMP: {type: 8}', 'ICMP type 0-7 and 9-255'],
    ['protocol: UDP\nsource: {ports: [53]}', 'all UDP ports', 'source ports: from source port 53'],
    [
      'protocol: TCP\nhttp: {methods: [GET, HEAD], paths: [{exact: /a}, {prefix: /b}]}',
      'all TCP ports',
      'http: HTTP GET or HEAD /a or /b*',
    ],
  ];
  for (const [rule, expected, constraints = ''] of cases) {
    test(JSON.stringify(rule), () => {
      const found = ruleOf(rule);
      assert.equal(printPorts(found.ports), expected);
      assert.equal((found.constraints ?? []).map(({ kind, words }) => `${kind}: ${words}`).join('; '), constraints);
      assert.equal(found.uncertain, false);
    });
  }

  test('what cannot be read is not known, and no more than that', () => {
    for (const rule of [
      'protocol: nonsense',
      'protocol: TCP\ndestination: {ports: ["{{ .x }}"]}',
      'destination: {ports: [80]}',
    ])
      assert.equal(ruleOf(rule).uncertain, true, rule);
    const policy = policyOf('selector: a = b\ningress: [{action: Allow, protocol: TCP}]');
    assert.deepEqual([policy.subject.uncertain, policy.rules[0]?.uncertain], [true, false]);
  });
});

test('tiers', () => {
  const tier = (name: string, spec: string) => {
    const object = objectOf(`apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: ${name}}\nspec: ${spec}\n`);
    assert.ok(object?.type === 'tier');
    const { order, end, uncertain } = object.value;
    return [order, end, uncertain];
  };
  assert.deepEqual(tier('security', '{order: 100}'), [100, 'Deny', false]);
  assert.deepEqual(tier('security', '{defaultAction: Pass}'), [Number.POSITIVE_INFINITY, 'Pass', false]);
  assert.deepEqual(tier('kube-admin', '{}'), [1000, 'Pass', false]);
  assert.deepEqual(tier('security', '{order: "1", defaultAction: Maybe}'), [Number.POSITIVE_INFINITY, 'Deny', true]);
});

test('sets of addresses', () => {
  const set = (kind: string, spec: string) => {
    const yaml = `apiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {name: s, namespace: shop, labels: {role: db}}\nspec: ${spec}\n`;
    const object = objectOf(yaml);
    assert.ok(object?.type === 'addressSet');
    return object.value;
  };
  const sites = set('NetworkSet', '{nets: [203.0.113.7, 198.51.100.5/24]}');
  assert.equal(printAddresses(sites.addresses), '198.51.100.0/24, 203.0.113.7/32');
  assert.deepEqual(
    [sites.namespace, sites.clusterWide, sites.uncertain, sites.labels.get('role')],
    ['shop', false, false, 'db'],
  );
  const global = set('GlobalNetworkSet', '{nets: ["{{ .x }}"]}');
  assert.deepEqual([global.namespace, global.clusterWide, global.uncertain], [undefined, true, true]);
});
