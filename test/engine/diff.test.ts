import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterOf } from '#server/engine/cluster.js';
import { type ClusterDiff, diffOf } from '#server/engine/diff.js';
import type { Cause } from '#server/engine/diff-causes.js';
import { printConnections } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';

async function clusterFrom(manifests: readonly string[]) {
  const uri = 'file:///w/all.yaml';
  const text = manifests.join('\n---\n');
  const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text }) }, ['file:///w']);
  return clusterOf(netpol.workspace.index.scopes, { profile: netpol.settings.profile, unset: 'shop' });
}

async function diff(before: readonly string[], after: readonly string[]): Promise<ClusterDiff> {
  return diffOf(await clusterFrom(before), await clusterFrom(after));
}

const pod = (name: string, more = '', labels = `app: ${name}`) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { ${labels} } }
spec: { containers: [{ name: main, image: main${more} }] }`;

const policy = (name: string, spec: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`;

const allow = (who: string, port = 80) =>
  `{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: ${who} } } }], ports: [{ port: ${port} }] }] }`;
const deny = (app: string, type: string) => `{ podSelector: { matchLabels: { app: ${app} } }, policyTypes: [${type}] }`;
const pods = [pod('web'), pod('api')];

function lines({ changes }: ClusterDiff): readonly string[] {
  return changes.map(
    ({ change, from, to, before, after }) =>
      `${change} ${from.name} ${to.name}: ${printConnections(before)} -> ${printConnections(after)}`,
  );
}

/** The causes of what web may send to api. */
function because({ changes }: ClusterDiff, from = 'shop/web[Pod]', to = 'shop/api[Pod]'): readonly string[] {
  const found = changes.find((each) => each.from.name === from && each.to.name === to);
  return found?.because.map(words).sort() ?? ['no change'];
}

function words(cause: Cause): string {
  if (cause.kind !== 'policy') return `${cause.kind} ${cause.name} ${cause.change}`;
  const { policy: applied, change, side, direction, effect, rule } = cause;
  const number = rule === undefined ? '' : ` ${rule.index + 1}`;
  return `${applied.placed.value.name} ${change}: ${direction} ${effect}${number} ${side === 0 ? 'before' : 'after'}`;
}

describe('what differs', () => {
  test('nothing, for the same meaning in other words', async () => {
    const before = [
      ...pods,
      policy('a', '{ podSelector: { matchLabels: { app: api } }, ingress: [{ ports: [{ port: 80 }, { port: 81 }] }] }'),
    ];
    const after = [
      ...pods,
      policy(
        'renamed',
        '{ podSelector: { matchExpressions: [{ key: app, operator: In, values: [api] }] }, policyTypes: [Ingress], ingress: [{ ports: [{ port: 80, endPort: 81 }] }] }',
      ),
    ];
    const found = await diff(before, after);
    assert.deepEqual(found.changes, []);
    assert.deepEqual(found.policies, []);
  });

  test('touching ranges that differ alike are one, those that differ otherwise are not', async () => {
    const egress = (peers: string) =>
      policy(
        'out',
        `{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{ to: [${peers}] }] }`,
      );
    const block = (cidr: string) => `{ ipBlock: { cidr: ${cidr} } }`;
    const found = await diff(
      [pod('web'), egress(`${block('10.0.0.0/9')}, ${block('20.0.0.0/8')}`)],
      [pod('web'), egress(`${block('10.128.0.0/10')}, ${block('10.192.0.0/10')}, ${block('20.0.0.0/8')}`)],
    );
    assert.deepEqual(
      lines(found),
      [
        'removed shop/web[Pod] 10.0.0.0-10.127.255.255[External]: All Connections -> No Connections',
        'added shop/web[Pod] 10.128.0.0-10.255.255.255[External]: No Connections -> All Connections',
      ].sort((a, b) => (a.slice(a.indexOf(' ')) < b.slice(b.indexOf(' ')) ? -1 : 1)),
    );
  });

  test('pods of one name are one end, and never connect to themselves', async () => {
    const two = [pod('web', '', 'app: web, v: a'), pod('web', '', 'app: web, v: b')];
    const found = await diff(two, [...two, policy('d', deny('web', 'Ingress'))]);
    assert.deepEqual(lines(found), [
      'removed 0.0.0.0-255.255.255.255[External] shop/web[Pod]: All Connections -> No Connections',
    ]);
  });
});

