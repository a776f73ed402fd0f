import type { AddressSet } from '../model/addresses.js';
import type { AddressSetPeer, Entity, NamespaceMatch, Peer, ServicePeer } from '../model/peer.js';
import { isServiceAccountLabel, namespaceLabelOf } from '../model/pod-facts.js';
import type { Direction } from '../model/policy.js';
import { keysOf, type Selector } from '../model/selector.js';
import type { AppliedPolicy, Cluster, Pods } from './cluster.js';
import { podsName } from './connection-names.js';
import { endWords } from './connection-words.js';
import { identified, identityOf } from './identities.js';
import { holdsFor, inNamespaces, isKnownService, peerTakes, servicesMeant } from './peer-takes.js';
import { type Endpoint, leans, peersTake, placeDecides, podsEnd, selectsPods } from './stages.js';

/** Why it is not known whether a policy is about some pods, or a peer takes an end in. Each is true by itself. */
export type Doubt =
  /** A template, a value that cannot be read, or what is looked up outside of the cluster (Cilium's groups). */
  | { readonly kind: 'text' }
  | { readonly kind: 'labels'; readonly of: 'pods' | 'namespace' | 'account'; readonly pods: Pods }
  | { readonly kind: 'names' }
  | { readonly kind: 'entity'; readonly entity: Entity }
  | { readonly kind: 'node'; readonly pods: Pods }
  | { readonly kind: 'node labels'; readonly addresses: AddressSet }
  /** Which of the places in which it may be an address is in. */
  | { readonly kind: 'place'; readonly addresses: AddressSet; readonly isNode: boolean }
  /** What runs on nodes, beside pods. */
  | { readonly kind: 'nodes' }
  | { readonly kind: 'addresses'; readonly pods: Pods }
  | { readonly kind: 'part' }
  | { readonly kind: 'service'; readonly peer: ServicePeer; readonly is: 'absent' | 'without selector' }
  | { readonly kind: 'address set'; readonly peer: AddressSetPeer };

/** A policy of which something that bears on a connection is not known. */
export interface Doubtful {
  readonly policy: AppliedPolicy;
  readonly doubts: readonly Doubt[];
}

/** Some policies, and why what each says about one direction of a connection is not known in full. */
export function doubtful(
  cluster: Cluster,
  policies: readonly AppliedPolicy[],
  direction: Direction,
  from: Endpoint,
  to: Endpoint,
): readonly Doubtful[] {
  return policies.map((policy) => ({ policy, doubts: doubtsAbout(cluster, policy, direction, from, to) }));
}

/** Why a policy's say about one direction of a connection is not known in full. */
function doubtsAbout(
  cluster: Cluster,
  policy: AppliedPolicy,
  direction: Direction,
  from: Endpoint,
  to: Endpoint,
): readonly Doubt[] {
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  if (own.kind !== 'pods') return [];
  const { uncertain, rules } = policy.placed.value;
  const ofRules = rules
    .filter((rule) => rule.direction === direction)
    .flatMap((rule): readonly Doubt[] => {
      const text: readonly Doubt[] = rule.uncertain ? [{ kind: 'text' }] : [];
      const about = rule.own === undefined ? [] : peerDoubts(cluster, policy, rule.own, own);
      if (!leans(rule, 'most') || peersTake(cluster, { policy, rule }, other) !== 'unknown') return [...text, ...about];
      return [...text, ...about, ...rule.peers.flatMap((peer) => peerDoubts(cluster, policy, peer, other))];
    });
  const place = placeDecides(cluster, policy, direction, own, other) ? placeDoubts(cluster, other) : [];
  return [...(uncertain ? [{ kind: 'text' } as const] : []), ...subjectDoubts(policy, own.pods), ...ofRules, ...place];
}

/** Why it is not known in which of several places an end is; none where it is. */
export function placeDoubts(cluster: Cluster, end: Endpoint): readonly Doubt[] {
  if (end.kind !== 'addresses') return [];
  return identified(cluster, end).flatMap((part): readonly Doubt[] => {
    const { places } = identityOf(part);
    if (places.length === 1) return [];
    return [{ kind: 'place', addresses: part.addresses, isNode: !places.includes('world') }];
  });
}

