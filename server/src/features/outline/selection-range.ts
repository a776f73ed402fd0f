import type { Position, SelectionRange } from 'vscode-languageserver-types';
import type { SelectorNode } from '../../kinds/calico/selector-grammar.js';
import type { PlacedDocument, SourceFile } from '../../text/file.js';
import { contains, covers, shift, type TextRange } from '../../text/range.js';
import { suppressionsOf } from '../../text/suppressions.js';
import { isScalar, type YamlEntry, type YamlNode } from '../../text/tree.js';
import { keyOf } from '../../workspace/files.js';
import { type DocumentParams, defineFeature } from '../feature.js';
import { selectorIn } from '../glance/calico-selectors.js';
import { toLspRange } from '../places.js';

export const selectionRangeFeature = defineFeature({
  method: 'textDocument/selectionRange',
  doc: 'What a selection grows to: a value, its entry, the rule, the list, the document, the file.',
  capability: () => ({ selectionRangeProvider: true }),
  answer(
    { netpol },
    { textDocument, positions }: DocumentParams & { readonly positions: readonly Position[] },
  ): readonly SelectionRange[] | null {
    const file = netpol.workspace.file(keyOf(textDocument.uri));
    if (file === undefined) return null;
    return positions.map((position) => nested(file, selectionsAt(file, file.lines.offsetAt(position)), position));
  },
});

/** Each range within the one behind it; a position that is in none stays a selection of nothing. */
function nested(file: SourceFile, ranges: readonly TextRange[], position: Position): SelectionRange {
  const found = ranges.reduceRight<SelectionRange | undefined>(
    (parent, range) => ({ range: toLspRange(file, range), ...(parent === undefined ? {} : { parent }) }),
    undefined,
  );
  return found ?? { range: { start: position, end: position } };
}

/** What stands around an offset of the file, from the smallest to all of it: each truly larger than the one before. */
export function selectionsAt(file: SourceFile, offset: number): readonly TextRange[] {
  const placed = file.documentAt(offset);
  const whole = [{ start: 0, end: file.text.length }];
  const around = placed === undefined ? whole : [...whole, ...inDocument(file, placed, offset)];
  const growing: TextRange[] = [];
  for (const range of around) {
    const outer = growing.at(-1);
    const isLarger = outer === undefined || (covers(outer, range) && range.end - range.start < outer.end - outer.start);
    if (isLarger && contains(range, offset) && range.end > range.start) growing.push(range);
  }
  return growing.reverse();
}

/** From the outside in. What does not hold the offset, or does not lie within the one before, is left out later. */
function inDocument(file: SourceFile, { document, offset: start }: PlacedDocument, offset: number): TextRange[] {
  const own = offset - start;
  const ranges: TextRange[] = [{ start: 0, end: document.text.length }];
  const trimmed = document.text.trimEnd().length;
  if (trimmed > 0) ranges.push({ start: document.text.search(/\S/), end: trimmed });
  if (document.root !== undefined) descend(document.root, own, ranges);
  const comment = document.comments.find(({ range }) => contains(range, own));
  if (comment !== undefined) {
    const said = comment.range.start + 1 + comment.text.search(/\S|$/);
    ranges.push(comment.range, { start: said, end: comment.range.end });
    const silenced = suppressionsOf(file).find(({ span }) => span.start === comment.range.start + start);
    ranges.push(...(silenced?.codeSpans ?? []).map(({ range }) => shift(range, -start)));
  }
  return ranges.map((range) => shift(range, start));
}

function descend(node: YamlNode, offset: number, ranges: TextRange[]): void {
  ranges.push(node.range);
  // What an alias stands for is written elsewhere.
  if (node.alias) return;
  if (isScalar(node)) {
    if (node.style === 'single' || node.style === 'double') {
      ranges.push({ start: node.range.start + 1, end: node.range.end - 1 });
    }
    return;
  }
  if (node.kind === 'sequence') {
    const item = node.items.find(({ range }) => contains(range, offset));
    if (item === undefined) return;
    ranges.push(item.range);
    descend(item.value, offset, ranges);
    return;
  }
  const entry = node.entries.find(({ range, merged }) => !merged && contains(range, offset));
  if (entry === undefined) return;
  ranges.push(entry.range);
  descend(contains(entry.key.range, offset) ? entry.key : entry.value, offset, ranges);
  ranges.push(...conditionsAt(entry, offset));
}

/** The conditions and words of a selector of Calico around an offset. */
function conditionsAt(entry: YamlEntry, offset: number): readonly TextRange[] {
  if (!contains(entry.value.range, offset)) return [];
  const selector = selectorIn(entry);
  if (selector === undefined) return [];
  const { node, tokens, place } = selector;
  return [...(node === undefined ? [] : conditions(node)), ...tokens.map(({ range }) => range)]
    .map(place)
    .filter((range) => contains(range, offset))
    .sort((a, b) => b.end - b.start - (a.end - a.start));
}

function* conditions(node: SelectorNode): Generator<TextRange> {
  yield node.range;
  if (node.kind === 'not') yield* conditions(node.term);
  if (node.kind === 'and' || node.kind === 'or') for (const term of node.terms) yield* conditions(term);
}
