import { nearest } from '../kinds/nearest.js';
import { list } from '../model/print.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { spanOf, stringOf, valueAt, type YamlNode, type YamlScalar } from '../text/tree.js';
import { folderOf, isBelow, joinPath } from '../workspace/files.js';
import { isKustomizationFile, isRemote, type Kustomization, type Reference } from '../workspace/kustomization.js';
import { type Build, build, type Kustomizations, patchesOf, referencesOf } from '../workspace/kustomize/build.js';
import { droppedOfStream } from '../workspace/kustomize/json-streams.js';
import { isFor, isReadable, type Patch, patchRoots } from '../workspace/kustomize/patches.js';
import { type Built, builtOf, currentId, run } from '../workspace/kustomize/step.js';
import type { Workspace } from '../workspace/workspace.js';
import { defineFileRule, type Finding, type RulePage } from './rule.js';

export const kustomizationUnresolved = defineFileRule({
  id: 'kustomization-unresolved',
  group: 'No effect',
  severity: 'warning',
  summary:
    'A kustomization names a file that is not there or is not read as a whole, or patches an object that it does not build.',
  looksAt: isKustomizationFile,
  *check({ file, workspace }) {
    const kustomization = workspace.index.kustomizations.byFolder.get(folderOf(file.uri));
    if (kustomization?.uri !== file.uri) return;
    yield* missingFiles(kustomization, workspace);
    yield* droppedObjects(kustomization, workspace);
    yield* idlePatches(kustomization, workspace);
  },
});

export const kustomizationUnresolvedPage: RulePage = {
  what: `Reports an entry of \`resources\`, \`bases\`, \`components\` or \`patches\` in a kustomization that names a file or folder which is not there, a JSON file of which kustomize reads a part, and a patch that is for none of the objects that the kustomization builds.

It is a warning where a name much like it exists, and information elsewhere: netpol does not read what git ignores. Entries that lie in other repositories are not looked at, and neither are patches of components, or of kustomizations of which a part is not known.`,
  why: `\`kustomize build\` refuses a file that is missing, and a patch without a target that fits no object. Two things it does without a word: a patch whose \`target\` fits nothing is dropped, so that a policy which it was to change stays as the base has it; and of JSON objects that follow each other in one file, as \`jq -c\` writes them, it takes the first alone, where \`kubectl apply\` takes them all.`,
  bad: `# file: kustomization.yaml
resources:
  - polcy.yaml
# file: policy.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
`,
  good: `# file: kustomization.yaml
resources:
  - policy.yaml
# file: policy.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
`,
  references: [
    'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/',
    'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/',
  ],
};

function* missingFiles(kustomization: Kustomization, workspace: Workspace): Iterable<Finding> {
  const { folder } = kustomization;
  const ofPatches = patchesOf(kustomization).flatMap(({ source }): Reference[] =>
    'inline' in source ? [] : [{ at: source.path, path: stringOf(source.path) ?? '', uri: source.uri }],
  );
  const named = new Set([...referencesOf(kustomization), ...ofPatches].map(({ path }) => path));
  const known = namesIn(workspace, kustomization).filter((name) => !named.has(name));
  for (const reference of [...referencesOf(kustomization), ...ofPatches]) {
    const { at, path, uri } = reference;
    if (uri === undefined || isRemote(reference) || workspace.file(uri) !== undefined) continue;
    if (workspace.index.kustomizations.byFolder.has(uri) || uri === folder) continue;
    if (!workspace.folders.some((home) => isBelow(uri, home))) continue;
    const isFolder = [...workspace.files.keys()].some((other) => isBelow(other, uri));
    // What is named otherwise is not read: it may well be there.
    if (!isFolder && !/\.(?:ya?ml|json)$|\/[^./]*$/.test(uri)) continue;
    const meant = isFolder ? undefined : nearest(path, known);
    yield {
      at: spanOf(at),
      severity: meant !== undefined || isFolder ? 'warning' : 'info',
      message: isFolder
        ? `${path} has no kustomization.yaml, so kustomize refuses to build. Name its files, or add one there.`
        : `There is no ${path}, so kustomize refuses to build. ${
            meant === undefined
              ? 'Correct the path, unless git ignores the file: netpol reads none of those.'
              : `Did you mean ${meant}?`
          }`,
      ...(meant === undefined ? {} : { fixes: [rename(at, meant)] }),
    };
  }
}

function* droppedObjects(kustomization: Kustomization, workspace: Workspace): Iterable<Finding> {
  for (const { at, path, uri } of kustomization.resources) {
    const file = uri === undefined ? undefined : workspace.file(uri);
    const { length } = file === undefined ? [] : droppedOfStream(file);
    if (length === 0) continue;
    yield {
      at: spanOf(at),
      message: `kustomize reads the first object of ${path} and drops the ${
        length === 1 ? 'one' : length
      } behind it without a word, where kubectl reads them all. Put them in the \`items\` of a List.`,
    };
  }
}

