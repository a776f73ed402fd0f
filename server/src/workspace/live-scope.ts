import { resourcesOf } from '../kinds/index.js';
import type { ModelType, ModelValues, Resource } from '../kinds/kind.js';
import type { Policy } from '../model/policy.js';
import { originOf, type YamlDocument } from '../text/document.js';
import { SourceFile } from '../text/file.js';
import { covers, shift } from '../text/range.js';
import { Fact, Reads } from './fact.js';
import { namedTypes } from './kustomize/names.js';
import { TransformedResource, writtenOf } from './kustomize/step.js';
import { LiveContent, NamespaceMap } from './live-content.js';
import { byNamespaceTypes, isOf, Lists, type Member, type MemberOf, membersOf, scopeTypes } from './members.js';
import { same } from './per-list.js';
import { clusterWide, type NamespaceContent, type Observed, type Placed, type Scope } from './scope.js';
import { ScopeObjects } from './scope-objects.js';
import { isPlain, isRendered, type Part, partOf, type ScopeParts, stepTo } from './scope-parts.js';

/** The file, and the object among those of the file. */
interface Place {
  readonly part: Part;
  readonly index: number;
}

function byPlace(a: Place, b: Place): number {
  return a.part.ordinal - b.part.ordinal || a.index - b.index;
}

/**
 * A scope that follows its files. Invariant: after `update` it equals, in content and in order, a scope that is
 * made anew from the same files; a list whose items stay the same stays the same list.
 */
export class LiveScope implements Scope {
  readonly #reads = new Reads();
  #parts: readonly Part[];
  readonly #byUri = new Map<string, Part[]>();
  readonly #objects = new ScopeObjects();
  readonly #contents = new Map<string, LiveContent>();
  /** Where the files first speak of a namespace; of those alone that have anything in them. */
  readonly #places = new Map<LiveContent, Place>();
  readonly #lists = new Lists(this.#reads, scopeTypes);
  readonly #clusterPolicies = new Fact<readonly Placed<Policy>[]>(this.#reads, []);
  readonly #objectsByName = new Fact<ReadonlyMap<string, Placed<ModelValues['namespace']>>>(this.#reads, new Map());
  readonly #namespaces: NamespaceMap;

  readonly id: string;
  readonly title: string;
  readonly kind: Scope['kind'];
  readonly incomplete: boolean;

  constructor({ id, title, kind, incomplete, files }: ScopeParts) {
    this.id = id;
    this.title = title;
    this.kind = kind;
    this.incomplete = incomplete;
    this.#parts = files.map(partOf);
    const members: Member[] = [];
    for (const part of this.#parts) {
      this.#note(part);
      part.members = this.#objects.membersOf(part);
      for (const member of part.members) members.push(member);
    }
    this.#lists.fill((type) => membersOf(members, type));
    this.#setDerived(scopeTypes);
    for (const [key, list] of byNamespace(members)) {
      const content = this.#content(key);
      content.fill(list);
      this.#findPlace(content);
    }
    this.#namespaces = new NamespaceMap(this.#reads, this.#inOrder());
  }

  get namespaces(): ReadonlyMap<string, NamespaceContent> {
    return this.#namespaces;
  }

  get unsetNamespaces(): readonly NamespaceContent[] {
    return this.#namespaces.unset;
  }

  get namespaceObjects() {
    return this.#objectsByName.get();
  }

