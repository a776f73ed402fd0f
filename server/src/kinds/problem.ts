import type { Fix } from '../text/fix.js';
import type { Span, YamlPath } from '../text/tree.js';

/** The rules under which an object is refused by the API server or by strict decoding. */
export type ValidityRule =
  | 'unknown-field'
  | 'duplicate-field'
  | 'wrong-type'
  | 'missing-field'
  | 'invalid-value'
  | 'invalid-port'
  | 'invalid-end-port'
  | 'invalid-named-port'
  | 'invalid-protocol'
  | 'invalid-cidr'
  | 'invalid-except'
  | 'invalid-peer'
  | 'invalid-selector'
  | 'invalid-label'
  | 'invalid-name'
  | 'baseline-name'
  | 'calico-selector-syntax';

/** One reason why an object would be refused. */
export interface Problem {
  readonly rule: ValidityRule;
  /** The field path that the API server names, from the object's root. */
  readonly path: YamlPath;
  /** The smallest part of the text that shows it. */
  readonly at: Span;
  readonly message: string;
  /** Set when only some servers refuse it. */
  readonly severity?: 'warning' | 'info';
  readonly related?: readonly { readonly at: Span; readonly message: string }[];
  readonly fixes?: readonly Fix[];
}
