import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeLens } from 'vscode-languageserver-protocol';
import { allowDns, api, apiPolicy, denyEgress, frontend, shop } from './manifests.js';
import { poor, rich, ServerProcess } from './server-process.js';

const commands = ['netpol.showEffective', 'netpol.mayBeReachedBy', 'netpol.mayReach', 'netpol.explainConnection'];

async function lensesOf(server: ServerProcess, uri: string): Promise<CodeLens[]> {
  const lenses: CodeLens[] = await server.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
  return Promise.all(lenses.map((lens): Promise<CodeLens> => server.connection.sendRequest('codeLens/resolve', lens)));
}

/** "LINE: title", lines from 1. */
async function titles(server: ServerProcess, uri: string): Promise<string[]> {
  return (await lensesOf(server, uri)).map(
    ({ range, command }) => `${range.start.line + 1}: ${command === undefined ? '(not resolved)' : command.title}`,
  );
}

test('over a policy stands whom it selects and what those may receive and send, with the other policies', async (t) => {
  const files = { ...shop, 'policies/dns.yaml': `# Names.\n\n${allowDns}` };
  const server = await ServerProcess.start(t, { files });
  assert.deepEqual(await titles(server, server.uri('policies/api.yaml')), [
    '1: selects 1 workload, ingress from 1 workload, egress DNS only, with 1 other policy',
  ]);
  // It selects the frontend, too, on which the other policy is not.
  assert.deepEqual(await titles(server, server.uri('policies/dns.yaml')), [
    '3: selects 2 workloads, ingress as other policies say, egress DNS only, with 1 other policy on some of them',
  ]);
});

test('the words are those of a policy as it is typed', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  const said = async (text: string, version: number) => {
    await (version === 1 ? server.open(uri, text) : server.change(uri, version, [{ text }]));
    return (await titles(server, uri)).join('\n');
  };
  assert.equal(
    await said(apiPolicy.replace('app: api', 'app: nobody'), 1),
    '1: selects no workload here, ingress from 1 workload, egress open',
  );
  assert.equal(
    await said(apiPolicy.replace(/ {2}ingress:[\s\S]*/, ''), 2),
    '1: selects 1 workload, no ingress, egress open',
  );
  assert.equal(
    await said(apiPolicy.replace(/ {4}- from:[\s\S]*(?= {6}ports)/, '    -\n'), 3),
    '1: selects 1 workload, ingress from everyone on TCP 8080, egress open',
  );
  assert.equal(
    await said(apiPolicy.replace(/ {4}- from:[\s\S]*/, '    - {}\n'), 4),
    '1: selects 1 workload, ingress from everyone, egress open',
  );
  assert.equal(
    await said(
      apiPolicy.replace(/podSelector:\n {12}matchLabels:\n {14}app: frontend/, 'ipBlock: {cidr: 10.0.0.0/8}'),
      5,
    ),
    '1: selects 1 workload, ingress from 10.0.0.0/8, egress open',
  );
  assert.equal(
    await said(apiPolicy.replace('app: frontend', 'app: web'), 6),
    '1: selects 1 workload, ingress from pods app=web in shop, egress open',
  );
  // Windows' line ends and a byte order mark change nothing.
  assert.equal(
    await said(`\uFEFF${apiPolicy.replaceAll('\n', '\r\n')}`, 7),
    '1: selects 1 workload, ingress from 1 workload, egress open',
  );
  // Half typed: no object, no lens, no failure.
  assert.equal(await said('apiVersion: networking.k8s.io/v1\nkind: Netw', 8), '');
  assert.equal(await said('', 9), '');
});

test('a value that a template writes is not guessed', async (t) => {
  const files = {
    ...shop,
    'chart/Chart.yaml': 'name: c\nversion: 1.0.0\n',
    'chart/templates/policy.yaml': apiPolicy.replace('app: api', 'app: {{ .Values.app }}'),
  };
  const server = await ServerProcess.start(t, { files });
  const [title] = await titles(server, server.uri('chart/templates/policy.yaml'));
  assert.match(title ?? '', /^1: selects (pods that cannot be told|no workload here)/);
});

