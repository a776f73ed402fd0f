import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  contains,
  labelsAsked,
  mayOverlap,
  type Part,
  subjectContains,
  subjectsMayOverlap,
} from '#server/engine/containment.js';
import type { Selector } from '#server/model/selector.js';
import { namespaces, worldOf } from './repairing.js';

const kubernetes = (name: string, rule: string, namespace = 'shop', pods = '') => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: {podSelector: {${pods}}, ingress: [${rule}]}
---
`;
const calico = (name: string, rule: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {selector: all(), types: [Ingress], ingress: [${rule}]}
---
`;
const cilium = (name: string, rule: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {endpointSelector: {}, egress: [${rule}]}
---
`;

/** The first rule and peer of two policies, and what holds between them. */
async function between(one: string, other: string) {
  const world = await worldOf({ 'all.yaml': namespaces + one + other });
  const [scope] = world.netpol.workspace.index.scopes;
  assert.ok(scope !== undefined);
  const [a, b] = ['a', 'b'].map((name): Part => {
    const policy = [...scope.policies, ...scope.clusterPolicies].find(({ value }) => value.name === name);
    const [rule] = policy?.value.rules ?? [];
    const [peer] = rule?.peers ?? [];
    assert.ok(policy !== undefined && rule !== undefined && peer !== undefined, name);
    return { policy, rule, peer };
  });
  assert.ok(a !== undefined && b !== undefined);
  const overlap = mayOverlap(scope, a, b);
  assert.equal(mayOverlap(scope, b, a), overlap, 'two that meet meet both ways');
  const holds = contains(scope, a, b);
  if (holds) assert.ok(overlap, 'what holds another meets it');
  return { holds, held: contains(scope, b, a), overlap, scope, a: a.policy, b: b.policy };
}

type Relation = 'the same' | 'holds' | 'overlaps' | 'apart';

async function relation(one: string, other: string): Promise<Relation> {
  const { holds, held, overlap } = await between(one, other);
  if (holds && held) return 'the same';
  assert.ok(!held, 'the second is never the greater one here');
  return holds ? 'holds' : overlap ? 'overlaps' : 'apart';
}

const from = (peer: string, ports = '') => `{from: [${peer}]${ports === '' ? '' : `, ports: [${ports}]`}}`;
const own = (labels: string) => `{podSelector: {matchLabels: {${labels}}}}`;
const block = (cidr: string, except = '') =>
  `{ipBlock: {cidr: "${cidr}"${except === '' ? '' : `, except: ["${except}"]`}}}`;

const ofKubernetes: readonly (readonly [string, string, string, Relation])[] = [
  ['everyone and some pods', '{}', from(own('app: a')), 'holds'],
  ['the same pods', from(own('app: a')), from(own('app: a')), 'the same'],
  ['fewer labels are more pods', from(own('app: a')), from(own('app: a, tier: b')), 'holds'],
  ['labels that one pod may have both', from(own('app: a')), from(own('tier: b')), 'overlaps'],
  ['labels that no pod has both', from(own('app: a')), from(own('app: b')), 'apart'],
  [
    'one of several values',
    from('{podSelector: {matchExpressions: [{key: app, operator: In, values: [a, b]}]}}'),
    from(own('app: a')),
    'holds',
  ],
  ['more ports', from(own('app: a'), '{port: 80, endPort: 90}'), from(own('app: a'), '{port: 85}'), 'holds'],
  ['other ports', from(own('app: a'), '{port: 80}'), from(own('app: a'), '{port: 81}'), 'apart'],
  [
    'some ports of both',
    from(own('app: a'), '{port: 80}, {port: 81}'),
    from(own('app: a'), '{port: 81}, {port: 82}'),
    'overlaps',
  ],
  [
    'a name may be any port of its protocol',
    from(own('app: a'), '{port: http}'),
    from(own('app: a'), '{port: 80}'),
    'overlaps',
  ],
  ['and of no other', from(own('app: a'), '{port: http}'), from(own('app: a'), '{port: 80, protocol: UDP}'), 'apart'],
  [
    'the namespace by its label',
    from('{namespaceSelector: {matchLabels: {stage: prod}}}'),
    from(own('app: a')),
    'holds',
  ],
  ['another namespace', from('{namespaceSelector: {matchLabels: {stage: test}}}'), from(own('app: a')), 'apart'],
  [
    'all namespaces',
    from('{namespaceSelector: {}}'),
    from('{namespaceSelector: {matchLabels: {stage: test}}}'),
    'holds',
  ],
  [
    'the own namespace, by name from elsewhere',
    from('{podSelector: {}}'),
    from('{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}'),
    'the same',
  ],
  ['a block in another', from(block('10.0.0.0/8')), from(block('10.1.0.0/16')), 'holds'],
  ['a block in what is left out', from(block('10.0.0.0/8', '10.1.0.0/16')), from(block('10.1.0.0/16')), 'apart'],
  ['blocks side by side', from(block('10.0.0.0/16')), from(block('10.1.0.0/16')), 'apart'],
  ['blocks of two families', from(block('0.0.0.0/0')), from(block('::/0')), 'apart'],
  ['some addresses are no pods', from(block('10.0.0.0/8')), from(own('app: a')), 'apart'],
  ['all addresses may be pods', from(block('0.0.0.0/0')), from(own('app: a')), 'overlaps'],
  ['a peer that is not known', from(own('app: "{{ .x }}"')), from(own('app: a')), 'overlaps'],
  [
    'what chooses nothing is in nothing',
    '{}',
    from('{podSelector: {matchLabels: {app: a}, matchExpressions: [{key: app, operator: DoesNotExist}]}}'),
    'holds',
  ],
];

describe('which connections are among those of another rule', () => {
  for (const [name, one, other, expected] of ofKubernetes) {
    test(name, async () => {
      assert.equal(await relation(kubernetes('a', one), kubernetes('b', other)), expected);
    });
  }

  test('the own namespaces of two policies are two', async () => {
    const rule = from(own('app: a'));
    assert.equal(await relation(kubernetes('a', rule), kubernetes('b', rule, 'data')), 'apart');
    const prod = from('{namespaceSelector: {matchLabels: {stage: prod}}}');
    assert.equal(await relation(kubernetes('a', prod), kubernetes('b', rule, 'data')), 'apart');
    assert.equal(await relation(kubernetes('a', prod, 'data'), kubernetes('b', rule)), 'holds');
  });

  test('names of domains, entities and services of Cilium', async () => {
    const rule = (one: string, other: string) => relation(cilium('a', one), cilium('b', other));
    const domains = (...names: string[]) => `{toFQDNs: [${names.map((name) => `{matchName: ${name}}`).join(', ')}]}`;
    assert.equal(await rule(domains('a.org'), domains('a.org')), 'the same');
    assert.equal(await rule(domains('a.org'), domains('b.org')), 'apart');
    const entity = (name: string) => `{toEntities: [${name}]}`;
    assert.equal(await rule(entity('host'), entity('host')), 'the same');
    assert.equal(await rule(entity('all'), entity('world')), 'holds');
    assert.equal(await rule(entity('all'), '{toEndpoints: [{}]}'), 'holds');
    assert.equal(await rule(entity('all'), '{toCIDR: [10.0.0.0/8]}'), 'holds');
    assert.equal(await rule(entity('cluster'), '{toEndpoints: [{}]}'), 'overlaps');
    assert.equal(await rule(entity('host'), entity('world')), 'overlaps');
  });

  test('services of Cilium by their name and namespace', async () => {
    const rule = (one: string, other: string) => relation(cilium('a', one), cilium('b', other));
    const service = (name: string, namespace: string) =>
      `{toServices: [{k8sService: {serviceName: ${name}, namespace: ${namespace}}}]}`;
    // What is behind a service is looked up elsewhere: that two are apart is not said.
    assert.equal(await rule(service('db', 'data'), service('db', 'data')), 'the same');
    assert.equal(await rule(service('db', 'data'), service('db', 'shop')), 'overlaps');
    assert.equal(await rule(service('db', 'data'), service('cache', 'data')), 'overlaps');
    const chosen = '{toServices: [{k8sServiceSelector: {selector: {matchLabels: {app: db}}}}]}';
    assert.equal(await rule(chosen, chosen), 'overlaps');
  });

  test('nodes by their labels', async () => {
    const admin = (name: string, nodes: string) => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: ${name}}
spec: {priority: 1, subject: {namespaces: {}}, egress: [{action: Allow, to: [{nodes: {matchLabels: {${nodes}}}}]}]}
---
`;
    const nodes = (one: string, other: string) => relation(admin('a', one), admin('b', other));
    assert.equal(await nodes('zone: one', 'zone: one'), 'the same');
    assert.equal(await nodes('zone: one', 'zone: one, disk: ssd'), 'holds');
    assert.equal(await nodes('zone: one', 'zone: two'), 'apart');
    assert.equal(await nodes('zone: one', 'disk: ssd'), 'overlaps');
  });

  test('what Calico says by an account or of other ends is composed, and only it is itself', async () => {
    const rule = `{action: Allow, source: {selector: app == 'a', notNets: [10.0.0.0/8]}}`;
    assert.equal(await relation(calico('a', rule), calico('b', rule)), 'overlaps');
    assert.equal(await relation(calico('a', '{action: Allow}'), calico('b', rule)), 'holds');
  });
});

