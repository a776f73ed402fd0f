import {
  type AddressSet,
  addressesOf,
  addressesOfAll,
  containsAddress,
  isEmpty,
  isSubset,
  noAddresses,
  overlaps,
  privateAddresses,
  subtract,
  union,
} from '../model/addresses.js';
import type {
  AddressPeer,
  AddressSetPeer,
  EntityPeer,
  NamespaceMatch,
  NodePeer,
  Peer,
  PodPeer,
  ServicePeer,
} from '../model/peer.js';
import { asksForFacts, namespaceNameKey, namespaceOfName, type PodFacts, selectedByFacts } from '../model/pod-facts.js';
import { union as joinPorts, namedPort, noPorts, type PortSet, ports } from '../model/ports.js';
import { disjoint, implies, type Labels, matches, matchesOpen, type Selector } from '../model/selector.js';
import { type Answer, all, and, any, not } from '../model/three.js';
import type { AppliedAddresses, AppliedPolicy, Cluster, ClusterNamespace, Pods } from './cluster.js';
import { type AddressEnd, entityTakesAddresses, identified, identityOf, isNode } from './identities.js';
import type { Endpoint } from './stages.js';

/** Whether a peer takes in an endpoint; of some pods and of a range: all of it ('unknown' for a part). */
export function peerTakes(cluster: Cluster, policy: AppliedPolicy, peer: Peer, endpoint: Endpoint): Answer {
  const answer =
    endpoint.kind === 'addresses'
      ? agreed(identified(cluster, endpoint).map((part) => surePeerTakes(cluster, policy, peer, part)))
      : surePeerTakes(cluster, policy, peer, endpoint);
  return peer.uncertain && (answer === 'yes' || peer.kind === 'anything') ? 'unknown' : answer;
}

/** What is said of each part; of all of them nothing else is known. */
function agreed(answers: readonly Answer[]): Answer {
  const [first = 'unknown'] = answers;
  return answers.every((answer) => answer === first) ? first : 'unknown';
}

function surePeerTakes(cluster: Cluster, policy: AppliedPolicy, peer: Peer, endpoint: Endpoint): Answer {
  switch (peer.kind) {
    case 'anything':
      return 'yes';
    case 'all of':
      return and(
        all(peer.peers.map((each) => peerTakes(cluster, policy, each, endpoint))),
        not(any(peer.except.map((each) => peerTakes(cluster, policy, each, endpoint)))),
      );
    case 'entity':
      return entityTakes(peer, endpoint);
    case 'service':
      return isKnownService(cluster, policy, peer)
        ? any(
            servicesOf(cluster, policy, peer).map(({ pods }) =>
              peerTakes(cluster, policy, pods, byAddress(policy, endpoint)),
            ),
          )
        : mayLeadTo(policy, peer, endpoint);
    case 'address set':
      return endpoint.kind === 'addresses' && !isNode(endpoint)
        ? covers(groupAddresses(cluster, peer), endpoint.addresses, someUncertain(cluster, peer))
        : 'no';
    case 'domains':
      // What a name stands for is learnt from DNS answers. It is never a pod (FACTS B5), and may be any address outside.
      return endpoint.kind === 'addresses' ? 'unknown' : 'no';
    case 'addresses':
      // Cilium never matches nodes by their addresses (FACTS B5).
      if (endpoint.kind === 'addresses')
        return isNode(endpoint) ? 'no' : covers(peer.addresses, endpoint.addresses, false);
      return endpoint.kind === 'pods'
        ? and(
            addressesMatchPods(cluster, policy),
            holdsAddressOf(cluster, heldBy(policy, peer, endpoint.pods), endpoint.pods),
          )
        : 'no';
    case 'nodes':
      if (endpoint.kind === 'addresses') return nodePeerTakes(peer, endpoint);
      if (endpoint.kind !== 'pods' || !endpoint.pods.hostNetwork) return 'no';
      return and(
        endpoint.pods.node?.labels === undefined ? 'unknown' : holds(peer.nodes, endpoint.pods.node.labels, false),
        peer.othersOnly ? not(sameNode(endpoint.pods, peer.from)) : 'yes',
      );
    case 'pods':
      return podPeerTakes(cluster, policy, peer, endpoint);
  }
}

