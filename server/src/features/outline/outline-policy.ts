import { describeNamespaces, describeNodes, describePeer, describePods, describePorts } from '../../engine/describe.js';
import { isolationPlace, specOf } from '../../engine/policy-nodes.js';
import type { Resource } from '../../kinds/kind.js';
import type { Peer } from '../../model/peer.js';
import type { Direction, Policy, Rule } from '../../model/policy.js';
import { printPorts } from '../../model/ports.js';
import { count } from '../../model/print.js';
import type { Place } from '../../model/workload.js';
import { contains, type TextRange } from '../../text/range.js';
import { entryOf, type YamlEntry, type YamlItem, type YamlNode } from '../../text/tree.js';
import type { NamespaceRef, Placed } from '../../workspace/scope.js';
import { type Outlined, symbol, within } from './outlined.js';

/** Whom a policy is about, for behind its name. */
export function policyDetail({ subject, clusterWide }: Policy): readonly string[] {
  if (subject.uncertain) return [];
  if (subject.nodes !== undefined) return [`for ${describeNodes(subject.nodes)}`];
  const where = clusterWide ? ` ${describeNamespaces(subject.namespaces, { key: '', name: undefined })}` : '';
  return [`for ${describePods(subject.pods)}${where}`];
}

/** The directions of a policy, the rules of each, and their peers and ports. */
export function policyParts(policy: Policy, resource: Resource): readonly Outlined[] {
  const own: NamespaceRef = { key: '', name: policy.namespace };
  const placed: Placed<Policy> = { value: policy, resource, namespace: own, uri: resource.node.document.uri };
  const spec = specOf(placed);
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const lists = [direction, `${direction}Deny`].flatMap((key) => entryOf(spec, key) ?? []);
    const found = lists.map((entry, i) => directionOf(policy, own, direction, entry, i === 0));
    if (found.length > 0 || !policy.isolates.includes(direction)) return found;
    // Said by `policyTypes` alone: isolated, and not a word of what is allowed.
    const at = isolationPlace(placed, direction);
    if (at.document !== resource.node.document || at.range === policy.at.range) return [];
    return [{ ...symbol('direction', direction, at.range, at.range), detail: 'isolated, allows nothing' }];
  });
}

function directionOf(
  policy: Policy,
  own: NamespaceRef,
  direction: Direction,
  entry: YamlEntry,
  isFirst: boolean,
): Outlined {
  const key = String(entry.key.value);
  const denies = key.endsWith('Deny');
  const items = entry.value.kind === 'sequence' ? entry.value.items : [];
  const rules = items.flatMap((item, index) => {
    const meant = policy.rules.filter(
      (rule) =>
        rule.direction === direction &&
        rule.index === index &&
        (policy.family !== 'cilium' || (rule.action === 'Deny') === denies),
    );
    return ruleOf(policy, own, item, meant) ?? [];
  });
  return {
    ...symbol('direction', key, entry.range, entry.key.range),
    detail: [
      ...(isFirst ? [stateOf(policy, direction)] : []),
      rules.length === 0 ? 'no rule' : count(rules.length, 'rule'),
    ].join(', '),
    children: within(entry.range, rules),
  };
}

/** Whether what no rule allows is denied. */
function stateOf({ family, isolates, directions }: Policy, direction: Direction): string {
  if (family === 'cluster') return 'in order';
  if (isolates.includes(direction)) return 'isolated';
  return (directions ?? isolates).includes(direction) || family === 'kubernetes' || family === 'calico'
    ? 'open: not among its policy types'
    : 'open';
}

/** One item of a list; of several rules when parts of its ports have conditions. */
function ruleOf(policy: Policy, own: NamespaceRef, item: YamlItem, rules: readonly Rule[]): Outlined | undefined {
  const [first] = rules;
  if (first === undefined) return undefined;
  const preposition = first.direction === 'ingress' ? 'from' : 'to';
  const speaks = policy.family === 'calico' || policy.family === 'cluster' || first.action === 'Deny';
  const who = `${preposition} ${peersInShort(first, own)}`;
  const named = first.name === undefined ? '' : `${first.name}: `;
  const ports = [...new Set(rules.map((rule) => describePorts(rule.ports, rule)))].join('; ');
  const peers = first.peers.flatMap((peer) => peerOf(item, peer, first, own));
  const clauses = rules
    .flatMap((rule) => rule.clauses)
    .flatMap((clause) => {
      const at = holderOf(item.value, clause.at);
      return at === undefined ? [] : [symbol('port', printPorts(clause.ports), at, at)];
    });
  return {
    ...symbol('rule', named + (speaks ? `${first.action} ${who}` : who), item.range, headOf(item)),
    detail: ports,
    children: within(item.range, [...peers, ...clauses]),
  };
}

/** Any of the peers is enough: two are named, of more the first. */
function peersInShort({ peers, own: ofOwn, direction }: Rule, own: NamespaceRef): string {
  const inward = direction === 'ingress';
  const words = peers.map((peer) =>
    peer.kind === 'anything' && !peer.uncertain
      ? inward
        ? 'everyone'
        : 'everywhere'
      : describePeer(peer, own, direction),
  );
  const shown = words.length > 2 ? [...words.slice(0, 1), `${words.length - 1} more`] : words;
  const who = words.length === 0 ? 'nobody' : shown.join(' or ');
  return ofOwn === undefined ? who : `${who}; only for ${describePeer(ofOwn, own, inward ? 'egress' : 'ingress')}`;
}

/** A peer that is written; that nobody is named has no place of its own. */
function peerOf(item: YamlItem, peer: Peer, rule: Rule, own: NamespaceRef): readonly Outlined[] {
  if (peer.at.range.start === rule.at.range.start) return [];
  const range = holderOf(item.value, peer.at);
  return range === undefined ? [] : [symbol('peer', describePeer(peer, own, rule.direction), range, range)];
}

/** What a person reads first of an item: its first key. */
function headOf({ value, marker }: YamlItem): TextRange {
  const first = value.kind === 'map' && !value.alias ? value.entries.find(({ merged }) => !merged) : undefined;
  return first === undefined ? marker : first.key.range;
}

/** The whole item or entry that begins where a part of the model was read; undefined where it stands elsewhere. */
function holderOf(node: YamlNode, { document, range }: Place): TextRange | undefined {
  if (node.document !== document || node.alias) return undefined;
  if (node.kind === 'scalar') return undefined;
  const parts =
    node.kind === 'sequence'
      ? node.items.map(({ marker, value, range: whole }) => ({ begins: [marker, value.range], value, whole }))
      : node.entries.map(({ key, value, range: whole }) => ({ begins: [key.range, value.range], value, whole }));
  const part = parts.find(({ whole }) => contains(whole, range.start) && contains(whole, range.end));
  if (part === undefined) return undefined;
  if (part.begins.some(({ start }) => start === range.start)) {
    // A list's first item may begin where the list does: the item is meant.
    return part.value.kind === 'sequence' && part.value.range.start === range.start
      ? (holderOf(part.value, { document, range }) ?? part.whole)
      : part.whole;
  }
  return holderOf(part.value, { document, range });
}
