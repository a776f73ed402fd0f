import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ignore from 'ignore';
import { URI } from 'vscode-uri';
import { ignored, type LeftOut, manifest, maxFileSize, neverEntered, nodeFiles, pathOf } from '../host/node-files.js';
import type { FileContent, FileProvider } from '../workspace/files.js';
import { CannotRun } from './input.js';

/** A git repository as seen from one of its folders. Only reads what is stored: never the index or the working tree. */
export interface Repository {
  readonly folder: string;
  /** The path of the folder within the repository: empty, or with '/' at the end. */
  readonly prefix: string;
}

/** The repository that a folder is in; undefined where it is in none, or git is not there. */
export async function repositoryOf(folder: string): Promise<Repository | undefined> {
  const found = await git(folder, ['rev-parse', '--is-inside-work-tree', '--show-prefix']).catch(() => undefined);
  const [inside, prefix = ''] = found?.text.split('\n') ?? [];
  return inside === 'true' ? { folder, prefix } : undefined;
}

/** Why revisions cannot be read in a folder, in words. */
export async function whyNoRepository(folder: string): Promise<string> {
  const found = await git(folder, ['rev-parse', '--is-inside-work-tree']).catch((error: unknown) => error);
  if (found instanceof CannotRun) return found.message;
  const said = typeof found === 'object' && found !== null && 'error' in found ? String(found.error) : '';
  return said.includes('not a git repository') || said === '' ? 'the current folder is in no git repository' : said;
}

/** The tree of files that a revision names; undefined where it names none. */
export async function treeOf({ folder }: Repository, revision: string): Promise<string | undefined> {
  const wanted = `${revision}^{tree}`;
  const { code, text } = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', wanted]);
  return code === 0 && isObjectName(text.trim()) ? text.trim() : undefined;
}

/** The tree of the newest common ancestor of two revisions, as `a...b` means it. */
export async function mergeBaseOf(repository: Repository, a: string, b: string): Promise<string | undefined> {
  const commits: string[] = [];
  for (const revision of [a, b]) {
    const wanted = `${revision}^{commit}`;
    const found = await git(repository.folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', wanted]);
    if (found.code !== 0) return undefined;
    commits.push(found.text.trim());
  }
  const base = await git(repository.folder, ['merge-base', ...commits]);
  return base.code === 0 ? treeOf(repository, base.text.trim()) : undefined;
}

/**
 * The manifests of a tree below the repository's folder, under the URIs that they would have in the working tree. Lists
 * what the disk's provider would list if the tree were checked out: without submodules, and without what the tree's own
 * .gitignore files leave out. All contents are read in one go, at the first list.
 */
export function revisionFiles(repository: Repository, tree: string): FileProvider {
  let contents: Promise<ReadonlyMap<string, FileContent>> | undefined;
  const all = () => {
    contents ??= readTree(repository, tree);
    return contents;
  };
  return {
    async list(folder, exclude) {
      const root = folder.endsWith('/') ? folder : `${folder}/`;
      const excluded = ignore().add([...exclude]);
      const files = await all();
      return [...files.keys()]
        .filter(
          (uri) => uri.startsWith(root) && !leftOut(decodeURIComponent(uri.slice(root.length)), root, excluded, files),
        )
        .sort();
    },
    read: async (uri) => (await all()).get(uri) ?? { error: 'there is no such file in this revision' },
  };
}

/** The working tree below a folder without the repositories within it, which no revision of the outer one holds. */
export function workingTreeFiles(): FileProvider {
  const disk = nodeFiles('at once');
  return {
    async list(folder, exclude) {
      const nested = new Map<string, boolean>();
      const isNested = (path: string, root: string): boolean => {
        if (path.length <= root.length) return false;
        const known = nested.get(path) ?? (existsSync(join(path, '.git')) || isNested(dirname(path), root));
        nested.set(path, known);
        return known;
      };
      const root = pathOf(folder);
      return (await disk.list(folder, exclude)).filter((uri) => !isNested(dirname(pathOf(uri)), root));
    },
    read: (uri) => disk.read(uri),
  };
}

interface Entry {
  readonly mode: string;
  readonly object: string;
  readonly size: number;
}

async function readTree({ folder, prefix }: Repository, tree: string): Promise<ReadonlyMap<string, FileContent>> {
  // A tree's name is all digits and letters, and a path behind `--` is a path.
  const limit = prefix === '' ? [] : ['--', prefix];
  const listed = await git(folder, ['ls-tree', '-r', '-l', '-z', '--full-tree', tree, ...limit]);
  if (listed.code !== 0) throw new CannotRun(`git could not list the revision: ${listed.error}`);
  const entries = new Map<string, Entry>();
  for (const line of listed.text.split('\0')) {
    const [, mode, object, size, path] = /^(\d+) blob (\S+) +(\d+)\t(.+)$/s.exec(line) ?? [];
    if (mode === undefined || object === undefined || path === undefined) continue;
    entries.set(path.slice(prefix.length), { mode, object, size: Number(size) });
  }
  const wanted = [...entries].filter(([path]) => manifest.test(posix.basename(path)) || isIgnoreFile(path));
  const links = wanted.filter(([, { mode }]) => mode === linkMode);
  const targets = await contentsOf(folder, links);
  const found = wanted.map(([path, entry]): [string, Entry | undefined] => [
    path,
    followed(path, entry, entries, targets),
  ]);
  const readable = found.flatMap(([path, entry]): [string, Entry][] =>
    entry !== undefined && entry.size <= maxFileSize ? [[path, entry]] : [],
  );
  const texts = await contentsOf(folder, readable);
  return new Map(
    found.map(([path, entry]): [string, FileContent] => {
      const text = entry === undefined ? undefined : texts.get(entry.object);
      if (text !== undefined) return [uriOf(folder, path), { text }];
      const large = (entry?.size ?? 0) > maxFileSize;
      const error = large ? `it is larger than ${maxFileSize / 1024 / 1024} MB` : 'git does not have its text here';
      return [uriOf(folder, path), { error: entry === undefined ? 'it is a link that leads elsewhere' : error }];
    }),
  );
}

const linkMode = '120000';

/** The file that an entry stands for: itself, or what a link leads to within the tree. */
function followed(
  path: string,
  entry: Entry,
  entries: ReadonlyMap<string, Entry>,
  targets: ReadonlyMap<string, string>,
): Entry | undefined {
  if (entry.mode !== linkMode) return entry;
  const target = targets.get(entry.object);
  const end = target === undefined ? undefined : entries.get(posix.join(posix.dirname(path), target));
  return end?.mode === linkMode ? undefined : end;
}

/** The texts of objects by their names, from one process; those that are not in this clone are missing. */
async function contentsOf(folder: string, files: readonly (readonly [string, Entry])[]) {
  const texts = new Map<string, string>();
  if (files.length === 0) return texts;
  const names = [...new Set(files.map(([, { object }]) => object))];
  const { bytes, code, error } = await git(folder, ['cat-file', '--batch'], `${names.join('\n')}\n`);
  if (code !== 0) throw new CannotRun(`git could not read the revision: ${error}`);
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    const [name = '', type, size] = bytes.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (type !== 'blob') continue;
    const length = Number(size);
    texts.set(name, bytes.toString('utf8', at, at + length));
    at += length + 1;
  }
  return texts;
}