test('the pods of a policy are among those of another', async () => {
  const subjects = async (one: string, other: string, namespace = 'shop') => {
    const { scope, a, b } = await between(kubernetes('a', '{}', 'shop', one), kubernetes('b', '{}', namespace, other));
    return [subjectContains(scope, a, b), subjectContains(scope, b, a), subjectsMayOverlap(scope, a, b)];
  };
  const web = 'matchLabels: {app: web}';
  assert.deepEqual(await subjects('', web), [true, false, true]);
  assert.deepEqual(await subjects(web, web), [true, true, true]);
  assert.deepEqual(await subjects(web, 'matchLabels: {tier: front}'), [false, false, true]);
  assert.deepEqual(await subjects(web, 'matchLabels: {app: api}'), [false, false, false]);
  assert.deepEqual(await subjects('', web, 'data'), [false, false, false]);
  assert.deepEqual(await subjects('matchLabels: {app: "{{ .x }}"}', web), [false, false, true]);
});

test('the labels that a selector asks for, where it asks for nothing else', () => {
  const app: Selector = { op: 'In', key: 'app', values: ['web'] };
  const asked = (selector: Selector) => {
    const found = labelsAsked(selector);
    return found && Object.fromEntries(found);
  };
  assert.deepEqual(asked({ op: 'All' }), {});
  assert.deepEqual(asked(app), { app: 'web' });
  assert.deepEqual(asked({ op: 'And', terms: [app, { op: 'In', key: 'tier', values: ['a', 'a'] }] }), {
    app: 'web',
    tier: 'a',
  });
  assert.equal(asked({ op: 'And', terms: [app, { op: 'Exists', key: 'tier' }] }), undefined);
  assert.equal(asked({ op: 'And', terms: [app, app] }), undefined);
  assert.equal(asked({ op: 'Not', term: app }), undefined);
});
