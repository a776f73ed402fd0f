import { replaceKey, replaceScalar } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import { entryOf, spanOf, type YamlEntry, type YamlMap, type YamlNode } from '../../text/tree.js';
import { readLabelSelector } from '../kubernetes/label-selector.js';
import type { Problem } from '../problem.js';

/** What a field of a Kubernetes NetworkPolicy is called in Calico, and how its content differs. */
const words: Readonly<Record<string, string>> = {
  podSelector: "Calico's field is selector, and holds an expression such as app == 'web'.",
  policyTypes: "Calico's field is types.",
  from: "Calico's field is source: one map, not a list. Several sources are several rules.",
  to: "Calico's field is destination: one map, not a list. Several destinations are several rules.",
  ports: "in Calico ports stand in source or destination, and the rule's protocol beside them.",
  ipBlock: "Calico's fields are nets and notNets: lists of ranges.",
  matchLabels: "Calico's selectors are expressions such as app == 'web'.",
  matchExpressions: "Calico's selectors are expressions such as app in {'web', 'api'}.",
};

/** Says more of a problem where the text is in the words of a Kubernetes NetworkPolicy. */
export function explainMixUp(object: YamlMap, problem: Problem): Problem {
  const { path, rule } = problem;
  const key = String(path.at(-1));
  if (rule === 'unknown-field' && path[0] === 'spec' && Object.hasOwn(words, key)) {
    const entry = entryAt(object, path);
    const rename = {
      title: 'Change "policyTypes" to "types"',
      preferred: true,
      safe: true,
      changes: () => (entry === undefined ? undefined : editOnly(replaceKey(entry, 'types'))),
    };
    return {
      ...problem,
      message: `${formatPath(path)}: that is how Kubernetes has it, and the object is refused: ${words[key]}`,
      fixes: key === 'policyTypes' ? [rename] : [],
    };
  }
  const node = rule === 'wrong-type' && /elector$/.test(key) ? entryAt(object, path)?.value : undefined;
  if (node?.kind !== 'map') return problem;
  const expression = expressionOf(node);
  const known = expression === undefined ? '' : ` Write ${expression}.`;
  return {
    ...problem,
    message: `${formatPath(path)} is an expression in Calico, not a map of labels as Kubernetes has it.${known}`,
    ...(expression === undefined
      ? {}
      : {
          fixes: [
            {
              title: `Change to ${expression}`,
              preferred: true,
              changes: () => editOnly(replaceScalar(node, expression)),
            },
          ],
        }),
  };
}

function entryAt(object: YamlMap, path: Problem['path']): YamlEntry | undefined {
  let node: YamlNode | undefined = object;
  for (const step of path.slice(0, -1)) {
    if (typeof step === 'string') node = entryOf(node, step)?.value;
    else node = node?.kind === 'sequence' ? node.items[step]?.value : undefined;
  }
  return entryOf(node, String(path.at(-1)));
}

/** The same condition in Calico's language; undefined where part of it is not known. */
function expressionOf(node: YamlMap): string | undefined {
  const { source, uncertain } = readLabelSelector(node, spanOf(node));
  if (uncertain) return undefined;
  const terms = source.requirements.map(({ selector, key, values }) => {
    const texts = values.map(({ value }) => `'${value}'`);
    const list = `{${texts.join(', ')}}`;
    switch (selector.op) {
      case 'In':
        return texts.length === 1 ? `${key} == ${texts[0]}` : `${key} in ${list}`;
      case 'NotIn':
        return texts.length === 1 ? `${key} != ${texts[0]}` : `${key} not in ${list}`;
      default:
        return selector.op === 'Exists' ? `has(${key})` : `!has(${key})`;
    }
  });
  return terms.length === 0 ? 'all()' : terms.join(' && ');
}
