import type { Resource } from '../kinds/kind.js';
import { documentBehind, originOf } from '../text/document.js';
import { type Change, editOnly } from '../text/fix.js';
import { renderYaml, type YamlData } from '../text/render.js';
import { editAt } from '../text/site.js';
import { styleOf } from '../text/style.js';
import { isSilencing } from './comments.js';

/**
 * The edit that puts an object in a policy's place: comments above and behind it stay where they are, those within it go
 * above. Undefined where the policy is not a sound YAML document of its own.
 */
export function replaceBy({ node, path }: Resource, object: YamlData): readonly Change[] | undefined {
  const document = documentBehind(node.document);
  if (document === undefined || path.length > 0 || document.problems.length > 0) return undefined;
  if (node.flow || originOf(node.document) !== undefined) return undefined;
  const style = styleOf(document);
  const { start, end } = node.range;
  const comments = document.comments
    .filter(({ range, text }) => range.start >= start && range.end <= end && !isSilencing(text))
    .map(({ text }) => `#${text}${style.eol}`);
  const text = renderYaml(object, style).slice(0, -style.eol.length);
  return editOnly(editAt(node.document, start, end, comments.join('') + text));
}
