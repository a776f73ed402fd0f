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
