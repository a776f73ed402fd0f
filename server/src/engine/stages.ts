import { type AddressSet, containsAddress, isEmpty, isSubset, overlaps } from '../model/addresses.js';
import type { NamespaceMatch, Peer } from '../model/peer.js';
import type { Direction, Rule } from '../model/policy.js';
import { disjoint, implies, type Labels, matches, matchesOpen, type Selector } from '../model/selector.js';
import { type Answer, and, any, not } from '../model/three.js';
import { type AppliedPolicy, type Cluster, type ClusterNamespace, nameLabel, type Pods } from './cluster.js';
import { byOrder } from './order.js';

/** One end of a connection. */
export type Endpoint =
  | { readonly kind: 'pods'; readonly pods: Pods }
  /** Outside of the cluster. */
  | { readonly kind: 'addresses'; readonly addresses: AddressSet }
  /** Any pods that satisfy both selectors, known to the manifests or not. */
  | { readonly kind: 'some pods'; readonly namespaces: Selector; readonly pods: Selector };

/** A rule with its policy. */
export interface AppliedRule {
  readonly policy: AppliedPolicy;
  readonly rule: Rule;
}

/**
 * One step of the judgement on some pods in one direction. 'first match': the first rule that matches decides, and nothing
 * matching leaves the decision to the next stage. 'additive': if the pods are isolated this stage decides, and allows
 * what any rule matches.
 * Source: network-policy-api v1alpha2 types.go (tiers); k8s.io/api networking/v1 NetworkPolicySpec. FACTS B2.
 */
export interface Stage {
  readonly tier: 'admin' | 'namespaced' | 'baseline';
  readonly mode: 'first match' | 'additive';
  /** The policies that select the pods, in the order in which they are asked. */
  readonly policies: readonly AppliedPolicy[];
  /** Those that isolate the pods; only in an additive stage. */
  readonly isolatedBy: readonly AppliedPolicy[];
  readonly rules: readonly AppliedRule[];
}

const tiers = ['admin', 'namespaced', 'baseline'] as const;

/** The stages that judge the pods in one direction, first to last; those without a policy are left out. */
export function stagesOf(policies: readonly AppliedPolicy[], direction: Direction): readonly Stage[] {
  return tiers.flatMap((tier) => {
    const own = policies.filter(({ placed }) => placed.value.order.tier === tier);
    if (own.length === 0) return [];
    if (tier === 'namespaced') return [additive(own, direction)];
    const ordered = own.toSorted((a, b) => byOrder(a.placed.value, b.placed.value));
    return [
      {
        tier,
        mode: 'first match' as const,
        policies: ordered,
        isolatedBy: [],
        rules: ordered.flatMap((policy) => rulesOf(policy, direction)),
      },
    ];
  });
}

function additive(policies: readonly AppliedPolicy[], direction: Direction): Stage {
  const isolatedBy = policies.filter(({ placed }) => placed.value.isolates.includes(direction));
  return {
    tier: 'namespaced',
    mode: 'additive',
    policies,
    isolatedBy,
    // Rules of a direction that policyTypes does not list have no effect (FACTS A1).
    rules: isolatedBy.flatMap((policy) => rulesOf(policy, direction)),
  };
}

function rulesOf(policy: AppliedPolicy, direction: Direction): readonly AppliedRule[] {
  return policy.placed.value.rules.filter((rule) => rule.direction === direction).map((rule) => ({ policy, rule }));
}

/** Whether a policy is about the pods. Host-network pods are never a subject. */
export function selectsPods(policy: AppliedPolicy, pods: Pods): Answer {
  if (pods.hostNetwork) return 'no';
  const { subject } = policy.placed.value;
  const where = inNamespaces(subject.namespaces, policy.namespace, pods.namespace);
  if (where === 'no') return 'no';
  const chosen = and(where, holds(subject.pods, pods.labels, pods.openLabels));
  return subject.uncertain && chosen === 'yes' ? 'unknown' : chosen;
}

/** The policies that surely select the pods, in the order of the cluster. */
export function policiesOn(cluster: Cluster, pods: Pods): readonly AppliedPolicy[] {
  return cluster.policies.filter((policy) => selectsPods(policy, pods) === 'yes');
}

/** Whether some peer of a rule takes in an endpoint; of some pods and of a range: all of it ('unknown' for a part). */
export function ruleTakes(cluster: Cluster, { policy, rule }: AppliedRule, endpoint: Endpoint): Answer {
  return any(rule.peers.map((peer) => peerTakes(cluster, policy, peer, endpoint)));
}

export function peerTakes(cluster: Cluster, policy: AppliedPolicy, peer: Peer, endpoint: Endpoint): Answer {
  const answer = surePeerTakes(cluster, policy, peer, endpoint);
  return peer.uncertain && (answer === 'yes' || peer.kind === 'anything') ? 'unknown' : answer;
}

function surePeerTakes(cluster: Cluster, policy: AppliedPolicy, peer: Peer, endpoint: Endpoint): Answer {
  if (peer.kind === 'anything') return 'yes';
  switch (endpoint.kind) {
    case 'addresses':
      if (peer.kind !== 'addresses') return 'no';
      if (isSubset(endpoint.addresses, peer.addresses)) return isEmpty(endpoint.addresses) ? 'no' : 'yes';
      return overlaps(endpoint.addresses, peer.addresses) ? 'unknown' : 'no';
    case 'pods': {
      const { pods } = endpoint;
      if (peer.kind === 'addresses') {
        const judged =
          cluster.blocksMatchPods === 'all' ||
          (cluster.blocksMatchPods === 'cluster-wide' && policy.placed.value.clusterWide);
        return judged && pods.addresses.some((each) => containsAddress(peer.addresses, each)) ? 'yes' : 'no';
      }
      if (peer.kind === 'nodes') {
        if (!pods.hostNetwork) return 'no';
        return pods.node?.labels === undefined ? 'unknown' : holds(peer.nodes, pods.node.labels, false);
      }
      // Host-network pods look like their node, which pod selectors do not match (FACTS B1).
      if (peer.kind !== 'pods' || pods.hostNetwork) return 'no';
      const where = inNamespaces(peer.namespaces, policy.namespace, pods.namespace);
      return where === 'no' ? 'no' : and(where, holds(peer.pods, pods.labels, pods.openLabels));
    }
    case 'some pods': {
      if (peer.kind !== 'pods') return 'no';
      const namespaces = namespaceSelector(peer.namespaces, policy.namespace);
      return and(within(endpoint.namespaces, namespaces), within(endpoint.pods, peer.pods));
    }
  }
}

/** A peer's namespaces as a selector; the policy's own by its name. */
export function namespaceSelector(match: NamespaceMatch, own: ClusterNamespace | undefined): Selector {
  return match.own ? { op: 'In', key: nameLabel, values: own === undefined ? [] : [own.name] } : match.selector;
}

function inNamespaces(match: NamespaceMatch, own: ClusterNamespace | undefined, other: ClusterNamespace): Answer {
  if (match.own) return own?.name === other.name ? 'yes' : 'no';
  return holds(match.selector, other.labels, other.open);
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
