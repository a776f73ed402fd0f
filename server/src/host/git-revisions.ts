import { createHash } from 'node:crypto';
import type { FileContent } from '../workspace/files.js';
import type { NoRevision, Revisions, RevisionTexts } from '../workspace/revisions.js';
import {
  filesOfTree,
  GitProblem,
  git,
  listedIn,
  mergeBaseOf,
  nestedBelow,
  type Repository,
  readFiles,
  repositoryOf,
  type TreeFiles,
  treeOf,
  whyNoRepository,
} from './git.js';
import { pathOf } from './node-files.js';

/** What is read of a revision at most, in bytes: an editor's memory is not for more. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Revisions by way of git. It runs what is installed as git on a repository that others may have written, so it is only for
 * workspaces that are trusted.
 */
export function gitRevisions(): Revisions {
  const repositories = new Map<string, Promise<Repository | undefined>>();
  const repositoryAt = (folder: string) => {
    const known = repositories.get(folder);
    if (known !== undefined) return known;
    const found = repositoryOf(pathOf(folder));
    repositories.set(folder, found);
    // A folder may become a repository.
    void found.then((repository) => repository ?? repositories.delete(folder));
    return found;
  };
  /** The last tree of each folder: HEAD, mostly. */
  const trees = new Map<string, { readonly tree: string; readonly files: Promise<TreeFiles> }>();
  const filesAt = (repository: Repository, folder: string, tree: string) => {
    const known = trees.get(folder);
    if (known?.tree === tree) return known.files;
    const files = filesOfTree(repository, tree);
    trees.set(folder, { tree, files });
    return files;
  };
  const objects = new ObjectNames();
  return {
    treeOf: (folder, revision) =>
      told(async () => {
        const repository = await repositoryAt(folder);
        if (repository === undefined) return { problem: await whyNoRepository(pathOf(folder)) };
        const [, parted, other] = /^(.*?)\.\.\.(.*)$/.exec(revision) ?? [];
        const tree =
          parted === undefined
            ? await treeOf(repository, revision)
            : await mergeBaseOf(repository, parted || 'HEAD', other || 'HEAD');
        return tree === undefined ? { problem: `there is no revision “${revision}” in this repository` } : { tree };
      }),
    differing: (folder, tree, texts, exclude) =>
      told(async () => {
        const repository = await repositoryAt(folder);
        if (repository === undefined) return { problem: await whyNoRepository(pathOf(folder)) };
        const files = await filesAt(repository, folder, tree);
        const others = await differingFiles(files, folder, texts, exclude, objects);
        const size = others.reduce((sum, uri) => sum + (files.entries.get(uri)?.size ?? 0), 0);
        if (size > mostBytes) return { problem: `more than ${mostBytes / 1024 / 1024} MB of manifests differ` };
        return textsOf(
          others,
          texts,
          await readFiles(
            repository,
            files,
            others.filter((uri) => files.entries.has(uri)),
          ),
        );
      }),
    async names(folder) {
      const repository = await repositoryAt(folder);
      if (repository === undefined) return [];
      const format = ['--sort=-committerdate', '--count=100', '--format=%(refname:short)'];
      const found = await git(repository.folder, [
        'for-each-ref',
        ...format,
        'refs/heads',
        'refs/remotes',
        'refs/tags',
      ]);
      return found.code === 0 ? found.text.split('\n').filter((name) => name !== '' && !name.endsWith('/HEAD')) : [];
    },
  };
}

async function told<T>(ask: () => Promise<T | NoRevision>): Promise<T | NoRevision> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GitProblem) return { problem: error.message };
    throw error;
  }
}

async function differingFiles(
  files: TreeFiles,
  folder: string,
  texts: ReadonlyMap<string, string>,
  exclude: readonly string[],
  objects: ObjectNames,
): Promise<string[]> {
  const isNested = nestedBelow(folder);
  const differing: string[] = [];
  let done = 0;
  for (const [uri, text] of texts) {
    // Thousands of texts take a while; keys are pressed meanwhile.
    if (++done % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    const entry = files.entries.get(uri);
    if (entry === undefined ? !isNested(uri) : entry.object !== objects.nameOf(uri, text, entry.object.length)) {
      differing.push(uri);
    }
  }
  return [...differing, ...listedIn(files, folder, exclude, texts)];
}

/** Without those that differ only in how lines end, as a checkout may write them. */
function textsOf(
  uris: readonly string[],
  now: ReadonlyMap<string, string>,
  contents: ReadonlyMap<string, FileContent>,
): RevisionTexts {
  const plain = (text: string) => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  return new Map(
    uris.flatMap((uri): [string, string | undefined][] => {
      const content = contents.get(uri);
      if (content === undefined) return [[uri, undefined]];
      const text = now.get(uri);
      if ('error' in content || (text !== undefined && plain(text) === plain(content.text))) return [];
      return [[uri, content.text]];
    }),
  );
}

/** The names that git gives to texts; of a text that has not changed it is known. */
class ObjectNames {
  readonly #known = new Map<string, { readonly text: string; readonly name: string }>();

  /** `length` tells which of git's two hashes the repository has. */
  nameOf(uri: string, text: string, length: number): string {
    const known = this.#known.get(uri);
    if (known?.text === text && known.name.length === length) return known.name;
    const bytes = Buffer.from(text, 'utf8');
    const hash = createHash(length === 64 ? 'sha256' : 'sha1');
    const name = hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    this.#known.set(uri, { text, name });
    return name;
  }
}
