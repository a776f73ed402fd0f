import type { AddressPeer } from '../model/peer.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import { insertEntry, insertItem } from '../text/edits.js';
import { type Change, editOnly } from '../text/fix.js';
import { entryOf, isNull, type Span, spanOf, valueAt, type YamlMap } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { peerNodeOf } from './peer-nodes.js';

/** An ipBlock that is in force, and where it stands. */
export interface IpBlock {
  readonly rule: Rule;
  readonly peer: AddressPeer;
  readonly node: YamlMap;
  /** The cidr's value. */
  readonly at: Span;
}

/** The ipBlocks of a policy in the directions it isolates, in the order of the text; what is not fully known is left out. */
export function ipBlocksOf(policy: Placed<Policy>, direction?: Direction): readonly IpBlock[] {
  return policy.value.rules.flatMap((rule) => {
    if (rule.uncertain || !policy.value.isolates.includes(rule.direction)) return [];
    if (direction !== undefined && rule.direction !== direction) return [];
    return rule.peers.flatMap((peer) => {
      if (peer.kind !== 'addresses' || peer.uncertain) return [];
      const node = valueAt(peerNodeOf(policy, rule, peer), 'ipBlock');
      const cidr = valueAt(node, 'cidr');
      return node?.kind !== 'map' || cidr === undefined ? [] : [{ rule, peer, node, at: spanOf(cidr) }];
    });
  });
}

/** Adds ranges to an ipBlock's `except`, and makes the list where there is none. */
export function excludeRanges({ node }: IpBlock, ranges: readonly string[]): readonly Change[] | undefined {
  const except = entryOf(node, 'except');
  if (except === undefined) return editOnly(insertEntry(node, 'except', ranges, { after: ['cidr'] }));
  // An empty list is replaced as a whole: two edits at one place would collide.
  const [first, ...more] = ranges;
  if (first === undefined) return undefined;
  const empty = isNull(except.value) || (except.value.kind === 'sequence' && except.value.items.length === 0);
  if (empty && more.length > 0) return undefined;
  const edits = ranges.map((range) => insertItem(except, range));
  return edits.some((edit) => edit === undefined) ? undefined : editOnly(edits.filter((edit) => edit !== undefined));
}
