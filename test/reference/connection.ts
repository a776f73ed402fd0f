import { isSameAddress } from './addresses.js';
import type { Cluster, Labels, Pod, Protocol } from './objects.js';

export type Direction = 'ingress' | 'egress';
/** `other` is every IP protocol that is not listed here. */
export type ConnectionProtocol = Protocol | 'ICMP' | 'ICMPv6' | 'other';

/** One end of a connection: a pod, or an address that is no pod's. */
export interface End {
  readonly pod: Pod | undefined;
  /** Of a pod: those that are known, perhaps none. */
  readonly addresses: readonly string[];
  /** Labels of the node, where the end is one: a host-network pod. */
  readonly nodeLabels: Labels | undefined;
}

/** FACTS B0: after the translation of service addresses. */
export interface Connection {
  readonly from: End;
  readonly to: End;
  readonly protocol: ConnectionProtocol;
  /** The destination pod's own port, 1 to 65535; of ICMP and ICMPv6 the message's type, of `other` the IP protocol's number. */
  readonly port: number;
}

/**
 * Which blocks match a pod by its known address. The API leaves it open for `ipBlock` and says yes for `networks` (FACTS B1,
 * B2): 'all' as in Calico, Antrea, OVN-Kubernetes; 'networks' is the API's text with ipBlock for outside addresses alone;
 * 'none' as in Cilium.
 */
export type AddressesMatchPods = 'all' | 'networks' | 'none';

/** The end that `namespace/name` or an address names. An address that a pod has is that pod. Throws where there is none. */
export function endOf(cluster: Cluster, name: string): End {
  const isPod = name.includes('/');
  const pod = cluster.pods.find((each) =>
    isPod ? `${each.namespace}/${each.name}` === name : each.addresses.some((address) => isSameAddress(address, name)),
  );
  if (isPod && pod === undefined) throw new Error(`there is no pod ${name}`);
  if (pod === undefined) return { pod, addresses: [name], nodeLabels: undefined };
  const nodeLabels = pod.hostNetwork && pod.node !== undefined ? cluster.nodes.get(pod.node) : undefined;
  return { pod, addresses: pod.addresses, nodeLabels };
}
