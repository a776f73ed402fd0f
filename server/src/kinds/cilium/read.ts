import type { Peer } from '../../model/peer.js';
import type { Constraint, Direction, Policy, Rule, Subject } from '../../model/policy.js';
import { allPorts, isEmpty } from '../../model/ports.js';
import { everything, nothing } from '../../model/selector.js';
import {
  entryOf,
  isNull,
  keySpan,
  spanOf,
  stringOf,
  valueAt,
  type YamlItem,
  type YamlMap,
  type YamlNode,
} from '../../text/tree.js';
import { hasStrayKey } from '../kubernetes/label-selector.js';
import { dash } from '../structure.js';
import { conditionKeys, readAuthentication, readConditions } from './conditions.js';
import { readEndpointSelector, readNodeSelector, subjectPods } from './labels.js';
import { peerKeys, readPeers } from './peers.js';
import { joined, noClauses, type ReadPorts, readIcmps, readPortList } from './ports.js';

export type CiliumPolicyKind = 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy';

/**
 * The policies of one object: `spec` and each item of `specs` is one. What cannot be read makes the part it stands in
 * uncertain, never the whole object. Source: FACTS A4, B5.
 */
export function readCiliumPolicies(object: YamlMap, kind: CiliumPolicyKind): readonly [Policy, ...Policy[]] {
  const spec = valueAt(object, 'spec');
  const specs = valueAt(object, 'specs');
  const items = specs?.kind === 'sequence' ? specs.items.map(({ value }) => value) : [];
  const [first, ...more] = isNull(spec) ? items : [spec, ...items];
  const partial = specs?.kind === 'sequence' ? specs.incomplete : !isNull(specs);
  return [readPolicy(object, first, kind, partial), ...more.map((each) => readPolicy(object, each, kind, partial))];
}

const directions: readonly Direction[] = ['ingress', 'egress'];
const specKeys = ['endpointSelector', 'nodeSelector', 'enableDefaultDeny', 'labels', 'description', 'log'];
const listKeys = ['ingress', 'ingressDeny', 'egress', 'egressDeny'];

function readPolicy(object: YamlMap, spec: YamlNode | undefined, kind: CiliumPolicyKind, partial: boolean): Policy {
  const metadata = valueAt(object, 'metadata');
  const nameNode = valueAt(metadata, 'name') ?? valueAt(metadata, 'generateName');
  // An item of a typed list need not say its kind.
  const kindNode = valueAt(object, 'kind') ?? nameNode ?? object;
  const clusterWide = kind === 'CiliumClusterwideNetworkPolicy';
  const namespaceNode = clusterWide ? undefined : valueAt(metadata, 'namespace');
  const namespace = stringOf(namespaceNode);
  const subject = readSubject(spec, clusterWide, namespace);
  const lists = listKeys.map((key) => readEntries(spec, key, clusterWide));
  const deny = entryOf(spec, 'enableDefaultDeny');
  const isolation = directions.map((direction) => readIsolation(spec, deny?.value, direction));
  return {
    family: 'cilium',
    kind,
    name: stringOf(nameNode) ?? '',
    namespace,
    clusterWide,
    subject,
    order: { tier: 'namespaced', priority: 0 },
    isolates: directions.filter((_, place) => isolation[place]?.isolates === true),
    directions,
    isolatesByDefault: deny === undefined,
    isolatesAt: deny === undefined ? undefined : keySpan(deny),
    rules: lists.flatMap(({ rules }) => rules).map((rule) => asEnforced(rule, valueAt(deny?.value, rule.direction))),
    uncertain:
      partial ||
      subject.uncertain ||
      lists.some(({ uncertain }) => uncertain) ||
      isolation.some(({ uncertain }) => uncertain) ||
      object.incomplete ||
      spec?.kind !== 'map' ||
      spec.incomplete ||
      hasStrayKey(spec, [...specKeys, ...listKeys]) ||
      (namespaceNode?.kind === 'scalar' && namespaceNode.opaque),
    at: spanOf(nameNode ?? kindNode),
    kindAt: spanOf(kindNode),
  };
}

function readSubject(spec: YamlNode | undefined, clusterWide: boolean, namespace: string | undefined): Subject {
  const anywhere = clusterWide ? ({ own: false, selector: everything } as const) : ({ own: true } as const);
  const endpoints = entryOf(spec, 'endpointSelector');
  const nodes = entryOf(spec, 'nodeSelector');
  if (endpoints !== undefined && endpoints.value.kind === 'map') {
    const read = readEndpointSelector(endpoints.value, keySpan(endpoints));
    const { selector, source, namespaces } = subjectPods(read, clusterWide, namespace);
    // Endpoints with a reserved label are no pods; that one is missing holds for each pod.
    const special = read.reserved.some(({ selector: { op } }) => op === 'In' || op === 'Exists');
    return { namespaces, pods: special ? nothing : selector, source, uncertain: read.uncertain };
  }
  if (endpoints === undefined && nodes?.value.kind === 'map') {
    const read = readNodeSelector(nodes.value, keySpan(nodes));
    return {
      namespaces: anywhere,
      pods: nothing,
      nodes: read.selector,
      source: read.source,
      uncertain: read.uncertain,
    };
  }
  return { namespaces: anywhere, pods: everything, source: undefined, uncertain: true };
}

