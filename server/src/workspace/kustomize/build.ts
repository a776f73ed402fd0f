import { resourcesOf } from '../../kinds/index.js';
import type { SourceFile } from '../../text/file.js';
import { stringOf, valueAt } from '../../text/tree.js';
import type { Kustomization, Reference } from '../kustomization.js';
import { knownOr } from '../per-list.js';
import { streamStep } from './json-streams.js';
import { labelSteps } from './labels.js';
import { type NamedType, nameStep, namespaceStep } from './names.js';
import { homeOf, type Patch, patchRoots, patchStep } from './patches.js';
import type { Step } from './step.js';

/** A file that a kustomization builds from, with all that is done to its objects, inner kustomizations first. */
export interface BuiltFile {
  readonly uri: string;
  readonly steps: readonly Step[];
}

/** What a kustomization gives. */
export interface Build {
  readonly files: readonly BuiltFile[];
  /** Every kustomization that takes part. */
  readonly kustomizations: readonly Kustomization[];
  /** Something is not here, or not evaluated: what the objects lack may be there. */
  readonly incomplete: boolean;
}

export interface Kustomizations {
  readonly byFolder: ReadonlyMap<string, Kustomization>;
  fileOf(uri: string): SourceFile | undefined;
}

/** How often kustomizations are built within one build. */
const mostBuilds = 2_000;

/** A file on its way: the kustomizations put steps behind those of their bases. */
interface Growing {
  readonly uri: string;
  readonly steps: Step[];
}

/**
 * Builds a kustomization as `kustomize build` does, in its order. Without `own`, as it is before its own transformers.
 * Source: kustomize api/internal/target kusttarget.go (accumulateTarget, configureBuiltinTransformers).
 */
export function build(
  root: Kustomization,
  all: Kustomizations,
  own: 'with its own steps' | 'without' = 'with its own steps',
): Build {
  const kustomizations = new Set<Kustomization>();
  const open = new Set<Kustomization>();
  const streams = new Map<string, Step>();
  let incomplete = false;
  let builds = 0;
  // The same for a file each time it comes in: that is how it is known again.
  const firstSteps = (uri: string): Step[] => {
    if (!uri.endsWith('.json')) return [];
    return [knownOr(streams, uri, () => streamStep(uri, all.fileOf))];
  };
  const accumulate = (kustomization: Kustomization, into: Growing[]): void => {
    // One that builds on itself, which kustomize refuses.
    if (open.has(kustomization)) return;
    // Bases that are each used twice double with every level: nobody writes that, and it must not exhaust the machine.
    if (builds++ > mostBuilds) {
      incomplete = true;
      return;
    }
    open.add(kustomization);
    kustomizations.add(kustomization);
    const { folder, resources, components } = kustomization;
    for (const { uri } of resources) {
      const nested = uri === undefined || uri === folder ? undefined : all.byFolder.get(uri);
      if (nested !== undefined) {
        const below: Growing[] = [];
        accumulate(nested, below);
        into.push(...below);
      } else if (uri !== undefined && all.fileOf(uri) !== undefined) into.push({ uri, steps: firstSteps(uri) });
      else if (uri !== folder) incomplete = true;
    }
    for (const { uri } of components) {
      const nested = uri === undefined ? undefined : all.byFolder.get(uri);
      if (nested === undefined) incomplete = true;
      else accumulate(nested, into);
    }
    incomplete ||=
      kustomization.unevaluated || patchesOf(kustomization).some((patch) => !patchRoots(patch, all.fileOf));
    if (kustomization !== root || own === 'with its own steps') {
      for (const step of stepsOf(kustomization, all, into)) for (const file of into) file.steps.push(step);
    }
    open.delete(kustomization);
  };
  const files: Growing[] = [];
  accumulate(root, files);
  return { files: distinct(files), kustomizations: [...kustomizations], incomplete };
}

export function patchesOf({ patches, lastPatches }: Kustomization): readonly Patch[] {
  return [...patches, ...lastPatches];
}

/** The files of a kustomization's patches. */
export function patchFiles(kustomization: Kustomization): readonly string[] {
  const { uri } = kustomization;
  return patchesOf(kustomization)
    .flatMap((patch) => homeOf(patch, uri) ?? [])
    .filter((home) => home !== uri);
}

/** What it is made of, for a search among the entries of a kustomization. */
export function referencesOf({ resources, components }: Kustomization): readonly Reference[] {
  return [...resources, ...components];
}

function stepsOf({ uri, root, patches, lastPatches }: Kustomization, all: Kustomizations, files: readonly Growing[]) {
  const steps: Step[] = patches.map((patch) => patchStep(patch, uri, all.fileOf));
  const namespace = valueAt(root, 'namespace');
  const name = stringOf(namespace);
  if (namespace?.kind === 'scalar' && name !== undefined && name !== '') steps.push(namespaceStep(namespace, name));
  const prefix = stringOf(valueAt(root, 'namePrefix')) ?? '';
  const suffix = stringOf(valueAt(root, 'nameSuffix')) ?? '';
  if (prefix + suffix !== '') {
    // As the names are before this step, whatever is put behind it later.
    const before = files.map((file) => ({ uri: file.uri, steps: [...file.steps] }));
    const names = new Map<NamedType, ReadonlySet<string>>();
    steps.push(
      nameStep(prefix, suffix, (type) =>
        knownOr(names, type, () => new Set(before.flatMap((file) => namesIn(file, all, type)))),
      ),
    );
  }
  if (root !== undefined) steps.push(...labelSteps(uri, root));
  return [...steps, ...lastPatches.map((patch) => patchStep(patch, uri, all.fileOf))];
}

/** What the objects of a type in a file are called after the steps. */
function namesIn({ uri, steps }: BuiltFile, all: Kustomizations, type: NamedType): readonly string[] {
  const resources = all.fileOf(uri)?.documents.flatMap(({ document }) => resourcesOf(document)) ?? [];
  return resources.flatMap(({ object }) =>
    object?.type === type ? [steps.reduce((name, step) => step.rename?.(name) ?? name, object.value.name)] : [],
  );
}

/** Without files that come in twice in the very same way, which kustomize refuses. */
function distinct(files: readonly BuiltFile[]): readonly BuiltFile[] {
  const known = new Map<string, BuiltFile[]>();
  return files.filter((file) => {
    const { uri, steps } = file;
    const same = known.get(uri) ?? [];
    known.set(uri, [...same, file]);
    return !same.some((other) => other.steps.length === steps.length && other.steps.every((s, i) => s === steps[i]));
  });
}
