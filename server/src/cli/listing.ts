import { type Cluster, clusterOf } from '../engine/cluster.js';
import { type ConnectionList, connectionList } from '../engine/connection-list.js';
import { type ControllerConnection, ingressControllerConnections } from '../engine/ingress-controller.js';
import { type Reach, reachOf } from '../engine/reach.js';
import { Judge } from '../engine/verdict.js';
import { type Edge, edgeWriter } from '../picture/index.js';
import type { Scope } from '../workspace/scope.js';
import type { Input } from './input.js';
import { type Focus, isAsked, takesPort } from './list-focus.js';
import type { Progress } from './progress.js';

/** One scope's connections. */
export interface Listing {
  readonly scope: Scope;
  readonly cluster: Cluster;
  readonly judge: Judge;
  readonly reach: Reach;
  readonly controller: readonly ControllerConnection[];
  readonly connections: ConnectionList;
}

/** Each scope that has workloads, as a cluster of its own; objects without a namespace are in `namespace`. */
export function listingsOf({ netpol }: Input, namespace: string): readonly Listing[] {
  return [...netpol.workspace.index.scopes]
    .filter((scope) => scope.workloads.length > 0)
    .map((scope) => {
      const cluster = clusterOf([scope], { profile: netpol.profileOf(scope), unset: namespace });
      const judge = new Judge(cluster);
      const reach = reachOf(cluster);
      const controller = ingressControllerConnections(cluster, judge);
      return { scope, cluster, judge, reach, controller, connections: connectionList(cluster, reach, controller) };
    });
}

/** The connections that were asked for, in order. What passes on other protocols than TCP, UDP and SCTP alone is left out. */
export function* edgesOf({ connections }: Listing, focus: Focus, progress: Progress): Generator<Edge> {
  const edgeOf = edgeWriter();
  const { sources } = connections;
  for (const [index, src] of sources.entries()) {
    progress.say(`${index} of ${sources.length} sources`);
    for (const connection of connections.from(src, (dst) => isAsked(focus, src, dst))) {
      const edge = edgeOf(connection);
      if (edge !== undefined && takesPort(focus, connection)) yield edge;
    }
  }
}
