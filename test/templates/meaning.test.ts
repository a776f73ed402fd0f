import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cluster, clusterOf, type Pods } from '#server/engine/cluster.js';
import type { Endpoint } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { addressesOf, parseCidr } from '#server/model/addresses.js';
import { printPorts } from '#server/model/ports.js';
import { openShiftDns } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { type TemplateValues, templates } from '#server/templates/index.js';
import { profileWith, rendered } from './policies.js';

/**
 * What each template means, connection by connection, as the engine judges it: a table says for the pods that it is about
 * who may connect to them and to whom they may connect, on which ports. What is not in the table is blocked, a direction
 * that has no table is open to all, and so are all pods that the template is not about.
 */
interface Meaning {
  readonly template: string;
  /** What this case shows beside the template as it is. */
  readonly with?: string;
  readonly values?: Partial<TemplateValues>;
  /** Policies that are there before. */
  readonly beside?: readonly string[];
  /** The pods it is about; every pod of `production` when not given. */
  readonly about?: readonly string[];
  readonly ingress?: Table;
  readonly egress?: Table;
}

/** By pods or address; `*` for every other end. */
type Table = Readonly<Record<string, string>>;

/** namespace/name: labels of the pods. The name is also their label "app". */
const pods: Readonly<Record<string, string>> = {
  'production/api': '',
  'production/frontend': '',
  'production/postgres': '',
  'production/postgres-standby': 'app: postgres, role: standby',
  'production/operator': '',
  'production/payment-processor': '',
  'production/my-gateway': 'gateway.networking.k8s.io/gateway-name: my',
  'frontend/web': '',
  'team-b/worker': '',
  'kube-system/coredns': 'k8s-app: kube-dns',
  'kube-system/other': '',
  'openshift-dns/dns': 'dns.operator.openshift.io/daemonset-dns: default',
  'ingress-nginx/controller': 'app.kubernetes.io/name: ingress-nginx',
  'ingress-nginx/other': '',
  'traefik/traefik': 'app.kubernetes.io/name: traefik',
  'haproxy-controller/haproxy': 'app.kubernetes.io/name: kubernetes-ingress',
  'projectcontour/envoy': '',
  'projectcontour/contour': '',
  'istio-system/ingressgateway': 'istio: ingressgateway',
  'istio-system/istiod': 'istio: pilot',
  'envoy-gateway-system/proxy': 'app.kubernetes.io/managed-by: envoy-gateway, app.kubernetes.io/name: envoy',
  'openshift-ingress/router': '',
  'infra/shared-gateway': 'gateway.networking.k8s.io/gateway-name: shared',
  'monitoring/prometheus': 'app.kubernetes.io/name: prometheus',
  'monitoring/server': 'app.kubernetes.io/name: prometheus, app.kubernetes.io/component: server',
  'monitoring/grafana': 'app.kubernetes.io/name: grafana',
  'openshift-monitoring/prometheus': 'app.kubernetes.io/name: prometheus',
};

/** Labels that namespaces have beside their name. */
const namespaceLabels: Readonly<Record<string, string>> = {
  'openshift-ingress': 'policy-group.network.openshift.io/ingress: ""',
  'openshift-monitoring': 'network.openshift.io/policy-group: monitoring',
  production: 'tenant: team-a',
  frontend: 'tenant: team-a',
  'team-b': 'tenant: team-b',
};

/** One address for each kind of place outside of the cluster. */
const addresses = {
  internet: '8.8.8.8',
  'internet over IPv6': '2001:db8::1',
  'external API': '203.0.113.7',
  'API server': '192.0.2.10',
  node: '198.51.100.7',
  'metadata service': '169.254.169.254',
  'metadata service of AWS over IPv6': 'fd00:ec2::254',
  'metadata service of Alibaba Cloud': '100.100.100.200',
  'other link-local address': '169.254.170.23',
  'NodeLocal DNSCache': '169.254.20.10',
  'probes of ambient': '169.254.7.127',
  'probes of ambient over IPv6': 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff',
};

