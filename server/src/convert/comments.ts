import type { Resource } from '../kinds/kind.js';
import { documentBehind } from '../text/document.js';
import { renderYaml, type YamlData } from '../text/render.js';

/** An object as text, with the comments of the one that it stands for above it. */
export function convertedText(resource: Resource, object: YamlData): string {
  return [...commentsOf(resource).map((text) => `#${text}\n`), renderYaml(object)].join('');
}

/** The comments of an object, and those above it where it has its document to itself. */
function commentsOf({ node, path }: Resource): readonly string[] {
  const { start, end } = node.range;
  return (documentBehind(node.document)?.comments ?? []).flatMap(({ range, text }) =>
    (path.length === 0 || (start <= range.start && range.end <= end)) && !isSilencing(text) ? [text] : [],
  );
}

/** It silences rules, for a line that is no more. */
export function isSilencing(comment: string): boolean {
  return /^\s*netpol-disable/.test(comment);
}
