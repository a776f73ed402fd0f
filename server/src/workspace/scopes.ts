import type { SourceFile } from '../text/file.js';
import { fileName, folderOf, isBelow } from './files.js';
import { isKustomizationFile, type Kustomization, readKustomization } from './kustomization.js';
import { type Build, build, type Kustomizations, patchFiles, referencesOf } from './kustomize/build.js';
import { isReadable } from './kustomize/patches.js';
import { LiveScope } from './live-scope.js';
import { matcher } from './patterns.js';
import { decidingParts, partsThatDecide, policyKustomizations, type Root } from './policy-kustomizations.js';
import type { RenderedCharts, RenderedVariant } from './rendering.js';
import type { Scope } from './scope.js';
import type { ScopeFile } from './scope-parts.js';
import type { NamedScope } from './settings.js';
import { isSnapshot } from './snapshot-file.js';

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
  /** The folders of the Helm charts that are scopes of their own. */
  readonly charts: readonly string[];
  /** Takes in a new state of a file; false when the cut itself may be another, so that the index must be made anew. */
  update(file: SourceFile): boolean;
}

/**
 * Cuts the files into scopes: one for each that a person names, one for each other kustomization that no other one builds
 * upon, one for each Helm chart, one for each snapshot of a cluster, and one for the rest of each workspace folder, with
 * the kustomizations that have nothing but policies for it. In what order the files became known makes no difference.
 * `isPartial`: not all files are known, so that every scope is incomplete. `before` are scopes of the same workspace: those that
 * nothing is different for go on.
 */