/** What the kustomization could name, as it would write it: files and kustomizations of the workspace in the folders that it names. */
function namesIn({ files, index }: Workspace, kustomization: Kustomization): readonly string[] {
  const folders = new Map([[kustomization.folder, '']]);
  for (const { path } of referencesOf(kustomization)) {
    const above = path.replace(/\/?[^/]*\/?$/, '');
    const uri = joinPath(kustomization.folder, above);
    if (uri !== undefined && above !== '') folders.set(uri, `${above}/`);
  }
  const all = [...files.keys(), ...index.kustomizations.byFolder.keys()].sort();
  return all.flatMap((uri) => {
    const before = folders.get(folderOf(uri));
    return before === undefined || isKustomizationFile(uri)
      ? []
      : [before + decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1))];
  });
}

function rename(at: YamlScalar, meant: string): Fix {
  return { title: `Change to ${meant}`, preferred: true, changes: () => editOnly(replaceScalar(at, meant)) };
}

function* idlePatches(kustomization: Kustomization, { index }: Workspace): Iterable<Finding> {
  const patches = patchesOf(kustomization);
  if (kustomization.component || patches.length === 0) return;
  const before = build(kustomization, index.kustomizations, 'without');
  const objects =
    before.incomplete || !before.files.every(({ uri }) => isWhole(uri))
      ? undefined
      : objectsOf(before, index.kustomizations.fileOf);
  if (objects === undefined) return;
  const generates = before.kustomizations.some(({ root }) =>
    ['configMapGenerator', 'secretGenerator'].some((key) => valueAt(root, key) !== undefined),
  );
  // Those of patchesJson6902 come last: they may say the names that the kustomization itself gives.
  const after =
    kustomization.lastPatches.length === 0
      ? []
      : objectsOf(build(kustomization, index.kustomizations), index.kustomizations.fileOf);
  for (const patch of patches) {
    const candidates = kustomization.lastPatches.includes(patch) ? [...objects, ...after] : objects;
    const roots = patchRoots(patch, index.kustomizations.fileOf) ?? [];
    const idle = roots.find(
      (root) =>
        (patch.target !== undefined || root.kind === 'map') && !candidates.some((object) => isFor(patch, root, object)),
    );
    if (idle === undefined || (generates && isForGenerated(patch, idle))) continue;
    yield idlePatch(patch, idle, objects);
  }
  function isWhole(uri: string): boolean {
    const source = index.kustomizations.fileOf(uri);
    return source !== undefined && isReadable(source) && !source.documents.some(({ document }) => document.templated);
  }
}

/** Generated ConfigMaps and Secrets are no objects of a file. */
function isForGenerated({ target }: Patch, root: YamlNode): boolean {
  const kinds = ['ConfigMap', 'Secret'];
  return target === undefined
    ? kinds.includes(stringOf(valueAt(root, 'kind')) ?? '')
    : kinds.some((kind) => target.kind?.test(kind) !== false);
}

/** Every object of a build, of whatever kind. */
function objectsOf({ files }: Build, fileOf: Kustomizations['fileOf']): readonly Built[] {
  return files.flatMap(({ uri, steps }) =>
    (fileOf(uri)?.documents ?? []).flatMap(({ document: { root } }) =>
      within(root).flatMap((node) => run(steps, node) ?? []),
    ),
  );
}

function within(node: YamlNode | undefined): readonly Built[] {
  if (node?.kind !== 'map') return [];
  const kind = stringOf(valueAt(node, 'kind')) ?? '';
  const items = valueAt(node, 'items');
  if (kind.endsWith('List') && items?.kind === 'sequence') return items.items.flatMap(({ value }) => within(value));
  return [builtOf(node, stringOf(valueAt(node, 'apiVersion')) ?? '', kind)];
}

function idlePatch(patch: Patch, root: YamlNode, objects: readonly Built[]): Finding {
  const { target, at } = patch;
  if (target === undefined && root.kind === 'map') {
    const own = builtOf(root, stringOf(valueAt(root, 'apiVersion')) ?? '', stringOf(valueAt(root, 'kind')) ?? '');
    const [{ name, namespace }] = own.ids;
    const others = objects.filter(({ kind }) => kind === own.kind);
    const there = others.length === 0 ? `it builds no ${own.kind}` : `it builds ${names(others)}`;
    return {
      at: spanOf(at),
      message: `The kustomization builds no ${own.kind} ${namespace}/${name} of ${own.apiVersion} for this patch (${there}), so kustomize refuses to build. Correct the patch, or remove it.`,
    };
  }
  const alike = objects.filter(({ kind }) => target?.kind?.test(kind) !== false);
  const name = stringOf(at);
  const meant =
    target?.name === undefined || name === undefined
      ? undefined
      : nearest(
          name,
          alike.map((object) => object.ids[0].name),
        );
  return {
    at: spanOf(at),
    // Patches for a kind in general are written for whatever there may be.
    severity: target?.name === undefined ? 'info' : 'warning',
    message: `This patch changes nothing: no object that the kustomization builds fits its target${
      alike.length === 0 ? '' : `; there are ${names(alike)}`
    }. ${meant === undefined ? 'Correct the target, or remove the patch.' : `Did you mean ${meant}?`}`,
    ...(meant === undefined || at.kind !== 'scalar' ? {} : { fixes: [rename(at, meant)] }),
  };
}

function names(objects: readonly Built[]): string {
  return list([...new Set(objects.map((object) => `${object.kind} ${currentId(object).name}`))], 4);
}