/** Why it is not known whether a policy selects some pods; none where it is. */
export function subjectDoubts(policy: AppliedPolicy, pods: Pods): readonly Doubt[] {
  if (selectsPods(policy, pods) !== 'unknown') return [];
  const { subject } = policy.placed.value;
  return [
    ...(subject.uncertain ? [{ kind: 'text' } as const] : []),
    ...chosenDoubts(policy, subject.namespaces, subject.pods, pods),
  ];
}

/** Why it is not known whether a peer takes an end in; none where it is. */
export function peerDoubts(cluster: Cluster, policy: AppliedPolicy, peer: Peer, end: Endpoint): readonly Doubt[] {
  if (peerTakes(cluster, policy, peer, end) !== 'unknown') return [];
  const own = doubtsOfPeer(cluster, policy, peer, end);
  return peer.uncertain ? [{ kind: 'text' }, ...own] : own;
}

function doubtsOfPeer(cluster: Cluster, policy: AppliedPolicy, peer: Peer, end: Endpoint): readonly Doubt[] {
  switch (peer.kind) {
    case 'anything':
      return [];
    case 'all of':
      return [...peer.peers, ...peer.except].flatMap((each) => peerDoubts(cluster, policy, each, end));
    case 'domains':
      return [{ kind: 'names' }];
    case 'entity':
      return peer.entity !== 'kube-apiserver' && end.kind === 'pods'
        ? [{ kind: 'node', pods: end.pods }]
        : [{ kind: 'entity', entity: peer.entity }];
    case 'nodes':
      if (end.kind === 'some pods') return [];
      return [
        end.kind === 'pods' ? { kind: 'node', pods: end.pods } : { kind: 'node labels', addresses: end.addresses },
      ];
    case 'address set':
      return [{ kind: 'address set', peer }];
    case 'addresses':
      return [end.kind === 'pods' ? { kind: 'addresses', pods: end.pods } : { kind: 'part' }];
    case 'service': {
      const found = servicesMeant(cluster, policy, peer);
      if (found.length === 0) return [{ kind: 'service', peer, is: 'absent' }];
      if (found.some(({ value }) => value.selector === undefined))
        return [{ kind: 'service', peer, is: 'without selector' }];
      return end.kind === 'pods' ? [{ kind: 'labels', of: 'pods', pods: end.pods }] : [];
    }
    case 'pods':
      return end.kind === 'pods' ? chosenDoubts(policy, peer.namespaces, peer.pods, end.pods) : [];
  }
}

function chosenDoubts(
  policy: AppliedPolicy,
  namespaces: NamespaceMatch,
  selector: Selector,
  pods: Pods,
): readonly Doubt[] {
  const keys = [...keysOf(selector)];
  const asks = {
    pods: keys.some((key) => !key.includes(':')),
    namespace: keys.some((key) => namespaceLabelOf(key) !== undefined),
    account: keys.some(isServiceAccountLabel),
  };
  const chosen = holdsFor(selector, pods) === 'unknown';
  const place = inNamespaces(namespaces, policy.namespace, pods.namespace) === 'unknown';
  const open = {
    pods: chosen && asks.pods && pods.openLabels,
    namespace: place || (chosen && asks.namespace && pods.namespace.open),
    account: chosen && asks.account && (pods.accountLabels?.open ?? true),
  };
  return (['namespace', 'pods', 'account'] as const)
    .filter((of) => open[of])
    .map((of) => ({ kind: 'labels', of, pods }));
}

