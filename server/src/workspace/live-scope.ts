import { resourcesOf } from '../kinds/index.js';
import type { ModelObject, Resource } from '../kinds/kind.js';
import type { EntryPoint } from '../model/entry.js';
import type { Policy } from '../model/policy.js';
import type { NamespaceObject, NodeObject, Service, Workload } from '../model/workload.js';
import type { SourceFile } from '../text/file.js';
import { Fact, Reads } from './fact.js';
import {
  clusterWide,
  type NamespaceContent,
  type NamespaceRef,
  type Observed,
  type Placed,
  type Scope,
} from './scope.js';

/** An object and the lists it stands in. */
type Member =
  | { readonly type: 'policy'; readonly placed: Placed<Policy> }
  | { readonly type: 'workload'; readonly placed: Placed<Workload> }
  | { readonly type: 'service'; readonly placed: Placed<Service> }
  | { readonly type: 'entry'; readonly placed: Placed<EntryPoint> }
  | { readonly type: 'node'; readonly placed: Placed<NodeObject> }
  | { readonly type: 'namespace'; readonly placed: Placed<NamespaceObject> };

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
  readonly #policies = new Fact<readonly Placed<Policy>[]>(this.#reads, []);
  readonly #clusterPolicies = new Fact<readonly Placed<Policy>[]>(this.#reads, []);
  readonly #workloads = new Fact<readonly Placed<Workload>[]>(this.#reads, []);
  readonly #entries = new Fact<readonly Placed<EntryPoint>[]>(this.#reads, []);
  readonly #nodes = new Fact<readonly Placed<NodeObject>[]>(this.#reads, []);
  readonly #objects = new Fact<readonly Placed<NamespaceObject>[]>(this.#reads, []);
  readonly #objectsByName = new Fact<ReadonlyMap<string, Placed<NamespaceObject>>>(this.#reads, new Map());
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
    this.#policies.set(policies(members));
    this.#clusterPolicies.set(clusterPolicies(members));
    this.#workloads.set(workloads(members));
    this.#entries.set(entries(members));
    this.#nodes.set(nodes(members));
    this.#setObjects(namespaceObjects(members));
    for (const [key, list] of byNamespace(members)) this.#content(key).fill(list);
    this.#namespaces = new NamespaceMap(this.#reads, this.#inOrder());
  }

  get namespaces(): ReadonlyMap<string, NamespaceContent> {
    return this.#namespaces;
  }

  get namespaceObjects(): ReadonlyMap<string, Placed<NamespaceObject>> {
    return this.#objectsByName.get();
  }

  get policies(): readonly Placed<Policy>[] {
    return this.#policies.get();
  }

  get clusterPolicies(): readonly Placed<Policy>[] {
    return this.#clusterPolicies.get();
  }

  get workloads(): readonly Placed<Workload>[] {
    return this.#workloads.get();
  }

  get entries(): readonly Placed<EntryPoint>[] {
    return this.#entries.get();
  }

  get nodes(): readonly Placed<NodeObject>[] {
    return this.#nodes.get();
  }

  policyOf(resource: Resource): Placed<Policy> | undefined {
    const member = this.#byResource.get(resource);
    return member?.type === 'policy' ? member.placed : undefined;
  }

  workloadOf(resource: Resource): Placed<Workload> | undefined {
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
    const replace = <T>(fact: Fact<readonly Placed<T>[]>, pick: (members: readonly Member[]) => readonly Placed<T>[]) =>
      this.#replace(fact, file.uri, pick(before), pick(after));
    replace(this.#policies, policies);
    replace(this.#clusterPolicies, clusterPolicies);
    replace(this.#workloads, workloads);
    replace(this.#entries, entries);
    replace(this.#nodes, nodes);
    if (replace(this.#objects, namespaceObjects)) this.#setObjects(this.#objects.peek());
    const old = byNamespace(before);
    const fresh = byNamespace(after);
    for (const key of new Set([...old.keys(), ...fresh.keys()])) {
      const [left, arrived] = [old.get(key) ?? [], fresh.get(key) ?? []];
      this.#content(key).update((fact, pick) => this.#replace(fact, file.uri, pick(left), pick(arrived)));
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

  #setObjects(list: readonly Placed<NamespaceObject>[]): void {
    this.#objects.set(list);
    this.#objectsByName.set(new Map(list.map((object) => [object.value.name, object])));
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
    if (object.type === 'namespace') {
      const { name } = object.namespace;
      return {
        type: 'namespace',
        placed: { value: object.namespace, namespace: this.#ref(name, name), resource, uri },
      };
    }
    if (object.type === 'policy' && object.policy.clusterWide) {
      return { type: 'policy', placed: { value: object.policy, namespace: clusterWide, resource, uri } };
    }
    if (object.type === 'node')
      return { type: 'node', placed: { value: object.node, namespace: clusterWide, resource, uri } };
    const value = namespacedPart(object);
    const name = override ?? value.namespace;
    const unset = name === undefined || name === '';
    const placed = {
      namespace: this.#ref(unset ? `unset:${unsetKey}` : name, unset ? undefined : name),
      resource,
      uri,
    };
    if (object.type === 'policy') return { type: 'policy', placed: { ...placed, value: object.policy } };
    if (object.type === 'workload') return { type: 'workload', placed: { ...placed, value: object.workload } };
    if (object.type === 'entry') return { type: 'entry', placed: { ...placed, value: object.entry } };
    return { type: 'service', placed: { ...placed, value: object.service } };
  }

  #ref(key: string, name: string | undefined): NamespaceRef {
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    const ref = { key, name };
    this.#refs.set(key, ref);
    return ref;
  }
}

/** The objects of one namespace. */
class LiveContent implements NamespaceContent {
  readonly #policies: Fact<readonly Placed<Policy>[]>;
  readonly #workloads: Fact<readonly Placed<Workload>[]>;
  readonly #services: Fact<readonly Placed<Service>[]>;

  constructor(
    reads: Reads,
    readonly ref: NamespaceRef,
  ) {
    this.#policies = new Fact<readonly Placed<Policy>[]>(reads, []);
    this.#workloads = new Fact<readonly Placed<Workload>[]>(reads, []);
    this.#services = new Fact<readonly Placed<Service>[]>(reads, []);
  }

  get policies(): readonly Placed<Policy>[] {
    return this.#policies.get();
  }

  get workloads(): readonly Placed<Workload>[] {
    return this.#workloads.get();
  }

  get services(): readonly Placed<Service>[] {
    return this.#services.get();
  }

  fill(members: readonly Member[]): void {
    this.#policies.set(policies(members));
    this.#workloads.set(workloads(members));
    this.#services.set(services(members));
  }

  update(
    replace: <T>(fact: Fact<readonly Placed<T>[]>, pick: (members: readonly Member[]) => readonly Placed<T>[]) => void,
  ): void {
    replace(this.#policies, policies);
    replace(this.#workloads, workloads);
    replace(this.#services, services);
  }

  /** The first object of each list; none when the namespace is empty. */
  firsts(): readonly Placed<unknown>[] {
    return [this.#policies, this.#workloads, this.#services].flatMap((fact) => fact.peek()[0] ?? []);
  }
}

/** The namespaces by key; which of them there are, and in what order, is a fact of its own. */
class NamespaceMap implements ReadonlyMap<string, NamespaceContent> {
  readonly #all: Fact<ReadonlyMap<string, LiveContent>>;

  constructor(reads: Reads, contents: readonly LiveContent[]) {
    this.#all = new Fact(reads, mapOf(contents));
  }

  setAll(contents: readonly LiveContent[]): void {
    if (!same([...this.#all.peek().values()], contents)) this.#all.set(mapOf(contents));
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

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function byNamespace(members: readonly Member[]): ReadonlyMap<string, readonly Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    // Cluster-wide objects and entry points are kept for the scope as a whole.
    if (member.type === 'namespace' || member.type === 'entry' || isClusterWide(member)) continue;
    const { key } = member.placed.namespace;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return groups;
}

function policies(members: readonly Member[]): readonly Placed<Policy>[] {
  return members.flatMap((member) => (member.type === 'policy' ? [member.placed] : []));
}

function clusterPolicies(members: readonly Member[]): readonly Placed<Policy>[] {
  return policies(members).filter(({ value }) => value.clusterWide);
}

function isClusterWide(member: Member): boolean {
  return member.placed.namespace === clusterWide;
}

function nodes(members: readonly Member[]): readonly Placed<NodeObject>[] {
  return members.flatMap((member) => (member.type === 'node' ? [member.placed] : []));
}

function entries(members: readonly Member[]): readonly Placed<EntryPoint>[] {
  return members.flatMap((member) => (member.type === 'entry' ? [member.placed] : []));
}

function workloads(members: readonly Member[]): readonly Placed<Workload>[] {
  return members.flatMap((member) => (member.type === 'workload' ? [member.placed] : []));
}

function services(members: readonly Member[]): readonly Placed<Service>[] {
  return members.flatMap((member) => (member.type === 'service' ? [member.placed] : []));
}

function namespaceObjects(members: readonly Member[]): readonly Placed<NamespaceObject>[] {
  return members.flatMap((member) => (member.type === 'namespace' ? [member.placed] : []));
}

function namespacedPart(object: Exclude<ModelObject, { type: 'namespace' | 'node' }>): {
  readonly namespace: string | undefined;
} {
  if (object.type === 'policy') return object.policy;
  if (object.type === 'workload') return object.workload;
  return object.type === 'service' ? object.service : object.entry;
}
