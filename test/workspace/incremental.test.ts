import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kinds } from '#server/kinds/index.js';
import type { FileFinding } from '#server/rules/run.js';
import { Netpol } from '#server/service.js';
import { toData } from '#server/text/data.js';
import type { Placed, Scope } from '#server/workspace/scope.js';
import { Memory, root, uriOf } from './memory.js';

const patchName = 'over/patch.yaml';
const names = [
  patchName,
  'a.yaml',
  'b.yaml',
  'team/c.yaml',
  'team/d.yaml',
  'chart/templates/e.yaml',
  'kustom/f.yaml',
  'kustom/g.json',
];
const fileName = fc.constantFrom(...names);
const namespace = fc.constantFrom(undefined, 'shop', 'data', 'kube-system');
const app = fc.constantFrom('web', 'api', 'webb', 'db');

const peer = fc.oneof(
  app.map((value) => ({ podSelector: { matchLabels: { app: value } } })),
  fc.constantFrom('shop', 'data', 'shopp', 'kube-system').map((value) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': value } },
  })),
  fc.record({ team: fc.constantFrom('one', 'two'), app }).map(({ team, app }) => ({
    namespaceSelector: { matchLabels: { team } },
    podSelector: { matchLabels: { app } },
  })),
  fc.constant({ ipBlock: { cidr: '10.0.0.0/8' } }),
);
const rule = (key: 'from' | 'to') =>
  fc.record({
    [key]: fc.array(peer, { maxLength: 3 }),
    ports: fc.array(
      fc.constantFrom<object>(
        { port: 53, protocol: 'UDP' },
        { port: 53 },
        { port: 'http' },
        { port: 99999 },
        { port: 80 },
      ),
      { maxLength: 2 },
    ),
  });

const policy = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    namespace,
    subject: fc.option(app, { nil: undefined }),
    types: fc.constantFrom<string[]>(['Ingress'], ['Egress'], ['Ingress', 'Egress'], []),
    ingress: fc.array(rule('from'), { maxLength: 2 }),
    egress: fc.array(rule('to'), { maxLength: 2 }),
  })
  .map(({ name, namespace, subject, types, ingress, egress }) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: subject === undefined ? {} : { matchLabels: { app: subject } },
      ...(types.length === 0 ? {} : { policyTypes: types }),
      ...(ingress.length === 0 ? {} : { ingress }),
      ...(egress.length === 0 ? {} : { egress }),
    },
  }));
const pod = fc.record({ app, namespace, port: fc.constantFrom(53, 80) }).map(({ app, namespace, port }) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: app, namespace, labels: { app } },
  spec: { containers: [{ name: app, image: app, ports: [{ name: 'http', containerPort: port }] }] },
}));
const namespaceObject = fc
  .record({ name: fc.constantFrom('shop', 'data'), team: fc.constantFrom('one', 'two') })
  .map(({ name, team }) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team } } }));
const service = fc.record({ app, namespace }).map(({ app, namespace }) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app, namespace },
  spec: { selector: { app }, ports: [{ port: 80, targetPort: 'http' }] },
}));
// Every line of JSON is YAML too, and every object a document of its own.
const document = fc.oneof(
  { weight: 4, arbitrary: policy.map((object) => JSON.stringify(object)) },
  { weight: 3, arbitrary: pod.map((object) => JSON.stringify(object)) },
  { weight: 1, arbitrary: namespaceObject.map((object) => JSON.stringify(object)) },
  { weight: 1, arbitrary: service.map((object) => JSON.stringify(object)) },
  { weight: 1, arbitrary: fc.constantFrom('', '# netpol-disable', 'kind: [', '{{ .Values.policy }}') },
);
const content = fc.array(
  fc.oneof({ weight: 9, arbitrary: document }, fc.constant('[{"op":"remove","path":"/spec/egress"}]')),
  {
    maxLength: 4,
  },
);

const kustomization = fc.record(
  {
    namespace: fc.constantFrom('shop', 'data'),
    resources: fc.uniqueArray(fc.constantFrom('f.yaml', 'g.json', '../a.yaml')),
  },
  { requiredKeys: ['resources'] },
);
const jsonPatch = fc.array(
  fc.constantFrom(
    { op: 'remove', path: '/spec/ingress' },
    { op: 'add', path: '/spec/policyTypes', value: ['Egress'] },
    { op: 'replace', path: '/spec/podSelector/matchLabels/app', value: 'db' },
  ),
);
const overlay = fc.record(
  {
    namespace: fc.constantFrom('shop', 'data'),
    namePrefix: fc.constant('x-'),
    commonLabels: app.map((value) => ({ team: value, app: value })),
    labels: app.map((tier) => [{ pairs: { tier }, includeTemplates: true }]),
    components: fc.constant(['../component']),
    patches: fc.array(
      fc.oneof(
        fc.constant({ path: 'patch.yaml' }),
        fc.constant({ path: 'patch.yaml', target: { kind: 'NetworkPolicy|Pod', name: 'one|web' } }),
        jsonPatch.map((patch) => ({ target: { labelSelector: 'team=web' }, patch: JSON.stringify(patch) })),
      ),
    ),
    resources: fc.uniqueArray(fc.constantFrom('../kustom', '../team/c.yaml', '../second'), { minLength: 1 }),
  },
  { requiredKeys: ['resources'] },
);

