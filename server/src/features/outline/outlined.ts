import type { SymbolKind } from 'vscode-languageserver-types';
import { covers, type TextRange } from '../../text/range.js';

/** Something in a document that has a name, and what stands in it. Ranges are relative to the document's text. */
export interface Outlined {
  /** Never empty. */
  readonly name: string;
  readonly detail: string;
  readonly kind: SymbolKind;
  readonly range: TextRange;
  /** What is shown when somebody goes there; within `range`. */
  readonly at: TextRange;
  /** Each within `range`. */
  readonly children: readonly Outlined[];
}

/** Numbers of the protocol's `SymbolKind`. */
export const symbols = {
  policy: 5,
  direction: 24,
  rule: 6,
  peer: 8,
  port: 14,
  workload: 19,
  container: 23,
  label: 20,
  namespace: 3,
  service: 11,
  test: 12,
  other: 2,
} as const satisfies Record<string, SymbolKind>;

export function symbol(kind: keyof typeof symbols, name: string, range: TextRange, at: TextRange): Outlined {
  return { name: name === '' ? '(unnamed)' : name, detail: '', kind: symbols[kind], range, at, children: [] };
}

/** What an alias or a merge key brings in stands elsewhere, and has no place here. Each place once, in text order. */
export function within(outer: TextRange, parts: readonly Outlined[]): readonly Outlined[] {
  const seen = new Set<string>();
  return parts
    .filter(({ range, at }) => covers(outer, range) && covers(range, at))
    .filter(({ range, name }) => {
      const key = `${range.start}-${range.end}-${name}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => a.range.start - b.range.start);
}