/** What the manifests lack for what some policies ask: services, labels of service accounts, addresses behind names. */
export function lackingFor(cluster: Cluster, policy: AppliedPolicy): readonly Doubt[] {
  const { subject, rules } = policy.placed.value;
  const asksAccount = (selector: Selector) => [...keysOf(selector)].some(isServiceAccountLabel);
  const within = (peer: Peer): readonly Doubt[] => {
    if (peer.kind === 'all of') return [...peer.peers, ...peer.except].flatMap(within);
    if (peer.kind === 'pods' && asksAccount(peer.pods))
      return cluster.pods.flatMap((pods) => peerDoubts(cluster, policy, peer, podsEnd(pods)));
    if (peer.kind === 'domains') return [{ kind: 'names' }];
    if (peer.kind !== 'service' || servicesMeant(cluster, policy, peer).length > 0) return [];
    return isKnownService(cluster, policy, peer) ? [] : [{ kind: 'service', peer, is: 'absent' }];
  };
  const ofSubject = asksAccount(subject.pods) ? cluster.pods.flatMap((pods) => subjectDoubts(policy, pods)) : [];
  const ofPeers = rules.flatMap(({ peers, own }) => [...peers, ...(own === undefined ? [] : [own])].flatMap(within));
  return [...ofSubject, ...ofPeers].filter(({ kind }) => kind !== 'text');
}

/** As a sentence without its full stop, each doubt once. */
export function doubtWords(doubts: readonly Doubt[]): string {
  const known: readonly Doubt[] = doubts.length === 0 ? [{ kind: 'text' }] : doubts;
  const words = [...new Set(known.map(wordsOf))];
  const shown = words.slice(0, 3);
  return [...shown, ...(words.length > shown.length ? [`and ${words.length - shown.length} more`] : [])].join('; ');
}

function wordsOf(doubt: Doubt): string {
  switch (doubt.kind) {
    case 'text':
      return 'part of it is written by a template, cannot be read or is looked up elsewhere';
    case 'labels':
      return labelWords(doubt);
    case 'names':
      return 'the addresses behind domain names are learnt from DNS, and no manifest tells them';
    case 'entity':
      return doubt.entity === 'kube-apiserver'
        ? 'which nodes and addresses are the API server’s is not known'
        : `what the entity ${doubt.entity} stands for is not known in full`;
    case 'node':
      return `on which node ${podsName(doubt.pods)} runs, or what its labels are, is not known`;
    case 'node labels':
      return `which labels the node ${wordsOfAddresses(doubt)} has is not known`;
    case 'place':
      return doubt.isNode
        ? `whether ${wordsOfAddresses(doubt)} is the pods’ own node or another is not known`
        : `whether ${wordsOfAddresses(doubt)} is a node's address is not known (\`cluster.nodeCIDRs\` in .netpol.yaml tells the nodes)`;
    case 'nodes':
      return 'what runs on the nodes themselves is in no manifest';
    case 'addresses':
      return `which addresses ${podsName(doubt.pods)} has is not known`;
    case 'part':
      return 'only a part of these addresses is in its block';
    case 'service':
      return doubt.is === 'absent'
        ? `${serviceName(doubt.peer)} is not among these manifests, so what is behind it is not known`
        : `${serviceName(doubt.peer)} has no selector that is known, so what is behind it is not known`;
    case 'address set': {
      const { name } = doubt.peer;
      return name === undefined
        ? 'which addresses its CiliumCIDRGroups hold is not known in full'
        : `CiliumCIDRGroup ${name} is not among these manifests, or cannot be read in full`;
    }
  }
}

function wordsOfAddresses({ addresses }: { readonly addresses: AddressSet }): string {
  return endWords({ kind: 'addresses', addresses });
}

function labelWords({ of, pods }: Extract<Doubt, { readonly kind: 'labels' }>): string {
  if (of === 'pods') return `not all labels of ${podsName(pods)} are known`;
  if (of === 'namespace') return `not all labels of namespace ${pods.namespace.name} are known`;
  if (pods.serviceAccount === undefined) return `the service account of ${podsName(pods)} is not known`;
  const name = `ServiceAccount ${pods.namespace.name}/${pods.serviceAccount}`;
  return pods.accountLabels === undefined
    ? `${name} is not among these manifests, so its labels are not known`
    : `not all labels of ${name} are known`;
}

function serviceName({ name, namespace }: ServicePeer): string {
  if (name === undefined)
    return `a Service that its selector chooses${namespace === undefined ? '' : ` in ${namespace}`}`;
  return `Service ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
