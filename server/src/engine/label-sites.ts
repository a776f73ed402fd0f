import { placesIn } from '../kinds/calico/scalar-places.js';
import { readSelector } from '../kinds/calico/selector.js';
import { parseSelector, type SelectorNode } from '../kinds/calico/selector-grammar.js';
import { namespaceLabels, namespacesOf, readEndpointSelector, splitKey } from '../kinds/cilium/labels.js';
import type { Resource } from '../kinds/kind.js';
import { readLabelSelector } from '../kinds/kubernetes/label-selector.js';
import { dash } from '../kinds/structure.js';
import { namespaceOfName } from '../model/pod-facts.js';
import type { Selector } from '../model/selector.js';
import type { TextRange } from '../text/range.js';
import { partAt, partOfScalar, type ScalarPart } from '../text/scalar-part.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  type Span,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlPath,
} from '../text/tree.js';

/** Whose labels they are. */
export type LabelsOf = 'pods' | 'namespaces' | 'services';

/** One label: as it is given to an object, or as a selector asks for it. */
export interface LabelUse {
  readonly of: LabelsOf;
  readonly role: 'given' | 'asked';
  /** The key as pods or namespaces have it: without what Calico or Cilium write before it. */
  readonly key: ScalarPart;
  /** One where it is given; none where a selector asks for the key alone. */
  readonly values: readonly ScalarPart[];
  /** Only a part of the value is asked for (Calico). */
  readonly partial: 'contains' | 'starts with' | 'ends with' | undefined;
}

/** A selector, or the labels of an object, in the text. */
export interface LabelSite {
  readonly of: LabelsOf;
  readonly role: 'given' | 'asked';
  /** What introduces it: its key, or the dash of its item. It is where the model's sources stand. */
  readonly at: Span;
  /** With all that belongs to it. */
  readonly range: TextRange;
  /** Which namespaces' objects it is about: its own object's, any, or those that a selector beside it chooses. */
  readonly reach: Selector | 'own' | 'any';
  /** What it asks for; left out for policies of Calico and Cilium, whose selectors the model has, and for labels. */
  readonly selector?: Selector;
  /** The maps of labels in it, by which aliases of them are known. */
  readonly maps: readonly YamlMap[];
  readonly labels: readonly LabelUse[];
}

/** Every selector of an object and the labels it gives, in the order of the text. */
export function labelSites({ kind, node }: Resource): readonly LabelSite[] {
  return labelSitesIn(kind.kind, stringOf(valueAt(node, 'apiVersion')) ?? kind.apiVersions[0] ?? '', node);
}

/** The same for an object of any kind, also of those that netpol does not read. */
export function labelSitesIn(kind: string, apiVersion: string, node: YamlMap): readonly LabelSite[] {
  const known = cache.get(node);
  if (known !== undefined) return known;
  const group = apiVersion.includes('/') ? apiVersion.replace(/\/.*/, '') : '';
  const found = [...sitesOf({ kind, group, node })];
  cache.set(node, found);
  return found;
}

/** A pure function's memory: a tree never changes, and its entry goes when the tree goes. */
const cache = new WeakMap<YamlMap, readonly LabelSite[]>();

interface Within {
  readonly kind: string;
  readonly group: string;
  readonly node: YamlMap;
}

function* sitesOf(object: Within): Generator<LabelSite> {
  const { kind, group, node } = object;
  const labels = entryOf(valueAt(node, 'metadata'), 'labels');
  const of = ownLabels[kind];
  if (labels !== undefined && of !== undefined) yield given(labels, of);
  const spec = valueAt(node, 'spec');
  if (group === 'cilium.io') {
    const clusterWide = kind === 'CiliumClusterwideNetworkPolicy';
    yield* inCilium(spec, clusterWide);
    yield* inCilium(valueAt(node, 'specs'), clusterWide);
  } else if (/(?:^|\.)projectcalico\.org$/.test(group) && kind !== 'StagedKubernetesNetworkPolicy') {
    yield* inCalico(spec, /^(?:Staged)?Global/.test(kind));
  } else {
    const selector = entryOf(spec, 'selector');
    // Others' kinds that make pods ask for their labels as a Deployment does, or as a ReplicationController.
    const ofOthers = valueAt(spec, 'template') !== undefined && selectorsOf[kind] === undefined;
    const selects = ofOthers ? 'pods' : selectorsOf[kind];
    if (selector !== undefined && selects !== undefined) {
      const reach = isNull(valueAt(spec, 'namespaceSelector')) ? 'own' : 'any';
      const plain = ofOthers ? !isLabelSelector(selector.value) : plainMaps.has(kind);
      yield plain ? labelMap(selector, selects, 'asked', 'own') : asked(selector, selects, reach);
    }
    yield* inObject(spec, []);
  }
}

