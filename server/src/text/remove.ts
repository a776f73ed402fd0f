import { columnAt, lineEndAt, lineStartAt, nextLineAt, textBefore } from './columns.js';
import { commentsAbove, partEnd } from './insert.js';
import type { TextRange } from './range.js';
import { editAt, type Site, siteOf, type TextEdit, touchesShared } from './site.js';
import { keyText, type YamlEntry, type YamlMap, type YamlSequence } from './tree.js';

/**
 * Takes an entry out of a map, in block style with its lines and the comments directly above. A map that loses its last
 * entry becomes `{}`. Undefined when no edit there is sound.
 */
export function removeEntry(map: YamlMap, entry: YamlEntry): TextEdit | undefined {
  const node = map.origin ?? map;
  if (entry.merged || node.kind !== 'map') return undefined;
  const own = node.entries.filter((each) => !each.merged);
  return removePart(
    node,
    own.map((each) => each.range),
    own.findIndex(({ key }) => key === entry.key),
    '{}',
  );
}

/** Takes an item out of a list, as `removeEntry` does; a list that loses its last item becomes `[]`. */
export function removeItem(list: YamlSequence, index: number): TextEdit | undefined {
  const node = list.origin ?? list;
  if (node.kind !== 'sequence') return undefined;
  return removePart(
    node,
    node.items.map((item) => item.range),
    index,
    '[]',
  );
}

/**
 * Makes one item of two: the entries of the map `second` move into the map `first`, with their text, comments and
 * indentation, and the second dash goes. Undefined when the items are no maps, share a key, or are written too
 * differently to be joined as text.
 */
export function mergeItems(given: YamlSequence, first: number, second: number): readonly TextEdit[] | undefined {
  const site = siteOf(given);
  const list = site?.node;
  if (list?.kind !== 'sequence') return undefined;
  const [one, two] = [list.items[first], list.items[second]];
  if (site === undefined || one === undefined || two === undefined || one === two) return undefined;
  const [into, from] = [one.value, two.value];
  if (into.kind !== 'map' || from.kind !== 'map' || into.alias || from.alias || into.flow !== from.flow)
    return undefined;
  if (into.entries.length === 0 || from.entries.length === 0) return undefined;
  if ([...into.entries, ...from.entries].some((entry) => entry.merged)) return undefined;
  const keys = new Set(into.entries.map(keyText));
  if (from.entries.some((entry) => keys.has(keyText(entry)))) return undefined;
  if (touchesShared(site.document, into.range) || touchesShared(site.document, from.range)) return undefined;
  return into.flow ? mergeFlow(site, list, into, from, second) : mergeBlock(site, list, first, second);
}

function mergeBlock(site: Site, list: YamlSequence, first: number, second: number): readonly TextEdit[] | undefined {
  const { document, text, style } = site;
  const [one, two] = [list.items[first], list.items[second]];
  if (one === undefined || two === undefined) return undefined;
  const between = text.slice(two.marker.end, two.value.range.start);
  if (!/^ +$/.test(between) || columnAt(text, one.value.range.start) !== columnAt(text, two.value.range.start))
    return undefined;
  if (second === first + 1) return [editAt(document, two.marker.start, two.marker.end, ' ')];
  if (textBefore(text, two.marker.start).trim() !== '') return undefined;
  const removal = removeItem(list, second);
  if (removal === undefined) return undefined;
  const start = commentsAbove(text, two.marker.start);
  const moved = `${text.slice(start, two.marker.start)} ${text.slice(two.marker.end, lineEndAt(text, two.range.end))}`;
  const at = partEnd(text, one.range.end, one.value);
  return inOrder([removal, editAt(document, at, at, style.eol + moved)]);
}

