import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterOf } from '#server/engine/cluster.js';
import { conditionWords } from '#server/engine/connection-words.js';
import { type ClusterDiff, diffOf } from '#server/engine/diff.js';
import type { Cause } from '#server/engine/diff-causes.js';
import { doubtWords } from '#server/engine/doubts.js';
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

const named = (apiVersion: string, kind: string, name: string, more: string, namespace = '') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}${namespace} }\n${more}`;
const calico = 'projectcalico.org/v3';
const cilium = (name: string, spec: string) =>
  named('cilium.io/v2', 'CiliumNetworkPolicy', name, `spec: ${spec}`, ', namespace: shop');
const inShop = ', namespace: shop';

const objects: readonly [
  name: string,
  common: readonly string[],
  before: readonly string[],
  after: readonly string[],
  causes: readonly string[],
][] = [
  [
    'the nets of a NetworkSet',
    [
      named(
        calico,
        'NetworkPolicy',
        'p',
        "spec: { selector: app == 'web', types: [Egress], egress: [{ action: Allow, destination: { selector: s == 'x' } }] }",
        inShop,
      ),
    ],
    [named(calico, 'NetworkSet', 'partners', 'spec: { nets: [1.2.3.0/24] }', `${inShop}, labels: { s: x }`)],
    [named(calico, 'NetworkSet', 'partners', 'spec: { nets: [1.2.3.0/25] }', `${inShop}, labels: { s: x }`)],
    ['address set NetworkSet shop/partners changed'],
  ],
  [
    'a GlobalNetworkSet that is gone, and not one that no policy asks for',
    [
      named(
        calico,
        'NetworkPolicy',
        'p',
        "spec: { selector: app == 'web', types: [Egress], egress: [{ action: Allow, destination: { selector: s == 'x', namespaceSelector: global() } }] }",
        inShop,
      ),
    ],
    [
      named(calico, 'GlobalNetworkSet', 'partners', 'spec: { nets: [1.2.3.0/24] }', ', labels: { s: x }'),
      named(calico, 'GlobalNetworkSet', 'others', 'spec: { nets: [1.2.3.0/24] }', ', labels: { s: y }'),
    ],
    [],
    ['address set GlobalNetworkSet partners removed'],
  ],
  [
    'the labels of the namespace of a set of addresses',
    [
      named(
        calico,
        'NetworkPolicy',
        'p',
        "spec: { selector: app == 'web', types: [Egress], egress: [{ action: Allow, destination: { selector: s == 'x', namespaceSelector: env == 'prod' } }] }",
        inShop,
      ),
      named(calico, 'NetworkSet', 'partners', 'spec: { nets: [1.2.3.0/24] }', ', namespace: ext, labels: { s: x }'),
    ],
    [named('v1', 'Namespace', 'ext', '', ', labels: { env: prod }')],
    [named('v1', 'Namespace', 'ext', '', ', labels: { env: test }')],
    ['namespace labels ext changed'],
  ],
  [
    'what a tier does at its end',
    [
      named(
        calico,
        'GlobalNetworkPolicy',
        'first.log',
        "spec: { tier: first, selector: app == 'api', types: [Ingress], ingress: [{ action: Log }] }",
      ),
    ],
    [named(calico, 'Tier', 'first', 'spec: { order: 1 }')],
    [named(calico, 'Tier', 'first', 'spec: { order: 1, defaultAction: Pass }')],
    ['tier Tier first changed'],
  ],
  [
    'the labels of a ServiceAccount',
    [
      pod('web').replace('spec: {', 'spec: { serviceAccountName: web,'),
      named(
        calico,
        'NetworkPolicy',
        'p',
        "spec: { selector: app == 'api', types: [Ingress], ingress: [{ action: Allow, source: { serviceAccounts: { selector: role == 'front' } } }] }",
        inShop,
      ),
    ],
    [named('v1', 'ServiceAccount', 'web', '', `${inShop}, labels: { role: front }`)],
    [named('v1', 'ServiceAccount', 'web', '', `${inShop}, labels: { role: back }`)],
    ['service account ServiceAccount shop/web changed'],
  ],
  [
    'the ranges of a CiliumCIDRGroup',
    [cilium('p', '{ endpointSelector: {}, egress: [{ toCIDRSet: [{ cidrGroupRef: partners }] }] }')],
    [named('cilium.io/v2', 'CiliumCIDRGroup', 'partners', 'spec: { externalCIDRs: [1.2.3.0/24] }')],
    [named('cilium.io/v2', 'CiliumCIDRGroup', 'partners', 'spec: { externalCIDRs: [1.2.4.0/24] }')],
    ['address set CiliumCIDRGroup partners changed'],
  ],
  [
    'the selector of a Service, and not of one that no policy names',
    [
      cilium(
        'p',
        '{ endpointSelector: { matchLabels: { app: web } }, egress: [{ toServices: [{ k8sService: { serviceName: api, namespace: shop } }] }] }',
      ),
    ],
    ['api', 'other'].map((name) =>
      named('v1', 'Service', name, 'spec: { selector: { app: api }, ports: [{ port: 80 }] }', inShop),
    ),
    ['api', 'other'].map((name) =>
      named('v1', 'Service', name, 'spec: { selector: { app: none }, ports: [{ port: 80 }] }', inShop),
    ),
    ['service Service shop/api changed'],
  ],
];

for (const [name, common, before, after, causes] of objects) {
  test(`a cause is ${name}`, async () => {
    const both = common.some((text) => text.includes('kind: Pod')) ? [pod('api')] : pods;
    const { changes } = await diff([...both, ...common, ...before], [...both, ...common, ...after]);
    assert.ok(changes.length > 0);
    for (const change of changes) assert.deepEqual(change.because.map(words), causes, change.to.name);
  });
}

describe('conditions', () => {
  const api = (rules: string) =>
    cilium(
      'p',
      `{ endpointSelector: { matchLabels: { app: api } }, ingress: [{ fromEndpoints: [{ matchLabels: { app: web } }], toPorts: [{ ports: [{ port: "8080", protocol: TCP }]${rules} }] }] }`,
    );
  const http = (path: string) => `, rules: { http: [{ method: GET, path: "${path}" }] }`;
  const conditions = ({ changes }: ClusterDiff) =>
    changes.map(({ change, from, to, before, after, conditions: [was, is] }) => {
      const side = (ports: typeof before, asked: typeof was) => printConnections(ports) + conditionWords(asked);
      return `${change} ${from.name} ${to.name}: ${side(before, was)} -> ${side(after, is)}`;
    });

  test('that fall away, come or differ change a connection, and have their policy as the cause', async () => {
    const fallen = await diff([...pods, api(http('/v1/public'))], [...pods, api('')]);
    assert.deepEqual(conditions(fallen), [
      'changed shop/web[Pod] shop/api[Pod]: TCP 8080 (TCP 8080 only HTTP GET /v1/public) -> TCP 8080',
    ]);
    const rules = ['p changed: ingress allows 1 after', 'p changed: ingress allows 1 before'];
    assert.deepEqual(because(fallen), rules);
    assert.deepEqual(because(await diff([...pods, api('')], [...pods, api(http('/v1/public'))])), rules);
    assert.deepEqual(because(await diff([...pods, api(http('/a'))], [...pods, api(http('/b'))])), rules);
  });

  test('come with a new connection, and are of its ports', async () => {
    const found = await diff(
      [...pods, policy('d', deny('api', 'Ingress'))],
      [...pods, policy('d', deny('api', 'Ingress')), api(http('/a'))],
    );
    assert.deepEqual(conditions(found), [
      'added shop/web[Pod] shop/api[Pod]: No Connections -> TCP 8080 (TCP 8080 only HTTP GET /a)',
    ]);
  });

  test('that another rule makes moot, or that are shared out otherwise, change nothing', async () => {
    const open = cilium(
      'open',
      '{ endpointSelector: { matchLabels: { app: api } }, ingress: [{ fromEndpoints: [{}] }] }',
    );
    assert.deepEqual(conditions(await diff([...pods, open, api(http('/a'))], [...pods, open, api('')])), []);
    const both = (first: string, second: string) =>
      cilium(
        'p',
        `{ endpointSelector: { matchLabels: { app: api } }, ingress: [{ fromEndpoints: [{}], toPorts: [${[first, second]
          .map((port) => `{ ports: [{ port: "${port}", protocol: TCP }]${http('/a')} }`)
          .join()}] }] }`,
      );
    assert.deepEqual(conditions(await diff([...pods, both('80', '81')], [...pods, both('81', '80')])), []);
  });
});

describe('what the manifests do not tell', () => {
  const out = (rule: string, name = 'p') =>
    cilium(name, `{ endpointSelector: { matchLabels: { app: web } }, egress: [${rule}] }`);
  const undecided = async (before: readonly string[], after: readonly string[]) =>
    (await diff([...pods, ...before], [...pods, ...after])).undecided.map(
      ({ change: { change, before: was, after: is }, doubts }) =>
        `${(is ?? was)?.placed.value.name} ${change}: ${doubtWords(doubts)}`,
    );
  const names = 'the addresses behind domain names are learnt from DNS, and no manifest tells them';
  const stripe = '{ toFQDNs: [{ matchName: api.stripe.com }] }';
  const any = '{ toFQDNs: [{ matchPattern: "*" }] }';

  test('is said of changed domain names and entities', async () => {
    assert.deepEqual(await undecided([out(stripe)], [out(any)]), [`p changed: ${names}`]);
    assert.deepEqual(await undecided([out('{}')], [out(stripe)]), [`p changed: ${names}`]);
    assert.deepEqual(await undecided([out('{ toEntities: [kube-apiserver] }')], [out('{}')]), [
      'p changed: which nodes and addresses are the API server’s is not known',
    ]);
    assert.deepEqual(await undecided([out('{ toEntities: [health] }')], [out('{}')]), [
      'p changed: what the entity health stands for is not known in full',
    ]);
    const domains = (name: string) =>
      named(
        calico,
        'NetworkPolicy',
        'p',
        `spec: { selector: app == 'web', types: [Egress], egress: [{ action: Allow, destination: { domains: [${name}] } }] }`,
        inShop,
      );
    assert.deepEqual(await undecided([domains('a.example.com')], [domains('b.example.com')]), [`p changed: ${names}`]);
  });

  test('is said beside what is known to change', async () => {
    const pair = [out(stripe), out(`${any}, { toEndpoints: [{}] }`)] as const;
    const found = await diff([...pods, pair[0]], [...pods, pair[1]]);
    assert.equal(found.changes.length, 1);
    assert.equal(found.undecided.length, 1);
  });

  test('is not said where nothing can change', async () => {
    const open = out('{ toEntities: [world] }', 'open');
    assert.deepEqual(await undecided([open, out(stripe)], [open, out(any)]), [], 'all that is outside passes anyway');
    assert.deepEqual(
      await undecided([out(stripe)], [out('{}'), out(stripe, 'other')]),
      [],
      'another policy has the rule now',
    );
    const elsewhere = (rule: string) =>
      cilium('p', `{ endpointSelector: { matchLabels: { app: nobody } }, egress: [${rule}] }`);
    assert.deepEqual(await undecided([elsewhere(stripe)], [elsewhere(any)]), [], 'it is about no pods');
    assert.deepEqual(
      await undecided([out('{ toEndpoints: [{}] }')], [out('{ toCIDR: [10.0.0.0/8] }')]),
      [],
      'all is known',
    );
  });
});
