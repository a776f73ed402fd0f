import { Fact, type Reads } from './fact.js';
import { byNamespaceTypes, Lists, type Member, membersOf, type Replace } from './members.js';
import { same } from './per-list.js';
import type { NamespaceContent, NamespaceRef, Placed } from './scope.js';

/** The objects of one namespace, as facts. */
export class LiveContent implements NamespaceContent {
  readonly #lists: Lists<(typeof byNamespaceTypes)[number]>;

  constructor(
    reads: Reads,
    readonly ref: NamespaceRef,
  ) {
    this.#lists = new Lists(reads, byNamespaceTypes);
  }

  get policies() {
    return this.#lists.get('policy');
  }

  get workloads() {
    return this.#lists.get('workload');
  }

  get services() {
    return this.#lists.get('service');
  }

  get configs() {
    return this.#lists.get('config');
  }

  fill(members: readonly Member[]): void {
    this.#lists.fill((type) => membersOf(members, type));
  }

  update(replace: Replace): void {
    this.#lists.update(replace);
  }

  /** The first object of each list; none when the namespace is empty. */
  firsts(): readonly Placed<unknown>[] {
    return this.#lists.firsts();
  }
}

/** The namespaces by key; which of them there are, and in what order, is a fact of its own. */
export class NamespaceMap implements ReadonlyMap<string, NamespaceContent> {
  readonly #all: Fact<ReadonlyMap<string, LiveContent>>;
  /** Kept apart: most scopes have none, and they are asked for with every namespace. */
  #unset: readonly LiveContent[];

  constructor(reads: Reads, contents: readonly LiveContent[]) {
    this.#all = new Fact(reads, mapOf(contents));
    this.#unset = contents.filter(isUnset);
  }

  setAll(contents: readonly LiveContent[]): void {
    if (same([...this.#all.peek().values()], contents)) return;
    this.#all.set(mapOf(contents));
    this.#unset = contents.filter(isUnset);
  }

  /** Those without a name, in their order. */
  get unset(): readonly NamespaceContent[] {
    return this.#all.get().size === 0 ? [] : this.#unset;
  }

  get size(): number {
    return this.#all.get().size;
  }

  get(key: string): NamespaceContent | undefined {
    return this.#all.get().get(key);
  }

  has(key: string): boolean {
    return this.#all.get().has(key);
  }

  keys() {
    return this.#all.get().keys();
  }

  values() {
    return this.#all.get().values();
  }

  entries() {
    return this.#all.get().entries();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  forEach(visit: (content: NamespaceContent, key: string, map: ReadonlyMap<string, NamespaceContent>) => void): void {
    for (const [key, content] of this.entries()) visit(content, key, this);
  }
}

function mapOf(contents: readonly LiveContent[]): ReadonlyMap<string, LiveContent> {
  return new Map(contents.map((content) => [content.ref.key, content]));
}

function isUnset({ ref }: LiveContent): boolean {
  return ref.name === undefined;
}
