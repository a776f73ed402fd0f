import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { allowDns, api, apiPolicy, badEndPort, denyEgress, frontend, shop } from './manifests.js';
import { applied, positionOf, rangeOf, ServerProcess, type StartOptions, withoutResolve } from './server-process.js';

const withDeny: StartOptions = { files: { ...shop, 'policies/deny.yaml': denyEgress } };

test('the hover on a kind is the table of what is allowed, each row linked to its line', async (t) => {
  const server = await ServerProcess.start(t, withDeny);
  const uri = server.uri('policies/api.yaml');
  const hover = (await server.hover(uri, apiPolicy, 'NetworkPolicy')) ?? '';
  assert.match(hover, /selects 1 workload: api/);
  assert.match(hover, /\| TCP\s8080 \|.*app=frontend.*1 workload: frontend/);
  assert.ok(hover.includes(`(${uri}#L13)`), hover);
  // The other policy's part in it is there, with its own line.
  assert.ok(hover.includes(`${server.uri('policies/deny.yaml')}#L`), hover);
  assert.match(hover, /everything else is denied/);
  assert.match(hover, /UDP 53/);
});

test('the same stands at the name, the subject and the workload', async (t) => {
  const server = await ServerProcess.start(t, withDeny);
  const uri = server.uri('policies/api.yaml');
  for (const at of ['kind', 'api\n  namespace', 'podSelector', 'app: api']) {
    assert.match((await server.hover(uri, apiPolicy, at)) ?? '', /selects 1 workload: api/, at);
  }
  const workload = await server.hover(server.uri('workloads/api.yaml'), api, 'Deployment');
  assert.match(workload ?? '', /selected by 2 policies/);
});

test('the hover on a peer says AND, or OR', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/two.yaml');
  const peers = (text: string) => apiPolicy.replace(/ {8}- podSelector:[\s\S]*?app: frontend\n/, text);
  const and = peers(`        - podSelector: {matchLabels: {app: frontend}}
          namespaceSelector: {matchLabels: {team: shop}}
`);
  await server.open(uri, and);
  assert.match((await server.hover(uri, and, 'podSelector: {m')) ?? '', /\*\*AND\*\*/);
  const or = and.replace('          namespaceSelector', '        - namespaceSelector');
  await server.change(uri, 2, [{ text: or }]);
  assert.match((await server.hover(uri, or, 'podSelector: {m')) ?? '', /\*\*OR\*\*/);
  assert.match((await server.hover(uri, or, 'from')) ?? '', /\*\*OR\*\*/);
});

test('the hover on a field says what it means', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  assert.match((await server.hover(uri, badEndPort, 'endPort')) ?? '', /`endPort`.*[\s\S]*port/);
  assert.match((await server.hover(uri, badEndPort, 'policyTypes')) ?? '', /`policyTypes`/);
  await server.change(uri, 2, [{ text: `# a note\n\n${badEndPort}` }]);
  assert.equal(await server.hover(uri, '# a note\n', 'note'), null);
  assert.equal(await server.hover(uri, '\n', '\n'), null);
});

test('DNS egress is the preferred fix, and it takes the diagnostic away', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/deny.yaml');
  const deny = denyEgress.replace('podSelector: {}', 'podSelector: {matchLabels: {app: api}}');
  await server.open(uri, deny);
  const diagnostics = await server.pull(uri);
  const [found] = diagnostics;
  assert.ok(found);
  assert.equal(found.code, 'dns-egress-missing');
  const actions = await server.actions(uri, found.range, { diagnostics });
  const preferred = actions.filter(({ isPreferred }) => isPreferred === true);
  assert.deepEqual(
    preferred.map(({ title }) => title.slice(0, 14)),
    ['Add DNS egress'],
  );
  const [action] = preferred;
  assert.ok(action);
  assert.deepEqual(action.diagnostics, [found]);
  assert.equal(action.edit, undefined);
  const { edit } = await server.resolve(action);
  const text = applied(edit, uri, deny);
  await server.change(uri, 2, [{ text }]);
  assert.deepEqual(await server.codes(uri), []);
  assert.match(text, /port: 53/);
});

test('for a default-deny the preferred fix is a policy beside it', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  const [found] = await server.pull(uri);
  assert.ok(found);
  const actions = await server.actions(uri, found.range);
  const [action, ...rest] = actions.filter(({ isPreferred }) => isPreferred === true);
  assert.deepEqual(rest, []);
  assert.ok(action);
  const text = applied((await server.resolve(action)).edit, uri, denyEgress);
  assert.ok(text.startsWith(denyEgress));
  assert.match(text, /allow-dns-egress/);
  await server.change(uri, 2, [{ text }]);
  assert.deepEqual(await server.codes(uri), []);
});

