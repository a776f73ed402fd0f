import { placeOf } from '../kinds/structure.js';
import { toData } from '../text/data.js';
import type { YamlDocument } from '../text/document.js';
import type { SourceFile } from '../text/file.js';
import { entryAt, nodeAt } from '../text/paths.js';
import { keySpan, type Span, spanOf } from '../text/tree.js';
import { fileName, folderOf } from './files.js';
import type { SettingsProblem } from './settings-check.js';
import type { Workspace } from './workspace.js';

export function isSettingsFile(uri: string): boolean {
  return fileName(uri) === '.netpol.yaml';
}

/** What the `.netpol.yaml` of a workspace folder says, as plain data; undefined where there is none. */
export function settingsFile(workspace: Workspace): unknown {
  for (const folder of workspace.folders) {
    const file = workspace.file(`${folder}/.netpol.yaml`);
    if (file !== undefined && folderOf(file.uri) === folder) return settingsData(file);
  }
  return undefined;
}

/** A configuration file as plain data; only its first document counts. */
export function settingsData(file: SourceFile): unknown {
  return toData(file.documents[0]?.document.root);
}

/** The smallest part of a configuration file that shows a problem; undefined for an empty file. */
export function placeOfProblem(document: YamlDocument, { path, onKey }: SettingsProblem): Span | undefined {
  const entry = entryAt(document, path);
  if (entry !== undefined) return onKey ? keySpan(entry) : placeOf(entry);
  const node = nodeAt(document, path);
  if (node?.kind === 'scalar' && node.style !== 'absent') return spanOf(node);
  const list = nodeAt(document, path.slice(0, -1));
  const [last] = path.slice(-1);
  const item = list?.kind === 'sequence' && typeof last === 'number' ? list.items[last] : undefined;
  if (list?.kind === 'sequence' && item !== undefined && !list.flow) return { document, range: item.marker };
  // Of what spans lines, the beginning.
  const { root } = document;
  const at = item?.range.start ?? root?.range.start;
  return at === undefined ? undefined : { document, range: { start: at, end: at + 1 } };
}
