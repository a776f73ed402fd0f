import { resourcesOf } from '../kinds/index.js';
import type { Policy } from '../model/policy.js';
import type { SourceFile } from '../text/file.js';
import type { Kustomization } from './kustomization.js';
import type { Build, BuiltFile } from './kustomize/build.js';
import { LiveScope } from './live-scope.js';

/** A kustomization that no other one builds upon, with what it gives. */
export type Root = readonly [Kustomization, Build];

/** What lies below a workspace folder. */
export interface Surroundings {
  /** The plain manifests: of no kustomization, chart or scope that has a name. */
  readonly manifests: readonly SourceFile[];
  /** What kustomizations and charts are made of. */
  readonly built: readonly BuiltFile[];
  fileOf(uri: string): SourceFile | undefined;
}

/**
 * The kustomizations that count among the plain manifests of a folder: each builds policies and nothing else, such as the
 * layered baseline of a namespace, and the manifests have workloads in a namespace that it has policies for. By itself it
 * would be a scope in which no policy meets a pod.
 *
 * Not where it would be a guess: a kustomization of which not everything is known, policies without a namespace or for the
 * whole cluster, policies that the manifests or another such kustomization define as well, which are variants, and
 * namespaces in which kustomizations or charts have workloads, too, which may be those of another cluster.
 */
export function policyKustomizations(
  roots: readonly Root[],
  { manifests, built, fileOf }: Surroundings,
): readonly Root[] {
  const found = roots.flatMap((root) => {
    const policies = policiesOf(root, fileOf);
    return policies.length === 0 ? [] : [{ root, policies }];
  });
  if (found.length === 0) return [];
  const contents = manifests.map(contentsOf);
  const inhabited = new Set(contents.flatMap(({ workloadNamespaces }) => workloadNamespaces));
  const elsewhere = new Set(
    built.flatMap(({ uri, steps }) => {
      const file = fileOf(uri);
      const given = steps.findLast(({ namespace }) => namespace !== undefined)?.namespace;
      return file === undefined ? [] : contentsOf(file).workloadNamespaces.map((written) => given ?? written);
    }),
  );
  const defined = new Map<string, number>();
  const ids = found.flatMap(({ policies }) => policies.map(idOf));
  for (const id of [...contents.flatMap(({ policies }) => policies), ...ids]) {
    defined.set(id, (defined.get(id) ?? 0) + 1);
  }
  return found
    .filter(
      ({ policies }) =>
        policies.some(({ namespace }) => inhabited.has(namespace)) &&
        policies.every((each) => defined.get(idOf(each)) === 1 && !elsewhere.has(each.namespace)),
    )
    .map(({ root }) => root);
}

/** What a file has that may decide: its policies, and the namespaces of its workloads. */
export function decidingParts(file: SourceFile): readonly string[] {
  const { policies, workloadNamespaces, others } = contentsOf(file);
  return [...policies, ...workloadNamespaces, ...(others ? ['something else'] : [])];
}

/** Of the parts of plain manifests, those that decide about some kustomizations. */
export function partsThatDecide(roots: readonly Root[], fileOf: Surroundings['fileOf']): ReadonlySet<string> {
  const policies = roots.flatMap((root) => policiesOf(root, fileOf));
  return new Set(policies.flatMap((policy) => [idOf(policy), policy.namespace]));
}

interface Contents {
  readonly policies: readonly string[];
  readonly workloadNamespaces: readonly string[];
  /** It has something else than policies, or policies of which it is not known where they go. */
  readonly others: boolean;
}

/** A pure function's memory: a file is a value, and the entry goes when the file goes. */
const cache = new WeakMap<SourceFile, Contents>();

function contentsOf(file: SourceFile): Contents {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const policies: string[] = [];
  const workloadNamespaces: string[] = [];
  let others = false;
  for (const { document } of file.documents) {
    for (const { object } of resourcesOf(document)) {
      others ||= object?.type !== 'policy' || object.value.clusterWide;
      if (object?.type === 'policy') policies.push(idOf(object.value));
      if (object?.type === 'workload') workloadNamespaces.push(object.value.namespace ?? '');
    }
  }
  const contents = { policies, workloadNamespaces, others };
  cache.set(file, contents);
  return contents;
}

/** The policies that a kustomization gives; none where it gives something else, or leaves a namespace open. */
function policiesOf(
  [{ folder }, { files, incomplete }]: Root,
  fileOf: (uri: string) => SourceFile | undefined,
): readonly Identity[] {
  if (incomplete) return [];
  const parts = files.flatMap(({ uri, steps }) => {
    const file = fileOf(uri);
    return file === undefined || contentsOf(file).others ? [] : [{ file, steps, unsetKey: folder }];
  });
  if (parts.length < files.length || parts.length === 0) return [];
  const { policies } = new LiveScope({ id: folder, title: folder, kind: 'kustomization', incomplete, files: parts });
  const placed = policies.flatMap(({ value: { kind, name }, namespace }) =>
    namespace.name === undefined ? [] : [{ kind, name, namespace: namespace.name }],
  );
  return placed.length < policies.length ? [] : placed;
}

type Identity = Pick<Policy, 'kind' | 'name'> & { readonly namespace: string };

function idOf({ kind, name, namespace = '' }: Pick<Policy, 'kind' | 'name' | 'namespace'>): string {
  return `${kind}/${namespace}/${name}`;
}
