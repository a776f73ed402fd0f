import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join, posix } from 'node:path';
import ignore from 'ignore';
import { URI } from 'vscode-uri';
import type { FileContent, FileProvider } from '../workspace/files.js';
import { ignored, type LeftOut, manifest, maxFileSize, neverEntered, nodeFiles, pathOf } from './node-files.js';
import { run } from './program.js';

/** Why revisions cannot be read, in a sentence for a person. */
export class GitProblem extends Error {}

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
  if (found instanceof GitProblem) return found.message;
  const said = typeof found === 'object' && found !== null && 'error' in found ? String(found.error) : '';
  return said.includes('not a git repository') || said === '' ? 'the current folder is in no git repository' : said;
}

/** The tree of files that a revision names; undefined where it names none. */
export async function treeOf({ folder }: Repository, revision: string): Promise<string | undefined> {
  const wanted = `${revision}^{tree}`;
  const { code, text } = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', wanted]);
  return code === 0 && isObjectName(text.trim()) ? text.trim() : undefined;
}

/**
 * The files below the repository's folder that differ from a revision, and those that git does not track and does not
 * ignore: paths from the folder, with `/`. Undefined where there is no such revision. Before the first commit all that git
 * tracks differs from HEAD.
 */
export async function changedFiles(repository: Repository, revision: string): Promise<readonly string[] | undefined> {
  const { folder } = repository;
  const tree = (await treeOf(repository, revision)) ?? (revision === 'HEAD' ? await nothingYet(repository) : undefined);
  if (tree === undefined) return undefined;
  const paths = (text: string) => text.split('\0').filter((path) => path !== '');
  const quiet = ['--name-only', '-z', '--relative', '--no-ext-diff', '--no-textconv'];
  const differing = await git(folder, ['diff', ...quiet, tree, '--']);
  const untracked = await git(folder, ['ls-files', '--others', '--exclude-standard', '-z']);
  const failed = [differing, untracked].find(({ code }) => code !== 0);
  if (failed !== undefined) throw new GitProblem(`git could not tell what has changed: ${failed.error}`);
  return [...paths(differing.text), ...paths(untracked.text)];
}

/** The empty tree, where the branch has no commit yet. Its name depends on how the repository counts its hashes. */
async function nothingYet({ folder }: Repository): Promise<string | undefined> {
  const branch = await git(folder, ['symbolic-ref', '--quiet', 'HEAD']);
  if (branch.code !== 0) return undefined;
  const { code, text } = await git(folder, ['hash-object', '-t', 'tree', '--stdin']);
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
  let listed: Promise<TreeFiles> | undefined;
  const files = () => {
    listed ??= filesOfTree(repository, tree);
    return listed;
  };
  let contents: Promise<ReadonlyMap<string, FileContent>> | undefined;
  return {
    list: async (folder, exclude) => listedIn(await files(), folder, exclude),
    async read(uri) {
      contents ??= files().then((found) => readFiles(repository, found, [...found.entries.keys()]));
      return (await contents).get(uri) ?? { error: 'there is no such file in this revision' };
    },
  };
}

/** The manifests of a tree by URI; undefined for a link that leads elsewhere. */
export interface TreeFiles {
  readonly entries: ReadonlyMap<string, Entry | undefined>;
  /** The texts of its .gitignore files, by URI. */
  readonly ignoring: ReadonlyMap<string, string>;
}

/** Those below a folder that count as manifests of a workspace, without those that are `known`, which cost nothing. */
export function listedIn(
  { entries, ignoring }: TreeFiles,
  folder: string,
  exclude: readonly string[],
  known?: { has(uri: string): boolean },
): string[] {
  const root = folder.endsWith('/') ? folder : `${folder}/`;
  const excluded = ignore().add([...exclude]);
  return [...entries.keys()]
    .filter(
      (uri) =>
        known?.has(uri) !== true &&
        uri.startsWith(root) &&
        !leftOut(decodeURIComponent(uri.slice(root.length)), root, excluded, ignoring),
    )
    .sort();
}

/** The working tree below a folder without the repositories within it, which no revision of the outer one holds. */
export function workingTreeFiles(): FileProvider {
  const disk = nodeFiles('at once');
  return {
    async list(folder, exclude) {
      const isNested = nestedBelow(folder);
      return (await disk.list(folder, exclude)).filter((uri) => !isNested(uri));
    },
    read: (uri) => disk.read(uri),
  };
}

/** Whether a file is in a repository of its own below a folder. */
export function nestedBelow(folder: string): (uri: string) => boolean {
  const root = pathOf(folder);
  const nested = new Map<string, boolean>();
  const isNested = (path: string): boolean => {
    if (path.length <= root.length) return false;
    const known = nested.get(path) ?? (existsSync(join(path, '.git')) || isNested(dirname(path)));
    nested.set(path, known);
    return known;
  };
  return (uri) => isNested(dirname(pathOf(uri)));
}

export interface Entry {
  readonly mode: string;
  /** The name that git has for its content. */
  readonly object: string;
  /** In bytes. */
  readonly size: number;
}

