import type { PodPeer } from '../model/peer.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import { includes, type PortSet, resolveNamed } from '../model/ports.js';
import type { ClusterPods } from '../model/profile.js';
import { equalsRequired, isEverything, type Labels, matchesOpen } from '../model/selector.js';
import { type Answer, and, any } from '../model/three.js';
import type { TransportProtocol, Workload } from '../model/workload.js';
import { documentBehind } from '../text/document.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import { clusterNamespaceMatches } from './dns.js';
import type { Allowance, DirectionAnswer, OrderedRule } from './effective.js';
import { namespaceMatches, peerMatches, workloadsOfPeer } from './matching.js';
import { decide, decidedBy } from './ordered-rules.js';

/** Who sends to some pods, as far as that is known. */
export type Sender =
  | { readonly kind: 'workload'; readonly workload: Placed<Workload> }
  /** Pods that are not among the manifests, in a namespace that is known; they may have more labels than these. */
  | {
      readonly kind: 'pods';
      readonly namespace: NamespaceRef;
      readonly namespaceLabels: Labels;
      readonly labels: Labels;
    }
  /** Pods that may run anywhere, with labels of which nothing is known but what they are surely not. */
  | { readonly kind: 'somewhere'; readonly likely: RegExp; readonly others: readonly ClusterPods[] }
  /** What is no pod: a load balancer outside of the cluster. */
  | { readonly kind: 'outside' };

/** A port on which something is sent. */
export interface Target {
  readonly protocol: TransportProtocol;
  readonly port: number;
}

/** The single ports of a set of TCP, UDP and SCTP ports. */
export function targetsOf({ byProtocol }: PortSet): readonly Target[] {
  return (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) =>
    (byProtocol.get(protocol) ?? []).flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => ({ protocol, port: first + index })),
    ),
  );
}

/** Pods of the cluster whose place is known. */
export function sendersAt(pods: ClusterPods): Sender {
  const { namespace, namespaceLabels, labels } = pods;
  return { kind: 'pods', namespace: { key: namespace, name: namespace }, namespaceLabels, labels };
}

/**
 * Whether what some pods may receive or send takes in any of these at the other end, on a port of the destination. 'no' is
 * certain: no rule can be meant for any of them. 'unknown' where a rule may be (an address range, a namespace or a label
 * of which nothing is known, a template) and where a cluster-wide policy denies it before.
 */
export function admits(
  scope: Scope,
  answer: DirectionAnswer,
  others: readonly Sender[],
  to: Placed<Workload>,
  target: Target,
): Answer {
  const takes = (part: Allowance): Answer => {
    const opened = opens(part, to, target);
    return opened === 'no' ? opened : and(opened, any(others.map((sender) => isPeer(scope, part, sender))));
  };
  const takesIn = ({ policy, rule }: OrderedRule) =>
    any(rule.peers.map((peer) => takes({ policy, rule, peer, ports: rule.ports })));
  const clusterWide = answer.stages.filter(({ tier }) => tier === 'admin');
  return decidedBy(answer, clusterWide, takesIn) === 'no' ? 'unknown' : decide(answer, takesIn);
}

/** Whether a rule's ports include a port of the workload, by number or by the name the workload gives it. */
function opens({ ports }: Allowance, { value }: Placed<Workload>, { protocol, port }: Target): Answer {
  if (includes(resolveNamed(ports, value.ports), protocol, port)) return 'yes';
  // What a template declares is not known, and a name may stand for any of it.
  const open = ports.named.length > 0 && documentBehind(value.at.document)?.templated === true;
  return open ? 'unknown' : 'no';
}

function isPeer(scope: Scope, { policy, peer }: Allowance, sender: Sender): Answer {
  if (peer.kind === 'anything' || peer.uncertain) return peer.uncertain ? 'unknown' : 'yes';
  // Nodes and load balancers send from addresses, and with some plugins so do pods.
  if (peer.kind !== 'pods') return 'unknown';
  switch (sender.kind) {
    case 'outside':
      return 'no';
    case 'workload':
      return peerMatches(scope, policy, peer, sender.workload);
    case 'pods':
      return isAmong(scope, policy.namespace, peer, sender);
    case 'somewhere':
      return mayBe(scope, { policy, peer }, sender);
  }
}

function isAmong(scope: Scope, own: NamespaceRef, peer: PodPeer, sender: Sender & { kind: 'pods' }): Answer {
  const { name } = sender.namespace;
  const where =
    peer.namespaces.own || name === undefined
      ? namespaceMatches(scope, peer.namespaces, own, sender.namespace)
      : clusterNamespaceMatches(scope, peer.namespaces.selector, { ...sender, title: '', namespace: name });
  return and(where, matchesOpen(peer.pods, sender.labels));
}

/** 'no' where a peer is surely meant for others: pods of the manifests that are not likely to send this, or well-known ones. */
function mayBe(
  scope: Scope,
  { policy, peer }: { policy: Allowance['policy']; peer: PodPeer },
  { likely, others }: Sender & { kind: 'somewhere' },
): Answer {
  const everyPod = isEverything(peer.pods);
  if (!peer.namespaces.own && isEverything(peer.namespaces.selector) && everyPod) return 'yes';
  const wanted = equalsRequired(peer.pods);
  const place = peer.namespaces.own ? undefined : namespaceNamedBy(equalsRequired(peer.namespaces.selector));
  const meansOthers = others.some(
    ({ namespace, labels }) =>
      place === namespace || (labels.size > 0 && [...labels].every(([key, value]) => wanted.get(key) === value)),
  );
  if (meansOthers) return 'no';
  const own = peer.namespaces.own || (place !== undefined && place === policy.namespace.name);
  const matched =
    own && everyPod ? contentOf(scope, policy.namespace).workloads : workloadsOfPeer(scope, policy, peer).sure;
  if (matched.some((workload) => looks(workload, likely))) return 'unknown';
  // The workloads of the own namespace are known; of another one, a peer for every pod may mean some that are not.
  return matched.length > 0 && (own || !everyPod) ? 'no' : 'unknown';
}

/** A namespace chosen by the label that the API server sets, or by the one that people use for the same. */
function namespaceNamedBy(labels: Labels): string | undefined {
  return labels.get(namespaceNameKey) ?? labels.get('name');
}

function looks({ value }: Placed<Workload>, likely: RegExp): boolean {
  return likely.test(value.name) || [...value.labels.values()].some((label) => likely.test(label));
}
