import { nearest } from '../kinds/nearest.js';
import { addressesOf, isSubset, overlaps } from '../model/addresses.js';
import type { AddressPeer, NamespaceMatch, Peer, RequirementSource, SelectorSource } from '../model/peer.js';
import type { Direction } from '../model/policy.js';
import { type PortSet, overlaps as portsOverlap } from '../model/ports.js';
import { matches, matchesOpen, type Selector, sameSelector } from '../model/selector.js';
import type { Answer } from '../model/three.js';
import type { AppliedPolicy, Cluster, ClusterNamespace, Pods } from './cluster.js';
import { type Doubt, peerDoubts, placeDoubts, subjectDoubts } from './doubts.js';
import { type AddressEnd, identityOf, inEachPlace } from './identities.js';
import type { AppliedRule } from './layers.js';
import { blocksMatchPods, holdsFor, peerTakes } from './peer-takes.js';
import { type Endpoint, portsOfRule, portsOn, selectsPods } from './stages.js';

/**
 * One condition of a rule (or of what its policy is about) that a connection does not meet. Each is true by itself, and
 * a rule matches as soon as all its reasons are mended.
 */
export type Reason =
  | {
      readonly kind: 'label';
      readonly on: 'peer' | 'subject';
      readonly of: 'pods' | 'namespace';
      /** Whose labels they are: the namespace's are in it. */
      readonly pods: Pods;
      /** The part of the selector that does not hold. */
      readonly wanted: Selector;
      /** Where it is written, if it is one requirement of the text. */
      readonly source: RequirementSource | undefined;
    }
  /** A pod selector alone means the policy's own namespace; a policy is about pods of its own. */
  | { readonly kind: 'other namespace'; readonly on: 'peer' | 'subject'; readonly own: string; readonly is: string }
  /** 'port': other numbers of the protocol; 'protocol': only other protocols; 'name': nothing declares the name. */
  | { readonly kind: 'ports'; readonly differs: 'port' | 'protocol' | 'name'; readonly opens: PortSet }
  /** The policy does not list the direction, so its rules for it have no effect. */
  | { readonly kind: 'direction not listed' }
  /** The peer is of a kind that can never hold this end, or does not by what it is as a whole. */
  | {
      readonly kind: 'peer kind';
      readonly peer: Peer;
      readonly is: 'pods' | 'host network' | 'addresses';
      /** Of a block: whether it could hold pods at all, with this network plugin. */
      readonly blocks?: Answer;
    }
  | { readonly kind: 'address'; readonly how: 'outside' | 'except' | 'part'; readonly peer: AddressPeer }
  /** Its block holds the address, which is a node's, and Cilium never matches these by their addresses (FACTS B5). */
  | { readonly kind: 'address'; readonly how: 'node' }
  /** Nothing known speaks against it, but what decides is not known. */
  | { readonly kind: 'not known'; readonly on: 'peer' | 'subject'; readonly doubts: readonly Doubt[] };

/** A rule that would allow the connection if it were not for its reasons. */
export interface NearMiss {
  readonly rule: AppliedRule;
  /** The peer that comes nearest. */
  readonly peer: Peer;
  /** Empty where the rule matches but is not asked, since something before it decides. */
  readonly reasons: readonly Reason[];
}

/**
 * The rules that would allow a connection on some of the ports, nearest first: fewest reasons, then those that speak of
 * the ports, then those of policies that are about the pods. A policy that is about other pods counts only if nothing
 * else is in the way and its subject looks meant: in another namespace, one condition of several, or nearly the label.
 * Only for a direction that is judged, whose own end is pods.
 */
export function nearMisses(
  cluster: Cluster,
  direction: Direction,
  from: Endpoint,
  to: Endpoint,
  asked: PortSet,
): readonly NearMiss[] {
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  if (own.kind !== 'pods' || own.pods.hostNetwork) return [];
  const found = cluster.policies.flatMap((policy) => {
    const subject = subjectReasons(policy, own.pods);
    if (subject.length > 0 && !isNear(policy, subject)) return [];
    return policy.placed.value.rules.flatMap((rule): readonly NearMiss[] => {
      if (rule.direction !== direction || rule.action !== 'Allow') return [];
      const ports = portReasons(cluster, { policy, rule }, to, asked);
      const listed =
        policy.placed.value.family === 'cluster' ||
        (policy.placed.value.directions ?? policy.placed.value.isolates).includes(direction);
      const [closest] = rule.peers
        .map((peer) => ({ peer, reasons: peerReasons(cluster, policy, peer, other) }))
        .toSorted((a, b) => a.reasons.length - b.reasons.length);
      if (closest === undefined) return [];
      const rest: readonly Reason[] = [...ports, ...(listed ? [] : [{ kind: 'direction not listed' } as const])];
      const inTheWay = rest.length + closest.reasons.length;
      if (subject.length > 0 && inTheWay > 0) return [];
      return [{ rule: { policy, rule }, peer: closest.peer, reasons: [...subject, ...closest.reasons, ...rest] }];
    });
  });
  return found
    .map((miss) => ({ miss, rank: rankOf(miss) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ miss }) => miss);
}

function rankOf({ reasons }: NearMiss): number {
  const has = (test: (reason: Reason) => boolean) => (reasons.some(test) ? 1 : 0);
  const hopeless = has(({ kind }) => kind === 'peer kind');
  const elsewhere = has((reason) => 'on' in reason && reason.on === 'subject');
  return reasons.length * 8 + hopeless * 4 + has(({ kind }) => kind === 'ports') * 2 + elsewhere;
}

