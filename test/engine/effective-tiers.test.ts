import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveText } from '#server/features/hover/effective-text.js';
import { viewOfPolicy, viewOfWorkload } from '#server/features/hover/effective-view.js';
import { Netpol } from '#server/service.js';
import type { Scope } from '#server/workspace/scope.js';

const manifests = `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 10
  subject: {namespaces: {matchLabels: {team: a}}}
  ingress:
    - action: Allow
      from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
    - action: Deny
      from: [{namespaces: {}}]
      ports: [{portNumber: {port: 9000, protocol: TCP}}]
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
  subject: {namespaces: {}}
  egress:
    - action: Deny
      to: [{namespaces: {}}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: v1
kind: Namespace
metadata: {name: elsewhere, labels: {team: b}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: x, image: y, ports: [{containerPort: 8080, name: http}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: other, namespace: elsewhere}
spec:
  template:
    metadata: {labels: {app: other}}
    spec: {containers: [{name: x, image: y}]}
---
apiVersion: v1
kind: Pod
metadata: {name: stray, namespace: undeclared}
spec: {containers: [{name: x, image: y}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  ingress: [{ports: [{port: http}]}]
`;

const plain = { bold: (text: string) => text, dim: (text: string) => text, warn: (text: string) => text };

async function opened(): Promise<{ netpol: Netpol; scope: Scope }> {
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text: manifests }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const [scope] = netpol.workspace.index.scopes;
  assert.ok(scope !== undefined);
  return { netpol, scope };
}

async function textOf(kind: 'policy' | 'workload', name: string): Promise<string> {
  const { netpol, scope } = await opened();
  const { profile } = netpol.settings;
  const policy = scope.policies.find(({ value }) => value.name === name);
  const workload = scope.workloads.find(({ value }) => value.name === name);
  if (kind === 'policy' && policy !== undefined) {
    return effectiveText(viewOfPolicy(scope, profile, policy), () => 'line', plain);
  }
  assert.ok(workload !== undefined);
  return effectiveText(viewOfWorkload(scope, profile, workload), () => 'line', plain);
}

test('cluster-wide rules stand before what network policies allow, numbered', async () => {
  const text = await textOf('workload', 'api');
  const lines = [
    '1. allows every port from every pod in monitoring',
    '2. denies TCP 9000 from every pod in every namespace',
  ];
  const [first, second, third] = [...lines, 'TCP port named http'].map((line) => text.indexOf(line));
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.ok(first > 0 && first < second && second < third, text);
  assert.match(text, /these rules decide first, the first that matches; for the rest isolated by api\. Allowed:/);
});

test('the baseline is told where nothing isolates, and only there', async () => {
  const text = await textOf('workload', 'api');
  assert.match(text, /Egress {3}not isolated by any policy: what no rule here denies is allowed/);
  assert.match(text, /1\. denies every port to every pod in every namespace {3}default, line/);
  assert.match(text, /DNS: a cluster-wide policy denies port 53/);
});

test('a policy of other namespaces is not told', async () => {
  const text = await textOf('workload', 'other');
  assert.doesNotMatch(text, /guard/);
  assert.match(text, /Ingress {2}not isolated: everything is allowed, from everyone/);
  // The labels of a namespace without an object are not known.
  assert.match(await textOf('workload', 'stray'), /denies TCP 9000 .* \(where its policy selects the pods\)/);
});

test('a cluster-wide policy shows its rules in their order, and when it is asked', async () => {
  const guard = await textOf('policy', 'guard');
  assert.match(guard, /^guard {2}AdminNetworkPolicy, cluster-wide, asked before network policies, priority 10\n/);
  assert.match(guard, /selects every pod in namespaces with team=a \(1 workload: shop\/api\)/);
  assert.match(guard, /1\. allows .*\n.*2\. denies TCP 9000/);
  assert.match(guard, /Egress {3}no rule: nothing is decided here/);
  const baseline = await textOf('policy', 'default');
  assert.match(baseline, /cluster-wide, asked after network policies/);
  assert.match(baseline, /selects every pod in every namespace \(3 workloads/);
});
