import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cuts } from '#server/engine/cuts.js';
import { type Repairs, repairs } from '#server/engine/repair.js';
import { allPorts, type PortSet, ports, subtract } from '#server/model/ports.js';
import { allowedMore, changed, endOf, type World, worldOf } from './repairing.js';

function deployment(namespace: string, name: string, port: number, portName: string, labels = `app: ${name}`): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {${labels}}}
    spec:
      containers:
        - {name: main, image: x, ports: [{containerPort: ${port}, name: ${portName}}]}
---
`;
}

const workloads = [
  deployment('shop', 'frontend', 80, 'web'),
  deployment('shop', 'api', 8080, 'http'),
  deployment('shop', 'db', 5432, 'pg'),
  deployment('ops', 'prom', 9090, 'web'),
].join('');

const api = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  ingress:
    # from the shop
    - from:
        - podSelector:
            matchLabels:
              role: web
      ports:
        - port: http # by name
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: db
      ports:
        - port: 5432
`;

const deny = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
`;

function admin(kind: 'v1' | 'v2', rules: string): string {
  const [version, name, tier] =
    kind === 'v1' ? ['v1alpha1', 'AdminNetworkPolicy', ''] : ['v1alpha2', 'ClusterNetworkPolicy', '\n  tier: Admin'];
  return `apiVersion: policy.networking.k8s.io/${version}
kind: ${name}
metadata: {name: guard}
spec:${tier}
  priority: 10
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
  ingress:
${rules}`;
}

async function world(...policies: string[]): Promise<World> {
  return worldOf({ 'workloads.yaml': workloads, 'policies.yaml': policies.join('---\n') });
}

function titles(found: Repairs): string[] {
  return found.repairs.map(({ title }) => title);
}

function ask(of: World, how: typeof repairs, from: string, to: string, on: PortSet): Repairs {
  return how(of.judge, endOf(of, from), endOf(of, to), on);
}

/** The text of the policies after the first repair. */
async function first(of: World, found: Repairs): Promise<string> {
  const [best] = found.repairs;
  assert.ok(best !== undefined, 'why' in found ? found.why : 'there is a repair');
  return (await changed(of, best.changes)).texts.get('file:///w/policies.yaml') ?? '';
}

test('the peer is added to a rule that has the port, by its name and label, and comments stay', async () => {
  const of = await world(api);
  const found = ask(of, repairs, 'shop/frontend', 'shop/api', ports('TCP', 8080));
  assert.equal(titles(found)[0], 'Allow ingress of shop/api from shop/frontend on TCP 8080 (policy api, rule 1)');
  assert.equal(
    await first(of, found),
    api.replace(
      'role: web\n',
      `role: web\n        - podSelector:\n            matchLabels:\n              app: frontend\n`,
    ),
  );
});

test('the port is added to a rule that has the peer', async () => {
  const of = await world(api);
  const found = ask(of, repairs, 'shop/api', 'shop/db', ports('TCP', 5433));
  assert.equal(titles(found)[0], 'Allow egress of shop/api to shop/db on TCP 5433 (policy api, rule 1)');
  assert.equal(
    await first(of, found),
    api.replace('- port: 5432\n', '- port: 5432\n        - protocol: TCP\n          port: 5433\n'),
  );
});

test('a peer of another namespace is the namespace AND the pods', async () => {
  const of = await world(api);
  const text = await first(of, ask(of, repairs, 'ops/prom', 'shop/api', ports('TCP', 9999)));
  assert.ok(
    text.includes(`    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ops
          podSelector:
            matchLabels:
              app: prom
      ports:
        - protocol: TCP
          port: 9999
