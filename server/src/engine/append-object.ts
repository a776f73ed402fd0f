import { documentBehind } from '../text/document.js';
import { renderYaml, type YamlData } from '../text/edits.js';
import { styleOf } from '../text/style.js';
import { writtenOf } from '../workspace/kustomize/step.js';
import type { Placed } from '../workspace/scope.js';

/**
 * An object's text, to be added as a document of its own to the file of another object, in that one's style. Undefined
 * where no document can be added: a template, a JSON file, a document whose syntax is broken.
 */
export function textBeside({ resource }: Placed<unknown>, object: YamlData): string | undefined {
  const document = documentBehind(resource.node.document);
  if (document === undefined || document.templated || document.problems.length > 0) return undefined;
  const style = styleOf(document);
  return style.json ? undefined : renderYaml(object, { ...style, eol: '\n' });
}

/** The names that objects have: as applied, and as written, before kustomizations put something around them. */
export function namesOf(objects: readonly Placed<{ readonly name: string }>[]): readonly string[] {
  return objects.flatMap(({ value, resource }) => {
    const written = writtenOf(resource).object?.value;
    return written !== undefined && 'name' in written ? [value.name, written.name] : [value.name];
  });
}
