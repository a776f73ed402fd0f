import type { AppliedPolicy } from './cluster.js';
import type { AppliedRule } from './layers.js';

/** "shop/api, ingress rule 1": rules are counted from 1, or called by their own name. */
export function ruleName({ policy, rule }: AppliedRule): string {
  return `${titleOf(policy)}, ${rule.direction} rule ${rule.index + 1}${rule.name === undefined ? '' : ` "${rule.name}"`}`;
}

export function titleOf({ placed, namespace }: AppliedPolicy): string {
  const name = placed.value.name === '' ? '(unnamed)' : placed.value.name;
  return namespace === undefined ? `${placed.value.kind} ${name}` : `${namespace.name}/${name}`;
}