test('a client that cannot resolve gets the edits at once', async (t) => {
  const server = await ServerProcess.start(t, { files: shop, capabilities: withoutResolve });
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  const range = rangeOf(denyEgress, 'Egress');
  const actions = await server.actions(uri, range);
  assert.ok(actions.some(({ title }) => title.startsWith('Add DNS egress')));
  assert.ok(actions.some(({ title }) => title.startsWith('Silence')));
  // Standard policies are offered where there is nothing to mend, and where they are asked for.
  assert.ok(!actions.some(({ kind }) => kind === 'refactor.netpol.add'));
  const elsewhere = await server.actions(uri, rangeOf(denyEgress, 'kind'));
  const asked = await server.actions(uri, range, { only: ['refactor'] });
  for (const others of [elsewhere, asked]) assert.ok(others.some(({ kind }) => kind === 'refactor.netpol.add'));
  for (const action of [...actions, ...elsewhere, ...asked]) {
    assert.notEqual(action.edit, undefined, action.title);
    assert.equal(action.data, undefined);
  }
});

test('an action that no longer applies is answered without an edit', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/deny.yaml');
  await server.open(uri, denyEgress);
  const actions = await server.actions(uri, rangeOf(denyEgress, 'Egress'));
  await server.change(uri, 2, [{ text: '# nothing left\n' }]);
  for (const action of actions.filter(({ kind }) => kind === 'quickfix')) {
    assert.equal((await server.resolve(action)).edit, undefined);
  }
  const strange = {
    title: 'x',
    data: { uri: 'file:///nowhere', title: 'x', range: { start: 0, end: 1 }, source: 'fix' },
  };
  assert.equal((await server.resolve(strange)).edit, undefined);
  assert.equal((await server.resolve({ title: 'x' })).edit, undefined);
  assert.equal((await server.resolve({ title: 'x', data: 'nonsense' })).edit, undefined);
});

test('source.fixAll.netpol applies the safe fixes and nothing else', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  const text = apiPolicy.replace('policyTypes:', 'PolicyTypes: # as it is');
  await server.open(uri, text);
  const whole = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };
  for (const only of ['source.fixAll', 'source.fixAll.netpol', 'source']) {
    const actions = await server.actions(uri, whole, { only: [only] });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ['source.fixAll.netpol'],
    );
  }
  const [action] = await server.actions(uri, whole, { only: ['source.fixAll.netpol'] });
  assert.ok(action);
  const after = applied((await server.resolve(action)).edit, uri, text);
  assert.equal(after, text.replace('PolicyTypes', 'policyTypes'));
  // Without being asked for by kind it is not among the quick fixes.
  assert.ok(!(await server.actions(uri, whole)).some(({ kind }) => kind?.startsWith('source')));
  assert.deepEqual(await server.actions(uri, whole, { only: ['source.organizeImports'] }), []);
});

test('actions of one kind are asked for by its prefix', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  await server.open(uri, badEndPort);
  const range = rangeOf(badEndPort, '80', 'endPort: ');
  const kinds = async (only: string) =>
    new Set((await server.actions(uri, range, { only: [only] })).map(({ kind }) => kind));
  assert.deepEqual(await kinds('quickfix'), new Set(['quickfix']));
  assert.deepEqual(await kinds('refactor'), new Set(['refactor.netpol.add']));
  assert.deepEqual(await kinds('refactor.netpol'), new Set(['refactor.netpol.add']));
  assert.deepEqual(await kinds('refactor.extract'), new Set());
});

test('a finding is silenced for its line, or for its file', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  let version = 1;
  for (const text of [badEndPort, badEndPort.replaceAll('\n', '\r\n'), `\uFEFF${badEndPort}`]) {
    await server.open(uri, text, version);
    const range = (await server.pull(uri))[0]?.range;
    assert.ok(range);
    const actions = await server.actions(uri, range);
    for (const title of ['Silence invalid-end-port for this line', 'Silence invalid-end-port for this file']) {
      const action = actions.find((each) => each.title === title);
      assert.ok(action, title);
      const after = applied((await server.resolve(action)).edit, uri, text);
      assert.equal(after.includes('\r\n'), text.includes('\r\n'));
      assert.equal(after.replaceAll('\r\n', '').includes('\n'), !text.includes('\r\n'));
      assert.equal(after.lastIndexOf('\uFEFF'), text.lastIndexOf('\uFEFF'));
      await server.change(uri, ++version, [{ text: after }]);
      assert.deepEqual(await server.codes(uri), []);
      await server.change(uri, ++version, [{ text }]);
    }
    await server.close(uri);
  }
});

