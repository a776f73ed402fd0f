import type { AddressSet } from '../model/addresses.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { Direction } from '../model/policy.js';
import type { PortSet } from '../model/ports.js';
import { equalsRequired, everything, isEverything, type Selector } from '../model/selector.js';
import { addressCells } from './address-cells.js';
import type { AppliedPolicy, Cluster, Pods } from './cluster.js';
import type { Stage } from './layers.js';
import { namespaceSelector, peerTakes } from './peer-takes.js';
import type { Endpoint } from './stages.js';
import type { Judge } from './verdict.js';

/** Pods that are described and not known: any pods that satisfy both selectors. */
export type SomePods = Extract<Endpoint, { kind: 'some pods' }>;

/** Whom some pods could be reached by, or could reach, beyond the pods of the manifests. */
export interface Exposure {
  readonly pods: Pods;
  readonly direction: Direction;
  /** No policy judges them in this direction. */
  readonly unprotected: boolean;
  /** What every pod of the cluster may use, whatever its labels. */
  readonly entireCluster: PortSet;
  /**
   * Pods that some rule describes, where they may use other ports than every pod may: more, or fewer. A port's name stays
   * a name where the destination is such pods.
   */
  readonly some: readonly { readonly peer: SomePods; readonly ports: PortSet }[];
  /** Each part of the space outside of the cluster that may be used. */
  readonly outside: readonly { readonly addresses: AddressSet; readonly ports: PortSet }[];
}

/** Any pod of any namespace. */
export const entireCluster: SomePods = { kind: 'some pods', namespaces: everything, pods: everything };

/** The exposure of some pods in both directions. What a rule takes in only in part counts as not taken in. */
export function exposureOf(judge: Judge, pods: Pods): readonly [ingress: Exposure, egress: Exposure] {
  return [inDirection(judge, pods, 'ingress'), inDirection(judge, pods, 'egress')];
}

function inDirection(judge: Judge, pods: Pods, direction: Direction): Exposure {
  const { cluster, table } = judge;
  const own: Endpoint = { kind: 'pods', pods };
  const with_ = (other: Endpoint) =>
    direction === 'ingress' ? judge.side('ingress', other, own) : judge.side('egress', own, other);
  const every = with_(entireCluster);
  const stages = judge.stages(pods, direction);
  return {
    pods,
    direction,
    unprotected: !stages.some((stage) => stage.rules.length > 0 || stage.isolatedBy.length > 0),
    entireCluster: table.setOf(every),
    some: describedPods(cluster, stages).flatMap((peer) => {
      const ports = with_(peer);
      return ports === every ? [] : [{ peer, ports: table.setOf(ports) }];
    }),
    outside: addressCells([cluster], direction).flatMap((addresses) => {
      const ports = with_({ kind: 'addresses', addresses });
      return ports === table.none ? [] : [{ addresses, ports: table.setOf(ports) }];
    }),
  };
}

/**
 * The pods that the rules describe, each description once: but for those that describe pods of the manifests by their
 * labels, who are shown themselves, and those that describe every pod.
 */
function describedPods(cluster: Cluster, stages: readonly Stage[]): readonly SomePods[] {
  const found = new Map<string, SomePods>();
  for (const { rules } of stages) {
    for (const { policy, rule } of rules) {
      for (const peer of rule.peers) {
        if (peer.kind !== 'pods' || peer.uncertain) continue;
        const namespaces = namespaceSelector(peer.namespaces, policy.namespace);
        const described: SomePods = { kind: 'some pods', namespaces, pods: peer.pods };
        const known = namesLabels(peer.pods) && describesKnown(cluster, policy, peer);
        const every = isEverything(namespaces) && isEverything(peer.pods);
        if (!known && !every) found.set(somePodsName(described), described);
      }
    }
  }
  return [...found.values()];
}

/** Nothing but labels with their values: pods that match are like those that are known. */
function namesLabels(selector: Selector): boolean {
  if (selector.op === 'And') return selector.terms.every(namesLabels);
  return selector.op === 'In' && selector.values.length === 1;
}

function describesKnown(cluster: Cluster, policy: AppliedPolicy, peer: Parameters<typeof peerTakes>[2]): boolean {
  return cluster.pods.some((pods) => peerTakes(cluster, policy, peer, { kind: 'pods', pods }) === 'yes');
}

/**
 * Described pods as users of np-guard's analyzer know them: `ns/[pod with {app=web}]`,
 * `[namespace with {env=prod}]/[all pods]`, `[all namespaces]/[pod with {app}]`. Expressions are written as kubectl does:
 * `key in (a,b)`, `key notin (a)`, `key`, `!key`.
 */
export function somePodsName({ namespaces, pods }: SomePods): string {
  const podPart = isEverything(pods) ? '[all pods]' : `[pod with {${labelText(pods)}}]`;
  if (isEverything(namespaces)) return isEverything(pods) ? 'entire-cluster' : `[all namespaces]/${podPart}`;
  const name = onlyName(namespaces);
  return `${name ?? `[namespace with {${labelText(namespaces)}}]`}/${podPart}`;
}

function onlyName(selector: Selector): string | undefined {
  const required = equalsRequired(selector);
  const alone = selector.op === 'In' || (selector.op === 'And' && selector.terms.length === 1);
  return alone ? required.get(namespaceNameKey) : undefined;
}

/** A selector in kubectl's words. */
function labelText(selector: Selector): string {
  switch (selector.op) {
    case 'All':
      return '';
    case 'In':
      return selector.values.length === 1
        ? `${selector.key}=${selector.values[0]}`
        : `${selector.key} in (${selector.values.toSorted().join(',')})`;
    case 'NotIn':
      return `${selector.key} notin (${selector.values.toSorted().join(',')})`;
    case 'Exists':
      return selector.key;
    case 'DoesNotExist':
      return `!${selector.key}`;
    case 'And':
      return selector.terms.map(labelText).sort().join(',');
    case 'Or':
      return selector.terms.map((term) => `(${labelText(term)})`).join(' or ');
    case 'Not':
      return `not (${labelText(selector.term)})`;
    default:
      return `${selector.key} ${selector.op.toLowerCase()} "${selector.value}"`;
  }
}
