import type { Policy } from '../../model/policy.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import type { KnownText } from './field-completion.js';
import { addCarriers, type Carriers, carrierWords } from './label-counts.js';

/**
 * Counts what the policies of a scope name: blocks of addresses, domains. What a namespace's policies name is worked out
 * once: lists of a scope never change, and one with a change in it is another.
 */
export class PolicyUses {
  readonly #textsOf: (policy: Policy) => Iterable<string>;
  readonly #known = new WeakMap<readonly Placed<Policy>[], ReadonlyMap<string, Carriers>>();

  constructor(textsOf: (policy: Policy) => Iterable<string>) {
    this.#textsOf = textsOf;
  }

  /** What policies other than `own` name, that of most policies first. */
  in(scope: Scope, own: Placed<Policy> | undefined): readonly Required<Pick<KnownText, 'text' | 'doc' | 'count'>>[] {
    const all = new Map<string, Carriers>();
    for (const policies of [
      ...[...scope.namespaces.values()].map((content) => content.policies),
      scope.clusterPolicies,
    ]) {
      const uses =
        own !== undefined && policies.includes(own)
          ? this.#usesIn(policies.filter((each) => each !== own))
          : this.#usesOf(policies);
      for (const [text, carriers] of uses) all.set(text, addCarriers(all.get(text), carriers));
    }
    return [...all]
      .sort(([, a], [, b]) => b.count - a.count)
      .map(([text, carriers]) => ({ text, doc: `In ${carrierWords(carriers, 'policy')}`, count: carriers.count }));
  }

  #usesOf(policies: readonly Placed<Policy>[]): ReadonlyMap<string, Carriers> {
    const known = this.#known.get(policies) ?? this.#usesIn(policies);
    this.#known.set(policies, known);
    return known;
  }

  #usesIn(policies: readonly Placed<Policy>[]): ReadonlyMap<string, Carriers> {
    const uses = new Map<string, Carriers>();
    for (const { value } of policies) {
      for (const text of new Set(this.#textsOf(value))) {
        uses.set(text, addCarriers(uses.get(text), { count: 1, names: [value.name] }));
      }
    }
    return uses;
  }
}
