import type { Policy, Rule } from '../model/policy.js';
import { insertEntry, removeItem, type TextEdit } from '../text/edits.js';
import { entryOf, valueAt } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { ruleListKey, specOf } from './policy-nodes.js';

/** How a rule is taken out of its policy. */
export interface RuleRemoval {
  /** policyTypes is written with it. */
  readonly writesTypes: boolean;
  /** Undefined where it cannot be done by edits. */
  edits(): readonly TextEdit[] | undefined;
}

/**
 * Takes a rule out of its policy; what is isolated stays isolated. Where policyTypes is left to its default, egress rules
 * are what isolates the pods: the types are written with it. Source: FACTS A1, defaults of policyTypes.
 */
export function ruleRemoval(policy: Placed<Policy>, rule: Rule): RuleRemoval {
  const { direction, index } = rule;
  const { family, isolatesByDefault, rules } = policy.value;
  const last = rules.filter((each) => each.direction === direction).length === 1;
  // Without its last rule a Cilium policy isolates no more, and Calico defaults `types` as well.
  const writesTypes = family === 'kubernetes' && isolatesByDefault && direction === 'egress' && last;
  return {
    writesTypes,
    edits() {
      const spec = specOf(policy);
      const list = valueAt(spec, ruleListKey(policy.value, rule));
      const removal = list?.kind === 'sequence' ? removeItem(list, index) : undefined;
      if (spec === undefined || removal === undefined) return undefined;
      if (!writesTypes) return [removal];
      // A list of types that is there already, such as an empty one, is not what isolates.
      if (entryOf(spec, 'policyTypes') !== undefined) return undefined;
      const placement = { after: ['podSelector'], before: ['ingress', 'egress'] };
      const types = insertEntry(spec, 'policyTypes', ['Ingress', 'Egress'], placement);
      return types === undefined ? undefined : [types, removal];
    },
  };
}
