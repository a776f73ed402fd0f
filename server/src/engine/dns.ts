import { containsAddress, parseAddress } from '../model/addresses.js';
import type { LocalRedirect } from '../model/local-redirect.js';
import type { Peer } from '../model/peer.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { Policy } from '../model/policy.js';
import { includes } from '../model/ports.js';
import type { ClusterPods, ClusterProfile, DnsPods } from '../model/profile.js';
import { keysOf, type Labels, matchesOpen, type Selector } from '../model/selector.js';
import { type Answer, all, and, any, not, or } from '../model/three.js';
import type { Workload } from '../model/workload.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import type { Allowance, DirectionAnswer, OrderedRule } from './effective.js';
import { namespaceMatches, peerMatches, podsSelected } from './matching.js';
import { decide, decidedBy } from './ordered-rules.js';
import { isCacheOnNode, usualCacheAddress, usualCacheLabels, withShownDns } from './shown-dns.js';

/** Whether names can be looked up under what is allowed, for each protocol. */
export interface DnsAnswer {
  readonly udp: Answer;
  readonly tcp: Answer;
  /** Allowances on the DNS port whose peer surely is no DNS server. */
  readonly misdirected: readonly Allowance[];
  /** The address of the node-local cache is configured, and not reachable. */
  readonly nodeLocalBlocked: boolean;
  /** Whether network policies have the say; otherwise cluster-wide ones decide, or nothing does. */
  readonly byPolicies: boolean;
}

/**
 * Judges DNS over everything a group of pods may send. 'unknown' where a peer may or may not be the cluster's DNS; never
 * build a warning on that. UDP and TCP are judged apart: TCP carries answers that UDP has to cut short (FACTS C1).
 */
export function dnsOf(scope: Scope, profile: ClusterProfile, egress: DirectionAnswer): DnsAnswer {
  const reaches = reachesOnce(scope, profile);
  const decided = lookupsUnder(scope, profile, egress, reaches);
  if (!egress.isolated) return { ...decided, misdirected: [], nodeLocalBlocked: false };
  const parts = dnsAllowances(scope, profile, egress, reaches);
  return {
    ...decided,
    misdirected: parts.filter(({ misdirected }) => misdirected).map(({ allowance }) => allowance),
    nodeLocalBlocked: nodeLocalBlocked(profile, egress),
  };
}

/** What becomes of lookups, and no more of it. */
export function lookupsUnder(
  scope: Scope,
  profile: ClusterProfile,
  egress: DirectionAnswer,
  reaches: Reaches,
): Pick<DnsAnswer, 'udp' | 'tcp' | 'byPolicies'> {
  const known = withShownDns(scope, profile).dns;
  const takes =
    (protocol: 'UDP' | 'TCP') =>
    (rule: OrderedRule): Answer =>
      takesDns(rule, protocol, known, reaches);
  const [udp, tcp] = [decide(egress, takes('UDP')), decide(egress, takes('TCP'))];
  if (!egress.isolated) return { udp, tcp, byPolicies: false };
  const clusterWide = egress.stages.filter(({ tier }) => tier === 'admin');
  const byPolicies = (['UDP', 'TCP'] as const).some(
    (protocol) => decidedBy(egress, clusterWide, takes(protocol)) === undefined,
  );
  return { udp, tcp, byPolicies };
}

/** Whether a rule takes in the lookups of names, over one protocol. */
function takesDns(
  { policy, rule }: OrderedRule,
  protocol: 'UDP' | 'TCP',
  known: readonly DnsPods[],
  reaches: Reaches,
): Answer {
  let taken: Answer = 'no';
  for (const dns of known) {
    // Most rules are about other ports: then there is no need to look at their peers.
    if (opens(rule, protocol, dns) === 'no') continue;
    for (const peer of rule.peers) taken = or(taken, reaches({ policy, rule, peer, ports: rule.ports }, dns));
  }
  return taken;
}

/** What one allowance does for DNS. */
export interface DnsAllowance {
  readonly allowance: Allowance;
  readonly udp: Answer;
  readonly tcp: Answer;
  /** It names port 53, and its peer surely is no DNS server. */
  readonly misdirected: boolean;
}

/** Every allowance with what it does for DNS, in their order. */
export function dnsAllowances(
  scope: Scope,
  profile: ClusterProfile,
  egress: DirectionAnswer,
  reaches: Reaches = reachesOnce(scope, profile),
): readonly DnsAllowance[] {
  const known = withShownDns(scope, profile).dns;
  return egress.allowances.map((allowance) => {
    const ports = known.map((dns) => ({
      dns,
      udp: opens(allowance, 'UDP', dns),
      tcp: opens(allowance, 'TCP', dns),
    }));
    // Most rules are about other ports: then there is no need to look at their peers.
    const reached = ports
      .filter(({ udp, tcp }) => udp === 'yes' || tcp === 'yes')
      .map((each) => ({ ...each, peer: reaches(allowance, each.dns) }));
    return {
      allowance,
      udp: any(reached.map(({ udp, peer }) => and(peer, udp))),
      tcp: any(reached.map(({ tcp, peer }) => and(peer, tcp))),
      misdirected: names53(allowance) && reached.every(({ peer }) => peer === 'no'),
    };
  });
}

