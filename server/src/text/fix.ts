import type { TextEdit } from './edits.js';

/** One thing a fix does to the workspace's text. */
export type Change =
  | { readonly kind: 'edit'; readonly edit: TextEdit }
  /** Adds a YAML document at the end of a file. */
  | { readonly kind: 'append'; readonly uri: string; readonly text: string };

/** A change offered to a person, worked out only when it is asked for. */
export interface Fix {
  readonly title: string;
  /** The one to take when only one key is pressed. At most one per finding. */
  readonly preferred?: boolean;
  /** It keeps the meaning its author evidently had: part of `source.fixAll.netpol` and `netpol check --fix`. */
  readonly safe?: boolean;
  /** To know whether it applies takes long: who lists many fixes shows it untried. */
  readonly costly?: boolean;
  /** Undefined when there is no sound edit at this place (an alias, a template). */
  changes(): readonly Change[] | undefined;
}

/** The change list of a single edit; undefined stays undefined. */
export function editOnly(edit: TextEdit | readonly TextEdit[] | undefined): readonly Change[] | undefined {
  if (edit === undefined) return undefined;
  const edits = 'span' in edit ? [edit] : edit;
  return edits.map((each) => ({ kind: 'edit', edit: each }));
}
