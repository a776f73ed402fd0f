import type { Peer, PodPeer } from '../model/peer.js';
import type { Policy, Rule } from '../model/policy.js';
import { valueAt, type YamlNode, type YamlSequence } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { ruleNode } from './policy-nodes.js';

/** The `from` or `to` list of a rule; undefined where it is left out, or for another family of policy. */
export function peerListOf(policy: Placed<Policy>, rule: Rule): YamlSequence | undefined {
  if (policy.value.family !== 'kubernetes') return undefined;
  const list = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'from' : 'to');
  return list?.kind === 'sequence' ? list : undefined;
}

/**
 * The node that holds a peer's selectors: its list item, since peers stand in the order of their list; in a cluster
 * policy, where an item may stand for several peers, what the item says of `pods`.
 */
export function peerNodeOf(policy: Placed<Policy>, rule: Rule, peer: Peer): YamlNode | undefined {
  if (policy.value.family === 'cluster') return valueAt(clusterItem(policy, rule, peer), 'pods');
  return peerListOf(policy, rule)?.items[rule.peers.indexOf(peer)]?.value;
}

/** The LabelSelector by which a peer chooses namespaces. */
export function namespaceSelectorOf(policy: Placed<Policy>, rule: Rule, peer: Peer): YamlNode | undefined {
  const node = peerNodeOf(policy, rule, peer);
  return node === undefined
    ? valueAt(clusterItem(policy, rule, peer), 'namespaces')
    : valueAt(node, 'namespaceSelector');
}

function clusterItem(policy: Placed<Policy>, rule: Rule, peer: Peer): YamlNode | undefined {
  if (policy.value.family !== 'cluster') return undefined;
  const list = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'from' : 'to');
  const items = list?.kind === 'sequence' ? list.items : [];
  return items.find(({ marker }) => marker.start === peer.at.range.start)?.value;
}

/** A peer whose only selector is a podSelector: pods of the policy's own namespace. */
export function isPodOnly(peer: Peer): peer is PodPeer {
  return peer.kind === 'pods' && !peer.uncertain && peer.podSource !== undefined && peer.namespaces.own;
}

/** A peer whose only selector is a namespaceSelector: every pod of the namespaces it chooses. */
export function isNamespaceOnly(peer: Peer): peer is PodPeer & { readonly namespaces: { readonly own: false } } {
  return (
    peer.kind === 'pods' &&
    !peer.uncertain &&
    !peer.namespaces.own &&
    peer.namespaceSource !== undefined &&
    peer.podSource === undefined
  );
}
