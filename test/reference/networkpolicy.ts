import { cidrContains, holdsEveryPrivate } from './addresses.js';
import type { AddressesMatchPods, Connection, Direction, End } from './connection.js';
import {
  type Cluster,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyRule,
  namespaceOf,
  type Pod,
} from './objects.js';
import { networkPolicyPortMatches } from './ports.js';
import { namespaceMatches, podMatches } from './select.js';

export interface Isolation {
  /** The policies that isolate the pod in this direction; never empty. */
  readonly policies: readonly NetworkPolicy[];
  /** The rules that match the connection: none means that it is denied. */
  readonly matching: readonly { readonly policy: NetworkPolicy; readonly rule: number }[];
}

/** FACTS B1, points 1 to 3 and 5. Undefined: no NetworkPolicy isolates the pod in this direction. */
export function networkPolicyVerdict(
  cluster: Cluster,
  own: Pod,
  other: End,
  direction: Direction,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): Isolation | undefined {
  const policies = cluster.networkPolicies.filter((policy) => isolates(policy, own, direction));
  if (policies.length === 0) return undefined;
  const matching = policies.flatMap((policy) =>
    (policy.spec?.[direction] ?? []).flatMap((rule, index) =>
      ruleMatches(cluster, namespaceOf(policy), rule ?? {}, other, connection, addressesMatchPods)
        ? [{ policy, rule: index }]
        : [],
    ),
  );
  return { policies, matching };
}

export function isolates(policy: NetworkPolicy, own: Pod, direction: Direction): boolean {
  return isAbout(policy, own) && policyTypes(policy).includes(direction === 'ingress' ? 'Ingress' : 'Egress');
}

/** FACTS B1, point 1: in the policy's own namespace alone. */
export function isAbout(policy: NetworkPolicy, own: Pod): boolean {
  return namespaceOf(policy) === own.namespace && podMatches(policy.spec?.podSelector ?? {}, own);
}

/** FACTS A1, defaults: only where the list is missing or empty, Ingress, and Egress if there are egress rules. */
function policyTypes({ spec }: NetworkPolicy): readonly ('Ingress' | 'Egress')[] {
  const written = spec?.policyTypes ?? [];
  if (written.length > 0) return written;
  return (spec?.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** FACTS B1, point 5: peers are empty or one matches, and ports are empty or one matches. */
export function ruleMatches(
  cluster: Cluster,
  namespace: string,
  rule: NetworkPolicyRule,
  other: End,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): boolean {
  const peers = rule.from ?? rule.to ?? [];
  const ports = rule.ports ?? [];
  const peerMatches =
    peers.length === 0 || peers.some((peer) => isPeer(cluster, namespace, peer, other, addressesMatchPods));
  const portMatches = ports.length === 0 || ports.some((port) => networkPolicyPortMatches(port ?? {}, connection));
  return peerMatches && portMatches;
}

/** FACTS B1, the rows on peers. Selectors choose pods only, in the policy's own namespace where no other is selected. */
function isPeer(
  cluster: Cluster,
  namespace: string,
  peer: NetworkPolicyPeer,
  other: End,
  addressesMatchPods: AddressesMatchPods,
): boolean {
  if (peer.ipBlock) {
    const { cidr, except } = peer.ipBlock;
    if (other.pod !== undefined && addressesMatchPods !== 'all') return false;
    // A pod has some address, also where nobody has told which.
    if (other.pod !== undefined && other.addresses.length === 0) return holdsEveryPrivate(cidr, except ?? []);
    return other.addresses.some(
      (address) => cidrContains(cidr, address) && !(except ?? []).some((each) => cidrContains(each, address)),
    );
  }
  if (other.pod === undefined || !podMatches(peer.podSelector ?? {}, other.pod)) return false;
  if (peer.namespaceSelector) return namespaceMatches(cluster, peer.namespaceSelector, other.pod.namespace);
  return other.pod.namespace === namespace;
}
