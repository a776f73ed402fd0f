import { toCidrs } from '../model/addresses.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { Action, Direction } from '../model/policy.js';
import { type DeclaredPort, isAll, type PortSet } from '../model/ports.js';
import type { Labels } from '../model/selector.js';
import type { YamlData } from '../text/edits.js';
import type { AppliedPolicy, Cluster, ClusterNamespace, Pods } from './cluster.js';
import { isOutside } from './identities.js';
import { identifyingLabels } from './pod-labels.js';
import type { Endpoint } from './stages.js';

/**
 * Rules as data to be written, in the words of each kind of policy. Every function gives undefined for what the kind
 * cannot say, and never something wider instead. Source: FACTS A1, A2.1, A2.3.
 */

/** More ranges than this are no rule that a person would want to read. */
export const maxBlocks = 8;

/** The labels by which policies are to choose these pods; undefined where they have none. */
export function labelsFor(cluster: Cluster, pods: Pods): Labels | undefined {
  const among = cluster.pods.filter(({ namespace }) => namespace === pods.namespace);
  return identifyingLabels(
    pods.labels,
    among.map(({ labels }) => labels),
  );
}

/** The items of a peer list that stand for this end, as a policy of that kind and namespace writes them. */
export function peersData(
  cluster: Cluster,
  { placed: { value }, namespace }: Pick<AppliedPolicy, 'placed' | 'namespace'>,
  direction: Direction,
  end: Endpoint,
): readonly YamlData[] | undefined {
  const clusterWide = value.family === 'cluster';
  if (end.kind === 'addresses') {
    if (!isOutside(cluster, end)) return undefined;
    const blocks = toCidrs(end.addresses);
    if (blocks.length === 0 || blocks.length > maxBlocks || (clusterWide && direction === 'ingress')) return undefined;
    return clusterWide ? [{ networks: blocks }] : blocks.map((cidr) => ({ ipBlock: { cidr } }));
  }
  // Host-network pods look like their node, which no selector of pods matches (FACTS B1).
  if (end.kind !== 'pods' || end.pods.hostNetwork) return undefined;
  const labels = labelsFor(cluster, end.pods);
  if (labels === undefined) return undefined;
  if (clusterWide) return [{ pods: podsData(end.pods.namespace, labels) }];
  return [namespace === end.pods.namespace ? { podSelector: matching(labels) } : podsData(end.pods.namespace, labels)];
}

/** Both selectors in one item: the namespace AND the pods in it. */
export function podsData(namespace: ClusterNamespace, labels: Labels): YamlData {
  return { namespaceSelector: { matchLabels: { [namespaceNameKey]: namespace.name } }, podSelector: matching(labels) };
}

export function matching(labels: Labels): YamlData {
  return { matchLabels: Object.fromEntries(labels) };
}

/**
 * The items of a port list; none for every port. With `declared`, a port that the destination gives a name is written by
 * that name, where the name means no other port.
 */
export function portsData(
  kind: string,
  ports: PortSet,
  declared: readonly DeclaredPort[] = [],
): readonly YamlData[] | undefined {
  if (isAll(ports)) return [];
  const items: YamlData[] = [];
  for (const [protocol, ranges] of ports.byProtocol) {
    if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') return undefined;
    for (const { first, last } of ranges) items.push(portData(kind, protocol, first, last, declared));
  }
  return items.length === 0 ? undefined : items;
}

function portData(
  kind: string,
  protocol: string,
  first: number,
  last: number,
  declared: readonly DeclaredPort[],
): YamlData {
  if (kind === 'ClusterNetworkPolicy') {
    const port = first === last ? { number: first } : { range: { start: first, end: last } };
    return { [protocol.toLowerCase()]: { destinationPort: port } };
  }
  if (kind !== 'NetworkPolicy') {
    if (first === last) return { portNumber: { protocol, port: first } };
    return { portRange: { protocol, start: first, end: last } };
  }
  if (first === 1 && last === 65535) return { protocol };
  const own = declared.filter((each) => each.protocol === protocol);
  const name = own.find(({ port }) => port === first)?.name;
  const named = name !== undefined && first === last && own.every((each) => each.name !== name || each.port === first);
  return { protocol, port: named ? name : first, ...(first === last ? {} : { endPort: last }) };
}

/** A rule of that kind of policy. */
export function ruleData(
  kind: string,
  action: Action,
  direction: Direction,
  peers: readonly YamlData[],
  ports: readonly YamlData[],
): YamlData {
  const ownWord = action === 'Allow' && kind === 'ClusterNetworkPolicy' ? 'Accept' : action;
  return {
    ...(kind === 'NetworkPolicy' ? {} : { action: ownWord }),
    [direction === 'ingress' ? 'from' : 'to']: peers,
    ...(ports.length === 0 ? {} : { [kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports']: ports }),
  };
}
