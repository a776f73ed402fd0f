import type { AddressSet } from '../model/addresses.js';
import type { EntityPeer, NodePeer, Peer } from '../model/peer.js';
import type { Direction, Rule } from '../model/policy.js';
import { type DeclaredPort, hasNamed, noPorts, type PortSet, resolveNamed, subtract, union } from '../model/ports.js';
import type { Selector } from '../model/selector.js';
import { type Answer, and, any } from '../model/three.js';
import { type AppliedPolicy, type Cluster, type ClusterNamespace, isOwnNode, type Pods } from './cluster.js';
import { type Identity, identityOf, inEachPlace } from './identities.js';
import { type AppliedRule, layersOf, type Stage } from './layers.js';
import { holdsFor, inNamespaces, isKnownService, peerTakes, servicesOf } from './peer-takes.js';

/** One end of a connection. */
export type Endpoint =
  | { readonly kind: 'pods'; readonly pods: Pods }
  /** Outside of the cluster; with Cilium nodes as well. The identity is what the cluster itself was seen to know it by. */
  | { readonly kind: 'addresses'; readonly addresses: AddressSet; readonly identity?: Identity }
  /** Any pods that satisfy both selectors, known to the manifests or not. */
  | { readonly kind: 'some pods'; readonly namespaces: Selector; readonly pods: Selector };

export function podsEnd(pods: Pods): Endpoint {
  return { kind: 'pods', pods };
}

/** The stages that judge some pods in one direction, first to last; `policies` are those that select them. */
export function stagesOf(
  cluster: Cluster,
  pods: Pods,
  policies: readonly AppliedPolicy[],
  direction: Direction,
): readonly Stage[] {
  return layersOf(cluster, policies, direction).map((stage) => aboutOwnEnd(cluster, pods, stage));
}

/**
 * Of the stages on some pods, those that judge a connection: none from the pods' own node (FACTS B0), but in Cilium, which
 * lets it in where the pods are isolated and denies what some rule denies (FACTS B5).
 */
export function stagesAbout(
  { composition }: Cluster,
  stages: readonly Stage[],
  direction: Direction,
  from: Endpoint,
  to: Endpoint,
): readonly Stage[] {
  if (direction !== 'ingress' || !isFromOwnNode(from, to)) return stages;
  if (composition !== 'cilium') return [];
  const lets = stages.findIndex(({ mode, isolatedBy }) => mode === 'additive' && isolatedBy.length > 0);
  return lets < 0 ? stages : stages.slice(0, lets);
}

/** Whether a connection comes from the node on which its destination runs. */
export function isFromOwnNode(from: Endpoint, to: Endpoint): boolean {
  if (to.kind !== 'pods') return false;
  return from.kind === 'addresses'
    ? identityOf(from).places[0] === 'host'
    : from.kind === 'pods' && isOwnNode(from.pods, to.pods);
}

/** The rules as they are for these pods: without those that are about others, and seen from their own node. */
function aboutOwnEnd(cluster: Cluster, pods: Pods, stage: Stage): Stage {
  if (!stage.rules.some(({ rule }) => rule.own !== undefined || rule.peers.some(looksFromNode))) return stage;
  const end = podsEnd(pods);
  const rules = stage.rules.flatMap(({ policy, rule }): readonly AppliedRule[] => {
    const seen = rule.peers.some(looksFromNode) ? seenFrom(rule, pods.node?.name ?? '') : rule;
    if (rule.own === undefined) return [{ policy, rule: seen }];
    const answer = peerTakes(cluster, policy, rule.own, end);
    if (answer === 'no') return [];
    return [{ policy, rule: answer === 'yes' ? seen : derived(seen, 'uncertain', { ...seen, uncertain: true }) }];
  });
  return { ...stage, rules };
}

/** Whom a peer means hangs on the node of the pods that the policy is about. */
function looksFromNode(peer: Peer): peer is EntityPeer | NodePeer {
  return (
    (peer.kind === 'nodes' && peer.othersOnly === true) ||
    (peer.kind === 'entity' && (peer.entity === 'host' || peer.entity === 'remote-node'))
  );
}

function seenFrom(rule: Rule, node: string): Rule {
  const peers = rule.peers.map((peer): Peer => (looksFromNode(peer) ? { ...peer, from: node } : peer));
  return derived(rule, `from ${node}`, { ...rule, peers });
}

/** The same rule for the same pods, once for all who ask: rules are told apart by identity. */
function derived(rule: Rule, how: string, made: Rule): Rule {
  const known = derivations.get(rule) ?? new Map<string, Rule>();
  derivations.set(rule, known);
  const found = known.get(how) ?? made;
  known.set(how, found);
  return found;
}

/** A pure function's memory: a rule never changes. */
const derivations = new WeakMap<Rule, Map<string, Rule>>();

/** Whether a policy is about the pods. Host-network pods are never a subject. */
export function selectsPods(policy: AppliedPolicy, pods: Pods): Answer {
  if (pods.hostNetwork) return 'no';
  const { subject } = policy.placed.value;
  if (subject.nodes !== undefined) return 'no';
  const where = inNamespaces(subject.namespaces, policy.namespace, pods.namespace);
  if (where === 'no') return 'no';
  const chosen = and(where, holdsFor(subject.pods, pods));
  return subject.uncertain && chosen === 'yes' ? 'unknown' : chosen;
}

/** The policies that surely select the pods, in the order of the cluster. */
export function policiesOn(cluster: Cluster, pods: Pods): readonly AppliedPolicy[] {
  return policiesNear(cluster, pods.namespace).filter((policy) => selectsPods(policy, pods) === 'yes');
}