function isNear(policy: AppliedPolicy, subject: readonly Reason[]): boolean {
  const [reason, ...others] = subject;
  if (reason === undefined || others.length > 0) return false;
  if (reason.kind !== 'label' || reason.of === 'namespace') return true;
  const { pods } = policy.placed.value.subject;
  if (pods.op === 'And' && pods.terms.length > 1) return true;
  const { wanted } = reason;
  const has = wanted.op === 'In' ? reason.pods.labels.get(wanted.key) : undefined;
  return wanted.op === 'In' && has !== undefined && nearest(has, wanted.values) !== undefined;
}

function subjectReasons(policy: AppliedPolicy, pods: Pods): readonly Reason[] {
  if (selectsPods(policy, pods) === 'yes') return [];
  const { subject } = policy.placed.value;
  const reasons = [
    ...namespaceReasons('subject', subject.namespaces, policy.namespace, pods, subject.source),
    ...labelReasons('subject', 'pods', subject.pods, pods, subject.source),
  ];
  return reasons.length > 0 ? reasons : [{ kind: 'not known', on: 'subject', doubts: subjectDoubts(policy, pods) }];
}

function peerReasons(cluster: Cluster, policy: AppliedPolicy, peer: Peer, other: Endpoint): readonly Reason[] {
  const taken = peerTakes(cluster, policy, peer, other);
  if (other.kind === 'some pods' || taken === 'yes') return [];
  if (taken === 'unknown' && peer.kind !== 'pods' && peer.kind !== 'addresses') return [notKnown()];
  if (other.kind === 'addresses') {
    const isBlock = peer.kind === 'addresses' || peer.kind === 'address set';
    const places = inEachPlace(cluster, other);
    if (taken === 'no' && places.some((each) => peerTakes(cluster, policy, peer, each) !== 'no')) {
      return [{ kind: 'not known', on: 'peer', doubts: placeDoubts(cluster, other) }];
    }
    if (isBlock && taken === 'no' && peerTakes(cluster, policy, peer, inTheWorld(other)) !== 'no') {
      return [{ kind: 'address', how: 'node' }];
    }
    if (peer.kind !== 'addresses') return [{ kind: 'peer kind', peer, is: 'addresses' }];
    if (isSubset(other.addresses, peer.addresses)) return [notKnown()];
    const how = overlaps(other.addresses, peer.addresses)
      ? 'part'
      : peer.except.some((each) => isSubset(other.addresses, addressesOf(each)))
        ? 'except'
        : 'outside';
    return [{ kind: 'address', how, peer }];
  }
  const { pods } = other;
  if (pods.hostNetwork) return [{ kind: 'peer kind', peer, is: 'host network' }];
  if (peer.kind !== 'pods' && taken === 'unknown') return [notKnown()];
  if (peer.kind === 'addresses')
    return [{ kind: 'peer kind', peer, is: 'pods', blocks: blocksMatchPods(cluster, policy) }];
  if (peer.kind !== 'pods') return [{ kind: 'peer kind', peer, is: 'pods' }];
  const reasons = [
    ...namespaceReasons('peer', peer.namespaces, policy.namespace, pods, peer.namespaceSource),
    ...labelReasons('peer', 'pods', peer.pods, pods, peer.podSource),
  ];
  return reasons.length > 0 ? reasons : [notKnown()];

  function notKnown(): Reason {
    return { kind: 'not known', on: 'peer', doubts: peerDoubts(cluster, policy, peer, other) };
  }
}

/** The same addresses, were they outside of the cluster. */
function inTheWorld(end: AddressEnd): AddressEnd {
  return { ...end, identity: { places: ['world'], apiServer: identityOf(end).apiServer } };
}

function namespaceReasons(
  on: 'peer' | 'subject',
  match: NamespaceMatch,
  own: ClusterNamespace | undefined,
  pods: Pods,
  source: SelectorSource | undefined,
): readonly Reason[] {
  if (!match.own) return labelReasons(on, 'namespace', match.selector, pods, source);
  if (own === undefined || own.name === pods.namespace.name) return [];
  return [{ kind: 'other namespace', on, own: own.name, is: pods.namespace.name }];
}

/** The parts of a selector, joined by AND, that surely do not hold. */
function labelReasons(
  on: 'peer' | 'subject',
  of: 'pods' | 'namespace',
  selector: Selector,
  pods: Pods,
  source: SelectorSource | undefined,
): readonly Reason[] {
  const terms = selector.op === 'And' ? selector.terms : [selector];
  return terms
    .filter((wanted) => fails(wanted, of, pods))
    .map((wanted) => ({
      kind: 'label',
      on,
      of,
      pods,
      wanted,
      source: source?.requirements.find((each) => sameSelector(each.selector, wanted)),
    }));
}

function fails(wanted: Selector, of: 'pods' | 'namespace', pods: Pods): boolean {
  if (of === 'pods') return holdsFor(wanted, pods) === 'no';
  const { labels, open } = pods.namespace;
  return open ? matchesOpen(wanted, labels) === 'no' : !matches(wanted, labels);
}

function portReasons(cluster: Cluster, applied: AppliedRule, to: Endpoint, asked: PortSet): readonly Reason[] {
  const destination = to.kind === 'pods' ? to.pods : undefined;
  const opens = portsOn(portsOfRule(cluster, applied, destination), destination?.ports ?? []);
  if (portsOverlap(opens, asked)) return [];
  const { ports: written, exceptPorts } = applied.rule;
  // What stands in the text, unless it takes more to tell: ports that are left out, and those of a service.
  const shown = exceptPorts === undefined && portsOverlap(written, asked) === false ? written : opens;
  const same = [...asked.byProtocol.keys()].some((protocol) => opens.byProtocol.has(protocol));
  const named = shown.named.some(({ protocol }) => asked.byProtocol.has(protocol));
  return [{ kind: 'ports', differs: same ? 'port' : named ? 'name' : 'protocol', opens: shown }];
}
