import * as vscode from 'vscode';

/** Which extension host this is: a process with a disk, or a worker in a browser. */
export type Host = 'node' | 'web';

/** A filter that is at once VS Code's and LSP's. */
export type Filter = { language: string; scheme?: string } | { pattern: string; scheme?: string };

/**
 * The documents that netpol has to do with. With a disk, schemes are named one by one, so that the old side of a
 * comparison (`git:`) does not count as a second copy of its objects. In a browser any scheme may hold the workspace.
 */
export function documentSelector(host: Host): Filter[] {
  const kinds: Filter[] = [
    { language: 'yaml' },
    { language: 'json' },
    { language: 'helm' },
    { pattern: '**/.netpol.yaml' },
    { pattern: '**/*.netpol-test.{yaml,yml}' },
  ];
  if (host === 'web') return kinds;
  const schemes = new Set(['file', 'untitled', 'vscode-vfs', 'vscode-remote']);
  for (const folder of vscode.workspace.workspaceFolders ?? []) schemes.add(folder.uri.scheme);
  return [...schemes].flatMap((scheme) => kinds.map((kind) => ({ ...kind, scheme })));
}

/** May the server read the workspace's files itself? Not without a disk, and not where a folder is virtual. */
export function filesComeFrom(host: Host): 'disk' | 'client' {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return host === 'node' && folders.every((folder) => folder.uri.scheme === 'file') ? 'disk' : 'client';
}
