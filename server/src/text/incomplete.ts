import { columnAt } from './columns.js';
import type { TemplateAction } from './templates.js';
import type { YamlMap, YamlNode, YamlSequence } from './tree.js';

/** A collection that stands for an aliased one, made while the tree was built. */
export interface Copy {
  readonly of: YamlNode;
  readonly copy: YamlNode;
}

/**
 * Marks what the actions on lines of their own may add to: the innermost map or list that is open where the action
 * prints, or the value that is missing there. Called once, before anyone else has seen the tree.
 */
export function markIncomplete(
  root: YamlNode | undefined,
  actions: readonly TemplateAction[],
  copies: readonly Copy[],
): void {
  if (root === undefined) return;
  for (const action of actions) {
    if (action.place === 'alone' && (action.effect === 'output' || action.effect === 'open')) mark(root, action);
  }
  for (const { of, copy } of copies) {
    if (of.kind !== 'scalar' && of.incomplete) setIncomplete(copy);
  }
}

function mark(root: YamlNode, action: TemplateAction): void {
  const at = action.range.start;
  if (root.kind === 'scalar') return;
  if (at < root.range.start && action.effect === 'open') return;
  let node: YamlMap | YamlSequence = root;
  for (;;) {
    const column = columnOf(node);
    const value: YamlNode | undefined = lastBefore(node, at);
    if (value === undefined || node.flow || action.column < column) break;
    const deeper = action.column > column;
    if (value.kind === 'scalar') {
      if (at < value.range.end) return;
      if (!deeper || value.style !== 'absent') break;
      value.markOpaque();
      return;
    }
    const listAtKey = node.kind === 'map' && value.kind === 'sequence' && columnOf(value) === column;
    if ((!deeper && !listAtKey) || value.flow || value.alias || action.column < columnOf(value)) break;
    // In the column of both a key and the dashes below it, the action may print either.
    if (!deeper && action.effect === 'output') setIncomplete(node);
    node = value;
  }
  setIncomplete(node);
}

/** The value of the last entry or item that begins before an offset. */
function lastBefore(node: YamlMap | YamlSequence, at: number): YamlNode | undefined {
  // Entries a merge brought have ranges elsewhere, so that the ranges are not in order.
  if (node.kind === 'map' && node.entries.some((entry) => entry.merged)) {
    return node.entries.findLast((entry) => !entry.merged && entry.range.start <= at)?.value;
  }
  const parts = node.kind === 'map' ? node.entries : node.items;
  let low = -1;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((parts[middle]?.range.start ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return parts[low]?.value;
}

function columnOf(node: YamlNode): number {
  return columnAt(node.document.text, node.range.start);
}

function setIncomplete(node: YamlNode): void {
  if (node.kind !== 'scalar') node.markIncomplete();
}
