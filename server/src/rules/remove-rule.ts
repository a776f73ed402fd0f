import { ruleRemoval } from '../engine/rule-removal.js';
import type { Policy, Rule } from '../model/policy.js';
import type { Place } from '../model/workload.js';
import { removeItem } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { valueAt } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { ruleNode } from './policy-nodes.js';

/** Takes a rule out of its policy (see `ruleRemoval`). `because` says in the title why nothing is lost. */
export function removeRule(policy: Placed<Policy>, rule: Rule, because: string): Fix {
  const { writesTypes, edits } = ruleRemoval(policy, rule);
  return {
    title: writesTypes
      ? `Remove this rule, and write policyTypes so that egress stays isolated (${because})`
      : `Remove this rule (${because})`,
    changes: () => editOnly(edits()),
  };
}

/**
 * Takes the peer or port entry that stands at a place out of its rule's list. Undefined where it is the only one: an empty
 * list would stand for everything.
 */
export function removeItemAt(
  policy: Placed<Policy>,
  rule: Rule,
  at: Place,
  what: string,
  because: string,
): Fix | undefined {
  const node = ruleNode(policy, rule);
  const lists = ['from', 'to', 'ports', 'protocols'].flatMap((key) => {
    const list = valueAt(node, key);
    return list?.kind === 'sequence' ? [list, ...list.items.map((item) => valueAt(item.value, 'networks'))] : [];
  });
  for (const list of lists) {
    if (list?.kind !== 'sequence' || list.items.length < 2) continue;
    const { start } = at.range;
    const index = list.items.findIndex(({ marker, value }) => marker.start === start || value.range.start === start);
    if (index < 0) continue;
    return { title: `Remove this ${what} (${because})`, changes: () => editOnly(removeItem(list, index)) };
  }
  return undefined;
}
