import { resourcesOf } from '../kinds/index.js';
import type { ModelObject, ModelType, ModelValues, Resource } from '../kinds/kind.js';
import type { Policy } from '../model/policy.js';
import type { SourceFile } from '../text/file.js';
import { Fact, Reads } from './fact.js';
import { LiveContent, NamespaceMap, same } from './live-content.js';
import { byNamespaceTypes, clusterWideTypes, Lists, type Member, memberOf, membersOf, scopeTypes } from './members.js';
import {
  clusterWide,
  type NamespaceContent,
  type NamespaceRef,
  type Observed,
  type Placed,
  type Scope,
} from './scope.js';

/** A file's part in the scope. */
interface Part {
  /** The file's place among the files of the scope. */
  readonly ordinal: number;
  /** The namespace a kustomization gives. */
  readonly override: string | undefined;
  /** Names the unset namespace that the file's objects fall in. */
  readonly unsetKey: string;
  members: readonly Member[];
}

/**
 * A scope that follows its files. Invariant: after `add` and `update` it equals, in content and in order, a scope that is
 * made anew from the same files; a list whose items stay the same stays the same list.
 */
export class LiveScope implements Scope {
  readonly #reads = new Reads();
  readonly #parts = new Map<string, Part>();
  readonly #refs = new Map<string, NamespaceRef>();
  readonly #byResource = new WeakMap<Resource, Member>();
  readonly #contents = new Map<string, LiveContent>();
  readonly #lists = new Lists(this.#reads, scopeTypes);
  readonly #clusterPolicies = new Fact<readonly Placed<Policy>[]>(this.#reads, []);
  readonly #objectsByName = new Fact<ReadonlyMap<string, Placed<ModelValues['namespace']>>>(this.#reads, new Map());
  readonly #namespaces: NamespaceMap;

  constructor(
    readonly id: string,
    readonly title: string,
    readonly kind: Scope['kind'],
    readonly patched: boolean,
    files: Iterable<{
      readonly file: SourceFile;
      readonly override: string | undefined;
      readonly unsetKey: string;
    }>,
  ) {
    const members: Member[] = [];
    let ordinal = 0;
    for (const { file, override, unsetKey } of files) {
      const part: Part = { ordinal: ordinal++, override, unsetKey, members: [] };
      part.members = this.#membersOf(file, part);
      this.#parts.set(file.uri, part);
      members.push(...part.members);
    }
    this.#lists.fill((type) => membersOf(members, type));
    this.#setDerived(scopeTypes);
    for (const [key, list] of byNamespace(members)) this.#content(key).fill(list);
    this.#namespaces = new NamespaceMap(this.#reads, this.#inOrder());
  }

  get namespaces(): ReadonlyMap<string, NamespaceContent> {
    return this.#namespaces;
  }

  get namespaceObjects() {
    return this.#objectsByName.get();
  }

  get policies() {
    return this.#lists.get('policy');
  }

  get clusterPolicies() {
    return this.#clusterPolicies.get();
  }

  get workloads() {
    return this.#lists.get('workload');
  }

  get entries() {
    return this.#lists.get('entry');
  }

  get nodes() {
    return this.#lists.get('node');
  }

  policyOf(resource: Resource): Placed<Policy> | undefined {
    const member = this.#byResource.get(resource);
    return member?.type === 'policy' ? member.placed : undefined;
  }

  workloadOf(resource: Resource): Placed<ModelValues['workload']> | undefined {
    const member = this.#byResource.get(resource);
    return member?.type === 'workload' ? member.placed : undefined;
  }

  observe<T>(question: () => T): Observed<T> {
    const { answer, facts } = this.#reads.during(question);
    let seen = this.#reads.clock;
    let current = true;
    return {
      answer,
      isCurrent: () => {
        if (!current || seen === this.#reads.clock) return current;
        current = !facts.some((fact) => fact.changedSince(seen));
        seen = this.#reads.clock;
        return current;
      },
    };
  }

  /** Takes in a new state of one of its files. */
  update(file: SourceFile): void {
    const part = this.#parts.get(file.uri);
    if (part === undefined) return;
    const before = part.members;
    const after = this.#membersOf(file, part);
    part.members = after;
    const replaceBy =
      (left: readonly Member[], arrived: readonly Member[]) =>
      <T extends ModelType>(fact: Fact<readonly Placed<ModelValues[T]>[]>, type: T) =>
        this.#replace(fact, file.uri, membersOf(left, type), membersOf(arrived, type));
    this.#setDerived(this.#lists.update(replaceBy(before, after)));
    const old = byNamespace(before);
    const fresh = byNamespace(after);
    for (const key of new Set([...old.keys(), ...fresh.keys()])) {
      this.#content(key).update(replaceBy(old.get(key) ?? [], fresh.get(key) ?? []));
    }
    this.#namespaces.setAll(this.#inOrder());
  }

  /** Replaces a file's items in a list that is in the order of the files; false where they are the same as before. */
  #replace<T>(
    fact: Fact<readonly Placed<T>[]>,
    uri: string,
    before: readonly Placed<T>[],
    after: readonly Placed<T>[],
  ): boolean {
    if (same(before, after)) return false;
    const list = fact.peek();
    const [first] = before;
    const start = first === undefined ? this.#placeFor(uri, list) : list.indexOf(first);
    fact.set(list.toSpliced(start, before.length, ...after));
    return true;
  }