function podPeerTakes(cluster: Cluster, policy: AppliedPolicy, peer: PodPeer, endpoint: Endpoint): Answer {
  switch (endpoint.kind) {
    case 'pods': {
      const { pods } = endpoint;
      // A set of addresses holds whoever has one of them.
      if (peer.alsoAddressSets === true && pods.addresses.length > 0) {
        const addresses = joined(cluster.addressSets.filter((set) => setMatches(peer, policy, set)));
        if (holdsAddressOf(cluster, addresses, pods) === 'yes') return 'yes';
      }
      // Host-network pods look like their node, which pod selectors do not match (FACTS B1).
      if (pods.hostNetwork) return 'no';
      const where = inNamespaces(peer.namespaces, policy.namespace, pods.namespace);
      return where === 'no' ? 'no' : and(where, holdsFor(peer.pods, pods));
    }
    case 'some pods': {
      const namespaces = namespaceSelector(peer.namespaces, policy.namespace);
      const chosen = within(endpoint.pods, peer.pods);
      return and(
        within(endpoint.namespaces, namespaces),
        asksForFacts(peer.pods) && chosen === 'no' ? 'unknown' : chosen,
      );
    }
    case 'addresses': {
      if (peer.alsoAddressSets !== true) return 'no';
      const sets = cluster.addressSets.filter((set) => setMatches(peer, policy, set));
      return covers(
        joined(sets),
        endpoint.addresses,
        sets.some(({ value }) => value.uncertain),
      );
    }
  }
}

function entityTakes({ entity, from }: EntityPeer, endpoint: Endpoint): Answer {
  if (endpoint.kind === 'addresses') return entityTakesAddresses(entity, endpoint);
  const onNode = endpoint.kind === 'pods' && endpoint.pods.hostNetwork;
  switch (entity) {
    case 'all':
      return 'yes';
    case 'none':
      return 'no';
    case 'world':
      return 'no';
    case 'cluster':
      return 'yes';
    case 'host':
      return onNode ? sameNode(endpoint.pods, from) : 'no';
    case 'remote-node':
      return onNode ? not(sameNode(endpoint.pods, from)) : 'no';
    case 'kube-apiserver':
      // Which pods are the API server's is not known.
      return onNode ? 'unknown' : 'no';
    case 'ingress':
    case 'health':
    case 'init':
    case 'unmanaged':
    case 'cluster-mesh':
      return 'no';
  }
}

/** The labels of a node are not known by its address. */
function nodePeerTakes({ nodes, othersOnly }: NodePeer, end: AddressEnd): Answer {
  if (!isNode(end) || (othersOnly === true && identityOf(end).places[0] === 'host')) return 'no';
  return holds(nodes, new Map(), true);
}

/** Whether pods run on a node; 'unknown' where one of both is not known. */
function sameNode({ node }: Pods, name: string | undefined): Answer {
  if (node === undefined || name === undefined || name === '') return 'unknown';
  return node.name === name ? 'yes' : 'no';
}

/** Calico knows what is behind a service by its addresses, which host-network pods have as well. */
function byAddress({ placed: { value } }: AppliedPolicy, endpoint: Endpoint): Endpoint {
  if (value.family !== 'calico' || endpoint.kind !== 'pods' || !endpoint.pods.hostNetwork) return endpoint;
  return { kind: 'pods', pods: { ...endpoint.pods, hostNetwork: false } };
}

/** The pods behind a service, as a peer, and the ports of theirs that the service's lead to. */
interface ServicePods {
  readonly pods: PodPeer;
  readonly ports: PortSet;
}

/** Whether it is known what is behind a service: it is there, and selects pods. */
export function isKnownService(cluster: Cluster, policy: AppliedPolicy, peer: ServicePeer): boolean {
  const found = servicesMeant(cluster, policy, peer);
  if (found.length === 0) return dnsBehind(cluster, policy, peer) !== undefined;
  return found.every(({ value }) => value.selector !== undefined);
}

/**
 * What is behind a service that is not known. Cilium takes its pods by the service's selector, which is of its own
 * namespace, and other endpoints as addresses outside of the cluster (FACTS B5).
 */
function mayLeadTo(policy: AppliedPolicy, peer: ServicePeer, endpoint: Endpoint): Answer {
  if (policy.placed.value.family !== 'cilium' || endpoint.kind !== 'pods') return 'unknown';
  if (endpoint.pods.hostNetwork) return 'no';
  const namespace = namespaceOfService(policy, peer);
  return namespace === undefined || namespace === endpoint.pods.namespace.name ? 'unknown' : 'no';
}

