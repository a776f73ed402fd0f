import { describeNamespaces, describePods } from '../engine/describe.js';
import { workloadsOfPeer } from '../engine/matching.js';
import { splitByFacts } from '../kinds/calico/selector.js';
import type { PodPeer } from '../model/peer.js';
import { namespaceLabelOf } from '../model/pod-facts.js';
import { both, everything, keysOf, type Selector } from '../model/selector.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, stringOf, valueAt } from '../text/tree.js';
import { ruleNode } from './policy-nodes.js';
import type { Finding, PolicyContext } from './rule.js';
import { podsOfWellKnownNamespace, wellKnownPods } from './well-known.js';

/**
 * Calico's selectors say both in one expression: a namespace `||` pods' labels, where `&&` was evidently meant: the labels
 * are found in that namespace only, or both together name pods that everyone knows.
 */
export function* orSelectors(context: PolicyContext): Iterable<Finding> {
  const { policy } = context;
  if (policy.value.family !== 'calico') return;
  for (const rule of policy.value.rules) {
    for (const peer of rule.peers) {
      if (peer.kind !== 'pods' || peer.uncertain || peer.podSource === undefined) continue;
      const halves = halvesOf(peer);
      if (halves === undefined || !isOneIntention(context, halves)) continue;
      const { pods, namespaces } = halves;
      const words = (each: PodPeer) =>
        `${describePods(each.pods)} ${describeNamespaces(each.namespaces, policy.namespace)}`;
      const combine: Fix = {
        title: `Join both by && (only ${words(halves.combined)})`,
        preferred: true,
        changes() {
          const entity = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'source' : 'destination');
          const node = entryOf(entity, 'selector')?.value;
          const [first, second, ...more] = stringOf(node)?.split('||') ?? [];
          if (node === undefined || first === undefined || second === undefined || more.length > 0) return undefined;
          return editOnly(replaceScalar(node, `${first}&&${second}`));
        },
      };
      yield {
        at: peer.podSource.at,
        severity: 'warning',
        message: `As written (||): ${words(namespaces)} OR ${words(pods)}. With &&: only ${words(halves.combined)}, which is what these two name together, so && is meant: OR opens the rule to all the others.`,
        fixes: [combine],
      };
    }
  }
}

interface Halves {
  readonly namespaces: PodPeer;
  readonly pods: PodPeer;
  readonly combined: PodPeer;
}

function halvesOf(peer: PodPeer): Halves | undefined {
  const { pods } = peer;
  if (pods.op !== 'Or' || pods.terms.length !== 2) return undefined;
  const place = pods.terms.find((term) => [...keysOf(term)].every((key) => namespaceLabelOf(key) !== undefined));
  const labels = pods.terms.find((term) => ![...keysOf(term)].some((key) => key.includes(':')));
  if (place === undefined || labels === undefined) return undefined;
  const chosen = splitByFacts(place).namespaces;
  const given: Selector = peer.namespaces.own ? everything : peer.namespaces.selector;
  const there = { own: false, selector: both(given, chosen) } as const;
  return {
    namespaces: { ...peer, namespaces: there, pods: everything },
    pods: { ...peer, pods: labels },
    combined: { ...peer, namespaces: there, pods: labels },
  };
}

function isOneIntention({ scope, profile, policy }: PolicyContext, { namespaces, pods, combined }: Halves): boolean {
  const [all, some, both] = [namespaces, pods, combined].map((peer) => workloadsOfPeer(scope, policy, peer).sure);
  if (all !== undefined && some !== undefined && both !== undefined && both.length > 0) {
    return all.length > both.length && some.every((workload) => both.includes(workload));
  }
  if (namespaces.namespaces.own) return false;
  const known = podsOfWellKnownNamespace(scope, profile, namespaces.namespaces.selector);
  return wellKnownPods(profile, pods.pods).some((each) => known.includes(each));
}