type Step =
  | { readonly kind: 'write'; readonly name: string; readonly documents: readonly string[] }
  | { readonly kind: 'one'; readonly name: string; readonly place: number; readonly document: string }
  | { readonly kind: 'type'; readonly name: string; readonly at: number; readonly text: string }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'settings' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('write' as const), name: fileName, documents: content }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('one' as const), name: fileName, place: fc.nat(4), document }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('type' as const),
      name: fileName,
      at: fc.nat(200),
      text: fc.constantFrom('x', '"', '\n---\n', '}', '1'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), name: fileName }) },
  {
    weight: 1,
    arbitrary: kustomization.map((object) => ({
      kind: 'write' as const,
      name: 'kustom/kustomization.yaml',
      documents: [JSON.stringify(object)],
    })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('over', 'second', 'component'), overlay).map(([folder, object]) => ({
      kind: 'write' as const,
      name: `${folder}/kustomization.yaml`,
      documents: [JSON.stringify(folder === 'component' ? { kind: 'Component', ...object } : object)],
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: 'write' as const, name: 'chart/Chart.yaml', documents: ['name: chart'] }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'settings' as const }) },
);

test('after any edits the scopes and the findings are those of a workspace that is read anew', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fileName, content, { minKeys: 2 }),
      fc.array(fc.tuple(fc.constantFrom('over', 'kustom'), fc.oneof(overlay, kustomization)), { maxLength: 2 }),
      fc.array(fc.record({ step, ask: fileName }), { minLength: 1, maxLength: 12 }),
      async (start, first, steps) => {
        const texts = new Map(Object.entries(start).map(([name, documents]) => [name, joined(name, documents)]));
        for (const [folder, object] of first) texts.set(`${folder}/kustomization.yaml`, JSON.stringify(object));
        const memory = new Memory(Object.fromEntries(texts));
        const netpol = await Netpol.open(memory, [root]);
        for (const { step, ask } of steps) {
          await apply(step, texts, memory, netpol);
          // Asked at once in one file only, so that the others carry what they knew over several steps.
          const fresh = await Netpol.open(new Memory(Object.fromEntries(texts)), [root], netpol.settings);
          assert.deepEqual(shownFindings(netpol, ask), shownFindings(fresh, ask));
          assert.deepEqual(shownScopes(netpol), shownScopes(fresh));
        }
        const fresh = await Netpol.open(new Memory(Object.fromEntries(texts)), [root], netpol.settings);
        for (const name of texts.keys()) assert.deepEqual(shownFindings(netpol, name), shownFindings(fresh, name));
        assert.deepEqual(netpol.crashes, []);
      },
    ),
    { numRuns: 150, includeErrorInReport: true },
  );
});

test('what the rules found stays found while other namespaces change, and is asked for again when it may differ', async () => {
  const object = (value: object) => JSON.stringify(value);
  const web = (namespace: string, app: string) =>
    object({ apiVersion: 'v1', kind: 'Pod', metadata: { name: app, namespace, labels: { app } }, spec: {} });
  const select = (namespace: string, app: string) =>
    object({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace },
      spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'] },
    });
  const netpol = await Netpol.open(
    new Memory({
      'p.yaml': select('shop', 'frontend'),
      'w.yaml': web('shop', 'frontent'),
      'o.yaml': select('data', 'x'),
    }),
    [root],
  );
  const [scope] = netpol.workspace.index.scopes;
  const found = () => netpol.findings(uriOf('p.yaml')).map(({ rule }) => rule.id);
  // What is read is noted from the first edit on.
  netpol.workspace.setBuffer(uriOf('o.yaml'), select('data', 'z'), 0);
  assert.deepEqual(found(), ['selector-matches-nothing']);
  const observed = scope?.observe(() => scope.namespaces.get('shop')?.workloads.length);
  const [before] = netpol.findings(uriOf('p.yaml'));
  netpol.workspace.setBuffer(uriOf('o.yaml'), select('data', 'y'), 1);
  assert.deepEqual(found(), ['selector-matches-nothing']);
  // The very fixes: no rule read anything of the other namespace, so none was asked again.
  assert.equal(netpol.findings(uriOf('p.yaml'))[0]?.fixes, before?.fixes);
  assert.equal(observed?.isCurrent(), true);
  netpol.workspace.setBuffer(uriOf('w.yaml'), web('shop', 'frontend'), 1);
  assert.deepEqual(found(), []);
  assert.equal(observed?.isCurrent(), false);
});

