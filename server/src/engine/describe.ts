import { printAddresses } from '../model/addresses.js';
import type { AddressSetPeer, AllOfPeer, Entity, NamespaceMatch, Peer, ServicePeer } from '../model/peer.js';
import { isAboutGlobalSets, namespaceNameKey } from '../model/pod-facts.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import { type PortSet, printPorts } from '../model/ports.js';
import { list, printSelector } from '../model/print.js';
import { equalsRequired, isEverything, type Selector } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import type { NamespaceRef, Placed } from '../workspace/scope.js';
import { groupBy } from './group-by.js';

/** "namespace shop", or words for one that the manifests leave open. */
export function describeNamespace(namespace: NamespaceRef): string {
  return namespace.name === undefined ? 'the namespace it is applied to' : `namespace ${namespace.name}`;
}

/** "pods app=web", "every pod", "pods with label app present". */
export function describePods(selector: Selector): string {
  if (isEverything(selector)) return 'every pod';
  const text = printSelector(selector);
  return text.startsWith('label ') ? `pods with ${text}` : `pods ${text}`;
}

/** Namespaces chosen by a selector: "in namespace x", "in every namespace", "in namespaces with env=prod". */
export function describeNamespaces(match: NamespaceMatch, own: NamespaceRef): string {
  if (match.own) return own.name === undefined ? 'in the same namespace' : `in ${own.name}`;
  if (isEverything(match.selector)) return 'in every namespace';
  const named = equalsRequired(match.selector).get(namespaceNameKey);
  if (named !== undefined && match.selector.op === 'In') return `in ${named}`;
  return `in namespaces with ${printSelector(match.selector)}`;
}

/** A peer in words, with AND said aloud where two selectors are joined. */
export function describePeer(peer: Peer, own: NamespaceRef, direction: Direction): string {
  if (peer.uncertain)
    return direction === 'ingress' ? 'a source that cannot be read' : 'a destination that cannot be read';
  if (peer.kind === 'anything') {
    return direction === 'ingress'
      ? 'everyone, inside and outside the cluster'
      : 'everywhere, inside and outside the cluster';
  }
  if (peer.kind === 'addresses') return addressWords(printAddresses(peer.addresses));
  if (peer.kind === 'nodes') return describeNodes(peer.nodes);
  if (peer.kind === 'domains') return list(peer.patterns, 4);
  if (peer.kind === 'entity') return entityWords[peer.entity];
  if (peer.kind === 'service') return describeService(peer);
  if (peer.kind === 'address set') return describeAddressSet(peer);
  if (peer.kind === 'all of') return describeAll(peer, own, direction);
  if (isAboutGlobalSets(peer)) {
    const labels = isEverything(peer.pods) ? '' : ` with ${printSelector(peer.pods)}`;
    return `GlobalNetworkSets and host endpoints${labels}`;
  }
  const both = !peer.namespaces.own && !isEverything(peer.namespaces.selector) && !isEverything(peer.pods);
  const where = describeNamespaces(peer.namespaces, own);
  return both ? `${describePods(peer.pods)} AND ${where}` : `${describePods(peer.pods)} ${where}`;
}

function describeService({ name, selector, namespace }: ServicePeer): string {
  const which = name ?? (selector === undefined ? '(unnamed)' : `with ${printSelector(selector)}`);
  return `what is behind Service ${which}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

function describeAddressSet({ name, selector, except }: AddressSetPeer): string {
  const which = name ?? (selector === undefined ? '(unnamed)' : `with ${printSelector(selector)}`);
  const without = except.length === 0 ? '' : ` except ${list(except.map(({ canonical }) => canonical))}`;
  return `addresses of CiliumCIDRGroup ${which}${without}`;
}

function describeAll({ peers, except }: AllOfPeer, own: NamespaceRef, direction: Direction): string {
  const words = peers.map((peer) => describePeer(peer, own, direction)).join(' AND ');
  const without = except.map((peer) => describePeer(peer, own, direction)).join(' or ');
  return except.length === 0 ? words : `${words} BUT NOT ${without}`;
}

const entityWords: Readonly<Record<Entity, string>> = {
  all: 'everything, inside and outside the cluster',
  world: 'everything outside the cluster',
  cluster: 'everything in the cluster',
  host: 'the pod’s own node',
  'remote-node': 'other nodes',
  'kube-apiserver': 'the API server',
  ingress: 'Cilium’s own ingress',
  health: 'Cilium’s health checks',
  init: 'pods that Cilium has no identity for yet',
  unmanaged: 'pods that Cilium does not manage',
  'cluster-mesh': 'the other clusters of the mesh',
  none: 'nobody',
};

/** The rule's peers, and, where it has any, what it asks of the pods of its own policy. */
export function describeEnds({ peers, own, direction }: Rule, where: NamespaceRef): string {
  const other = list(
    peers.map((peer) => describePeer(peer, where, direction)),
    4,
  );
  const words = peers.length === 0 ? 'nobody' : other;
  return own === undefined
    ? words
    : `${words}; only for ${describePeer(own, where, direction === 'ingress' ? 'egress' : 'ingress')}`;
}

/** Ports, and what a connection on them must show besides: "TCP 8080, HTTP GET /v1/.* only". */
export function describePorts(ports: PortSet, rule: Rule): string {
  const words = (rule.constraints ?? []).filter(({ limits }) => limits).map((each) => each.words);
  return words.length === 0 ? printPorts(ports) : `${printPorts(ports)}, ${words.join(', ')} only`;
}

/** "every node", "nodes with label role present". */
export function describeNodes(selector: Selector): string {
  return isEverything(selector) ? 'every node' : `nodes ${printSelector(selector)}`;
}

/** "shop/frontend", with the kind where asked for. */
export function workloadName({ value, namespace }: Placed<Workload>): string {
  return namespace.name === undefined ? ownName(value) : `${namespace.name}/${ownName(value)}`;
}

function ownName({ name }: Workload): string {
  return name === '' ? '(unnamed)' : name;
}

/** "frontend and api", "frontend, api and 4 more"; without the namespace where all share `own`. */
export function workloadNames(workloads: readonly Placed<Workload>[], own: NamespaceRef | undefined, max = 4): string {
  // Of thousands only those that are shown are named.
  const shown = workloads
    .slice(0, max)
    .map((each) => (own !== undefined && each.namespace.key === own.key ? ownName(each.value) : workloadName(each)));
  return list(workloads.length > max ? [...shown, `${workloads.length - max} more`] : shown);
}

export function policyName(policy: Placed<Policy>): string {
  const name = policy.value.name === '' ? '(unnamed)' : policy.value.name;
  return policy.namespace.name === undefined ? name : `${policy.namespace.name}/${name}`;
}

/** "every IPv4 address" stands for itself; ranges need the noun. */
function addressWords(text: string): string {
  return text.startsWith('every ') || text.startsWith('no ') ? text : `addresses ${text}`;
}

/** Policies as they are named and counted: one object may say several (Cilium's `specs`), and is one. */
export function policyObjects(policies: readonly Placed<Policy>[]): readonly Placed<Policy>[] {
  return [...groupBy(policies, ({ resource }) => resource.node).values()].flatMap(([first]) => first ?? []);
}
