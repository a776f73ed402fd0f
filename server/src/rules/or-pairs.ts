import type { MatchedWorkloads } from '../engine/matching.js';
import { workloadsOfPeer } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import type { Rule } from '../model/policy.js';
import type { ClusterPods } from '../model/profile.js';
import { equalsRequired, isEverything } from '../model/selector.js';
import { contentOf } from '../workspace/scope.js';
import { isNamespaceOnly, isPodOnly } from './peer-nodes.js';
import type { PolicyContext } from './rule.js';
import { podsOfWellKnownNamespace, wellKnownPods } from './well-known.js';

/** Why the two items look like the halves of one peer. */
export type OneIntention =
  /** The pod selector matches nothing in the policy's own namespace, and something in the selected ones. */
  | { readonly kind: 'only-there' }
  /** The labels and the namespace of pods that everyone knows. */
  | { readonly kind: 'well-known'; readonly pods: ClusterPods }
  /** The namespace selector plainly includes the policy's own namespace, so that the pod selector adds nothing. */
  | { readonly kind: 'covered' };

/** A pod-only peer and a namespace-only peer that stand beside each other in one list: joined by OR. */
export interface OrPair {
  readonly rule: Rule;
  /** Place of the first of the two in the list. */
  readonly index: number;
  readonly first: PodPeer;
  readonly second: PodPeer;
  readonly pods: PodPeer;
  readonly namespaces: PodPeer;
  /** The one peer that AND would make of the two. */
  readonly combined: PodPeer;
  readonly podWorkloads: MatchedWorkloads;
  readonly namespaceWorkloads: MatchedWorkloads;
  readonly combinedWorkloads: MatchedWorkloads;
  /** Set where AND was surely or very likely meant. */
  readonly evidence: OneIntention | undefined;
}

export function orPairsOf(context: PolicyContext): readonly OrPair[] {
  return context.policy.value.rules.flatMap((rule) =>
    rule.peers.flatMap((second, place): readonly OrPair[] => {
      const first = rule.peers[place - 1];
      if (first === undefined) return [];
      if (isPodOnly(first) && isNamespaceOnly(second))
        return pair(context, rule, place - 1, first, second, first, second);
      if (isNamespaceOnly(first) && isPodOnly(second))
        return pair(context, rule, place - 1, first, second, second, first);
      return [];
    }),
  );
}

const noPeers: ReadonlySet<PodPeer> = new Set();

/** The peers that `and-or-ambiguity` speaks of as a warning: other rules leave them to it. */
export function likelyHalves(context: PolicyContext): ReadonlySet<PodPeer> {
  // Most rules have one peer, and five rules of netpol ask this of each policy.
  if (context.policy.value.rules.every(({ peers }) => peers.length < 2)) return noPeers;
  return new Set(
    orPairsOf(context)
      .filter((each) => each.evidence !== undefined)
      .flatMap(({ first, second }) => [first, second]),
  );
}

function pair(
  context: PolicyContext,
  rule: Rule,
  index: number,
  first: PodPeer,
  second: PodPeer,
  pods: PodPeer,
  namespaces: PodPeer,
): readonly OrPair[] {
  if (isEverything(pods.pods)) return [];
  const { scope, policy } = context;
  const combined: PodPeer = { ...namespaces, pods: pods.pods, podSource: pods.podSource };
  const found = {
    rule,
    index,
    first,
    second,
    pods,
    namespaces,
    combined,
    podWorkloads: workloadsOfPeer(scope, policy, pods),
    namespaceWorkloads: workloadsOfPeer(scope, policy, namespaces),
    combinedWorkloads: workloadsOfPeer(scope, policy, combined),
  };
  return [{ ...found, evidence: evidenceOf(context, found) }];
}

function evidenceOf(context: PolicyContext, found: Omit<OrPair, 'evidence'>): OneIntention | undefined {
  const { scope, profile, policy } = context;
  if (found.namespaces.namespaces.own) return undefined;
  const selector = found.namespaces.namespaces.selector;
  const named = equalsRequired(selector).get('kubernetes.io/metadata.name');
  const own = policy.namespace.name;
  if (isEverything(selector) || (selector.op === 'In' && own !== undefined && named === own))
    return { kind: 'covered' };
  // Where the policy's namespace is left open: were it one of the selected ones, the pod selector would add nothing.
  const perhaps = found.podWorkloads.possible.filter((each) => !found.namespaceWorkloads.sure.includes(each));
  if (found.podWorkloads.sure.length > 0 || perhaps.length > 0) return undefined;
  if (contentOf(scope, policy.namespace).workloads.length > 0 && found.combinedWorkloads.sure.length > 0) {
    return { kind: 'only-there' };
  }
  const there = podsOfWellKnownNamespace(scope, profile, selector);
  const pods = wellKnownPods(profile, found.pods.pods).find((each) => there.includes(each));
  return pods === undefined ? undefined : { kind: 'well-known', pods };
}
