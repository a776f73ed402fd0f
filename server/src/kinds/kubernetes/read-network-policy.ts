import { addressesOf, type Cidr, parseCidr } from '../../model/addresses.js';
import type { Peer } from '../../model/peer.js';
import type { Direction, Policy, PortClause, Rule } from '../../model/policy.js';
import { allOf, allPorts, namedPort, noPorts, ports, union } from '../../model/ports.js';
import { everything } from '../../model/selector.js';
import {
  entryOf,
  isNull,
  keySpan,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlItem,
  type YamlMap,
  type YamlNode,
} from '../../text/tree.js';
import { dash } from '../structure.js';
import { hasStrayKey, readLabelSelector } from './label-selector.js';

/**
 * A NetworkPolicy in the model's terms, with the API's defaults filled in. What cannot be read makes the part it stands
 * in uncertain, never the whole object.
 * Source: networking/v1 types.go and defaults.go (SetDefaults_NetworkPolicy, SetDefaults_NetworkPolicyPort).
 */
export function readNetworkPolicy(object: YamlMap): Policy | undefined {
  const metadata = valueAt(object, 'metadata');
  const nameNode = valueAt(metadata, 'name') ?? valueAt(metadata, 'generateName');
  // An item of a typed list need not say its kind.
  const kindNode = valueAt(object, 'kind') ?? nameNode ?? object;
  const specEntry = entryOf(object, 'spec');
  const spec = specEntry?.value;
  const subjectEntry = entryOf(spec, 'podSelector');
  const subject =
    subjectEntry === undefined || isNull(subjectEntry.value)
      ? undefined
      : readLabelSelector(subjectEntry.value, keySpan(subjectEntry));
  const ingress = readRules(spec, 'ingress');
  const egress = readRules(spec, 'egress');
  const types = readPolicyTypes(spec, egress.count > 0);
  const namespace = valueAt(metadata, 'namespace');
  return {
    family: 'kubernetes',
    kind: 'NetworkPolicy',
    name: stringOf(nameNode) ?? '',
    namespace: stringOf(namespace),
    clusterWide: false,
    subject: {
      namespaces: { own: true },
      pods: subject?.selector ?? everything,
      source: subject?.source,
      uncertain: subject?.uncertain ?? false,
    },
    order: { tier: 'namespaced', priority: 0 },
    isolates: types.isolates,
    isolatesByDefault: types.byDefault,
    isolatesAt: types.at,
    rules: [...ingress.rules, ...egress.rules],
    uncertain:
      (subject?.uncertain ?? false) ||
      ingress.uncertain ||
      egress.uncertain ||
      types.uncertain ||
      (object.incomplete ?? false) ||
      (spec?.kind === 'map' && (spec.incomplete || hasStrayKey(spec, specKeys))) ||
      (spec?.kind === 'scalar' && spec.opaque) ||
      (namespace?.kind === 'scalar' && namespace.opaque),
    at: spanOf(nameNode ?? kindNode),
    kindAt: spanOf(kindNode),
  };
}

const specKeys = ['podSelector', 'policyTypes', 'ingress', 'egress'];

function readPolicyTypes(spec: YamlNode | undefined, hasEgress: boolean) {
  const entry = entryOf(spec, 'policyTypes');
  const items = entry?.value.kind === 'sequence' ? entry.value.items : [];
  const uncertain =
    entry !== undefined &&
    ((entry.value.kind === 'sequence' && entry.value.incomplete) ||
      (entry.value.kind === 'scalar' && !isNull(entry.value)) ||
      items.some((item) => item.value.kind === 'scalar' && item.value.opaque));
  const isolates = new Set<Direction>();
  if (items.length === 0) {
    isolates.add('ingress');
    if (hasEgress) isolates.add('egress');
  }
  for (const item of items) {
    const text = stringOf(item.value);
    if (text === 'Ingress') isolates.add('ingress');
    if (text === 'Egress') isolates.add('egress');
  }
  return {
    isolates: [...isolates],
    byDefault: items.length === 0,
    at: entry === undefined ? undefined : keySpan(entry),
    uncertain,
  };
}

function readRules(spec: YamlNode | undefined, direction: Direction) {
  const node = valueAt(spec, direction);
  if (node?.kind !== 'sequence') return { rules: [], count: 0, uncertain: node !== undefined && !isNull(node) };
  const rules = node.items.map((item, index) => readRule(item, direction, index));
  return { rules, count: rules.length, uncertain: node.incomplete };
}

function readRule(item: YamlItem, direction: Direction, index: number): Rule {
  const at = dash(item);
  const body: Span = { document: item.value.document, range: item.range };
  const peersEntry = entryOf(item.value, direction === 'ingress' ? 'from' : 'to');
  const portsEntry = entryOf(item.value, 'ports');
  const peers = readPeers(peersEntry?.value, at);
  const clauses = readClauses(portsEntry?.value);
  const unreadable =
    item.value.kind === 'map'
      ? item.value.incomplete || hasStrayKey(item.value, [direction === 'ingress' ? 'from' : 'to', 'ports'])
      : !isNull(item.value);
  return {
    action: 'Allow',
    direction,
    index,
    peers: peers.peers,
    ports: clauses.any ? clauses.clauses.reduce((all, clause) => union(all, clause.ports), noPorts) : allPorts,
    clauses: clauses.clauses,
    uncertain: unreadable || peers.uncertain || clauses.uncertain,
    at,
    body,
  };
}