`),
    text,
  );
});

test('both ends at once, and a policy of its own where all others select more', async () => {
  const of = await world(deny);
  const found = ask(of, repairs, 'shop/frontend', 'shop/api', ports('TCP', 8080));
  assert.equal(
    titles(found)[0],
    'Allow egress of shop/frontend to shop/api on TCP 8080 (new policy frontend-to-api), and ingress of shop/api from shop/frontend (new policy api-from-frontend)',
  );
  const after = await changed(of, found.repairs[0]?.changes ?? []);
  assert.deepEqual(allowedMore(of, after), ['shop/frontend[Deployment] -> shop/api[Deployment] TCP 8080']);
  const kinds = after.cluster.policies.map(({ placed }) => placed.value.name);
  assert.deepEqual(kinds, ['default-deny', 'frontend-to-api', 'api-from-frontend']);
});

test('an edit that opens more says for whom', async () => {
  const of = await world(deny);
  const found = ask(of, repairs, 'ops/prom', 'shop/api', ports('TCP', 8080));
  assert.equal(
    titles(found)[1],
    'Allow ingress of shop/api from ops/prom on TCP 8080 (policy default-deny, a new rule, which also selects frontend and db). It also opens ops/prom to shop/frontend on TCP 8080 and ops/prom to shop/db on TCP 8080',
  );
  assert.equal(found.repairs[1]?.opens.length, 3);
});

test('addresses become a block of their own', async () => {
  const of = await world(api);
  const found = ask(of, repairs, 'shop/api', '203.0.113.7', ports('TCP', 443));
  assert.equal(titles(found)[0], 'Allow egress of shop/api to 203.0.113.7 on TCP 443 (policy api, a new rule)');
  assert.match(await first(of, found), /- to:\n {8}- ipBlock:\n {12}cidr: 203\.0\.113\.7\/32\n {6}ports:/);
});

for (const [kind, action, port] of [
  ['v1', 'Allow', '- portNumber:\n            protocol: TCP\n            port: 8080'],
  ['v2', 'Accept', '- tcp:\n            destinationPort:\n              number: 8080'],
] as const) {
  test(`an admin Deny gets a rule of ${kind} before it`, async () => {
    const rules = `  # nobody
  - action: Deny
    from: [{namespaces: {}}]
`;
    const of = await world(admin(kind, rules));
    const found = ask(of, repairs, 'ops/prom', 'shop/api', ports('TCP', 8080));
    const text = await first(of, found);
    assert.ok(text.indexOf(`- action: ${action}`) < text.indexOf('- action: Deny'), text);
    assert.ok(
      text.replaceAll(/^ {4}/gm, '').length > 0 && text.replaceAll(' ', '').includes(port.replaceAll(' ', '')),
      text,
    );
    assert.match(
      titles(found)[0] ?? '',
      /guard, before rule 1\)\. It also opens ops\/prom to shop\/frontend on TCP 8080/,
    );
  });
}

test('a baseline Deny is answered before it, since a NetworkPolicy would isolate', async () => {
  const baseline = admin('v1', '  - {action: Deny, from: [{namespaces: {}}]}\n')
    .replace('kind: Admin', 'kind: BaselineAdmin')
    .replace('guard', 'default')
    .replace('  priority: 10\n', '');
  const of = await world(baseline);
  const found = ask(of, repairs, 'ops/prom', 'shop/api', ports('TCP', 8080));
  assert.match(titles(found)[0] ?? '', /default, before rule 1; a NetworkPolicy would isolate the pods\)/);
});

const reasons: readonly (readonly [string, readonly string[], string, string, PortSet, RegExp])[] = [
  ['what is allowed', [api], 'shop/frontend', 'shop/db', ports('TCP', 1), /allowed already/],
  [
    'a template',
    [api.replace('role: web', 'role: {{ .Values.role }}')],
    'shop/frontend',
    'shop/api',
    ports('TCP', 8080),
    /Not all about api is known: part of it is written by a template/,
  ],
  [
    'ports that no rule can say',
    [deny],
    'shop/frontend',
    'shop/api',
    subtract(allPorts, ports('TCP', 1)),
    /ask about one port/,
  ],
];
for (const [what, policies, from, to, on, why] of reasons) {
  test(`no repair of ${what}, and why`, async () => {
    const of = await world(...policies);
    const found = ask(of, repairs, from, to, on);
    assert.deepEqual(titles(found), []);
    assert.match('why' in found ? found.why : '', why);
  });
}

test('pods without labels cannot be named, and host-network pods neither', async () => {
  const bare = await worldOf({
    'w.yaml': `${workloads}apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: ops}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Pod
