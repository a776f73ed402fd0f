import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, apiPolicy, frontend, shop } from './manifests.js';
import { ServerProcess } from './server-process.js';

const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {env: prod}
`;

/** The policy of the API with other peers. */
const from = (peers: string) => apiPolicy.replace(/ {8}- podSelector:[\s\S]*?app: frontend\n/, peers);

async function hoverOn(server: ServerProcess, path: string, text: string): Promise<string> {
  return (await server.hover(server.uri(path), text, 'Deployment')) ?? '';
}

test('the hover on a workload says whom a rule takes in beyond the manifests', async (t) => {
  const files = { ...shop, 'namespace.yaml': namespace };
  const server = await ServerProcess.start(t, { files });
  // A rule that lists the labels of known workloads means these workloads.
  assert.doesNotMatch(await hoverOn(server, 'workloads/api.yaml', api), /Beyond/);
  const policy = server.uri('policies/api.yaml');
  await server.open(
    policy,
    from(`        - namespaceSelector: {matchLabels: {env: prod}}
        - podSelector: {matchExpressions: [{key: app, operator: Exists}]}
        - podSelector: {matchLabels: {app: batch}}
        - ipBlock: {cidr: 192.0.2.0/24}
`),
  );
  const said = await hoverOn(server, 'workloads/api.yaml', api);
  assert.ok(
    said.endsWith(
      '\n\nBeyond these manifests, any other pod in namespaces with env=prod may connect on TCP 8080; ' +
        'other pods with label app present in shop on TCP 8080.',
    ),
    said,
  );
  await server.change(policy, 2, [
    { text: from('        - podSelector: {matchExpressions: [{key: app, operator: In, values: [api, frontend]}]}\n') },
  ]);
  assert.doesNotMatch(await hoverOn(server, 'workloads/api.yaml', api), /Beyond/);
  await server.change(policy, 3, [{ text: from('        - namespaceSelector: {}\n') }]);
  assert.match(
    await hoverOn(server, 'workloads/api.yaml', api),
    /Beyond these manifests, any other pod of the cluster may connect on TCP 8080\.$/,
  );
  // What matches no workload says so in its row, and the frontend is selected by nothing.
  await server.change(policy, 4, [{ text: from('        - podSelector: {matchLabels: {app: batch}}\n') }]);
  const alone = await hoverOn(server, 'workloads/api.yaml', api);
  assert.match(alone, /app=batch.*no workload of this workspace/);
  assert.doesNotMatch(alone, /Beyond/);
  assert.doesNotMatch(await hoverOn(server, 'workloads/frontend.yaml', frontend), /Beyond/);
});

test('where cluster-wide rules decide, the hover says what comes of them', async (t) => {
  const admin = (rules: string) => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata:
  name: guard
spec:
  priority: 10
  subject: {namespaces: {}}
  ingress:
${rules}`;
  const deny = admin(`    - {action: Deny, from: [{namespaces: {matchLabels: {env: dev}}}]}
`);
  const server = await ServerProcess.start(t, { files: { ...shop, 'guard.yaml': deny } });
  assert.ok(
    (await hoverOn(server, 'workloads/frontend.yaml', frontend)).endsWith(
      'Beyond these manifests, any pod of the cluster may connect on every port; ' +
        'any address outside on every port; but every pod in namespaces with env=dev on no port.',
    ),
    await hoverOn(server, 'workloads/frontend.yaml', frontend),
  );
  await server.open(server.uri('guard.yaml'), admin('    - {action: Deny, from: [{namespaces: {}}]}\n'));
  assert.match(await hoverOn(server, 'workloads/api.yaml', api), /Beyond these manifests, nobody may connect\.$/);
});