function readPeers(node: YamlNode | undefined, at: Span): { peers: readonly Peer[]; uncertain: boolean } {
  const anything: Peer = { kind: 'anything', uncertain: false, at };
  if (node === undefined || isNull(node)) return { peers: [anything], uncertain: false };
  if (node.kind !== 'sequence') return { peers: [{ ...anything, uncertain: true }], uncertain: true };
  if (node.items.length === 0) {
    return { peers: [{ ...anything, uncertain: node.incomplete }], uncertain: node.incomplete };
  }
  const peers = node.items.map(readPeer);
  return { peers, uncertain: node.incomplete || peers.some((peer) => peer.uncertain) };
}

function readPeer(item: YamlItem): Peer {
  const at = dash(item);
  const block = entryOf(item.value, 'ipBlock');
  if (block !== undefined && !isNull(block.value)) return readBlock(block.value, at);
  const podEntry = entryOf(item.value, 'podSelector');
  const namespaceEntry = entryOf(item.value, 'namespaceSelector');
  const pods =
    podEntry === undefined || isNull(podEntry.value) ? undefined : readLabelSelector(podEntry.value, keySpan(podEntry));
  const namespaces =
    namespaceEntry === undefined || isNull(namespaceEntry.value)
      ? undefined
      : readLabelSelector(namespaceEntry.value, keySpan(namespaceEntry));
  const empty = pods === undefined && namespaces === undefined;
  return {
    kind: 'pods',
    namespaces: namespaces === undefined ? { own: true } : { own: false, selector: namespaces.selector },
    pods: pods?.selector ?? everything,
    podSource: pods?.source,
    namespaceSource: namespaces?.source,
    uncertain:
      empty ||
      (pods?.uncertain ?? false) ||
      (namespaces?.uncertain ?? false) ||
      item.value.kind !== 'map' ||
      item.value.incomplete,
    at,
  };
}

function readBlock(node: YamlNode, at: Span): Peer {
  const cidr = parseCidr(stringOf(valueAt(node, 'cidr')) ?? '');
  const list = valueAt(node, 'except');
  if (cidr === undefined) return { kind: 'anything', uncertain: true, at };
  const except: Cidr[] = [];
  let uncertain = node.kind === 'map' && node.incomplete;
  if (list?.kind === 'sequence') {
    uncertain ||= list.incomplete;
    for (const item of list.items) {
      const parsed = parseCidr(stringOf(item.value) ?? '');
      if (parsed === undefined) uncertain = true;
      else except.push(parsed);
    }
  } else if (list !== undefined && !isNull(list)) uncertain = true;
  return { kind: 'addresses', addresses: addressesOf(cidr, except), cidr, except, uncertain, at };
}

function readClauses(node: YamlNode | undefined) {
  if (node === undefined || isNull(node)) return { clauses: [], any: false, uncertain: false };
  if (node.kind !== 'sequence') return { clauses: [], any: false, uncertain: true };
  const clauses = node.items.map(readClause);
  return {
    clauses: clauses.filter((clause) => clause !== undefined),
    any: clauses.length > 0,
    uncertain: node.incomplete || clauses.includes(undefined),
  };
}

function readClause(item: YamlItem): PortClause | undefined {
  const node = item.value;
  if (node.kind !== 'map' && !isNull(node)) return undefined;
  if (node.kind === 'map' && node.incomplete) return undefined;
  const protocolNode = valueAt(node, 'protocol');
  const protocol = isNull(protocolNode) ? 'TCP' : stringOf(protocolNode);
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') return undefined;
  const portNode = valueAt(node, 'port');
  const endNode = valueAt(node, 'endPort');
  const base = {
    protocol,
    at: dash(item),
    ...(portNode === undefined ? {} : { portAt: spanOf(portNode) }),
    ...(protocolNode === undefined ? {} : { protocolAt: spanOf(protocolNode) }),
    ...(endNode === undefined ? {} : { endPortAt: spanOf(endNode) }),
  };
  if (portNode === undefined || isNull(portNode)) return { ...base, ports: allOf(protocol) };
  if (portNode.kind !== 'scalar' || portNode.opaque) return undefined;
  const port = portNode.value;
  if (typeof port === 'string') return { ...base, name: port, ports: namedPort(protocol, port) };
  if (typeof port !== 'number' || !isPort(port)) return undefined;
  if (endNode === undefined || isNull(endNode))
    return { ...base, from: port, to: port, ports: ports(protocol, port, port) };
  const end = endNode.kind === 'scalar' && !endNode.opaque ? endNode.value : undefined;
  if (typeof end !== 'number' || !isPort(end) || end < port) return undefined;
  return { ...base, from: port, to: end, ports: ports(protocol, port, end) };
}

export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65535;
}
