import {
  entryOf,
  isNull,
  keyText,
  stringOf,
  valueAt,
  type YamlItem,
  type YamlMap,
  type YamlNode,
  type YamlSequence,
} from '../../text/tree.js';
import { listOf, mapOf, withEntry, withoutEntry, withValue } from './derive.js';

/**
 * A strategic merge patch applied to an object: maps are merged, a null deletes, lists are replaced unless the API merges
 * them by a key, and `$patch` says otherwise. Undefined where the patch deletes the object. Lists of policies have no merge
 * key: a patch that names rules replaces them all.
 * Source: sigs.k8s.io/kustomize kyaml/yaml/merge2, with the patchMergeKey tags of k8s.io/api.
 */
export function strategicMerge(base: YamlMap, patch: YamlMap): YamlMap | undefined {
  const directive = stringOf(valueAt(patch, '$patch'));
  if (directive === 'delete') return undefined;
  if (directive === 'replace') return withoutDirectives(patch);
  let merged = base;
  for (const entry of patch.entries) {
    const name = keyText(entry);
    if (name.startsWith('$') || entry.merged) continue;
    const own = entryOf(merged, name);
    const value = own === undefined ? undefined : joined(own.value, entry.value, name);
    if (isNull(entry.value) || (own !== undefined && value === undefined)) merged = withoutEntry(merged, name);
    else if (own === undefined || value === undefined || value === entry.value) {
      merged = withEntry(merged, entry.with(fresh(entry.value)));
    } else merged = withValue(merged, own, value);
  }
  return merged;
}

/** What two values become; `theirs` itself where it replaces, undefined where nothing is left. */
function joined(ours: YamlNode, theirs: YamlNode, name: string): YamlNode | undefined {
  if (ours.kind === 'map' && theirs.kind === 'map') return strategicMerge(ours, theirs);
  if (ours.kind !== 'sequence' || theirs.kind !== 'sequence') return theirs;
  const keys = mergeKeys[name];
  const keyed = keys?.find((key) => [...ours.items, ...theirs.items].every(({ value }) => isKeyed(value, key)));
  return keyed === undefined ? theirs : mergedList(ours, theirs, keyed);
}

/** In kustomize's order: items of the patch come first, though ports that both have stay where the base has them. */
function mergedList(ours: YamlSequence, theirs: YamlSequence, key: string): YamlSequence {
  const left = new Map(ours.items.map((item) => [idOf(item, key), item]));
  const first: YamlItem[] = [];
  for (const item of theirs.items) {
    if (item.value.kind !== 'map') continue;
    const directive = stringOf(valueAt(item.value, '$patch'));
    if (directive === 'replace')
      return listOf(
        theirs,
        theirs.items.filter(({ value }) => !hasDirective(value)),
      );
    const id = idOf(item, key);
    const own = left.get(id);
    const value = own?.value.kind === 'map' ? strategicMerge(own.value, item.value) : undefined;
    if (own === undefined && directive !== 'delete') first.push(item);
    const merged = own === undefined || value === undefined || directive === 'delete' ? undefined : own.with(value);
    if (merged !== undefined && key !== 'name') left.set(id, merged);
    else left.delete(id);
    if (merged !== undefined && key === 'name') first.push(merged);
  }
  return listOf(ours, [...first, ...left.values()]);
}

/**
 * The keys by which the API merges a list, for the lists that are read and that no list without a key stands around. Ports
 * of one number are told apart by their protocol; kustomize 5.5 loses a port of a patch that writes the default protocol
 * where the base does not, which is taken as meant.
 */
const mergeKeys: Readonly<Record<string, readonly string[] | undefined>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  ports: ['containerPort', 'port'],
};

function isKeyed(node: YamlNode, key: string): boolean {
  return node.kind === 'map' && (valueAt(node, key) !== undefined || hasDirective(node));
}

function idOf({ value }: YamlItem, key: string): string {
  const scalar = valueAt(value, key);
  const protocol = key.toLowerCase().endsWith('port') ? (stringOf(valueAt(value, 'protocol')) ?? 'TCP') : '';
  return `${scalar?.kind === 'scalar' ? scalar.value : ''} ${protocol}`;
}

function hasDirective(node: YamlNode): boolean {
  return entryOf(node, '$patch') !== undefined;
}

/** A value that a patch brings where there was none: without directives and nulls, which have nothing to act on. */
function fresh(node: YamlNode): YamlNode {
  return node.kind === 'map' ? withoutDirectives(node) : node;
}

function withoutDirectives(map: YamlMap): YamlMap {
  const entries = map.entries.flatMap((entry) => {
    if (keyText(entry).startsWith('$') || isNull(entry.value)) return [];
    const value = fresh(entry.value);
    return [value === entry.value ? entry : entry.with(value)];
  });
  return entries.every((entry, index) => entry === map.entries[index]) && entries.length === map.entries.length
    ? map
    : mapOf(map, entries);
}
