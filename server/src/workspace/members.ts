import type { ModelObject, ModelType, ModelValues } from '../kinds/kind.js';
import { Fact, type Reads } from './fact.js';
import type { Placed } from './scope.js';

export interface MemberOf<T extends ModelType> {
  readonly type: T;
  readonly placed: Placed<ModelValues[T]>;
}

/** An object of a scope, with the list it stands in. */
export type Member = { readonly [T in ModelType]: MemberOf<T> }[ModelType];

/** Objects that stand in no namespace. */
export const clusterWideTypes: ReadonlySet<ModelType> = new Set<ModelType>([
  'node',
  'namespace',
  'entryClass',
  'apiServerCalls',
  'tier',
]);

/** Objects that are kept for each namespace as well, since questions are asked of one namespace. */
export const byNamespaceTypes = ['policy', 'workload', 'service', 'config'] as const satisfies readonly ModelType[];

/** Objects that are kept for the scope as a whole. */
export const scopeTypes = [
  'policy',
  'workload',
  'entry',
  'entryClass',
  'gateway',
  'monitor',
  'prometheus',
  'tier',
  'addressSet',
  'localRedirect',
  'serviceAccount',
  'node',
  'namespace',
  'apiServerCalls',
] as const satisfies readonly ModelType[];

/** The object in its place. What TypeScript cannot follow here is that `type` and `value` stay together. */
export function memberOf(object: ModelObject, where: Omit<Placed<unknown>, 'value'>): Member {
  return { type: object.type, placed: { ...where, value: object.value } } as Member;
}

export function membersOf<T extends ModelType>(members: readonly Member[], type: T): readonly Placed<ModelValues[T]>[] {
  // Asked for each type and of every object of a file after each key: no list for each member.
  const found: Placed<ModelValues[T]>[] = [];
  for (const member of members) if (isOf(member, type)) found.push(member.placed);
  return found;
}

export function isOf<T extends ModelType>(member: Member, type: T): member is Member & MemberOf<T> {
  return member.type === type;
}

type Fill<K extends ModelType> = <T extends K>(type: T) => readonly Placed<ModelValues[T]>[];

/** Replaces what a file holds in one list. */
export type Replace = <T extends ModelType>(fact: Fact<readonly Placed<ModelValues[T]>[]>, type: T) => boolean;

/** One list for each of some types, each a fact of its own. */
export class Lists<K extends ModelType> {
  readonly #types: readonly K[];
  readonly #facts: { readonly [T in K]: Fact<readonly Placed<ModelValues[T]>[]> };

  constructor(reads: Reads, types: readonly K[]) {
    this.#types = types;
    const facts: Partial<Record<K, unknown>> = {};
    for (const type of types) facts[type] = new Fact(reads, []);
    this.#facts = facts as { readonly [T in K]: Fact<readonly Placed<ModelValues[T]>[]> };
  }

  get<T extends K>(type: T): readonly Placed<ModelValues[T]>[] {
    return this.#facts[type].get();
  }

  fill(of: Fill<K>): void {
    for (const type of this.#types) this.#facts[type].set(of(type));
  }

  /** The types whose lists are others than before. */
  update(replace: Replace): ReadonlySet<K> {
    return new Set(this.#types.filter((type) => replace(this.#facts[type], type)));
  }

  /** The first object of each list. */
  firsts(): readonly Placed<unknown>[] {
    return this.#types.flatMap((type): readonly Placed<unknown>[] => this.#facts[type].peek().slice(0, 1));
  }

  peek<T extends K>(type: T): readonly Placed<ModelValues[T]>[] {
    return this.#facts[type].peek();
  }
}