metadata: {name: host, namespace: ops, labels: {app: host}}
spec: {hostNetwork: true, containers: [{name: a, image: a}]}
`,
    'p.yaml': deny,
  });
  const why = (from: string) => {
    const found = ask(bare, repairs, from, 'shop/api', ports('TCP', 8080));
    return 'why' in found ? found.why : titles(found).join();
  };
  assert.match(why('ops/bare'), /has no labels/);
  assert.match(why('ops/host'), /uses its node's network/);
});

test('a list that an alias repeats elsewhere is left alone', async () => {
  const of = await world(
    api
      .replace('      ports:\n        - port: http', '      ports: &open\n        - port: http')
      .replace('      ports:\n        - port: 5432', '      ports: *open'),
  );
  const found = ask(of, repairs, 'shop/api', 'shop/db', ports('TCP', 5433));
  assert.equal(titles(found)[0], 'Allow egress of shop/api to shop/db on TCP 5433 (policy api, a new rule)');
});

test('a cut takes the one peer out that is meant', async () => {
  const two = api.replace(
    '              role: web\n',
    '              role: web\n        # the front\n        - podSelector: {matchLabels: {app: frontend}}\n        - podSelector: {matchLabels: {app: db}}\n',
  );
  const of = await world(two);
  const found = ask(of, cuts, 'shop/frontend', 'shop/api', ports('TCP', 8080));
  assert.equal(
    titles(found)[0],
    'Cut ingress of shop/api from shop/frontend on TCP 8080 (policy api, a peer of rule 1)',
  );
  assert.equal(await first(of, found), two.replace(/ {8}# the front\n.*\n/, ''));
});

test('a cut takes the one port out that is meant', async () => {
  const two = api.replace('- port: http # by name', '- port: http # by name\n        - port: 9090 # metrics');
  const of = await world(two.replace('role: web', 'app: frontend'));
  const found = ask(of, cuts, 'shop/frontend', 'shop/api', ports('TCP', 9090));
  assert.equal(
    titles(found)[0],
    'Cut ingress of shop/api from shop/frontend on TCP 9090 (policy api, a port of rule 1)',
  );
  const after = await changed(of, found.repairs[0]?.changes ?? []);
  assert.deepEqual(allowedMore(after, of), ['shop/frontend[Deployment] -> shop/api[Deployment] TCP 9090']);
});

test('all rules that allow it are cut, in every policy', async () => {
  const of = await world(api, api.replace('name: api', 'name: again').replace('app: db', 'app: db # too'));
  const found = ask(of, cuts, 'shop/api', 'shop/db', ports('TCP', 5432));
  const [title] = titles(found);
  assert.equal(
    title,
    'Cut egress of shop/api to shop/db on TCP 5432 (policy api, without rule 1 and policy again, without rule 1)',
  );
  const after = await changed(of, found.repairs[0]?.changes ?? []);
  assert.deepEqual(allowedMore(of, after), []);
  assert.deepEqual(allowedMore(after, of), ['shop/api[Deployment] -> shop/db[Deployment] TCP 5432']);
  // The rules were all that isolated the egress.
  assert.match(after.texts.get('file:///w/policies.yaml') ?? '', /policyTypes:/);
});

test('an address within a wider block becomes an exception', async () => {
  const of = await world(
    api.replace(
      '- podSelector:\n            matchLabels:\n              app: db',
      '- ipBlock:\n            cidr: 10.0.0.0/8 # all',
    ),
  );
  const found = ask(of, cuts, 'shop/api', '10.1.2.3', ports('TCP', 5432));
  assert.equal(titles(found)[0], 'Cut egress of shop/api to 10.1.2.3 on TCP 5432 (policy api, an exception in rule 1)');
  assert.match(await first(of, found), /cidr: 10\.0\.0\.0\/8 # all\n {12}except:\n {14}- 10\.1\.2\.3\/32\n/);
});

test('pods that nothing isolates: what isolating them cuts besides is named', async () => {
  const of = await world(api);
  const found = ask(of, cuts, 'shop/frontend', 'ops/prom', ports('TCP', 9090));
  const isolating = titles(found).find((title) => title.includes('new policy prom-ingress'));
  assert.match(isolating ?? '', /which isolates all ingress of these pods\)\. It also cuts .* on every port/);
});

test('where the scope has cluster-wide policies, a Deny of such a kind cuts nothing else', async () => {
  const of = await world(admin('v2', '  - {action: Pass, from: [{namespaces: {}}]}\n'));
  const found = ask(of, cuts, 'shop/frontend', 'ops/prom', ports('TCP', 9090));
  assert.match(
    titles(found)[0] ?? '',
    /^Cut (e|in)gress of .* on TCP 9090 \(new ClusterNetworkPolicy deny-[a-z-]+, priority 9\)$/,
  );
  const after = await changed(of, found.repairs[0]?.changes ?? []);
  assert.deepEqual(allowedMore(after, of), ['shop/frontend[Deployment] -> ops/prom[Deployment] TCP 9090']);
});
