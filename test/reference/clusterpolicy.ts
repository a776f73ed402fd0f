import { cidrContains, holdsEveryPrivate } from './addresses.js';
import type { AddressesMatchPods, Connection, Direction, End } from './connection.js';
import type { Cluster, ClusterPolicy, ClusterPolicyPeer, ClusterPolicyRule, Pod, PodsOrNamespaces } from './objects.js';
import { adminPortMatches, clusterProtocolMatches } from './ports.js';
import { namespaceMatches, podMatches, selectorMatches } from './select.js';

export type ClusterTier = 'admin' | 'baseline';

export interface TierDecision {
  readonly action: 'allow' | 'deny' | 'pass';
  readonly policy: ClusterPolicy;
  readonly rule: number;
}

/**
 * FACTS B2: the first rule that matches, of the tier's policies about the pod in their order, rules as listed. Undefined:
 * no rule of the tier matches.
 */
export function tierVerdict(
  cluster: Cluster,
  tier: ClusterTier,
  own: Pod,
  other: End,
  direction: Direction,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): TierDecision | undefined {
  for (const policy of inOrder(cluster.clusterPolicies.filter((each) => tierOf(each) === tier))) {
    if (!choosesPod(cluster, policy.spec.subject, own)) continue;
    for (const [index, rule] of (policy.spec[direction] ?? []).entries()) {
      if (!clusterRuleMatches(cluster, rule, other, connection, addressesMatchPods)) continue;
      return { action: actionOf(rule), policy, rule: index };
    }
  }
  return undefined;
}

export function tierOf({ kind, spec }: ClusterPolicy): ClusterTier {
  if (kind === 'ClusterNetworkPolicy') return spec.tier === 'Admin' ? 'admin' : 'baseline';
  return kind === 'AdminNetworkPolicy' ? 'admin' : 'baseline';
}

/**
 * Lower priorities first. Equal ones: undefined in the API, here by name as in kube-network-policies and Calico (FACTS B2),
 * names in the order of their characters' codes. A BaselineAdminNetworkPolicy has no priority: it stands before the
 * ClusterNetworkPolicies of the tier, an order that the API does not give, since it replaces the one by the other.
 */
function inOrder(policies: readonly ClusterPolicy[]): readonly ClusterPolicy[] {
  return [...policies].sort(
    (a, b) =>
      (a.spec.priority ?? -1) - (b.spec.priority ?? -1) ||
      (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0),
  );
}

export function actionOf({ action }: ClusterPolicyRule): TierDecision['action'] {
  if (action === 'Deny') return 'deny';
  return action === 'Pass' ? 'pass' : 'allow';
}

/** FACTS B2: any peer, and any port; no ports and no protocols is all traffic. */
export function clusterRuleMatches(
  cluster: Cluster,
  rule: ClusterPolicyRule,
  other: End,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): boolean {
  const peers = rule.from ?? rule.to ?? [];
  if (!peers.some((peer) => isPeer(cluster, peer, other, addressesMatchPods))) return false;
  if (rule.ports) return rule.ports.some((port) => adminPortMatches(port, connection));
  if (rule.protocols) return rule.protocols.some((item) => clusterProtocolMatches(item, connection));
  return true;
}

/**
 * FACTS A2.1 and B2. `networks` matches by address, `nodes` the nodes with their host-network pods. The addresses of
 * `domainNames` come from DNS, which no manifest tells: such a peer matches nothing.
 */
function isPeer(
  cluster: Cluster,
  peer: ClusterPolicyPeer,
  other: End,
  addressesMatchPods: AddressesMatchPods,
): boolean {
  if (peer.networks) {
    if (other.pod !== undefined && addressesMatchPods === 'none') return false;
    if (other.pod !== undefined && other.addresses.length === 0)
      return peer.networks.some((cidr) => holdsEveryPrivate(cidr));
    return peer.networks.some((cidr) => other.addresses.some((address) => cidrContains(cidr, address)));
  }
  if (peer.nodes) return other.nodeLabels !== undefined && selectorMatches(peer.nodes, other.nodeLabels);
  return other.pod !== undefined && choosesPod(cluster, peer, other.pod);
}

/**
 * FACTS A2 and B2: `namespaces` is the selector of namespaces itself, with all their pods; in `pods` both selectors must
 * match, and no namespaceSelector is all namespaces (v1alpha2).
 */
export function choosesPod(cluster: Cluster, { namespaces, pods }: PodsOrNamespaces, pod: Pod): boolean {
  if (namespaces) return namespaceMatches(cluster, namespaces, pod.namespace) && podMatches({}, pod);
  if (!pods) return false;
  return (
    namespaceMatches(cluster, pods.namespaceSelector ?? {}, pod.namespace) && podMatches(pods.podSelector ?? {}, pod)
  );
}