/** DefaultDeny = enableDefaultDeny.<direction> ?? the policy has entries in the direction. Source: FACTS B5. */
function readIsolation(spec: YamlNode | undefined, deny: YamlNode | undefined, direction: Direction) {
  const said = valueAt(deny, direction);
  if (said?.kind === 'scalar' && typeof said.value === 'boolean' && !said.opaque) {
    // What isolates are entries: without any there is nothing for the switch to be about.
    return { isolates: said.value && hasEntries(spec, direction), uncertain: false };
  }
  const isolates = hasEntries(spec, direction);
  const open = !isNull(said) || (deny?.kind === 'map' ? deny.incomplete : !isNull(deny));
  return { isolates, uncertain: open };
}

function hasEntries(spec: YamlNode | undefined, direction: Direction): boolean {
  const lists = [direction, `${direction}Deny`].map((key) => valueAt(spec, key));
  return lists.some((list) => list?.kind === 'sequence' && list.items.length > 0);
}

/** Where the default deny is switched off, what a rule asks besides is only watched (FACTS B5, since about 1.18). */
function asEnforced(rule: Rule, isolates: YamlNode | undefined): Rule {
  if (rule.constraints === undefined || isolates?.kind !== 'scalar' || isolates.value !== false) return rule;
  return { ...rule, constraints: rule.constraints.map((each) => ({ ...each, limits: false })) };
}

function readEntries(spec: YamlNode | undefined, key: string, clusterWide: boolean) {
  const node = valueAt(spec, key);
  if (node?.kind !== 'sequence') return { rules: [], uncertain: !isNull(node) };
  const rules = node.items.flatMap((item, index) => readEntry(item, key, index, clusterWide));
  return { rules, uncertain: node.incomplete || rules.some(({ uncertain }) => uncertain) };
}

/** An entry is one rule for all ports without conditions, and one for each item of `toPorts` that has some. */
function readEntry(item: YamlItem, key: string, index: number, clusterWide: boolean): readonly Rule[] {
  const direction = key.startsWith('ingress') ? 'ingress' : 'egress';
  const { value } = item;
  const at = dash(item);
  const known = [...peerKeys[direction], 'toPorts', 'icmps', 'authentication', 'fromRequires', 'toRequires'];
  const unclear = value.kind === 'map' ? value.incomplete || hasStrayKey(value, known) : !isNull(value);
  const parts = readParts(value);
  const peers = readPeers(value, direction, clusterWide);
  const authentication = readAuthentication(value);
  const anything: Peer = { kind: 'anything', uncertain: unclear, at };
  // No peers and no ports: the entry is there, and allows nothing.
  const written = peers?.peers ?? (parts.length > 0 || unclear ? [anything] : []);
  const whole: Part = { ports: allPorts, clauses: [], uncertain: false, constraints: [] };
  return (parts.length > 0 ? parts : [whole]).map((part): Rule => {
    const constraints = [...part.constraints, ...authentication.constraints];
    return {
      action: key.endsWith('Deny') ? 'Deny' : 'Allow',
      direction,
      index,
      peers: written,
      ports: part.ports,
      clauses: part.clauses,
      ...(constraints.length > 0 ? { constraints } : {}),
      uncertain: unclear || part.uncertain || authentication.uncertain || (peers?.uncertain ?? false),
      at,
      body: { document: value.document, range: item.range },
    };
  });
}

interface Part extends ReadPorts {
  readonly constraints: readonly Constraint[];
}

/** What `toPorts` and `icmps` open; none where neither has an item. */
function readParts(entry: YamlNode): readonly Part[] {
  const toPorts = valueAt(entry, 'toPorts');
  const icmps = valueAt(entry, 'icmps');
  const plain: ReadPorts[] = [];
  const limited: Part[] = [];
  for (const list of [toPorts, icmps]) {
    if (list?.kind === 'sequence' ? list.incomplete : !isNull(list)) plain.push({ ...noClauses, uncertain: true });
    if (list?.kind !== 'sequence') continue;
    for (const { value } of list.items) {
      if (list === icmps) {
        plain.push(readIcmps(value));
        continue;
      }
      const ports = readPortList(valueAt(value, 'ports'));
      const { constraints, uncertain } = readConditions(value);
      const open =
        uncertain || ports.uncertain || (value.kind === 'map' ? value.incomplete : !isNull(value)) || stray(value);
      const part = { ...ports, uncertain: open };
      if (constraints.length > 0) limited.push({ ...part, constraints });
      else plain.push(part);
    }
  }
  const together = { ...joined(plain), constraints: [] };
  // Ports that are none stay as a rule where nothing else does: the entry opens nothing.
  const shown = limited.length === 0 ? plain.length > 0 : together.uncertain || !isEmpty(together.ports);
  return shown ? [together, ...limited] : limited;
}

function stray(node: YamlNode): boolean {
  return node.kind === 'map' && hasStrayKey(node, ['ports', 'terminatingTLS', 'originatingTLS', ...conditionKeys]);
}
