import type { YamlNode, YamlPath } from '../../text/tree.js';
import { checkLabelSelector } from '../kubernetes/label-selector.js';
import { labelKeyProblem } from '../kubernetes/names.js';
import type { Problem } from '../problem.js';
import { splitKey } from './labels.js';
import { byAgent } from './refusal.js';

/** A selector of endpoints or nodes, whose keys may have a source before them. Source: FACTS A4.3, label keys. */
export function checkSelector(node: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  return checkLabelSelector(node, path, keyProblem);
}

export function checkSelectors(list: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  if (list?.kind !== 'sequence') return [];
  return list.items.flatMap(({ value }, index) => checkSelector(value, [...path, index]));
}

/** `[source:]key`: a source is letters and digits, the key a label's. The API server does not look. */
function keyProblem(text: string): string | undefined {
  const { source, key } = splitKey(text);
  const why = key.includes(':')
    ? 'there is more than one ":"'
    : source !== undefined && !/^[A-Za-z0-9]+$/.test(source)
      ? 'the source before ":" has other characters than letters and digits'
      : labelKeyProblem(key);
  return why === undefined ? undefined : `${why}. ${byAgent.slice(0, -1)}`;
}
