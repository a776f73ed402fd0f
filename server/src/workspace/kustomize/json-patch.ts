import { entryOf, stringOf, valueAt, type YamlMap, type YamlNode, type YamlSequence } from '../../text/tree.js';
import { entryFor, itemFor, listOf, scalarAt, withEntry, withoutEntry, withValue } from './derive.js';

/**
 * A JSON patch applied to an object. An operation that does not fit (a path that leads nowhere, a failed test) makes
 * kustomize fail; here it is left out.
 * Source: RFC 6902 and RFC 6901.
 */
export function jsonPatch(base: YamlMap, operations: YamlSequence): YamlMap {
  let node: YamlMap = base;
  for (const { value: operation } of operations.items) {
    const path = pointer(valueAt(operation, 'path'));
    const from = pointer(valueAt(operation, 'from'));
    const place = valueAt(operation, 'path');
    if (path === undefined || place === undefined || path.length === 0) continue;
    const given = valueAt(operation, 'value');
    const put = (target: YamlMap, value: YamlNode | undefined, how: 'add' | 'replace') =>
      value === undefined ? target : edited(target, path, (parent, step) => placed(parent, step, value, place, how));
    switch (stringOf(valueAt(operation, 'op'))) {
      case 'add':
        node = put(node, given ?? scalarAt(place, null), 'add');
        break;
      case 'replace':
        node = put(node, given ?? scalarAt(place, null), 'replace');
        break;
      case 'remove':
        node = edited(node, path, removed);
        break;
      case 'copy':
        node = put(node, from && at(node, from), 'add');
        break;
      case 'move': {
        const moved = from && at(node, from);
        if (from !== undefined && moved !== undefined) node = put(edited(node, from, removed), moved, 'add');
        break;
      }
      default:
    }
  }
  return node;
}

/** The steps of a JSON pointer. */
function pointer(node: YamlNode | undefined): readonly string[] | undefined {
  const text = stringOf(node);
  if (text === undefined || (text !== '' && !text.startsWith('/'))) return undefined;
  return text
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(node: YamlNode, path: readonly string[]): YamlNode | undefined {
  return path.reduce<YamlNode | undefined>(
    (here, step) => (here?.kind === 'sequence' ? here.items[Number(step)]?.value : valueAt(here, step)),
    node,
  );
}

type Change = (parent: YamlNode, step: string) => YamlNode;

/** The tree with the collection around a path's last step changed; the same where the path leads nowhere. */
function edited(node: YamlMap, path: readonly string[], change: Change): YamlMap {
  const result = below(node, path, change);
  return result.kind === 'map' ? result : node;
}

function below(node: YamlNode, [step, ...rest]: readonly string[], change: Change): YamlNode {
  if (step === undefined) return node;
  if (rest.length === 0) return change(node, step);
  if (node.kind === 'map') {
    const entry = entryOf(node, step);
    return entry === undefined ? node : withValue(node, entry, below(entry.value, rest, change));
  }
  if (node.kind !== 'sequence') return node;
  const item = node.items[Number(step)];
  if (item === undefined) return node;
  const value = below(item.value, rest, change);
  return value === item.value ? node : listOf(node, node.items.with(Number(step), item.with(value)));
}

function placed(parent: YamlNode, step: string, value: YamlNode, place: YamlNode, how: 'add' | 'replace'): YamlNode {
  if (parent.kind === 'map') {
    const old = entryOf(parent, step);
    if (how === 'replace' && old === undefined) return parent;
    return withEntry(parent, entryFor(scalarAt(place, step), value));
  }
  if (parent.kind !== 'sequence') return parent;
  const index = step === '-' ? parent.items.length : Number(step);
  const last = how === 'add' ? parent.items.length : parent.items.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > last) return parent;
  return listOf(parent, parent.items.toSpliced(index, how === 'add' ? 0 : 1, itemFor(value)));
}

function removed(parent: YamlNode, step: string): YamlNode {
  if (parent.kind === 'map') return withoutEntry(parent, step);
  if (parent.kind !== 'sequence' || parent.items[Number(step)] === undefined) return parent;
  return listOf(parent, parent.items.toSpliced(Number(step), 1));
}
