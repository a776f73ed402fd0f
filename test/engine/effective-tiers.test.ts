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

async function opened(text: string): Promise<{ netpol: Netpol; scope: Scope }> {
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const [scope] = netpol.workspace.index.scopes;
  assert.ok(scope !== undefined);
  return { netpol, scope };
}

async function textOf(kind: 'policy' | 'workload', name: string, from = manifests): Promise<string> {
  const { netpol, scope } = await opened(from);
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

/** A policy of Calico in a tier, about the workload db. */
const tiered = (tier: string, name: string, egress: string, tierSpec = 'order: 100') => `
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: ${tier}}
spec: {${tierSpec}}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: ${tier}.${name}}
spec: {tier: ${tier}, selector: app == 'db', types: [Egress], egress: [${egress}]}
---`;
const db = `
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: app, labels: {app: db}}
spec: {containers: [{name: c, image: i}]}
---`;
const guard = '{action: Deny, destination: {nets: [169.254.169.254/32]}}';
const ofNetwork = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: app}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]
---`;

/** What is said of the egress, without the places. */
async function egressOf(kind: 'policy' | 'workload', name: string, text: string): Promise<string> {
  const [, said = ''] = (await textOf(kind, name, text)).split('Egress   ');
  return said
    .replaceAll(/ {3}\S+, line$/gm, '')
    .replaceAll(/^ +/gm, '')
    .trimEnd();
}

test('what a tier passes on is allowed where no later tier is about the pods', async () => {
  const passing = db + tiered('security', 'meta', `${guard}, {action: Pass}`);
  assert.equal(
    await egressOf('workload', 'db', passing),
    `not isolated by any policy: what no rule here denies is allowed
1. denies every port to addresses 169.254.169.254/32
2. passes on every port to everywhere, inside and outside the cluster, to what is behind tier security`,
  );
  assert.match(
    await egressOf('policy', 'security.meta', passing),
    /what is passed on is left to the tiers behind it, and allowed where none of their policies selects the pods$/,
  );
});

test('a part that is passed on is allowed, and the rest is denied', async () => {
  const partly = tiered('security', 'meta', `${guard}, {action: Pass, destination: {nets: [10.0.0.0/8]}}`);
  assert.equal(
    await egressOf('workload', 'db', db + partly),
    `these rules decide first, the first that matches; for the rest isolated by security.meta. Allowed:
1. denies every port to addresses 169.254.169.254/32
2. passes on every port to addresses 10.0.0.0/8, to what is behind tier security
every port  to addresses 10.0.0.0/8
everything else is denied`,
  );
  // With a tier behind it, what it does not pass on never gets there.
  assert.match(
    await egressOf('workload', 'db', db + partly + ofNetwork),
    /isolated by security\.meta and db\. Allowed:\n1\. .*\n2\. .*\n3\. denies every port to everything else, as tier security ends\nevery port {2}to pods app=web in app/,
  );
});

test('behind a tier that allows some and ends with Deny, nothing is asked any more', async () => {
  const closed = db + tiered('security', 'some', '{action: Allow, destination: {nets: [10.0.0.0/8]}}') + ofNetwork;
  const said = await egressOf('workload', 'db', closed);
  assert.match(said, /^isolated by security\.some\. Allowed:\nevery port {2}to addresses 10\.0\.0\.0\/8\n/);
  assert.doesNotMatch(said, /app=web/);
});

test('a tier whose default is Pass leaves the rest to the next one', async () => {
  const open = db + tiered('platform', 'meta', guard, 'order: 100, defaultAction: Pass');
  assert.equal(
    await egressOf('workload', 'db', open),
    `not isolated by any policy: what no rule here denies is allowed
1. denies every port to addresses 169.254.169.254/32`,
  );
  assert.match(
    await egressOf('policy', 'platform.meta', open),
    /everything else is passed on to the next tier, unless another policy of tier platform on the same pods decides it$/,
  );
  assert.match(
    await egressOf('policy', 'security.meta', db + tiered('security', 'meta', guard)),
    /everything else is denied, unless another policy of tier security on the same pods decides otherwise$/,
  );
});

test('what comes before destination NAT, or is not tracked, leaves the rest to the others', async () => {
  for (const flag of ['preDNAT', 'doNotTrack']) {
    const text = `${db}
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: early}
spec: {selector: all(), ${flag}: true, applyOnForward: true, types: [Ingress], ingress: [{action: Deny, source: {nets: [192.0.2.0/24]}}]}
`;
    const said = await textOf('policy', 'early', text);
    assert.match(said, /everything else goes on to the other policies/);
    assert.doesNotMatch(said, /denied/);
  }
});

test('cluster-wide policies are named among those that select a workload, and beside a policy', async () => {
  const text = db + tiered('security', 'meta', guard) + ofNetwork;
  assert.match(await textOf('workload', 'db', text), /\nselected by 2 policies: db and security\.meta\n/);
  assert.match(await textOf('policy', 'db', text), /with 1 other policy on the same pods: security\.meta$/m);
  const perhaps = await textOf('workload', 'stray');
  assert.match(perhaps, /\nselected by 1 policy: default, perhaps by guard\n/);
});

test('an object with several specs is one policy', async () => {
  const spec = '{endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEntities: [cluster]}]}';
  const text = `${db}
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: both, namespace: app}
specs: [${spec}, ${spec}]
`;
  const workload = await textOf('workload', 'db', text);
  assert.match(workload, /\nselected by 1 policy: both\n/);
  assert.match(workload, /Ingress {2}isolated by both\. Allowed/);
  const policy = await textOf('policy', 'both', text);
  assert.match(policy, /isolated by this policy/);
  assert.match(policy, /no other policy selects all of these pods/);
});
