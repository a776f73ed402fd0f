import type { Action, Direction, OrderKey, Policy, Rule, Subject } from '../../model/policy.js';
import { subtract } from '../../model/ports.js';
import { both, everything } from '../../model/selector.js';
import {
  entryOf,
  isNull,
  keySpan,
  spanOf,
  stringOf,
  valueAt,
  type YamlItem,
  YamlMap,
  type YamlNode,
} from '../../text/tree.js';
import { hasStrayKey } from '../kubernetes/label-selector.js';
import { numberOf } from '../kubernetes/workloads.js';
import { dash } from '../structure.js';
import { given, readEntity, readOwnEntity } from './read-entity.js';
import { readRulePorts } from './read-ports.js';
import { placedPods, readSelector } from './selector.js';

export type CalicoPolicyKind =
  | 'NetworkPolicy'
  | 'GlobalNetworkPolicy'
  | 'StagedNetworkPolicy'
  | 'StagedGlobalNetworkPolicy';

export function isGlobal(kind: string): boolean {
  return kind.includes('Global');
}

/** The API under which Calico keeps its objects, where nothing fills in defaults (FACTS A3.0). */
export function isRaw(object: YamlMap): boolean {
  return stringOf(valueAt(object, 'apiVersion')) === 'crd.projectcalico.org/v1';
}

const specKeys = [
  'tier',
  'order',
  'types',
  'selector',
  'serviceAccountSelector',
  'ingress',
  'egress',
  'performanceHints',
  'namespaceSelector',
  'doNotTrack',
  'preDNAT',
  'applyOnForward',
  'stagedAction',
];

/**
 * A policy of Calico in the model's terms. What cannot be read makes the part it stands in uncertain, never the whole
 * object. Source: projectcalico/calico api networkpolicy.go and globalnetworkpolicy.go; FACTS A3, B4.
 */
export function readCalicoPolicy(object: YamlMap, kind: CalicoPolicyKind): Policy {
  const metadata = valueAt(object, 'metadata');
  const nameNode = valueAt(metadata, 'name') ?? valueAt(metadata, 'generateName');
  // An item of a typed list need not say its kind.
  const kindNode = valueAt(object, 'kind') ?? nameNode ?? object;
  const namespace = valueAt(metadata, 'namespace');
  const spec = valueAt(object, 'spec');
  const namespaced = !isGlobal(kind);
  const subject = readSubject(spec, namespaced);
  const order = readOrder(spec);
  const ingress = readRules(spec, 'ingress', namespaced);
  const egress = readRules(spec, 'egress', namespaced);
  const types = readTypes(spec, isRaw(object), { ingress: ingress.rules.length > 0, egress: egress.rules.length > 0 });
  return {
    family: 'calico',
    kind,
    name: stringOf(nameNode) ?? '',
    namespace: namespaced ? stringOf(namespace) : undefined,
    clusterWide: !namespaced,
    subject,
    order: order.key,
    isolates: types.isolates,
    isolatesByDefault: types.byDefault,
    isolatesAt: types.at,
    ...(kind.startsWith('Staged') ? { staged: true as const } : {}),
    rules: [...ingress.rules, ...egress.rules],
    uncertain:
      subject.uncertain ||
      order.uncertain ||
      ingress.uncertain ||
      egress.uncertain ||
      types.uncertain ||
      object.incomplete ||
      (spec !== undefined && partlyKnown(spec, specKeys)) ||
      (namespaced && namespace?.kind === 'scalar' && namespace.opaque),
    at: spanOf(nameNode ?? kindNode),
    kindAt: spanOf(kindNode),
  };
}

/** Anything but a complete map of these keys, or nothing. */
function partlyKnown(node: YamlNode, keys: readonly string[]): boolean {
  return node.kind === 'map' ? node.incomplete || hasStrayKey(node, keys) : !isNull(node);
}

/**
 * Policies that are not tracked, or come before destination NAT, are applied to host endpoints alone.
 * Source: projectcalico/calico felix calc/event_sequencer.go.
 */
function readSubject(spec: YamlNode | undefined, namespaced: boolean): Subject {
  const read = (key: string, of: Parameters<typeof readSelector>[1]) => {
    const entry = given(spec, key);
    return entry === undefined ? undefined : readSelector(entry, of);
  };
  const [pods, accounts] = [read('selector', 'pods'), read('serviceAccountSelector', 'accounts')];
  const inNamespaces = namespaced ? undefined : read('namespaceSelector', 'namespaces');
  const selector = both(pods?.selector ?? everything, accounts?.selector ?? everything);
  const forHosts = !namespaced && ['doNotTrack', 'preDNAT'].some((key) => isTrue(valueAt(spec, key)));
  return {
    ...placedPods(inNamespaces?.selector, namespaced, selector),
    ...(forHosts ? { nodes: selector } : {}),
    source: pods?.source ?? inNamespaces?.source ?? accounts?.source,
    uncertain: [pods, accounts, inNamespaces].some((each) => each?.uncertain === true),
  };
}

export function isTrue(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && !node.opaque && node.value === true;
}

