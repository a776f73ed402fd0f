import type { SourceFile } from '../text/file.js';
import { stringOf, valueAt, type YamlNode, type YamlScalar } from '../text/tree.js';
import { fileName, folderOf, joinPath } from './files.js';
import { type Patch, readPatches } from './kustomize/patches.js';

/** What netpol uses of a kustomization file. Source: kustomize api/types/kustomization.go. */
export interface Kustomization {
  readonly uri: string;
  readonly folder: string;
  readonly root: YamlNode | undefined;
  /** It changes what the kustomizations that use it have built so far. */
  readonly component: boolean;
  /** Files and folders it builds from. */
  readonly resources: readonly Reference[];
  readonly components: readonly Reference[];
  /** Applied before names and labels are changed. */
  readonly patches: readonly Patch[];
  /** Applied behind all else. */
  readonly lastPatches: readonly Patch[];
  /** It has what netpol does not evaluate, and what may change policies or add to them. */
  readonly unevaluated: boolean;
}

/** What a kustomization names. `uri` has no trailing slash, and is undefined for what lies elsewhere. */
export interface Reference {
  readonly at: YamlScalar;
  readonly path: string;
  readonly uri: string | undefined;
}

/** The names that kustomize looks for. */
export const kustomizationNames: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

export function isKustomizationFile(uri: string): boolean {
  return kustomizationNames.has(fileName(uri));
}

export function readKustomization(file: SourceFile): Kustomization | undefined {
  if (!isKustomizationFile(file.uri)) return undefined;
  const root = file.documents.find(({ document }) => document.root?.kind === 'map')?.document.root;
  // Flux calls its own objects by the same kind.
  if (stringOf(valueAt(root, 'apiVersion'))?.startsWith('kustomize.toolkit.') === true) return undefined;
  const folder = folderOf(file.uri);
  const references = (key: string) => referencesIn(valueAt(root, key), folder);
  return {
    uri: file.uri,
    folder,
    root,
    component: stringOf(valueAt(root, 'kind')) === 'Component',
    resources: [...references('resources'), ...references('bases')],
    components: references('components'),
    patches: [...readPatches(root, 'patchesStrategicMerge', folder), ...readPatches(root, 'patches', folder)],
    lastPatches: readPatches(root, 'patchesJson6902', folder),
    unevaluated:
      plugins.some((key) => isGiven(valueAt(root, key))) ||
      // Replacements copy values around: those of policies and labels count.
      /polic|netpol|label|selector|\bpath:/i.test(textOf(valueAt(root, 'replacements'))),
  };
}

const plugins = ['generators', 'transformers', 'configurations', 'helmCharts', 'helmChartInflationGenerator'];

function isGiven(node: YamlNode | undefined): boolean {
  return node?.kind === 'sequence' && node.items.length > 0;
}

function textOf(node: YamlNode | undefined): string {
  return node === undefined ? '' : node.document.text.slice(node.range.start, node.range.end);
}

function referencesIn(node: YamlNode | undefined, folder: string): readonly Reference[] {
  if (node?.kind !== 'sequence') return [];
  return node.items.flatMap(({ value }) => {
    const path = stringOf(value);
    return path === undefined || value.kind !== 'scalar' ? [] : [{ at: value, path, uri: joinPath(folder, path) }];
  });
}

/** Whether a path of a kustomization leads to another place than the disk. Source: kustomize api/internal/git repospec.go. */
export function isRemote({ path, uri }: Reference): boolean {
  return uri === undefined || /^[\w.-]+\.(?:com|org|net|io|dev)\/|^(?:gh|git|ssh|https?|file):|\/\/|\?/.test(path);
}
