import type { Peer, PodPeer } from '../model/peer.js';
import type { Policy, Rule } from '../model/policy.js';
import { valueAt, type YamlNode, type YamlSequence } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { ruleNode } from './policy-nodes.js';

/** The `from` or `to` list of a rule; undefined where it is left out, or for another family of policy. */
export function peerListOf(policy: Placed<Policy>, rule: Rule): YamlSequence | undefined {
  return policy.value.family === 'kubernetes' ? listOf(policy, rule, '') : undefined;
}

/** The list of a rule whose items choose pods: of Cilium's rules that of endpoints. */
export function podListOf(policy: Placed<Policy>, rule: Rule): YamlSequence | undefined {
  return policy.value.family === 'cilium' ? listOf(policy, rule, 'Endpoints') : peerListOf(policy, rule);
}

function listOf(policy: Placed<Policy>, rule: Rule, what: string): YamlSequence | undefined {
  const list = valueAt(ruleNode(policy, rule), (rule.direction === 'ingress' ? 'from' : 'to') + what);
  return list?.kind === 'sequence' ? list : undefined;
}

/** The node that holds a peer's selectors: its list item, since peers stand in the order of their list. */
export function peerNodeOf(policy: Placed<Policy>, rule: Rule, peer: Peer): YamlNode | undefined {
  return peerListOf(policy, rule)?.items[rule.peers.indexOf(peer)]?.value;
}

/** A peer whose only selector is a podSelector: pods of the policy's own namespace. */
export function isPodOnly(peer: Peer): peer is PodPeer {
  return peer.kind === 'pods' && !peer.uncertain && asksForPods(peer) && peer.namespaces.own;
}

/** Cilium has one selector for both: it may be there and ask for no labels of pods. */
function asksForPods({ podSource, namespaceSource }: PodPeer): boolean {
  return podSource !== undefined && !(namespaceSource?.at === podSource.at && podSource.requirements.length === 0);
}

/** A peer whose only selector is a namespaceSelector: every pod of the namespaces it chooses. */
export function isNamespaceOnly(peer: Peer): peer is PodPeer & { readonly namespaces: { readonly own: false } } {
  return (
    peer.kind === 'pods' &&
    !peer.uncertain &&
    !peer.namespaces.own &&
    peer.namespaceSource !== undefined &&
    !asksForPods(peer)
  );
}
