import type { TextRange } from '../../text/range.js';
import { parseSelector } from './selector-parser.js';
import type { Expected, SelectorNode } from './selector-tree.js';

export type * from './selector-tree.js';
export { parseSelector };

/** The text with every fault corrected, where each has one correction that comes to mind; else undefined. */
export function repairSelector(text: string): string | undefined {
  let current = text;
  for (let round = 0; round < 40; round++) {
    const { fault } = parseSelector(current);
    if (fault === undefined) return current.trim();
    if (fault.replace === undefined) return undefined;
    const { range, text: correction } = fault.replace;
    current = current.slice(0, range.start) + correction + current.slice(range.end);
  }
  return undefined;
}

/** What may be written at an offset, and what of it is there already. Undefined where the text before it is wrong. */
export function expectedAt(
  text: string,
  offset: number,
): { readonly expected: Expected; readonly label: string | undefined; readonly typed: TextRange } | undefined {
  const before = text.slice(0, offset);
  const whole = parseSelector(before).fault;
  if (whole?.expected === 'string' && /^['"]/.test(before.slice(whole.range.start))) {
    return { expected: 'string', label: whole.label, typed: { start: whole.range.start + 1, end: offset } };
  }
  const start = offset - (/[A-Za-z0-9_./-]*$/.exec(before)?.[0].length ?? 0);
  const { fault } = parseSelector(before.slice(0, start));
  const typed = { start, end: offset };
  if (fault === undefined)
    return { expected: before.slice(0, start).trim() === '' ? 'condition' : 'joiner', label: undefined, typed };
  return fault.atEnd ? { expected: fault.expected, label: fault.label, typed } : undefined;
}

/** The canonical text, as Calico itself prints selectors: the text that it makes identities of. */
export function printCanonical(node: SelectorNode): string {
  switch (node.kind) {
    case 'all':
    case 'global':
      return `${node.kind}()`;
    case 'has':
      return `has(${node.label.text})`;
    case 'compare':
      return `${node.label.text} ${node.operator} ${quote(node.value.text)}`;
    case 'in':
    case 'not in': {
      const values = [...new Set(node.values.map(({ text }) => text))].sort();
      return `${node.label.text} ${node.kind} {${values.map(quote).join(', ')}}`;
    }
    case 'not':
      return `!${printCanonical(node.term)}`;
    case 'and':
    case 'or':
      return `(${node.terms.map(printCanonical).join(node.kind === 'and' ? ' && ' : ' || ')})`;
  }
}

/** A string of the language; there are no escapes, so one that holds both kinds of quotes cannot be written. */
function quote(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
