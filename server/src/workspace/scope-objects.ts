import { resourcesOf } from '../kinds/index.js';
import type { ModelObject, Resource } from '../kinds/kind.js';
import { outcomeOf } from './kustomize/step.js';
import { clusterWideTypes, type Member, memberOf } from './members.js';
import { releaseNamespace } from './rendering.js';
import { clusterWide, type NamespaceRef, type Placed } from './scope.js';
import { isRendered, type Part } from './scope-parts.js';

/** What an object of a file is in one part of the scope; no member where a patch deletes it. */
interface Made {
  readonly part: Part;
  readonly resource: Resource | undefined;
  readonly member: Member | undefined;
  readonly from: ReadonlySet<string>;
}

/**
 * What the objects of files are in a scope, after what kustomizations and releases do to them. An object that stays as it
 * is stays the same member.
 */
export class ScopeObjects {
  readonly #made = new WeakMap<Resource, readonly Made[]>();
  readonly #partOf = new WeakMap<Placed<unknown>, Part>();
  readonly #refs = new Map<string, NamespaceRef>();

  /** The members of a part; `changed` is a patch that has another text than before. */
  membersOf(part: Part, changed?: string): readonly Member[] {
    const members: Member[] = [];
    for (const { document } of part.file.documents) {
      for (const resource of resourcesOf(document)) {
        const { member } = this.#make(resource, part, changed);
        if (member !== undefined) members.push(member);
      }
    }
    return members;
  }

  /** What has been made of an object, in each part that holds it. */
  madeOf(resource: Resource): readonly Member[] {
    // Asked of every object of a file after each key.
    const found: Member[] = [];
    for (const { member } of this.#made.get(resource) ?? []) if (member !== undefined) found.push(member);
    return found;
  }

  partOf(placed: Placed<unknown>): Part | undefined {
    return this.#partOf.get(placed);
  }

  /** The namespace with a key, the same one each time. */
  ref(key: string, name: string | undefined): NamespaceRef {
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    const ref = { key, name };
    this.#refs.set(key, ref);
    return ref;
  }

  /** A file that leaves may come back as it is: then its objects are others in the scope, and these no more. */
  forget(part: Part): void {
    for (const { document } of part.file.documents) {
      for (const resource of resourcesOf(document)) {
        const others = this.#made.get(resource)?.filter((made) => made.part !== part) ?? [];
        if (others.length === 0) this.#made.delete(resource);
        else this.#made.set(resource, others);
      }
    }
  }

  #make(source: Resource, part: Part, changed: string | undefined): Made {
    const others = this.#made.get(source) ?? nothing;
    const known = others.find((made) => made.part === part);
    if (known !== undefined && changed === undefined) return known;
    const { resource, from } = outcomeOf(source, part.steps);
    if (known !== undefined && changed !== undefined) {
      // What the patch was not for, and is not for now, is what it was. Which object of a file counts the file says itself.
      const isOther = changed === part.file.uri || known.from.has(changed) || from.has(changed);
      if (!isOther || known.resource === resource) return known;
    }
    const made = { part, resource, from, member: resource === undefined ? undefined : this.#member(resource, part) };
    this.#made.set(source, known === undefined ? [...others, made] : others.with(others.indexOf(known), made));
    return made;
  }

  #member(resource: Resource, part: Part): Member | undefined {
    const { file, override, unsetKey } = part;
    const { object } = resource;
    if (object === undefined) return undefined;
    const namespace = this.#namespaceOf(object, override, unsetKey, isRendered(file));
    const member = memberOf(object, { namespace, resource, uri: file.uri });
    this.#partOf.set(member.placed, part);
    return member;
  }

  #namespaceOf(
    { type, value }: ModelObject,
    override: string | undefined,
    unsetKey: string,
    released: boolean,
  ): NamespaceRef {
    if (type === 'namespace') return this.ref(value.name, value.name);
    if (clusterWideTypes.has(type) || ('clusterWide' in value && value.clusterWide)) return clusterWide;
    const name = override ?? ('namespace' in value ? value.namespace : undefined);
    // A release may go to any namespace: the one that it was rendered for says no more than none.
    const unset = name === undefined || name === '' || (released && name === releaseNamespace);
    return unset ? this.ref(`unset:${unsetKey}`, undefined) : this.ref(name, name);
  }
}

const nothing: readonly Made[] = [];
