import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What the texts are made of. */
export interface Corpus {
  /** Single documents and short files, to be spliced into others. */
  readonly pieces: readonly string[];
  /** Files that belong together: policies with the workloads that they are about. */
  readonly workspaces: readonly Readonly<Record<string, string>>[];
}

/** Longer pieces would make the run measure the length of texts. */
const longest = 4000;
/** So that one seed draws the same as long as nobody adds a file, and reading them costs little. */
const mostOfEach = 250;

export function readCorpus(): Corpus {
  const fixtures = filesBelow('test/rules/fixtures').map((path) => sectionsOf(textOf(path)));
  const trees = ['test/corpus/trees', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => statSync(join(root, folder, name)).isDirectory())
      .map((name) => treeOf(`${folder}/${name}`)),
  );
  const others = ['real', 'recipes', 'calico', 'cilium', 'cluster-policies', 'np-guard', 'nca'].flatMap((name) =>
    spread(filesBelow(`test/corpus/${name}`), mostOfEach).flatMap((path) => piecesOf(textOf(path))),
  );
  const workspaces = [...fixtures, ...trees].filter((files) => Object.keys(files).length > 0);
  const own = workspaces.flatMap((files) => Object.values(files)).flatMap(piecesOf);
  return { pieces: [...own, ...others], workspaces };
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(path);
      return /\.(?:ya?ml|json)$|Kustomization$/.test(entry.name) ? [path] : [];
    });
}

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Some of a list, from all over it. */
function spread<T>(list: readonly T[], most: number): T[] {
  const step = Math.max(1, list.length / most);
  return list.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

function piecesOf(text: string): string[] {
  if (text.length <= longest) return [text];
  return text.split(/^---.*\n/m).filter((piece) => piece.trim() !== '' && piece.length <= longest);
}

/** The files of a fixture, with its marks, which are comments like others. */
function sectionsOf(text: string): Record<string, string> {
  const files: Record<string, string> = {};
  let name = 'policy.yaml';
  for (const part of text.split(/^(?=# (?:file|after fix)[ :])/m)) {
    const [, section] = /^# file: (\S+)/.exec(part) ?? [];
    if (/^# after fix /.test(part)) continue;
    name = section ?? name;
    if (part.length <= longest * 2) files[name] = (files[name] ?? '') + part;
  }
  return files;
}

function treeOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).flatMap((path) => {
      const text = textOf(path);
      return text.length <= longest * 2 ? [[path.slice(folder.length + 1), text]] : [];
    }),
  );
}
