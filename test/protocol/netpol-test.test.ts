import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { apiPolicy, shop } from './manifests.js';
import { ServerProcess } from './server-process.js';

const service = `apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: web, port: 80, targetPort: http}]}
`;

const files = { files: { ...shop, 'service.yaml': service, 'shop.netpol-test.yaml': '' } };

const tests = `tests:
  - from: shop/frontend
    to: svc/shop/api
    port: 80
    expect: allowed
  - {from: "*", to: {namespace: shop, pods: {app: api}}, port: 1, expect: denied}
`;

test('an expectation follows the edits of the policies, and its fix mends them', async (t) => {
  const server = await ServerProcess.start(t, files);
  const uri = server.uri('shop.netpol-test.yaml');
  await server.open(uri, tests);
  assert.deepEqual(await server.codes(uri), []);

  const policy = server.uri('policies/api.yaml');
  await server.open(policy, apiPolicy);
  const narrowed = apiPolicy.replace('port: 8080', 'port: 9090');
  await server.change(policy, 2, [{ text: narrowed }]);
  const [failed, ...others] = await server.pull(uri);
  assert.deepEqual(others, []);
  assert.ok(failed !== undefined);
  assert.equal(failed.code, 'expectation-failed');
  assert.equal(failed.severity, 1);
  assert.deepEqual(failed.range, { start: { line: 4, character: 12 }, end: { line: 4, character: 19 } });
  assert.equal(failed.relatedInformation?.[0]?.location.uri, policy);

  const actions = await server.actions(uri, failed.range, { only: ['quickfix'], diagnostics: [failed] });
  const fix = actions.find(({ title }) => title === 'Allow shop/frontend to shop/api on TCP 8080');
  assert.ok(fix !== undefined, actions.map(({ title }) => title).join());
  const edit = (await server.resolve(fix)).edit;
  const [changed] = Object.entries(edit?.changes ?? {});
  assert.equal(changed?.[0], policy);
  const mended = TextDocument.applyEdits(TextDocument.create(policy, 'yaml', 2, narrowed), changed?.[1] ?? []);
  await server.change(policy, 3, [{ text: mended }]);
  assert.deepEqual(await server.codes(uri), []);
});

test('names, labels, ports and fields are offered', async (t) => {
  const server = await ServerProcess.start(t, files);
  const uri = server.uri('shop.netpol-test.yaml');
  let version = 0;
  const complete = async (marked: string) => {
    const offset = marked.indexOf('|');
    const text = marked.replace('|', '');
    version++;
    if (version === 1) await server.open(uri, text);
    else await server.change(uri, version, [{ text }]);
    const document = TextDocument.create(uri, 'yaml', version, text);
    const items: CompletionItem[] = await server.connection.sendRequest('textDocument/completion', {
      textDocument: { uri },
      position: document.positionAt(offset),
    });
    return { items, document };
  };
  const cases: readonly (readonly [string, string, string])[] = [
    ['te|', 'tests', 'tests:\n  - from: '],
    ['tests:\n  - fr|', 'from', 'tests:\n  - from: '],
    ['tests:\n  - from: |', 'shop/frontend', 'tests:\n  - from: shop/frontend'],
    ['tests:\n  - from: |', '*', 'tests:\n  - from: "*"'],
    ['tests:\n  - from: "|"', '*', 'tests:\n  - from: "*"'],
    ['tests:\n  - from: [shop/api, sh|]', 'shop/frontend', 'tests:\n  - from: [shop/api, shop/frontend]'],
    ['tests:\n  - from: a\n    to: |', 'svc/shop/api', 'tests:\n  - from: a\n    to: svc/shop/api'],
    ['tests:\n  - from: a\n    to: {|}', 'namespace', 'tests:\n  - from: a\n    to: {namespace: }'],
    ['tests:\n  - from: {namespace: |}', 'shop', 'tests:\n  - from: {namespace: shop}'],
    ['tests:\n  - from: {pods: {|}}', 'app: frontend', 'tests:\n  - from: {pods: {app: frontend}}'],
    ['tests:\n  - to: svc/shop/api\n    port: |', '80', 'tests:\n  - to: svc/shop/api\n    port: 80'],
    ['tests:\n  - to: shop/api\n    port: |', 'http', 'tests:\n  - to: shop/api\n    port: http'],
    ['tests:\n  - to: shop/api\n    expect: |', 'denied', 'tests:\n  - to: shop/api\n    expect: denied'],
    ['namespace: |', 'shop', 'namespace: shop'],
  ];
  for (const [marked, label, wanted] of cases) {
    const { items, document } = await complete(marked);
    const item = items.find((each) => each.label === label);
    assert.ok(
      item?.textEdit && 'range' in item.textEdit,
      `${marked}: ${label} in ${items.map((each) => each.label).join()}`,
    );
    assert.equal(TextDocument.applyEdits(document, [item.textEdit]), wanted, marked);
  }
});

test('the hover says whom an end means and what became of the test, with the lines', async (t) => {
  const server = await ServerProcess.start(t, files);
  const uri = server.uri('shop.netpol-test.yaml');
  await server.open(uri, `${tests}  - {from: shop/none, to: internet, port: 443, expect: allowed}\n`);
  const text = `${tests}  - {from: shop/none, to: internet, port: 443, expect: allowed}\n`;
  assert.match(
    (await server.hover(uri, text, '"*"')) ?? '',
    /^2 workloads: shop\/api\\?\[Deployment\\?\] and shop\/frontend/,
  );
  assert.match((await server.hover(uri, text, 'pods: {')) ?? '', /1 workload: shop\/api/);
  assert.match((await server.hover(uri, text, 'allowed')) ?? '', /^\*\*Passed\.\*\* The connection is allowed\./);
  assert.match((await server.hover(uri, text, 'shop/none')) ?? '', /⚠ there is no workload/);
  const denied = tests.replace('port: 80', 'port: 80 ').replace('expect: allowed', 'expect: denied');
  await server.change(uri, 2, [{ text: denied }]);
  const said = (await server.hover(uri, denied, 'denied')) ?? '';
  assert.match(said, /^\*\*Failed\.\*\* shop\/frontend to shop\/api on TCP 8080 is allowed/);
  assert.ok(said.includes(`](${server.uri('policies/api.yaml')}#L`), said);
  assert.match(said, /None of these connections passes/);
});
