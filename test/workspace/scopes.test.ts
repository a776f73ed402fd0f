import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveOfPolicy } from '#server/engine/effective.js';
import { Netpol } from '#server/service.js';
import type { Scope } from '#server/workspace/scope.js';
import { Workspace } from '#server/workspace/workspace.js';
import { Memory, pod, policy, root, uriOf } from './memory.js';

/** The scopes that hold something: one may be left with nothing but the kustomizations themselves. */
async function scopesOf(files: Readonly<Record<string, string>>, folders = [root]): Promise<readonly Scope[]> {
  const workspace = new Workspace(new Memory(files), folders);
  await workspace.load();
  return workspace.index.scopes.filter((scope) => scope.policies.length + scope.workloads.length > 0);
}

/** What a scope holds, as "kind/name in namespace". */
function contents(scope: Scope | undefined): string[] {
  const where = (name: string | undefined) => name ?? '(unset)';
  return [
    ...(scope?.policies ?? []).map(({ value, namespace }) => `policy ${value.name} in ${where(namespace.name)}`),
    ...(scope?.workloads ?? []).map(({ value, namespace }) => `pod ${value.name} in ${where(namespace.name)}`),
  ].sort();
}

/** The workloads each policy selects, by the policy's scope and name. */
function selected(scopes: readonly Scope[]): Record<string, string[]> {
  return Object.fromEntries(
    scopes.flatMap((scope) =>
      scope.policies.map((each) => [
        `${scope.title}: ${each.value.name}`,
        effectiveOfPolicy(scope, each).workloads.sure.map(({ value }) => value.name),
      ]),
    ),
  );
}

test('a folder is one scope, and an unset namespace belongs to its folder', async () => {
  const scopes = await scopesOf({
    'a/policy.yaml': policy('all'),
    'a/pod.yaml': pod('one'),
    'b/pod.yaml': pod('two'),
    'c/pod.yaml': pod('three', { namespace: 'shop' }),
  });
  assert.equal(scopes.length, 1);
  assert.deepEqual(selected(scopes), { 'w: all': ['one'] });
});

test('objects of one named namespace belong together, wherever they stand', async () => {
  const scopes = await scopesOf({
    'a/policy.yaml': policy('all', { namespace: 'shop' }),
    'b/c/pod.yaml': pod('one', { namespace: 'shop' }),
    'b/pod.yaml': pod('two', { namespace: 'other' }),
  });
  assert.deepEqual(Object.values(selected(scopes)), [['one']]);
});

test('a kustomization gives its namespace to what it lists, whatever is written there', async () => {
  const [scope] = await scopesOf({
    'kustomization.yaml': 'namespace: shop\nresources: [policy.yaml, pod.yaml, sub/pod.yaml]\n',
    'policy.yaml': policy('all', { namespace: 'else' }),
    'pod.yaml': pod('one'),
    'sub/pod.yaml': pod('two', { namespace: 'third' }),
  });
  assert.equal(scope?.kind, 'kustomization');
  assert.deepEqual(contents(scope), ['pod one in shop', 'pod two in shop', 'policy all in shop']);
});

test('a kustomization without a namespace leaves what is written', async () => {
  const [scope] = await scopesOf({
    'app/kustomization.yml': 'resources:\n- policy.yaml\n- ./sub/pod.yaml\n',
    'app/policy.yaml': policy('all'),
    'app/sub/pod.yaml': pod('one'),
  });
  // Both land where the command says, so the policy selects the pod of the other folder.
  assert.deepEqual(selected(scope === undefined ? [] : [scope]), { 'app: all': ['one'] });
});

test('of nested kustomizations the outermost namespace wins', async () => {
  const scopes = await scopesOf({
    'base/kustomization.yaml': 'namespace: base\nresources: [pod.yaml]\n',
    'base/pod.yaml': pod('one'),
    'middle/kustomization.yaml': 'bases: [../base/]\nresources: [pod.yaml]\n',
    'middle/pod.yaml': pod('two'),
    'prod/kustomization.yaml': 'namespace: prod\nresources: [../middle]\n',
  });
  assert.equal(scopes.length, 1);
  assert.deepEqual(contents(scopes[0]), ['pod one in prod', 'pod two in prod']);
});

