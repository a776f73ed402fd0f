import { embeddedRoots } from '../../text/embedded.js';
import type { SourceFile } from '../../text/file.js';
import { keyText, stringOf, valueAt, type YamlMap, type YamlNode, type YamlScalar } from '../../text/tree.js';
import { joinPath } from '../files.js';
import { mapOf, withValue } from './derive.js';
import { jsonPatch } from './json-patch.js';
import { isTrue, ownLabels } from './labels.js';
import { strategicMerge } from './merge.js';
import { type Built, builtOf, currentId, type Step, withId } from './step.js';

/** An entry of `patches`, `patchesStrategicMerge` or `patchesJson6902`. */
export interface Patch {
  readonly target: Target | undefined;
  /** What says which objects it is for, in the kustomization: the target's name or kind, else the patch. */
  readonly at: YamlNode;
  /** The file of the patch, or its text within the kustomization. */
  readonly source: { readonly path: YamlScalar; readonly uri: string | undefined } | { readonly inline: YamlScalar };
  readonly mayRename: boolean;
}

/** Which objects a patch is for; each condition is one of its own, and all have to hold. */
export interface Target {
  readonly group: RegExp | undefined;
  readonly version: RegExp | undefined;
  readonly kind: RegExp | undefined;
  readonly name: RegExp | undefined;
  readonly namespace: RegExp | undefined;
  readonly labels: string | undefined;
  readonly annotations: string | undefined;
}

/** The patches of a kustomization, in the order in which kustomize applies those of one key. */
export function readPatches(root: YamlNode | undefined, key: string, folder: string): readonly Patch[] {
  const list = valueAt(root, key);
  if (list?.kind !== 'sequence') return [];
  return list.items.flatMap(({ value }): Patch[] => {
    if (value.kind === 'scalar') {
      const text = stringOf(value);
      if (typeof value.value !== 'string') return [];
      // patchesStrategicMerge takes paths and patches alike.
      const source = value.value.includes('\n') ? { inline: value } : pathIn(folder, value, text);
      return source === undefined ? [] : [{ target: undefined, at: value, source, mayRename: false }];
    }
    const path = valueAt(value, 'path');
    const inline = valueAt(value, 'patch');
    const source =
      inline?.kind === 'scalar' && inline.value !== null
        ? { inline }
        : path?.kind === 'scalar'
          ? pathIn(folder, path, stringOf(path))
          : undefined;
    if (source === undefined) return [];
    const target = valueAt(value, 'target');
    const options = valueAt(value, 'options');
    return [
      {
        target: target?.kind === 'map' ? readTarget(target) : undefined,
        at: valueAt(target, 'name') ?? valueAt(target, 'kind') ?? path ?? value,
        source,
        mayRename: isTrue(valueAt(options, 'allowNameChange')),
      },
    ];
  });
}

function pathIn(folder: string, path: YamlScalar, text: string | undefined) {
  return text === undefined ? undefined : { path, uri: joinPath(folder, text) };
}

function readTarget(node: YamlMap): Target {
  const pattern = (key: string) => anchored(stringOf(valueAt(node, key)));
  return {
    group: pattern('group'),
    version: pattern('version'),
    kind: pattern('kind'),
    name: pattern('name'),
    namespace: pattern('namespace'),
    labels: stringOf(valueAt(node, 'labelSelector')),
    annotations: stringOf(valueAt(node, 'annotationSelector')),
  };
}

/** A target's pattern has to fit as a whole. What is no regular expression fits nothing, as in kustomize, which refuses it. */
function anchored(pattern: string | undefined): RegExp | undefined {
  if (pattern === undefined || pattern === '') return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return /(?!)/;
  }
}

/** The documents of a patch; undefined where there is none, or its text is broken. */
export function patchRoots(patch: Patch, fileOf: (uri: string) => SourceFile | undefined) {
  const { source } = patch;
  if ('inline' in source) return embeddedRoots(source.inline);
  const file = source.uri === undefined ? undefined : fileOf(source.uri);
  if (file === undefined || !isReadable(file)) return undefined;
  return file.documents.flatMap(({ document }) => document.root ?? []);
}

/** Not broken as YAML. In a template, what is not known of the patch is not known of the object. */
export function isReadable({ documents }: SourceFile): boolean {
  return documents.every(({ document }) => document.problems.length === 0);
}

/** The file in which a patch stands. */
export function homeOf({ source }: Patch, kustomization: string): string | undefined {
  return 'inline' in source ? kustomization : source.uri;
}

