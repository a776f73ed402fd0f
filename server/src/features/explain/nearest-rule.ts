import type { Decision } from '../../engine/decisions.js';
import type { Failure } from '../../engine/expectations.js';
import { ruleName } from '../../engine/policy-title.js';
import { reasonWords } from './reason-words.js';

/** Of each end that denies a connection, the rule that comes nearest to allowing it, and why it does not match. */
export function nearestOf({ parts }: Failure): readonly Decision[] {
  const part = parts.find(({ allowed }) => !allowed);
  if (part === undefined) return [];
  return [part.egress, part.ingress].flatMap((side): readonly Decision[] => {
    const [nearest] = side.nearest;
    if (nearest === undefined || nearest.reasons.length === 0) return [];
    const { rule, peer, reasons } = nearest;
    const why = reasons.map((reason) => reasonWords(reason, rule, part, side)).join(', and ');
    return [{ words: `nearest is ${ruleName(rule)}: ${why}`, at: peer.kind === 'anything' ? rule.rule.at : peer.at }];
  });
}