test('an inner namespace counts where the outer kustomization gives none', async () => {
  const scopes = await scopesOf({
    'base/kustomization.yaml': 'namespace: base\nresources: [pod.yaml]\n',
    'base/pod.yaml': pod('one'),
    'all/kustomization.yaml': 'resources: [../base, pod.yaml]\n',
    'all/pod.yaml': pod('two', { namespace: 'mine' }),
  });
  assert.deepEqual(contents(scopes[0]), ['pod one in base', 'pod two in mine']);
});

test('two overlays over one base are two scopes, and the base is in both', async () => {
  const files = {
    'base/kustomization.yaml': 'resources: [pod.yaml, policy.yaml]\n',
    'base/pod.yaml': pod('one'),
    'base/policy.yaml': policy('all'),
    'dev/kustomization.yaml': 'namespace: dev\nresources: [../base, extra.yaml]\n',
    'dev/extra.yaml': pod('debug'),
    'prod/kustomization.yaml': 'namespace: prod\nresources: [../base]\n',
  };
  const scopes = await scopesOf(files);
  assert.deepEqual(selected(scopes), { 'dev: all': ['one', 'debug'], 'prod: all': ['one'] });
  assert.deepEqual(scopes.map(contents), [
    ['pod debug in dev', 'pod one in dev', 'policy all in dev'],
    ['pod one in prod', 'policy all in prod'],
  ]);
  const workspace = new Workspace(new Memory(files), [root]);
  await workspace.load();
  assert.equal(workspace.index.scopesOf(uriOf('base/policy.yaml')).length, 2);
  assert.equal(workspace.index.scopesOf(uriOf('dev/extra.yaml')).length, 1);
});

test('components are part of the kustomization that uses them', async () => {
  const scopes = await scopesOf({
    'app/kustomization.yaml': 'namespace: shop\ncomponents: [../deny]\nresources: [pod.yaml]\n',
    'app/pod.yaml': pod('one'),
    'deny/kustomization.yaml': 'kind: Component\nresources: [policy.yaml]\n',
    'deny/policy.yaml': policy('all'),
  });
  assert.deepEqual(selected(scopes), { 'app: all': ['one'] });
});

test('scopes never bear on each other', async () => {
  const scopes = await scopesOf({
    'one/kustomization.yaml': 'namespace: shop\nresources: [policy.yaml]\n',
    'one/policy.yaml': policy('all'),
    'two/kustomization.yaml': 'namespace: shop\nresources: [pod.yaml]\n',
    'two/pod.yaml': pod('two'),
    'loose/pod.yaml': pod('three', { namespace: 'shop' }),
    'chart/Chart.yaml': 'name: chart\n',
    'chart/templates/pod.yaml': pod('four', { namespace: 'shop' }),
  });
  assert.equal(scopes.length, 4);
  assert.deepEqual(selected(scopes), { 'one: all': [] });
});

test('two workspace folders are two scopes', async () => {
  const scopes = await scopesOf(
    { 'a/policy.yaml': policy('all', { namespace: 'shop' }), 'b/pod.yaml': pod('one', { namespace: 'shop' }) },
    [uriOf('a'), uriOf('b')],
  );
  assert.deepEqual(
    scopes.map((scope) => contents(scope).length),
    [1, 1],
  );
});

