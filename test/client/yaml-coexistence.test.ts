import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { document, editor, withFakeVscode } from './fake-vscode.js';

withFakeVscode();
const { coexistWithYaml, yamlSaysSyntax } = await import('#client/yaml-coexistence.js');

const YAML = 'redhat.vscode-yaml';
const policy = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n';
const output = { warn: () => {} } as unknown as Parameters<typeof coexistWithYaml>[0];

interface Registered {
  scheme: string;
  schema: (resource: string) => string | undefined;
  content: (uri: string) => string;
}

/** An extension that exports what Red Hat's does. */
function fakeYaml(registered: Registered[]) {
  const api = {
    registerContributor(scheme: string, schema: Registered['schema'], content: Registered['content']) {
      registered.push({ scheme, schema, content });
      return true;
    },
  };
  return { isActive: true, activate: async () => api };
}

beforeEach(() => {
  editor.documents = [];
  editor.settings = {};
  editor.extensions = {};
  editor.diagnostics = {};
});

const open = (uri: string, text: string) => {
  editor.documents.push(document(uri, text));
  return uri;
};

test('a policy in a folder policies/ is told to be ours, by a schema that finds nothing in it', async () => {
  const registered: Registered[] = [];
  editor.extensions[YAML] = fakeYaml(registered);
  coexistWithYaml(output).dispose();
  await Promise.resolve();
  await Promise.resolve();
  const [ours] = registered;
  assert.equal(registered.length, 1);
  const uri = ours?.schema(open('file:///w/policies/api.yaml', policy));
  assert.ok(uri?.startsWith(`${ours?.scheme}://`));
  assert.deepEqual(Object.keys(JSON.parse(ours?.content(uri ?? '') ?? '')), ['$schema', 'title']);
});

test('it is asked when it is installed later, and only once', async () => {
  const registered: Registered[] = [];
  const following = coexistWithYaml(output);
  editor.extensions[YAML] = fakeYaml(registered);
  editor.installed.fire();
  editor.installed.fire();
  await Promise.resolve();
  await Promise.resolve();
  following.dispose();
  assert.equal(registered.length, 1);
});

test('an extension that exports something else, or fails, is left alone', async () => {
  const warned: unknown[] = [];
  const listening = { warn: (text: unknown) => warned.push(text) } as unknown as typeof output;
  editor.extensions[YAML] = { isActive: true, activate: async () => undefined };
  coexistWithYaml(listening).dispose();
  editor.extensions[YAML] = { isActive: false, activate: () => Promise.reject(new Error('broken')) };
  coexistWithYaml(listening).dispose();
  for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
  assert.equal(warned.length, 1);
});

/** What it is told of a document. */
async function contributor(): Promise<Registered['schema']> {
  const registered: Registered[] = [];
  editor.extensions[YAML] = fakeYaml(registered);
  coexistWithYaml(output).dispose();
  await Promise.resolve();
  await Promise.resolve();
  const [ours] = registered;
  assert.ok(ours);
  return ours.schema;
}

test('other YAML keeps the schemas that it has, and so does a policy that no catalogue mistakes', async () => {
  const schemaFor = await contributor();
  assert.equal(schemaFor(open('file:///w/policies/rules.yaml', 'filters: []\n')), undefined);
  assert.equal(
    schemaFor(open('file:///w/policies/deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\n')),
    undefined,
  );
  assert.equal(schemaFor(open('file:///w/network/api.yaml', policy)), undefined);
  assert.equal(schemaFor('file:///w/policies/not-open.yaml'), undefined);
});

test('a policy in which a schema found faults is ours from then on', async () => {
  const schemaFor = await contributor();
  const uri = open('file:///w/network/deploy.yaml', policy);
  editor.diagnostics[uri] = [{ source: 'netpol' }, { source: 'YAML' }];
  assert.equal(schemaFor(uri), undefined);
  editor.diagnostics[uri] = [{ source: 'yaml-schema: Some Tool' }];
  assert.ok(schemaFor(uri));
  editor.diagnostics[uri] = [];
  assert.ok(schemaFor(uri));
});

test('a schema that a person has chosen goes first', async () => {
  const schemaFor = await contributor();
  editor.settings['yaml.schemas'] = {
    kubernetes: ['api.yaml'],
    'https://example.com/s.json': '**/live/policies/*.yaml',
  };
  assert.equal(schemaFor(open('file:///w/policies/api.yaml', policy)), undefined);
  assert.equal(schemaFor(open('file:///w/live/policies/web.yaml', policy)), undefined);
  assert.ok(schemaFor(open('file:///w/policies/web.yaml', policy)));
});

test('faults of the syntax are left to the YAML extension, where it looks for them', () => {
  const manifest = document('file:///w/a.yaml', policy) as unknown as Parameters<typeof yamlSaysSyntax>[0];
  const chart = document('file:///w/a.yaml', policy, 'helm') as unknown as Parameters<typeof yamlSaysSyntax>[0];
  assert.equal(yamlSaysSyntax(manifest), false);
  editor.extensions[YAML] = fakeYaml([]);
  assert.equal(yamlSaysSyntax(manifest), true);
  assert.equal(yamlSaysSyntax(chart), false);
  editor.settings['yaml.validate'] = false;
  assert.equal(yamlSaysSyntax(manifest), false);
});
