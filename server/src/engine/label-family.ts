import type { Policy } from '../model/policy.js';
import type { Labels } from '../model/selector.js';
import type { Place } from '../model/workload.js';
import type { SourceFile } from '../text/file.js';
import { type DocumentRef, stringOf, valueAt } from '../text/tree.js';
import { writtenOf } from '../workspace/kustomize/step.js';
import { clusterWide, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import { isTestFile, readTests } from '../workspace/test-file.js';
import type { Workspace } from '../workspace/workspace.js';
import { type LabelSite, type LabelsOf, type LabelUse, labelSites, labelSitesIn, testSites } from './label-sites.js';
import { namespaceSelected } from './matching.js';
import type { Steps } from './steps.js';
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
export function* familyOf(
  workspace: Workspace,
  label: Label,
  start: Place,
  scopes: readonly Scope[],
): Steps<LabelFamily> {
  const found = new Places<LabelUse>();
  const reaches = new Map<Scope, Reach>();
  const all = new Map<Scope, readonly ScopeUse[]>();
  const waiting = new Set(scopes);
  const isStart = ({ at: { document, range } }: LabelUse['key']) =>
    document === start.document && range.start === start.range.start;
  for (const scope of waiting) {
    waiting.delete(scope);
    const uses = all.get(scope) ?? (yield* usesIn(workspace, scope, label, (use) => means(use, label)));
    yield;
    all.set(scope, uses);
    const seeds = uses.filter(({ use }) => isStart(use.key) || found.has(use.key.at));
    const reach = grown(uses, seeds);
    yield;
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
export function metBy(workspace: Workspace, family: LabelFamily, label: Label): Steps<readonly LabelUse[]> {
  return within(workspace, family, label, (use) => means(use, label));
}

/** Selectors of the family's namespaces that ask for a part of the label's value. */
export function partialUses(workspace: Workspace, family: LabelFamily, { of, key }: Label): Steps<readonly LabelUse[]> {
  const any = { of, key, value: undefined };
  return within(workspace, family, any, (use) => use.partial !== undefined && means(use, any), canAskForParts);
}

function* within(
  workspace: Workspace,
  { reaches }: LabelFamily,
  label: Label,
  isWanted: (use: LabelUse) => boolean,
  mayHold?: (policy: Placed<Policy>) => boolean,
): Steps<readonly LabelUse[]> {
  const found: LabelUse[] = [];
  for (const [scope, reach] of reaches) {
    for (const { use, reach: own } of yield* usesIn(workspace, scope, label, isWanted, mayHold))
      if (meets(own, reach)) found.push(use);
  }
  return found;
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

/** How many objects are looked at in one step. */
const atOnce = 50;

/** The selectors and labels of a scope in which a label may be; what surely has no part in it is not read. */
function* usesIn(
  workspace: Workspace,
  scope: Scope,
  label: Label,
  isWanted: (use: LabelUse) => boolean,
  /** Where only policies are looked at, which ones. */
  onlyPolicies?: (policy: Placed<Policy>) => boolean,
): Steps<readonly ScopeUse[]> {
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
  const word = wordOf(label.key, label.value);
  for (const [index, policy] of scope.policies.entries()) {
    if (index % atOnce === atOnce - 1) yield;
    if (wordsOf(policy).has(word) && onlyPolicies?.(policy) !== false) look(policy);
  }
  if (onlyPolicies !== undefined) return found;
  yield;
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
  yield;
  for (const [index, each] of scope.workloads.entries()) {
    if (index % atOnce === atOnce - 1) yield;
    const { labels, openLabels, at } = each.value;
    if (label.of === 'pods' && has(labels)) look(each);
    if (!openLabels && !isMade(each) && !mentionsSelectors(at.document)) continue;
    const told = label.of === 'pods' && has(labels);
    if (!told && (isMade(each) || mentions(each.value.at.document, label))) look(each);
  }
  if (label.of === 'pods') for (const each of scope.addressSets) if (has(each.value.labels)) look(each);
  for (const each of scope.monitors) if (mentions(each.value.at.document, label)) look(each);
  yield;
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

/** The labels that a policy asks for, and their keys. */
function wordsOf(policy: Placed<Policy>): ReadonlySet<string> {
  const known = policyWords.get(policy);
  if (known !== undefined) return known;
  const written = writtenOf(policy.resource);
  const found = new Set<string>();
  for (const resource of written === policy.resource ? [written] : [policy.resource, written]) {
    for (const { labels } of labelSites(resource)) {
      for (const { key, values } of labels) {
        found.add(key.text);
        for (const { text } of values) found.add(wordOf(key.text, text));
      }
    }
  }
  policyWords.set(policy, found);
  return found;
}

/** What a workload may say of labels elsewhere: its affinity. */
function mentionsSelectors(document: DocumentRef): boolean {
  const known = selecting.get(document) ?? document.text.includes('labelSelector');
  selecting.set(document, known);
  return known;
}

/** Pure functions' memories: a scope's lists and objects never change, and new ones take the place of old ones. */
const policyWords = new WeakMap<Placed<Policy>, ReadonlySet<string>>();
const selecting = new WeakMap<DocumentRef, boolean>();

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
