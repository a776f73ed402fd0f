import { resourcesOf } from '../../kinds/index.js';
import type { Resource } from '../../kinds/kind.js';
import type { Policy } from '../../model/policy.js';
import type { Netpol } from '../../service.js';
import type { YamlDocument } from '../../text/document.js';
import type { SourceFile } from '../../text/file.js';
import { nodeAt } from '../../text/paths.js';
import type { TextRange } from '../../text/range.js';
import { renderKey, renderScalar } from '../../text/render.js';
import { isNull, stringOf, valueAt, type YamlNode, type YamlPath } from '../../text/tree.js';
import type { TypingPlace } from '../../text/typing-place.js';
import { writtenOf } from '../../workspace/kustomize/step.js';
import type { NamespaceRef, Placed, Scope } from '../../workspace/scope.js';
import { membersOf } from '../cursor.js';

/** Where in an object somebody types, and what the scopes say of that object. */
export interface KnownSite {
  readonly netpol: Netpol;
  readonly place: TypingPlace;
  readonly resource: Resource;
  /** Within the object: without the way into a List. */
  readonly path: YamlPath;
  /** The word that is typed, in the document's own offsets. */
  readonly word: TextRange;
  readonly scopes: readonly SiteScope[];
  /** Whether a text holds the letters that are typed already. */
  fits(text: string): boolean;
  /** What stands at a path of the object. */
  node(path: YamlPath): YamlNode | undefined;
}

/** A scope that the object is part of, and what it is there. */
export interface SiteScope {
  readonly scope: Scope;
  /** The namespace that the object has there; undefined where it is not known to be in one. */
  readonly own: NamespaceRef | undefined;
  readonly policy: Placed<Policy> | undefined;
}

/** No more than these are given at once: where there are so many, they have to be asked for again with the next letter. */
export const mostKnown = 200;

/** Undefined where the text at the place belongs to no object of a kind that is known. */
export function knownSiteAt(
  netpol: Netpol,
  file: SourceFile,
  offset: number,
  place: TypingPlace,
): KnownSite | undefined {
  const placed = file.documentAt(offset);
  const resource = placed === undefined ? undefined : resourceFor(placed.document, place.path);
  if (placed === undefined || resource === undefined) return undefined;
  const { document } = placed;
  return {
    netpol,
    place,
    resource,
    path: place.path.slice(resource.path.length),
    word: { start: place.word.start - placed.offset, end: place.word.end - placed.offset },
    scopes: scopesAt(netpol, file.uri, resource),
    fits: (text) => holdsLetters(text, place.typed),
    node: (path) => nodeAt(document, [...resource.path, ...path]),
  };
}

/** As editors filter: the letters stand in the text in this order. */
function holdsLetters(text: string, letters: string): boolean {
  let at = 0;
  const lower = text.toLowerCase();
  for (const letter of letters.toLowerCase()) {
    at = lower.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Of several policies in one object (Cilium's `specs`), the one that the path leads into. */
function resourceFor(document: YamlDocument, path: YamlPath): Resource | undefined {
  const around = resourcesOf(document).filter((each) => each.path.every((step, i) => path[i] === step));
  const [first] = around;
  const [field, item] = path.slice(first?.path.length);
  if (field !== 'specs' || typeof item !== 'number') return first;
  const before = isNull(valueAt(first?.node, 'spec')) ? 0 : 1;
  return around.find(({ part = 0 }) => part === before + item) ?? first;
}

function scopesAt({ workspace }: Netpol, uri: string, resource: Resource): readonly SiteScope[] {
  const { index } = workspace;
  if (index.isPatch(uri)) {
    const members = membersOf(workspace, resource);
    if (members.length > 0)
      return members.map(({ scope, policy, workload }) => ({ scope, policy, own: (policy ?? workload)?.namespace }));
    // Half-typed, the patch changes nothing yet: it is for the object of its kind and name.
    return index.scopesWith(uri).map((scope) => {
      const policy = scope.policies.find((each) => isNamesake(each.resource, resource));
      const changed = policy ?? scope.workloads.find((each) => isNamesake(each.resource, resource));
      return { scope, policy, own: changed?.namespace };
    });
  }
  const written = stringOf(valueAt(valueAt(resource.node, 'metadata'), 'namespace'));
  return index.scopesOf(uri).map((scope) => {
    const policy = scope.policyOf(resource);
    const placed = policy ?? scope.workloadOf(resource) ?? scope.membersOf(resource)[0]?.placed;
    const named = written === undefined ? undefined : (scope.namespaces.get(written)?.ref ?? unnamed(written));
    return { scope, policy, own: placed?.namespace ?? named };
  });
}

function isNamesake(built: Resource, patch: Resource): boolean {
  const name = ({ node }: Resource) => stringOf(valueAt(valueAt(node, 'metadata'), 'name'));
  return built.kind === patch.kind && (name(writtenOf(built)) === name(patch) || name(built) === name(patch));
}

function unnamed(name: string): NamespaceRef {
  return { key: name, name };
}

/** A string as it has to stand at the place: as it is where a quote is open, else in quotes where YAML asks for them. */
export function textAt({ quoted, inFlow }: TypingPlace, value: string): string {
  return quoted ? value : renderScalar(value, '"', inFlow);
}

/** A key and its value, as they have to stand at the place. */
export function pairAt({ inFlow }: TypingPlace, key: string, value: string): string {
  return `${renderKey(key, '"', inFlow)}: ${renderScalar(value, '"', inFlow)}`;
}

/** What stands in the list around the place, as text, but for the item that is typed. */
export function othersInList({ node, path }: KnownSite): ReadonlySet<string> {
  const list = node(path.slice(0, -1));
  const items = list?.kind === 'sequence' ? list.items : [];
  return new Set(
    items.flatMap(({ value }, i) =>
      i === path.at(-1) || value.kind !== 'scalar' || value.opaque ? [] : [String(value.value)],
    ),
  );
}
