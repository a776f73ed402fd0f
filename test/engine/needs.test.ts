import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterOf } from '#server/engine/cluster.js';
import { neededConnection, neededConnections } from '#server/engine/needed-connections.js';
import { needsOf } from '#server/engine/needs.js';
import { Judge } from '#server/engine/verdict.js';
import { intersect, isEmpty, printPorts } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';

const uri = (name: string) => `file:///w/${name}`;

async function opened(files: Readonly<Record<string, string>>) {
  const texts = new Map(Object.entries(files).map(([name, text]) => [uri(name), text]));
  const provider = {
    list: async () => [...texts.keys()],
    read: async (each: string) => ({ text: texts.get(each) ?? '' }),
  };
  return Netpol.open(provider, ['file:///w']);
}

function scopeOf(netpol: Netpol) {
  const [scope] = netpol.workspace.index.scopes;
  assert.ok(scope);
  return scope;
}

const pod = (name: string, namespace: string, more = '') => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec:
  containers:
    - name: main
      image: main
${more}---
`;

const service = (name: string, namespace: string, ports: string, more = '') => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: ${ports}${more} }
---
`;

const client = pod(
  'client',
  'shop',
  `      env:
        - { name: API_URL, value: "http://api/v1" }
        - { name: API_METRICS, value: "api:9090" }
        - { name: DB_HOST, value: db-0.db.data }
        - { name: DB_PORT, value: "5432" }
        - { name: ANY_HOST, value: any.data }
        - { name: CLIENT_URL, value: "http://client:80" }
      ports: [{ name: own, containerPort: 80 }]
      envFrom: [{ configMapRef: { name: more }, prefix: APP_ }]
`,
);

const world = {
  'client.yaml': client,
  'shop.yaml': [
    service('client', 'shop', '[{ port: 80 }]'),
    service('api', 'shop', '[{ name: http, port: 80, targetPort: web }, { name: metrics, port: 9090 }]'),
    pod('api', 'shop', '      ports: [{ name: web, containerPort: 8080 }]\n'),
    `apiVersion: v1
kind: ConfigMap
metadata: { name: more, namespace: shop }
data: { CACHE_HOST: cache.data }
---
`,
  ].join(''),
  'data.yaml': [
    service('db', 'data', '[{ port: 5432 }, { port: 5433 }]', ', clusterIP: None'),
    pod('db', 'data'),
    service('any', 'data', '[{ port: 1 }, { port: 2 }]'),
    pod('any', 'data'),
    service('cache', 'data', '[{ port: 6379 }]'),
    pod('cache', 'data'),
  ].join(''),
  'policies.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client, namespace: shop }
spec:
  podSelector: { matchLabels: { app: client } }
  policyTypes: [Egress]
  egress:
    - to: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ port: 8080 }]
    - to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: data } } }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: any, namespace: data }
spec:
  podSelector: { matchLabels: { app: any } }
  policyTypes: [Ingress]
  ingress:
    - ports: [{ port: 2 }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cache, namespace: data }
spec:
  podSelector: { matchLabels: { app: cache } }
  policyTypes: [Ingress]
`,
};

test('what a workload needs, on which ports of the pods, and whether it may', async () => {
  const netpol = await opened(world);
  const scope = scopeOf(netpol);
  const found = neededConnections(scope, netpol.settings.profile).map(({ need, servers, allowed }) =>
    [
      need.client.value.name,
      need.service.value.name,
      servers.map(({ ports, closed }) => [printPorts(ports), ...closed].join(' ')).join(),
      allowed,
      `${need.evidence.setting}: ${need.evidence.written}`,
    ].join(' | '),
  );
  assert.deepEqual(found, [
    'client | api | TCP 8080 | yes | API_URL: api',
    'client | api | TCP 9090 egress | no | API_METRICS: api:9090',
    'client | db |  | unknown | DB_HOST: db-0.db.data',
    'client | any | TCP 1-2 | yes | ANY_HOST: any.data',
    'client | cache | TCP 6379 ingress | no | APP_CACHE_HOST in ConfigMap more: cache.data',
  ]);
});

test('a pod of a set is called by its own name', async () => {
  const set = world['data.yaml'].replace(
    pod('db', 'data'),
    `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: data }
