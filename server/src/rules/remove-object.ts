import type { Policy } from '../model/policy.js';
import { type Change, editOnly } from '../text/fix.js';
import { editAt } from '../text/site.js';
import type { Placed } from '../workspace/scope.js';

/**
 * Takes a policy out of its file: the whole document, with the `---` above. Undefined for one without, which is the first
 * of its file and stays, and for an item of a List.
 */
export function removeObject({ resource: { node, path } }: Placed<Policy>): readonly Change[] | undefined {
  const { text } = node.document;
  return path.length === 0 && text.startsWith('---') ? editOnly(editAt(node.document, 0, text.length, '')) : undefined;
}