const table: readonly [name: string, before: readonly string[], after: readonly string[], causes: readonly string[]][] =
  [
    ['a policy that isolates', [], [policy('d', deny('api', 'Ingress'))], ['d added: ingress isolates after']],
    ['a policy that no longer does', [policy('d', deny('api', 'Ingress'))], [], ['d removed: ingress isolates before']],
    [
      'a rule that allows, and not the policies that stay',
      [policy('d', deny('api', 'Ingress'))],
      [policy('d', deny('api', 'Ingress')), policy('a', allow('web'))],
      ['a added: ingress allows 1 after'],
    ],
    [
      'a rule of a policy that is gone',
      [policy('d', deny('api', 'Ingress')), policy('a', allow('web'))],
      [policy('d', deny('api', 'Ingress'))],
      ['a removed: ingress allows 1 before'],
    ],
    [
      'not a new policy that would have changed nothing here',
      [],
      [policy('d', deny('api', 'Ingress')), policy('other', deny('web', 'Ingress'))],
      ['d added: ingress isolates after'],
    ],
    [
      'each of two policies that would do',
      [],
      [policy('d1', deny('api', 'Ingress')), policy('d2', deny('api', 'Ingress'))],
      ['d1 added: ingress isolates after', 'd2 added: ingress isolates after'],
    ],
    [
      'not a deny whose place another one takes',
      [policy('d1', deny('api', 'Ingress'))],
      [policy('d2', '{ podSelector: {}, policyTypes: [Ingress] }'), policy('a', allow('web'))],
      ['a added: ingress allows 1 after'],
    ],
    [
      'both ends, where both had to open',
      [policy('d', '{ podSelector: {}, policyTypes: [Ingress, Egress] }')],
      [
        policy('d', '{ podSelector: {}, policyTypes: [Ingress, Egress] }'),
        policy('a', allow('web')),
        policy(
          'e',
          '{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{ to: [{ podSelector: {} }] }] }',
        ),
      ],
      ['a added: ingress allows 1 after', 'e added: egress allows 1 after'],
    ],
    [
      'the rule that is new, of a policy that has others',
      [policy('a', allow('web', 81))],
      [
        policy(
          'a',
          '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 81 }] }, { ports: [{ port: 80 }] }] }',
        ),
      ],
      ['a changed: ingress allows 2 after'],
    ],
  ];

for (const [name, before, after, causes] of table) {
  test(`a cause is ${name}`, async () => {
    assert.deepEqual(because(await diff([...pods, ...before], [...pods, ...after])), causes);
  });
}

test('labels, namespace labels and container ports are causes', async () => {
  const a = policy('a', allow('web'));
  const relabelled = [pod('web', '', 'app: shop-window'), pod('api')];
  assert.deepEqual(because(await diff([...pods, a], [...relabelled, a])), ['labels shop/web[Pod] changed']);

  const namespace = (labels: string) =>
    `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { ${labels} } }`;
  const byNamespace = policy(
    'n',
    '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { env: prod } } }] }] }',
  );
  assert.deepEqual(
    because(await diff([...pods, byNamespace, namespace('env: test')], [...pods, byNamespace, namespace('env: prod')])),
    ['namespace labels shop changed'],
  );

  const named = policy('p', '{ podSelector: { matchLabels: { app: api } }, ingress: [{ ports: [{ port: http }] }] }');
  const ports = (number: number) => `, ports: [{ name: http, containerPort: ${number} }]`;
  const found = await diff([pod('web'), pod('api', ports(80)), named], [pod('web'), pod('api', ports(81)), named]);
  assert.deepEqual(because(found), ['container ports shop/api[Pod] changed']);
  const relabelledToo = pod('api', ports(81), 'app: api, version: v2');
  const both = await diff([pod('web'), pod('api', ports(80)), named], [pod('web'), relabelledToo, named]);
  assert.deepEqual(because(both), ['container ports shop/api[Pod] changed'], 'and not the label that nobody asks for');
});

test('a workload that has come or gone is the cause, by its name', async () => {
  assert.deepEqual(because(await diff([pod('api')], pods)), ['workload shop/web[Pod] added']);
  assert.deepEqual(because(await diff(pods, [pod('api')])), ['workload shop/web[Pod] removed']);
});

test('what an ingress controller sends changes with the Ingress and with the policies', async () => {
  const service =
    'apiVersion: v1\nkind: Service\nmetadata: { name: api, namespace: shop }\nspec: { selector: { app: api }, ports: [{ port: 80, targetPort: 8080 }] }';
  const ingress =
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: site, namespace: shop }\nspec: { defaultBackend: { service: { name: api, port: { number: 80 } } } }';
  const base = [pod('api'), service];
  const from = '{ingress-controller}';
  const opened = await diff(base, [...base, ingress]);
  assert.deepEqual(lines(opened), ['added {ingress-controller} shop/api[Pod]: No Connections -> TCP 8080']);
  assert.deepEqual(because(opened, from), ['entry point Ingress shop/site added']);
  const gone = await diff([...base, ingress], base);
  assert.deepEqual(because(gone, from), ['entry point Ingress shop/site removed']);
  const other = service.replace('targetPort: 8080', 'targetPort: 9090');
  const moved = await diff([...base, ingress], [pod('api'), other, ingress]);
  assert.deepEqual(lines(moved), ['changed {ingress-controller} shop/api[Pod]: TCP 8080 -> TCP 9090']);
  assert.deepEqual(because(moved, from), ['entry point Ingress shop/site changed']);
  const closed = await diff([...base, ingress], [...base, ingress, policy('d', deny('api', 'Ingress'))]);
  assert.deepEqual(because(closed, from), ['d added: ingress isolates after']);
});
