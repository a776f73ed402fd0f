import { placesIn } from '../../kinds/calico/scalar-places.js';
import { parseSelector } from '../../kinds/calico/selector-grammar.js';
import type { TextRange } from '../../text/range.js';
import { isScalar, keyText, type YamlEntry } from '../../text/tree.js';

const selectorKeys: ReadonlySet<string> = new Set([
  'selector',
  'notSelector',
  'namespaceSelector',
  'serviceAccountSelector',
]);

/** A selector of Calico as it stands in the text. */
export interface WrittenSelector extends ReturnType<typeof parseSelector> {
  /** The range in the document of a range of the expression. */
  place(range: TextRange): TextRange;
}

/** The selector that an entry of one of Calico's objects holds; the other families have maps under the same keys. */
export function selectorIn(entry: YamlEntry): WrittenSelector | undefined {
  const { value } = entry;
  if (!isScalar(value) || value.alias || value.opaque || typeof value.value !== 'string') return undefined;
  if (!selectorKeys.has(keyText(entry))) return undefined;
  const place = placesIn(value);
  return { ...parseSelector(value.value), place: (range) => place(range).range };
}
