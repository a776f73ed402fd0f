import { ruleListKey, specOf } from '../../engine/policy-nodes.js';
import { peerKeys } from '../../kinds/cilium/peers.js';
import type { Direction, Family, Policy } from '../../model/policy.js';
import { isNull, keyText, valueAt, type YamlEntry, type YamlItem, type YamlNode } from '../../text/tree.js';
import type { Placed } from '../../workspace/scope.js';
import { type Hint, writtenItems } from './hint.js';

/**
 * How the parts of a rule are joined: AND before what narrows a peer further, OR before a peer that could be mistaken for a
 * part of the one above. Lists whose items ask for the same need no word: nobody reads them otherwise.
 */
export function andOrHints(policy: Placed<Policy>): readonly Hint[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => {
    const keys = new Set(
      (['Allow', 'Deny'] as const).map((action) => ruleListKey(policy.value, { direction, action })),
    );
    const rules = [...keys].flatMap((key) => writtenItems(valueAt(specOf(policy), key)));
    return rules.flatMap(({ value }) => inRule(value, policy.value.family, direction));
  });
}

function inRule(rule: YamlNode, family: Family, direction: Direction): readonly Hint[] {
  switch (family) {
    case 'kubernetes':
    case 'cluster':
      return inPeers(writtenItems(valueAt(rule, direction === 'ingress' ? 'from' : 'to')));
    case 'calico':
      return ['source', 'destination'].flatMap((end) => joined(valueAt(rule, end), calicoConditions, 'AND'));
    case 'cilium':
      return joined(rule, peerKeys[direction], 'OR');
  }
}

const calicoConditions = ['selector', 'namespaceSelector', 'serviceAccounts', 'nets'];
const selectors = ['namespaceSelector', 'podSelector'];

function inPeers(items: readonly YamlItem[]): readonly Hint[] {
  return items.flatMap(({ value }, i) => {
    const before = items[i - 1]?.value;
    const [own, above] = [asked(value), asked(before)];
    const isMistakable = own.length > 0 && above.length > 0 && own.join() !== above.join();
    const inner = [...joined(value, selectors, 'AND'), ...joined(valueAt(value, 'pods'), selectors, 'AND')];
    const first = value.kind === 'map' && !value.alias ? value.entries.find(({ merged }) => !merged) : undefined;
    return isMistakable && first !== undefined ? [word('OR', first), ...inner] : inner;
  });
}

/** What a peer asks of pods, by its keys; nothing where it is about addresses. */
function asked(node: YamlNode | undefined): readonly string[] {
  return [...selectors, 'namespaces', 'pods'].filter((key) => !isNull(valueAt(node, key)));
}

/** A word before each but the first of some entries of a map. */
function joined(node: YamlNode | undefined, keys: readonly string[], by: 'AND' | 'OR'): readonly Hint[] {
  if (node?.kind !== 'map' || node.alias) return [];
  const entries = node.entries.filter(
    (entry) => !entry.merged && !entry.duplicate && keys.includes(keyText(entry)) && !isNull(entry.value),
  );
  return entries.slice(1).map((entry) => word(by, entry));
}

function word(words: 'AND' | 'OR', { key }: YamlEntry): Hint {
  const more =
    words === 'AND'
      ? 'Both have to hold: this narrows what stands above.'
      : 'Either is enough: this is a peer of its own, and widens what stands above.';
  return { kind: 'andOr', document: key.document, offset: key.range.start, words, side: 'before', more };
}
