import type { TextRange } from '../../text/range.js';

/**
 * What a text in the selector language of Calico says, with offsets in that text. Knows nothing of YAML or of what labels
 * stand for.
 * Source: projectcalico/calico libcalico-go/lib/selector (tokenizer.go, parser.go).
 */
export type SelectorNode =
  | { readonly kind: 'all' | 'global'; readonly range: TextRange }
  | { readonly kind: 'has'; readonly label: Word; readonly range: TextRange }
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly label: Word;
      readonly value: Word;
      readonly range: TextRange;
    }
  | {
      readonly kind: 'in' | 'not in';
      readonly label: Word;
      readonly values: readonly Word[];
      readonly range: TextRange;
    }
  | { readonly kind: 'not'; readonly term: SelectorNode; readonly range: TextRange }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly SelectorNode[]; readonly range: TextRange };

export type CompareOperator = '==' | '!=' | 'contains' | 'starts with' | 'ends with';

/** A label, or the content of a string. A string's range is what stands between its quotes. */
export interface Word {
  readonly text: string;
  readonly range: TextRange;
}

/** What an editor colours. */
export interface SelectorToken {
  readonly kind: 'label' | 'operator' | 'string' | 'function' | 'bracket';
  readonly range: TextRange;
}

export type Expected = 'condition' | 'label' | 'operator' | 'string' | 'set' | 'comma' | 'joiner';

/** The first place at which Calico gives up. */
export interface SelectorFault {
  readonly range: TextRange;
  readonly expected: Expected;
  /** What is wrong and what to do, as the rest of a sentence behind the field's path. */
  readonly why: string;
  /** A correction of this place alone. */
  readonly replace: { readonly range: TextRange; readonly text: string } | undefined;
  /** The label whose condition is being written. */
  readonly label: string | undefined;
  /** The text ends before what is expected. */
  readonly atEnd: boolean;
}

export interface ParsedSelector {
  /** Undefined where there is a fault. An empty text selects everything. */
  readonly node: SelectorNode | undefined;
  readonly tokens: readonly SelectorToken[];
  readonly fault: SelectorFault | undefined;
}
