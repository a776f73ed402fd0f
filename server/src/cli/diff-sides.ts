import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { URI } from 'vscode-uri';
import type { ComparedState } from '../features/changes/diff-scopes.js';
import {
  mergeBaseOf,
  type Repository,
  repositoryOf,
  revisionFiles,
  treeOf,
  whyNoRepository,
  workingTreeFiles,
} from '../host/git.js';
import { pathOf } from '../host/node-files.js';
import { Netpol } from '../service.js';
import { type FileProvider, isBelow } from '../workspace/files.js';
import type { Settings } from '../workspace/settings.js';
import { type Io, readWith } from './command.js';
import { CannotRun, settingsOf } from './input.js';

/** A state that is compared, with what it was read into. */
interface ReadState extends ComparedState {
  readonly netpol: Netpol;
}

export type ReadStates = readonly [before: ReadState, after: ReadState];

/**
 * Reads what the words of a command line name: two folders or files; or a revision, `A..B`, `A...B` (from where they
 * parted) or two revisions, below the current folder or the paths behind them. With one revision the other side is the
 * working tree. A path comes before a revision of the same name.
 */
export async function readStates(words: readonly string[], limits: readonly string[], io: Io): Promise<ReadStates> {
  const [first, second, ...more] = words;
  if (first === undefined) {
    throw new CannotRun(
      'name what to compare: two folders or files, or a git revision; `netpol diff --help` says more',
    );
  }
  const repository = await repositoryOf(io.cwd);
  const firstIsPath = limits.length === 0 && (await isPath(first, io));
  if (firstIsPath) {
    const both = repository !== undefined && first !== '-' && (await treeOf(repository, first)) !== undefined;
    const spelling = both ? `; \`refs/heads/${first}\` would be the branch` : '';
    if (second === undefined) {
      throw new CannotRun(`${first} is a path here${spelling}: name a second path to compare it with`);
    }
    if (!(await isPath(second, io))) {
      const isRevision = repository !== undefined && (await treeOf(repository, second)) !== undefined;
      throw new CannotRun(
        isRevision
          ? `${first} is a path here and ${second} a revision${spelling}: compare two paths, or \`netpol diff ${second} -- ${first}\``
          : `${second}: there is no such file or folder`,
      );
    }
    if (more.length > 0) throw new CannotRun(`there are ${words.length} paths: compare two`);
    if (both) io.err(`netpol: ${first} is compared as a path; \`refs/heads/${first}\` would be the branch\n`);
    return [await stateOfPath(first, io), await stateOfPath(second, io)];
  }
  if (repository === undefined) throw new CannotRun(await whyNot(words, limits, io));
  const range = /^(.*?)(\.\.\.?)(.*)$/.exec(first);
  if (range !== null && (await treeOf(repository, first)) === undefined) {
    const [a, dots, b] = [range[1] || 'HEAD', range[2], range[3] || 'HEAD'];
    const paths = [...words.slice(1), ...limits];
    const before = dots === '..' ? await treeNamed(repository, a) : await mergeBaseOf(repository, a, b);
    if (before === undefined)
      throw new CannotRun(`${a} and ${b} have no common ancestor in this clone, or one is no revision`);
    const after = await treeNamed(repository, b);
    return compared(repository, [before, dots === '..' ? a : `${a}...${b}`], [after, b], paths, io);
  }
  const before = await treeNamed(repository, first);
  const secondIsRevision = second !== undefined && (limits.length > 0 || !(await isPath(second, io)));
  const after = secondIsRevision ? await treeNamed(repository, second) : undefined;
  const paths = [...words.slice(secondIsRevision ? 2 : 1), ...limits];
  return compared(repository, [before, first], after === undefined ? undefined : [after, second ?? ''], paths, io);
}

async function isPath(word: string, io: Io): Promise<boolean> {
  return word === '-' || (await stat(resolve(io.cwd, word)).catch(() => undefined)) !== undefined;
}

async function whyNot(words: readonly string[], limits: readonly string[], io: Io): Promise<string> {
  const missing = words.find((word) => !/\.\./.test(word));
  const why = await whyNoRepository(io.cwd);
  return limits.length > 0 || missing === undefined
    ? why
    : `${missing}: there is no such file or folder, and it cannot be a revision, since ${why}`;
}

async function treeNamed(repository: Repository, revision: string): Promise<string> {
  const tree = await treeOf(repository, revision);
  if (tree === undefined) {
    throw new CannotRun(`${revision}: there is no such file or folder, and no such revision in this repository`);
  }
  return tree;
}

async function stateOfPath(path: string, io: Io): Promise<ReadState> {
  const { netpol, show } = await readWith(io, [path]);
  const base = netpol.workspace.folders[0] ?? '';
  return stateRead(netpol, { title: path === '-' ? 'standard input' : path, revision: undefined, base, show });
}

type Named = readonly [tree: string, title: string];

async function compared(
  repository: Repository,
  before: Named,
  after: Named | undefined,
  paths: readonly string[],
  io: Io,
): Promise<ReadStates> {
  if (io.helm !== undefined) throw new CannotRun('--helm renders what is on the disk: compare two folders with it');
  const settings = await settingsOf(io.cwd);
  const limits = paths.map((path) => limitOf(path, io.cwd));
  const revision = ([tree, title]: Named) =>
    stateOf(revisionFiles(repository, tree), title, title, limits, settings, io);
  const states: ReadStates = [
    await revision(before),
    after === undefined
      ? await stateOf(workingTreeFiles(), 'the working tree', undefined, limits, settings, io)
      : await revision(after),
  ];
  for (const [index, path] of paths.entries()) {
    const limit = limits[index] ?? '';
    const known = states.some(({ netpol }) =>
      [...netpol.workspace.files.keys()].some((uri) => uri === limit || isBelow(uri, limit)),
    );
    if (!known) throw new CannotRun(`${path}: neither side has manifests there`);
  }
  return states;
}

function limitOf(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  if (relative(cwd, absolute).startsWith('..')) {
    throw new CannotRun(`${path} is not below the current folder: revisions are compared below it`);
  }
  return uriOf(absolute);
}

async function stateOf(
  files: FileProvider,
  title: string,
  revision: string | undefined,
  limits: readonly string[],
  settings: Settings,
  io: Io,
): Promise<ReadState> {
  const base = uriOf(io.cwd);
  const limited: FileProvider = {
    list: async (folder, exclude) =>
      (await files.list(folder, exclude)).filter(
        (uri) => limits.length === 0 || limits.some((limit) => uri === limit || isBelow(uri, limit)),
      ),
    read: (uri) => files.read(uri),
  };
  const netpol = new Netpol(limited, [base], settings);
  await netpol.workspace.load();
  const broken = netpol.workspace.unread.find(({ uri }) => uri === base);
  if (broken !== undefined) throw new CannotRun(broken.reason);
  const show = (uri: string) => relative(io.cwd, pathOf(uri));
  return stateRead(netpol, { title, revision, base, show });
}

function stateRead(
  netpol: Netpol,
  { base, ...more }: Pick<ComparedState, 'title' | 'revision' | 'show'> & { readonly base: string },
): ReadState {
  return {
    ...more,
    netpol,
    scopes: netpol.workspace.index.scopes,
    profileOf: (scope) => (scope === undefined ? netpol.settings.profile : netpol.profileOf(scope)),
    fileOf: (uri) => netpol.workspace.file(uri),
    bases: [base],
  };
}

function uriOf(path: string): string {
  return URI.file(path).toString().replace(/\/$/, '');
}