/** Undefined: of any namespace. */
function namespaceOfService(policy: AppliedPolicy, peer: ServicePeer): string | undefined {
  return peer.anyNamespace ? undefined : (peer.namespace ?? policy.namespace?.name);
}

/** The services of the manifests that a peer means. */
export function servicesMeant(cluster: Cluster, policy: AppliedPolicy, peer: ServicePeer): Cluster['services'] {
  const wanted = namespaceOfService(policy, peer);
  return cluster.services.filter(
    ({ value, namespace }) =>
      (peer.name !== undefined
        ? peer.name === value.name
        : peer.selector !== undefined && matches(peer.selector, value.labels)) &&
      (wanted === undefined || wanted === cluster.namespaceOf(namespace).name),
  );
}

/** The cluster's DNS by the name of its service, whose object is seldom among the manifests. */
function dnsBehind({ dns }: Cluster, policy: AppliedPolicy, peer: ServicePeer): ServicePods | undefined {
  const meant = dns.find(
    ({ service, namespace }) => service === peer.name && namespace === namespaceOfService(policy, peer),
  );
  return (
    meant && {
      pods: podsBehind(peer, meant.namespace, meant.labels),
      ports: joinPorts(ports('UDP', meant.port), ports('TCP', meant.port)),
    }
  );
}

function podsBehind({ at }: ServicePeer, namespace: string, labels: Labels): PodPeer {
  return {
    kind: 'pods',
    namespaces: { own: false, selector: namespaceOfName(namespace) },
    pods: { op: 'And', terms: [...labels].map(([key, text]) => ({ op: 'In', key, values: [text] })) },
    podSource: undefined,
    namespaceSource: undefined,
    uncertain: false,
    at,
  };
}

/** The pods behind the services that a peer means. */
export function servicesOf(cluster: Cluster, policy: AppliedPolicy, peer: ServicePeer): readonly ServicePods[] {
  const found = servicesMeant(cluster, policy, peer);
  if (found.length === 0) {
    const dns = dnsBehind(cluster, policy, peer);
    return dns === undefined ? [] : [dns];
  }
  return found.flatMap(({ value, namespace }): readonly ServicePods[] => {
    if (value.selector === undefined) return [];
    const targets = value.ports.map(({ protocol, targetPort }) =>
      typeof targetPort === 'number' ? ports(protocol, targetPort) : namedPort(protocol, targetPort),
    );
    const pods = podsBehind(peer, cluster.namespaceOf(namespace).name, value.selector);
    return [{ pods, ports: targets.reduce(joinPorts, noPorts) }];
  });
}

/** The addresses that a peer may hold, wherever they are written: for cutting the space outside of the cluster. */
export function addressesIn(cluster: Cluster, peer: Peer): readonly AddressSet[] {
  switch (peer.kind) {
    case 'addresses':
      return [peer.addresses];
    case 'address set':
      return [groupAddresses(cluster, peer)];
    case 'pods':
      return peer.alsoAddressSets === true ? cluster.addressSets.map(({ value }) => value.addresses) : [];
    case 'all of':
      return [...peer.peers, ...peer.except].flatMap((each) => addressesIn(cluster, each));
    default:
      return [];
  }
}

function groupAddresses(cluster: Cluster, peer: AddressSetPeer): AddressSet {
  const except = addressesOfAll(peer.except);
  return subtract(joined(groupsOf(cluster, peer)), except);
}

function groupsOf(cluster: Cluster, peer: AddressSetPeer): readonly AppliedAddresses[] {
  return cluster.addressSets.filter(
    ({ value }) =>
      value.kind === 'CiliumCIDRGroup' &&
      (peer.name !== undefined
        ? value.name === peer.name
        : peer.selector !== undefined && matches(peer.selector, value.labels)),
  );
}

/** A group that is named and not here may hold anything. */
function someUncertain(cluster: Cluster, peer: AddressSetPeer): boolean {
  const groups = groupsOf(cluster, peer);
  return groups.length === 0 || groups.some(({ value }) => value.uncertain);
}

function setMatches(peer: PodPeer, policy: AppliedPolicy, { value, namespace }: AppliedAddresses): boolean {
  if (value.kind === 'CiliumCIDRGroup' || (peer.onlyNamespacedSets && namespace === undefined)) return false;
  if (peer.namespaces.own) return namespace?.name === policy.namespace?.name && matches(peer.pods, value.labels);
  // A set that is in no namespace has none of the labels of one.
  const labels: Labels = namespace?.labels ?? new Map();
  return matches(peer.namespaces.selector, labels) && matches(peer.pods, value.labels);
}

