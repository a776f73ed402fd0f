import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { URI } from 'vscode-uri';
import type { FileContent, FileProvider } from '../workspace/files.js';
import { decoded } from './encoding.js';

/** Files larger than this are not read: no person writes them, and they would stall everything else. In bytes. */
export const maxFileSize = 32 * 1024 * 1024;

/** The names of the files that are read. */
export const manifest = /(?:\.(?:ya?ml|json)|^Kustomization)$/i;
/** Folders that hold other people's files or none of the cluster's. */
export const neverEntered: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.terraform',
  '.venv',
  'vendor',
]);

/** How a file is read: a server answers others in between; a command has nothing else to do and takes far less time. */
const readers = {
  'in between': {
    entry: (path: string) => lstat(path),
    bytes: (path: string) => readFile(path),
    folder: (path: string) => readdir(path, { withFileTypes: true }),
  },
  'at once': {
    entry: (path: string) => lstatSync(path),
    bytes: (path: string) => readFileSync(path),
    folder: (path: string) => readdirSync(path, { withFileTypes: true }),
  },
};

type Reading = keyof typeof readers;

/**
 * A disk, by way of Node. Folders that git ignores are left out; links to folders are not followed, and links to files only
 * within the folders that were listed: a workspace of somebody else's has no say about what else is read. `isNamed` are
 * files that a person named.
 */
export function nodeFiles(
  reading: Reading = 'in between',
  isNamed: (uri: string) => boolean = () => false,
): FileProvider {
  const roots = new Set<string>();
  return {
    async list(folder, exclude) {
      const found: string[] = [];
      const excluded = exclude.length === 0 ? undefined : ignore().add([...exclude]);
      try {
        roots.add(await realpath(URI.parse(folder).fsPath));
        await walk(URI.parse(folder).fsPath, '', { excluded, levels: [] }, reading, found);
      } catch (error) {
        throw new Error(reasonOf(error));
      }
      return found.sort();
    },
    read: (uri) => readManifest(uri, reading, isNamed(uri) ? undefined : roots),
  };
}

export interface IgnoreLevel {
  /** The folder the rules belong to, relative to the root, with '/' at the end unless empty. */
  readonly base: string;
  readonly rules: Ignore;
}

/** What is left out of a walk: by configuration, and by the .gitignore files from the root down to here. */
export interface LeftOut {
  readonly excluded: Ignore | undefined;
  readonly levels: readonly IgnoreLevel[];
}

async function walk(
  root: string,
  relative: string,
  leftOut: LeftOut,
  reading: Reading,
  found: string[],
): Promise<void> {
  const folder = join(root, ...relative.split('/'));
  let entries: readonly Dirent[];
  try {
    entries = await readers[reading].folder(folder);
  } catch (error) {
    // The root itself must be readable; a folder below it that is not costs only what it holds, and whoever reads it is
    // told why. One that has gone meanwhile holds nothing.
    if (relative === '') throw error;
    if (!isGone(error)) found.push(URI.file(folder).toString());
    return;
  }
  const base = relative === '' ? '' : `${relative}/`;
  const here = entries.some((entry) => entry.name === '.gitignore' && entry.isFile())
    ? {
        excluded: leftOut.excluded,
        levels: [{ base, rules: ignore().add(await textOf(join(folder, '.gitignore'))) }, ...leftOut.levels],
      }
    : leftOut;
  for (const entry of entries) {
    const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!neverEntered.has(entry.name) && !ignored(here, `${path}/`)) await walk(root, path, here, reading, found);
    } else if (manifest.test(entry.name) && !ignored(here, path)) {
      if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(folder, entry))))
        found.push(URI.file(join(folder, entry.name)).toString());
    }
  }
}

/** As git does it: the deepest .gitignore that says something about the path decides. */
export function ignored({ excluded, levels }: LeftOut, path: string): boolean {
  if (excluded?.ignores(path) === true) return true;
  for (const { base, rules } of levels) {
    const said = rules.test(path.slice(base.length));
    if (said.ignored || said.unignored) return said.ignored;
  }
  return false;
}

/** Not to a pipe, a socket or a device, which could be waited for without end. A broken link is reported when it is read. */
async function leadsToFile(folder: string, entry: Dirent): Promise<boolean> {
  const target = await stat(join(folder, entry.name)).catch(() => undefined);
  return target === undefined || target.isFile();
}

async function textOf(path: string): Promise<string> {
  const content = await readManifest(URI.file(path).toString(), 'in between', new Set());
  return 'text' in content ? content.text : '';
}

/** `roots` are the folders that a link may lead into; its own folder when there are none; undefined: anywhere. */
async function readManifest(
  uri: string,
  reading: Reading,
  roots: ReadonlySet<string> | undefined,
): Promise<FileContent> {
  if (!uri.startsWith('file:')) return { error: 'it is not on the disk' };
  const path = URI.parse(uri).fsPath;
  try {
    const reader = readers[reading];
    let entry = await reader.entry(path);
    if (entry.isSymbolicLink()) {
      const target = await realpath(path);
      if (roots !== undefined && !(await leadsInto(target, roots.size > 0 ? roots : [dirname(path)]))) {
        return {
          error: `it is a link that leads out of the folder, to ${target}; name the file itself to have it read`,
        };
      }
      entry = await stat(path);
    }
    if (entry.isDirectory()) await reader.folder(path);
    const { size } = entry;
    if (size > maxFileSize) {
      return {
        error: `it has ${Math.round(size / 1024 / 1024)} MB; files over ${maxFileSize / 1024 / 1024} MB are not read`,
      };
    }
    return { text: decoded(await reader.bytes(path)) };
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

async function leadsInto(target: string, roots: Iterable<string>): Promise<boolean> {
  for (const root of roots) {
    const below = relative(await realpath(root), target);
    if (below !== '..' && !below.startsWith(`..${sep}`) && !/^(?:[a-z]:|\\\\)/i.test(below)) return true;
  }
  return false;
}

function isGone(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

/** Why a path could not be read, in words. */
export function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ELOOP') return 'it is a link that leads back to itself';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of the path is a file, not a folder';
  return error instanceof Error ? error.message : String(error);
}

/** The path of a file URI as this machine writes it. */
export function pathOf(uri: string): string {
  return URI.parse(uri).fsPath.split('/').join(sep);
}
