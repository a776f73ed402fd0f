import { addressesOf, addressesOfAll, allIPv4, allIPv6, type Cidr, parseCidr, union } from '../../model/addresses.js';
import type { AddressPeer, Peer, PodPeer } from '../../model/peer.js';
import { serviceAccountName } from '../../model/pod-facts.js';
import { both, everything, type Selector } from '../../model/selector.js';
import {
  entryOf,
  isNull,
  keySpan,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlNode,
} from '../../text/tree.js';
import { hasStrayKey } from '../kubernetes/label-selector.js';
import { dash } from '../structure.js';
import { placedPods, readSelector } from './selector.js';

/** What the place of an entity says of its meaning. */
export interface EntityContext {
  /** The policy has a namespace, which selectors without a namespaceSelector are confined to. */
  readonly namespaced: boolean;
  readonly destination: boolean;
  /** 4 or 6, where the rule is limited to one family of addresses. */
  readonly ipVersion?: number;
  /** The rule. */
  readonly at: Span;
}

const entityKeys = [
  'nets',
  'notNets',
  'selector',
  'notSelector',
  'namespaceSelector',
  'serviceAccounts',
  'services',
  'ports',
  'notPorts',
  'domains',
];

/**
 * The end of a connection that an EntityRule describes, as alternatives; undefined where it asks for nothing but ports.
 * Source: projectcalico/calico api networkpolicy.go EntityRule, libcalico-go updateprocessors/rules.go.
 */
export function readEntity(entry: YamlEntry | undefined, context: EntityContext): readonly Peer[] | undefined {
  const node = entry?.value;
  if (entry === undefined || isNull(node)) return otherFamily(context.at, context);
  const at = keySpan(entry);
  if (node?.kind !== 'map') return [{ kind: 'anything', uncertain: true, at }];
  const unclear = node.incomplete || hasStrayKey(node, entityKeys);
  const positive = [podPeer(node, context), servicePeer(node, context), domainPeer(node)].filter(
    (peer) => peer !== undefined,
  );
  const nets = readNets(given(node, 'nets'));
  const notNets = readNets(given(node, 'notNets'));
  const except = exceptions(node, notNets);
  const unknown: readonly Peer[] = unclear || notNets.uncertain ? [{ kind: 'anything', uncertain: true, at }] : [];
  if (positive.length === 0 && except.length === 0 && unknown.length === 0) {
    return nets.peers.length === 0 ? otherFamily(at, context) : nets.peers;
  }
  if (
    positive.length === 0 &&
    nets.cidrs.length > 0 &&
    unknown.length === 0 &&
    given(node, 'notSelector') === undefined
  )
    return nets.peers.map((peer) => (peer.kind === 'addresses' ? without(peer, notNets.cidrs) : peer));
  const peers = [...positive, ...(nets.peers.length === 0 ? [] : [joined(nets, at)]), ...unknown];
  const family =
    nets.peers.length > 0
      ? []
      : (otherFamily(at, context)?.flatMap((peer) => (peer.kind === 'all of' ? peer.except : [])) ?? []);
  const [first] = peers;
  if (first !== undefined && peers.length === 1 && except.length + family.length === 0) return [first];
  const any: Peer = { kind: 'anything', uncertain: false, at };
  return [
    { kind: 'all of', peers: peers.length === 0 ? [any] : peers, except: [...except, ...family], uncertain: false, at },
  ];
}

/** As one peer: what the end that the policy selects has to be besides. */
export function readOwnEntity(entry: YamlEntry | undefined, context: EntityContext): Peer | undefined {
  const peers = readEntity(entry, context);
  const [first, ...others] = peers ?? [];
  if (entry === undefined || first === undefined || others.length === 0) return first;
  const blocks = peers?.filter((peer) => peer.kind === 'addresses') ?? [];
  const [block] = blocks;
  if (block === undefined) return first;
  const uncertain = peers?.some((peer) => peer.uncertain) ?? false;
  return { ...block, addresses: blocks.map(({ addresses }) => addresses).reduce(union), uncertain, at: keySpan(entry) };
}

/**
 * Everything but the addresses of the family that ipVersion leaves out: said as an exception, since pods' addresses are
 * seldom known.
 */
function otherFamily(at: Span, { ipVersion }: EntityContext): readonly Peer[] | undefined {
  if (ipVersion !== 4 && ipVersion !== 6) return undefined;
  const cidr = parseCidr(ipVersion === 4 ? '::/0' : '0.0.0.0/0');
  if (cidr === undefined) return undefined;
  const addresses = ipVersion === 4 ? allIPv6 : allIPv4;
  const left: Peer = { kind: 'addresses', addresses, cidr, except: [], uncertain: false, at };
  return [
    { kind: 'all of', peers: [{ kind: 'anything', uncertain: false, at }], except: [left], uncertain: false, at },
  ];
}

/** An entry that is there and says something: null and "" are as if left out. */
export function given(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  const entry = entryOf(node, key);
  return entry === undefined || isNull(entry.value) || stringOf(entry.value) === '' ? undefined : entry;
}

