import { subjectContains } from '../engine/containment.js';
import type { Direction, Policy } from '../model/policy.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { broaderPolicies, coveredRules, staysBefore } from './redundancy.js';

/**
 * The policies that do all that a policy does: they isolate the same pods in its directions, and allow all that it
 * allows. Undefined where it does something that they do not. Never in a circle: of two equal policies the later is void.
 */
export function voidedBy(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] | undefined {
  const { family, isolates, uncertain, rules } = policy.value;
  if (family !== 'kubernetes' || uncertain || isolates.length === 0) return undefined;
  // Rules of a direction that is not listed were meant to do something: see rules-without-policy-type.
  if (rules.some(({ direction }) => !isolates.includes(direction))) return undefined;
  const broader = isolates.map((direction) => isolatingFirst(scope, policy, direction));
  if (broader.includes(undefined)) return undefined;
  const covered = rules.length === 0 ? [] : coveredRules(scope, policy);
  if (covered.length < rules.length || covered.some(({ covers }) => covers.includes(undefined))) return undefined;
  const allowing = covered
    .flatMap(({ covers }) => covers.flatMap((cover) => cover?.policy ?? []))
    .filter((other) => other !== policy);
  // The fewest names: who allows most often isolates, too.
  const isolating = isolates.map((direction, index) => isolatedBy(allowing, direction) ?? broader[index]);
  return [...new Set([...isolating, ...allowing])].filter((other) => other !== undefined);
}

/** The first of the policies that isolate at least the same pods in a direction, and stay when this one goes. */
function isolatingFirst(scope: Scope, policy: Placed<Policy>, direction: Direction): Placed<Policy> | undefined {
  for (const other of broaderPolicies(scope, policy)) {
    if (!other.value.isolates.includes(direction)) continue;
    if (staysBefore(scope, other, policy) && !isException(scope, other, policy)) return other;
  }
  return undefined;
}

/** A policy without rules is a default, which those with rules for the very same pods make exceptions from. */
function isException(scope: Scope, other: Placed<Policy>, policy: Placed<Policy>): boolean {
  return policy.value.rules.length === 0 && other.value.rules.length > 0 && subjectContains(scope, policy, other);
}

function isolatedBy(policies: readonly Placed<Policy>[], direction: Direction): Placed<Policy> | undefined {
  return policies.find(({ value }) => value.isolates.includes(direction));
}