function joined(sets: readonly AppliedAddresses[]): AddressSet {
  return sets.map(({ value }) => value.addresses).reduce(union, noAddresses);
}

function covers(set: AddressSet, asked: AddressSet, mayHoldMore: boolean): Answer {
  if (isEmpty(asked)) return 'no';
  if (isSubset(asked, set)) return 'yes';
  return mayHoldMore || overlaps(asked, set) ? 'unknown' : 'no';
}

/** Calico's nets but for those that are excepted: pods whose addresses are not known are taken to have none of the latter. */
function heldBy({ placed }: AppliedPolicy, { cidr, addresses }: AddressPeer, pods: Pods): AddressSet {
  return placed.value.family === 'calico' && pods.addresses.length === 0 ? addressesOf(cidr) : addresses;
}

/** Whether the address blocks of a policy also match pods; 'unknown' where that is up to the network plugin. */
export function blocksMatchPods(cluster: Cluster, { placed: { value } }: AppliedPolicy): Answer {
  if (value.family === 'calico') return 'yes';
  if (cluster.composition === 'cilium' || cluster.blocksMatchPods === 'none') return 'no';
  return cluster.blocksMatchPods === 'all' || value.clusterWide ? 'yes' : 'unknown';
}

/** As `blocksMatchPods`; where it is not known, blocks are taken to be about what is outside, as they are meant to be. */
function addressesMatchPods(cluster: Cluster, policy: AppliedPolicy): Answer {
  const answer = blocksMatchPods(cluster, policy);
  return answer === 'unknown' && !cluster.open ? 'no' : answer;
}

/**
 * Whether a set of addresses holds one of some pods. Where their addresses are not known they are among those of the cluster's
 * pods. Where these are not known either, a set of every private IPv4 address holds them; of others they are taken to be outside,
 * unless what is not known counts as open.
 */
function holdsAddressOf({ podAddresses, open }: Cluster, set: AddressSet, { addresses }: Pods): Answer {
  if (addresses.length > 0) return addresses.some((each) => containsAddress(set, each)) ? 'yes' : 'no';
  const isTold = !isEmpty(podAddresses);
  const { v4, v6 } = isTold ? podAddresses : privateAddresses;
  // A pod has an address of each family that the cluster has; that it has IPv6 is to be told.
  const [byV4, byV6] = [covers(set, { v4, v6: [] }, false), covers(set, { v4: [], v6 }, false)];
  const answer = any([byV4, isTold ? byV6 : and(byV6, 'unknown')]);
  return answer === 'unknown' && !isTold && !open ? 'no' : answer;
}

/** A peer's namespaces as a selector; the policy's own by its name. */
export function namespaceSelector(match: NamespaceMatch, own: ClusterNamespace | undefined): Selector {
  return match.own
    ? own === undefined
      ? { op: 'In', key: namespaceNameKey, values: [] }
      : namespaceOfName(own.name)
    : match.selector;
}

export function inNamespaces(
  match: NamespaceMatch,
  own: ClusterNamespace | undefined,
  other: ClusterNamespace,
): Answer {
  if (match.own) return own?.name === other.name ? 'yes' : 'no';
  return holds(match.selector, other.labels, other.open);
}

/** Whether a selector of pods holds for some, by their labels and, where it asks for them, by other facts of them. */
export function holdsFor(selector: Selector, pods: Pods): Answer {
  if (!asksForFacts(selector)) return holds(selector, pods.labels, pods.openLabels);
  return selectedByFacts(selector, factsOf(pods));
}

/** What is known of some pods for selectors that ask for more than their labels. */
export function factsOf({ labels, openLabels, namespace, serviceAccount, accountLabels }: Pods): PodFacts {
  const facts = { labels, openLabels, namespaceLabels: namespace.labels, openNamespace: namespace.open };
  return { ...facts, serviceAccount, accountLabels };
}

function holds(selector: Selector, labels: Labels, open: boolean): Answer {
  if (open) return matchesOpen(selector, labels);
  return matches(selector, labels) ? 'yes' : 'no';
}

/** 'yes': all that satisfies `inner` satisfies `outer`; 'no': nothing does. */
function within(inner: Selector, outer: Selector): Answer {
  if (implies(inner, outer) === 'yes') return 'yes';
  return not(disjoint(inner, outer)) === 'no' ? 'no' : 'unknown';
}