const every = 'every port';
const dns = 'TCP 53, UDP 53';
/** Without a protocol, Cilium's ports are those of three (FACTS A4.3). */
const anyDns = 'TCP 53, UDP 53, SCTP 53';
const inProduction = Object.keys(pods).filter((name) => name.startsWith('production/'));
const notSystem = Object.keys(pods).filter((name) => !name.startsWith('kube-system/'));
const allPods = Object.keys(pods);
const own = Object.fromEntries(inProduction.map((name) => [name, every]));
const ofTenant = allPods.filter((name) => /^(production|frontend)\//.test(name));
const nginx = 'ingress-nginx/controller';
const prometheus = { 'monitoring/prometheus': 'TCP 8080 and 9090', 'monitoring/server': 'TCP 8080 and 9090' };
const nodeLocal = profileWith({ nodeLocalDns: '169.254.20.10' });
const openShift = profileWith({ dns: [openShiftDns] });
const everyPod = Object.fromEntries(allPods.map((name) => [name, every]));

const controllers: readonly [choice: string, pods: string][] = [
  ['ingress-nginx', nginx],
  ['traefik', 'traefik/traefik'],
  ['haproxy', 'haproxy-controller/haproxy'],
  ['contour', 'projectcontour/envoy'],
  ['istio', 'istio-system/ingressgateway'],
  ['envoy-gateway', 'envoy-gateway-system/proxy'],
  ['openshift-router', 'openshift-ingress/router'],
  ['nginx-gateway-fabric', 'production/my-gateway'],
  ['istio-gateway-api', 'production/my-gateway'],
];

const meanings: readonly Meaning[] = [
  { template: 'default-deny-all', ingress: {}, egress: {} },
  {
    template: 'default-deny-all',
    with: 'for one application',
    values: app('api'),
    about: ['production/api'],
    ingress: {},
    egress: {},
  },
  { template: 'default-deny-ingress', ingress: {} },
  { template: 'default-deny-egress', egress: {} },
  { template: 'allow-dns-egress', egress: { 'kube-system/coredns': dns } },
  {
    template: 'allow-dns-egress',
    with: 'OpenShift',
    values: { given: { dns: 'openshift' } },
    egress: { 'openshift-dns/dns': 'TCP 5353, UDP 5353' },
  },
  {
    template: 'allow-dns-egress',
    with: 'OpenShift by the profile',
    values: { profile: openShift },
    egress: { 'openshift-dns/dns': 'TCP 5353, UDP 5353' },
  },
  {
    template: 'allow-dns-egress',
    with: 'kube-dns, whatever the profile says',
    values: { profile: openShift, given: { dns: 'kube-dns' } },
    egress: { 'kube-system/coredns': dns },
  },
  {
    template: 'allow-dns-egress',
    with: 'NodeLocal DNSCache by the profile',
    values: { profile: nodeLocal },
    egress: { 'kube-system/coredns': dns, 'NodeLocal DNSCache': dns },
  },
  { template: 'allow-node-local-dns', egress: { 'NodeLocal DNSCache': dns } },
  { template: 'allow-intra-namespace', ingress: own, egress: own },
  { template: 'namespace-isolation', ingress: own, egress: { ...own, 'kube-system/coredns': dns } },
  { template: 'allow-ingress-controller', ingress: { [nginx]: 'TCP 80 and 443' } },
  ...controllers.map(([controller, name]) => ({
    template: 'allow-ingress-controller',
    with: controller,
    values: { given: { controller, ports: '8080' } },
    ingress: { [name]: 'TCP 8080' },
  })),
  {
    template: 'allow-ingress-controller',
    with: 'a Gateway in another namespace',
    values: { given: { controller: 'nginx-gateway-fabric', controllerNamespace: 'infra', ports: '8080' } },
    ingress: { 'infra/shared-gateway': 'TCP 8080' },
  },
  { template: 'allow-prometheus-scrape', ingress: prometheus },
  ...['kube-prometheus', 'kube-prometheus-stack'].map((monitoring) => ({
    template: 'allow-prometheus-scrape',
    with: monitoring,
    values: { given: { monitoring } },
    ingress: prometheus,
  })),
  {
    template: 'allow-prometheus-scrape',
    with: 'prometheus',
    values: { given: { monitoring: 'prometheus', ports: '9102' } },
    ingress: { 'monitoring/server': 'TCP 9102' },
  },
  {
    template: 'allow-prometheus-scrape',
    with: 'openshift',
    values: { given: { monitoring: 'openshift', ports: '9102' } },
    ingress: { 'openshift-monitoring/prometheus': 'TCP 9102' },
  },
  { template: 'allow-from-namespace', about: ['production/api'], ingress: { 'frontend/web': 'TCP 8080' } },
  { template: 'allow-from-app', about: ['production/api'], ingress: { 'production/frontend': 'TCP 8080' } },
  {
    template: 'allow-dns-and-app',
    about: ['production/frontend'],
    egress: { 'kube-system/coredns': dns, 'production/api': 'TCP 8080' },
  },
  {
    template: 'database-tier',
    about: ['production/postgres', 'production/postgres-standby'],
    ingress: { 'production/api': 'TCP 5432' },
    egress: { 'production/postgres-standby': 'TCP 5432' },
  },
  {
    template: 'allow-database-replication',
    about: ['production/postgres', 'production/postgres-standby'],
    ingress: { 'production/postgres': 'TCP 5432', 'production/postgres-standby': 'TCP 5432' },
    egress: { 'production/postgres': 'TCP 5432', 'production/postgres-standby': 'TCP 5432' },
  },
  {
    template: 'allow-external-api',
    about: ['production/payment-processor'],
    egress: { 'kube-system/coredns': dns, 'external API': 'TCP 443' },
  },
  { template: 'allow-api-server', about: ['production/operator'], egress: { 'API server': 'TCP 443 and 6443' } },
  { template: 'allow-kubelet-probes', ingress: { node: 'TCP 8080' } },
  { template: 'allow-ambient-hbone', ingress: Object.fromEntries(allPods.map((name) => [name, 'TCP 15008'])) },
  { template: 'allow-ambient-hbone-egress', egress: Object.fromEntries(allPods.map((name) => [name, 'TCP 15008'])) },
  { template: 'allow-ambient-probes', ingress: { 'probes of ambient': every, 'probes of ambient over IPv6': every } },
  { template: 'block-metadata', egress: withoutMetadata(/metadata|link-local|NodeLocal|^probes of ambient$/) },
  {
    template: 'block-metadata',
    with: 'NodeLocal DNSCache',
    values: { profile: nodeLocal },
    egress: { ...withoutMetadata(/metadata|link-local|NodeLocal|^probes of ambient$/), 'NodeLocal DNSCache': dns },
  },
  { template: 'allow-all-ingress', beside: ['default-deny-all'], ingress: { '*': every }, egress: {} },
  { template: 'allow-all-egress', beside: ['default-deny-all'], ingress: {}, egress: { '*': every } },
  {
    template: 'cluster-deny-metadata',
    about: notSystem,
    egress: withoutMetadata(/metadata/),
  },
  {
    template: 'cluster-deny-metadata',
    with: 'a policy that allows everything',
    beside: ['allow-all-egress'],
    about: notSystem,
    egress: withoutMetadata(/metadata/),
  },
  {
    template: 'cluster-allow-dns',
    with: 'a default deny',
    beside: ['default-deny-all'],
    ingress: {},
    egress: { 'kube-system/coredns': dns },
  },
  {
    template: 'cluster-allow-dns',
    with: 'a default deny and NodeLocal DNSCache',
    values: { profile: nodeLocal },
    beside: ['default-deny-all'],
    ingress: {},
    egress: { 'kube-system/coredns': dns, 'NodeLocal DNSCache': dns },
  },
  {
    template: 'cluster-allow-monitoring',
    with: 'a default deny',
    beside: ['default-deny-all'],
    ingress: prometheus,
    egress: {},
  },
  {
    template: 'cluster-tenant-isolation',
    about: ofTenant,
    ingress: { '*': every, 'team-b/worker': 'nothing' },
    egress: { '*': every, 'team-b/worker': 'nothing' },
  },
  {
    template: 'cluster-default-deny',
    about: notSystem,
    ingress: outside(),
    egress: { 'kube-system/coredns': dns },
  },
  {
    template: 'cluster-default-deny',
    with: 'policies of the namespace, which come first',
    beside: ['allow-intra-namespace'],
    ingress: own,
    egress: own,
  },
  {
    template: 'admin-network-policy',
    about: allPods.filter((name) => !/^(kube-system|monitoring)\//.test(name)),
    ingress: { ...Object.fromEntries(allPods.map((name) => [name, 'every port except TCP 443'])), ...outside() },
  },
  { template: 'baseline-admin-network-policy', about: notSystem, ingress: outside() },
  {
    template: 'baseline-admin-network-policy',
    with: 'policies of the namespace, which come first',
    beside: ['allow-intra-namespace'],
    ingress: own,
    egress: own,
  },
  { template: 'calico-default-deny', ingress: {}, egress: {} },
  {
    template: 'calico-default-deny',
    with: 'and what network policies allow, which come first',
    beside: ['allow-dns-egress'],
    ingress: {},
    egress: { 'kube-system/coredns': dns },
  },
  { template: 'calico-global-default-deny', about: notSystem, ingress: {}, egress: { 'kube-system/coredns': dns } },
  {
    template: 'calico-global-default-deny',
    with: 'and what network policies allow, which come first',
    beside: ['allow-intra-namespace'],
    ingress: own,
    egress: { ...own, 'kube-system/coredns': dns },
  },
  { template: 'calico-allow-dns', egress: { 'kube-system/coredns': dns } },
  {
    template: 'calico-allow-dns',
    with: 'OpenShift with NodeLocal DNSCache',
    values: { profile: profileWith({ dns: [openShiftDns], nodeLocalDns: '169.254.20.10' }) },
    egress: { 'openshift-dns/dns': 'TCP 5353, UDP 5353', 'NodeLocal DNSCache': dns },
  },
  { template: 'calico-allow-from-namespace', about: ['production/api'], ingress: { 'frontend/web': 'TCP 8080' } },
  { template: 'calico-tier' },
  {
    template: 'calico-deny-external',
    beside: ['calico-tier'],
    about: allPods,
    ingress: { '*': every, ...outside('every port except TCP 22', 4) },
  },
  {
    template: 'calico-deny-external',
    with: 'a policy that allows everything',
    beside: ['calico-tier', 'allow-all-ingress'],
    ingress: { '*': every, ...outside('every port except TCP 22', 4) },
  },
  {
    template: 'calico-deny-external',
    with: 'a tier that denies what it does not decide, as one that nobody describes',
    about: allPods,
    ingress: {},
  },
  {
    template: 'calico-block-metadata',
    beside: ['calico-tier', 'allow-all-egress'],
    about: notSystem,
    egress: withoutMetadata(/metadata/),
  },
  { template: 'calico-network-set' },
  {
    template: 'calico-deny-list',
    beside: ['calico-tier', 'calico-network-set', 'allow-all-ingress'],
    about: allPods,
    ingress: { '*': every, 'external API': 'nothing' },
    egress: { '*': every, 'external API': 'nothing' },
  },
  { template: 'cilium-default-deny', ingress: {}, egress: {} },
  {
    template: 'cilium-cluster-default-deny',
    about: notSystem,
    ingress: {},
    egress: { 'kube-system/coredns': anyDns },
  },
  {
    template: 'cilium-cluster-default-deny',
    with: 'and what network policies allow',
    beside: ['allow-intra-namespace'],
    ingress: own,
    egress: { ...own, 'kube-system/coredns': anyDns },
  },
  { template: 'cilium-allow-dns', egress: { 'kube-system/coredns': anyDns } },
  {
    template: 'cilium-allow-dns',
    with: 'OpenShift with NodeLocal DNSCache, which is the own node',
    values: { profile: profileWith({ dns: [openShiftDns], nodeLocalDns: '169.254.20.10' }) },
    egress: { 'openshift-dns/dns': 'TCP 5353, UDP 5353, SCTP 5353' },
  },
  { template: 'cilium-allow-from-namespace', about: ['production/api'], ingress: { 'frontend/web': 'TCP 8080' } },
  // Which requests pass, no port says: here are the ports on which some may.
  { template: 'cilium-allow-http', about: ['production/api'], ingress: { 'production/frontend': 'TCP 8080' } },
  // What addresses DNS gives for a name, and which are the API server's, no manifest says.
  { template: 'cilium-allow-hosts', about: ['production/api'], egress: { 'kube-system/coredns': anyDns } },
  { template: 'cilium-allow-api-server', about: ['production/operator'], egress: {} },
  { template: 'cilium-allow-world', about: ['production/api'], egress: outside('TCP 443') },
  {
    template: 'cilium-block-metadata',
    beside: ['allow-all-egress'],
    about: notSystem,
    egress: withoutMetadata(/metadata/),
  },
  { template: 'cilium-block-metadata', with: 'no other policy', about: notSystem, egress: withoutMetadata(/metadata/) },
  { template: 'cilium-cidr-group' },
  {
    template: 'cilium-deny-list',
    beside: ['cilium-cidr-group', 'allow-all-ingress'],
    about: notSystem,
    ingress: { '*': every, 'external API': 'nothing' },
    egress: { '*': every, 'external API': 'nothing' },
  },
];

for (const meaning of meanings) {
  test(`${meaning.template} allows what it says${meaning.with === undefined ? '' : `: ${meaning.with}`}`, async () => {
    const { template, values = {}, beside = [], about = inProduction } = meaning;
    const cluster = await clusterWith([...beside.map((id) => rendered(id)), rendered(template, values)]);
    const judge = new Judge(cluster);
    for (const subject of cluster.pods) {
      for (const direction of ['ingress', 'egress'] as const) {
        // Of policies that stand beside it, only the pods that it is about are told.
        if (!about.includes(nameOf(subject)) && beside.length > 0) continue;
        const table = about.includes(nameOf(subject)) ? (meaning[direction] ?? { '*': every }) : { '*': every };
        for (const [name, end] of ends(cluster)) {
          if (name === nameOf(subject)) continue;
          const [from, to]: [Endpoint, Endpoint] =
            direction === 'ingress' ? [end, { kind: 'pods', pods: subject }] : [{ kind: 'pods', pods: subject }, end];
          const allowed = printPorts(judge.table.setOf(judge.side(direction, from, to)));
          assert.equal(allowed, table[name] ?? table['*'] ?? 'nothing', `${direction} of ${nameOf(subject)}, ${name}`);
        }
      }
    }
  });
}

test('every template has a table, which names only what is there', () => {
  assert.deepEqual(new Set(meanings.map(({ template }) => template)), new Set(templates.map(({ id }) => id)));
  const known = new Set(['*', ...allPods, ...Object.keys(addresses)]);
  for (const { template, about, ingress, egress } of meanings) {
    for (const name of [...(about ?? []), ...Object.keys(ingress ?? {}), ...Object.keys(egress ?? {})])
      assert.ok(known.has(name), `${template}: ${name}`);
  }
  const parameters = templates.flatMap((template) => template.parameters);
  for (const name of ['controller', 'monitoring', 'dns']) {
    const shown = meanings.map(({ values }) => values?.given?.[name]).filter((choice) => choice !== undefined);
    assert.deepEqual(new Set(shown), new Set(parameters.find((each) => each.name === name)?.choices), name);
  }
});

function app(name: string): Partial<TemplateValues> {
  return { podLabels: new Map([['app', name]]) };
}

/** All pods, and all addresses but those of these names. */
function withoutMetadata(blocked: RegExp): Table {
  const open = Object.keys(addresses).filter((name) => !blocked.test(name));
  return { ...everyPod, ...Object.fromEntries(open.map((name) => [name, every])) };
}

/** All addresses, or those of one family, and no pod. */
function outside(allowed = every, family?: 4 | 6): Table {
  const some = Object.entries(addresses).filter(([, text]) => family !== (text.includes(':') ? 4 : 6));
  return Object.fromEntries(some.map(([name]) => [name, allowed]));
}

function nameOf({ namespace, name }: Pods): string {
  return `${namespace.name}/${name}`;
}

function ends(cluster: Cluster): readonly (readonly [name: string, end: Endpoint])[] {
  return [
    ...cluster.pods.map((each) => [nameOf(each), { kind: 'pods', pods: each }] as const),
    ...Object.entries(addresses).map(([name, address]) => {
      const cidr = parseCidr(`${address}/${address.includes(':') ? 128 : 32}`);
      assert.ok(cidr !== undefined);
      return [name, { kind: 'addresses', addresses: addressesOf(cidr) }] as const;
    }),
  ];
}

async function clusterWith(policies: readonly string[]): Promise<Cluster> {
  const uri = 'file:///w/all.yaml';
  const text = [...manifests(), ...policies].join('---\n');
  const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text }) }, ['file:///w']);
  return clusterOf(netpol.workspace.index.scopes, { profile: profileWith({}), unset: 'default' });
}

function manifests(): readonly string[] {
  const names = new Set(allPods.map((path) => path.split('/')[0] ?? ''));
  return [
    ...[...names].map(
      (name) =>
        `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${namespaceLabels[name] ?? ''}}}\n`,
    ),
    // In the range that clusters usually have; which addresses are internal matters to Calico's nets.
    ...Object.entries(pods).map(([path, labels], index) => {
      const [namespace, name = ''] = path.split('/');
      const own = labels.startsWith('app:') ? labels : `app: ${name}${labels === '' ? '' : `, ${labels}`}`;
      return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {${own}}}\nspec: {containers: [{name: c, image: c}]}\nstatus: {podIP: 10.244.0.${index + 1}}\n`;
    }),
  ];
}
