import type { Peer, PodPeer, SelectorSource } from '../model/peer.js';
import type { Policy, Rule } from '../model/policy.js';
import type { Place } from '../model/workload.js';
import type { Placed } from '../workspace/scope.js';

/** Every end that a rule names: its peers, what those are made of, and what it asks of the policy's own pods. */
export function* partsOf(rule: Rule): Generator<Peer> {
  for (const peer of rule.own === undefined ? rule.peers : [...rule.peers, rule.own]) yield* within(peer);
}

function* within(peer: Peer): Generator<Peer> {
  yield peer;
  if (peer.kind === 'all of') for (const part of [...peer.peers, ...peer.except]) yield* within(part);
}

/** Where a peer that chooses pods says so: its selectors, else itself. */
export function sourcesOf({ podSource, namespaceSource }: PodPeer): readonly SelectorSource[] {
  return [podSource, namespaceSource].filter((source) => source !== undefined);
}

/** Where a policy says whom it is about; its name where it says nothing. */
export function subjectPlace({ value }: Placed<Policy>): Place {
  return value.subject.source?.at ?? value.at;
}