/** What selector, namespaceSelector and serviceAccounts choose together. */
function podPeer(node: YamlNode, { namespaced }: EntityContext): PodPeer | undefined {
  const selectorEntry = given(node, 'selector');
  const namespaceEntry = given(node, 'namespaceSelector');
  const accountsEntry = given(node, 'serviceAccounts');
  const confined = namespaced ? given(node, 'notSelector') : undefined;
  const entry = selectorEntry ?? namespaceEntry ?? accountsEntry ?? confined;
  if (entry === undefined) return undefined;
  const selected = selectorEntry === undefined ? undefined : readSelector(selectorEntry, 'pods');
  const inNamespaces = namespaceEntry === undefined ? undefined : readSelector(namespaceEntry, 'namespaces');
  const accounts = readAccounts(accountsEntry?.value);
  return {
    kind: 'pods',
    ...placedPods(inNamespaces?.selector, namespaced, both(selected?.selector ?? everything, accounts.selector)),
    podSource: selected?.source,
    namespaceSource: inNamespaces?.source,
    alsoAddressSets: true,
    ...(inNamespaces?.anyNamespace === true ? { onlyNamespacedSets: true } : {}),
    uncertain: selected?.uncertain === true || inNamespaces?.uncertain === true || accounts.uncertain,
    at: keySpan(entry),
  };
}

function readAccounts(node: YamlNode | undefined): { selector: Selector; uncertain: boolean } {
  if (isNull(node)) return { selector: everything, uncertain: false };
  const entry = given(node, 'selector');
  const labels = entry === undefined ? undefined : readSelector(entry, 'accounts');
  const { strings, complete } = stringsOf(valueAt(node, 'names'));
  const names: Selector =
    strings.length === 0 ? everything : { op: 'In', key: serviceAccountName, values: strings.map(({ text }) => text) };
  const known = node?.kind === 'map' && !node.incomplete && !hasStrayKey(node, ['names', 'selector']);
  return {
    selector: both(names, labels?.selector ?? everything),
    uncertain: !known || !complete || labels?.uncertain === true,
  };
}

/** Of a service in a rule's source only the addresses count, in its destination the ports as well (FACTS B4). */
function servicePeer(node: YamlNode, { namespaced, destination }: EntityContext): Peer | undefined {
  const entry = given(node, 'services');
  if (entry === undefined) return undefined;
  const [name, namespace] = ['name', 'namespace'].map((key) => given(entry.value, key));
  const [nameText, namespaceText] = [stringOf(name?.value), stringOf(namespace?.value)];
  const at = keySpan(entry);
  if (nameText === undefined) return { kind: 'anything', uncertain: true, at };
  return {
    kind: 'service',
    name: nameText,
    selector: undefined,
    namespace: namespaceText,
    portsCount: destination,
    uncertain: namespaceText === undefined && (namespace !== undefined || !namespaced),
    at,
  };
}

/** Only Calico Enterprise and Calico Cloud have domains. */
function domainPeer(node: YamlNode): Peer | undefined {
  const entry = given(node, 'domains');
  if (entry === undefined) return undefined;
  const { strings, complete } = stringsOf(entry.value);
  return { kind: 'domains', patterns: strings.map(({ text }) => text), uncertain: !complete, at: keySpan(entry) };
}

/** notSelector is about every endpoint and set of addresses, wherever it is; what matches neither is no exception. */
function exceptions(node: YamlNode, notNets: Nets): readonly Peer[] {
  const entry = given(node, 'notSelector');
  const blocks = notNets.peers.filter((peer) => peer.kind === 'addresses');
  if (entry === undefined) return blocks;
  const { selector, source, uncertain } = readSelector(entry, 'pods');
  return [
    {
      kind: 'pods',
      ...placedPods(everything, false, selector),
      podSource: source,
      namespaceSource: undefined,
      alsoAddressSets: true,
      uncertain,
      at: keySpan(entry),
    },
    ...blocks,
  ];
}

interface Nets {
  /** One for each that can be read, and one that is not known for those that cannot. */
  readonly peers: readonly Peer[];
  readonly cidrs: readonly Cidr[];
  readonly uncertain: boolean;
}

function readNets(entry: YamlEntry | undefined): Nets {
  if (entry === undefined) return { peers: [], cidrs: [], uncertain: false };
  const { value } = entry;
  if (value.kind !== 'sequence') return unknownNets(keySpan(entry));
  const blocks = value.items.flatMap((item): readonly AddressPeer[] => {
    const cidr = parseCidr(stringOf(item.value) ?? '');
    if (cidr === undefined) return [];
    return [{ kind: 'addresses', addresses: addressesOf(cidr), cidr, except: [], uncertain: false, at: dash(item) }];
  });
  const uncertain = value.incomplete || blocks.length < value.items.length;
  return {
    peers: uncertain ? [...blocks, ...unknownNets(keySpan(entry)).peers] : blocks,
    cidrs: blocks.map(({ cidr }) => cidr),
    uncertain,
  };
}

function unknownNets(at: Span): Nets {
  return { peers: [{ kind: 'anything', uncertain: true, at }], cidrs: [], uncertain: true };
}

function without(peer: AddressPeer, except: readonly Cidr[]): AddressPeer {
  const own = except.filter(({ family }) => family === peer.cidr.family);
  return { ...peer, addresses: addressesOf(peer.cidr, own), except: own };
}

/** Several blocks as one peer. */
function joined({ cidrs, uncertain }: Nets, at: Span): Peer {
  const [cidr] = cidrs;
  if (cidr === undefined) return { kind: 'anything', uncertain: true, at };
  const addresses = addressesOfAll(cidrs);
  return { kind: 'addresses', addresses, cidr, except: [], uncertain, at };
}

/** The strings of a list; complete where every item is one, and none comes from a template. */
export function stringsOf(node: YamlNode | undefined) {
  if (isNull(node)) return { strings: [], complete: true };
  if (node?.kind !== 'sequence') return { strings: [], complete: false };
  const strings = node.items.flatMap((item) => {
    const text = stringOf(item.value);
    return text === undefined ? [] : [{ text, at: spanOf(item.value) }];
  });
  return { strings, complete: !node.incomplete && strings.length === node.items.length };
}
