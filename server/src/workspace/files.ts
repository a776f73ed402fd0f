/** Where files come from: a disk, an editor's virtual file system, or a test's memory. The core does no I/O of its own. */
export interface FileProvider {
  /** The URIs of all manifests (*.yaml, *.yml, *.json) below a folder, without ignored and generated folders. */
  list(folder: string): Promise<readonly string[]>;
  read(uri: string): Promise<FileContent>;
}

export type FileContent = { readonly text: string } | { readonly error: string };

/** A manifest that could not be read, and why; the rest of the workspace is still answered. */
export interface UnreadFile {
  readonly uri: string;
  readonly reason: string;
}

/** The folder of a URI, without a trailing slash. */
export function folderOf(uri: string): string {
  const slash = uri.lastIndexOf('/');
  return slash <= 0 ? uri : uri.slice(0, slash);
}

export function fileName(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

export function isBelow(uri: string, folder: string): boolean {
  return uri.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Resolves a relative path of slashes against a folder; undefined for anything that is not a plain relative path. */
export function joinPath(folder: string, path: string): string | undefined {
  if (path.includes('://') || path.startsWith('/') || path.startsWith('git@') || path.includes('?ref='))
    return undefined;
  const parts = folder.split('/');
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..') parts.pop();
    else parts.push(encodeURIComponent(step).replaceAll('%40', '@'));
  }
  return parts.join('/');
}