test('over a workload stand its policies, by whom it may be reached, and whom it may reach', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/deny.yaml': denyEgress } });
  // What the frontend may send is nothing, so that nobody of these reaches the API.
  assert.deepEqual(await titles(server, server.uri('workloads/api.yaml')), [
    '1: selected by 2 policies',
    '1: may be reached by no workload here',
    '1: may reach no workload here',
  ]);
  await server.open(server.uri('policies/deny.yaml'), '');
  assert.deepEqual(await titles(server, server.uri('workloads/api.yaml')), [
    '1: selected by 1 policy',
    '1: may be reached by 1 workload',
    '1: may reach 1 workload and the outside',
  ]);
  assert.deepEqual(await titles(server, server.uri('workloads/frontend.yaml')), [
    '1: selected by no policy',
    '1: may be reached by 1 workload and from outside',
    '1: may reach 1 workload and the outside',
  ]);
});

test('each object of a list and of a file has its own line; other kinds have none', async (t) => {
  const item = (text: string) => text.replace(/^/gm, '    ').replace(/^ {4}/, '  - ').trimEnd();
  const list = `apiVersion: v1\nkind: List\nitems:\n${item(frontend)}\n${item(apiPolicy)}\n`;
  const files = { 'list.yaml': list, 'other.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' };
  const server = await ServerProcess.start(t, { files });
  const found = await titles(server, server.uri('list.yaml'));
  const line = list.split('\n').findIndex((each) => each.includes('networking.k8s.io')) + 1;
  assert.deepEqual(
    found.map((title) => Number.parseInt(title, 10)),
    [4, 4, 4, line],
  );
  assert.deepEqual(await titles(server, server.uri('other.yaml')), []);
  assert.deepEqual(await titles(server, server.uri('nowhere.yaml')), []);
});

test('cluster-wide policies, Calico’s and Cilium’s have their words', async (t) => {
  const files = {
    ...shop,
    'admin.yaml': `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: admin}
spec:
  priority: 10
  subject: {namespaces: {}}
  ingress:
    - action: Deny
      from: [{namespaces: {matchLabels: {team: x}}}]
`,
    'calico.yaml': `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: all}
spec:
  selector: app == 'api'
  types: [Ingress]
`,
  };
  const server = await ServerProcess.start(t, { files });
  assert.deepEqual(await titles(server, server.uri('admin.yaml')), [
    '1: selects 2 workloads, denies ingress by 1 rule, asked before network policies',
  ]);
  assert.deepEqual(await titles(server, server.uri('calico.yaml')), ['1: selects 1 workload, no ingress']);
  const [own] = await titles(server, server.uri('policies/api.yaml'));
  assert.match(own ?? '', /ingress .* but for 1 denial/);
});

