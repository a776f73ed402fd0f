import { keyWords } from '../model/pod-facts.js';
import { documentBehind } from '../text/document.js';
import { replaceKey, replaceScalar } from '../text/edits.js';
import { type Change, editOnly, type Fix } from '../text/fix.js';
import { editAt, touchesShared } from '../text/site.js';
import { keyText, stringOf, type YamlNode } from '../text/tree.js';
import type { Suggestion } from './did-you-mean.js';
import { entryAt, scalarAt } from './node-at.js';

/**
 * Changes a selector's one label into the suggested one; to be preferred where a slip is all but sure. `root` is YAML that
 * holds the selector.
 */
export function labelFix(root: YamlNode, suggestion: Suggestion, certainty: 'likely' | 'possible'): Fix {
  const { requirement, part, valueIndex, key, value } = suggestion;
  const old = `${keyWords(requirement.key)}=${requirement.values[valueIndex]?.value ?? ''}`;
  return {
    title: `Change ${part === 'value' ? '' : 'the label '}${old} to ${keyWords(key)}=${value}`,
    ...(certainty === 'likely' ? { preferred: true } : {}),
    changes: () => changeLabel(root, suggestion),
  };
}

/** Where the label stands: a key or a value, behind a prefix (`k8s:app`), or a word of an expression. */
function changeLabel(root: YamlNode, suggestion: Suggestion): readonly Change[] | undefined {
  const { requirement, part, valueIndex, key, value } = suggestion;
  const asked = requirement.values[valueIndex];
  const [at, old, wanted] =
    part === 'key' ? [requirement.keyAt, requirement.key, key] : [asked?.at, asked?.value, value];
  if (at === undefined || old === undefined) return undefined;
  const entry = part === 'key' ? entryAt(root, at) : undefined;
  const scalar = entry === undefined ? scalarAt(root, at) : undefined;
  const written = entry === undefined ? stringOf(scalar) : keyText(entry);
  if (written === undefined) return changeWord(at, old, wanted);
  // What was read as something else than is written (`projectcalico.org/name`) is not to be put into its words.
  if (written !== old && !(part === 'key' && written.endsWith(`:${old}`))) return undefined;
  const text = written.slice(0, written.length - old.length) + wanted;
  if (entry !== undefined) return editOnly(replaceKey(entry, text));
  return scalar === undefined ? undefined : editOnly(replaceScalar(scalar, text));
}

function changeWord({ document, range }: Suggestion['requirement']['keyAt'], old: string, wanted: string) {
  const source = documentBehind(document);
  if (source === undefined || touchesShared(source, range)) return undefined;
  if (source.text.slice(range.start, range.end) !== old) return undefined;
  return editOnly(editAt(source, range.start, range.end, wanted));
}
