import type { Rule } from '../model/policy.js';
import { isAll, isEmpty } from '../model/ports.js';

/** Known in all it says, its peers among it, and saying something. */
export function isKnown(rule: Rule): boolean {
  return !rule.uncertain && !isEmpty(rule.ports);
}

/** An empty rule: `allow-all-rule` speaks of it, and of what it makes idle in other policies. */
export function allowsAll(rule: Rule): boolean {
  return isAll(rule.ports) && rule.peers.every(({ kind }) => kind === 'anything');
}
