import type { RuleDefinition } from './rule.js';
import { unusedSuppression } from './unused-suppression.js';
import { yamlSyntax } from './yaml-syntax.js';

/** Every rule, in the order of the catalogue. A new rule adds its file and a line here. */
export const rules: readonly RuleDefinition[] = [
  // netpol itself
  unusedSuppression,
  yamlSyntax,
];

const byId = new Map(rules.map((rule) => [rule.id, rule]));

export function ruleNamed(id: string): RuleDefinition | undefined {
  return byId.get(id);
}

export { unusedSuppression, yamlSyntax };