spec: { template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: main }] } } }
---
`,
  );
  const netpol = await opened({ ...world, 'data.yaml': set });
  const scope = scopeOf(netpol);
  const [need] = scope.workloads.flatMap((each) => needsOf(scope, each)).filter(({ only }) => only === 'db-0');
  assert.ok(need);
  assert.deepEqual(
    need.ports.map(({ port }) => port),
    [5432],
  );
  assert.equal(neededConnection(scope, netpol.settings.profile, need).allowed, 'yes');
});

test('the verdict is the one of the still picture', async () => {
  const netpol = await opened(world);
  const scope = scopeOf(netpol);
  const { profile } = netpol.settings;
  const judge = new Judge(clusterOf([scope], { profile, unset: 'default' }));
  const podsOf = (name: string) => {
    const pods = judge.cluster.pods.find((each) => each.name === name);
    assert.ok(pods);
    return { kind: 'pods' as const, pods };
  };
  for (const { need, servers, allowed } of neededConnections(scope, profile)) {
    for (const { workload, ports } of servers) {
      const between = judge.table.setOf(judge.between(podsOf(need.client.value.name), podsOf(workload.value.name)));
      assert.equal(allowed, isEmpty(intersect(between, ports)) ? 'no' : 'yes', workload.value.name);
    }
  }
});

test('the evidence is the host in the text, and for a ConfigMap the reference and the host', async () => {
  const netpol = await opened(world);
  const scope = scopeOf(netpol);
  const textAt = (place: { document: { text: string }; range: { start: number; end: number } } | undefined) =>
    place?.document.text.slice(place.range.start, place.range.end);
  const shown = scope.workloads.flatMap((each) =>
    needsOf(scope, each).map(({ evidence }) => [textAt(evidence.at), textAt(evidence.source)]),
  );
  assert.deepEqual(shown, [
    ['api', undefined],
    ['api:9090', undefined],
    ['db-0.db.data', undefined],
    ['any.data', undefined],
    ['more', 'cache.data'],
  ]);
});

test('an edit in a namespace that is not named asks nothing again', async () => {
  const elsewhere = pod('stranger', 'elsewhere');
  const netpol = await opened({ ...world, 'elsewhere.yaml': elsewhere });
  scopeOf(netpol);
  // What is read is noted from the first edit on.
  netpol.workspace.setBuffer(uri('elsewhere.yaml'), `${elsewhere}# edited\n`, 1);
  const scope = scopeOf(netpol);
  const asked = scope.workloads.find(({ value }) => value.name === 'client');
  assert.ok(asked);
  const answer = scope.observe(() =>
    needsOf(scope, asked).map((need) => neededConnection(scope, netpol.settings.profile, need)),
  );
  netpol.workspace.setBuffer(uri('elsewhere.yaml'), elsewhere.replaceAll('stranger', 'other'), 2);
  assert.equal(scopeOf(netpol), scope, 'the scope follows its files');
  assert.equal(answer.isCurrent(), true);
  netpol.workspace.setBuffer(uri('policies.yaml'), world['policies.yaml'].replace('port: 8080', 'port: 8081'), 2);
  assert.equal(scopeOf(netpol), scope);
  assert.equal(answer.isCurrent(), false);
});

