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

const snapshotOf = (text: string) => `# netpol snapshot of 2026-11-21T10:00:00Z, context prod, all namespaces\n${text}`;

test('a snapshot of a cluster is a scope of its own, unless a scope names it', async () => {
  const files = {
    'policy.yaml': policy('wanted', { namespace: 'shop' }),
    'pod.yaml': pod('web', { namespace: 'shop' }),
    'cluster.yaml': snapshotOf(`${policy('running', { namespace: 'shop' })}---\n${pod('web', { namespace: 'shop' })}`),
  };
  const workspace = new Workspace(new Memory(files), [root]);
  await workspace.load();
  const held = () => workspace.index.scopes.map((scope) => [scope.title, scope.kind, ...contents(scope)].join(', '));
  assert.deepEqual(held(), [
    'cluster.yaml, snapshot, pod web in shop, policy running in shop',
    'w, folder, pod web in shop, policy wanted in shop',
  ]);
  // The first line decides, as long as it is there.
  workspace.setBuffer(uriOf('cluster.yaml'), policy('running', { namespace: 'shop' }), 1);
  assert.deepEqual(held(), ['w, folder, pod web in shop, policy running in shop, policy wanted in shop']);
  workspace.setBuffer(uriOf('cluster.yaml'), `\uFEFF${snapshotOf(policy('running', { namespace: 'shop' }))}`, 2);
  assert.equal(held().length, 2);
  const named = new Workspace(
    new Memory(files),
    [root],
    () => [],
    () => [{ name: 'both', include: ['*.yaml'], exclude: [] }],
  );
  await named.load();
  assert.deepEqual(
    named.index.scopes
      .filter(({ policies }) => policies.length > 0)
      .map(({ title, policies }) => [title, policies.length]),
    [['both', 2]],
  );
});

const kustomized = (...resources: readonly string[]) => `namespace: shop\nresources: [${resources.join(', ')}]\n`;

test('a kustomization of nothing but policies counts for the workloads of the folder around it', async () => {
  const files = {
    'app/pod.yaml': pod('web', { namespace: 'shop' }),
    'other/pod.yaml': pod('db', { namespace: 'data' }),
    'network-policies/shop/kustomization.yaml': kustomized('deny.yaml'),
    // The kustomization says which namespace.
    'network-policies/shop/deny.yaml': policy('deny'),
  };
  const scopes = await scopesOf(files);
  assert.deepEqual(
    scopes.map(({ title, kind }) => [title, kind]),
    [['w', 'folder']],
  );
  assert.deepEqual(selected(scopes), { 'w: deny': ['web'] });
});

test('a kustomization stays by itself where it would be a guess whose policies these are', async () => {
  const web = { 'pod.yaml': pod('web', { namespace: 'shop' }) };
  const deny = policy('deny');
  const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'it has workloads of its own': {
      'p/kustomization.yaml': kustomized('a.yaml', 'b.yaml'),
      'p/a.yaml': deny,
      'p/b.yaml': pod('api'),
    },
    'it has another namespace': { 'p/kustomization.yaml': 'namespace: data\nresources: [a.yaml]\n', 'p/a.yaml': deny },
    'its namespace is not known': { 'p/kustomization.yaml': 'resources: [a.yaml]\n', 'p/a.yaml': deny },
    'something is missing': { 'p/kustomization.yaml': kustomized('a.yaml', 'https://example.com/b'), 'p/a.yaml': deny },
    'the manifests have that policy': {
      'p/kustomization.yaml': kustomized('a.yaml'),
      'p/a.yaml': deny,
      'mine.yaml': policy('deny', { namespace: 'shop' }),
    },
    'overlays build upon one base': {
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': deny,
      'dev/kustomization.yaml': kustomized('../base'),
      'prod/kustomization.yaml': `namePrefix: prod-\n${kustomized('../base')}`,
    },
    'another kustomization has that namespace, too': {
      'p/kustomization.yaml': kustomized('a.yaml'),
      'p/a.yaml': deny,
      'prod/kustomization.yaml': kustomized('b.yaml'),
      'prod/b.yaml': pod('api'),
    },
    'two define the same policy': {
      'dev/kustomization.yaml': kustomized('a.yaml'),
      'dev/a.yaml': deny,
      'prod/kustomization.yaml': kustomized('a.yaml'),
      'prod/a.yaml': deny,
    },
    'it is part of a chart': {
      'p/Chart.yaml': 'name: c\n',
      'p/kustomization.yaml': kustomized('a.yaml'),
      'p/a.yaml': deny,
    },
  };
  for (const [why, files] of Object.entries(cases)) {
    const scopes = await scopesOf({ ...web, ...files });
    const folder = scopes.find(({ kind }) => kind === 'folder');
    assert.deepEqual(
      contents(folder).filter((each) => !/^(pod web|policy deny) in shop$/.test(each)),
      [],
      why,
    );
    assert.equal(folder?.policies.length, 'mine.yaml' in files ? 1 : 0, why);
    assert.ok(
      scopes.some(({ kind, policies }) => kind === 'kustomization' && policies.length > 0),
      why,
    );
  }
});

test('a kustomization that another one builds upon is applied there', async () => {
  const scopes = await scopesOf({
    'pod.yaml': pod('web', { namespace: 'shop' }),
    'policies/kustomization.yaml': kustomized('a.yaml'),
    'policies/a.yaml': policy('deny'),
    'prod/kustomization.yaml': kustomized('../policies', 'pod.yaml'),
    'prod/pod.yaml': pod('web'),
  });
  assert.deepEqual(selected(scopes), { 'prod: deny': ['web'] });
});

test('whether policies count for the folder around them follows each edit', async () => {
  const memory = new Memory({
    'pod.yaml': pod('web', { namespace: 'shop' }),
    'p/kustomization.yaml': `${kustomized('a.yaml')}patches: [{path: patch.yaml}]\n`,
    'p/a.yaml': policy('deny'),
    'p/patch.yaml': policy('deny'),
  });
  const workspace = new Workspace(memory, [root]);
  await workspace.load();
  const joined = () => workspace.index.scopes.every(({ kind }) => kind === 'folder');
  const states: [string, string, boolean][] = [
    ['p/a.yaml', `${policy('deny')}---\n${pod('own')}`, false],
    ['p/a.yaml', policy('deny'), true],
    ['pod.yaml', pod('web', { namespace: 'data' }), false],
    ['pod.yaml', pod('web', { namespace: 'shop' }), true],
    ['pod.yaml', `${pod('web', { namespace: 'shop' })}---\n${policy('deny', { namespace: 'shop' })}`, false],
    ['pod.yaml', `${pod('web', { namespace: 'shop' })}---\n${policy('other', { namespace: 'shop' })}`, true],
    // Another name for the policy there, then that name here.
    ['p/a.yaml', policy('extra'), true],
    ['pod.yaml', `${pod('web', { namespace: 'shop' })}---\n${policy('extra', { namespace: 'shop' })}`, false],
    ['p/a.yaml', policy('deny'), true],
    ['p/patch.yaml', 'kind: [', false],
    ['p/patch.yaml', policy('deny'), true],
  ];
  assert.ok(joined());
  for (const [i, [path, text, wanted]] of states.entries()) {
    workspace.setBuffer(uriOf(path), text, i);
    assert.equal(joined(), wanted, `${i}: ${path}`);
  }
  // What decides nothing costs nothing.
  const before = workspace.index;
  workspace.setBuffer(uriOf('p/a.yaml'), policy('deny', { app: 'web' }), 100);
  assert.equal(workspace.index, before);
});
