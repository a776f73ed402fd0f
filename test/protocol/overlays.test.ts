import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf, ServerProcess } from './server-process.js';

const policy = (app: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: ${app}
`;
const files = {
  'base/kustomization.yaml': 'resources: [web.yaml, policy.yaml]\n',
  'base/web.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers: [{name: web, image: web}]
`,
  'base/policy.yaml': policy('web'),
  'prod/kustomization.yaml': 'resources: [../base]\nnamespace: shop\npatches: [{path: patch.yaml}]\n',
  'prod/patch.yaml': policy('web'),
};

test('a patch that is open shows what it does to the base, while it is typed', async (t) => {
  const server = await ServerProcess.start(t, { files });
  const uri = server.uri('prod/patch.yaml');
  await server.open(uri, files['prod/patch.yaml']);
  assert.deepEqual(await server.codes(uri), []);
  const wrong = policy('wbe');
  await server.change(uri, 2, [{ text: wrong }]);
  const [found, ...more] = await server.pull(uri);
  assert.deepEqual(more, []);
  assert.equal(found?.code, 'selector-matches-nothing');
  assert.deepEqual(found?.range, rangeOf(wrong, 'wbe'));
  assert.deepEqual(await server.codes(server.uri('base/policy.yaml')), []);
  await server.change(uri, 3, [{ text: files['prod/patch.yaml'] }]);
  assert.deepEqual(await server.codes(uri), []);
});

test('the hover in a patch tells what the patched policy allows, in each overlay', async (t) => {
  const patch = `${policy('web')}  policyTypes: [Ingress]\n  ingress: [{ports: [{port: 8080}]}]\n`;
  const other = policy('db').replace('name: web', 'name: other');
  const server = await ServerProcess.start(t, {
    files: {
      ...files,
      'base/other.yaml': other,
      'base/kustomization.yaml': 'resources: [web.yaml, policy.yaml, other.yaml]\n',
      'prod/patch.yaml': `${patch}---\n${other}`,
      'dev/kustomization.yaml':
        'resources: [../base]\nnamePrefix: dev-\nnamespace: test\npatches: [{path: ../prod/patch.yaml}]\n',
    },
  });
  const uri = server.uri('prod/patch.yaml');
  await server.open(uri, `${patch}---\n${other}`);
  const text = (await server.hover(uri, patch, 'NetworkPolicy')) ?? '';
  const [dev = '', prod = '', ...more] = text.replaceAll('\u00A0', ' ').split('\n---\n');
  assert.match(dev, /^In dev:.*dev-web.*namespace test.*selects 1 workload: dev-web \(app=web\).*TCP 8080/s);
  assert.match(prod, /^\nIn prod:.*\bweb.*namespace shop.*selects 1 workload: web \(app=web\).*TCP 8080/s);
  assert.deepEqual(more, []);
});

test('the scopes that .netpol.yaml names are those of the editor', async (t) => {
  const cluster = (name: string) => ({
    [`clusters/${name}/policy.yaml`]: policy('web').replace('  name', '  namespace: shop\n  name'),
  });
  const server = await ServerProcess.start(t, {
    files: {
      ...files,
      ...cluster('prod'),
      ...cluster('dev'),
      '.netpol.yaml':
        'scopes:\n- {name: prod, include: [clusters/prod, prod]}\n- {name: dev, include: [clusters/dev]}\n',
    },
  });
  // The policy of the cluster and the one of its overlay have one name.
  assert.ok((await server.codes(server.uri('clusters/prod/policy.yaml'))).includes('duplicate-object'));
  assert.ok(!(await server.codes(server.uri('clusters/dev/policy.yaml'))).includes('duplicate-object'));
});
