import { workloadNames } from '../engine/describe.js';
import { type MatchedWorkloads, namespaceMatches, peerMatches } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import type { Policy } from '../model/policy.js';
import { count } from '../model/print.js';
import type { Workload } from '../model/workload.js';
import type { NamespaceRef, Placed, Scope } from '../workspace/scope.js';

/** The workloads that a peer includes. Asks each namespace once, then only the workloads of those that may be meant. */
export function workloadsOfPeer(scope: Scope, policy: Placed<Policy>, peer: PodPeer): MatchedWorkloads {
  const sure: Placed<Workload>[] = [];
  const possible: Placed<Workload>[] = [];
  for (const content of scope.namespaces.values()) {
    if (namespaceMatches(scope, peer.namespaces, policy.namespace, content.ref) === 'no') continue;
    for (const workload of content.workloads) {
      const given = peerMatches(scope, policy, peer, workload);
      if (given === 'yes') sure.push(workload);
      else if (given === 'unknown') possible.push(workload);
    }
  }
  return { sure, possible };
}

/** "1 workload: frontend", "12 workloads: a, b, c, d and 8 more", "no workload of these manifests". */
export function countedWorkloads(workloads: readonly Placed<Workload>[], own: NamespaceRef): string {
  if (workloads.length === 0) return 'no workload of these manifests';
  return `${count(workloads.length, 'workload')}: ${workloadNames(workloads, own)}`;
}
