import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { defaultSettings } from '#server/workspace/settings.js';
import { Memory, pod, root, uriOf } from './memory.js';

const policy = (name: string, spec: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
spec:
  ${spec.replaceAll('\n', '\n  ')}
`;
const onlyDns = 'podSelector: {matchLabels: {app: web}}\npolicyTypes: [Egress]\negress:\n- ports: [{port: 443}]';

const overlays = {
  'base/kustomization.yaml': 'resources: [web.yaml, policy.yaml]\n',
  'base/web.yaml': pod('web'),
  'base/policy.yaml': policy('web', onlyDns),
  'prod/kustomization.yaml': 'resources: [../base]\nnamespace: shop\nnamePrefix: prod-\n',
  'dev/kustomization.yaml': 'resources: [../base]\nnamespace: shop\nnamePrefix: dev-\n',
};
const allowDns = `resources: [../base, dns.yaml]\nnamespace: shop\n`;
const dns = policy(
  'dns',
  'podSelector: {}\npolicyTypes: [Egress]\negress:\n- ports: [{port: 53, protocol: UDP}, {port: 53}]',
);

async function open(files: Readonly<Record<string, string>>, settings = defaultSettings) {
  return Netpol.open(new Memory(files), [root], settings);
}

function found(netpol: Netpol, path: string, rule?: string) {
  return netpol.findings(uriOf(path)).filter((each) => rule === undefined || each.rule.id === rule);
}

test('what every overlay shows is said once, and without the overlays', async () => {
  const netpol = await open({
    ...overlays,
    'dev/kustomization.yaml': 'resources: [../base]\nnamespace: other\nnamePrefix: prod-\n',
  });
  const [finding, ...more] = found(netpol, 'base/policy.yaml', 'dns-egress-missing');
  assert.deepEqual(more, []);
  assert.match(finding?.message ?? '', /Allow DNS egress\.$/);
  const [named, ...none] = found(await open(overlays), 'base/policy.yaml', 'dns-egress-missing');
  assert.deepEqual(none, []);
  // The words name the workload, which each overlay calls otherwise.
  assert.match(named?.message ?? '', /\(dev-web\).* In dev, and likewise in prod\.$/);
  assert.ok(finding?.fixes.every(({ title }) => !title.includes('in the base')));
});

test('what only some overlays show says which, and its fixes say that they change the base', async () => {
  const one = await open({ ...overlays, 'dev/kustomization.yaml': allowDns, 'dev/dns.yaml': dns });
  const [finding] = found(one, 'base/policy.yaml', 'dns-egress-missing');
  assert.match(finding?.message ?? '', /[.!?] In prod\.$/);
  assert.ok(finding?.fixes.length);
  for (const { title } of finding?.fixes ?? [])
    assert.match(title, / \(in the base, for all overlays that build on it\)$/);
  const two = await open({
    ...overlays,
    'test/kustomization.yaml': 'resources: [../base]\n',
    'dev/kustomization.yaml': allowDns,
    'dev/dns.yaml': dns,
  });
  assert.match(
    found(two, 'base/policy.yaml', 'dns-egress-missing')[0]?.message ?? '',
    / In prod, and likewise in test, not in dev\.$/,
  );
});

test('a policy that a fix puts into the base is written as the base is, and has a name that is free there', async () => {
  const netpol = await open({
    ...overlays,
    'base/policy.yaml': `${policy('web', onlyDns)}---\n${policy('allow-dns-egress', 'podSelector: {matchLabels: {app: else}}')}`,
    'prod/kustomization.yaml': `${overlays['prod/kustomization.yaml']}commonLabels: {env: prod}\n`,
  });
  const finding = found(netpol, 'base/policy.yaml', 'dns-egress-missing')[0];
  const fix = finding?.fixes.find(({ title }) => title.includes('as policy'));
  const after = netpol.applyChanges(fix?.changes() ?? [])?.get(uriOf('base/policy.yaml')) ?? '';
  const added = after.slice(after.lastIndexOf('---'));
  assert.match(added, /name: allow-dns-egress-2\n/);
  assert.match(added, /podSelector:\n {4}matchLabels:\n {6}app: web\n/);
  assert.doesNotMatch(added, /env|prod/);
  netpol.workspace.setBuffer(uriOf('base/policy.yaml'), after, 1);
  assert.deepEqual(found(netpol, 'base/policy.yaml', 'dns-egress-missing'), []);
});

test('a fix edits the base text of what an overlay has changed around it', async () => {
  const netpol = await open({
    ...overlays,
    'prod/kustomization.yaml': `${overlays['prod/kustomization.yaml']}commonLabels: {env: prod}\n`,
    'dev/kustomization.yaml': `${overlays['dev/kustomization.yaml']}patches:\n- target: {kind: NetworkPolicy}\n  patch: |-\n    [{op: add, path: /spec/ingress, value: []}]\n`,
  });
  for (const fix of found(netpol, 'base/policy.yaml', 'dns-egress-missing').flatMap(({ fixes }) => fixes)) {
    const after = netpol.applyChanges(fix.changes() ?? []);
    assert.ok((after?.get(uriOf('base/policy.yaml'))?.length ?? 0) > overlays['base/policy.yaml'].length, fix.title);
  }
});

test('what a patch or a label of a kustomization says is found where it stands', async () => {
  const netpol = await open({
    ...overlays,
    'dev/kustomization.yaml': `${overlays['dev/kustomization.yaml']}patches:\n- path: patch.yaml\n`,
    'dev/patch.yaml': policy('web', 'podSelector: {matchLabels: {app: wbe}}'),
    'prod/kustomization.yaml': `resources: [../base, own.yaml]
patches:
- target: {kind: NetworkPolicy, name: own}
  patch: |-
    - op: add
      path: /spec/ingress
      value:
      - ports: [{port: 80, endPort: 80}, {port: missing}]
`,
    'prod/own.yaml': policy('own', 'podSelector: {matchLabels: {app: web}}'),
  });
  const [patched] = found(netpol, 'dev/patch.yaml');
  const text = (path: string, range?: { start: number; end: number }) =>
    netpol.workspace.file(uriOf(path))?.text.slice(range?.start, range?.end);
  assert.equal(patched?.rule.id, 'selector-matches-nothing');
  assert.equal(text('dev/patch.yaml', patched?.range), 'wbe');
  const [inline] = found(netpol, 'prod/kustomization.yaml');
  assert.equal(inline?.rule.id, 'named-port-unresolved');
  assert.equal(text('prod/kustomization.yaml', inline?.range), 'missing');
  // An edit of the patch is taken in by the scopes that use it.
  netpol.workspace.setBuffer(uriOf('dev/patch.yaml'), policy('web', 'podSelector: {matchLabels: {app: web}}'), 1);
  assert.deepEqual(found(netpol, 'dev/patch.yaml'), []);
});

test('a fix says that it changes the base where the finding stands in a patch, and not where it changes the patch', async () => {
  const netpol = await open({
    ...overlays,
    'base/policy.yaml': policy('web', 'podSelector: {matchLabels: {app: web}}'),
    'prod/kustomization.yaml': `${overlays['prod/kustomization.yaml']}patches:\n- path: patch.yaml\n`,
    'prod/patch.yaml': policy('web', 'policyTypes: [Egress]\negress:\n- ports: [{port: 443}]'),
  });
  const [finding] = found(netpol, 'prod/patch.yaml', 'dns-egress-missing');
  const wide = / \(in the base, for all overlays that build on it\)$/;
  const files = finding?.fixes.map((fix) => {
    const [uri = ''] = netpol.applyChanges(fix.changes() ?? [])?.keys() ?? [];
    return [uri.slice(root.length + 1), wide.test(fix.title)];
  });
  assert.deepEqual(files, [
    ['prod/patch.yaml', false],
    ['base/policy.yaml', true],
  ]);
});

test('what may be somewhere else is no warning', async () => {
  const severities = async (more: string) => {
    const netpol = await open({
      ...overlays,
      'prod/kustomization.yaml': `${overlays['prod/kustomization.yaml']}${more}`,
      'dev/kustomization.yaml': '',
    });
    return found(netpol, 'base/policy.yaml', 'dns-egress-missing').map(({ severity }) => severity);
  };
  assert.deepEqual(await severities(''), ['warning']);
  assert.deepEqual(await severities('components: ["https://example.com/c?ref=v1"]\n'), ['info']);
});

test('named scopes join what is applied to one cluster', async () => {
  const files = {
    'clusters/prod/apps.yaml': 'kind: Other\n',
    'clusters/prod/policy.yaml': policy('deny', 'podSelector: {}').replace('  name', '  namespace: shop\n  name'),
    'apps/base/kustomization.yaml': 'resources: [web.yaml]\n',
    'apps/base/web.yaml': pod('web'),
    'apps/prod/kustomization.yaml': 'resources: [../base]\nnamespace: shop\nnamePrefix: prod-\n',
    'apps/dev/kustomization.yaml': 'resources: [../base]\nnamespace: shop\n',
    'clusters/dev/policy.yaml': policy('deny', 'podSelector: {}').replace('  name', '  namespace: shop\n  name'),
    'elsewhere/pod.yaml': pod('alone', { namespace: 'shop' }),
  };
  const scopes = ['prod', 'dev'].map((name) => ({
    name,
    include: [`clusters/${name}`, `/apps/${name}/`],
    exclude: ['*.md'],
  }));
  const netpol = await open(files, { ...defaultSettings, scopes });
  const shown = () =>
    netpol.workspace.index.scopes
      .filter(({ policies, workloads }) => policies.length + workloads.length > 0)
      .map(({ title, kind, policies, workloads }) => [
        title,
        kind,
        policies.map(({ value }) => value.name),
        workloads.map(({ value, namespace }) => `${namespace.name}/${value.name}`),
      ]);
  assert.deepEqual(shown(), [
    ['prod', 'named', ['deny'], ['shop/prod-web']],
    ['dev', 'named', ['deny'], ['shop/web']],
    ['w', 'folder', [], ['shop/alone']],
  ]);
  netpol.settings = { ...netpol.settings, scopes: [] };
  assert.deepEqual(
    shown().map(([title]) => title),
    ['apps/dev', 'apps/prod', 'w'],
  );
});
