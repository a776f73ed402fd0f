// Run in a process of its own: reads manifests into memory, then answers all pairs. Prints one line of JSON.
//
//   node reach.mjs PODS POLICIES NAMESPACES

import { performance } from 'node:perf_hooks';
import { manifests } from './manifests.mjs';

const [pods, policies, namespaces] = process.argv.slice(2).map(Number);
const core = (path) => import(new URL(`../../server/out/${path}`, import.meta.url));
const { Netpol } = await core('service.js');
const { clusterOf } = await core('engine/cluster.js');
const { reachOf } = await core('engine/reach.js');

const perNamespace = pods / namespaces;
const workloads = manifests((1 + perNamespace) * namespaces, {
  perNamespace: 1 + perNamespace,
  mix: { deployments: perNamespace / (1 + perNamespace), services: 0 },
});
const names = [...new Set(workloads.map(({ namespace }) => namespace))];
const texts = new Map(workloads.map(({ namespace, name, text }) => [`file:///bench/${namespace}/${name}.yaml`, text]));
for (const [index, name] of names.entries()) {
  const written = policiesOf(name, names[(index * 7 + 3) % names.length], index, policies / namespaces);
  texts.set(`file:///bench/${name}/policies.yaml`, written.map((each) => JSON.stringify(each)).join('\n---\n'));
}
const netpol = await Netpol.open(
  { list: async () => [...texts.keys()], read: async (uri) => ({ text: texts.get(uri) ?? '' }) },
  ['file:///bench'],
);
const { scopes } = netpol.workspace.index;

const started = performance.now();
const cluster = clusterOf(scopes, { profile: netpol.settings.profile, unset: 'default' });
const reach = reachOf(cluster);
let pairs = 0;
let allowed = 0;
for (const from of reach.classes) {
  for (const to of reach.classes) {
    const count = from.members.length * (from === to ? to.members.length - 1 : to.members.length);
    pairs += count;
    if (reach.between(from, to).byProtocol.size > 0) allowed += count;
  }
  for (const cell of reach.destinations) reach.toOutside(from, cell);
  for (const cell of reach.sources) reach.fromOutside(cell, from);
}
const milliseconds = performance.now() - started;
console.log(
  JSON.stringify({
    milliseconds,
    memory: process.resourceUsage().maxRSS * 1024,
    pods: cluster.pods.length,
    policies: cluster.policies.length,
    namespaces: cluster.namespaces.size,
    classes: reach.classes.length,
    pairs,
    allowed,
  }),
);

/** What a platform team lays over a namespace: two thirds deny by default, and open themselves layer by layer. */
function policiesOf(namespace, other, index, count) {
  const app = (name) => ({ matchLabels: { app: name } });
  const named = (name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  const tcp = (port) => [{ protocol: 'TCP', port }];
  const specs = [
    index % 3 < 2 ? { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } : { podSelector: {}, ingress: [{}] },
    {
      podSelector: {},
      egress: [{ to: [{ namespaceSelector: named('kube-system') }], ports: [{ protocol: 'UDP', port: 53 }] }],
    },
    { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }], egress: [{ to: [{ podSelector: {} }] }] },
    { podSelector: app('api-0'), ingress: [{ from: [{ namespaceSelector: named(other) }], ports: tcp(8080) }] },
    { podSelector: {}, egress: [{ to: [{ namespaceSelector: {}, podSelector: app('api-0') }], ports: tcp(8080) }] },
    { podSelector: app('db-0'), ingress: [{ from: [{ podSelector: app('api-0') }], ports: tcp(5432) }] },
    {
      podSelector: app('gateway-0'),
      ingress: [{ from: [{ ipBlock: { cidr: `203.0.${index}.0/24` } }], ports: tcp(443) }],
    },
    {
      podSelector: app('worker-0'),
      egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }],
    },
    {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: named('monitoring') }], ports: [{ port: 'metrics', protocol: 'TCP' }] }],
    },
    { podSelector: app(`cache-${index % 9}`), ingress: [{ from: [{ namespaceSelector: {} }], ports: tcp(6379) }] },
  ];
  return Array.from({ length: count }, (_, n) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `policy-${n}`, namespace },
    spec: {
      policyTypes: specs[n % specs.length].egress
        ? ['Egress', ...(specs[n % specs.length].ingress ? ['Ingress'] : [])]
        : ['Ingress'],
      ...specs[n % specs.length],
    },
  }));
}
