import type { Rule } from '../model/policy.js';
import { type Answer, and } from '../model/three.js';
import type { OrderedRule } from './effective.js';

/**
 * Whether the rules of one cluster-wide tier allow something, asked one after the other: the first that takes it in
 * decides. Undefined where they leave it to the next tier: none takes it in, or one passes it on.
 */
export function decidedBy(rules: readonly OrderedRule[], takes: (rule: OrderedRule) => Answer): Answer | undefined {
  for (const ordered of rules) {
    const { policy, rule, selects } = ordered;
    const taken = takes(ordered);
    const open = (rule.uncertain || policy.value.uncertain) && taken === 'no' ? 'unknown' : taken;
    const answer = and(selects, open);
    if (answer === 'unknown') return answer;
    if (answer === 'yes' && rule.action !== 'Log') return outcomes[rule.action];
  }
  return undefined;
}

const outcomes: Readonly<Record<Exclude<Rule['action'], 'Log'>, Answer | undefined>> = {
  Allow: 'yes',
  Deny: 'no',
  Pass: undefined,
};
