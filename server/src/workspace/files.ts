import { URI } from 'vscode-uri';

/** Where files come from: a disk, an editor's virtual file system, or a test's memory. The core does no I/O of its own. */
export interface FileProvider {
  /**
   * The URIs of all manifests (*.yaml, *.yml, *.json, and kustomizations) below a folder, without ignored and generated
   * folders, and without what `exclude` names: patterns as in .gitignore, from the folder. Rejects, with an error for a
   * person to read, when the folder itself cannot be read.
   */
  list(folder: string, exclude: readonly string[]): Promise<readonly string[]>;
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

/**
 * The one spelling of a URI that files are known by. Clients differ in what they escape (`@`, a drive's colon), and one
 * file under two names would count twice. What is no URI is left as it is.
 */
export function keyOf(uri: string): string {
  try {
    return URI.parse(uri).toString();
  } catch {
    return uri;
  }
}

/** Resolves a relative path of slashes against a folder; undefined for anything that is not a plain relative path. */
export function joinPath(folder: string, path: string): string | undefined {
  if (path.includes('://') || path.startsWith('/') || path.startsWith('git@') || path.includes('?ref='))
    return undefined;
  // Half of a surrogate pair, from an escape in the YAML, is in no file's name and cannot be escaped.
  if (/\p{Surrogate}/u.test(path)) return undefined;
  const parts = folder.split('/');
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..') parts.pop();
    else parts.push(escaped(step));
  }
  return parts.join('/');
}

/** A step of a path as `keyOf` spells it. */
function escaped(step: string): string {
  return encodeURIComponent(step).replace(/[!'()*]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`);
}
