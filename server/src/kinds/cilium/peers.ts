import { addressesOf, type Cidr, parseCidr } from '../../model/addresses.js';
import type { Entity, Peer } from '../../model/peer.js';
import type { Direction } from '../../model/policy.js';
import {
  entryOf,
  isNull,
  keySpan,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlItem,
  type YamlNode,
} from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import { hasStrayKey, readLabelSelector } from '../kubernetes/label-selector.js';
import { dash } from '../structure.js';
import {
  type EndpointSelector,
  namespacesOf,
  podsOf,
  readEndpointSelector,
  readNodeSelector,
  splitKey,
} from './labels.js';

/** The keys of an entry that say who is at the other end. Source: FACTS A4.1. */
export const peerKeys: Readonly<Record<Direction, readonly string[]>> = {
  ingress: ['fromEndpoints', 'fromCIDR', 'fromCIDRSet', 'fromEntities', 'fromNodes', 'fromGroups'],
  egress: ['toEndpoints', 'toCIDR', 'toCIDRSet', 'toEntities', 'toServices', 'toFQDNs', 'toGroups', 'toNodes'],
};

export const entities: readonly Entity[] = [
  'all',
  'world',
  'cluster',
  'host',
  'init',
  'ingress',
  'unmanaged',
  'remote-node',
  'health',
  'none',
  'kube-apiserver',
  'cluster-mesh',
];

/**
 * The peers of one entry. None where a list is written and empty: it chooses nobody. Undefined where nothing is written.
 * Source: FACTS B5, shape of an entry.
 */
export function readPeers(entry: YamlNode, direction: Direction, clusterWide: boolean): PeersRead | undefined {
  const found = peerKeys[direction].flatMap((key) => {
    const each = entryOf(entry, key);
    return each === undefined || isNull(each.value) ? [] : [{ key, node: each.value, at: keySpan(each) }];
  });
  const required = valueAt(entry, direction === 'ingress' ? 'fromRequires' : 'toRequires');
  if (found.length === 0 && isNull(required)) return undefined;
  const peers: Peer[] = [];
  let uncertain = !isNull(required);
  for (const { key, node, at } of found) {
    if (node.kind !== 'sequence') {
      peers.push(unknown(at));
      continue;
    }
    if (node.incomplete) peers.push(unknown(at));
    // Of these, FACTS does not say what an empty list means.
    uncertain ||= node.items.length === 0 && ['toServices', 'toFQDNs', 'toGroups', 'fromGroups'].includes(key);
    for (const item of node.items) peers.push(readPeer(item, key, clusterWide));
  }
  return { peers, uncertain: uncertain || peers.some((peer) => peer.uncertain) };
}

export interface PeersRead {
  readonly peers: readonly Peer[];
  readonly uncertain: boolean;
}

function unknown(at: Span): Peer {
  return { kind: 'anything', uncertain: true, at };
}

function readPeer(item: YamlItem, key: string, clusterWide: boolean): Peer {
  const { value } = item;
  const at = value.kind === 'scalar' ? spanOf(value) : dash(item);
  if (value.kind === 'map' && value.incomplete) return unknown(at);
  switch (key) {
    case 'fromEndpoints':
    case 'toEndpoints':
      return value.kind === 'map' ? readEndpoints(value, at, clusterWide) : unknown(at);
    case 'fromNodes':
    case 'toNodes': {
      if (value.kind !== 'map') return unknown(at);
      const { selector: nodes, source, uncertain } = readNodeSelector(value, at);
      return { kind: 'nodes', nodes, othersOnly: true, source, uncertain, at };
    }
    case 'fromEntities':
    case 'toEntities': {
      const entity = entityNamed(stringOf(value));
      return entity === undefined ? unknown(at) : { kind: 'entity', entity, uncertain: false, at };
    }
    case 'fromCIDR':
    case 'toCIDR':
      return readAddresses(parseCidr(stringOf(value) ?? ''), undefined, at);
    case 'fromCIDRSet':
    case 'toCIDRSet':
      return readCidrSet(value, at);
    case 'toServices':
      return readService(value, clusterWide, at);
    case 'toFQDNs': {
      const pattern = stringOf(valueAt(value, 'matchName') ?? valueAt(value, 'matchPattern'));
      return pattern === undefined ? unknown(at) : { kind: 'domains', patterns: [pattern], uncertain: false, at };
    }
    default:
      // Groups are looked up at the cloud's provider.
      return unknown(at);
  }
}

function entityNamed(text: string | undefined): Entity | undefined {
  return entities.find((entity) => entity === text);
}

