import type { Range } from 'vscode-languageserver-types';
import type { Place } from '../model/workload.js';
import type { SourceFile } from '../text/file.js';
import type { TextRange } from '../text/range.js';
import type { Workspace } from '../workspace/workspace.js';
import type { LinkTo } from './hover/effective-markdown.js';

export function toLspRange(file: SourceFile, range: TextRange): Range {
  return { start: file.lines.positionAt(range.start), end: file.lines.positionAt(range.end) };
}

/** Where a place of the model stands now; undefined when its document is no longer there. */
export function locate(workspace: Workspace, at: Place): { uri: string; range: Range } | undefined {
  const file = workspace.file(at.document.uri);
  const range = file?.toFile(at);
  return file === undefined || range === undefined ? undefined : { uri: file.uri, range: toLspRange(file, range) };
}

/** Links that editors open at the line: `file:///x.yaml#L14`. */
export function linksInto(workspace: Workspace): LinkTo {
  return ({ at }) => {
    const found = locate(workspace, at);
    if (found === undefined) return undefined;
    const line = found.range.start.line + 1;
    return { target: `${found.uri}#L${line}`, line };
  };
}
