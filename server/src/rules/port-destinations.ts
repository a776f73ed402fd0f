import {
  type MatchedWorkloads,
  peerMatches,
  selects,
  servicesOf,
  workloadsOfPeer,
  workloadsSelected,
  workloadsWhere,
} from '../engine/matching.js';
import type { ServicePeer } from '../model/peer.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { isEverything } from '../model/selector.js';
import type { ContainerPort, Service, ServicePort, Workload } from '../model/workload.js';
import { documentBehind } from '../text/document.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';

/**
 * The workloads whose ports a rule speaks of: for ingress those that the policy selects, for egress those that its peers
 * choose. Undefined where the scope lacks the facts: no workloads, a peer without any, a peer that is no pods, or
 * workloads whose ports a template may produce.
 */
export function destinationsOf(scope: Scope, policy: Placed<Policy>, rule: Rule): MatchedWorkloads | undefined {
  const matched = rule.direction === 'ingress' ? selectedBy(scope, policy, rule) : chosenBy(scope, policy, rule);
  if (matched === undefined || matched.sure.length === 0) return undefined;
  return [...matched.sure, ...matched.possible].some(isTemplated) ? undefined : matched;
}

/** Of the pods that a policy selects, those that a rule of it is about: Calico's rules may ask for more. */
function selectedBy(scope: Scope, policy: Placed<Policy>, { own }: Rule): MatchedWorkloads {
  const { subject, clusterWide } = policy.value;
  const selected =
    clusterWide && !isEverything(subject.pods)
      ? workloadsWhere(scope.workloads, (workload) => selects(scope, policy, workload))
      : workloadsSelected(scope, policy);
  if (own === undefined) return selected;
  const asked = workloadsWhere(selected.sure, (workload) => peerMatches(scope, policy, own, workload));
  return { sure: asked.sure, possible: [...asked.possible, ...selected.possible] };
}

function chosenBy(scope: Scope, policy: Placed<Policy>, rule: Rule): MatchedWorkloads | undefined {
  const sure = new Set<Placed<Workload>>();
  const possible = new Set<Placed<Workload>>();
  for (const peer of rule.peers) {
    if ((peer.kind !== 'pods' && peer.kind !== 'service') || peer.uncertain) return undefined;
    // Every pod of every namespace: surely more than the scope shows.
    if (peer.kind === 'pods' && !peer.namespaces.own && isEverything(peer.namespaces.selector)) return undefined;
    const matched = peer.kind === 'pods' ? workloadsOfPeer(scope, policy, peer) : behind(scope, policy, peer);
    if (matched === undefined || matched.sure.length === 0) return undefined;
    for (const workload of matched.sure) sure.add(workload);
    for (const workload of matched.possible) possible.add(workload);
  }
  return { sure: [...sure], possible: [...possible].filter((workload) => !sure.has(workload)) };
}

/** The workloads behind the services that a peer of Cilium names: it means their pods, on ports of these (FACTS B5). */
function behind(scope: Scope, policy: Placed<Policy>, peer: ServicePeer): MatchedWorkloads | undefined {
  const services = servicesOf(scope, policy, peer);
  if (peer.portsCount || services.some(({ value }) => value.selector === undefined)) return undefined;
  const near = services.flatMap(({ namespace }) => contentOf(scope, namespace).workloads);
  return workloadsWhere(new Set(near), (workload) => peerMatches(scope, policy, peer, workload));
}

function isTemplated({ value }: Placed<Workload>): boolean {
  return documentBehind(value.at.document)?.templated ?? true;
}

/** The ports that some workloads declare. */
export function declaredPorts(workloads: readonly Placed<Workload>[]): readonly ContainerPort[] {
  return workloads.flatMap(({ value }) => value.ports);
}

/** A clause that opens one port, given as a number. */
export type SinglePort = PortClause & { readonly from: number };

export function isSinglePort(clause: PortClause): clause is SinglePort {
  const { protocol, from, to, endPortAt } = clause;
  // Of ICMP it is a type of message.
  return from !== undefined && from === to && endPortAt === undefined && !protocol.startsWith('ICMP');
}

/** The workload says which ports it has, and this one is not among them. */
export function surelyNotOn({ ports }: Workload, { from, protocol }: SinglePort): boolean {
  return (
    ports.length > 0 && !ports.some((port) => port.port === from && (protocol === 'any' || port.protocol === protocol))
  );
}

/** Whether a service of the workload's namespace chooses its pods. */
export function isBehind({ labels }: Workload, { selector }: Service): boolean {
  return selector !== undefined && [...selector].every(([key, value]) => labels.get(key) === value);
}

/** The port of a workload that a service hands on to; undefined where it has none of that name. */
export function targetOf({ targetPort, protocol }: ServicePort, { ports }: Workload): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  return ports.find((port) => port.name === targetPort && port.protocol === protocol)?.port;
}
