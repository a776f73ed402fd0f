import type { SourceFile } from '../text/file.js';

/** How the comment begins in which `netpol snapshot` says when, and of what cluster, a file was made. */
export const snapshotTitle = 'netpol snapshot of';

/** A file that `netpol snapshot` made: its first line says so. It is the state of one cluster, whatever lies beside it. */
export function isSnapshot({ text }: SourceFile): boolean {
  return text.replace(/^\uFEFF/, '').startsWith(`# ${snapshotTitle} `);
}
