import type { TextEdit } from 'vscode-languageserver-types';
import type { Netpol } from '../../service.js';
import type { Change } from '../../text/fix.js';
import { toLspRange } from '../places.js';

/** Changes as the protocol's edits, by file; undefined when a place is no longer there. */
export function textEdits(netpol: Netpol, changes: readonly Change[]): ReadonlyMap<string, TextEdit[]> | undefined {
  const edits = netpol.editsOf(changes);
  if (edits === undefined) return undefined;
  return new Map(
    [...edits].map(([uri, list]) => {
      const file = netpol.workspace.file(uri);
      const made = list.map(({ range, newText }) =>
        file === undefined ? [] : { range: toLspRange(file, range), newText },
      );
      return [uri, made.flat()];
    }),
  );
}

/** Nothing but blank space, comments and document marks. */
export function isBlank(text: string): boolean {
  // A comment is a whole line: a part of one would leave endless ways to read a row of number signs.
  return /^\uFEFF?(?:\s|#[^\n]*(?![^\n])|---)*$/.test(text);
}
