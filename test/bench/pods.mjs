// Run in a process of its own: reads the pods of a large cluster and its policies, checks them, answers every pair, and then
// what an editor asks after each of some edits of one policy. Prints one line of JSON; times in milliseconds.
//
//   node pods.mjs PODS NAMESPACES

import { performance } from 'node:perf_hooks';

const [pods, namespaces] = process.argv.slice(2).map(Number);
const core = (path) => import(new URL(`../../server/out/${path}`, import.meta.url));
const { Netpol } = await core('service.js');
const { clusterOf } = await core('engine/cluster.js');
const { effectiveOfPolicy } = await core('engine/effective.js');
const { reachOf } = await core('engine/reach.js');

const roles = ['api', 'frontend', 'worker', 'gateway', 'cache', 'db', 'indexer', 'mailer', 'scheduler', 'exporter'];
const texts = new Map();
for (let n = 0; n < namespaces; n++) {
  const namespace = `team-${n}`;
  const all = Array.from({ length: pods / namespaces }, (_, index) => pod(namespace, index));
  texts.set(
    `file:///bench/${namespace}/pods.yaml`,
    [`apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${namespace}\n`, ...all].join('---\n'),
  );
  for (const [index] of roles.entries()) texts.set(uriOf(namespace, index), policy(namespace, index, 8080));
}

const began = performance.now();
const netpol = await Netpol.open(
  { list: async () => [...texts.keys()], read: async (uri) => ({ text: texts.get(uri) ?? '' }) },
  ['file:///bench'],
);
for (const uri of texts.keys()) netpol.findings(uri);
const read = performance.now() - began;

const changes = [];
for (let n = 0; n < 60; n++) {
  // Another port, other pods, other peers; in one namespace after the other.
  const namespace = `team-${n % namespaces}`;
  const uri = uriOf(namespace, 4);
  const started = performance.now();
  netpol.workspace.setBuffer(uri, policy(namespace, n % 3 === 0 ? 5 : 4, 8080 + (n % 2), n % 4 === 0), n);
  const found = netpol.findings(uri);
  const [scope] = netpol.workspace.index.scopes;
  const changed = scope.policies.find((each) => each.uri === uri);
  const { workloads } = effectiveOfPolicy(scope, changed, netpol.settings.profile.cni);
  changes.push(performance.now() - started);
  if (workloads.sure.length === 0) throw new Error('the policy selects nobody');
  // Port 8081 is declared by nobody, which is what the rules have to see.
  const odd = found.some(({ rule }) => rule.id === 'port-not-exposed');
  if (odd !== (n % 2 === 1)) throw new Error(`after edit ${n}: ${found.map(({ rule }) => rule.id)}`);
}

const started = performance.now();
const cluster = clusterOf(netpol.workspace.index.scopes, { profile: netpol.settings.profile, unset: 'default' });
const reach = reachOf(cluster);
let allowed = 0;
for (const from of reach.classes) {
  for (const to of reach.classes) if (reach.between(from, to).byProtocol.size > 0) allowed += 1;
}
const pairs = performance.now() - started;
console.log(
  JSON.stringify({
    read,
    pairs,
    changes,
    allowed,
    memory: process.resourceUsage().maxRSS * 1024,
    pods: cluster.pods.length,
    policies: cluster.policies.length,
  }),
);

function uriOf(namespace, index) {
  return `file:///bench/${namespace}/policy-${index}.yaml`;
}

function pod(namespace, index) {
  const role = roles[index % roles.length];
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${role}-${index}
  namespace: ${namespace}
  labels:
    app: ${role}-${index % 50}
    tier: ${role}
spec:
  containers:
    - name: main
      image: ${role}
      ports:
        - name: http
          containerPort: 8080
`;
}

function policy(namespace, index, port, anywhere = false) {
  const from = anywhere
    ? 'namespaceSelector: {}'
    : `podSelector:\n            matchLabels:\n              tier: ${roles[(index + 1) % roles.length]}`;
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: policy-${index}
  namespace: ${namespace}
spec:
  podSelector:
    matchLabels:
      tier: ${roles[index]}
  policyTypes: [Ingress]
  ingress:
    - from:
        - ${from}
      ports:
        - port: ${port}
`;
}
