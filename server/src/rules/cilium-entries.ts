import { itemsOf } from '../kinds/entry.js';
import { dash } from '../kinds/structure.js';
import type { CniProfile } from '../model/cni.js';
import type { Peer } from '../model/peer.js';
import type { Action, Direction, Policy, Rule } from '../model/policy.js';
import { type Span, spanOf, valueAt, type YamlMap, type YamlNode, type YamlSequence } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { specOf } from './policy-nodes.js';

/** One item of `ingress`, `egress`, `ingressDeny` or `egressDeny` of a Cilium policy. */
export interface CiliumEntry {
  readonly direction: Direction;
  readonly action: Action;
  readonly list: YamlSequence;
  readonly index: number;
  readonly node: YamlNode;
  /** Its dash. */
  readonly at: Span;
  /** What it is read as: one rule, and one for each item of `toPorts` that asks for more than ports. */
  readonly rules: readonly Rule[];
}

/** The plugin enforces Cilium's policies, or nobody says which one it is. */
export function mayBeCilium({ ownFamily }: CniProfile): boolean {
  return ownFamily === undefined || ownFamily === 'cilium';
}

/** The entries of a Cilium policy, in the order in which its rules are read; none for other families. */
export function ciliumEntries(policy: Placed<Policy>): readonly CiliumEntry[] {
  if (policy.value.family !== 'cilium') return [];
  const spec = specOf(policy);
  return (['ingress', 'egress'] as const).flatMap((direction) =>
    (['Allow', 'Deny'] as const).flatMap((action) => {
      const list = valueAt(spec, action === 'Deny' ? `${direction}Deny` : direction);
      if (list?.kind !== 'sequence') return [];
      const own = policy.value.rules.filter((rule) => rule.direction === direction && rule.action === action);
      return list.items.map((item, index): CiliumEntry => {
        const rules = own.filter((rule) => rule.index === index);
        return { direction, action, list, index, node: item.value, at: dash(item), rules };
      });
    }),
  );
}

/** Where a peer stands: the range of a CIDRSet's item, else as it was read. */
export function peerSpan({ node, direction }: CiliumEntry, { at }: Peer): Span {
  const list = valueAt(node, direction === 'ingress' ? 'fromCIDRSet' : 'toCIDRSet');
  const item = list?.kind === 'sequence' ? list.items.find(({ marker }) => marker.start === at.range.start) : undefined;
  const cidr = valueAt(item?.value, 'cidr');
  return cidr === undefined ? at : spanOf(cidr);
}

/** The maps of an entry's `toPorts`. */
export function portItems(entry: CiliumEntry): readonly YamlMap[] {
  return itemsOf(valueAt(entry.node, 'toPorts')).filter((item) => item.kind === 'map');
}
