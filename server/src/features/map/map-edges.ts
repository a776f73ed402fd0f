import type { Cluster } from '../../engine/cluster.js';
import { connectionList } from '../../engine/connection-list.js';
import { podsName } from '../../engine/connection-names.js';
import { ingressControllerConnections } from '../../engine/ingress-controller.js';
import { type OneSided, oneSided } from '../../engine/one-sided.js';
import type { PodClass } from '../../engine/pod-classes.js';
import { reachSteps } from '../../engine/reach.js';
import { Judge } from '../../engine/verdict.js';
import { printConnections } from '../../model/ports.js';
import type { Edge } from '../../picture/edge.js';
import { edgeWriter } from '../../picture/edges.js';

/** How many ends or policies are worked out in one step: a few milliseconds, in which nobody else is answered. */
const atOnce = 4;

/**
 * The connections of a map in small steps, so that whoever types is answered in between: what is allowed, as `netpol list`
 * has it, and what only one end allows. Only what begins or ends in one of the namespaces; with none, all.
 */
export function* mapEdges(cluster: Cluster, namespaces: readonly string[]): Generator<readonly Edge[]> {
  const inPart = partOf(namespaces);
  const judge = new Judge(cluster);
  const steps = reachSteps(cluster);
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) yield [];
  const reach = step.value;
  const controller = ingressControllerConnections(cluster, judge);
  yield [];
  const connections = connectionList(cluster, reach, controller);
  yield [];
  // What one source may send asks every destination what it lets in: a step for each few, and not one for them all.
  const [first] = reach.classes;
  for (const [index, to] of reach.classes.entries()) {
    if (first !== undefined) reach.between(first, to);
    if (index % atOnce === atOnce - 1) yield [];
  }
  const edgeOf = edgeWriter();
  const inside = connections.destinations.filter(({ name }) => inPart(name));
  for (const [index, src] of connections.sources.entries()) {
    const edges: Edge[] = [];
    for (const connection of connections.from(src, undefined, inPart(src.name) ? undefined : inside)) {
      const edge = edgeOf(connection);
      if (edge !== undefined) edges.push(edge);
    }
    if (edges.length > 0 || index % atOnce === atOnce - 1) yield edges;
  }
  const isAbout = ({ members }: PodClass) => members.some((pods) => inPart(podsName(pods)));
  let policies = 0;
  for (const found of oneSided(judge, reach, namespaces.length === 0 ? undefined : isAbout)) {
    const edges = found.flatMap((each) => oneSidedEdges(each, inPart));
    if (edges.length > 0 || ++policies % atOnce === 0) yield edges;
  }
}

/** Whether an end is in one of the namespaces; with none: any is. */
export function partOf(namespaces: readonly string[]): (name: string) => boolean {
  return (name) => namespaces.length === 0 || namespaces.some((each) => name.startsWith(`${each}/`));
}

function oneSidedEdges({ from, to, ports }: OneSided, inPart: (name: string) => boolean): readonly Edge[] {
  const conn = printConnections(ports);
  const names = ({ members }: PodClass) => [...new Set(members.map(podsName))];
  return names(from).flatMap((src) =>
    names(to)
      .filter((dst) => src !== dst && (inPart(src) || inPart(dst)))
      .map((dst): Edge => ({ src, dst, conn, kind: 'one-sided' })),
  );
}
