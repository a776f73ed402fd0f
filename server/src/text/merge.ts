import type { Anchors } from './anchors.js';
import { keyText, type YamlEntry, type YamlNode } from './tree.js';

/**
 * Puts the entries that merge keys (`<<`) bring in their place. A key that the map has itself, or that an earlier map
 * of the merge has, is not brought in. A `<<` whose value is no map and no list of maps stays an ordinary entry.
 */
export function applyMerges(own: readonly YamlEntry[], anchors: Anchors): readonly YamlEntry[] {
  if (!own.some(isMerge)) return own;
  const taken = new Set(own.filter((entry) => !isMerge(entry)).map(keyText));
  const result: YamlEntry[] = [];
  for (const entry of own) {
    const sources = isMerge(entry) ? mergedMaps(entry.value) : undefined;
    if (sources === undefined) {
      result.push(entry);
      continue;
    }
    for (const source of sources) {
      if (!anchors.spend(source.length, entry.range)) break;
      for (const brought of source) {
        const key = keyText(brought);
        if (taken.has(key)) continue;
        taken.add(key);
        result.push(brought.asMerged());
      }
    }
  }
  return result;
}

/** Marks each entry whose key stands earlier in the map. */
export function markDuplicates(entries: readonly YamlEntry[]): readonly YamlEntry[] {
  if (entries.length < 2 || (entries.length < FEW && areDistinct(entries))) return entries;
  const seen = new Set<string>();
  let marked: YamlEntry[] | undefined;
  entries.forEach((entry, index) => {
    const key = keyText(entry);
    if (!seen.has(key)) {
      seen.add(key);
      marked?.push(entry);
      return;
    }
    marked ??= entries.slice(0, index);
    marked.push(entry.asDuplicate());
  });
  return marked ?? entries;
}

/** So few are compared with each other faster than they are remembered. */
const FEW = 10;

function areDistinct(entries: readonly YamlEntry[]): boolean {
  return entries.every((entry, index) => {
    const key = keyText(entry);
    for (let other = 0; other < index; other++) {
      const before = entries[other];
      if (before !== undefined && keyText(before) === key) return false;
    }
    return true;
  });
}

function isMerge(entry: YamlEntry): boolean {
  return entry.key.style === 'plain' && entry.key.value === '<<';
}

/** The entries of each map a merge key names, last duplicates first, since those are the ones in force. */
function mergedMaps(value: YamlNode): (readonly YamlEntry[])[] | undefined {
  if (value.kind === 'map') return [value.entries.toReversed()];
  if (value.kind !== 'sequence') return undefined;
  const maps: (readonly YamlEntry[])[] = [];
  for (const { value: item } of value.items) {
    if (item.kind !== 'map') return undefined;
    maps.push(item.entries.toReversed());
  }
  return maps;
}
