import { parseAddress } from '../model/addresses.js';
import type { ClusterProfile } from '../model/profile.js';
import type { YamlData } from '../text/edits.js';
import { peerOf } from './cluster-peers.js';

export type DnsProtocol = 'UDP' | 'TCP';

export const dnsProtocols: readonly DnsProtocol[] = ['UDP', 'TCP'];

/**
 * An egress rule for DNS, as data to be written: the cluster's DNS pods on the port they listen on, since policies are
 * judged after the service's address is replaced by a pod's. NodeLocal DNSCache, where the profile has it, runs in the
 * node's network and always listens on 53: it is reached by its address only. Source: FACTS C1, C2.
 */
export function dnsRule(profile: ClusterProfile, protocols: readonly DnsProtocol[] = dnsProtocols): YamlData {
  const local = nodeLocalPeer(profile);
  return {
    to: [dnsPeer(profile), ...(local === undefined ? [] : [local])],
    ports: dnsPorts(profile).flatMap((port) => protocols.map((protocol) => ({ protocol, port }))),
  };
}

/** The ports of that rule: the DNS pods' own, and 53 for the node-local cache. */
export function dnsPorts(profile: ClusterProfile): readonly number[] {
  const { port } = profile.dns[0];
  return nodeLocalPeer(profile) === undefined || port === 53 ? [port] : [port, 53];
}

/** The cluster's DNS pods as one peer: their namespace AND, where they are labelled, the pods in it. */
export function dnsPeer(profile: ClusterProfile): { readonly [key: string]: YamlData } {
  return peerOf(profile.dns[0]);
}

/** NodeLocal DNSCache as a peer; undefined where the profile has none. */
export function nodeLocalPeer(profile: ClusterProfile): YamlData | undefined {
  const cidr = nodeLocalCidr(profile);
  return cidr === undefined ? undefined : { ipBlock: { cidr } };
}

/** Its address as a range of one; undefined where the profile has none, or one that is no address. */
export function nodeLocalCidr({ nodeLocalDns }: ClusterProfile): string | undefined {
  const address = nodeLocalDns === undefined ? undefined : parseAddress(nodeLocalDns);
  return address === undefined ? undefined : `${address.canonical}/${address.family === 4 ? 32 : 128}`;
}

/** How people call the DNS pods: by their label's value, as in "kube-dns", else by their namespace. */
export function dnsName(profile: ClusterProfile): string {
  const { labels, namespace } = profile.dns[0];
  const [value, ...more] = labels.values();
  return value !== undefined && more.length === 0 && /dns/i.test(value) ? value : `the DNS pods in ${namespace}`;
}
