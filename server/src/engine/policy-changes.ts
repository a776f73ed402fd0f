import { toCidrs } from '../model/addresses.js';
import type { NamespaceMatch, Peer } from '../model/peer.js';
import type { Rule } from '../model/policy.js';
import type { PortSet } from '../model/ports.js';
import { fingerprint } from '../model/selector.js';
import type { AppliedPolicy } from './cluster.js';

/** A policy that means another thing on the two sides, or stands on one side only: never neither. */
export interface PolicyChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly before: AppliedPolicy | undefined;
  readonly after: AppliedPolicy | undefined;
}

/**
 * What the policies of two clusters mean differently. Policies are the same by kind, namespace and name. Spelling, the
 * order of peers and ports, and the order of rules where it does not count make no difference; a policy that was only
 * renamed is not among them either.
 */
export function policyChanges(before: readonly AppliedPolicy[], after: readonly AppliedPolicy[]): PolicyChange[] {
  const named = pairsBy(before, after, nameKey);
  // What is left may be the same under another name, or under a newer kind.
  const renamed = pairsBy(named.before, named.after, meaning);
  return [
    ...renamed.before.map((policy): PolicyChange => ({ change: 'removed', before: policy, after: undefined })),
    ...renamed.after.map((policy): PolicyChange => ({ change: 'added', before: undefined, after: policy })),
    ...named.pairs
      .filter(([a, b]) => meaning(a) !== meaning(b))
      .map(([a, b]): PolicyChange => ({ change: 'changed', before: a, after: b })),
  ];
}

/** Equal for rules that say the same. */
export function ruleMeaning({
  action,
  direction,
  peers,
  ports,
  exceptPorts,
  own,
  constraints,
  uncertain,
}: Rule): string {
  return JSON.stringify([
    action,
    direction,
    uncertain,
    peers.map(peerMeaning).sort(),
    portsMeaning(ports),
    exceptPorts && portsMeaning(exceptPorts),
    own && peerMeaning(own),
    constraints?.map(({ words }) => words),
  ]);
}

function nameKey({ placed, namespace }: AppliedPolicy): string {
  return JSON.stringify([placed.value.kind, namespace?.name, placed.value.name]);
}

function meaning({ placed: { value }, namespace }: AppliedPolicy): string {
  const { subject, order, isolates, rules, uncertain } = value;
  const said = rules.map(ruleMeaning);
  return JSON.stringify([
    namespace?.name,
    order.tier,
    order.tierName,
    order.priority,
    value.staged,
    value.directions,
    // Names break ties between equal priorities.
    order.tier === 'namespaced' ? '' : value.name,
    subject.uncertain,
    namespacesMeaning(subject.namespaces),
    fingerprint(subject.pods),
    [...isolates].sort(),
    uncertain,
    order.tier === 'namespaced' ? [...new Set(said)].sort() : said,
  ]);
}

function peerMeaning(peer: Peer): string {
  const said = (): readonly unknown[] => {
    switch (peer.kind) {
      case 'anything':
        return [];
      case 'pods':
        return [namespacesMeaning(peer.namespaces), fingerprint(peer.pods), peer.alsoAddressSets];
      case 'addresses':
        return toCidrs(peer.addresses);
      case 'nodes':
        return [fingerprint(peer.nodes)];
      case 'domains':
        return [...peer.patterns].sort();
      case 'entity':
        return [peer.entity];
      case 'service':
        return [peer.name, peer.selector && fingerprint(peer.selector), peer.namespace, peer.portsCount];
      case 'address set':
        return [peer.name, peer.selector && fingerprint(peer.selector), peer.except.map(({ canonical }) => canonical)];
      case 'all of':
        return [peer.peers.map(peerMeaning), peer.except.map(peerMeaning)];
    }
  };
  return JSON.stringify([peer.kind, peer.uncertain, ...said()]);
}

function namespacesMeaning(match: NamespaceMatch): string {
  return match.own ? '' : fingerprint(match.selector);
}

function portsMeaning({ byProtocol, named }: PortSet): string {
  const numbers = [...byProtocol].map(([protocol, ranges]) => [protocol, ...ranges.map((r) => `${r.first}-${r.last}`)]);
  return JSON.stringify([numbers, named.map(({ protocol, name }) => `${protocol} ${name}`).sort()]);
}

/** Those of both sides that share a key, one to one in their order, and the rest. */
function pairsBy<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string) {
  const waiting = new Map<string, T[]>();
  for (const item of after) {
    const key = keyOf(item);
    const list = waiting.get(key);
    if (list === undefined) waiting.set(key, [item]);
    else list.push(item);
  }
  const pairs: [T, T][] = [];
  const alone: T[] = [];
  for (const item of before) {
    const other = waiting.get(keyOf(item))?.shift();
    if (other === undefined) alone.push(item);
    else pairs.push([item, other]);
  }
  return { pairs, before: alone, after: [...waiting.values()].flat() };
}
