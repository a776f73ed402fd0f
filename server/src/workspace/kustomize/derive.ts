import {
  entryOf,
  isNull,
  keyText,
  YamlEntry,
  YamlItem,
  YamlMap,
  type YamlNode,
  YamlScalar,
  type YamlSequence,
} from '../../text/tree.js';

/**
 * Trees made from other trees. Invariants: what is left as it was stays the very node; a changed collection keeps its own
 * place in the text and leads back to it (`origin`); an entry stands wholly where its key does, an item where its value
 * does, so that every place leads to the line that says it.
 */

export function mapOf(map: YamlMap, entries: readonly YamlEntry[]): YamlMap {
  return map.with(entries, map.origin ?? map);
}

/** The list with other items. Its origin is kept only while each item stands at the index it has in the text. */
export function listOf(list: YamlSequence, items: readonly YamlItem[]): YamlSequence {
  const stand = items.length === list.items.length && items.every((item, index) => item.isSame(list.items[index]));
  return list.with(items, stand ? (list.origin ?? list) : undefined);
}

/** The map with an entry in its key's place, or last. The same map where it is there already. */
export function withEntry(map: YamlMap, entry: YamlEntry): YamlMap {
  const name = keyText(entry);
  const old = entryOf(map, name);
  if (old === undefined) return mapOf(map, [...map.entries, entry]);
  if (old.key === entry.key && old.value === entry.value) return map;
  return mapOf(
    map,
    map.entries.flatMap((each) => (each === old ? [entry] : keyText(each) === name ? [] : [each])),
  );
}

export function withoutEntry(map: YamlMap, name: string): YamlMap {
  return entryOf(map, name) === undefined
    ? map
    : mapOf(
        map,
        map.entries.filter((entry) => keyText(entry) !== name),
      );
}

/** The map with another value for a key that it has. */
export function withValue(map: YamlMap, entry: YamlEntry, value: YamlNode): YamlMap {
  return value === entry.value ? map : withEntry(map, entry.with(value));
}

export function entryFor(key: YamlScalar, value: YamlNode): YamlEntry {
  const range =
    value.document === key.document && value.range.start >= key.range.end
      ? { start: key.range.start, end: value.range.end }
      : key.range;
  return new YamlEntry(key, value, { range });
}

export function itemFor(value: YamlNode): YamlItem {
  return YamlItem.bare(value);
}

/** A scalar with a value of its own that stands where another node does. */
export function scalarAt(place: YamlNode, value: YamlScalar['value']): YamlScalar {
  const { document, range } = place;
  return new YamlScalar(document, range.start, range.end, value, 'plain');
}

export function mapAt(place: YamlNode, entries: readonly YamlEntry[]): YamlMap {
  const { document, range } = place;
  return YamlMap.of(document, range, entries, 'block');
}

/**
 * The tree with what stands at a path changed; lists on the way are gone through item by item. Where the path ends early,
 * the rest of it is made at `place`, or nothing is done without one. `change` may give what it was given.
 */
export function changedAt(
  node: YamlMap,
  path: readonly string[],
  place: YamlNode | undefined,
  change: (node: YamlNode | undefined) => YamlNode | undefined,
): YamlMap {
  const [step, ...rest] = path;
  if (step === undefined) return node;
  const within = (below: YamlNode | undefined): YamlNode | undefined => {
    if (rest.length === 0) return change(below);
    if (below?.kind === 'map') return changedAt(below, rest, place, change);
    if (below?.kind === 'sequence') {
      const items = below.items.map((item) => {
        const value = item.value.kind === 'map' ? changedAt(item.value, rest, place, change) : item.value;
        return value === item.value ? item : item.with(value);
      });
      return items.every((item, index) => item === below.items[index]) ? below : listOf(below, items);
    }
    return place !== undefined && isNull(below) ? changedAt(mapAt(place, []), rest, place, change) : below;
  };
  const entry = entryOf(node, step);
  if (entry === undefined && place === undefined) return node;
  const value = within(entry?.value);
  if (value === undefined) return node;
  if (entry !== undefined) return withValue(node, entry, value);
  return place === undefined ? node : withEntry(node, entryFor(scalarAt(place, step), value));
}
