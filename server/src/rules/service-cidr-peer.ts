import { dnsName } from '../engine/dns-rule.js';
import { nodeLocalDns } from '../engine/shown-dns.js';
import { addressesOf, isSubset, parseAddress } from '../model/addresses.js';
import type { Policy } from '../model/policy.js';
import { ports, isSubset as portsWithin, union } from '../model/ports.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Service } from '../model/workload.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { type IpBlock, ipBlocksOf } from './ip-blocks.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const serviceCidrPeer = definePolicyRule({
  id: 'service-cidr-peer',
  group: 'Too wide',
  severity: 'warning',
  summary: 'An egress block is about the address of a service.',
  alone: true,
  check,
});

export const serviceCidrPeerPage: RulePage = {
  what: `Reports an egress \`ipBlock\` within the cluster's service addresses (\`cluster.serviceCIDRs\` in \`.netpol.yaml\`), or for the \`clusterIP\` of a Service in the same manifests.

It is silent with the AWS VPC CNI, which does look at service addresses, and, where NodeLocal DNSCache is in use (\`cluster.nodeLocalDNS\`, or its DaemonSet among the manifests), on rules for port 53 alone.`,
  why: `The address of a service is virtual. It is replaced by the address of one of the pods behind it before policies are judged, so a rule about it allows nothing: the connection that it was written for is cut. What has to be allowed are the pods, by their labels, on the port they listen on.

For the API server (\`kubernetes.default\`), what counts is the address of its endpoints, outside the service range.`,
  bad: `# file: .netpol.yaml
cluster:
  serviceCIDRs: [10.96.0.0/12]
# file: policy.yaml
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: frontend
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: frontend
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock:
            cidr: 10.96.14.5/32
      ports:
        - port: 80
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`,
  good: `# file: .netpol.yaml
cluster:
  serviceCIDRs: [10.96.0.0/12]
# file: policy.yaml
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: frontend
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: frontend
  policyTypes: [Egress]
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: api
      ports:
        - port: 8080
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
    'https://kubernetes.io/docs/reference/networking/virtual-ips/',
  ],
};

const dnsOnly = union(ports('UDP', 53), ports('TCP', 53));

function* check({ scope, policy, profile }: PolicyContext): Iterable<Finding> {
  if (profile.cni.egressJudged !== 'after-dnat') return;
  for (const block of ipBlocksOf(policy, 'egress')) {
    // The node-local cache answers on the address of the DNS service itself.
    const forDns = portsWithin(block.rule.ports, dnsOnly);
    if (forDns && nodeLocalDns(scope, profile) !== undefined) continue;
    const { cidr, addresses } = block.peer;
    const services = servicesAt(scope, block);
    const range = profile.serviceCidrs.find((each) => isSubset(addresses, addressesOf(each)));
    if (services.length === 0 && range === undefined) continue;
    const what =
      services.length > 0
        ? `is the address of Service ${list(services.map(({ value }) => value.name))}`
        : `lies within the service addresses of this cluster (${range?.canonical})`;
    yield {
      at: block.at,
      message: `${cidr.text} ${what}. Services' addresses are replaced by those of pods before policies are judged, so this allows nothing. ${instead(profile, block, services, forDns, policy.value)}`,
      related: services.map(({ value }) => ({ at: value.at, message: `Service ${value.name} has this address` })),
    };
  }
}

/** The first address of the range is that of the service "kubernetes", unless the manifests say otherwise. */
function isApiServer(
  { serviceCidrs }: ClusterProfile,
  { peer: { cidr } }: IpBlock,
  services: readonly Placed<Service>[],
): boolean {
  if (services.length > 0) {
    return services.some(({ value, namespace }) => value.name === 'kubernetes' && namespace.name === 'default');
  }
  return (
    cidr.first === cidr.last &&
    serviceCidrs.some(({ family, first }) => family === cidr.family && first + 1n === cidr.first)
  );
}

/** The services whose address is just what an ipBlock holds. */
function servicesAt(scope: Scope, { peer }: IpBlock): readonly Placed<Service>[] {
  if (peer.cidr.first !== peer.cidr.last || peer.except.length > 0) return [];
  return [...scope.namespaces.values()].flatMap(({ services }) =>
    services.filter(({ value }) =>
      value.clusterIPs.some((text) => {
        const address = parseAddress(text);
        return address?.family === peer.cidr.family && address.value === peer.cidr.first;
      }),
    ),
  );
}

function instead(
  profile: ClusterProfile,
  block: IpBlock,
  services: readonly Placed<Service>[],
  forDns: boolean,
  { family }: Policy,
): string {
  if (isApiServer(profile, block, services)) {
    const { nodesOnlyBy, title } = profile.cni;
    const endpoints = list(profile.apiServer.map(({ canonical }) => canonical));
    return `This is the service of the API server: ${
      nodesOnlyBy === undefined
        ? `allow the addresses of its endpoints${endpoints === '' ? '' : ` (${endpoints})`}, on the port they listen on, usually 6443.`
        : family === 'cilium'
          ? 'use the entity kube-apiserver, since no CIDR matches a node either.'
          : `use ${nodesOnlyBy}, since with ${title} no ipBlock matches a node either.`
    }`;
  }
  const selector = services.length === 1 ? services[0]?.value.selector : undefined;
  if (selector === undefined) {
    if (forDns) return `Allow ${dnsName(profile)} by labels, on port ${profile.dns[0].port} of the pods.`;
    return 'Allow the pods behind it by their labels, on the port they listen on; for the API server, the addresses of its endpoints.';
  }
  const labels = list([...selector].map(([key, value]) => `${key}=${value}`));
  return `Allow the pods behind it (${labels}) on the port they listen on.`;
}