test('of a ConfigMap, and of a container, no more is read than settings need', async () => {
  const filler = 'x'.repeat(99);
  const long = `long: |\n${`    # ${filler}\n`.repeat(1000)}    url: http://db.data:5432\n`;
  const config = (data: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: more, namespace: shop }
data:
  ${data}  CACHE_HOST: cache.data
---
`;
  const using = pod(
    'client',
    'shop',
    `      envFrom: [{ configMapRef: { name: more } }]
      volumeMounts: [{ name: files }]
  volumes: [{ name: files, configMap: { name: more } }]
`,
  );
  const needed = async (files: Readonly<Record<string, string>>) => {
    const netpol = await opened({ 'data.yaml': world['data.yaml'], ...files });
    const scope = scopeOf(netpol);
    return scope.workloads.flatMap((each) => needsOf(scope, each).map(({ service }) => service.value.name));
  };
  assert.deepEqual(await needed({ 'a.yaml': config('') + using }), ['cache']);
  assert.deepEqual(await needed({ 'a.yaml': config(long) + using }), ['cache'], 'the long value is left out');

  const words = (count: number) =>
    pod('client', 'shop', `      args: [${'"http://none.data:63790", '.repeat(count)}"http://cache.data:6379"]\n`);
  assert.deepEqual(await needed({ 'a.yaml': words(1000) }), ['cache']);
  assert.deepEqual(
    await needed({ 'a.yaml': words(5000) }),
    [],
    'what is behind the first 100,000 characters is left out',
  );
});

test('a ConfigMap that a workload uses many times is read a few times', async () => {
  const entries = Array.from({ length: 2000 }, (_, i) => `  K${i}_URL: http://none-${i}.data:80\n`).join('');
  const config = `apiVersion: v1
kind: ConfigMap
metadata: { name: more, namespace: shop }
data:
${entries}---
`;
  const sources = `      envFrom: [${'{ configMapRef: { name: more }, prefix: A }, '.repeat(20)}{ configMapRef: { name: last } }]\n`;
  const last = config.replace('name: more', 'name: last').replace(entries, '  CACHE_HOST: cache.data\n');
  const files = { 'data.yaml': world['data.yaml'], 'a.yaml': config + last + pod('client', 'shop', sources) };
  const few = {
    ...files,
    'a.yaml': files['a.yaml'].replace(/(\{ configMapRef: \{ name: more \}, prefix: A \}, )+/, '$1'),
  };
  const needed = async (each: Readonly<Record<string, string>>) => {
    const scope = scopeOf(await opened(each));
    return scope.workloads.flatMap((client) => needsOf(scope, client).map(({ service }) => service.value.name));
  };
  assert.deepEqual(await needed(few), ['cache']);
  assert.deepEqual(await needed(files), [], 'what is behind the first 300,000 characters is left out');
});

test('both ends are closed where they let through different ports', async () => {
  const netpol = await opened({
    ...world,
    'policies.yaml': world['policies.yaml'].replace(
      'kubernetes.io/metadata.name: data } } }]',
      'kubernetes.io/metadata.name: data } } }]\n      ports: [{ port: 1 }]',
    ),
  });
  const any = neededConnections(scopeOf(netpol), netpol.settings.profile).find(
    ({ need }) => need.service.value.name === 'any',
  );
  assert.deepEqual([any?.allowed, any?.servers.map(({ closed }) => closed)], ['no', [['egress', 'ingress']]]);
});

test('hosts of a service, also of one that is called svc', async () => {
  const hosts = async (host: string) => {
    const using = pod('client', 'shop', `      env: [{ name: API_URL, value: "http://${host}:80" }]\n`);
    const services = [service('svc', 'shop', '[{ port: 80 }]'), service('svc', 'data', '[{ port: 80 }]')].join('');
    const scope = scopeOf(await opened({ 'a.yaml': using + services }));
    return scope.workloads.flatMap((each) =>
      needsOf(scope, each).map(({ service: { value, namespace } }) => `${namespace.name}/${value.name}`),
    );
  };
  assert.deepEqual(await hosts('svc'), ['shop/svc']);
  assert.deepEqual(await hosts('svc.data'), ['data/svc']);
  assert.deepEqual(await hosts('svc.data.svc'), ['data/svc']);
  assert.deepEqual(await hosts('svc.data.svc.cluster.local'), ['data/svc']);
  assert.deepEqual(await hosts('svc.data.example.org'), []);
});
