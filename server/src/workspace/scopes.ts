import { resourcesOf } from '../kinds/index.js';
import type { SourceFile } from '../text/file.js';
import { fileName, folderOf, isBelow } from './files.js';
import { type Kustomization, readKustomization } from './kustomization.js';
import { type Scope, ScopeBuilder } from './scope.js';

/** The scopes of a workspace, and which of them a file belongs to. */
export interface ScopeIndex {
  readonly scopes: readonly Scope[];
  scopesOf(uri: string): readonly Scope[];
  /** A patch of a kustomization: a fragment, which is not judged as an object of its own. */
  isPatch(uri: string): boolean;
}

/**
 * Cuts the files into scopes: one for each kustomization that no other one builds upon, one for each Helm chart, and one
 * for the rest of each workspace folder.
 */
export function buildScopes(files: ReadonlyMap<string, SourceFile>, folders: readonly string[]): ScopeIndex {
  const kustomizations = new Map<string, Kustomization>();
  const charts: string[] = [];
  for (const file of files.values()) {
    const kustomization = readKustomization(file);
    if (kustomization !== undefined) kustomizations.set(kustomization.folder, kustomization);
    if (fileName(file.uri) === 'Chart.yaml') charts.push(folderOf(file.uri));
  }
  const taken = new Set<string>();
  const patches = new Set([...kustomizations.values()].flatMap((each) => each.patches));
  const members = new Map<string, Set<Scope>>();
  const scopes: Scope[] = [];
  const keep = (builder: ScopeBuilder, uris: Iterable<string>) => {
    const scope = builder.build();
    scopes.push(scope);
    for (const uri of uris) {
      const known = members.get(uri);
      if (known === undefined) members.set(uri, new Set([scope]));
      else known.add(scope);
    }
  };

  for (const root of rootsOf(kustomizations)) {
    const builder = new ScopeBuilder(root.uri, title(root.folder, folders), 'kustomization');
    const found = new Map<string, string | undefined>();
    collect(root, undefined, kustomizations, files, found, new Set());
    for (const [uri, namespace] of found) {
      taken.add(uri);
      addFile(builder, files.get(uri), namespace, root.folder);
    }
    keep(builder, found.keys());
  }

  const rest = new Map<string, string[]>();
  // The deepest chart and the deepest folder come first.
  const byDepth = (a: string, b: string) => b.length - a.length;
  const chartFolders = [...charts].sort(byDepth);
  const folderList = [...folders].sort(byDepth);
  for (const uri of files.keys()) {
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
    const builder = new ScopeBuilder(home, title(home, folders), chart ? 'chart' : 'folder');
    // A chart is released into one namespace; elsewhere each folder may be applied by a command of its own.
    for (const uri of uris) addFile(builder, files.get(uri), undefined, chart ? home : folderOf(uri));
    keep(builder, uris);
  }
  return {
    scopes,
    scopesOf: (uri) => [...(members.get(uri) ?? [])],
    isPatch: (uri) => patches.has(uri),
  };
}

function addFile(
  builder: ScopeBuilder,
  file: SourceFile | undefined,
  namespace: string | undefined,
  unsetKey: string,
): void {
  for (const { document } of file?.documents ?? []) {
    for (const resource of resourcesOf(document)) builder.add(resource, document.uri, namespace, unsetKey);
  }
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