test('denials, rules in order and templates are said in few words, and nothing is counted of pods that are not here', async (t) => {
  const cilium = (name: string, rules: string) =>
    `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: ${name}, namespace: x}\nspec:\n  endpointSelector: {matchLabels: {app: ${name}}}\n${rules}`;
  const calico = (name: string, rules: string) =>
    `apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: y}\nspec:\n  selector: app == '${name}'\n  types: [Ingress]\n  ingress:\n${rules}`;
  const files = {
    'deny.yaml': cilium('a', '  ingressDeny: [{fromCIDR: [192.0.2.0/24]}]\n'),
    'both.yaml': cilium('b', '  ingress: [{fromCIDR: [192.0.2.0/24]}]\n  ingressDeny: [{fromCIDR: [192.0.2.1/32]}]\n'),
    'order.yaml': calico(
      'c',
      "    - {action: Log}\n    - {action: Deny, source: {selector: app == 'x'}}\n    - {action: Allow, source: {selector: all()}}\n",
    ),
    'allow.yaml': calico(
      'allowing',
      "    - {action: Allow, source: {selector: app == 'y'}}\n    - {action: Deny, source: {selector: app == 'x'}}\n",
    ),
    'template.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: t, namespace: z}
spec:
  podSelector: {matchLabels: {app: t}}
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {name: {{ .Values.a }} }}
        - podSelector: {matchLabels: {app: {{ .Values.b }} }}
`,
    'ports.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: p}
spec:
  podSelector: {matchLabels: {app: p}}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - port: {{ .Values.port }}
  egress:
    - ports:
        - {port: 53, protocol: UDP}
    - ports:
        - port: {{ .Values.database }}
`,
    'other.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: u, namespace: z}
spec:
  podSelector: {matchLabels: {tier: u}}
`,
  };
  const server = await ServerProcess.start(t, { files });
  const said = async (name: string) => (await titles(server, server.uri(name))).join('\n');
  assert.equal(await said('deny.yaml'), '1: selects no workload here, no ingress, egress open');
  assert.equal(
    await said('both.yaml'),
    '1: selects no workload here, ingress from 192.0.2.0/24 but for 1 denial, egress open',
  );
  assert.equal(
    await said('order.yaml'),
    '1: selects no workload here, ingress from every pod in the same namespace but for 1 denial, egress open',
  );
  assert.equal(await said('allow.yaml'), '1: selects no workload here, ingress by 2 rules in order, egress open');
  assert.equal(
    await said('template.yaml'),
    '1: selects no workload here, ingress from other sources, egress open; part of this is not known',
  );
  assert.equal(
    await said('ports.yaml'),
    '1: selects no workload here, ingress from everyone on some ports, egress to everywhere on some ports and DNS; part of this is not known',
  );
});

test('a test says whether it holds, and why not', async (t) => {
  const tests = `tests:
  - {from: shop/frontend, to: shop/api, port: 8080, expect: allowed}
  # Nobody may.
  - name: the other way round
    from: shop/frontend
    to: shop/api
    port: 8080
    expect: denied
  - {from: nobody, to: shop/api, expect: denied}
`;
  const files = { ...shop, 'shop.netpol-test.yaml': tests };
  const server = await ServerProcess.start(t, { files, initializationOptions: { commands } });
  const uri = server.uri('shop.netpol-test.yaml');
  const found = await lensesOf(server, uri);
  assert.deepEqual(
    found.map(({ range, command }) => [range.start.line + 1, command?.title.slice(0, 48)]),
    [
      [2, 'passes'],
      [4, 'fails: shop/frontend to shop/api on TCP 8080 is '],
      [9, found[2]?.command?.title.slice(0, 48)],
    ],
  );
  assert.match(found[2]?.command?.title ?? '', /^not asked: from: .*nobody/);
  // A click asks why.
  assert.equal(found[1]?.command?.command, 'netpol.explainConnection');
  const [question] = found[1]?.command?.arguments ?? [];
  assert.deepEqual(question, {
    textDocument: { uri },
    from: 'shop/frontend[Deployment]',
    to: 'shop/api[Deployment]',
    port: 8080,
  });
  const answer: { answer?: string } = await server.connection.sendRequest('netpol/explain', question);
  assert.match(answer.answer ?? '', /^Allowed: shop\/frontend/);
});

test('only a client that has the commands is sent them', async (t) => {
  const withThem = await ServerProcess.start(t, { files: shop, initializationOptions: { commands } });
  const uri = withThem.uri('workloads/api.yaml');
  const found = await lensesOf(withThem, uri);
  assert.deepEqual(
    found.map(({ command }) => command?.command),
    ['netpol.showEffective', 'netpol.mayBeReachedBy', 'netpol.mayReach'],
  );
  assert.deepEqual(found[0]?.command?.arguments, [{ textDocument: { uri }, position: { line: 0, character: 0 } }]);
  const without = await ServerProcess.start(t, { files: shop, capabilities: poor });
  const plain = await lensesOf(without, without.uri('workloads/api.yaml'));
  assert.deepEqual(
    plain.map(({ command }) => [command?.command, command?.arguments]),
    [
      ['', undefined],
      ['', undefined],
      ['', undefined],
    ],
  );
  assert.equal(plain[0]?.command?.title, 'selected by 1 policy');
});

test('a client that can is told to ask again when another file changes; a lens of the past is no failure', async (t) => {
  const capabilities = { ...rich, workspace: { ...rich.workspace, codeLens: { refreshSupport: true } } };
  const server = await ServerProcess.spawned(t, { files: shop });
  let asked = 0;
  let told = () => {};
  server.connection.onRequest('workspace/codeLens/refresh', () => {
    asked++;
    told();
    return null;
  });
  await server.initialize({ capabilities });
  await server.statuses.where(({ state }) => state === 'ready');
  const uri = server.uri('policies/api.yaml');
  const before: CodeLens[] = await server.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
  const [lens] = before;
  assert.ok(lens);
  assert.equal(lens.command, undefined);
  const count = asked;
  await new Promise<void>((resolve) => {
    told = () => {
      if (asked > count) resolve();
    };
    void server.open(server.uri('workloads/api.yaml'), api.replaceAll('app: api', 'app: other'));
  });
  assert.deepEqual(await titles(server, uri), ['1: selects no workload here, ingress from 1 workload, egress open']);
  await server.open(uri, '# nothing\n');
  const gone: CodeLens = await server.connection.sendRequest('codeLens/resolve', lens);
  assert.equal(gone.command?.title, '');
  for (const data of [undefined, null, 1, { uri: 1 }, { uri, about: 'toString' }]) {
    const odd: CodeLens = await server.connection.sendRequest('codeLens/resolve', { ...lens, data });
    assert.equal(odd.command?.title, '');
  }
});
