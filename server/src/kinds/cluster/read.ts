import { addressesOf, parseCidr } from '../../model/addresses.js';
import type { Peer } from '../../model/peer.js';
import type { Action, Direction, OrderKey, Policy, Rule, Subject } from '../../model/policy.js';
import { allPorts, noPorts, union } from '../../model/ports.js';
import { everything } from '../../model/selector.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlItem,
  type YamlMap,
  type YamlNode,
} from '../../text/tree.js';
import { hasStrayKey, readLabelSelector } from '../kubernetes/label-selector.js';
import { dash } from '../structure.js';
import { readPort } from './read-ports.js';

/** The kinds of policy.networking.k8s.io. */
export type ClusterPolicyKind = 'ClusterNetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy';

/**
 * A cluster-wide policy in the model's terms. What cannot be read makes the part it stands in uncertain, never the whole
 * object. Source: kubernetes-sigs/network-policy-api apis/v1alpha1 and apis/v1alpha2.
 */
export function readClusterPolicy(object: YamlMap, kind: ClusterPolicyKind): Policy {
  const metadata = valueAt(object, 'metadata');
  const nameNode = valueAt(metadata, 'name') ?? valueAt(metadata, 'generateName');
  // An item of a typed list need not say its kind.
  const kindNode = valueAt(object, 'kind') ?? nameNode ?? object;
  const spec = valueAt(object, 'spec');
  const subject = readSubject(spec);
  const order = readOrder(spec, kind);
  const ingress = readRules(spec, 'ingress', kind);
  const egress = readRules(spec, 'egress', kind);
  return {
    family: 'cluster',
    kind,
    name: stringOf(nameNode) ?? '',
    namespace: undefined,
    clusterWide: true,
    subject,
    order: order.key,
    isolates: [],
    isolatesByDefault: false,
    isolatesAt: undefined,
    rules: [...ingress.rules, ...egress.rules],
    uncertain:
      subject.uncertain ||
      order.uncertain ||
      ingress.uncertain ||
      egress.uncertain ||
      object.incomplete ||
      partlyKnown(spec, ['tier', 'priority', 'subject', 'ingress', 'egress']),
    at: spanOf(nameNode ?? kindNode),
    kindAt: spanOf(kindNode),
  };
}

/** Anything but a complete map of these keys. */
function partlyKnown(node: YamlNode | undefined, keys: readonly string[]): boolean {
  return node?.kind !== 'map' || node.incomplete || hasStrayKey(node, keys);
}

function readOrder(spec: YamlNode | undefined, kind: ClusterPolicyKind): { key: OrderKey; uncertain: boolean } {
  // There is one such policy, so nothing has to be put in order.
  if (kind === 'BaselineAdminNetworkPolicy') return { key: { tier: 'baseline', priority: 0 }, uncertain: false };
  const tier = kind === 'AdminNetworkPolicy' ? 'Admin' : stringOf(valueAt(spec, 'tier'));
  const node = valueAt(spec, 'priority');
  const written = node?.kind === 'scalar' && !node.opaque ? node.value : undefined;
  const known = typeof written === 'number' && Number.isInteger(written) && written >= 0 && written <= 1000;
  return {
    key: { tier: tier === 'Baseline' ? 'baseline' : 'admin', priority: known ? written : 1000 },
    uncertain: !known || (tier !== 'Admin' && tier !== 'Baseline'),
  };
}

function readSubject(spec: YamlNode | undefined): Subject {
  const entry = entryOf(spec, 'subject');
  const node = entry?.value;
  const read = readPods(node, ['namespaces', 'pods']);
  if (entry === undefined || read === undefined) {
    const anywhere = { own: false, selector: everything } as const;
    return { namespaces: anywhere, pods: everything, source: undefined, uncertain: true };
  }
  return {
    namespaces: { own: false, selector: read.namespaces?.selector ?? everything },
    pods: read.pods?.selector ?? everything,
    source: read.pods?.source ?? read.namespaces?.source,
    uncertain: read.uncertain,
  };
}

/**
 * What `namespaces` or `pods` choose, in a subject or a peer; undefined where neither is there. A selector that is
 * required and left out is, for the Go types that implementations read into, an empty one: everything.
 */
function readPods(node: YamlNode | undefined, known: readonly string[]) {
  const namespaces = given(node, 'namespaces');
  const pods = given(node, 'pods');
  const unclear = partlyKnown(node, known) || givenCount(node) !== 1;
  if (namespaces !== undefined) {
    const read = readLabelSelector(namespaces.value, keySpan(namespaces));
    return { namespaces: read, pods: undefined, uncertain: unclear || read.uncertain };
  }
  if (pods === undefined) return undefined;
  const inNamespaces = selectorOf(pods.value, 'namespaceSelector');
  const selected = selectorOf(pods.value, 'podSelector');
  return {
    namespaces: inNamespaces,
    pods: selected,
    uncertain:
      unclear ||
      partlyKnown(pods.value, ['namespaceSelector', 'podSelector']) ||
      inNamespaces?.uncertain === true ||
      selected?.uncertain === true,
  };
}

function selectorOf(node: YamlNode, key: string) {
  const entry = given(node, key);
  return entry === undefined ? undefined : readLabelSelector(entry.value, keySpan(entry));
}

/** An entry that is there and not null, which the API server drops. */
function given(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  const entry = entryOf(node, key);
  return entry === undefined || isNull(entry.value) ? undefined : entry;
}

function givenCount(node: YamlNode | undefined): number {
  if (node?.kind !== 'map') return 0;
  return new Set(node.entries.filter((entry) => !isNull(entry.value)).map(keyText)).size;
}