function mergeFlow(
  site: Site,
  list: YamlSequence,
  into: YamlMap,
  from: YamlMap,
  second: number,
): readonly TextEdit[] | undefined {
  const removal = removeItem(list, second);
  const last = into.entries.at(-1)?.range.end;
  const [start, end] = [from.entries[0]?.range.start, from.entries.at(-1)?.range.end];
  if (removal === undefined || last === undefined || start === undefined || end === undefined) return undefined;
  return inOrder([removal, editAt(site.document, last, last, `, ${site.text.slice(start, end)}`)]);
}

function inOrder(edits: readonly TextEdit[]): readonly TextEdit[] {
  return edits.toSorted((a, b) => a.span.range.start - b.span.range.start);
}

function removePart(
  node: YamlMap | YamlSequence,
  parts: readonly TextRange[],
  index: number,
  empty: '{}' | '[]',
): TextEdit | undefined {
  const site = siteOf(node);
  const part = parts[index];
  if (site === undefined || part === undefined || touchesShared(site.document, part)) return undefined;
  if (parts.length === 1 && part.start <= node.range.start + 1 && part.end >= node.range.end - 1)
    return emptied(site, empty);
  return node.flow ? removeFlow(site, parts, index, empty) : removeLines(site, parts, index);
}

function emptied(site: Site, empty: string): TextEdit | undefined {
  const { document, text, node, entry } = site;
  const { start, end } = node.range;
  if (node.kind !== 'scalar' && node.flow) {
    return /^[[{]/.test(text.slice(start)) ? editAt(document, start, end, empty) : undefined;
  }
  if (entry === undefined) return editAt(document, start, end, empty);
  const head = text.slice(entry.key.range.end, start);
  // Whole words and whole comments, or there would be endless ways to read a row of their first signs.
  const match = /^(\s*:(?:[ \t]*[&!]\S*(?!\S))*)((?:\s|#[^\r\n]*(?![^\r\n]))*)$/.exec(head);
  if (match === null) return editAt(document, start, end, empty);
  const from = entry.key.range.end + (match[1] ?? '').length;
  return editAt(document, from, end, ` ${empty}${(match[2] ?? '').trimEnd()}`);
}

function removeFlow(
  { document, text, node }: Site,
  parts: readonly TextRange[],
  index: number,
  empty: string,
): TextEdit | undefined {
  const [part, next, previous] = [parts[index], parts[index + 1], parts[index - 1]];
  if (part === undefined) return undefined;
  if (next !== undefined) {
    const gap = text.slice(part.end, next.start);
    return /^\s*,\s*$/.test(gap) ? editAt(document, part.start, next.start, '') : undefined;
  }
  if (previous !== undefined) {
    const gap = text.slice(previous.end, part.start);
    return /^\s*,\s*$/.test(gap) ? editAt(document, previous.end, part.end, '') : undefined;
  }
  const inner = text.slice(node.range.start + 1, part.start) + text.slice(part.end, node.range.end - 1);
  return /^\s*,?\s*$/.test(inner) ? editAt(document, node.range.start, node.range.end, empty) : undefined;
}

function removeLines(
  { document, text, node, parent }: Site,
  parts: readonly TextRange[],
  index: number,
): TextEdit | undefined {
  const part = parts[index];
  if (part === undefined) return undefined;
  const before = textBefore(text, part.start);
  const end = partEnd(text, part.end, node);
  if (before.trim() !== '') {
    const behind = nextLineAt(text, end);
    const next = behind + (/^\s*/.exec(text.slice(behind))?.[0].length ?? 0);
    const dashes = /^ *(?:- +)+$/.test(before);
    return dashes && next <= (parts[index + 1]?.start ?? -1) ? editAt(document, part.start, next, '') : undefined;
  }
  const header = parent === undefined && index === 0;
  const start = header ? lineStartAt(text, part.start) : commentsAbove(text, part.start);
  const stop = nextLineAt(text, end);
  if (stop > end) return editAt(document, start, stop, '');
  const shorter = text.slice(0, start).replace(/(?:\r\n|\n|\r)$/, '').length;
  return editAt(document, shorter, stop, '');
}
