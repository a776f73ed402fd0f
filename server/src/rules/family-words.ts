import { type CniProfile, cniNamed } from '../model/cni.js';
import type { Direction, Policy } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import { insertEntry, insertItem, type TextEdit, type YamlData } from '../text/edits.js';
import { entryOf, isNull, keyText, stringOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { specOf } from './policy-nodes.js';

/**
 * Fixes are thought of as rules and specs of a NetworkPolicy. Here they are put into the words of the policy that they are
 * for. Undefined for what that family cannot say. Source: FACTS A3.1, A3.5, A4.1, A4.4, B4, B5.
 */
type Data = { readonly [key: string]: YamlData };

/** The profile as it is for a policy: where nobody says which plugin there is, it is the one whose policy it is. */
export function profileFor({ family }: Policy, profile: ClusterProfile): ClusterProfile {
  const own: CniProfile | undefined = family === 'calico' || family === 'cilium' ? cniNamed(family) : undefined;
  const open = profile.cni.ownFamily === undefined && profile.cni.enforces !== 'none';
  return own === undefined || !open ? profile : { ...profile, cni: own };
}

/** A rule of a NetworkPolicy (`from` or `to`, and `ports`), as the rules of another policy; one where that is enough. */
export function ownRules({ value }: Placed<Policy>, direction: Direction, rule: YamlData): readonly YamlData[] {
  const peers = listAt(rule, direction === 'ingress' ? 'from' : 'to');
  const ports = listAt(rule, 'ports');
  if (value.family === 'calico') return calicoRules(direction, peers, ports);
  return value.family === 'cilium' ? ciliumRules(value, direction, peers, ports) : [rule];
}

/** A NetworkPolicy's spec for another family. Each of its keys that the other has is kept as it is. */
export function ownSpec(policy: Placed<Policy>, spec: YamlData): YamlData | undefined {
  const { family, clusterWide } = policy.value;
  if (family === 'kubernetes') return spec;
  if (family === 'cluster' || !isData(spec)) return undefined;
  const { podSelector, policyTypes, ingress, egress, ...rest } = spec;
  // Of a cluster-wide policy, labels alone would mean pods of every namespace.
  if (podSelector !== undefined && clusterWide) return undefined;
  const lists = { ingress, egress };
  const rules = Object.fromEntries(
    (['ingress', 'egress'] as const).flatMap((direction) => {
      const list = lists[direction];
      if (!Array.isArray(list)) return [];
      return [[direction, list.flatMap((rule: YamlData) => ownRules(policy, direction, rule))] as const];
    }),
  );
  if (family === 'cilium') {
    // It isolates where there is an entry, be it one that allows nobody.
    for (const direction of ['ingress', 'egress'] as const) {
      const listed = Array.isArray(policyTypes) && policyTypes.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
      if (listed) rules[direction] ??= [{}];
    }
    return { ...(podSelector === undefined ? {} : { endpointSelector: podSelector }), ...rest, ...rules };
  }
  const tier = valueAt(specOf(policy), 'tier');
  const order = valueAt(specOf(policy), 'order');
  return {
    ...(tier === undefined || isNull(tier) ? {} : { tier: dataOf(tier) ?? 'default' }),
    ...(order?.kind === 'scalar' && typeof order.value === 'number' ? { order: order.value } : {}),
    ...(podSelector === undefined ? {} : { selector: expression(podSelector) }),
    ...rest,
    types: policyTypes ?? [],
    ...rules,
  };
}

/** The keys that say whom a policy is about. */
export function subjectKeys({ family }: Policy): readonly string[] {
  if (family === 'calico') return ['selector', 'namespaceSelector', 'serviceAccountSelector'];
  return [family === 'cilium' ? 'endpointSelector' : 'podSelector'];
}

/** Puts a NetworkPolicy's rule into a policy, in its own words; the list is made where there is none. */
export function insertRule(policy: Placed<Policy>, direction: Direction, rule: YamlData): TextEdit | undefined {
  const spec = specOf(policy);
  const rules = ownRules(policy, direction, rule);
  if (spec === undefined || rules.length === 0) return undefined;
  const list = entryOf(spec, direction);
  if (list === undefined)
    return insertEntry(spec, direction, rules, { after: [...subjectKeys(policy.value), ...before] });
  // What denies would come first.
  const denies = policy.value.rules.some((each) => each.direction === direction && each.action !== 'Allow');
  const at = policy.value.family === 'calico' && denies ? { at: 0 } : {};
  return joined(rules.map((each) => insertItem(list, each, at)));
}

const before = ['policyTypes', 'types', 'ingress', 'ingressDeny'];

/** Several insertions at one place as one. */
function joined(edits: readonly (TextEdit | undefined)[]): TextEdit | undefined {
  const [first, ...more] = edits;
  if (first === undefined || more.length === 0) return first;
  const texts = [first.newText];
  for (const edit of more) {
    const { start, end } = first.span.range;
    // What stands for an empty list can be replaced once only.
    if (edit?.span.range.start !== start || edit.span.range.end !== end || start !== end) return undefined;
    texts.push(edit.newText);
  }
  return { ...first, newText: texts.join('') };
}

function calicoRules(
  direction: Direction,
  peers: readonly YamlData[],
  clauses: readonly YamlData[],
): readonly YamlData[] {
  const blocks = peers.flatMap((peer) => textAt(partOf(peer, 'ipBlock'), 'cidr') ?? []);
  // The nets of one rule are of one family.
  const [v6, v4] = [blocks.filter((block) => block.includes(':')), blocks.filter((block) => !block.includes(':'))];
  const ends: readonly Data[] = [
    ...peers.flatMap((peer) => (partOf(peer, 'ipBlock') === undefined ? [calicoEnd(peer)] : [])),
    ...[v4, v6].flatMap((nets) => (nets.length === 0 ? [] : [{ nets }])),
  ];
  const protocols = [...new Set(clauses.map((clause) => textAt(clause, 'protocol') ?? 'TCP'))];
  return (ends.length === 0 ? [{}] : ends).flatMap((end) =>
    (protocols.length === 0 ? [undefined] : protocols).map((protocol): Data => {
      const own = clauses.filter((clause) => (textAt(clause, 'protocol') ?? 'TCP') === protocol);
      const ports = own.flatMap((clause) => partOf(clause, 'port') ?? []);
      const opened = ports.length === 0 ? {} : { ports };
      const [source, destination] = direction === 'ingress' ? [end, opened] : [{}, { ...end, ...opened }];
      return {
        action: 'Allow',
        ...(protocol === undefined ? {} : { protocol }),
        ...(Object.keys(source).length === 0 ? {} : { source }),
        ...(Object.keys(destination).length === 0 ? {} : { destination }),
      };
    }),
  );
}

function calicoEnd(peer: YamlData): Data {
  const namespaces = partOf(peer, 'namespaceSelector');
  const pods = partOf(peer, 'podSelector');
  return {
    ...(namespaces === undefined ? {} : { namespaceSelector: expression(namespaces) }),
    ...(pods === undefined ? {} : { selector: expression(pods) }),
  };
}

/** A label selector as an expression. */
export function expression(selector: YamlData): string {
  const labels = partOf(selector, 'matchLabels');
  const terms = isData(labels) ? Object.entries(labels).map(([key, value]) => `${key} == '${String(value)}'`) : [];
  return terms.length === 0 ? 'all()' : terms.join(' && ');
}

function ciliumRules(
  policy: Policy,
  direction: Direction,
  peers: readonly YamlData[],
  clauses: readonly YamlData[],
): readonly YamlData[] {
  const from = direction === 'ingress' ? 'from' : 'to';
  const blocks = peers.flatMap((peer) => textAt(partOf(peer, 'ipBlock'), 'cidr') ?? []);
  // The node's own cache: no address matches a node.
  const [local, outside] = [blocks.filter(isLinkLocal), blocks.filter((block) => !isLinkLocal(block))];
  const pods = peers.filter((peer) => partOf(peer, 'ipBlock') === undefined).map(endpoints);
  const ends: readonly Data[] = [
    ...(pods.length === 0 ? [] : [{ [`${from}Endpoints`]: pods }]),
    ...(local.length === 0 ? [] : [{ [`${from}Entities`]: ['host'] }]),
    ...(outside.length === 0 ? [] : [{ [`${from}CIDR`]: outside }]),
  ];
  const ports = clauses.map((clause): Data => {
    const port = partOf(clause, 'port');
    return {
      port: port === undefined ? '0' : String(port),
      ...(partOf(clause, 'endPort') === undefined ? {} : { endPort: partOf(clause, 'endPort') ?? 0 }),
      protocol: textAt(clause, 'protocol') ?? 'TCP',
    };
  });
  // Names that a policy allows are learnt from what Cilium sees of the DNS.
  const learns =
    direction === 'egress' && policy.rules.some((rule) => rule.peers.some(({ kind }) => kind === 'domains'));
  const rules = learns ? { rules: { dns: [{ matchPattern: '*' }] } } : {};
  return (ends.length === 0 ? [ports.length === 0 ? { [`${from}Entities`]: ['all'] } : {}] : ends).map((end) => ({
    ...end,
    ...(ports.length === 0 ? {} : { toPorts: [{ ports, ...rules }] }),
  }));
}

function isLinkLocal(cidr: string): boolean {
  return cidr.startsWith('169.254.');
}

function endpoints(peer: YamlData): Data {
  const labels = (key: string) => {
    const found = partOf(partOf(peer, key), 'matchLabels');
    return isData(found) ? Object.entries(found) : [];
  };
  const namespaces = labels('namespaceSelector').map(([key, value]) => [
    key === 'kubernetes.io/metadata.name' ? `k8s:${podNamespace}` : `k8s:io.cilium.k8s.namespace.labels.${key}`,
    value,
  ]);
  const pods = labels('podSelector').map(([key, value]) => [`k8s:${key}`, value]);
  const all = Object.fromEntries([...namespaces, ...pods]);
  return Object.keys(all).length === 0 ? {} : { matchLabels: all };
}

const podNamespace = 'io.kubernetes.pod.namespace';

function isData(data: YamlData | undefined): data is Data {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function partOf(data: YamlData | undefined, key: string): YamlData | undefined {
  return isData(data) ? data[key] : undefined;
}

function listAt(data: YamlData, key: string): readonly YamlData[] {
  const found = partOf(data, key);
  return Array.isArray(found) ? found : [];
}

function textAt(data: YamlData | undefined, key: string): string | undefined {
  const found = partOf(data, key);
  return typeof found === 'string' ? found : undefined;
}

/** A node's content as plain data; undefined where some of it is not known. */
export function dataOf(node: YamlNode | undefined): YamlData | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar') return node.opaque ? undefined : node.value;
  if (node.incomplete) return undefined;
  if (node.kind === 'sequence') {
    const items = node.items.map(({ value }) => dataOf(value));
    return items.some((item) => item === undefined) ? undefined : items.filter((item) => item !== undefined);
  }
  const data: { [key: string]: YamlData } = {};
  for (const entry of node.entries) {
    const value = dataOf(entry.value);
    if (value === undefined) return undefined;
    data[keyText(entry)] = value;
  }
  return data;
}

/** The version and kind that an object says it is. */
export function identityOf({ value, resource }: Placed<Policy>): { apiVersion: string; kind: string } {
  const { family, kind } = value;
  if (family === 'kubernetes') return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
  return { apiVersion: stringOf(valueAt(resource.node, 'apiVersion')) ?? '', kind };
}
