import type { SourceFile } from '../text/file.js';
import { stringOf, valueAt, type YamlNode } from '../text/tree.js';
import { fileName, folderOf, joinPath } from './files.js';

/** What netpol uses of a kustomization file. Source: kustomize api/types/kustomization.go. */
export interface Kustomization {
  readonly uri: string;
  readonly folder: string;
  /** Files and folders it builds from, as URIs without a trailing slash; remote ones are left out. */
  readonly resources: readonly string[];
  /** Files that change resources; they are no resources themselves. */
  readonly patches: readonly string[];
  /** Some patch is about policies, as far as the kustomization itself tells: by kind, text or the patch file's name. */
  readonly patchesPolicies: boolean;
  /** Overrides the namespace of everything it builds. */
  readonly namespace: string | undefined;
}

const fileNames = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

export function isKustomizationFile(uri: string): boolean {
  return fileNames.has(fileName(uri));
}

export function readKustomization(file: SourceFile): Kustomization | undefined {
  if (!isKustomizationFile(file.uri)) return undefined;
  const root = file.documents.find(({ document }) => document.root?.kind === 'map')?.document.root;
  const folder = folderOf(file.uri);
  const resolve = (paths: readonly string[]) =>
    paths.map((path) => joinPath(folder, path)).filter((uri) => uri !== undefined);
  return {
    uri: file.uri,
    folder,
    resources: resolve(['resources', 'bases', 'components'].flatMap((key) => strings(valueAt(root, key)))),
    patches: resolve([
      ...strings(valueAt(root, 'patchesStrategicMerge')),
      ...paths(valueAt(root, 'patches')),
      ...paths(valueAt(root, 'patchesJson6902')),
    ]),
    patchesPolicies: patchKeys.some((key) => /polic|netpol/i.test(textOf(valueAt(root, key)))),
    namespace: stringOf(valueAt(root, 'namespace')),
  };
}

const patchKeys = ['patches', 'patchesStrategicMerge', 'patchesJson6902', 'replacements', 'transformers'];

function textOf(node: YamlNode | undefined): string {
  return node === undefined ? '' : node.document.text.slice(node.range.start, node.range.end);
}

function strings(node: YamlNode | undefined): readonly string[] {
  if (node?.kind !== 'sequence') return [];
  return node.items.map((item) => stringOf(item.value)).filter((text) => text !== undefined);
}

function paths(node: YamlNode | undefined): readonly string[] {
  if (node?.kind !== 'sequence') return [];
  return node.items.map((item) => stringOf(valueAt(item.value, 'path'))).filter((text) => text !== undefined);
}
