import type { Policy, Rule } from '../model/policy.js';
import type { Place } from '../model/workload.js';
import { insertEntry, removeItem } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, valueAt } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { ruleNode, specOf } from './policy-nodes.js';

/**
 * Takes a rule out of its policy; what is isolated stays isolated. `because` says in the title why nothing is lost.
 * Where policyTypes is left to its default, egress rules are what isolates the pods: the types are written then.
 */
export function removeRule(policy: Placed<Policy>, rule: Rule, because: string): Fix {
  const spec = specOf(policy);
  const { family, isolatesByDefault, rules } = policy.value;
  const last = rules.filter(({ direction }) => direction === rule.direction).length === 1;
  const unwritten = family === 'kubernetes' && isolatesByDefault && rule.direction === 'egress' && last;
  return {
    title: unwritten
      ? `Remove this rule, and write policyTypes so that egress stays isolated (${because})`
      : `Remove this rule (${because})`,
    changes() {
      const list = valueAt(spec, rule.direction);
      const removal = list?.kind === 'sequence' ? removeItem(list, rule.index) : undefined;
      if (removal === undefined || spec === undefined || !unwritten) return editOnly(removal);
      if (entryOf(spec, 'policyTypes') !== undefined) return undefined;
      const placement = { after: ['podSelector'], before: ['ingress', 'egress'] };
      const types = insertEntry(spec, 'policyTypes', ['Ingress', 'Egress'], placement);
      return types === undefined ? undefined : editOnly([types, removal]);
    },
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