  get declaredNamespaces() {
    return this.#lists.get('namespace');
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

  get entryClasses() {
    return this.#lists.get('entryClass');
  }

  get gateways() {
    return this.#lists.get('gateway');
  }

  get monitors() {
    return this.#lists.get('monitor');
  }

  get prometheuses() {
    return this.#lists.get('prometheus');
  }

  get apiServerCalls() {
    return this.#lists.get('apiServerCalls');
  }

  get tiers() {
    return this.#lists.get('tier');
  }

  get addressSets() {
    return this.#lists.get('addressSet');
  }

  get localRedirects() {
    return this.#lists.get('localRedirect');
  }

  get serviceAccounts() {
    return this.#lists.get('serviceAccount');
  }

  get nodes() {
    return this.#lists.get('node');
  }

  policyOf(resource: Resource): Placed<Policy> | undefined {
    return this.#memberOf(resource, 'policy')?.placed;
  }

  workloadOf(resource: Resource): Placed<ModelValues['workload']> | undefined {
    return this.#memberOf(resource, 'workload')?.placed;
  }

  membersOf(resource: Resource): readonly Member[] {
    return this.#objects.madeOf(resource);
  }

  membersFrom(uri: string): readonly Member[] {
    const parts = this.#parts.filter(({ steps }) => steps.length > 0);
    return parts.flatMap((part) =>
      part.members.filter(
        ({ placed: { resource } }) => resource instanceof TransformedResource && resource.from.has(uri),
      ),
    );
  }

  #memberOf<T extends ModelType>(resource: Resource, type: T): MemberOf<T> | undefined {
    const own = this.membersOf(writtenOf(resource));
    const members = (own.length > 0 ? own : this.#renderedOf(resource)).filter((member) => isOf(member, type));
    return members.find(({ placed }) => placed.resource === resource) ?? members[0];
  }

  renderedFrom(uri: string): readonly YamlDocument[] {
    const parts = (this.#byUri.get(uri) ?? []).filter(({ file }) => file.uri === uri && isRendered(file));
    return parts.flatMap(({ file }) => file.documents.map(({ document }) => document));
  }

  /** What came of a resource that stands in a template. */
  #renderedOf(resource: Resource): readonly Member[] {
    const { document, range } = resource.node;
    return this.renderedFrom(document.uri).flatMap((rendered) => {
      const origin = originOf(rendered);
      const at = origin?.template.indexOf(document.text) ?? -1;
      if (at < 0 || document === rendered) return [];
      return resourcesOf(rendered).flatMap((each) => {
        const from = each.kind.kind === resource.kind.kind ? origin?.toTemplate(each.node.range) : undefined;
        return from !== undefined && covers(shift(range, at), from) ? this.membersOf(each) : [];
      });
    });
  }

  observe<T>(question: () => T): Observed<T> {
    const { answer, facts } = this.#reads.during(question);
    let seen = this.#reads.clock;
    let current = true;
    return {
      answer,
      isCurrent: () => {
        if (!current || seen === this.#reads.clock) return current;
        current = facts?.some((fact) => fact.changedSince(seen)) === false;
        seen = this.#reads.clock;
        return current;
      },
    };
  }

  /**
   * Takes in a new state of one of its files, or of a patch. False where other objects may speak of what is called
   * otherwise now, so that the scope has to be made anew.
   */
  update(file: SourceFile): boolean {
    // What is never edited, as on a command line, is never asked what was read.
    this.#reads.track();
    let moved = false;
    for (const part of this.#byUri.get(file.uri) ?? []) {
      // What was rendered stays as it is until it is rendered anew.
      if (isRendered(part.file)) continue;
      const before = part.members;
      if (part.file.uri === file.uri) part.file = file;
      part.members = this.#objects.membersOf(part, part.reads.has(file.uri) ? file.uri : undefined);
      if (part.steps.some(({ rename }) => rename !== undefined) && !same(namedIn(before), namedIn(part.members))) {
        return false;
      }
      if (this.#replaceMembers(part, before, part.members)) moved = true;
    }
    if (moved) this.#namespaces.setAll(this.#inOrder());
    return true;
  }

  #note(part: Part): void {
    this.#noteAs(part.file.uri, part);
    for (const uri of part.reads) if (uri !== part.file.uri) this.#noteAs(uri, part);
  }

  #noteAs(uri: string, part: Part): void {
    const known = this.#byUri.get(uri);
    if (known === undefined) this.#byUri.set(uri, [part]);
    else known.push(part);
  }

  /** A file that leaves may come back as it is: then its objects are others in the scope, and these no more. */
  #forget(part: Part): void {
    this.#byUri.delete(part.file.uri);
    this.#objects.forget(part);
  }