function readEndpoints(node: YamlNode, at: Span, clusterWide: boolean): Peer {
  const selector = readEndpointSelector(node, at);
  if (selector.reserved.length > 0) return readReserved(selector);
  const pods = podsOf(selector);
  const namespaces = namespacesOf(selector);
  return {
    kind: 'pods',
    // Without a word about namespaces: the policy's own; of a cluster-wide policy, all pods that Cilium manages.
    namespaces:
      namespaces === undefined && !clusterWide
        ? { own: true }
        : { own: false, selector: namespaces?.selector ?? { op: 'All' } },
    pods: pods.selector,
    podSource: pods.source,
    namespaceSource: namespaces?.source,
    uncertain: selector.uncertain,
    at,
  };
}

/** `reserved:host` and its like are identities of their own, with no pod's labels. */
function readReserved({ reserved, pods, namespaces, uncertain, at }: EndpointSelector): Peer {
  const [one, ...others] = reserved.filter(({ selector: { op } }) => op === 'In' || op === 'Exists');
  // The world has two parts, by address family.
  const part = one?.key === 'world-ipv4' || one?.key === 'world-ipv6';
  const entity = part ? 'world' : entityNamed(one?.key);
  // All endpoints but such ones: those of every namespace and of none.
  if (one === undefined) return { kind: 'entity', entity: 'all', uncertain: true, at };
  const alone = others.length + pods.length + namespaces.length === 0;
  const plain = one.values.every(({ value }) => value === '');
  const known = entity !== undefined && entity !== 'all' && entity !== 'cluster' && entity !== 'none';
  return {
    kind: 'entity',
    entity: known ? entity : 'none',
    uncertain: uncertain || !alone || !plain || !known || part,
    at,
  };
}

function readAddresses(cidr: Cidr | undefined, exceptNode: YamlNode | undefined, at: Span): Peer {
  if (cidr === undefined) return unknown(at);
  const { except, uncertain } = readExcept(exceptNode);
  return { kind: 'addresses', addresses: addressesOf(cidr, except), cidr, except, uncertain, at };
}

function readExcept(node: YamlNode | undefined) {
  const read = itemsOf(node).map((item) => parseCidr(stringOf(item) ?? ''));
  const except = read.filter((cidr) => cidr !== undefined);
  const partial = node?.kind === 'sequence' ? node.incomplete : !isNull(node);
  return { except, uncertain: partial || except.length < read.length };
}

function readCidrSet(node: YamlNode, at: Span): Peer {
  if (node.kind !== 'map' || hasStrayKey(node, ['cidr', 'cidrGroupRef', 'cidrGroupSelector', 'except']))
    return unknown(at);
  const exceptNode = valueAt(node, 'except');
  const cidr = valueAt(node, 'cidr');
  if (!isNull(cidr)) return readAddresses(parseCidr(stringOf(cidr) ?? ''), exceptNode, at);
  const { except, uncertain } = readExcept(exceptNode);
  const name = stringOf(valueAt(node, 'cidrGroupRef'));
  const group = entryOf(node, 'cidrGroupSelector');
  const set = { kind: 'address set', except, at } as const;
  if (name !== undefined) return { ...set, name, selector: undefined, uncertain };
  if (group?.value.kind !== 'map') return unknown(at);
  // Of the group's own labels: the source before a key is `cidrgroup`, or any.
  const read = readNodeSelector(group.value, keySpan(group));
  return { ...set, name: undefined, selector: read.selector, uncertain: uncertain || read.uncertain };
}

/** The selector counts before the name; without a namespace, services of every namespace (serviceSelectorMatches). */
function readService(node: YamlNode, clusterWide: boolean, at: Span): Peer {
  const bySelector = entryOf(node, 'k8sServiceSelector');
  const chosen = bySelector === undefined || isNull(bySelector.value) ? entryOf(node, 'k8sService') : bySelector;
  const selectorEntry = entryOf(chosen?.value, 'selector');
  const name = chosen === bySelector ? undefined : stringOf(valueAt(chosen?.value, 'serviceName'));
  const namespaceNode = valueAt(chosen?.value, 'namespace');
  const namespace = stringOf(namespaceNode);
  if (chosen?.value.kind !== 'map' || (name === undefined && selectorEntry?.value.kind !== 'map')) return unknown(at);
  const read = selectorEntry === undefined ? undefined : readLabelSelector(selectorEntry.value, keySpan(selectorEntry));
  const anyNamespace = isNull(namespaceNode) || namespace === '';
  return {
    kind: 'service',
    name,
    selector: name === undefined ? read?.selector : undefined,
    namespace: anyNamespace ? undefined : namespace,
    ...(anyNamespace && !clusterWide ? { anyNamespace } : {}),
    portsCount: false,
    uncertain:
      chosen.value.incomplete ||
      (name === undefined && (read?.uncertain ?? false)) ||
      (!anyNamespace && namespace === undefined) ||
      (read?.source.requirements.some(({ key }) => splitKey(key).source !== undefined) ?? false),
    at,
  };
}
