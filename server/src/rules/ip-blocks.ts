import type { AddressPeer } from '../model/peer.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import { insertEntry, insertItem } from '../text/edits.js';
import { type Change, editOnly } from '../text/fix.js';
import { entryOf, isNull, type Span, spanOf, valueAt, type YamlMap, type YamlNode } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { peerNodeOf } from './peer-nodes.js';
import { ruleNode } from './policy-nodes.js';

/** An ipBlock, or what stands for one in another family, that is in force, and where it stands. */
export interface IpBlock {
  readonly rule: Rule;
  readonly peer: AddressPeer;
  /** What may hold exceptions; undefined where they have no place: Cilium's `toCIDR`. */
  readonly node: YamlMap | undefined;
  readonly exceptKey: 'except' | 'notNets';
  /** The cidr's value. */
  readonly at: Span;
}

/**
 * The ipBlocks of a policy that allow something in the directions it isolates, in the order of the text; what is not
 * fully known is left out.
 */
export function ipBlocksOf(policy: Placed<Policy>, direction?: Direction): readonly IpBlock[] {
  return policy.value.rules.flatMap((rule) => {
    if (rule.uncertain || !policy.value.isolates.includes(rule.direction)) return [];
    if (direction !== undefined && rule.direction !== direction) return [];
    if (rule.action !== 'Allow' || policy.value.staged) return [];
    return rule.peers.flatMap((peer) => {
      if (peer.kind !== 'addresses' || peer.uncertain) return [];
      const found = blockAt(policy, rule, peer);
      return found === undefined ? [] : [{ rule, peer, ...found }];
    });
  });
}

function blockAt(
  policy: Placed<Policy>,
  rule: Rule,
  peer: AddressPeer,
): Pick<IpBlock, 'node' | 'exceptKey' | 'at'> | undefined {
  const { family } = policy.value;
  const exceptKey = family === 'calico' ? 'notNets' : 'except';
  if (family === 'calico') {
    const entity = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'source' : 'destination');
    const item = itemAt(valueAt(entity, 'nets'), peer);
    return entity?.kind === 'map' && item !== undefined ? { node: entity, exceptKey, at: spanOf(item) } : undefined;
  }
  const item =
    family === 'cilium'
      ? ['CIDR', 'CIDRSet']
          .map((key) => valueAt(ruleNode(policy, rule), (rule.direction === 'ingress' ? 'from' : 'to') + key))
          .map((list) => itemAt(list, peer))
          .find((found) => found !== undefined)
      : valueAt(peerNodeOf(policy, rule, peer), 'ipBlock');
  if (item?.kind === 'scalar' && family === 'cilium') return { node: undefined, exceptKey, at: spanOf(item) };
  const cidr = valueAt(item, 'cidr');
  return item?.kind !== 'map' || cidr === undefined ? undefined : { node: item, exceptKey, at: spanOf(cidr) };
}

function itemAt(list: YamlNode | undefined, { at }: AddressPeer): YamlNode | undefined {
  const items = list?.kind === 'sequence' ? list.items : [];
  const { start } = at.range;
  return items.find(({ marker, value }) => marker.start === start || value.range.start === start)?.value;
}

/** What the policy's family calls a range of addresses and what is left out of it. */
export function blockWords({ family }: Policy): { readonly block: string; readonly except: string } {
  if (family === 'calico') return { block: 'a range of `nets`', except: '`notNets`' };
  return family === 'cilium'
    ? { block: 'a CIDR', except: '`except` (of a CIDRSet)' }
    : { block: 'an ipBlock', except: '`except`' };
}

/** Adds ranges to an ipBlock's `except`, and makes the list where there is none. */
export function excludeRanges({ node, exceptKey }: IpBlock, ranges: readonly string[]): readonly Change[] | undefined {
  if (node === undefined) return undefined;
  const except = entryOf(node, exceptKey);
  if (except === undefined) return editOnly(insertEntry(node, exceptKey, ranges, { after: ['cidr', 'nets'] }));
  // An empty list is replaced as a whole: two edits at one place would collide.
  const [first, ...more] = ranges;
  if (first === undefined) return undefined;
  const empty = isNull(except.value) || (except.value.kind === 'sequence' && except.value.items.length === 0);
  if (empty && more.length > 0) return undefined;
  const edits = ranges.flatMap((range) => insertItem(except, range) ?? []);
  return edits.length < ranges.length ? undefined : editOnly(edits);
}