async function apply(step: Step, texts: Map<string, string>, memory: Memory, netpol: Netpol): Promise<void> {
  if (step.kind === 'settings') {
    const off = netpol.settings.rules.size === 0 ? [['dns-egress-missing', 'off'] as const] : [];
    netpol.settings = { ...netpol.settings, rules: new Map(off) };
    return;
  }
  if (step.kind === 'delete') {
    texts.delete(step.name);
    memory.texts.delete(uriOf(step.name));
    netpol.workspace.remove(uriOf(step.name));
    return;
  }
  const text = textAfter(step, texts.get(step.name) ?? '');
  texts.set(step.name, text);
  memory.write(step.name, text);
  await netpol.workspace.refresh(uriOf(step.name));
}

function textAfter(step: Exclude<Step, { kind: 'settings' | 'delete' }>, text: string): string {
  if (step.kind === 'write') return joined(step.name, step.documents);
  if (step.kind === 'type') return text.slice(0, step.at) + step.text + text.slice(step.at);
  const documents = text.split(between(step.name));
  documents[Math.min(step.place, documents.length)] = step.document;
  return joined(step.name, documents);
}

function joined(name: string, documents: readonly string[]): string {
  return documents.join(between(name));
}

function policyJson(name: string): string {
  return JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  });
}

/** JSON objects may follow each other as they are. */
function between(name: string): string {
  return name.endsWith('.json') ? '\n' : '\n---\n';
}

function shownFindings(netpol: Netpol, name: string) {
  return netpol.findings(uriOf(name)).map((finding: FileFinding) => ({
    ...finding,
    rule: finding.rule.id,
    fixes: finding.fixes.map((fix) => {
      const changes = fix.changes();
      const edits = changes === undefined ? undefined : netpol.editsOf(changes);
      return { title: fix.title, edits: edits === undefined ? undefined : [...edits] };
    }),
  }));
}

function shownScopes(netpol: Netpol) {
  return netpol.workspace.index.scopes.map((scope: Scope) => ({
    id: scope.id,
    title: scope.title,
    policies: scope.policies.map(shown),
    workloads: scope.workloads.map(shown),
    objects: [...scope.namespaceObjects].map(([key, object]) => [key, shown(object)]),
    namespaces: [...scope.namespaces].map(([key, { ref, policies, workloads, services }]) => ({
      key,
      ref,
      policies: policies.map(shown),
      workloads: workloads.map(shown),
      services: services.map(shown),
    })),
    found: [...scope.policies, ...scope.workloads].every(
      ({ resource }) => (scope.policyOf(resource) ?? scope.workloadOf(resource))?.resource === resource,
    ),
  }));
}

function shown({ uri, namespace, resource, value }: Placed<unknown>) {
  assert.ok(kinds.includes(resource.kind));
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
  return { uri, namespace, path: resource.path, text: resource.node.document.text, name, data: toData(resource.node) };
}

function policyText(name: string): string {
  return JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  });
}

const podText = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x', labels: { app: 'x' } },
  spec: {},
});

test('of JSON objects that follow each other a kustomization builds the first, whichever that is', async () => {
  const [one, two] = ['one', 'two'].map((name) => policyJson(name));
  const memory = new Memory({
    'g.json': `${one}\n${two}`,
    'kustomization.yaml': JSON.stringify({ resources: ['g.json'], commonLabels: { team: 'a' } }),
  });
  const netpol = await Netpol.open(memory, [root]);
  const built = () => netpol.workspace.index.scopes[0]?.policies.map(({ value }) => value.name);
  const write = (text: string) => netpol.workspace.setBuffer(uriOf('g.json'), text, 1);
  assert.deepEqual(built(), ['one']);
  write(`${two}\n${one}`);
  assert.deepEqual(built(), ['two']);
  write(`${one}`);
  assert.deepEqual(built(), ['one']);
  write(`${two}\n${one}`);
  assert.deepEqual(built(), ['two']);
  write(`${two}\n---\n${one}`);
  assert.deepEqual(built(), ['two', 'one']);
});

