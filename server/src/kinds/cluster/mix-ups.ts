import { editOnly, type Fix } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import { editAt, siteOf, touchesShared } from '../../text/site.js';
import { entryOf, stringOf, type YamlEntry, type YamlMap, type YamlNode, type YamlPath } from '../../text/tree.js';
import type { Problem } from '../problem.js';
import { replaceFix } from '../structure.js';

/**
 * Says more of a problem where the text is in the words of another version of the API: the first bundles of v1alpha1 had
 * a selector within `namespaces`, and v1alpha2 renamed an action and a list.
 * Source: kubernetes-sigs/network-policy-api CHANGELOG, CRDs of bundles v0.1.1, v0.1.5 and v0.2.0.
 */
export function explainMixUp(object: YamlMap, problem: Problem): Problem {
  const { path, rule } = problem;
  const [key, parent] = [path.at(-1), path.at(-2)];
  const say = (why: string, fixes?: readonly Fix[]): Problem => ({
    ...problem,
    message: `${formatPath(path)}: ${why}`,
    ...(fixes === undefined ? {} : { fixes }),
  });
  if (rule === 'invalid-value' && key === 'action') {
    const node = nodeOf(object, path);
    const meant = stringOf(node) === 'Allow' ? 'Accept' : stringOf(node) === 'Accept' ? 'Allow' : undefined;
    if (meant === undefined || node?.kind !== 'scalar') return problem;
    return say(
      `${meant === 'Accept' ? 'v1alpha1 said Allow, v1alpha2 says Accept' : 'v1alpha2 says Accept, v1alpha1 says Allow'}. Write ${meant}.`,
      [replaceFix(node, meant, true)],
    );
  }
  if (rule !== 'unknown-field') return problem;
  if (parent === 'namespaces' && key === 'namespaceSelector') {
    return say(
      'in bundle v0.1.5 and later, `namespaces` is itself the selector, and the API server refuses one within it. Move its content up.',
      [
        {
          title: 'Make it the content of namespaces',
          preferred: true,
          safe: true,
          changes: () => editOnly(unwrap(nodeOf(object, path.slice(0, -1)))),
        },
      ],
    );
  }
  if (key === 'sameLabels' || key === 'notSameLabels') {
    return say(
      `bundle v0.1.5 and later have no ${key}, and nothing says the same: choose the namespaces by their labels.`,
    );
  }
  if (key === 'ports' || key === 'protocols') {
    const [own, other] = key === 'ports' ? ['protocols', 'v1alpha1'] : ['ports', 'v1alpha2'];
    return say(`this is the list of ${other}. Write \`${own}\`, whose items look different.`, []);
  }
  return problem;
}

function nodeOf(root: YamlNode, path: YamlPath): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const step of path) {
    if (typeof step === 'string') node = entryOf(node, step)?.value;
    else node = node?.kind === 'sequence' ? node.items[step]?.value : undefined;
  }
  return node;
}

/** Takes away the key of a map's only entry, and the brackets around it; what it holds keeps its lines. */
function unwrap(map: YamlNode | undefined) {
  if (map?.kind !== 'map') return undefined;
  const [entry, other]: readonly (YamlEntry | undefined)[] = map.entries;
  const site = siteOf(map);
  if (entry === undefined || other !== undefined || entry.merged || map.incomplete || site === undefined) {
    return undefined;
  }
  const { document, text } = site;
  const inner = entry.value;
  if (inner.kind !== 'map' || inner.alias || touchesShared(document, map.range)) return undefined;
  const before = text.slice(map.flow ? map.range.start : entry.key.range.start, inner.range.start);
  const behind = text.slice(inner.range.end, map.range.end);
  if (`${before}${behind}`.includes('#')) return undefined;
  const start = map.range.start;
  if (map.flow)
    return [editAt(document, start, inner.range.start, ''), editAt(document, inner.range.end, map.range.end, '')];
  // The content keeps its own, deeper column: the line of the key goes, with its indentation.
  const lines = before.lastIndexOf('\n');
  if (lines < 0) return [editAt(document, start, inner.range.start, '')];
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  if (text.slice(lineStart, start).trim() !== '') return undefined;
  return [editAt(document, lineStart, start + lines + 1, '')];
}