/** Whether a rule's ports include the DNS pods' port, by number or by the name these pods give it. */
export function opens({ ports }: Pick<Allowance, 'ports'>, protocol: 'UDP' | 'TCP', dns: DnsPods): 'yes' | 'no' {
  // Port 53 counts everywhere: where the pods listen on another port is a rule of its own (dns-port-mismatch).
  if (includes(ports, protocol, dns.port) || includes(ports, protocol, 53)) return 'yes';
  const name = protocol === 'UDP' ? dns.portNames.udp : dns.portNames.tcp;
  return ports.named.some((port) => port.protocol === protocol && port.name === name) ? 'yes' : 'no';
}

/** The rule speaks of port 53 itself, not of a range or every port: its author thought of DNS. */
function names53({ rule }: Allowance): boolean {
  return rule.clauses.some((clause) => clause.from === 53 && clause.to === 53);
}

/** Whether what is allowed leads to some DNS pods, whatever its ports. */
export type Reaches = (allowance: Allowance, dns: DnsPods) => Answer;

/** `reachesDns`, each question once: for who asks about many pods, whose policies are mostly the same. */
export function reachesOnce(scope: Scope, profile: ClusterProfile): Reaches {
  const known = new Map<Placed<Policy>, Map<Peer, Map<DnsPods, Answer>>>();
  return (allowance, dns) => {
    const { policy, peer } = allowance;
    const ofPolicy = known.get(policy) ?? new Map<Peer, Map<DnsPods, Answer>>();
    known.set(policy, ofPolicy);
    const ofPeer = ofPolicy.get(peer) ?? new Map<DnsPods, Answer>();
    ofPolicy.set(peer, ofPeer);
    const found = ofPeer.get(dns) ?? reachesDns(scope, profile, allowance, dns);
    ofPeer.set(dns, found);
    return found;
  };
}

/** Whether what is allowed leads to these DNS pods, whatever its ports. */
export function reachesDns(scope: Scope, profile: ClusterProfile, allowance: Allowance, dns: DnsPods): Answer {
  const { peer } = allowance;
  if (peer.kind === 'anything') return peer.uncertain ? 'unknown' : 'yes';
  // An address may be that of the node-local cache, of the DNS service or of a resolver outside: only the author knows.
  if (peer.kind === 'addresses')
    return profile.nodeLocalDns === undefined ? 'unknown' : nodeLocalIn(profile, allowance);
  if (peer.uncertain) return 'unknown';
  switch (peer.kind) {
    case 'pods':
      break;
    case 'entity':
      if (peer.entity === 'all' || peer.entity === 'cluster') return 'yes';
      return peer.entity === 'world' || peer.entity === 'host' || peer.entity === 'remote-node' ? 'unknown' : 'no';
    // What they hold is not known here, and may be the DNS.
    case 'service':
    case 'address set':
      return 'unknown';
    case 'all of': {
      const of = (part: Peer) => reachesDns(scope, profile, { ...allowance, peer: part }, dns);
      return and(all(peer.peers.map(of)), not(any(peer.except.map(of))));
    }
    default:
      return 'no';
  }
  if (peer.namespaces.own) return reachesInOwnNamespace(scope, profile, allowance, dns);
  // The DNS pods may have more labels than are known: then the answer stays open.
  const cluster = and(
    clusterNamespaceMatches(scope, peer.namespaces.selector, dns),
    matchesOpen(peer.pods, dns.labels),
  );
  if (cluster !== 'no') return cluster;
  const local = reachesLocalCache(scope, profile, allowance, dns);
  return local === 'no' && isOwnResolver(scope, allowance) ? 'unknown' : local;
}

/**
 * Whether a selector chooses the pods of a node-local DNS cache. Cilium redirects to them what is meant for the DNS, by a
 * CiliumLocalRedirectPolicy; of any other plugin they are on their node's network, and no selector is about them (FACTS C2).
 */
