import { type MatchedWorkloads, namespaceMatches, podsSelected, selects, workloadsWhere } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import type { Policy, Rule } from '../model/policy.js';
import { isEverything } from '../model/selector.js';
import { and } from '../model/three.js';
import type { ContainerPort, Workload } from '../model/workload.js';
import { documentBehind } from '../text/document.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';

/**
 * The workloads whose ports a rule speaks of: for ingress those that the policy selects, for egress those that its peers
 * choose. Undefined where the scope lacks the facts: no workloads, a peer without any, a peer that is no pods, or
 * workloads whose ports a template may produce.
 */
export function destinationsOf(scope: Scope, policy: Placed<Policy>, rule: Rule): MatchedWorkloads | undefined {
  const matched = rule.direction === 'ingress' ? selectedBy(scope, policy) : chosenBy(scope, policy, rule);
  if (matched === undefined || matched.sure.length === 0) return undefined;
  return [...matched.sure, ...matched.possible].some(isTemplated) ? undefined : matched;
}

function selectedBy(scope: Scope, policy: Placed<Policy>): MatchedWorkloads {
  const { workloads } = contentOf(scope, policy.namespace);
  return workloadsWhere(workloads, (workload) => selects(scope, policy, workload));
}

function chosenBy(scope: Scope, policy: Placed<Policy>, rule: Rule): MatchedWorkloads | undefined {
  const sure = new Set<Placed<Workload>>();
  const possible = new Set<Placed<Workload>>();
  for (const peer of rule.peers) {
    if (peer.kind !== 'pods' || peer.uncertain) return undefined;
    // Every pod of every namespace: surely more than the scope shows.
    if (!peer.namespaces.own && isEverything(peer.namespaces.selector)) return undefined;
    const matched = matchedBy(scope, policy, peer);
    if (matched.sure.length === 0) return undefined;
    for (const workload of matched.sure) sure.add(workload);
    for (const workload of matched.possible) possible.add(workload);
  }
  return { sure: [...sure], possible: [...possible].filter((workload) => !sure.has(workload)) };
}

/** As `peerMatches`, but namespaces first: most of them are ruled out as a whole. */
function matchedBy(scope: Scope, policy: Placed<Policy>, peer: PodPeer): MatchedWorkloads {
  const sure: Placed<Workload>[] = [];
  const possible: Placed<Workload>[] = [];
  for (const { ref, workloads } of scope.namespaces.values()) {
    const where = namespaceMatches(scope, peer.namespaces, policy.namespace, ref);
    if (where === 'no') continue;
    const matched = workloadsWhere(workloads, ({ value }) => and(where, podsSelected(peer.pods, value)));
    sure.push(...matched.sure);
    possible.push(...matched.possible);
  }
  return { sure, possible };
}

function isTemplated({ value }: Placed<Workload>): boolean {
  return documentBehind(value.at.document)?.templated ?? true;
}

/** The ports that some workloads declare. */
export function declaredPorts(workloads: readonly Placed<Workload>[]): readonly ContainerPort[] {
  return workloads.flatMap(({ value }) => value.ports);
}