export function patchStep(patch: Patch, kustomization: string, fileOf: (uri: string) => SourceFile | undefined): Step {
  const home = homeOf(patch, kustomization);
  let read: { readonly file: SourceFile | undefined; readonly roots: readonly YamlNode[] } | undefined;
  const roots = () => {
    const file = home === undefined ? undefined : fileOf(home);
    if (read === undefined || read.file !== file) read = { file, roots: patchRoots(patch, fileOf) ?? [] };
    return read.roots;
  };
  return {
    reads: home === undefined || home === kustomization ? [] : [home],
    apply(built, note) {
      let now: Built | undefined = built;
      for (const root of roots()) {
        if (now === undefined || !isFor(patch, root, now)) continue;
        if (home !== undefined) note(home);
        now = patched(now, root, patch.mayRename);
      }
      return now;
    },
  };
}

/** Whether one document of a patch is for an object: as its target says, else by the names that it gives itself. */
export function isFor({ target }: Patch, root: YamlNode, built: Built): boolean {
  if (target !== undefined) return selects(target, built);
  if (root.kind !== 'map') return false;
  const own = builtOf(root, stringOf(valueAt(root, 'apiVersion')) ?? '', stringOf(valueAt(root, 'kind')) ?? '');
  return (
    own.apiVersion === built.apiVersion &&
    own.kind === built.kind &&
    built.ids.some(({ name, namespace }) => name === own.ids[0].name && namespace === own.ids[0].namespace)
  );
}

function patched(built: Built, root: YamlNode, mayRename: boolean): Built | undefined {
  if (root.kind === 'scalar') return built;
  const node =
    root.kind === 'sequence' ? jsonPatch(built.node, root) : strategicMerge(built.node, contentOf(root, mayRename));
  if (node === undefined) return undefined;
  const name = stringOf(valueAt(valueAt(node, 'metadata'), 'name')) ?? '';
  return name === currentId(built).name ? { ...built, node } : withId(built, { name }, node);
}

/** A patch without what only says which object it is for. */
function contentOf(patch: YamlMap, mayRename: boolean): YamlMap {
  const kept = patch.entries.filter((entry) => keyText(entry) !== 'apiVersion' && keyText(entry) !== 'kind');
  const metadata = kept.find((entry) => keyText(entry) === 'metadata');
  const content = mapOf(patch, kept);
  if (metadata?.value.kind !== 'map') return content;
  const identity = mayRename ? ['namespace'] : ['name', 'namespace'];
  const rest = metadata.value.entries.filter((entry) => !identity.includes(keyText(entry)));
  return withValue(content, metadata, mapOf(metadata.value, rest));
}

/** Source: kustomize resmap Select: names and namespaces as written or as now, everything else as now. */
export function selects(target: Target, built: Built): boolean {
  const [group = '', version = ''] = built.apiVersion.includes('/')
    ? built.apiVersion.split('/')
    : ['', built.apiVersion];
  const ids = [built.ids[0], currentId(built)];
  const fits = (pattern: RegExp | undefined, ...texts: readonly string[]) =>
    pattern === undefined || texts.some((text) => pattern.test(text));
  return (
    fits(target.group, group) &&
    fits(target.version, version) &&
    fits(target.kind, built.kind) &&
    fits(target.name, ...ids.map(({ name }) => name)) &&
    fits(target.namespace, ...ids.map(({ namespace }) => namespace)) &&
    holds(target.labels, () => ownLabels(built.node, 'labels')) &&
    holds(target.annotations, () => ownLabels(built.node, 'annotations'))
  );
}

/** A selector as text, such as `app=web,tier in (a, b),!old`. Source: apimachinery labels.Parse. */
function holds(selector: string | undefined, labelsOf: () => ReadonlyMap<string, string>): boolean {
  if (selector === undefined || selector.trim() === '') return true;
  const labels = labelsOf();
  return selector.split(/,(?![^(]*\))/).every((part) => {
    const [, not, key = '', operator = '', given = ''] =
      /^\s*(!?)\s*([^\s=!(]+)\s*(==|=|!=|in\b|notin\b|)\s*(.*?)\s*$/.exec(part) ?? [];
    const value = labels.get(key);
    if (operator === '') return (value !== undefined) === (not === '');
    const values = given
      .replace(/^\(|\)$/g, '')
      .split(',')
      .map((each) => each.trim());
    const among = value !== undefined && values.includes(value);
    return operator === '!=' || operator === 'notin' ? !among : among;
  });
}