export function reachesLocalCache(
  scope: Scope,
  profile: ClusterProfile,
  { policy, peer }: Allowance,
  dns: DnsPods,
): Answer {
  if (peer.kind !== 'pods') return 'no';
  const chosen = (namespace: NamespaceRef, labels: Labels) =>
    and(namespaceMatches(scope, peer.namespaces, policy.namespace, namespace), matchesOpen(peer.pods, labels));
  const redirected = scope.localRedirects
    .filter(({ value, namespace }) => isForDns(value, namespace, profile, dns))
    .map(({ value, namespace }) => chosen(namespace, value.backends));
  if (redirected.includes('yes')) return 'yes';
  const isCilium = policy.value.family === 'cilium' || profile.cni.ownFamily === 'cilium';
  // Who chooses the DNS pods as well does not show that the cache is a pod like others.
  const meant = matchesOpen(peer.pods, dns.labels) === 'no';
  if (!isCilium || !meant || isCacheOnNode(scope, dns)) return any(redirected);
  const usual = chosen({ key: dns.namespace, name: dns.namespace }, usualCacheLabels);
  return any([...redirected, and(usual, profile.nodeLocalDns === undefined ? 'unknown' : 'yes')]);
}

function isForDns({ from }: LocalRedirect, { name }: NamespaceRef, profile: ClusterProfile, dns: DnsPods): boolean {
  if ('service' in from) return from.service === dns.service && (from.namespace ?? name) === dns.namespace;
  const address = parseAddress(from.address);
  const local = profile.nodeLocalDns === undefined ? usualCacheAddress : parseAddress(profile.nodeLocalDns);
  return address !== undefined && address.canonical === local?.canonical;
}

/** Port 53 is opened to workloads of the scope that declare it: a resolver of one's own, which pods may be set to use. */
function isOwnResolver(scope: Scope, allowance: Allowance): boolean {
  const { policy, peer } = allowance;
  if (!names53(allowance)) return false;
  return resolversAmong(scope.workloads).some((workload) => peerMatches(scope, policy, peer, workload) !== 'no');
}

const resolversAmong = perList((workloads: readonly Placed<Workload>[]) =>
  workloads.filter(({ value }) => value.ports.some(({ port }) => port === 53)),
);

/** A peer without a namespace selector means pods beside the policy, which are the cluster's DNS only in its namespace. */
function reachesInOwnNamespace(scope: Scope, profile: ClusterProfile, allowance: Allowance, dns: DnsPods): Answer {
  const { peer, policy } = allowance;
  if (peer.kind !== 'pods') return 'no';
  const { namespace } = policy;
  if (namespace.name === dns.namespace) return matchesOpen(peer.pods, dns.labels);
  const keys = keysOf(peer.pods);
  const meansDns = profile.dns.some(
    ({ labels }) => [...labels.keys()].some((key) => keys.has(key)) && matchesOpen(peer.pods, labels) === 'yes',
  );
  if (meansDns) {
    // The DNS pods' labels without their namespace: a namespace that is left open may be theirs, another may have such pods.
    if (namespace.name === undefined) return 'unknown';
    const own = contentOf(scope, namespace).workloads;
    return own.some(({ value }) => podsSelected(peer.pods, value) !== 'no') ? 'unknown' : 'no';
  }
  // Port 53 opened to other pods of the own namespace: perhaps a resolver of one's own.
  return names53(allowance) ? 'unknown' : 'no';
}

/** Whether a namespace selector includes the namespace of well-known pods, whose other labels we cannot see. */
export function clusterNamespaceMatches(scope: Scope, selector: Selector, pods: ClusterPods): Answer {
  // The commonest selector, by the label that every namespace has: no need to look the others up.
  if (selector.op === 'In' && selector.key === namespaceNameKey) {
    return selector.values.includes(pods.namespace) ? 'yes' : 'no';
  }
  const object = scope.namespaceObjects.get(pods.namespace)?.value;
  const known: Labels = new Map([
    ...pods.namespaceLabels,
    ...(object?.labels ?? []),
    [namespaceNameKey, pods.namespace],
  ]);
  return matchesOpen(selector, known);
}

function nodeLocalIn(profile: ClusterProfile, { peer }: Allowance): Answer {
  const address = profile.nodeLocalDns === undefined ? undefined : parseAddress(profile.nodeLocalDns);
  if (address === undefined || peer.kind !== 'addresses') return 'unknown';
  return containsAddress(peer.addresses, address) ? 'yes' : 'unknown';
}

function nodeLocalBlocked(profile: ClusterProfile, egress: DirectionAnswer): boolean {
  const address = profile.nodeLocalDns === undefined ? undefined : parseAddress(profile.nodeLocalDns);
  if (address === undefined || egress.uncertain || profile.cni.ownNodeEgress === 'allowed') return false;
  return !egress.allowances.some(
    ({ peer, ports }) =>
      includes(ports, 'UDP', 53) &&
      (peer.kind === 'anything' || (peer.kind === 'addresses' && containsAddress(peer.addresses, address))),
  );
}
