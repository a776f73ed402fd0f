import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { folderWith, netpol } from './terminal.js';

const manifests = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: wbe}}
      ports:
        - port: 8080
`;

const passing = `namespace: shop
tests:
  - {name: nobody else, from: internet, to: api, expect: denied}
`;

const failing = `namespace: shop
tests:
  - name: the web <calls> & "gets"\u0001
    from: web
    to: api
    port: 8080
    expect: allowed
  - name: the web is open
    from: api
    to: web
    port: 80
    expect: denied
  - {name: a typo, from: wbe, to: api, expect: denied}
`;

test('every test passed: exit status 0', async (t) => {
  const cwd = await folderWith(t, { 'k8s/shop.yaml': manifests, 'k8s/a.netpol-test.yaml': passing });
  for (const args of [[], ['k8s'], ['k8s/a.netpol-test.yaml'], ['k8s/shop.yaml', 'k8s/a.netpol-test.yaml']]) {
    const { code, out, err } = await netpol(['test', ...args], { cwd });
    assert.deepEqual([code, err], [0, ''], args.join(' '));
    assert.match(out, /^k8s\/a\.netpol-test\.yaml {2}tests .*\n {2}✓ passed {2}nobody else\n\n1 test: 1 passed\n$/);
  }
});

test('what failed comes with the lines that decide it, what comes near, and the edits that would mend it', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': manifests, 'x.netpol-test.yaml': failing });
  const { code, out } = await netpol(['test'], { cwd });
  assert.equal(code, 1);
  assert.match(
    out,
    /✗ failed {2}the web .* {3}x\.netpol-test\.yaml:3\n {6}expected to be allowed, and denied:\n {6}shop\/web to shop\/api on TCP 8080\n/,
  );
  assert.match(out, /shop\/api isolates shop\/api for ingress, and no rule allows it {3}shop\.yaml:18\n/);
  assert.match(
    out,
    /nearest is shop\/api, ingress rule 1: it wants pods with app=wbe; shop\/web\[Pod\] has app=web {3}shop\.yaml:21\n/,
  );
  assert.match(out, / {6}fix {3}Allow ingress of shop\/api from shop\/web on TCP 8080 \(policy api, rule 1\)\n/);
  assert.match(
    out,
    /expected to be denied, and allowed:\n {6}shop\/api to shop\/web on TCP 80\n {8}no policy isolates shop\/api for egress\n/,
  );
  assert.match(out, / {6}cut {3}/);
  assert.match(out, /✗ not asked {2}a typo {3}x\.netpol-test\.yaml:13\n {6}from: there is no workload "wbe" here/);
  assert.match(out, /\n3 tests: 0 passed, 2 failed, 1 not asked\n$/);
});

test('--filter takes tests by name and file, and says when it leaves none', async (t) => {
  const cwd = await folderWith(t, {
    'shop.yaml': manifests,
    'x.netpol-test.yaml': failing,
    'a.netpol-test.yaml': passing,
  });
  assert.match((await netpol(['test', '--filter', 'NOBODY'], { cwd })).out, /\n1 test: 1 passed\n$/);
  assert.match((await netpol(['test', '--filter', 'x.netpol'], { cwd })).out, /\n3 tests: /);
  const none = await netpol(['test', '--filter', 'nothing'], { cwd });
  assert.deepEqual([none.code, none.out], [2, '']);
  assert.match(none.err, /no test's name or file holds "nothing"/);
});

test('a file that cannot be read, or tests nothing, is never a pass', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['tests: []', /holds no test, so nothing is tested/],
    ['# nothing', /The file is empty/],
    ['tests:\n  - {from: web, expect: denied}', /needs `to`/],
    ['tests:\n  - {from: *, to: web, expect: denied}', /✗ problem/],
    [`scope: prod\n${passing}`, /There is no scope "prod" here/],
    [`${passing}  - {from: web, to: api, port: 0, expect: denied}\n`, /✓ passed {2}nobody else/],
  ];
  for (const [text, said] of cases) {
    const cwd = await folderWith(t, { 'shop.yaml': manifests, 'x.netpol-test.yaml': text });
    const { code, out } = await netpol(['test'], { cwd });
    assert.equal(code, 1, text);
    assert.match(out, said);
  }
  const alone = await folderWith(t, { 'x.netpol-test.yaml': passing });
  const { code, out } = await netpol(['test'], { cwd: alone });
  assert.equal(code, 1);
  assert.match(out, /There are no manifests here to test/);
});

test('what keeps it from running is exit status 2', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': manifests });
  for (const args of [[], ['nowhere'], ['--format', 'xml']]) {
    const { code, out, err } = await netpol(['test', ...args], { cwd });
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(err, /^netpol: .*\n$/);
  }
});

test('JUnit is well-formed whatever the names hold, and counts its cases', async (t) => {
  const cwd = await folderWith(t, {
    'shop.yaml': manifests,
    'x.netpol-test.yaml': failing,
    'y.netpol-test.yaml': passing,
    'z.netpol-test.yaml': 'tests: []',
  });
  const { code, out } = await netpol(['test', '--format', 'junit'], { cwd });
  assert.equal(code, 1);
  assert.ok(out.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="netpol">\n'));
  const open: string[] = [];
  const count = new Map<string, number>();
  // Every angle bracket belongs to a tag, every tag is closed in order, and no control character is left.
  const text = out
    .replace(/^<\?xml.*?\?>/, '')
    .replaceAll(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g, (_, end, name, _attributes, closed) => {
      if (end === '/') assert.equal(open.pop(), name);
      else {
        count.set(name, (count.get(name) ?? 0) + 1);
        if (closed === '') open.push(name);
      }
      return '';
    });
  assert.deepEqual(open, []);
  assert.doesNotMatch(text, /[<>]/);
  assert.doesNotMatch(out, /&(?!(?:amp|lt|gt|quot|#10);)/);
  assert.doesNotMatch(out, /[^\P{Cc}\n]/u);
  assert.deepEqual(Object.fromEntries(count), { testsuites: 1, testsuite: 3, testcase: 5, failure: 2, error: 2 });
  assert.match(out, /<testsuite name="x\.netpol-test\.yaml \(.*\)" tests="3" failures="2" errors="1">/);
  assert.match(
    out,
    /name="the web &lt;calls&gt; &amp; &quot;gets&quot;\ufffd" classname="x\.netpol-test\.yaml" file="x\.netpol-test\.yaml" line="3"/,
  );
});

test('the JSON fits its schema', async (t) => {
  const schema = JSON.parse(readFileSync(join(process.cwd(), 'docs/json-schema/test.schema.json'), 'utf8'));
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  const cwd = await folderWith(t, {
    'shop.yaml': manifests,
    'x.netpol-test.yaml': failing,
    'z.netpol-test.yaml': 'tests: []',
  });
  const { code, out } = await netpol(['test', '--format', 'json'], { cwd });
  const report = JSON.parse(out);
  assert.equal(code, 1);
  assert.ok(validate(JSON.parse(out)), JSON.stringify(validate.errors));
  assert.ok(!validate({ tests: [{}], problems: [], summary: {} }), 'the schema refuses what it does not describe');
  assert.deepEqual(report.summary, { tests: 3, passed: 0, failed: 2, notCertain: 0, notAsked: 1, problems: 1 });
  const because = report.tests[0].failures[0].parts[0].because;
  assert.deepEqual(because, [
    { message: 'shop/api isolates shop/api for ingress, and no rule allows it', file: 'shop.yaml', line: 18 },
  ]);
});

test('check reports the same failures, at their lines', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': manifests, 'x.netpol-test.yaml': failing });
  const { out } = await netpol(['check', '--format', 'json'], { cwd });
  const found = JSON.parse(out).findings.filter((each: { file: string }) => each.file === 'x.netpol-test.yaml');
  assert.deepEqual(
    found.map((each: { rule: string; range: { start: { line: number } } }) => [each.rule, each.range.start.line + 1]),
    [
      ['expectation-failed', 7],
      ['expectation-failed', 12],
      ['expectation-failed', 13],
    ],
  );
});
