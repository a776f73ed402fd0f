import { originOf } from '../text/document.js';
import type { Change, Fix } from '../text/fix.js';
import { shift } from '../text/range.js';
import { releaseName } from '../workspace/rendering.js';
import type { Workspace } from '../workspace/workspace.js';

/**
 * A fix that changes templates where it would change what was rendered from them. There is no sound change where the text
 * is not literally in the template, was rendered more than once, or would be filled with what one rendering gave.
 */
export function inTemplates(fix: Fix, workspace: Workspace): Fix {
  return {
    ...fix,
    changes() {
      const changes = fix.changes();
      const mapped = changes?.map((change) => inTemplate(change, workspace));
      return mapped?.every((change) => change !== undefined) ? mapped : undefined;
    },
  };
}

function inTemplate(change: Change, workspace: Workspace): Change | undefined {
  const uri = change.kind === 'append' ? change.uri : change.edit.span.document.uri;
  const rendered = workspace.index.scopesOf(uri).some((scope) => scope.renderedFrom(uri).length > 0);
  // Behind a template's end would be behind its conditions.
  if (change.kind === 'append') return rendered ? undefined : change;
  const { span, newText } = change.edit;
  const origin = originOf(span.document);
  if (origin === undefined) return change;
  const file = workspace.file(uri);
  const range = origin.literal(span.range);
  if (range === undefined || file?.text !== origin.template || newText.includes(releaseName)) return undefined;
  const placed = file.documentAt(range.start);
  if (placed === undefined || range.end > placed.offset + placed.document.text.length) return undefined;
  return {
    kind: 'edit',
    edit: { span: { document: placed.document, range: shift(range, -placed.offset) }, newText },
  };
}