export async function filesOfTree({ folder, prefix }: Repository, tree: string): Promise<TreeFiles> {
  // A tree's name is all digits and letters, and a path behind `--` is a path.
  const limit = prefix === '' ? [] : ['--', prefix];
  const listed = await git(folder, ['ls-tree', '-r', '-l', '-z', '--full-tree', tree, ...limit]);
  if (listed.code !== 0) throw new GitProblem(`git could not list the revision: ${listed.error}`);
  const all = new Map<string, Entry>();
  for (const line of listed.text.split('\0')) {
    const [, mode, object, size, path] = /^(\d+) blob (\S+) +(\d+)\t(.+)$/s.exec(line) ?? [];
    if (mode === undefined || object === undefined || path === undefined) continue;
    all.set(path.slice(prefix.length), { mode, object, size: Number(size) });
  }
  const wanted = [...all].filter(([path]) => manifest.test(posix.basename(path)));
  const ignoring = [...all].filter(([path, { size }]) => isIgnoreFile(path) && size <= maxFileSize);
  const links = wanted.filter(([, { mode }]) => mode === linkMode);
  const texts = await contentsOf(
    folder,
    [...links, ...ignoring].map(([, entry]) => entry),
  );
  return {
    entries: new Map(wanted.map(([path, entry]) => [uriOf(folder, path), followed(path, entry, all, texts)])),
    ignoring: new Map(
      ignoring.flatMap(([path, { object }]) => {
        const text = texts.get(object);
        return text === undefined ? [] : [[uriOf(folder, path), text] as const];
      }),
    ),
  };
}

/** The contents of some of a tree's files, from one process. */
export async function readFiles(
  { folder }: Repository,
  { entries }: TreeFiles,
  uris: readonly string[],
): Promise<ReadonlyMap<string, FileContent>> {
  const isReadable = (entry: Entry | undefined) => entry !== undefined && entry.size <= maxFileSize;
  const texts = await contentsOf(folder, uris.flatMap((uri) => entries.get(uri) ?? []).filter(isReadable));
  return new Map(
    uris.map((uri): [string, FileContent] => {
      const entry = entries.get(uri);
      const text = entry === undefined ? undefined : texts.get(entry.object);
      if (text !== undefined) return [uri, { text }];
      const large = (entry?.size ?? 0) > maxFileSize;
      const error = large ? `it is larger than ${maxFileSize / 1024 / 1024} MB` : 'git does not have its text here';
      return [uri, { error: entry === undefined ? 'it is a link that leads elsewhere' : error }];
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
async function contentsOf(folder: string, files: readonly Entry[]) {
  const texts = new Map<string, string>();
  if (files.length === 0) return texts;
  const names = [...new Set(files.map(({ object }) => object))];
  const { bytes, code, error } = await git(folder, ['cat-file', '--batch'], `${names.join('\n')}\n`);
  if (code !== 0) throw new GitProblem(`git could not read the revision: ${error}`);
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
  ignoring: ReadonlyMap<string, string>,
): boolean {
  if (!manifest.test(posix.basename(path))) return true;
  let left: LeftOut = { excluded, levels: [] };
  const steps = path.split('/');
  for (const [index, step] of steps.entries()) {
    const base = steps
      .slice(0, index)
      .map((each) => `${each}/`)
      .join('');
    const rules = ignoring.get(uriOf(pathOf(root), `${base}.gitignore`));
    if (rules !== undefined) left = { excluded, levels: [{ base, rules: ignore().add(rules) }, ...left.levels] };
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

/** What of a repository's own configuration could run a program is switched off. */
const harmless = ['-c', 'core.fsmonitor=false', '-c', `core.hooksPath=${devNull}`];

const environment = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  // What is not in this clone stays missing: a remote of the repository's could be any program.
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_LITERAL_PATHSPECS: '1',
};

/** A large repository on a slow disk takes a while; whoever waits longer waits for nothing. */
const seconds = 120;

/** Runs git without a shell, and so that it asks nobody, fetches nothing, locks nothing and runs nothing else. */
export async function git(folder: string, args: readonly string[], input = ''): Promise<Answer> {
  // The folder is named and not entered: on Windows a program in it would come before git itself.
  const limits = { seconds, size: 1024 ** 3, env: environment, cwd: dirname(process.execPath), input };
  const ended = await run('git', [...harmless, '-C', folder, ...args], limits);
  switch (ended.how) {
    case 'ended': {
      const [line = ''] = ended.said.split('\n');
      return { code: ended.code, bytes: ended.bytes, text: ended.text, error: line.replace(/^fatal: /, '') };
    }
    case 'absent':
      throw new GitProblem('revisions are read with the program git, which is not there; compare two folders instead');
    case 'not started':
      throw new GitProblem(`git could not be started: ${ended.reason}`);
    case 'too slow':
      throw new GitProblem(`git gave no answer within ${seconds} s`);
    case 'too large':
      throw new GitProblem('git gave more than 1 GB');
  }
}