  #placeFor(uri: string, list: readonly Placed<unknown>[]): number {
    const ordinal = this.#ordinal(uri);
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ordinal(list[middle]?.uri ?? '') < ordinal) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #ordinal(uri: string): number {
    return this.#parts.get(uri)?.ordinal ?? 0;
  }

  /** What is worked out from lists, where these have changed. */
  #setDerived(changed: Iterable<ModelType>): void {
    const types = new Set(changed);
    if (types.has('policy')) {
      const list = this.#lists.peek('policy').filter(({ value }) => value.clusterWide);
      if (!same(list, this.#clusterPolicies.peek())) this.#clusterPolicies.set(list);
    }
    if (types.has('namespace'))
      this.#objectsByName.set(new Map(this.#lists.peek('namespace').map((object) => [object.value.name, object])));
  }

  /** Contents with anything in them, in the order in which the files first speak of them. */
  #inOrder(): readonly LiveContent[] {
    const places = [...this.#contents.values()].flatMap((content) => {
      const firsts = content.firsts().map(({ uri, resource }) => {
        const part = this.#parts.get(uri);
        const index = part?.members.findIndex(({ placed }) => placed.resource === resource) ?? 0;
        return { ordinal: part?.ordinal ?? 0, index };
      });
      const [first] = firsts.sort((a, b) => a.ordinal - b.ordinal || a.index - b.index);
      return first === undefined ? [] : [{ content, ...first }];
    });
    return places.sort((a, b) => a.ordinal - b.ordinal || a.index - b.index).map(({ content }) => content);
  }

  #content(key: string): LiveContent {
    const known = this.#contents.get(key);
    if (known !== undefined) return known;
    const content = new LiveContent(this.#reads, this.#ref(key, undefined));
    this.#contents.set(key, content);
    return content;
  }

  #membersOf(file: SourceFile, part: Part): readonly Member[] {
    const members: Member[] = [];
    for (const { document } of file.documents) {
      for (const resource of resourcesOf(document)) {
        const known = this.#byResource.get(resource);
        const member = known ?? this.#member(resource, file.uri, part);
        if (member === undefined) continue;
        if (known === undefined) this.#byResource.set(resource, member);
        members.push(member);
      }
    }
    return members;
  }

  #member(resource: Resource, uri: string, { override, unsetKey }: Part): Member | undefined {
    const { object } = resource;
    if (object === undefined) return undefined;
    return memberOf(object, { namespace: this.#namespaceOf(object, override, unsetKey), resource, uri });
  }

  #namespaceOf({ type, value }: ModelObject, override: string | undefined, unsetKey: string): NamespaceRef {
    if (type === 'namespace') return this.#ref(value.name, value.name);
    if (clusterWideTypes.has(type) || (type === 'policy' && value.clusterWide)) return clusterWide;
    const name = override ?? ('namespace' in value ? value.namespace : undefined);
    return name === undefined || name === '' ? this.#ref(`unset:${unsetKey}`, undefined) : this.#ref(name, name);
  }

  #ref(key: string, name: string | undefined): NamespaceRef {
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    const ref = { key, name };
    this.#refs.set(key, ref);
    return ref;
  }
}

function byNamespace(members: readonly Member[]): ReadonlyMap<string, readonly Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    // Cluster-wide objects and entry points are kept for the scope as a whole.
    if (!keptByNamespace.has(member.type) || member.placed.namespace === clusterWide) continue;
    const { key } = member.placed.namespace;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return groups;
}

const keptByNamespace: ReadonlySet<ModelType> = new Set(byNamespaceTypes);
