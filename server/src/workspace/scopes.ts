import type { SourceFile } from '../text/file.js';
import { fileName, folderOf, isBelow } from './files.js';
import { isKustomizationFile, type Kustomization, readKustomization } from './kustomization.js';
import { type Build, build, type Kustomizations, patchFiles, referencesOf } from './kustomize/build.js';
import { isReadable } from './kustomize/patches.js';
import { LiveScope, type ScopeFile } from './live-scope.js';
import { matcher } from './patterns.js';
import type { Scope } from './scope.js';
import type { NamedScope } from './settings.js';

/** The scopes of a workspace, and which of them a file belongs to. */
export interface ScopeIndex {
  readonly scopes: readonly Scope[];
  /** The scopes that have objects of the file. */
  scopesOf(uri: string): readonly Scope[];
  /** The scopes whose objects a patch or a kustomization changes. */
  scopesWith(uri: string): readonly Scope[];
  /** A patch of a kustomization: a fragment, which is not judged as an object of its own. */
  isPatch(uri: string): boolean;
  readonly kustomizations: Kustomizations;
  /** Takes in a new state of a file; false when the cut itself may be another, so that the index must be made anew. */
  update(file: SourceFile): boolean;
}

/**
 * Cuts the files into scopes: one for each that a person names, one for each other kustomization that no other one builds
 * upon, one for each Helm chart, and one for the rest of each workspace folder. In what order the files became known makes
 * no difference.
 */