/** Whose labels an object's own are, where somebody selects by them. */
const ownLabels: Readonly<Record<string, LabelsOf>> = {
  Pod: 'pods',
  Namespace: 'namespaces',
  Service: 'services',
  // Calico's selectors take in sets of addresses and the interfaces of hosts as well.
  NetworkSet: 'pods',
  GlobalNetworkSet: 'pods',
  HostEndpoint: 'pods',
};

/** Whose labels `spec.selector` asks for. */
const selectorsOf: Readonly<Record<string, LabelsOf>> = {
  Service: 'pods',
  ReplicationController: 'pods',
  Deployment: 'pods',
  StatefulSet: 'pods',
  DaemonSet: 'pods',
  ReplicaSet: 'pods',
  Job: 'pods',
  PodDisruptionBudget: 'pods',
  PodMonitor: 'pods',
  ServiceMonitor: 'services',
};

/** Kinds whose selector is a map of labels and no LabelSelector. */
const plainMaps: ReadonlySet<string> = new Set(['Service', 'ReplicationController']);

/** The selectors of a test's ends. */
export function* testSites(root: YamlNode | undefined): Generator<LabelSite> {
  const tests = valueAt(root, 'tests');
  const everywhere = stringOf(valueAt(root, 'namespace'));
  for (const { value: test } of tests?.kind === 'sequence' ? tests.items : []) {
    for (const field of ['from', 'to', 'except']) {
      const ends = valueAt(test, field);
      for (const end of ends?.kind === 'sequence' ? ends.items.map(({ value }) => value) : [ends]) {
        const [pods, namespaces] = [entryOf(end, 'pods'), entryOf(end, 'namespaceLabels')];
        const namespace = stringOf(valueAt(end, 'namespace')) ?? (namespaces === undefined ? everywhere : undefined);
        if (pods !== undefined)
          yield labelMap(pods, 'pods', 'asked', namespace === undefined ? 'any' : namespaceOfName(namespace));
        if (namespaces !== undefined) yield labelMap(namespaces, 'namespaces', 'asked', 'any');
      }
    }
  }
}

/** Selectors of Kubernetes by the names of their fields, and the labels of pod templates. */
function* inObject(node: YamlNode | undefined, path: YamlPath): Generator<LabelSite> {
  if (node?.kind === 'sequence') for (const { value } of node.items) yield* inObject(value, [...path, 0]);
  if (node?.kind !== 'map') return;
  const namespaces = entryOf(node, 'namespaceSelector');
  for (const entry of node.entries) {
    if (entry.duplicate) continue;
    const key = keyText(entry);
    if (key === 'podSelector' || key === 'labelSelector') {
      const anywhere = entryOf(node, 'namespaces') !== undefined;
      const chosen = namespaces === undefined ? undefined : readLabelSelector(namespaces.value, keySpan(namespaces));
      yield asked(entry, 'pods', anywhere || chosen?.uncertain === true ? 'any' : (chosen?.selector ?? 'own'));
    } else if (key === 'namespaceSelector') yield asked(entry, 'namespaces', 'any');
    else if (key === 'namespaces' && isLabelSelector(entry.value)) yield asked(entry, 'namespaces', 'any');
    else if (key === 'labels' && path.at(-1) === 'metadata' && path.at(-2) === 'template') yield given(entry, 'pods');
    // Templates of claims ask for labels of volumes.
    else if (key !== 'volumeClaimTemplates') yield* inObject(entry.value, [...path, key]);
  }
}

