import { formatPath } from '../../text/paths.js';
import type { Span, YamlPath } from '../../text/tree.js';
import type { Problem, ValidityRule } from '../problem.js';

/** What is refused by Cilium itself, behind the API server. Source: FACTS A4, A4.3. */
export const byAgent = "Cilium's agent does not load the policy: kubectl apply succeeds, and nothing is enforced.";

export const byServer = 'The API server refuses the object.';

/** One problem: what is wrong, who refuses it, and what to do. */
export function refusal(
  rule: ValidityRule,
  path: YamlPath,
  at: Span,
  [what, who, how]: readonly [string, string, string],
  more: Partial<Problem> = {},
): Problem {
  return { rule, path, at, message: `${formatPath(path)}: ${what}. ${who} ${how}`, ...more };
}
