import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, netpol } from './terminal.js';

const shop = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, image: api, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
      ports:
        - port: 8080
`;

const passing = `namespace: shop
tests:
  - name: web calls api
    from: web
    to: svc/api
    port: 80
    expect: allowed
  - from: internet
    to: {namespace: shop, pods: {app: api}}
    port: 8080
    expect: denied
`;

const one = (lines: string) => `tests:\n  - name: a <b> & "c"\n${lines.replace(/^(?=.)/gm, '    ')}`;
const unexpected = one('from: shop/web\nto: shop/api\nport: 8080\nexpect: denied\n');

test('expectations that hold pass, and say so one by one', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': passing });
  const { code, out } = await netpol(['test'], { cwd });
  assert.equal(code, 0);
  assert.equal(out.match(/✓ passed/g)?.length, 2);
  assert.match(out, /2 tests: 2 passed/);
});

test('an expectation that does not hold names the pair, the verdict and the line that decides', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': unexpected });
  const { code, out } = await netpol(['test'], { cwd });
  assert.equal(code, 1);
  assert.match(out, /✗ failed .*a\.netpol-test\.yaml:2\n\s+expected to be denied, and allowed/);
  assert.match(out, /shop\/web to shop\/api on TCP 8080/);
  assert.match(out, /shop\.yaml:\d+/);
});

for (const [what, lines] of Object.entries({
  'a wildcard': 'from: shop/nobody*\nto: shop/api\nexpect: denied\n',
  'a name': 'from: shop/wbe\nto: shop/api\nexpect: denied\n',
  'a selector': 'from: shop/web\nto: {namespace: shop, pods: {app: apu}}\nexpect: denied\n',
})) {
  test(`${what} that matches nothing fails, whatever is expected`, async (t) => {
    const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': one(lines) });
    const { code, out } = await netpol(['test'], { cwd });
    assert.notEqual(code, 0);
    assert.doesNotMatch(out, /✓/);
  });
}

test('a file that cannot be read as tests does not pass', async (t) => {
  for (const text of ['', 'tests: []\n', 'tests:\n  - from: shop/web\n', 'tests: [\n']) {
    const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': text });
    const { code, out, err } = await netpol(['test'], { cwd });
    assert.notEqual(code, 0, text);
    assert.match(`${out}${err}`, /a\.netpol-test\.yaml/, text);
  }
});

test('a folder without test files is said to be one', async (t) => {
  const { code, err } = await netpol(['test'], { cwd: await folderWith(t, { 'shop.yaml': shop }) });
  assert.equal(code, 2);
  assert.match(err, /netpol-test\.yaml/);
});

test('--filter takes the tests whose name holds a text', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': passing });
  const { out } = await netpol(['test', '--filter', 'web calls'], { cwd });
  assert.match(out, /1 test: 1 passed/);
});

test('JUnit is well-formed, also around names of any kind, and counts failures', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': unexpected });
  const { out, code } = await netpol(['test', '--format', 'junit'], { cwd });
  assert.equal(code, 1);
  assert.match(out, /tests="1" failures="1"/);
  assert.match(out, /name="a &lt;b&gt; &amp; &quot;c&quot;"/);
  const tags = [...out.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)];
  const open: string[] = [];
  for (const [, closing, name = '', empty] of tags) {
    if (closing === '/') assert.equal(open.pop(), name);
    else if (empty === '') open.push(name);
  }
  assert.deepEqual(open, []);
});

test('JSON tells each test with its outcome', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': passing });
  const { out } = await netpol(['test', '--format', 'json'], { cwd });
  assert.match(out, /"web calls api"/);
  assert.ok((out.match(/"passed"/g)?.length ?? 0) >= 2);
  JSON.parse(out);
});

test('probe prints the commands that try what the tests expect, and runs none', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop, 'a.netpol-test.yaml': passing });
  const { out, code } = await netpol(['probe'], { cwd });
  assert.equal(code, 0);
  assert.match(
    out,
    /expected to be allowed\nkubectl exec --namespace=shop pod\/web --container=web -- nc -zv -w 3 api\.shop\.svc 80\n/,
  );
  assert.match(out, /-- nslookup api\.shop\.svc\n/);
  assert.match(out, /internet|203\.|expected to be denied/);
});

test('probe between two ends says what the manifests say; the new pod has the labels of the source', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop });
  const asked = ['probe', '--from', 'shop/api', '--to', 'shop/web', '--port', '9090', '--via', 'run'];
  const { out } = await netpol(asked, { cwd });
  assert.match(out, /kubectl run netpol-probe --namespace=shop .*--labels=app=api .*nc -zv -w 3/);
  assert.match(out, /Service api may send requests to it/);
  const { out: json } = await netpol([...asked, '--format', 'json'], { cwd });
  const { probes } = JSON.parse(json);
  assert.equal(probes.at(-1).verdict, 'allowed');
});

test('probe says what it cannot use', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': shop });
  for (const [args, says] of [
    [['--from', 'shop/web'], /both --from and --to/],
    [['--from', 'shop/web', '--to', 'shop/api', '--port', '99999'], /--port 99999/],
    [['--via', 'ssh'], /--via ssh/],
    [['--from', 'shop/wbe', '--to', 'shop/api'], /wbe/],
  ] as const) {
    const { code, err } = await netpol(['probe', ...args], { cwd });
    assert.equal(code, 2, args.join(' '));
    assert.match(err, says);
  }
});
