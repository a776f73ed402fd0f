import type { Resource } from '../kinds/kind.js';
import type { Problem } from '../kinds/problem.js';
import type { Observed, Placed, Scope } from '../workspace/scope.js';
import type { Finding, RuleDefinition } from './rule.js';

export interface Found {
  readonly rule: RuleDefinition;
  readonly finding: Finding;
}

/**
 * What the rules found before, under one configuration, for as long as it holds: a resource never changes, and an answer
 * from a scope is asked for again when anything that it was read from has changed. Rules read facts from the scope and
 * the object they are given, and from nowhere else.
 */
export class RuleMemory {
  readonly #problems = new WeakMap<Resource, readonly Problem[]>();
  readonly #found = new WeakMap<Placed<unknown>, Observed<readonly Found[]>>();

  problems(resource: Resource, check: () => readonly Problem[]): readonly Problem[] {
    const known = this.#problems.get(resource);
    if (known !== undefined) return known;
    const problems = check();
    this.#problems.set(resource, problems);
    return problems;
  }

  /** `placed` belongs to this scope alone. */
  found(scope: Scope, placed: Placed<unknown>, check: () => readonly Found[]): readonly Found[] {
    const known = this.#found.get(placed);
    if (known?.isCurrent() === true) return known.answer;
    const found = scope.observe(check);
    this.#found.set(placed, found);
    return found.answer;
  }
}