function readRules(spec: YamlNode | undefined, direction: Direction, kind: ClusterPolicyKind) {
  const node = valueAt(spec, direction);
  if (node?.kind !== 'sequence') return { rules: [], uncertain: !isNull(node) };
  const rules = node.items.map((item, index) => readRule(item, direction, index, kind));
  return { rules, uncertain: node.incomplete || rules.some((rule) => rule.uncertain) };
}

function readRule(item: YamlItem, direction: Direction, index: number, kind: ClusterPolicyKind): Rule {
  const at = dash(item);
  const [peersKey, portsKey] = keysOf(direction, kind);
  const name = stringOf(valueAt(item.value, 'name'));
  const action = actionOf(stringOf(valueAt(item.value, 'action')), kind);
  const peers = readPeers(valueAt(item.value, peersKey), at, direction, kind);
  const ports = readPorts(valueAt(item.value, portsKey), kind);
  return {
    ...(name === undefined ? {} : { name }),
    // Where the action is not known, nothing is said to be allowed or denied.
    action: action ?? 'Pass',
    direction,
    index,
    peers: peers.peers,
    ports:
      ports.clauses === undefined ? allPorts : ports.clauses.reduce((all, each) => union(all, each.ports), noPorts),
    clauses: ports.clauses ?? [],
    uncertain:
      action === undefined ||
      peers.uncertain ||
      ports.uncertain ||
      partlyKnown(item.value, ['name', 'action', peersKey, portsKey]),
    at,
    body: { document: item.value.document, range: item.range },
  };
}

/** The names of the peer list and the port list of a rule. */
export function keysOf(direction: Direction, kind: ClusterPolicyKind): readonly ['from' | 'to', 'ports' | 'protocols'] {
  return [direction === 'ingress' ? 'from' : 'to', kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports'];
}

function actionOf(text: string | undefined, kind: ClusterPolicyKind): Action | undefined {
  if (text === (kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow')) return 'Allow';
  if (text === 'Deny') return 'Deny';
  return text === 'Pass' && kind !== 'BaselineAdminNetworkPolicy' ? 'Pass' : undefined;
}

function readPeers(node: YamlNode | undefined, at: Span, direction: Direction, kind: ClusterPolicyKind) {
  if (node?.kind !== 'sequence' || node.items.length === 0) {
    // The API server wants one peer at least, so nobody knows who is meant.
    return { peers: [{ kind: 'anything', uncertain: true, at }] satisfies Peer[], uncertain: true };
  }
  const peers = node.items.flatMap((item) => readPeer(item, direction, kind));
  return { peers, uncertain: node.incomplete || peers.some((peer) => peer.uncertain) };
}

/** The peers that one item stands for: each address range is one. Never empty. */
function readPeer(item: YamlItem, direction: Direction, kind: ClusterPolicyKind): readonly Peer[] {
  const at = dash(item);
  const known = ['namespaces', 'pods', ...(direction === 'egress' ? ['networks', 'nodes', 'domainNames'] : [])];
  const pods = readPods(item.value, known);
  if (pods !== undefined) {
    return [
      {
        kind: 'pods',
        namespaces: { own: false, selector: pods.namespaces?.selector ?? everything },
        pods: pods.pods?.selector ?? everything,
        podSource: pods.pods?.source,
        namespaceSource: pods.namespaces?.source,
        uncertain: pods.uncertain,
        at,
      },
    ];
  }
  const unclear = partlyKnown(item.value, known) || givenCount(item.value) !== 1;
  const unknown: Peer = { kind: 'anything', uncertain: true, at };
  if (direction === 'ingress') return [unknown];
  const networks = given(item.value, 'networks');
  if (networks !== undefined) {
    const texts = stringsOf(networks.value);
    const peers = texts.strings.map(({ text, at }): Peer => {
      const cidr = parseCidr(text);
      if (cidr === undefined) return { kind: 'anything', uncertain: true, at };
      return { kind: 'addresses', addresses: addressesOf(cidr, []), cidr, except: [], uncertain: unclear, at };
    });
    return texts.complete && peers.length > 0 ? peers : [...peers, unknown];
  }
  const nodes = given(item.value, 'nodes');
  if (nodes !== undefined) {
    const { selector, source, uncertain } = readLabelSelector(nodes.value, keySpan(nodes));
    return [{ kind: 'nodes', nodes: selector, source, uncertain: unclear || uncertain, at }];
  }
  const domains = given(item.value, 'domainNames');
  if (domains === undefined || kind === 'BaselineAdminNetworkPolicy') return [unknown];
  const { strings, complete } = stringsOf(domains.value);
  const patterns = strings.map(({ text }) => text);
  return [{ kind: 'domains', patterns, uncertain: unclear || !complete || patterns.length === 0, at }];
}

function stringsOf(node: YamlNode) {
  if (node.kind !== 'sequence') return { strings: [], complete: false };
  const strings = node.items.flatMap((item) => {
    const text = stringOf(item.value);
    return text === undefined ? [] : [{ text, at: spanOf(item.value) }];
  });
  return { strings, complete: !node.incomplete && strings.length === node.items.length };
}

function readPorts(node: YamlNode | undefined, kind: ClusterPolicyKind) {
  if (isNull(node)) return { clauses: undefined, uncertain: false };
  if (node?.kind !== 'sequence' || node.items.length === 0) return { clauses: undefined, uncertain: true };
  const read = node.items.map((item) => readPort(item.value, dash(item), kind));
  const clauses = read.filter((clause) => clause !== undefined);
  return { clauses, uncertain: node.incomplete || clauses.length < read.length };
}
