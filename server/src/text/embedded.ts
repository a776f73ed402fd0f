import { SourceFile } from './file.js';
import type { TextRange } from './range.js';
import { YamlItem, type YamlNode, type YamlScalar } from './tree.js';

/**
 * The YAML that a string holds, such as a patch written within another file: the roots of its documents, with the places
 * they have in the text around. In a literal block (`|`) each place is true; in any other string it is the whole string.
 * Undefined where the text is broken as YAML.
 */
export function embeddedRoots(scalar: YamlScalar): readonly YamlNode[] | undefined {
  if (typeof scalar.value !== 'string') return undefined;
  const { documents } = SourceFile.of(scalar.document.uri, scalar.value);
  if (documents.some(({ document }) => document.problems.length > 0)) return undefined;
  const whereIs = placesIn(scalar, scalar.value);
  return documents.flatMap(({ document: { root }, offset }) =>
    root === undefined ? [] : [moved(root, scalar, ({ start, end }) => whereIs(start + offset, end + offset))],
  );
}

type Place = (start: number, end: number) => TextRange;

function placesIn({ document, range, style }: YamlScalar, content: string): Place {
  const source = document.text.slice(range.start, range.end);
  const whole = () => range;
  if (style !== 'block' || !source.startsWith('|')) return whole;
  const lines = content.split('\n');
  /** Where each line of the content begins, in itself and in the document. */
  const starts: { readonly content: number; readonly text: number }[] = [];
  let text = range.start + source.indexOf('\n') + 1;
  let at = 0;
  for (const line of lines) {
    const newline = document.text.indexOf('\n', text);
    const end = newline === -1 ? document.text.length : newline;
    const raw = document.text.slice(text, end).replace(/\r$/, '');
    if (line !== '' && !raw.endsWith(line)) return whole;
    starts.push({ content: at, text: text + raw.length - line.length });
    at += line.length + 1;
    text = end + 1;
  }
  const offset = (of: number) => {
    const line = starts.findLast((each) => each.content <= of);
    return line === undefined ? range.start : Math.min(line.text + of - line.content, range.end);
  };
  return (start, end) => ({ start: offset(start), end: offset(end) });
}

function moved(node: YamlNode, { document }: YamlScalar, place: (range: TextRange) => TextRange): YamlNode {
  const deep = (each: YamlNode): YamlNode => {
    const range = place(each.range);
    if (each.kind === 'scalar') return each.at(document, range);
    if (each.kind === 'sequence') {
      const items = each.items.map((item) => YamlItem.at(deep(item.value), place(item.marker), place(item.range)));
      return each.at(document, range, items);
    }
    const entries = each.entries.map((entry) =>
      entry.at(entry.key.at(document, place(entry.key.range)), deep(entry.value), place(entry.range)),
    );
    return each.at(document, range, entries);
  };
  return deep(node);
}
