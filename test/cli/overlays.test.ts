import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, netpol } from './terminal.js';

const files = {
  'base/kustomization.yaml': 'resources: [all.yaml]\n',
  'base/all.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers: [{name: web, image: web}]
---
apiVersion: v1
kind: Pod
metadata:
  name: db
  labels: {app: db}
spec:
  containers: [{name: db, image: db}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
`,
  'prod/kustomization.yaml': `resources: [../base]
namespace: shop
namePrefix: prod-
labels: [{pairs: {env: prod}, includeSelectors: true}]
patches:
- target: {kind: NetworkPolicy, name: db}
  patch: |-
    - {op: replace, path: /spec/ingress/0/ports/0/port, value: 6432}
`,
};

test('list and explain speak of what a kustomization builds', async (t) => {
  const cwd = await folderWith(t, files);
  const listed = await netpol(['list', '.'], { cwd });
  assert.match(listed.out, /^shop\/prod-web\[Pod\] => shop\/prod-db\[Pod\] : TCP 6432$/m);
  assert.doesNotMatch(listed.out, /5432/);
  const explained = await netpol(['explain', '--from', 'shop/prod-web', '--to', 'shop/prod-db', '--port', '6432'], {
    cwd,
  });
  assert.equal(explained.code, 0);
  assert.match(explained.out, /prod\/kustomization\.yaml:8|base\/all\.yaml:\d+/);
  const blocked = await netpol(['explain', '--from', 'shop/prod-db', '--to', 'shop/prod-web', '--port', '80'], { cwd });
  assert.match(blocked.out, /^Allowed/);
  const effective = await netpol(['effective', '.', '--policy', 'shop/prod-db'], { cwd });
  assert.match(effective.out, /TCP 6432/);
});

test('a repair is tried as the overlay builds it, and written into the base', async (t) => {
  const cwd = await folderWith(t, {
    ...files,
    'base/all.yaml': files['base/all.yaml'].replace(/ {2}ingress:[\s\S]*$/, '  policyTypes: [Ingress]\n'),
    'prod/kustomization.yaml': files['prod/kustomization.yaml'].replace(/patches:[\s\S]*$/, ''),
  });
  const asked = ['explain', '--from', 'shop/prod-web', '--to', 'shop/prod-db', '--port', '5432'];
  const { out } = await netpol(asked, { cwd });
  assert.match(out, /^Blocked/);
  assert.match(
    out,
    /^fix {3}Allow ingress of shop\/prod-db from shop\/prod-web on TCP 5432 \(policy prod-db, a new rule\)$/m,
  );
});
