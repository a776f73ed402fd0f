import type { Place } from '../model/workload.js';
import type { YamlEntry, YamlNode } from '../text/tree.js';

/** The value that stands at just this place, beneath a node. */
export function scalarAt(node: YamlNode | undefined, place: Place): YamlNode | undefined {
  return find(node, place)?.scalar;
}

/** The entry whose key stands at just this place, beneath a node. */
export function entryAt(node: YamlNode | undefined, place: Place): YamlEntry | undefined {
  return find(node, place)?.entry;
}

interface Found {
  readonly entry?: YamlEntry;
  readonly scalar?: YamlNode;
}

function find(node: YamlNode | undefined, place: Place): Found | undefined {
  if (node === undefined) return undefined;
  switch (node.kind) {
    case 'scalar':
      return isAt(node, place) ? { scalar: node } : undefined;
    case 'sequence':
      return first(node.items, ({ value }) => find(value, place));
    case 'map':
      return first(node.entries, (entry) => (isAt(entry.key, place) ? { entry } : find(entry.value, place)));
  }
}

function isAt({ document, range }: Place, place: Place): boolean {
  return document === place.document && range.start === place.range.start && range.end === place.range.end;
}

function first<T>(items: readonly T[], of: (item: T) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