test('what a kustomization renames is renamed where it is spoken of, as soon as it is there', async () => {
  const account = (name: string) => JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  const memory = new Memory({
    'account.json': account('other'),
    'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {serviceAccountName: web, containers: [{name: a}]}\n`,
    'kustomization.yaml': JSON.stringify({ resources: ['account.json', 'pod.yaml'], namePrefix: 'x-' }),
  });
  const netpol = await Netpol.open(memory, [root]);
  const named = () => netpol.workspace.index.scopes[0]?.workloads[0]?.value.serviceAccount;
  assert.equal(named(), 'web');
  netpol.workspace.setBuffer(uriOf('account.json'), account('web'), 1);
  assert.equal(named(), 'x-web');
  netpol.workspace.setBuffer(uriOf('account.json'), account('api'), 2);
  assert.equal(named(), 'web');
});

test('a scope goes on when files come and go, and when a kustomization changes that it has nothing to do with', async () => {
  const memory = new Memory({
    'a.yaml': policyText('a'),
    'kustom/f.yaml': podText,
    'kustom/kustomization.yaml': JSON.stringify({ resources: ['f.yaml'], namespace: 'shop' }),
  });
  const netpol = await Netpol.open(memory, [root]);
  const byKind = () => new Map(netpol.workspace.index.scopes.map((scope) => [scope.kind, scope]));
  const first = byKind();
  const findings = netpol.findings(uriOf('a.yaml'));
  assert.deepEqual([...first.keys()].sort(), ['folder', 'kustomization']);
  const write = (name: string, object: object) => netpol.workspace.setBuffer(uriOf(name), JSON.stringify(object), 1);
  write('kustom/kustomization.yaml', { resources: ['f.yaml'], namespace: 'data' });
  assert.equal(byKind().get('folder'), first.get('folder'));
  assert.notEqual(byKind().get('kustomization'), first.get('kustomization'));
  assert.deepEqual(netpol.findings(uriOf('a.yaml')), findings);
  // An edit that came with it is taken in.
  netpol.workspace.setBuffer(uriOf('a.yaml'), policyText('renamed'), 1);
  write('kustom/kustomization.yaml', { resources: ['f.yaml'], namespace: 'other' });
  assert.equal(byKind().get('folder'), first.get('folder'));
  assert.deepEqual(
    byKind()
      .get('folder')
      ?.policies.map(({ value }) => value.name),
    ['renamed'],
  );
  // So are files that come and go, also the first of a namespace.
  netpol.workspace.setBuffer(uriOf('0.yaml'), policyText('first'), 1);
  netpol.workspace.setBuffer(uriOf('z.yaml'), policyText('last').replace('shop', 'storefront'), 1);
  assert.equal(byKind().get('folder'), first.get('folder'));
  const named = () =>
    byKind()
      .get('folder')
      ?.policies.map(({ value }) => value.name);
  const namespaces = () => [...(byKind().get('folder')?.namespaces.keys() ?? [])];
  assert.deepEqual(
    [named(), namespaces()],
    [
      ['first', 'renamed', 'last'],
      ['shop', 'storefront'],
    ],
  );
  netpol.workspace.remove(uriOf('z.yaml'));
  await netpol.workspace.closeBuffer(uriOf('z.yaml'));
  assert.deepEqual([named(), namespaces()], [['first', 'renamed'], ['shop']]);
  assert.equal(byKind().get('folder'), first.get('folder'));
  // What the kustomization builds upon now is no longer the folder's.
  write('kustom/kustomization.yaml', { resources: ['f.yaml', '../a.yaml'], namespace: 'other' });
  assert.deepEqual(named(), ['first']);
  assert.equal(byKind().get('kustomization')?.policies.length, 1);
});

test('a file that leaves a scope and comes back is there once', async () => {
  const netpol = await Netpol.open(
    new Memory({
      'a.yaml': policyText('a'),
      'b.yaml': policyText('b'),
      'kustom/f.yaml': podText,
      'kustom/kustomization.yaml': JSON.stringify({ resources: ['f.yaml'], namespace: 'shop' }),
    }),
    [root],
  );
  const folder = () => netpol.workspace.index.scopes.find(({ kind }) => kind === 'folder');
  const [first] = folder()?.policies ?? [];
  const takes = (resources: readonly string[]) => {
    const text = JSON.stringify({ resources, namespace: 'shop' });
    netpol.workspace.setBuffer(uriOf('kustom/kustomization.yaml'), text, 1);
  };
  assert.ok(first !== undefined);
  takes(['f.yaml', '../a.yaml']);
  assert.deepEqual(folder()?.membersOf(first.resource), []);
  takes(['f.yaml']);
  const scope = folder();
  assert.deepEqual(
    scope?.membersOf(first.resource).map(({ placed }) => placed),
    scope?.policies.filter(({ value }) => value.name === 'a'),
  );
});
