import type { Resource } from '../../kinds/kind.js';
import { documentBehind, releaseTree } from '../../text/document.js';
import { stringOf, valueAt, type YamlMap } from '../../text/tree.js';

/** An object on its way through a build. */
export interface Built {
  readonly apiVersion: string;
  readonly kind: string;
  readonly node: YamlMap;
  /** What it was called, first as written, last as now: patches may name it by each. */
  readonly ids: readonly [Identity, ...Identity[]];
}

export interface Identity {
  readonly name: string;
  /** `default` where none is given, as kustomize compares them. */
  readonly namespace: string;
}

/** One transformer of one kustomization. It never changes what it is given, and gives it back where it has nothing to do. */
export interface Step {
  /** Undefined where the object is deleted. `note` takes the files that the result has something from. */
  apply(built: Built, note: (uri: string) => void): Built | undefined;
  /** The namespace that it gives. */
  readonly namespace?: string;
  /** The name that an object gets of which only its name is known. */
  readonly rename?: (name: string) => string;
  /** Files whose text it depends on, besides the kustomization. */
  readonly reads: readonly string[];
}

export function builtOf(node: YamlMap, apiVersion: string, kind: string): Built {
  const metadata = valueAt(node, 'metadata');
  const name = stringOf(valueAt(metadata, 'name')) ?? '';
  const namespace = stringOf(valueAt(metadata, 'namespace')) || 'default';
  return { apiVersion, kind, node, ids: [{ name, namespace }] };
}

export function currentId({ ids }: Built): Identity {
  return ids.at(-1) ?? ids[0];
}

export function withId(built: Built, id: Partial<Identity>, node: YamlMap): Built {
  return { ...built, node, ids: [...built.ids, { ...currentId(built), ...id }] };
}

/** What some steps make of an object. */
export interface Outcome {
  /** The resource itself where no step changes it; undefined where one deletes it. */
  readonly resource: Resource | undefined;
  /** The patches and kustomizations that have a part in it. */
  readonly from: ReadonlySet<string>;
}

export function run(steps: readonly Step[], built: Built, note: (uri: string) => void = () => {}): Built | undefined {
  let now: Built | undefined = built;
  for (const step of steps) {
    now = step.apply(now, note);
    if (now === undefined) return undefined;
  }
  return now;
}

export function outcomeOf(source: Resource, steps: readonly Step[]): Outcome {
  if (steps.every(({ namespace }) => namespace !== undefined) && source.kind.kind !== 'Namespace') {
    return { resource: source, from: nothing };
  }
  const from = new Set<string>();
  const before = source.node;
  const after = nodeAfter(source, before, steps, (uri) => from.add(uri));
  const resource =
    after === undefined ? undefined : after === before ? source : new TransformedResource(source, steps, after, from);
  // The tree was read once more for the steps alone.
  const document = documentBehind(before.document);
  if (document !== undefined && source.kind.check === undefined && source.path.length === 0) releaseTree(document);
  return { resource, from };
}

const nothing: ReadonlySet<string> = new Set();

function nodeAfter(source: Resource, node: YamlMap, steps: readonly Step[], note?: (uri: string) => void) {
  const apiVersion = stringOf(valueAt(node, 'apiVersion')) ?? source.kind.apiVersions[0] ?? '';
  return run(steps, builtOf(node, apiVersion, source.kind.kind), note)?.node;
}

/** An object as an overlay makes it: what the base says keeps its place in the base, the rest stands where the overlay says it. */
export class TransformedResource implements Resource {
  readonly kind: Resource['kind'];
  readonly path: Resource['path'];
  #object: Resource['object'];
  /** Until somebody asks for the object: what a patch leaves as it was is made in vain. */
  #unread: YamlMap | undefined;
  readonly #steps: readonly Step[];
  readonly #node: YamlMap | undefined;

  constructor(
    /** The object in the text. */
    readonly source: Resource,
    steps: readonly Step[],
    node: YamlMap,
    /** The patches and kustomizations that have a part in it. */
    readonly from: ReadonlySet<string>,
  ) {
    this.kind = source.kind;
    this.path = source.path;
    this.#unread = node;
    this.#steps = steps;
    // As with other resources, the trees of what is only read are not kept.
    this.#node = source.kind.check === undefined ? undefined : node;
  }

  get object(): Resource['object'] {
    if (this.#unread !== undefined) this.#object = this.kind.read(this.#unread);
    this.#unread = undefined;
    return this.#object;
  }

  get node(): YamlMap {
    return this.#node ?? nodeAfter(this.source, this.source.node, this.#steps) ?? this.source.node;
  }

  /** The same for another state of the object in the text. */
  again(source: Resource): Resource | undefined {
    return outcomeOf(source, this.#steps).resource;
  }
}

/** The object in the text that a resource of a scope was made from. */
export function writtenOf(resource: Resource): Resource {
  return resource instanceof TransformedResource ? resource.source : resource;
}
