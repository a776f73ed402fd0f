import { peerMatches, selects, workloadsOfPeer } from '../../engine/matching.js';
import type { Policy, PortClause, Rule } from '../../model/policy.js';
import { any } from '../../model/three.js';
import type { ContainerPort, Place, Service, Workload } from '../../model/workload.js';
import { isBehind } from '../../rules/port-destinations.js';
import type { Netpol } from '../../service.js';
import { contains } from '../../text/range.js';
import { contentOf, type Placed, type Scope } from '../../workspace/scope.js';
import { type Cursor, membersAt } from '../cursor.js';
import { type Targets, wordUnder } from './targets.js';

/** On a port: the ports of containers that it comes to. */
export function portsMeant(netpol: Netpol, cursor: Cursor, offset: number): Targets | undefined {
  const { object } = cursor.resource;
  const [field] = cursor.path.slice(-1);
  if (object?.type === 'service') {
    return field === 'targetPort' ? targetPorts(netpol, cursor) : undefined;
  }
  if (object?.type === 'workload') return field === 'port' ? probedPort(cursor, object.value) : undefined;
  if (object?.type !== 'policy') return undefined;
  const members = membersAt(netpol.workspace, cursor).flatMap(({ scope, policy }) => {
    const asked = policy === undefined ? undefined : clauseAt(policy, cursor, offset);
    return policy === undefined || asked === undefined ? [] : [{ scope, policy, ...asked }];
  });
  if (members.length === 0) return undefined;
  const targets = members.flatMap(({ scope, policy, rule, clause }) =>
    portsOf(destinations(scope, policy, rule), (port) => isMeant(clause, port)),
  );
  return { origin: wordUnder(cursor), targets };
}

/** The item of a rule's ports whose number or name is at an offset. */
export function clauseAt(policy: Placed<Policy>, { resource }: Cursor, offset: number) {
  const { document } = resource.node;
  for (const rule of policy.value.rules) {
    for (const clause of rule.clauses) {
      const places = [clause.portAt, clause.endPortAt];
      if (places.some((at) => at?.document === document && contains(at.range, offset))) return { rule, clause };
    }
  }
  return undefined;
}

/** Whether an item of a rule's ports takes in a port that a container declares. */
export function isMeant({ name, from, to, protocol }: PortClause, port: ContainerPort): boolean {
  if (protocol !== 'any' && protocol !== port.protocol) return false;
  return name !== undefined ? name === port.name : from !== undefined && from <= port.port && port.port <= (to ?? from);
}

/** The workloads that connections which a rule is about go to, as far as is known. */
export function destinations(scope: Scope, policy: Placed<Policy>, rule: Rule): readonly Placed<Workload>[] {
  const { namespace, value } = policy;
  if (rule.direction === 'ingress' && !value.clusterWide && namespace.name !== undefined) {
    const near = [contentOf(scope, namespace), ...scope.unsetNamespaces];
    return near.flatMap(({ workloads }) => workloads.filter((each) => selects(scope, policy, each) !== 'no'));
  }
  // Most peers are about one namespace, and are asked of its workloads alone.
  if (rule.direction === 'egress' && rule.peers.every((peer) => peer.kind === 'pods')) {
    const found = rule.peers.map((peer) => workloadsOfPeer(scope, policy, peer));
    const [first, ...others] = found.map(({ sure, possible }) => [...sure, ...possible]);
    return others.length === 0 ? (first ?? []) : [...new Set([...(first ?? []), ...others.flat()])];
  }
  return scope.workloads.filter((workload) => isDestination(scope, policy, rule, workload));
}

export function isDestination(scope: Scope, policy: Placed<Policy>, rule: Rule, workload: Placed<Workload>): boolean {
  const answer =
    rule.direction === 'ingress'
      ? selects(scope, policy, workload)
      : any(rule.peers.map((peer) => peerMatches(scope, policy, peer, workload)));
  return answer !== 'no';
}

/** The ports of some workloads that satisfy a condition. */
function portsOf(workloads: readonly Placed<Workload>[], isWanted: (port: ContainerPort) => boolean): readonly Place[] {
  return workloads.flatMap(({ value }) => value.ports.filter(isWanted).map(({ at }) => at));
}

/** The workloads that a service hands on to. */
export function behind(scope: Scope, { value, namespace }: Placed<Service>): readonly Placed<Workload>[] {
  return contentOf(scope, namespace).workloads.filter((workload) => isBehind(workload.value, value));
}

function targetPorts({ workspace }: Netpol, cursor: Cursor): Targets {
  const { node } = cursor.location;
  const wanted = node.kind === 'scalar' ? node.value : undefined;
  const targets = workspace.index
    .scopesOf(cursor.resource.node.document.uri)
    .flatMap((scope) =>
      scope
        .membersOf(cursor.resource)
        .flatMap(({ type, placed }) =>
          type === 'service'
            ? portsOf(behind(scope, placed), ({ name, port }) => wanted === name || wanted === port)
            : [],
        ),
    );
  return { origin: wordUnder(cursor), targets };
}

/** A probe names a port of its own container. */
function probedPort(cursor: Cursor, { ports }: Workload): Targets | undefined {
  const { node } = cursor.location;
  if (node.kind !== 'scalar' || node.value === null) return undefined;
  const targets = ports.filter(({ name, port }) => node.value === name || node.value === port).map(({ at }) => at);
  return targets.length === 0 ? undefined : { origin: wordUnder(cursor), targets };
}