function isLabelSelector(node: YamlNode): boolean {
  return entryOf(node, 'matchLabels') !== undefined || entryOf(node, 'matchExpressions') !== undefined;
}

function given(entry: YamlEntry, of: LabelsOf): LabelSite {
  return labelMap(entry, of, 'given', 'own');
}

function labelMap(entry: YamlEntry, of: LabelsOf, role: LabelSite['role'], reach: LabelSite['reach']): LabelSite {
  const labels = [...pairsIn(entry.value, role, () => ({ of, start: 0 }))];
  const site = { of, role, at: keySpan(entry), range: entry.range, reach, maps: mapsIn(entry.value), labels };
  if (role === 'given') return site;
  const terms = labels.map(({ key, values }) => ({ op: 'In', key: key.text, values: values.map(textOf) }) as const);
  return { ...site, selector: { op: 'And', terms } };
}

function textOf({ text }: ScalarPart): string {
  return text;
}

function asked(entry: YamlEntry, of: LabelsOf, reach: LabelSite['reach']): LabelSite {
  const at = keySpan(entry);
  const site = selectorSite(of, at, entry.range, entry.value, reach, () => ({ of, start: 0 }));
  const { selector, uncertain } = readLabelSelector(entry.value, at);
  return uncertain ? site : { ...site, selector };
}

function selectorSite(
  of: LabelsOf,
  at: Span,
  range: TextRange,
  node: YamlNode,
  reach: LabelSite['reach'],
  meaning: KeyMeaning,
): LabelSite {
  const maps = [...mapsIn(node), ...mapsIn(valueAt(node, 'matchLabels'))];
  return { of, role: 'asked', at, range, reach, maps, labels: [...requirements(node, meaning)] };
}

/** What a key of a selector asks for, and where in the key the label's own begins; undefined where it is no label. */
type KeyMeaning = (key: string) => { readonly of: LabelsOf; readonly start: number } | undefined;

function* pairsIn(node: YamlNode | undefined, role: LabelUse['role'], meaning: KeyMeaning): Generator<LabelUse> {
  if (node?.kind !== 'map') return;
  for (const { key, value } of node.entries) {
    const meant = key.opaque ? undefined : meaning(String(key.value));
    const text = isNull(value) ? '' : stringOf(value);
    if (meant === undefined || text === undefined || value.kind !== 'scalar') continue;
    const values = [partOfScalar(value, 'value')];
    yield { of: meant.of, role, key: partOfScalar(key, 'key', meant.start), values, partial: undefined };
  }
}

function mapsIn(node: YamlNode | undefined): readonly YamlMap[] {
  return node?.kind === 'map' ? [node] : [];
}

/** The requirements of a LabelSelector, also of one that is half written. */
function* requirements(node: YamlNode, meaning: KeyMeaning): Generator<LabelUse> {
  yield* pairsIn(valueAt(node, 'matchLabels'), 'asked', meaning);
  const list = valueAt(node, 'matchExpressions');
  for (const { value } of list?.kind === 'sequence' ? list.items : []) {
    const key = valueAt(value, 'key');
    const text = stringOf(key);
    const meant = text === undefined ? undefined : meaning(text);
    if (key?.kind !== 'scalar' || meant === undefined) continue;
    const listed = valueAt(value, 'values');
    const values = (listed?.kind === 'sequence' ? listed.items : []).flatMap((item) =>
      item.value.kind === 'scalar' && stringOf(item.value) !== undefined ? [partOfScalar(item.value, 'value')] : [],
    );
    yield { of: meant.of, role: 'asked', key: partOfScalar(key, 'value', meant.start), values, partial: undefined };
  }
}

const ciliumLists: ReadonlySet<string> = new Set(['fromEndpoints', 'toEndpoints', 'fromRequires', 'toRequires']);

