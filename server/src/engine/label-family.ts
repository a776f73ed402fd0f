import type { Policy } from '../model/policy.js';
import type { Labels } from '../model/selector.js';
import type { Place, Workload } from '../model/workload.js';
import type { SourceFile } from '../text/file.js';
import { type DocumentRef, stringOf, valueAt } from '../text/tree.js';
import { writtenOf } from '../workspace/kustomize/step.js';
import { clusterWide, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import { isTestFile, readTests } from '../workspace/test-file.js';
import type { Workspace } from '../workspace/workspace.js';
import { type LabelSite, type LabelsOf, type LabelUse, labelSites, labelSitesIn, testSites } from './label-sites.js';
import { namespaceSelected } from './matching.js';
import { scopesTested } from './test-runs.js';

/** A label: its key with any value, or with one. */
export interface Label {
  readonly of: LabelsOf;
  readonly key: string;
  readonly value: string | undefined;
}

/** The namespaces that a use is about: every one, or those of these keys. */
type Reach = 'any' | ReadonlySet<string>;

/** A use of a label in a scope. */
export interface ScopeUse {
  readonly use: LabelUse;
  readonly site: LabelSite;
  readonly reach: Reach;
}

/** All that means one label, and where in each scope it does. */
export interface LabelFamily {
  readonly uses: readonly LabelUse[];
  readonly reaches: ReadonlyMap<Scope, Reach>;
}

/**
 * The uses of a label that mean the same as the one at `start`: the objects that have it and the selectors that ask them
 * for it, and so on from those. The same word in namespaces that no selector joins with these is another label. A file of
 * several scopes joins them.
 */
export function familyOf(workspace: Workspace, label: Label, start: Place, scopes: readonly Scope[]): LabelFamily {
  const found = new Places<LabelUse>();
  const reaches = new Map<Scope, Reach>();
  const all = new Map<Scope, readonly ScopeUse[]>();
  const waiting = new Set(scopes);
  const isStart = ({ at: { document, range } }: LabelUse['key']) =>
    document === start.document && range.start === start.range.start;
  for (const scope of waiting) {
    waiting.delete(scope);
    const uses = all.get(scope) ?? usesIn(workspace, scope, label, (use) => means(use, label));
    all.set(scope, uses);
    const seeds = uses.filter(({ use }) => isStart(use.key) || found.has(use.key.at));
    const reach = grown(uses, seeds);
    reaches.set(scope, reach);
    for (const { use, reach: own } of uses) {
      if (found.has(use.key.at) || !meets(own, reach)) continue;
      found.add(use.key.at, use);
      const { uri } = use.key.at.document;
      for (const other of [...workspace.index.scopesOf(uri), ...workspace.index.scopesWith(uri)])
        if (other !== scope) waiting.add(other);
    }
  }
  return { uses: found.values(), reaches };
}

/** The uses of another label that the family would meet, if it were called that. */
export function metBy(workspace: Workspace, family: LabelFamily, label: Label): readonly LabelUse[] {
  return within(workspace, family, label, (use) => means(use, label));
}

/** Selectors of the family's namespaces that ask for a part of the label's value. */
export function partialUses(workspace: Workspace, family: LabelFamily, { of, key }: Label): readonly LabelUse[] {
  const any = { of, key, value: undefined };
  return within(workspace, family, any, (use) => use.partial !== undefined && means(use, any), canAskForParts);
}

function within(
  workspace: Workspace,
  { reaches }: LabelFamily,
  label: Label,
  isWanted: (use: LabelUse) => boolean,
  mayHold?: (policy: Placed<Policy>) => boolean,
): readonly LabelUse[] {
  return [...reaches].flatMap(([scope, reach]) =>
    usesIn(workspace, scope, label, isWanted, mayHold).flatMap(({ use, reach: own }) =>
      meets(own, reach) ? [use] : [],
    ),
  );
}

/** Only the language of Calico has such conditions. */
function canAskForParts({ value }: Placed<Policy>): boolean {
  return value.family === 'calico' && /\b(?:contains|with)\b/.test(value.at.document.text);
}

function means({ of, key, values, partial }: LabelUse, label: Label): boolean {
  if (of !== label.of || key.text !== label.key) return false;
  return label.value === undefined || (partial === undefined && values.some(({ text }) => text === label.value));
}

function meets(a: Reach, b: Reach): boolean {
  if (a === 'any' || b === 'any') return a === 'any' ? b === 'any' || b.size > 0 : a.size > 0;
  for (const key of a) if (b.has(key)) return true;
  return false;
}

/** The namespaces of some uses, and of all that these lead to. */
function grown(uses: readonly ScopeUse[], seeds: readonly ScopeUse[]): Reach {
  let reach: Reach = new Set<string>();
  let left = uses.filter((use) => !seeds.includes(use));
  for (let next = seeds; next.length > 0; next = left.filter((use) => meets(use.reach, reach))) {
    for (const use of next) {
      if (use.reach === 'any') return 'any';
      reach = new Set([...reach, ...use.reach]);
    }
    left = left.filter((use) => !next.includes(use));
  }
  return reach;
}

/** The selectors and labels of a scope in which a label may be; what surely has no part in it is not read. */
function usesIn(
  workspace: Workspace,
  scope: Scope,
  label: Label,
  isWanted: (use: LabelUse) => boolean,
  /** Where only policies are looked at, which ones. */
  onlyPolicies?: (policy: Placed<Policy>) => boolean,
): readonly ScopeUse[] {
  const found: ScopeUse[] = [];
  const add = (sites: Iterable<LabelSite>, namespace: NamespaceRef) => {
    for (const site of sites) {
      for (const use of site.labels) {
        if (use.key.text === label.key && isWanted(use))
          found.push({ use, site, reach: reachOf(scope, site, use, namespace) });
      }
    }
  };
  const look = ({ resource, namespace }: Placed<unknown>) => {
    const written = writtenOf(resource);
    add(labelSites(resource), namespace);
    if (written !== resource) add(labelSites(written), namespace);
  };
  const has = (labels: Labels | undefined) => {
    const given = labels?.get(label.key);
    return given !== undefined && (label.value === undefined || label.value === given);
  };
  for (const policy of policiesWith(scope.policies, wordOf(label.key, label.value)))
    if (onlyPolicies?.(policy) !== false) look(policy);
  if (onlyPolicies !== undefined) return found;
  if (label.of === 'namespaces') {
    for (const each of scope.declaredNamespaces) if (isMade(each) || has(each.value.labels)) look(each);
  } else {
    for (const { services } of scope.namespaces.values()) {
      for (const each of services) {
        const labels = label.of === 'services' ? each.value.labels : each.value.selector;
        if (isMade(each) || has(labels) || (labels === undefined && mentions(each.value.at.document, label)))
          look(each);
      }
    }
  }
  const { given, others } = workloadsBy(scope.workloads);
  if (label.of === 'pods') for (const each of given.get(wordOf(label.key, label.value)) ?? []) look(each);
  for (const each of others) {
    const told = label.of === 'pods' && has(each.value.labels);
    if (!told && (isMade(each) || mentions(each.value.at.document, label))) look(each);
  }
  if (label.of === 'pods') for (const each of scope.addressSets) if (has(each.value.labels)) look(each);
  for (const each of scope.monitors) if (mentions(each.value.at.document, label)) look(each);
  for (const file of workspace.files.values()) {
    if (file.uri.includes('.netpol-test.') && isTestFile(file.uri)) {
      for (const { document } of file.documents) {
        const tested = mentions(document, label) ? scopesTested(workspace, readTests(document)) : { scopes: [] };
        if ('scopes' in tested && tested.scopes.includes(scope)) add(testSites(document.root), clusterWide);
      }
    } else if (label.of === 'pods' && hasBudget(file) && workspace.index.scopesOf(file.uri).includes(scope)) {
      for (const { document } of file.documents) {
        if (document.root?.kind !== 'map' || stringOf(valueAt(document.root, 'kind')) !== budget) continue;
        const name = stringOf(valueAt(valueAt(document.root, 'metadata'), 'namespace'));
        const namespace = [...scope.namespaces.values()].find(({ ref }) => ref.name === name)?.ref ?? clusterWide;
        add(labelSitesIn(budget, 'policy/v1', document.root), namespace);
      }
    }
  }
  return found;
}

/** A kind that chooses pods by labels, and that no policy needs to be read. */
const budget = 'PodDisruptionBudget';

/** Made by an overlay: what it says stands in several documents. */
function isMade({ resource }: Placed<unknown>): boolean {
  return writtenOf(resource) !== resource;
}

/** False means that the label surely is not in the text. */
function mentions({ text }: DocumentRef, { key, value }: Label): boolean {
  return text.includes(key) && (value === undefined || text.includes(value));
}

/** A label as one word: no key holds a blank. */
function wordOf(key: string, value: string | undefined): string {
  return value === undefined ? key : `${key} ${value}`;
}

/** The policies whose selectors ask for a label. */
function policiesWith(policies: Scope['policies'], key: string): Scope['policies'] {
  const known = policiesByKey.get(policies) ?? new Map<string, Placed<Policy>[]>();
  if (known.size === 0) {
    for (const policy of policies) {
      const written = writtenOf(policy.resource);
      const sites = [...labelSites(policy.resource), ...(written === policy.resource ? [] : labelSites(written))];
      const words = sites.flatMap(({ labels }) =>
        labels.flatMap(({ key, values }) => [key.text, ...values.map(({ text }) => wordOf(key.text, text))]),
      );
      for (const each of new Set(words)) add(known, each, policy);
    }
    policiesByKey.set(policies, known);
  }
  return known.get(key) ?? [];
}

interface WorkloadsBy {
  /** By their labels, and by the keys of these. */
  readonly given: ReadonlyMap<string, Scope['workloads']>;
  /** Those that may speak of labels elsewhere: of affinity, in a template, by an overlay. */
  readonly others: Scope['workloads'];
}

function workloadsBy(workloads: Scope['workloads']): WorkloadsBy {
  const known = workloadsByKey.get(workloads);
  if (known !== undefined) return known;
  const given = new Map<string, Placed<Workload>[]>();
  const others: Placed<Workload>[] = [];
  for (const each of workloads) {
    const { labels, openLabels, at } = each.value;
    for (const [key, value] of labels) for (const word of [key, wordOf(key, value)]) add(given, word, each);
    if (openLabels || isMade(each) || at.document.text.includes('labelSelector')) others.push(each);
  }
  const found = { given, others };
  workloadsByKey.set(workloads, found);
  return found;
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** Pure functions' memories: a scope's lists never change, and a new one takes the place of an old one. */
const policiesByKey = new WeakMap<Scope['policies'], Map<string, Placed<Policy>[]>>();
const workloadsByKey = new WeakMap<Scope['workloads'], WorkloadsBy>();

function hasBudget(file: SourceFile): boolean {
  const known = budgets.get(file) ?? file.text.includes(budget);
  budgets.set(file, known);
  return known;
}

const budgets = new WeakMap<SourceFile, boolean>();

/** Which namespaces' objects a use is about, as far as that can be told. */
function reachOf(scope: Scope, site: LabelSite, use: LabelUse, own: NamespaceRef): Reach {
  if (use.of === 'namespaces' || site.reach === 'any') return 'any';
  if (site.reach === 'own') return own.name === undefined ? 'any' : new Set([own.key]);
  const keys = new Set<string>();
  for (const { ref } of scope.namespaces.values()) {
    if (namespaceSelected(scope, site.reach, ref) === 'no') continue;
    // It may turn out to be any of them.
    if (ref.name === undefined) return 'any';
    keys.add(ref.key);
  }
  return keys;
}

/** Things by their places in documents. */
class Places<T> {
  readonly #found = new Map<unknown, Map<number, T>>();

  has({ document, range }: Place): boolean {
    return this.#found.get(document)?.has(range.start) === true;
  }

  add({ document, range }: Place, thing: T): void {
    const known = this.#found.get(document) ?? new Map<number, T>();
    this.#found.set(document, known.set(range.start, thing));
  }

  values(): readonly T[] {
    return [...this.#found.values()].flatMap((each) => [...each.values()]);
  }
}
