import type { RequirementSource } from '../model/peer.js';
import { replaceKey, replaceScalar } from '../text/edits.js';
import { type Change, editOnly, type Fix } from '../text/fix.js';
import { isSequence, keyText, stringOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Suggestion } from './did-you-mean.js';

/**
 * Changes a selector's one label into the suggested one; to be preferred where a slip is all but sure. `selector` is the
 * YAML of the LabelSelector.
 */
export function labelFix(
  selector: YamlNode | undefined,
  suggestion: Suggestion,
  certainty: 'likely' | 'possible',
): Fix {
  const { requirement, part, valueIndex, key, value } = suggestion;
  const old = requirement.values[valueIndex]?.value ?? '';
  return {
    title:
      part === 'value'
        ? `Change ${requirement.key}=${old} to ${key}=${value}`
        : `Change the label ${requirement.key}=${old} to ${key}=${value}`,
    ...(certainty === 'likely' ? { preferred: true } : {}),
    changes: () => changeLabel(selector, suggestion),
  };
}

function changeLabel(selector: YamlNode | undefined, suggestion: Suggestion): readonly Change[] | undefined {
  const { requirement, part, valueIndex, key, value } = suggestion;
  const entry = labelEntry(selector, requirement);
  if (entry !== undefined) {
    if (entry.merged) return undefined;
    return editOnly(part === 'value' ? replaceScalar(entry.value, value) : replaceKey(entry, key));
  }
  const expression = expressionOf(selector, requirement);
  const values = valueAt(expression, 'values');
  const node =
    part === 'key' ? valueAt(expression, 'key') : isSequence(values) ? values.items[valueIndex]?.value : undefined;
  return node === undefined ? undefined : editOnly(replaceScalar(node, part === 'key' ? key : value));
}

function labelEntry(selector: YamlNode | undefined, requirement: RequirementSource) {
  const labels = valueAt(selector, 'matchLabels');
  if (labels?.kind !== 'map') return undefined;
  return labels.entries.find(
    (entry) => keyText(entry) === requirement.key && entry.key.range.start === requirement.keyAt.range.start,
  );
}

function expressionOf(selector: YamlNode | undefined, requirement: RequirementSource): YamlNode | undefined {
  const expressions = valueAt(selector, 'matchExpressions');
  if (!isSequence(expressions)) return undefined;
  return expressions.items.find(({ value }) => {
    const key = valueAt(value, 'key');
    return stringOf(key) === requirement.key && key?.range.start === requirement.keyAt.range.start;
  })?.value;
}