function readOrder(spec: YamlNode | undefined): { key: OrderKey; uncertain: boolean } {
  const [tier, order] = [given(spec, 'tier'), given(spec, 'order')];
  const tierName = tier === undefined ? 'default' : stringOf(tier.value);
  const priority = order === undefined ? Number.POSITIVE_INFINITY : numberOf(order.value);
  return {
    key: { tier: 'tiered', tierName: tierName ?? 'default', priority: priority ?? Number.POSITIVE_INFINITY },
    uncertain: tierName === undefined || priority === undefined,
  };
}

/**
 * The directions a policy is about. Where it does not say: of those for which it has rules, ingress where it has none
 * (resources.defaultTypesFromRules); both, where nothing fills in defaults (felix calc/policy_sorter.go).
 */
function readTypes(spec: YamlNode | undefined, raw: boolean, has: { ingress: boolean; egress: boolean }) {
  const entry = entryOf(spec, 'types');
  const items = entry?.value.kind === 'sequence' ? entry.value.items : [];
  const texts = items.map((item) => stringOf(item.value));
  const byDefault = items.length === 0;
  const named = (type: string) => texts.includes(type);
  const isolates: Direction[] = [];
  if (byDefault ? raw || has.ingress || !has.egress : named('Ingress')) isolates.push('ingress');
  if (byDefault ? raw || has.egress : named('Egress')) isolates.push('egress');
  return {
    isolates,
    byDefault,
    at: entry === undefined ? undefined : keySpan(entry),
    uncertain:
      texts.some((text) => text !== 'Ingress' && text !== 'Egress') ||
      (entry?.value.kind === 'sequence' ? entry.value.incomplete : !isNull(entry?.value)),
  };
}

function readRules(spec: YamlNode | undefined, direction: Direction, namespaced: boolean) {
  const node = valueAt(spec, direction);
  if (node?.kind !== 'sequence') return { rules: [], uncertain: !isNull(node) };
  const rules = node.items.flatMap((item, index) => readRule(item, direction, index, namespaced));
  return { rules, uncertain: node.incomplete || rules.some((rule) => rule.uncertain) };
}

const ruleKeys = [
  'action',
  'ipVersion',
  'protocol',
  'notProtocol',
  'icmp',
  'notICMP',
  'source',
  'destination',
  'http',
  'metadata',
];

/** A rule, in two where a condition is about a part of its ports: `notICMP` with a code is about one type. */
function readRule(item: YamlItem, direction: Direction, index: number, namespaced: boolean): readonly Rule[] {
  const at = dash(item);
  const node = item.value;
  const action = actions.find((each) => each === stringOf(valueAt(node, 'action')));
  const common = {
    action: action ?? 'Pass',
    direction,
    index,
    at,
    body: { document: node.document, range: item.range },
  };
  if (node.kind !== 'map') {
    const read = readRulePorts(YamlMap.of(node.document, node.range, [], 'block').markIncomplete());
    return [{ ...common, ...read, peers: [{ kind: 'anything', uncertain: true, at }], uncertain: true }];
  }
  const [source, destination] = [entryOf(node, 'source'), entryOf(node, 'destination')];
  const [other, own] = direction === 'ingress' ? [source, destination] : [destination, source];
  const family = numberOf(valueAt(node, 'ipVersion'));
  const { constraints, free, ...ports } = readRulePorts(node);
  // ICMP and ICMPv6 have one family each, so that it need not be said.
  const isIcmp = /^(?:ICMP(?:v6)?|1|58)$/.test(String(scalarOf(valueAt(node, 'protocol'))));
  const peers = readEntity(other, {
    namespaced,
    destination: direction === 'egress',
    at,
    ...(family === undefined || isIcmp ? {} : { ipVersion: family }),
  });
  const ownPeer = readOwnEntity(own, { namespaced, destination: direction === 'ingress', at });
  const all = [...(peers ?? []), ...(ownPeer === undefined ? [] : [ownPeer])];
  const rule: Rule = {
    ...common,
    ...ports,
    peers: peers ?? [{ kind: 'anything', uncertain: false, at }],
    ...(ownPeer === undefined ? {} : { own: ownPeer }),
    ...(constraints.length === 0 ? {} : { constraints }),
    uncertain:
      action === undefined ||
      ports.uncertain ||
      partlyKnown(node, ruleKeys) ||
      all.some(
        (peer) =>
          peer.uncertain || (peer.kind === 'all of' && [...peer.peers, ...peer.except].some((each) => each.uncertain)),
      ),
  };
  if (free === undefined) return [rule];
  // Only the code is asked of one type of message; what else the rule asks, it asks of all.
  const { constraints: _, ...plain } = rule;
  const rest = constraints.filter(({ kind }) => kind !== 'icmp code');
  const others = { ...plain, ports: free, ...(rest.length === 0 ? {} : { constraints: rest }) };
  return [others, { ...rule, ports: subtract(rule.ports, free) }];
}

const actions: readonly Action[] = ['Allow', 'Deny', 'Pass', 'Log'];

function scalarOf(node: YamlNode | undefined) {
  return node?.kind === 'scalar' && !node.opaque ? node.value : undefined;
}
