import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shop } from './manifests.js';
import { ServerProcess } from './server-process.js';

const calico = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source:
        selector: app == 'frontend'
      destination:
        ports: [8080]
    - action: Deny
      source:
        nets: [203.0.113.0/24]
`;

const cilium = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: api}}
  ingress:
    - fromEndpoints:
        - matchLabels: {app: frontend}
      toPorts:
        - ports: [{port: "8080", protocol: TCP}]
          rules: {http: [{method: GET, path: /v1/.*}]}
  ingressDeny:
    - fromEntities: [world]
`;

const broken = calico.replace("app == 'api'", "app = 'api'");

test('a rule of Calico or Cilium is told as a whole, with whom it matches', async (t) => {
  const files = { ...shop, 'calico.yaml': calico, 'cilium/cilium.yaml': cilium };
  const server = await ServerProcess.start(t, { files });
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'calico.yaml',
      calico,
      "selector: app == 'frontend'",
      /^\*\*Allows from\*\* pods app=frontend in shop, on TCP 8080\.\n\n_matches 1 workload: frontend_/,
    ],
    ['calico.yaml', calico, 'nets:', /^\*\*Denies from\*\* addresses 203\.0\.113\.0\/24, on every port\./],
    [
      'cilium/cilium.yaml',
      cilium,
      'fromEndpoints',
      /^\*\*Allows from\*\* pods app=frontend in shop, on TCP 8080, HTTP GET \/v1\/\.\\\* only\./,
    ],
    [
      'cilium/cilium.yaml',
      cilium,
      'fromEntities',
      /^\*\*Denies from\*\* everything outside the cluster, on every port\./,
    ],
  ];
  for (const [path, text, at, wanted] of cases) {
    const uri = server.uri(path);
    await server.open(uri, text);
    assert.match((await server.hover(uri, text, at)) ?? '', wanted, at);
  }
});

test('a selector of Calico takes in sets of addresses, and a hover and `effective` name them', async (t) => {
  const set = (kind: string, name: string, where: string, label: string, net: string) =>
    `---\napiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {name: ${name}, ${where}labels: {${label}}}\nspec: {nets: [${net}]}\n`;
  const policy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: out, namespace: shop}
spec:
  selector: all()
  types: [Egress]
  egress:
    - action: Allow
      destination: {selector: role == 'partner'}
    - action: Allow
      destination: {selector: role == 'partner', namespaceSelector: global()}
    - action: Allow
      destination: {selector: role == 'partner', namespaceSelector: projectcalico.org/name == 'data'}
    - action: Allow
      destination: {selector: role == 'nobody'}
${set('NetworkSet', 'own', 'namespace: shop, ', 'role: partner', '198.51.100.0/24')}${set('NetworkSet', 'other', 'namespace: data, ', 'role: partner', '198.51.101.0/24')}${set('GlobalNetworkSet', 'wide', '', 'role: partner', '203.0.113.7/32')}${set('GlobalNetworkSet', 'deaf', '', 'role: deaf', '203.0.113.8/32')}`;
  const server = await ServerProcess.start(t, { files: { 'calico.yaml': policy } });
  const uri = server.uri('calico.yaml');
  await server.open(uri, policy);
  const hover = (await server.hover(uri, policy, 'name: out')) ?? '';
  const rows = hover.split('\n').filter((line) => /_(?:.*NetworkSet|no workload)/.test(line));
  assert.deepEqual(
    rows.map((line) => /_(.*)_/.exec(line)?.[1]?.replaceAll('\\', '')),
    [
      'NetworkSet own: 198.51.100.0/24',
      'GlobalNetworkSet wide: 203.0.113.7/32',
      'NetworkSet other: 198.51.101.0/24',
      'no workload of this workspace',
    ],
  );
});

test('a selector that cannot be read selects nobody knows whom', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'calico.yaml': broken } });
  const uri = server.uri('calico.yaml');
  await server.open(uri, broken);
  const said = (await server.hover(uri, broken, 'NetworkPolicy')) ?? '';
  assert.match(said, /selects pods that cannot be told/);
  assert.doesNotMatch(said, /every pod of its namespace/);
});