test('standard policies are offered on a policy and on a blank page, unless they are there', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/dns.yaml': allowDns } });
  const policy = server.uri('policies/api.yaml');
  const added = async (uri: string, range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }) =>
    (await server.actions(uri, range, { only: ['refactor.netpol.add'] })).map(({ title }) => title.split(':')[0]);
  const onPolicy = await added(policy, rangeOf(apiPolicy, 'kind'));
  assert.ok(onPolicy.includes('Add default-deny-all'));
  assert.ok(!onPolicy.includes('Add allow-dns-egress'), onPolicy.join());
  const blank = server.uri('policies/blank.yaml');
  for (const text of ['', '\n', '---\n', '# a note\n']) {
    await server.open(blank, text);
    const onBlank = await added(blank);
    for (const title of onPolicy) assert.ok(onBlank.includes(title), `${title} on ${JSON.stringify(text)}`);
    assert.ok(onBlank.length > onPolicy.length);
    await server.close(blank);
  }
  assert.deepEqual(await added(server.uri('workloads/api.yaml')), []);
});

test('a standard policy is written behind the text, into its namespace', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const uri = server.uri('policies/api.yaml');
  for (const text of [apiPolicy, apiPolicy.trimEnd(), apiPolicy.replaceAll('\n', '\r\n')]) {
    await server.open(uri, text);
    const actions = await server.actions(uri, rangeOf(text, 'kind'), { only: ['refactor.netpol.add'] });
    const action = actions.find(({ title }) => title.startsWith('Add default-deny-all'));
    assert.ok(action);
    const after = applied((await server.resolve(action)).edit, uri, text);
    assert.ok(after.startsWith(text));
    assert.equal(/[^\r]\n/.test(after), !text.includes('\r\n'));
    const documents = parseAllDocuments(after);
    assert.equal(documents.length, 2);
    assert.deepEqual(documents[1]?.toJS().metadata, { name: 'default-deny-all', namespace: 'shop' });
    await server.close(uri);
  }
});

test('netpol/effective answers for the place of the cursor', async (t) => {
  const server = await ServerProcess.start(t, withDeny);
  const ask = (path: string, text: string, at: string) =>
    server.connection.sendRequest<{ title: string; markdown: string } | null>('netpol/effective', {
      textDocument: { uri: server.uri(path) },
      position: positionOf(text, at),
    });
  const policy = await ask('policies/api.yaml', apiPolicy, '8080');
  assert.equal(policy?.title, 'api');
  assert.match(policy?.markdown ?? '', /Ingress[\s\S]*TCP\s8080[\s\S]*Egress/);
  const workload = await ask('workloads/frontend.yaml', frontend, 'containerPort');
  assert.equal(workload?.title, 'frontend');
});

test('netpol/templates lists what can be written, netpol/applyTemplate writes it', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/dns.yaml': allowDns } });
  const uri = server.uri('policies/new.yaml');
  await server.open(uri, '');
  const at = { textDocument: { uri }, position: { line: 0, character: 0 } };
  const items = await server.connection.sendRequest<{ id: string; title: string; present: boolean }[]>(
    'netpol/templates',
    at,
  );
  assert.ok(items.length > 10);
  assert.equal(items.find(({ id }) => id === 'allow-dns-egress')?.present, true);
  assert.equal(items.find(({ id }) => id === 'default-deny-all')?.present, false);
  let version = 1;
  for (const { id } of items) {
    const edit = await server.connection.sendRequest<never>('netpol/applyTemplate', { id, ...at });
    const text = applied(edit, uri, '');
    assert.match(String(parse(text, { logLevel: 'error' }).kind), /Policy$|^Tier$|NetworkSet$|^CiliumCIDRGroup$/, id);
    await server.change(uri, ++version, [{ text }]);
    const errors = (await server.pull(uri)).filter(({ severity }) => severity === 1);
    assert.deepEqual(errors, [], id);
    await server.change(uri, ++version, [{ text: '' }]);
  }
  assert.equal(await server.connection.sendRequest('netpol/applyTemplate', { id: 'nonsense', ...at }), null);
});