export function buildScopes(
  files: ReadonlyMap<string, SourceFile>,
  folders: readonly string[],
  named: readonly NamedScope[] = [],
): ScopeIndex {
  const byFolder = new Map<string, Kustomization>();
  const charts: string[] = [];
  const inOrder = [...files.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (const uri of inOrder) {
    const file = files.get(uri);
    const kustomization = file === undefined ? undefined : readKustomization(file);
    if (kustomization !== undefined) byFolder.set(kustomization.folder, kustomization);
    if (fileName(uri) === 'Chart.yaml') charts.push(folderOf(uri));
  }
  const kustomizations: Kustomizations = { byFolder, fileOf: (uri) => files.get(uri) };
  const patches = new Map([...byFolder.values()].flatMap((each) => patchesIn(each, kustomizations)));
  const byDepth = (a: string, b: string) => b.length - a.length;
  // A subchart is released with the chart around it: the outermost chart counts, but the deepest folder.
  const chartFolders = [...charts].sort(byDepth).reverse();
  const folderList = [...folders].sort(byDepth);
  const chartOf = (uri: string) => chartFolders.find((folder) => isBelow(uri, folder));
  // A chart is released into one namespace; elsewhere each folder may be applied by a command of its own.
  const unsetKeyOf = (uri: string) => chartOf(uri) ?? folderOf(uri);

  const taken = new Set<string>();
  const members = new Map<string, LiveScope[]>();
  const users = new Map<string, LiveScope[]>();
  const scopes: LiveScope[] = [];
  const keep = (
    id: string,
    title: string,
    kind: Scope['kind'],
    loose: readonly string[],
    builds: readonly (readonly [Kustomization, Build])[],
  ) => {
    const built = builds.flatMap(([root, { files }]) => files.map((file) => ({ ...file, unsetKey: root.folder })));
    const plain = loose.map((uri) => ({ uri, steps: [], unsetKey: unsetKeyOf(uri) }));
    const found = [...built, ...plain].flatMap(({ uri, ...more }): ScopeFile[] => {
      const file = files.get(uri);
      return file === undefined ? [] : [{ file, ...more }];
    });
    const incomplete = builds.some(([, build]) => build.incomplete);
    const scope = new LiveScope(id, title, kind, incomplete, found);
    scopes.push(scope);
    const note = (map: Map<string, LiveScope[]>, uris: Iterable<string>) => {
      for (const uri of new Set(uris)) {
        const known = map.get(uri);
        if (known === undefined) map.set(uri, [scope]);
        else known.push(scope);
      }
    };
    const ofFiles = found.map(({ file }) => file.uri);
    note(members, ofFiles);
    for (const uri of ofFiles) taken.add(uri);
    const own = builds.flatMap(([, { kustomizations }]) => kustomizations);
    note(
      users,
      own.flatMap((each) => [each.uri, ...patchFiles(each)]),
    );
  };
  const buildOf = (root: Kustomization) => [root, build(root, kustomizations)] as const;

  /** The kustomizations that a named scope has already. */
  const placed = new Set<Kustomization>();
  for (const scope of named) {
    const isIn = filterOf(scope, folderList);
    const own = new Map([...byFolder].filter(([, { uri }]) => isIn(uri)));
    const builds = rootsOf(own).map(buildOf);
    for (const each of builds.flatMap(([, { kustomizations }]) => kustomizations)) placed.add(each);
    const built = new Set(builds.flatMap(([, { files }]) => files.map(({ uri }) => uri)));
    const loose = inOrder.filter((uri) => isIn(uri) && !built.has(uri) && !patches.has(uri));
    keep(`scope:${scope.name}`, scope.name, 'named', loose, builds);
    for (const uri of loose) taken.add(uri);
  }
  for (const root of rootsOf(byFolder)) {
    if (!placed.has(root)) keep(root.uri, titleOf(root.folder, folders), 'kustomization', [], [buildOf(root)]);
  }
  const rest = new Map<string, string[]>();
  for (const uri of inOrder) {
    if (taken.has(uri) || patches.has(uri)) continue;
    const home = chartOf(uri) ?? folderList.find((folder) => isBelow(uri, folder)) ?? folderOf(uri);
    const list = rest.get(home);
    if (list === undefined) rest.set(home, [uri]);
    else list.push(uri);
  }
  for (const [home, uris] of rest) {
    keep(home, titleOf(home, folders), chartFolders.includes(home) ? 'chart' : 'folder', uris, []);
  }
  return {
    scopes,
    kustomizations,
    scopesOf: (uri) => members.get(uri) ?? [],
    scopesWith: (uri) => users.get(uri) ?? [],
    isPatch: (uri) => patches.has(uri),
    update(file) {
      const { uri } = file;
      if (isKustomizationFile(uri)) return false;
      // A patch that can no longer be read, or can be again, is another thing that is not known.
      const readable = patches.get(uri);
      if (readable !== undefined && readable !== isReadable(file)) return false;
      const all = new Set([...(members.get(uri) ?? []), ...(users.get(uri) ?? [])]);
      return [...all].every((scope) => scope.update(file));
    },
  };
}

/** The patch files of a kustomization, and whether each can be read. */
function patchesIn(kustomization: Kustomization, { fileOf }: Kustomizations): (readonly [string, boolean])[] {
  return patchFiles(kustomization).map((uri) => {
    const file = fileOf(uri);
    return [uri, file !== undefined && isReadable(file)];
  });
}

/** The files that a named scope takes in; patterns are told from the workspace folder. */
function filterOf({ include, exclude }: NamedScope, folders: readonly string[]): (uri: string) => boolean {
  const named = folders.map((folder) => [matcher(include, folder), matcher(exclude, folder)] as const);
  return (uri) => named.some(([included, excluded]) => included(uri) && !excluded(uri));
}

function rootsOf(kustomizations: ReadonlyMap<string, Kustomization>): readonly Kustomization[] {
  const used = new Set<string>();
  for (const each of kustomizations.values()) {
    for (const { uri } of referencesOf(each)) if (uri !== undefined && uri !== each.folder) used.add(uri);
  }
  const roots = [...kustomizations.values()].filter((each) => !used.has(each.folder));
  // Kustomizations that refer to each other in a ring have no root: take each of them.
  return roots.length > 0 || kustomizations.size === 0 ? roots : [...kustomizations.values()];
}

function titleOf(folder: string, folders: readonly string[]): string {
  const home = folders.find((each) => isBelow(folder, each));
  return decodeURIComponent(home === undefined ? fileName(folder) : folder.slice(home.length + 1));
}