/** The policies that may select pods of a namespace, in the order of the cluster: its own, and cluster-wide ones. */
export function policiesNear({ policies }: Cluster, namespace: ClusterNamespace): readonly AppliedPolicy[] {
  const known = near.get(policies) ?? nearOf(policies);
  near.set(policies, known);
  return known.byNamespace.get(namespace.name) ?? known.clusterWide;
}

interface Near {
  readonly byNamespace: ReadonlyMap<string, readonly AppliedPolicy[]>;
  readonly clusterWide: readonly AppliedPolicy[];
}

function nearOf(policies: readonly AppliedPolicy[]): Near {
  const byNamespace = new Map<string, AppliedPolicy[]>();
  for (const { namespace } of policies) if (namespace !== undefined) byNamespace.set(namespace.name, []);
  const clusterWide: AppliedPolicy[] = [];
  const all = [clusterWide, ...byNamespace.values()];
  for (const policy of policies) {
    const isNear = policy.namespace !== undefined && policy.placed.value.subject.namespaces.own;
    const lists = isNear ? [byNamespace.get(policy.namespace.name) ?? []] : all;
    for (const list of lists) list.push(policy);
  }
  return { byNamespace, clusterWide };
}

/** A pure function's memory: a cluster is a still picture. */
const near = new WeakMap<Cluster['policies'], Near>();

/**
 * Whether some peer of a rule takes in an endpoint; of some pods and of a range: all of it ('unknown' for a part, and for
 * a rule that asks more of a connection than its ends and ports).
 */
export function ruleTakes(cluster: Cluster, applied: AppliedRule, endpoint: Endpoint): Answer {
  const answer = peersTake(cluster, applied, endpoint);
  return answer === 'yes' && isConditional(applied.rule) ? 'unknown' : answer;
}

/** As `ruleTakes`, whatever else the rule asks. */
export function peersTake(cluster: Cluster, { policy, rule }: AppliedRule, endpoint: Endpoint): Answer {
  return any(rule.peers.map((peer) => peerTakes(cluster, policy, peer, endpoint)));
}

/**
 * Whether it makes a difference to a policy in which of several places the other end is: for some rule of it, or since it
 * keeps out all nodes but the pods' own (FACTS B5).
 */
export function placeDecides(
  cluster: Cluster,
  policy: AppliedPolicy,
  direction: Direction,
  own: Endpoint,
  other: Endpoint,
): boolean {
  const places = inEachPlace(cluster, other);
  const { rules, isolates } = policy.placed.value;
  const differs = rules.some(
    (rule) =>
      rule.direction === direction &&
      new Set(places.map((place) => peersTake(cluster, { policy, rule }, place))).size > 1,
  );
  if (differs || direction === 'egress' || !isolates.includes(direction)) return differs;
  return new Set(places.map((place) => isFromOwnNode(place, own))).size > 1;
}

/** Whether a rule takes in only a part of the connections that its ends and ports describe. */
export function isConditional({ constraints }: Rule): boolean {
  return constraints?.some(({ limits }) => limits) === true;
}

/** What a rule asks of the connections that it lets through besides their ends and ports: "HTTP GET /v1/.*". */
export function askedBesides({ action, constraints }: Rule): readonly string[] {
  const words = (constraints ?? []).filter(({ limits }) => limits).map((each) => each.words);
  return action === 'Allow' ? words : [`if not ${words.join(' and ')}`];
}

/** Of what a rule takes in only under a condition: 'most' what may pass, where it is met or not; 'least' what surely passes. */
export type Leaning = 'most' | 'least';

/**
 * Whether a rule is to be asked at all: what allows under a condition adds to the most, what denies takes from the least,
 * and what passes on may do either.
 */
export function leans(rule: Rule, leaning: Leaning): boolean {
  return !isConditional(rule) || rule.action === 'Pass' || (rule.action === 'Allow') === (leaning === 'most');
}

/** Whether a rule counts for an endpoint, in an answer that says what may pass, or what surely does. */
export function ruleCounts(cluster: Cluster, applied: AppliedRule, endpoint: Endpoint, leaning: Leaning): boolean {
  return leans(applied.rule, leaning) && peersTake(cluster, applied, endpoint) === 'yes';
}

/**
 * The ports of a rule on some destination: names resolved where the pods are known, and of a service, those that its
 * ports lead to (FACTS B4).
 */
export function portsOfRule(cluster: Cluster, { policy, rule }: AppliedRule, to: Pods | undefined): PortSet {
  const services = rule.peers.flatMap((peer) => (peer.kind === 'service' && peer.portsCount ? [peer] : []));
  // The ports of a service that is not known may be any.
  const set =
    services.length === 0 || !services.every((peer) => isKnownService(cluster, policy, peer))
      ? rule.ports
      : services
          .flatMap((peer) => servicesOf(cluster, policy, peer))
          .filter(
            ({ pods }) => to !== undefined && peerTakes(cluster, policy, pods, { kind: 'pods', pods: to }) === 'yes',
          )
          .reduce((all, { ports }) => union(all, ports), noPorts);
  const resolved = to === undefined ? set : portsOn(set, to.ports);
  if (rule.exceptPorts === undefined) return resolved;
  return subtract(resolved, portsOn(rule.exceptPorts, to?.ports ?? []));
}

/** A rule's ports on pods that declare these; without names as they are. */
export function portsOn(set: PortSet, declared: readonly DeclaredPort[]): PortSet {
  return hasNamed(set) ? resolveNamed(set, declared) : set;
}
