import { releaseTree, type YamlDocument } from '../text/document.js';
import { isNull, stringOf, valueAt, valueBelow, type YamlMap, type YamlNode, type YamlPath } from '../text/tree.js';
import { calicoKinds } from './calico/index.js';
import { ciliumKinds } from './cilium/index.js';
import { clusterKinds } from './cluster/index.js';
import { entryClassKinds } from './gateway/classes.js';
import { gatewayKinds } from './gateway/routes.js';
import type { Kind, Resource } from './kind.js';
import { isMistakenVersion } from './kubernetes/check-network-policy.js';
import { kubernetesKinds, mistakenNetworkPolicyKind } from './kubernetes/index.js';
import { ingressKind } from './kubernetes/ingress.js';
import { mayHoldTemplate, otherWorkloadKinds, templatedKind } from './kubernetes/other-workloads.js';
import { monitoringKinds } from './monitoring/monitors.js';
import { routeKind } from './openshift/route.js';

/** Every kind netpol knows. A new family adds its list here. */
export const kinds: readonly Kind[] = [
  ...kubernetesKinds,
  ...clusterKinds,
  ...calicoKinds,
  ...ciliumKinds,
  ingressKind,
  ...gatewayKinds,
  routeKind,
  ...entryClassKinds,
  ...monitoringKinds,
  ...otherWorkloadKinds,
];

const byName = new Map<string, Kind>(
  kinds.flatMap((kind) =>
    [...kind.apiVersions, ...(kind.formerVersions ?? [])].map(
      (apiVersion) => [`${apiVersion}/${kind.kind}`, kind] as const,
    ),
  ),
);

/** The kind of an object, by apiVersion and kind together: kind names alone collide between groups. */
export function kindOf(node: YamlNode | undefined): Kind | undefined {
  const version = valueAt(node, 'apiVersion');
  const apiVersion = stringOf(version);
  const kind = stringOf(valueAt(node, 'kind'));
  if (kind === undefined) return undefined;
  // Charts choose the version by the cluster's: whichever it is, the kind is the one of that name.
  if (version?.kind === 'scalar' && version.opaque) return kinds.find((each) => each.kind === kind);
  if (apiVersion === undefined) return undefined;
  const known = byName.get(`${apiVersion}/${kind}`);
  if (known !== undefined || kind !== mistakenNetworkPolicyKind.kind) return known;
  return isMistakenVersion(apiVersion) ? mistakenNetworkPolicyKind : undefined;
}

/** The map that has the metadata and the spec of an object's pods; undefined for kinds that run none. */
export function podOf({ kind, node }: Pick<Resource, 'kind' | 'node'>): YamlNode | undefined {
  return kind.podPath && valueBelow(node, kind.podPath);
}

/** A kind by its name, in any case; of several of one name the first, where `GROUP/NAME` does not say which. */
export function kindNamed(text: string): Kind | undefined {
  const words = text.toLowerCase().split('/');
  const name = words.pop();
  const version = words.join('/');
  return kinds.find(
    ({ kind, apiVersions }) =>
      kind.toLowerCase() === name &&
      (version === '' || apiVersions.some((each) => each === version || each.startsWith(`${version}/`))),
  );
}

/** Broken text may lack the colon; behind one, an alias, a tag or a block scalar could stand for any kind. */
const kindWords = new RegExp(
  `\\bkind(?:["']?[\\s:]*["']?(?:(?:${[...new Set(kinds.map((kind) => kind.kind))].join('|')})(?:List)?|List|Kustomization)\\b|["']?\\s*:\\s*[^\\s\\w:"'{[])`,
);

/** A scan that costs far less than a parse: false means that the document surely holds none of our kinds. */
export function mayHoldResources(text: string): boolean {
  return kindWords.test(text) || mayHoldTemplate(text);
}

/** The objects of a document: itself, or the items of a List. Each is read once. */
export function resourcesOf(document: YamlDocument): readonly Resource[] {
  const known = cache.get(document);
  if (known !== undefined) return known;
  const read = mayHoldResources(document.text);
  const found = read ? [...find(document.root, [], 0)] : [];
  // Of what is only read, such as workloads, the model says all: their trees would be most of what is held.
  const kept = found.some(({ kind }) => kind.check !== undefined);
  const resources = kept ? found : found.map((resource) => new ReadResource(document, resource));
  cache.set(document, resources);
  if (read && !kept && (found.length > 0 || isOfOthers(document.root))) releaseTree(document);
  return resources;
}

/** An object of a kind that nobody reads; the nodes of kustomizations and JSON patches are kept by who builds them. */
function isOfOthers(root: YamlNode | undefined): boolean {
  const kind = valueAt(root, 'kind');
  return kind !== undefined && !/^(?:Kustomization|Component)$/.test(stringOf(kind) ?? '');
}

/** An object whose node is looked up when somebody asks for it. */
class ReadResource implements Resource {
  readonly kind: Kind;
  readonly path: YamlPath;
  readonly object: Resource['object'];
  readonly #document: YamlDocument;

  constructor(document: YamlDocument, { kind, path, object }: Resource) {
    this.kind = kind;
    this.path = path;
    this.object = object;
    this.#document = document;
  }

  get node(): YamlMap {
    const node = this.path.reduce(
      (at: YamlNode | undefined, step) =>
        typeof step === 'number' ? (at?.kind === 'sequence' ? at.items[step]?.value : undefined) : valueAt(at, step),
      this.#document.root,
    );
    if (node?.kind !== 'map') throw new Error(`there is no object at ${this.path.join('.')} any more`);
    return node;
  }
}

/** A pure function's memory: a document never changes, and its entry goes when the document goes. */
const cache = new WeakMap<YamlDocument, readonly Resource[]>();

function* find(node: YamlNode | undefined, path: YamlPath, depth: number, inList?: Kind): Generator<Resource> {
  if (node?.kind !== 'map') return;
  const apiVersion = valueAt(node, 'apiVersion');
  const name = valueAt(node, 'kind');
  const kind = kindOf(node) ?? (isNull(apiVersion) && isNull(name) && !node.incomplete ? inList : templatedKind(node));
  if (kind !== undefined) {
    yield { kind, node, path, object: kind.read(node) };
    for (const [index, object] of (kind.readMore?.(node) ?? []).entries())
      yield { kind, node, path, object, part: index + 1 };
    return;
  }
  // kubectl accepts `kind: List` and typed lists such as NetworkPolicyList; lists within lists go no deeper than this.
  const list = stringOf(name);
  if (depth > 3 || list?.endsWith('List') !== true) return;
  const items = valueAt(node, 'items');
  if (items?.kind !== 'sequence') return;
  // Items that say neither are what the list says; source: apimachinery, unstructured's UnstructuredJSONScheme.
  const named = byName.get(`${stringOf(apiVersion)}/${list.slice(0, -'List'.length)}`);
  for (const [index, item] of items.items.entries()) {
    yield* find(item.value, [...path, 'items', index], depth + 1, named);
  }
}
