import { namespaceNameKey } from '../../model/pod-facts.js';
import { count, list } from '../../model/print.js';
import type { Labels } from '../../model/selector.js';
import type { Workload } from '../../model/workload.js';
import type { Placed, Scope } from '../../workspace/scope.js';

/** The objects that carry a label: how many, and the names of the first few. */
export interface Carriers {
  readonly count: number;
  readonly names: readonly string[];
}

/** Each value of each label, with its carriers. */
export type LabelCounts = ReadonlyMap<string, ReadonlyMap<string, Carriers>>;

/** What a kind of objects says for this. */
export interface Labelled<T> {
  labels(each: T): Labels;
  name(each: T): string;
}

/**
 * Counts labels in lists of objects. What a list holds is worked out once: lists of a scope never change, and one with a
 * change in it is another.
 */
export class LabelCounter<T> {
  readonly #of: Labelled<T>;
  readonly #known = new WeakMap<readonly T[], LabelCounts>();

  constructor(of: Labelled<T>) {
    this.#of = of;
  }

  use(lists: readonly (readonly T[])[]): LabelCounts {
    const [first, ...others] = lists.map((each) => this.#useOf(each));
    return first === undefined ? new Map() : others.length === 0 ? first : merged([first, ...others]);
  }

  #useOf(objects: readonly T[]): LabelCounts {
    const known = this.#known.get(objects);
    if (known !== undefined) return known;
    const use = new Map<string, Map<string, { count: number; names: string[] }>>();
    for (const each of objects) {
      for (const [key, value] of this.#of.labels(each)) {
        const values = use.get(key) ?? new Map<string, { count: number; names: string[] }>();
        use.set(key, values);
        const carriers = values.get(value);
        if (carriers === undefined) values.set(value, { count: 1, names: [this.#of.name(each)] });
        else {
          carriers.count++;
          if (carriers.names.length < mostNames) carriers.names.push(this.#of.name(each));
        }
      }
    }
    this.#known.set(objects, use);
    return use;
  }
}

const mostNames = 3;

function merged(uses: readonly LabelCounts[]): LabelCounts {
  const all = new Map<string, Map<string, Carriers>>();
  for (const use of uses) {
    for (const [key, values] of use) {
      const known = all.get(key) ?? new Map<string, Carriers>();
      all.set(key, known);
      for (const [value, carriers] of values) known.set(value, addCarriers(known.get(value), carriers));
    }
  }
  return all;
}

/** Both together; the names of the first few are kept. */
export function addCarriers(a: Carriers | undefined, b: Carriers): Carriers {
  if (a === undefined) return b;
  const room = mostNames - a.names.length;
  return { count: a.count + b.count, names: room > 0 ? [...a.names, ...b.names.slice(0, room)] : a.names };
}

/** All that carry a label, whatever its value. */
export function carriersOf(values: ReadonlyMap<string, Carriers>): Carriers {
  return [...values.values()].reduce(addCarriers, { count: 0, names: [] });
}

/** "2 workloads: api and web", "12 workloads: api, web, db and 9 more". */
export function carrierWords(carriers: Carriers, noun: string): string {
  return `${count(carriers.count, noun)}: ${namesOf(carriers)}`;
}

/** "api and web", "api, web, db and 9 more". */
export function namesOf({ count: all, names }: Carriers): string {
  return list(all > names.length ? [...names, `${all - names.length} more`] : names);
}

/** The labels of the pods of workloads, told by the workloads' names. */
export const podLabels: Labelled<Placed<Workload>> = {
  labels: ({ value }) => value.labels,
  name: ({ value }) => (value.name === '' ? '(unnamed)' : value.name),
};

/** A namespace of a scope, declared or used. */
export interface LabelledNamespace {
  readonly name: string;
  readonly labels: Labels;
}

/** The namespaces that are declared or used, each with the label that gives its name. */
export function namespacesIn(scope: Scope): readonly LabelledNamespace[] {
  const used = [...scope.namespaces.values()].flatMap(({ ref }) => ref.name ?? []);
  return [...new Set([...scope.namespaceObjects.keys(), ...used])].map((name) => ({
    name,
    labels: new Map([...(scope.namespaceObjects.get(name)?.value.labels ?? []), [namespaceNameKey, name]]),
  }));
}
