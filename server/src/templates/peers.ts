import { nodeLocalPeer } from '../engine/dns-rule.js';
import type { Cidr } from '../model/addresses.js';
import type { ClusterProfile } from '../model/profile.js';
import type { YamlData } from '../text/edits.js';
import { portList } from './policy.js';

export { namespaceNamed, peerOf } from '../engine/cluster-peers.js';
export { dnsPeer, dnsPorts, dnsRule, nodeLocalCidr, nodeLocalPeer as nodeLocalDnsPeer } from '../engine/dns-rule.js';

/** An egress rule for NodeLocal DNSCache alone. */
export function nodeLocalDnsRule(profile: ClusterProfile): YamlData | undefined {
  const local = nodeLocalPeer(profile);
  return local === undefined ? undefined : { to: [local], ports: portList(['53/UDP', '53/TCP']) };
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