function leftOut(
  path: string,
  root: string,
  excluded: LeftOut['excluded'],
  files: ReadonlyMap<string, FileContent>,
): boolean {
  if (!manifest.test(posix.basename(path))) return true;
  let left: LeftOut = { excluded, levels: [] };
  const steps = path.split('/');
  for (const [index, step] of steps.entries()) {
    const base = steps
      .slice(0, index)
      .map((each) => `${each}/`)
      .join('');
    const rules = files.get(uriOf(pathOf(root), `${base}.gitignore`));
    if (rules !== undefined && 'text' in rules) {
      left = { excluded, levels: [{ base, rules: ignore().add(rules.text) }, ...left.levels] };
    }
    const isFile = index === steps.length - 1;
    if (!isFile && neverEntered.has(step)) return true;
    if (ignored(left, isFile ? path : `${base}${step}/`)) return true;
  }
  return false;
}

function isIgnoreFile(path: string): boolean {
  return posix.basename(path) === '.gitignore';
}

function isObjectName(text: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(text);
}

function uriOf(folder: string, path: string): string {
  return URI.file(join(folder, path)).toString();
}

interface Answer {
  readonly code: number | null;
  readonly bytes: Buffer;
  readonly text: string;
  /** What git complained of, in one line. */
  readonly error: string;
}

/** Runs git without a shell, and so that it asks nobody, fetches nothing and locks nothing. */
function git(folder: string, args: readonly string[], input = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.fsmonitor=false', ...args], {
      cwd: folder,
      env: {
        ...process.env,
        LC_ALL: 'C',
        GIT_TERMINAL_PROMPT: '0',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_NO_LAZY_FETCH: '1',
        GIT_LITERAL_PATHSPECS: '1',
      },
    });
    const out: Buffer[] = [];
    let error = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      error += chunk;
    });
    // It may end without reading everything; its exit status says so.
    child.stdin.on('error', () => {});
    child.on('error', (failure: NodeJS.ErrnoException) =>
      reject(
        new CannotRun(
          failure.code === 'ENOENT'
            ? 'revisions are read with the program git, which is not there; compare two folders instead'
            : `git could not be started: ${failure.message}`,
        ),
      ),
    );
    child.on('close', (code) => {
      const bytes = Buffer.concat(out);
      const [line = ''] = error.split('\n');
      resolve({ code, bytes, text: bytes.toString('utf8'), error: line.replace(/^fatal: /, '') });
    });
    child.stdin.end(input);
  });
}