test('a patch is a part of an object: what it has is judged, and not what it lacks', async () => {
  const patch = (spec: string) =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: all\nspec:\n  ${spec}\n`;
  const kustomization = `resources: [policy.yaml]
patches:
  - path: patch.yaml
  - target: {kind: NetworkPolicy}
    patch: |-
      - {op: remove, path: /spec}
patchesStrategicMerge: [merge.yaml]
patchesJson6902:
  - {path: json.yaml, target: {kind: NetworkPolicy, name: all}}
`;
  const memory = new Memory({
    'kustomization.yaml': kustomization,
    'policy.yaml': policy('all'),
    'patch.yaml': patch('ingres: []'),
    'merge.yaml': patch('ingress: [{$patch: delete}]').replace('  name: all\n', '  {name: all}\n'),
    'json.yaml': '- {op: add, path: /spec/ingress, value: []}\n',
    'judged.yaml': 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {}\n',
  });
  const netpol = await Netpol.open(memory, [root]);
  const found = (path: string) => netpol.findings(uriOf(path)).map(({ rule }) => rule.id);
  assert.deepEqual(found('patch.yaml'), ['unknown-field']);
  assert.deepEqual(found('merge.yaml'), []);
  assert.deepEqual(found('json.yaml'), []);
  assert.ok(found('judged.yaml').includes('missing-field'));
  assert.deepEqual(netpol.workspace.index.scopes.flatMap((scope) => scope.policies.map(({ uri }) => uri)).sort(), [
    uriOf('judged.yaml'),
    uriOf('policy.yaml'),
  ]);
});

test('a chart is a scope with one unset namespace; a subchart is released with it', async () => {
  const scopes = await scopesOf({
    'chart/Chart.yaml': 'name: shop\n',
    'chart/values.yaml': 'kind: NetworkPolicy\n',
    'chart/templates/policy.yaml': policy('all'),
    'chart/templates/web/pod.yaml': pod('one'),
    'chart/charts/db/Chart.yaml': 'name: db\n',
    'chart/charts/db/templates/pod.yaml': pod('db'),
  });
  assert.deepEqual(
    scopes.map(({ kind }) => kind),
    ['chart'],
  );
  assert.deepEqual(selected(scopes), { 'chart: all': ['db', 'one'] });
});

test('remote, absolute and missing resources are left out', async () => {
  const scopes = await scopesOf({
    'kustomization.yaml': `resources:
  - https://example.com/x.yaml
  - git@github.com:a/b.git
  - github.com/a/b?ref=v1
  - /etc/passwd.yaml
  - missing.yaml
  - pod.yaml
`,
    'pod.yaml': pod('one'),
  });
  assert.deepEqual(contents(scopes[0]), ['pod one in (unset)']);
});

test('names that a URI has to escape are found', async () => {
  const name = "a@b (1) 'x' é+!*.yaml";
  const encoded = encodeURIComponent(name).replace(
    /[!'()*]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const scopes = await scopesOf({
    'kustomization.yaml': `namespace: shop\nresources: ["${name}"]\n`,
    [encoded]: pod('one'),
  });
  assert.deepEqual(contents(scopes[0]), ['pod one in shop']);
});

test('kustomizations that go round in circles end', async () => {
  const scopes = await scopesOf({
    'a/kustomization.yaml': 'resources: [../b, pod.yaml]\n',
    'a/pod.yaml': pod('one'),
    'b/kustomization.yaml': 'resources: [../a, ., ../b]\n',
  });
  assert.ok(scopes.length > 0);
  assert.ok(scopes.some((scope) => contents(scope).includes('pod one in (unset)')));
});

test('bases that double with every level cost little', async () => {
  const files: Record<string, string> = {
    'k0/kustomization.yaml': 'resources: [pod.yaml]\n',
    'k0/pod.yaml': pod('one'),
  };
  for (let level = 1; level < 40; level++) {
    const below = `resources: [../k${level - 1}, ../k${level - 1}/../k${level - 1}]`;
    files[`k${level}/kustomization.yaml`] = `${below}\nnamePrefix: x\n`;
  }
  const [scope, ...more] = await scopesOf(files);
  assert.deepEqual(more, []);
  assert.equal(scope?.incomplete, true);
});

test('a kustomization that is being typed keeps what can be read', async () => {
  const [scope] = await scopesOf({
    'kustomization.yaml': 'namespace: shop\nresources:\n- pod.yaml\n- {\n',
    'pod.yaml': pod('one'),
  });
  assert.deepEqual(contents(scope), ['pod one in shop']);
});

test('what a kustomization may add unseen makes its scope incomplete', async () => {
  const more = {
    plain: 'patches: [{path: ../base/patch.yaml}]',
    remote: 'components: ["https://example.com/component?ref=v1"]',
    missing: 'patches: [{path: missing.yaml}]',
    broken: 'patches: [{path: ../base/broken.yaml}]',
    plugin: 'transformers: [labels.yaml]',
    chart: 'helmCharts: [{name: shop}]',
    replaced: 'replacements: [{source: {kind: Pod}, targets: [{select: {kind: NetworkPolicy}}]}]',
    images: 'replacements: [{source: {kind: Pod}, targets: [{select: {kind: Deployment}}]}]',
  };
  const scopes = await scopesOf({
    'base/kustomization.yaml': 'resources: [deny.yaml]\n',
    'base/deny.yaml': policy('all'),
    'base/patch.yaml': policy('all', { app: 'web' }),
    'base/broken.yaml': 'spec: [\n',
    ...Object.fromEntries(
      Object.entries(more).map(([name, text]) => [`${name}/kustomization.yaml`, `resources: [../base]\n${text}\n`]),
    ),
  });
  assert.deepEqual(
    scopes.filter(({ incomplete }) => !incomplete).map(({ title }) => title),
    ['images', 'plain'],
  );
  assert.equal(scopes.length, Object.keys(more).length);
});
