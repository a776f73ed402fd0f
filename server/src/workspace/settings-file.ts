import { toData } from '../text/data.js';
import { folderOf } from './files.js';
import type { Workspace } from './workspace.js';

/** What the `.netpol.yaml` of a workspace folder says, as plain data; undefined where there is none. */
export function settingsFile(workspace: Workspace): unknown {
  for (const folder of workspace.folders) {
    const file = workspace.file(`${folder}/.netpol.yaml`);
    if (file !== undefined && folderOf(file.uri) === folder) return toData(file.documents[0]?.document.root);
  }
  return undefined;
}