function* inCilium(node: YamlNode | undefined, clusterWide: boolean): Generator<LabelSite> {
  if (node?.kind === 'sequence') for (const { value } of node.items) yield* inCilium(value, clusterWide);
  if (node?.kind !== 'map') return;
  for (const entry of node.entries) {
    if (entry.duplicate) continue;
    const key = keyText(entry);
    if (key === 'endpointSelector') yield endpoints(entry.value, keySpan(entry), entry.range, clusterWide);
    else if (ciliumLists.has(key) && entry.value.kind === 'sequence') {
      for (const item of entry.value.items) yield endpoints(item.value, dash(item), item.range, clusterWide);
    } else if (key === 'k8sServiceSelector') {
      const selector = entryOf(entry.value, 'selector');
      if (selector !== undefined) yield asked(selector, 'services', 'any');
    } else yield* inCilium(entry.value, clusterWide);
  }
}

function endpoints(node: YamlNode, at: Span, range: TextRange, clusterWide: boolean): LabelSite {
  const read = readEndpointSelector(node, at);
  const chosen = read.uncertain ? 'any' : namespacesOf(read)?.selector;
  return selectorSite('pods', at, range, node, chosen ?? (clusterWide ? 'any' : 'own'), ciliumKey);
}

function ciliumKey(written: string): ReturnType<KeyMeaning> {
  const { source, key } = splitKey(written);
  const from = written.length - key.length;
  if (source !== undefined && source !== 'any' && source !== 'k8s') return undefined;
  if (key.startsWith(namespaceLabels)) {
    return { of: 'namespaces', start: from + namespaceLabels.length };
  }
  return /^io\.(?:kubernetes|cilium)\./.test(key) ? undefined : { of: 'pods', start: from };
}

const calicoSelectors: ReadonlySet<string> = new Set(['selector', 'notSelector', 'namespaceSelector']);

function* inCalico(node: YamlNode | undefined, global: boolean): Generator<LabelSite> {
  if (node?.kind === 'sequence') for (const { value } of node.items) yield* inCalico(value, global);
  if (node?.kind !== 'map') return;
  const namespaces = entryOf(node, 'namespaceSelector');
  for (const entry of node.entries) {
    if (entry.duplicate) continue;
    const key = keyText(entry);
    if (calicoSelectors.has(key)) {
      const of = key === 'namespaceSelector' ? 'namespaces' : 'pods';
      const chosen =
        namespaces === undefined || of === 'namespaces' ? undefined : readSelector(namespaces, 'namespaces');
      const confined = chosen === undefined || chosen.uncertain ? undefined : chosen.selector;
      const unconfined = global || namespaces !== undefined || key === 'notSelector';
      yield expression(entry, of, confined ?? (unconfined ? 'any' : 'own'));
    } else if (key !== 'serviceAccounts') yield* inCalico(entry.value, global);
  }
}

function expression(entry: YamlEntry, of: LabelsOf, reach: LabelSite['reach']): LabelSite {
  const text = stringOf(entry.value);
  const node = text === undefined ? undefined : parseSelector(text).node;
  const labels = entry.value.kind === 'scalar' && node !== undefined ? [...words(node, placesIn(entry.value), of)] : [];
  return { of, role: 'asked', at: keySpan(entry), range: entry.range, reach, maps: [], labels };
}

function* words(node: SelectorNode, place: (range: TextRange) => Span, of: LabelsOf): Generator<LabelUse> {
  if (node.kind === 'not') yield* words(node.term, place, of);
  if (node.kind === 'and' || node.kind === 'or') for (const term of node.terms) yield* words(term, place, of);
  if (!('label' in node)) return;
  const { label } = node;
  if (label.text.startsWith('projectcalico.org/') || label.text.startsWith('pcsa.')) return;
  const skipped = label.text.startsWith('pcns.') ? 'pcns.'.length : 0;
  const key = partAt(label.text.slice(skipped), place({ start: label.range.start + skipped, end: label.range.end }));
  const values = node.kind === 'compare' ? [node.value] : node.kind === 'has' ? [] : node.values;
  const operator = node.kind === 'compare' ? node.operator : '==';
  yield {
    of: skipped > 0 ? 'namespaces' : of,
    role: 'asked',
    key,
    values: values.map((value) => partAt(value.text, place(value.range))),
    partial: operator === '==' || operator === '!=' ? undefined : operator,
  };
}
