import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poor, positionOf, ServerProcess } from './server-process.js';

const pod = (name: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec:
  containers: [{name: ${name}, image: ${name}, ports: [{containerPort: 8080}]}]
`;

const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
      ports: [{port: 8080}]
`;

const tests = `namespace: shop
tests:
  - name: the web calls the API
    from: web
    to: api
    port: 8080
    expect: allowed
  - name: the job is kept out
    from: job
    to: api
    expect: denied
  - name: the web is kept out
    from: web
    to: api
    port: 8080
    expect: denied
  - name: the job calls the API
    from: job
    to: api
    port: 8080
    expect: allowed
  - from: nobody
    to: api
    expect: denied
`;

const files = {
  'pods.yaml': ['web', 'job', 'api'].map(pod).join(''),
  'policy.yaml': policy,
  'shop.netpol-test.yaml': tests,
};

interface Item {
  uri: string;
  tests: { id: string; label: string; range: { start: { line: number }; end: { line: number } } }[];
  problem?: string;
}
interface Result {
  uri: string;
  results: {
    id: string;
    verdict: string;
    messages: {
      message: string;
      range: { start: { line: number } };
      related: { message: string; location: { uri: string; range: { start: { line: number } } } }[];
    }[];
  }[];
  problems: { message: string; range: { start: { line: number } } }[];
}

const list = (server: ServerProcess): Promise<Item[]> => server.connection.sendRequest('netpol/tests', {});
const run = (server: ServerProcess, params: object = {}): Promise<Result[]> =>
  server.connection.sendRequest('netpol/runTests', params);

test('the tests of the workspace are listed, each with its lines, for a client of any ability', async (t) => {
  const server = await ServerProcess.start(t, { files, capabilities: poor });
  const [file, ...others] = await list(server);
  assert.equal(others.length, 0);
  assert.equal(file?.uri, server.uri('shop.netpol-test.yaml'));
  assert.deepEqual(
    file?.tests.map(({ label, range }) => [label, range.start.line, range.end.line]),
    [
      ['the web calls the API', 2, 6],
      ['the job is kept out', 7, 10],
      ['the web is kept out', 11, 15],
      ['the job calls the API', 16, 20],
      ['nobody to api: denied', 21, 23],
    ],
  );
});

test('a test that fails says which line of a policy decides it', async (t) => {
  const server = await ServerProcess.start(t, { files });
  const [file] = await run(server);
  assert.deepEqual(
    file?.results.map(({ verdict }) => verdict),
    ['passed', 'passed', 'failed', 'failed', 'not asked'],
  );
  const [, , allowed, denied, unasked] = file?.results ?? [];
  const [first] = allowed?.messages ?? [];
  assert.match(
    first?.message ?? '',
    /^shop\/web to shop\/api on TCP 8080 is \*\*allowed\*\*, and expected to be \*\*denied\*\*\.$/m,
  );
  assert.match(first?.message ?? '', /policy\.yaml#L8\)/);
  assert.equal(first?.range.start.line, positionOf(tests, 'expect: denied', 'port: 8080\n    ').line);
  assert.deepEqual(
    first?.related.map(({ location }) => [location.uri, location.range.start.line]),
    [[server.uri('policy.yaml'), positionOf(policy, '- from').line]],
  );
  const [second] = denied?.messages ?? [];
  assert.match(second?.message ?? '', /is \*\*denied\*\*, and expected to be \*\*allowed\*\*\./);
  assert.match(second?.message ?? '', /isolates shop\/job|isolates shop\/api/);
  assert.match(second?.message ?? '', /nearest is .*app=web/);
  assert.match(unasked?.messages[0]?.message ?? '', /^from: .*nobody.* Nothing was tested\.$/);
});

test('one test is run alone, after edits that are not saved', async (t) => {
  const server = await ServerProcess.start(t, { files });
  const only = { files: [{ uri: server.uri('shop.netpol-test.yaml'), tests: ['the job calls the API'] }] };
  const verdicts = async () =>
    (await run(server, only)).flatMap(({ results }) => results.map(({ id, verdict }) => [id, verdict]));
  assert.deepEqual(await verdicts(), [['the job calls the API', 'failed']]);
  await server.open(server.uri('policy.yaml'), policy.replace('{app: web}', '{app: job}').replaceAll('\n', '\r\n'));
  assert.deepEqual(await verdicts(), [['the job calls the API', 'passed']]);
});

test('tests of one name are told apart, and the first keeps its name', async (t) => {
  const twice =
    'tests:\n  - {from: shop/web, to: shop/api, expect: allowed}\n  - {from: shop/web, to: shop/api, expect: allowed}\n';
  const server = await ServerProcess.start(t, { files: { ...files, 'shop.netpol-test.yaml': `\uFEFF${twice}` } });
  const [file] = await list(server);
  assert.deepEqual(
    file?.tests.map(({ id }) => id),
    ['shop/web to shop/api: allowed', 'shop/web to shop/api: allowed (2)'],
  );
});

test('a file that is half typed lists what can be read, and says what cannot', async (t) => {
  const server = await ServerProcess.start(t, { files });
  const uri = server.uri('shop.netpol-test.yaml');
  await server.open(uri, 'tests:\n  - from: [shop/web\n    to: shop/api\n');
  const [broken] = await list(server);
  assert.equal(broken?.tests.length, 0);
  assert.ok(broken?.problem);
  const [result] = await run(server);
  assert.equal(result?.results.length, 0);
  assert.ok((result?.problems.length ?? 0) > 0);
  await server.change(uri, 2, [
    { text: 'tests:\n  - from: shop/web\n    to: shop/api\n    expect: allowed\n  - from:\n' },
  ]);
  const [half] = await list(server);
  assert.equal(half?.tests.length, 1);
  assert.ok(((await run(server))[0]?.problems.length ?? 0) > 0);
  await server.change(uri, 3, [{ text: '' }]);
  assert.deepEqual(
    (await list(server)).map((item) => item.tests),
    [[]],
  );
  assert.deepEqual(
    await run(server, { files: [{ uri: server.uri('unknown.netpol-test.yaml') }, { uri: server.uri('policy.yaml') }] }),
    [],
  );
});

test('where a base is tested in several scopes, each that fails says which it is', async (t) => {
  const overlay = (name: string, patch: string) => ({
    [`${name}/kustomization.yaml`]: `resources: [../base]\nnamespace: ${name}\n${patch}`,
  });
  const base = {
    'base/kustomization.yaml': 'resources: [pods.yaml, policy.yaml]\n',
    'base/pods.yaml': files['pods.yaml'].replaceAll(', namespace: shop', ''),
    'base/policy.yaml': policy.replace(', namespace: shop', ''),
  };
  const patch =
    'patches:\n  - target: {kind: NetworkPolicy}\n    patch: |\n      - {op: replace, path: /spec/ingress, value: []}\n';
  const server = await ServerProcess.start(t, {
    files: {
      ...base,
      ...overlay('live', patch),
      ...overlay('trial', ''),
      'base/a.netpol-test.yaml': 'tests:\n  - {name: in, from: "*/web", to: "*/api", port: 8080, expect: allowed}\n',
    },
  });
  const [file] = await run(server);
  const [only] = file?.results ?? [];
  assert.equal(only?.verdict, 'failed');
  assert.equal(only?.messages.length, 1);
  assert.match(only?.messages[0]?.message ?? '', /^In .*live.*: live\/web to live\/api on TCP 8080 is \*\*denied\*\*/);
});
