import { replaceScalar } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import type { TextRange } from '../../text/range.js';
import { type Span, stringOf, type YamlNode, type YamlPath, type YamlScalar } from '../../text/tree.js';
import type { Problem } from '../problem.js';
import { given } from './read-entity.js';
import { placesIn } from './scalar-places.js';
import { parseSelector, repairSelector, type SelectorNode } from './selector-grammar.js';

/**
 * Why Calico would refuse a selector. `global` says where global() may stand: nowhere, or alone.
 * Source: libcalico-go validator validateSelector and validateEntityRule, CEL of the CRDs, FACTS A3.5.
 */
export function checkSelector(
  map: YamlNode | undefined,
  key: string,
  path: YamlPath,
  global: 'nowhere' | 'alone',
): readonly Problem[] {
  const node = given(map, key)?.value;
  const text = stringOf(node);
  if (node?.kind !== 'scalar' || text === undefined) return [];
  const here = [...path, key];
  const { node: tree, fault } = parseSelector(text);
  if (fault !== undefined) {
    const repaired = repairSelector(text);
    const problem = syntaxProblem(node, here, fault.range, fault.why);
    return [repaired === undefined ? problem : { ...problem, fixes: [rewrite(node, repaired)] }];
  }
  const [call] = tree === undefined || (global === 'alone' && tree.kind === 'global') ? [] : globalsIn(tree);
  if (call === undefined) return [];
  const why =
    global === 'alone'
      ? 'global() has to stand alone: it is what is in no namespace, which has no labels of one.'
      : 'global() may stand in the namespaceSelector of a source or destination only.';
  return [syntaxProblem(node, here, call.range, why)];
}

function syntaxProblem(node: YamlScalar, path: YamlPath, range: TextRange, why: string): Problem {
  return {
    rule: 'calico-selector-syntax',
    path,
    at: placeOf(node, range),
    message: `${formatPath(path)}: ${why}`,
  };
}

/** The characters themselves; of a line break, the sign of the block scalar that lets it in. */
function placeOf(node: YamlScalar, range: TextRange): Span {
  const { document } = node;
  const breaks = /[\r\n]/.test(String(node.value).slice(range.start, range.end));
  if (node.style === 'block' && breaks && !node.alias) {
    const { start } = node.range;
    const header = /^[|>][-+0-9]*/.exec(document.text.slice(start, start + 4))?.[0].length ?? 1;
    return { document, range: { start, end: start + header } };
  }
  const span = placesIn(node)(range);
  return span.range.end > span.range.start ? span : { document, range: node.range };
}

function rewrite(node: YamlScalar, text: string) {
  return {
    title: text.length > 80 ? 'Correct the selector' : `Change to ${text}`,
    preferred: true,
    changes: () => editOnly(replaceScalar(node, text)),
  };
}

function globalsIn(node: SelectorNode): readonly SelectorNode[] {
  if (node.kind === 'global') return [node];
  if (node.kind === 'not') return globalsIn(node.term);
  return node.kind === 'and' || node.kind === 'or' ? node.terms.flatMap(globalsIn) : [];
}
