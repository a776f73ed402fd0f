import { type Cidr, parseAddress } from '../model/addresses.js';
import type { ClusterPods, ClusterProfile } from '../model/profile.js';
import type { YamlData } from '../text/edits.js';
import { labelSelector, portList } from './policy.js';

/** Pods of the cluster as one peer: the namespace AND, where they are labelled, the pods in it. */
export function peerOf(pods: ClusterPods): YamlData {
  const { namespace, namespaceLabels, labels } = pods;
  const namespaceSelector = namespaceLabels.size === 0 ? namespaceNamed(namespace) : labelSelector(namespaceLabels);
  return { namespaceSelector, ...(labels.size === 0 ? {} : { podSelector: labelSelector(labels) }) };
}

/** Chooses one namespace by the label that the API server sets itself on each (GA since Kubernetes 1.22). */
export function namespaceNamed(name: string): YamlData {
  return { matchLabels: { 'kubernetes.io/metadata.name': name } };
}

/** The cluster's DNS pods. */
export function dnsPeer(profile: ClusterProfile): YamlData {
  return peerOf(profile.dns[0]);
}

/**
 * An egress rule for DNS: UDP and TCP to the port on which the DNS pods listen, since policies are judged after the
 * service's address is replaced. NodeLocal DNSCache runs in the host's network, where only an address reaches it; it
 * always listens on 53. Source: FACTS C1, C2.
 */
export function dnsRule(profile: ClusterProfile): YamlData {
  const { port } = profile.dns[0];
  const local = nodeLocalDnsPeer(profile);
  const ports = local === undefined || port === 53 ? [port] : [port, 53];
  return { to: [dnsPeer(profile), ...(local === undefined ? [] : [local])], ports: portList(ports.flatMap(dnsPorts)) };
}

/** NodeLocal DNSCache as a peer; undefined where it is not in use. */
export function nodeLocalDnsPeer(profile: ClusterProfile): YamlData | undefined {
  const address = profile.nodeLocalDns === undefined ? undefined : parseAddress(profile.nodeLocalDns);
  if (address === undefined) return undefined;
  return { ipBlock: { cidr: `${address.canonical}/${address.canonical.includes(':') ? 128 : 32}` } };
}

/** An egress rule for NodeLocal DNSCache alone. */
export function nodeLocalDnsRule(profile: ClusterProfile): YamlData | undefined {
  const local = nodeLocalDnsPeer(profile);
  return local === undefined ? undefined : { to: [local], ports: portList(dnsPorts(53)) };
}

/**
 * An ingress rule for the cluster's nodes, on these TCP ports or on all when none are given. Undefined without
 * addresses: a rule without peers would let everyone in.
 */
export function nodeRule(nodes: readonly Cidr[], ports: readonly (number | string)[]): YamlData | undefined {
  if (nodes.length === 0) return undefined;
  const from = nodes.map(({ canonical }) => ({ ipBlock: { cidr: canonical } }));
  return { from, ...(ports.length === 0 ? {} : { ports: portList(ports) }) };
}

function dnsPorts(port: number): readonly string[] {
  return [`${port}/UDP`, `${port}/TCP`];
}