export function buildScopes(
  files: ReadonlyMap<string, SourceFile>,
  folders: readonly string[],
  named: readonly NamedScope[] = [],
  renderings: RenderedCharts = new Map(),
  isPartial = false,
  before: readonly Scope[] = [],
): ScopeIndex {
  const old = new Map(before.flatMap((scope) => (scope instanceof LiveScope ? [[scope.id, scope]] : [])));
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
  /** Of a rendered chart, the scopes of its templates as they are written. */
  const besides = new Map<string, LiveScope[]>();
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
    const incomplete = isPartial || builds.some(([, build]) => build.incomplete);
    const parts = { id, title, kind, incomplete, files: found };
    const known = old.get(id);
    const scope = known?.goesOn(parts) === true ? known : new LiveScope(parts);
    scopes.push(scope);
    const ofFiles = found.map(({ file }) => file.uri);
    note(members, scope, ofFiles);
    for (const uri of ofFiles) taken.add(uri);
    const own = builds.flatMap(([, { kustomizations }]) => kustomizations);
    note(
      users,
      scope,
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
  const roots = rootsOf(byFolder)
    .filter((root) => !placed.has(root))
    .map(buildOf);
  const builders = new Map<string, number>();
  for (const [, build] of roots)
    for (const uri of new Set(build.files.map((file) => file.uri))) builders.set(uri, (builders.get(uri) ?? 0) + 1);
  const rest = new Map<string, string[]>();
  const snapshots = new Set<string>();
  for (const uri of inOrder) {
    const file = files.get(uri);
    const snapshot = file !== undefined && isSnapshot(file);
    if (snapshot) snapshots.add(uri);
    if (taken.has(uri) || patches.has(uri) || builders.has(uri)) continue;
    const home = snapshot ? uri : (chartOf(uri) ?? folderList.find((folder) => isBelow(uri, folder)) ?? folderOf(uri));
    const list = rest.get(home);
    if (list === undefined) rest.set(home, [uri]);
    else list.push(uri);
  }
  // What several overlays build upon is of one of several clusters.
  const alone = roots.filter(
    ([{ uri }, build]) =>
      chartOf(uri) === undefined && build.files.every((file) => builders.get(file.uri) === 1 && !taken.has(file.uri)),
  );
  const built = [
    ...roots.flatMap(([, build]) => build.files),
    ...[...rest].flatMap(([home, uris]) =>
      chartFolders.includes(home) ? uris.map((uri) => ({ uri, steps: [] })) : [],
    ),
  ];
  const fileOf = (uri: string) => files.get(uri);
  const joined = () =>
    [...rest].flatMap(([home, uris]): (readonly [Root, string])[] => {
      const near = alone.filter(([{ uri }]) => folderList.find((folder) => isBelow(uri, folder)) === home);
      const manifests = near.length === 0 ? [] : uris.flatMap((uri) => files.get(uri) ?? []);
      return policyKustomizations(near, { manifests, built, fileOf }).map((root) => [root, home] as const);
    });
  const homes = new Map(joined());
  for (const root of roots) {
    const [{ uri, folder }] = root;
    if (!homes.has(root)) keep(uri, titleOf(folder, folders), 'kustomization', [], [root]);
  }
  for (const [home, uris] of rest) {
    const kind = snapshots.has(home) ? 'snapshot' : chartFolders.includes(home) ? 'chart' : 'folder';
    const builds = roots.filter((root) => homes.get(root) === home);
    const variants = kind === 'chart' ? (renderings.get(home) ?? []) : [];
    if (variants.length > 0) keepRendered(home, uris, variants);
    else keep(home, titleOf(home, folders), kind, uris, builds);
  }
  /** What decided, by file; none where there is nothing to decide. */
  const deciding = new Map<string, readonly string[]>();
  if (alone.length > 0) {
    for (const [uri, file] of files) if (!isKustomizationFile(uri)) deciding.set(uri, decidingParts(file));
  }
  let decisive = partsThatDecide(alone, fileOf);
  /** Whether what a file now says may decide otherwise: of what is built any part, of plain manifests few. */
  const mayDecide = (file: SourceFile) => {
    const before = deciding.get(file.uri);
    if (before === undefined) return false;
    const after = decidingParts(file);
    deciding.set(file.uri, after);
    const same = before.join() === after.join();
    if (patches.has(file.uri) || (builders.has(file.uri) && !same)) {
      decisive = partsThatDecide(alone, fileOf);
      return true;
    }
    return !same && [...before, ...after].some((part) => decisive.has(part));
  };

  /**
   * A scope for each rendering of a chart. Templates that gave nothing are read as they are, in a scope beside them which
   * nobody counts: what they say is not applied, and still is to be right.
   */
  function keepRendered(chart: string, uris: readonly string[], variants: readonly RenderedVariant[]): void {
    const rendered = new Set(variants.flatMap(({ files: of }) => [...of.keys()]));
    const asWritten = uris.filter((uri) => !rendered.has(uri));
    const unsetKey = chart;
    const plain = (some: readonly string[]) => some.flatMap((uri) => files.get(uri) ?? []).map((file) => ({ file }));
    for (const [i, { title, files: of }] of variants.entries()) {
      const loose = asWritten.filter((uri) => !isTemplate(uri, chart));
      const all = [...plain(loose), ...[...of.values()].map((file) => ({ file }))].map((each) => ({
        ...each,
        steps: [],
        unsetKey,
      }));
      const name = [titleOf(chart, folders), ...(title === '' ? [] : [`with ${title}`])].join(' ');
      const id = i === 0 ? chart : `${chart}#${title}`;
      const scope = new LiveScope({ id, title: name, kind: 'chart', incomplete: false, files: all });
      scopes.push(scope);
      note(members, scope, [...loose, ...of.keys()]);
    }
    const unused = asWritten.filter((uri) => isTemplate(uri, chart));
    if (unused.length === 0) return;
    const whole = plain(uris).map((each) => ({ ...each, steps: [], unsetKey }));
    const id = `${chart}#templates`;
    const beside = new LiveScope({
      id,
      title: titleOf(chart, folders),
      kind: 'chart',
      incomplete: false,
      files: whole,
    });
    note(members, beside, unused);
    note(besides, beside, uris);
  }

  return {
    scopes,
    kustomizations,
    charts: [...rest.keys()].filter((home) => chartFolders.includes(home)),
    scopesOf: (uri) => members.get(uri) ?? [],
    scopesWith: (uri) => users.get(uri) ?? [],
    isPatch: (uri) => patches.has(uri),
    update(file) {
      const { uri } = file;
      if (isKustomizationFile(uri)) return false;
      // A patch that can no longer be read, or can be again, is another thing that is not known.
      const readable = patches.get(uri);
      if (readable !== undefined && readable !== isReadable(file)) return false;
      if (snapshots.has(uri) !== isSnapshot(file)) return false;
      if (mayDecide(file)) {
        const now = new Map(joined());
        if (now.size !== homes.size || [...now].some(([root, home]) => homes.get(root) !== home)) return false;
      }
      const all = new Set([members, users, besides].flatMap((map) => map.get(uri) ?? []));
      return [...all].every((scope) => scope.update(file));
    },
  };
}

function note(map: Map<string, LiveScope[]>, scope: LiveScope, uris: Iterable<string>): void {
  for (const uri of new Set(uris)) {
    const known = map.get(uri);
    if (known === undefined) map.set(uri, [scope]);
    else known.push(scope);
  }
}

/** In the chart's folder of templates, or in that of a chart within it. */
function isTemplate(uri: string, chart: string): boolean {
  return uri.slice(chart.length).includes('/templates/');
}

/** The patch files of a kustomization, and whether each can be read. */
function patchesIn(kustomization: Kustomization, { fileOf }: Kustomizations): (readonly [string, boolean])[] {
  return patchFiles(kustomization).map((uri) => {
    const file = fileOf(uri);
    return [uri, file !== undefined && isReadable(file)];
  });
}

/** The files that a named scope takes in. */
function filterOf({ include, exclude, from }: NamedScope, folders: readonly string[]): (uri: string) => boolean {
  const named = (from === undefined ? folders : [from]).map(
    (folder) => [matcher(include, folder), matcher(exclude, folder)] as const,
  );
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
