import type { YamlDocument } from '../text/document.js';
import { stringOf, valueAt, type YamlNode, type YamlPath } from '../text/tree.js';
import type { Kind, Resource } from './kind.js';
import { kubernetesKinds } from './kubernetes/index.js';

/** Every kind netpol knows. A new family adds its list here. */
export const kinds: readonly Kind[] = [...kubernetesKinds];

const byName = new Map<string, Kind>(
  kinds.flatMap((kind) => kind.apiVersions.map((apiVersion) => [`${apiVersion}/${kind.kind}`, kind] as const)),
);

/** The kind of an object, by apiVersion and kind together: kind names alone collide between groups. */
export function kindOf(node: YamlNode | undefined): Kind | undefined {
  const apiVersion = stringOf(valueAt(node, 'apiVersion'));
  const kind = stringOf(valueAt(node, 'kind'));
  return apiVersion === undefined || kind === undefined ? undefined : byName.get(`${apiVersion}/${kind}`);
}

export function kindNamed(name: string): Kind | undefined {
  return kinds.find((kind) => kind.kind.toLowerCase() === name.toLowerCase());
}

const kindWords = new RegExp(
  `\\b(?:${[...new Set(kinds.map((kind) => kind.kind)), 'List', 'Kustomization'].join('|')})`,
);

/** A scan that costs far less than a parse: false means that the document surely holds none of our kinds. */
export function mayHoldResources(text: string): boolean {
  return text.includes('kind') && kindWords.test(text);
}

/** The objects of a document: itself, or the items of a List. Each is read once. */
export function resourcesOf(document: YamlDocument): readonly Resource[] {
  const known = cache.get(document);
  if (known !== undefined) return known;
  const found = mayHoldResources(document.text) ? [...find(document.root, [], 0)] : [];
  cache.set(document, found);
  return found;
}

/** A pure function's memory: a document never changes, and its entry goes when the document goes. */
const cache = new WeakMap<YamlDocument, readonly Resource[]>();

function* find(node: YamlNode | undefined, path: YamlPath, depth: number): Generator<Resource> {
  if (node?.kind !== 'map') return;
  const kind = kindOf(node);
  if (kind !== undefined) {
    yield { kind, node, path, object: kind.read(node) };
    return;
  }
  // kubectl accepts `kind: List` and typed lists such as NetworkPolicyList; lists within lists go no deeper than this.
  if (depth > 3 || stringOf(valueAt(node, 'kind'))?.endsWith('List') !== true) return;
  const items = valueAt(node, 'items');
  if (items?.kind !== 'sequence') return;
  for (const [index, item] of items.items.entries()) {
    yield* find(item.value, [...path, 'items', index], depth + 1);
  }
}
