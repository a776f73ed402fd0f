import type { CompletionItem } from 'vscode-languageserver-types';
import { object, value } from '../../kinds/field.js';
import { kindOf } from '../../kinds/index.js';
import type { Kind } from '../../kinds/kind.js';
import type { Netpol } from '../../service.js';
import { documentAround } from '../../text/document-around.js';
import type { SourceFile } from '../../text/file.js';
import { styleOf } from '../../text/style.js';
import { stringOf, valueAt, type YamlNode, type YamlPath } from '../../text/tree.js';
import { typingPlaceAt } from '../../text/typing-place.js';
import { namespaceAround } from '../actions/code-actions.js';
import { isBlank } from '../actions/edit-shapes.js';
import type { CompletionSupport } from './completion-text.js';
import { completionsIn } from './field-completion.js';
import { shapeOfField } from './field-shapes.js';
import { apiVersions, type Head, kindNames, metadataOf, newObjects } from './kind-completion.js';
import { knownValues } from './known-values.js';
import { policyPresets } from './policy-presets.js';
import { templateCompletions } from './template-completion.js';

/** What may be typed in a manifest: kinds and versions, the fields of a kind and their values, whole standard policies. */
export function manifestCompletions(
  netpol: Netpol,
  file: SourceFile,
  offset: number,
  support: CompletionSupport,
): readonly CompletionItem[] {
  if (isNoManifest(file.uri)) return [];
  const place = typingPlaceAt(file.text, offset);
  if (place === undefined) return [];
  const around = documentAround(file.text, offset);
  const rest = file.text.slice(around.start, place.word.start) + file.text.slice(place.word.end, around.end);
  const document = file.documentAt(offset)?.document;
  const empty = isBlank(rest);
  // Behind the bracket that closes the whole nothing more belongs to it.
  if (!empty && !place.inFlow && document?.root?.kind === 'map' && document.root.flow) return [];
  const { base, kind, head, ...object } = objectAround(empty ? undefined : document?.root, place.path);
  const blank = base.length === 0 ? empty : object.blank;
  const path = place.path.slice(base.length);
  const [first, ...deeper] = path;
  if (place.what === 'value' && deeper.length === 0) {
    if (first === 'kind') return kindNames(file, place, head, support);
    if (first === 'apiVersion') return apiVersions(file, place, head, support);
  }
  const scope = netpol.workspace.index.scopesOf(file.uri)[0];
  // Only an object's own keys ask for it: it is looked for among all objects.
  const namespace = scope === undefined || path.length > 0 ? undefined : namespaceAround(scope, file.uri)?.name;
  const profile = scope === undefined ? netpol.settings.profile : netpol.profileOf(scope);
  const style = document === undefined ? { indent: 2, indentSequences: true } : styleOf(document);
  if (kind === undefined) {
    if (path.length > 0 || place.what === 'value') return [];
    const begun = head.apiVersion !== undefined || head.kind !== undefined;
    const keys = begun || blank ? completionsIn(file, place, { root: anyObject, support, style }) : [];
    if (!blank || place.inFlow || place.quoted || place.hasColon) return keys;
    const whole = place.indent === '' && base.length === 0 ? templateCompletions(netpol, file, place, support) : [];
    const last = keys.map((item) => ({ ...item, sortText: `z${item.sortText}` }));
    return [...whole, ...newObjects(file, place, style, support, namespace), ...last];
  }
  const metadata = metadataOf(kind, namespace);
  return completionsIn(file, place, {
    root: kind.fields,
    base,
    support,
    style,
    hidden: setByServer,
    presets: (at) => policyPresets(kind, at, profile),
    shape: (at, field) => (at.length === 1 && at[0] === 'metadata' ? metadata : shapeOfField(kind, at, field)),
    known: (at) => knownValues(netpol, file, offset, at),
  });
}

/** JSON is written by programs; these are no manifests, though they look like some to one who types the first word. */
function isNoManifest(uri: string): boolean {
  return /\.json$|(?:^|\/)(?:kustomization\.ya?ml|Kustomization|Chart\.ya?ml|values[^/]*\.ya?ml)$|\/\.github\//.test(
    uri,
  );
}

interface ObjectAround {
  /** The way to it in its document. */
  readonly base: YamlPath;
  readonly kind: Kind | undefined;
  readonly head: Head;
  /** Nothing of it is written yet, but for a word. */
  readonly blank: boolean;
}

/** The object that a path leads into: the document itself, or an item of a List. */
function objectAround(root: YamlNode | undefined, path: YamlPath): ObjectAround {
  let node = root;
  let base: YamlPath = [];
  let listed: string | undefined;
  for (;;) {
    const head: Head = { apiVersion: stringOf(valueAt(node, 'apiVersion')), kind: stringOf(valueAt(node, 'kind')) };
    const [items, index] = path.slice(base.length);
    const inItem = items === 'items' && typeof index === 'number' && head.kind?.endsWith('List') === true;
    if (!inItem) {
      const kind = kindOf(node);
      const blank = node === undefined || node.kind === 'scalar';
      return { base, kind, head: { apiVersion: head.apiVersion ?? listed, kind: head.kind }, blank };
    }
    // A typed list, such as NetworkPolicyList, says the version of its items.
    listed = head.kind === 'List' ? undefined : head.apiVersion;
    const list: YamlNode | undefined = valueAt(node, 'items');
    node = list?.kind === 'sequence' ? list.items[index]?.value : undefined;
    base = path.slice(0, base.length + 2);
  }
}

/** What every object begins with. */
const anyObject = object('An object of the API.', {
  apiVersion: value('string', 'The API group and version.'),
  kind: value('string', 'What kind of object it is.'),
});

/** Nobody writes these by hand. */
const setByServer: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
  'status',
]);
