import type { SourceFile } from '../text/file.js';
import { fileName, folderOf, isBelow } from './files.js';
import { isKustomizationFile, type Kustomization, readKustomization } from './kustomization.js';
import { LiveScope } from './live-scope.js';
import type { Scope } from './scope.js';

/** The scopes of a workspace, and which of them a file belongs to. */
export interface ScopeIndex {
  readonly scopes: readonly Scope[];
  scopesOf(uri: string): readonly Scope[];
  /** A patch of a kustomization: a fragment, which is not judged as an object of its own. */
  isPatch(uri: string): boolean;
  /** Takes in a new state of a file; false when the cut itself may be another, so that the index must be made anew. */
  update(file: SourceFile): boolean;
}

/**
 * Cuts the files into scopes: one for each kustomization that no other one builds upon, one for each Helm chart, and one
 * for the rest of each workspace folder. In what order the files became known makes no difference.
 */
export function buildScopes(files: ReadonlyMap<string, SourceFile>, folders: readonly string[]): ScopeIndex {
  const kustomizations = new Map<string, Kustomization>();
  const charts: string[] = [];
  const inOrder = [...files.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
  for (const file of inOrder) {
    const kustomization = readKustomization(file);
    if (kustomization !== undefined) kustomizations.set(kustomization.folder, kustomization);
    if (fileName(file.uri) === 'Chart.yaml') charts.push(folderOf(file.uri));
  }
  const taken = new Set<string>();
  const patches = new Set([...kustomizations.values()].flatMap((each) => each.patches));
  const members = new Map<string, LiveScope[]>();
  const scopes: LiveScope[] = [];
  const keep = (
    id: string,
    folder: string,
    kind: Scope['kind'],
    patched: boolean,
    namespaces: ReadonlyMap<string, string | undefined>,
    unsetKeyOf: (uri: string) => string,
  ) => {
    const found = [...namespaces].flatMap(([uri, override]) => {
      const file = files.get(uri);
      return file === undefined ? [] : [{ file, override, unsetKey: unsetKeyOf(uri) }];
    });
    const scope = new LiveScope(id, title(folder, folders), kind, patched, found);
    scopes.push(scope);
    for (const uri of namespaces.keys()) {
      const known = members.get(uri);
      if (known === undefined) members.set(uri, [scope]);
      else known.push(scope);
    }
  };

  for (const root of rootsOf(kustomizations)) {
    const found = new Map<string, string | undefined>();
    const built = new Set<string>();
    collect(root, undefined, kustomizations, files, found, built);
    const patched = [...built].some((folder) => kustomizations.get(folder)?.patchesPolicies === true);
    for (const uri of found.keys()) taken.add(uri);
    keep(root.uri, root.folder, 'kustomization', patched, found, () => root.folder);
  }

  const rest = new Map<string, string[]>();
  const byDepth = (a: string, b: string) => b.length - a.length;
  // A subchart is released with the chart around it: the outermost chart counts, but the deepest folder.
  const chartFolders = [...charts].sort(byDepth).reverse();
  const folderList = [...folders].sort(byDepth);
  for (const { uri } of inOrder) {
    if (taken.has(uri) || patches.has(uri)) continue;
    const home =
      chartFolders.find((folder) => isBelow(uri, folder)) ??
      folderList.find((folder) => isBelow(uri, folder)) ??
      folderOf(uri);
    const list = rest.get(home);
    if (list === undefined) rest.set(home, [uri]);
    else list.push(uri);
  }
  for (const [home, uris] of rest) {
    const chart = chartFolders.includes(home);
    const own = new Map(uris.map((uri) => [uri, undefined]));
    // A chart is released into one namespace; elsewhere each folder may be applied by a command of its own.
    keep(home, home, chart ? 'chart' : 'folder', false, own, chart ? () => home : folderOf);
  }
  return {
    scopes,
    scopesOf: (uri) => members.get(uri) ?? [],
    isPatch: (uri) => patches.has(uri),
    update(file) {
      if (isKustomizationFile(file.uri)) return false;
      for (const scope of members.get(file.uri) ?? []) scope.update(file);
      return true;
    },
  };
}

function rootsOf(kustomizations: ReadonlyMap<string, Kustomization>): readonly Kustomization[] {
  const used = new Set<string>();
  for (const each of kustomizations.values()) {
    for (const uri of each.resources) if (uri !== each.folder) used.add(uri);
  }
  const roots = [...kustomizations.values()].filter((each) => !used.has(each.folder));
  // Kustomizations that refer to each other in a ring have no root: take each of them.
  return roots.length > 0 || kustomizations.size === 0 ? roots : [...kustomizations.values()];
}

/** The files a kustomization builds from, with the namespace the outermost one of them gives. */
function collect(
  kustomization: Kustomization,
  outer: string | undefined,
  all: ReadonlyMap<string, Kustomization>,
  files: ReadonlyMap<string, SourceFile>,
  found: Map<string, string | undefined>,
  seen: Set<string>,
): void {
  if (seen.has(kustomization.folder)) return;
  seen.add(kustomization.folder);
  const namespace = outer ?? kustomization.namespace;
  for (const uri of kustomization.resources) {
    const nested = all.get(uri);
    if (nested !== undefined) collect(nested, namespace, all, files, found, seen);
    else if (files.has(uri)) found.set(uri, namespace);
  }
}

function title(folder: string, folders: readonly string[]): string {
  const home = folders.find((each) => isBelow(folder, each));
  return decodeURIComponent(home === undefined ? fileName(folder) : folder.slice(home.length + 1));
}
