import type { Resource } from '../kinds/kind.js';
import type { Problem } from '../kinds/problem.js';
import type { ClusterProfile } from '../model/profile.js';
import { sameCni } from '../workspace/detect-cni.js';
import type { Observed, Placed, Scope } from '../workspace/scope.js';
import type { Finding, RuleDefinition } from './rule.js';

export interface Found {
  readonly rule: RuleDefinition;
  readonly finding: Finding;
}

/** Rules that judge a policy alone, and the others: what the former found outlives an edit of another policy. */
export type Part = 'alone' | 'with others';

type Known = Observed<readonly Found[]> & { readonly profile: ClusterProfile };

/**
 * What the rules found before, under one configuration, for as long as it holds: a resource never changes, and an answer
 * from a scope is asked for again when anything that it was read from has changed. Rules read facts from the scope and
 * the object they are given, and from nowhere else.
 */
export class RuleMemory {
  readonly #problems = new WeakMap<Resource, readonly Problem[]>();
  readonly #found: Readonly<Record<Part, WeakMap<Placed<unknown>, Known>>> = {
    alone: new WeakMap(),
    'with others': new WeakMap(),
  };

  /** By subject and scope; an answer is asked for again when what it was read from has changed. */
  readonly #about = new WeakMap<object, WeakMap<Scope, Observed<unknown> & { readonly profile: ClusterProfile }>>();

  /** What was worked out about something that belongs to no scope, in a scope: one question for each subject. */
  about<T>(subject: object, scope: Scope, profile: ClusterProfile, question: () => T): T {
    const byScope =
      this.#about.get(subject) ?? new WeakMap<Scope, Observed<unknown> & { readonly profile: ClusterProfile }>();
    this.#about.set(subject, byScope);
    const known = byScope.get(scope);
    // One subject is asked one question: the answer has that one's type.
    if (known?.isCurrent() === true && sameCni(known.profile, profile)) return known.answer as T;
    const { answer, isCurrent } = scope.observe(question);
    byScope.set(scope, { answer, isCurrent, profile });
    return answer;
  }

  problems(resource: Resource, check: () => readonly Problem[]): readonly Problem[] {
    const known = this.#problems.get(resource);
    if (known !== undefined) return known;
    const problems = check();
    this.#problems.set(resource, problems);
    return problems;
  }

  /** `placed` belongs to this scope alone; `profile` is the scope's now. */
  found(
    part: Part,
    scope: Scope,
    placed: Placed<unknown>,
    profile: ClusterProfile,
    check: () => readonly Found[],
  ): readonly Found[] {
    const known = this.#found[part].get(placed);
    if (known?.isCurrent() === true && sameCni(known.profile, profile)) return known.answer;
    const { answer, isCurrent } = scope.observe(check);
    this.#found[part].set(placed, { answer, isCurrent, profile });
    return answer;
  }
}