  /**
   * Whether a scope that is made of these files is what this one becomes, now that some are edited, new or gone: then it
   * goes on, with all that was worked out in it. Only with files that nothing is done to, each of them there once; what a
   * kustomization makes of others is worked out anew.
   */
  goesOn({ title, kind, incomplete, files }: ScopeParts): boolean {
    if (title !== this.title || kind !== this.kind || incomplete !== this.incomplete) return false;
    if (!files.every(isPlain) || !this.#parts.every(isPlain)) return false;
    const step = stepTo(this.#parts, this.#byUri, files);
    if (step === undefined) return false;
    this.#reads.track();
    let moved = false;
    const become = (part: Part, members: readonly Member[]) => {
      const before = part.members;
      part.members = members;
      if (this.#replaceMembers(part, before, members)) moved = true;
    };
    for (const part of step.gone) {
      become(part, []);
      this.#forget(part);
    }
    this.#parts = step.parts;
    for (const [ordinal, part] of step.parts.entries()) part.ordinal = ordinal;
    for (const part of step.arrived) {
      this.#note(part);
      become(part, this.#objects.membersOf(part));
    }
    if (moved) this.#namespaces.setAll(this.#inOrder());
    return files.every(
      ({ file }, place) => file === this.#parts[place]?.file || (file instanceof SourceFile && this.update(file)),
    );
  }

  /** True where the files first speak of a namespace elsewhere than before, or no longer. */
  #replaceMembers(part: Part, before: readonly Member[], after: readonly Member[]): boolean {
    const replaceBy =
      (left: readonly Member[], arrived: readonly Member[]) =>
      <T extends ModelType>(fact: Fact<readonly Placed<ModelValues[T]>[]>, type: T) =>
        this.#replace(fact, part, membersOf(left, type), membersOf(arrived, type));
    const changed = this.#lists.update(replaceBy(before, after));
    const isWide = ({ value }: Placed<Policy>) => value.clusterWide;
    const wide = [before, after].some((members) => membersOf(members, 'policy').some(isWide));
    this.#setDerived([...changed].filter((type) => type !== 'policy' || wide));
    const old = byNamespace(before);
    const fresh = byNamespace(after);
    let moved = false;
    for (const key of new Set([...old.keys(), ...fresh.keys()])) {
      const content = this.#content(key);
      content.update(replaceBy(old.get(key) ?? [], fresh.get(key) ?? []));
      if (this.#findPlace(content)) moved = true;
    }
    return moved;
  }

  /** Replaces a file's items in a list that is in the order of the files; false where they are the same as before. */
  #replace<T>(
    fact: Fact<readonly Placed<T>[]>,
    part: Part,
    before: readonly Placed<T>[],
    after: readonly Placed<T>[],
  ): boolean {
    if (same(before, after)) return false;
    const list = fact.peek();
    const [first] = before;
    const start = first === undefined ? this.#placeFor(part, list) : list.indexOf(first);
    fact.set(list.toSpliced(start, before.length, ...after));
    return true;
  }

  #placeFor({ ordinal }: Part, list: readonly Placed<unknown>[]): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ordinalOf(list[middle]) < ordinal) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #ordinalOf(placed: Placed<unknown> | undefined): number {
    return (placed && this.#objects.partOf(placed)?.ordinal) ?? 0;
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
    return [...this.#places].sort(([, a], [, b]) => byPlace(a, b)).map(([content]) => content);
  }

  /** True where it is another than before. Only an edit of the file in which it stands, or will stand, can change it. */
  #findPlace(content: LiveContent): boolean {
    const [place] = content
      .firsts()
      .flatMap((first): readonly Place[] => {
        const part = this.#objects.partOf(first);
        return part === undefined ? [] : [{ part, index: part.members.findIndex(({ placed }) => placed === first) }];
      })
      .sort(byPlace);
    const before = this.#places.get(content);
    if (place === undefined) return this.#places.delete(content);
    this.#places.set(content, place);
    return before === undefined || before.part !== place.part || before.index !== place.index;
  }

  #content(key: string): LiveContent {
    const known = this.#contents.get(key);
    if (known !== undefined) return known;
    const content = new LiveContent(this.#reads, this.#objects.ref(key, undefined));
    this.#contents.set(key, content);
    return content;
  }
}

/** What other objects may speak of by name. */
function namedIn(members: readonly Member[]): readonly string[] {
  return namedTypes.flatMap((type) => membersOf(members, type).map(({ value }) => `${type} ${value.name}`));
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
