import { workloadNames } from '../engine/describe.js';
import type { RequirementSource, SelectorSource } from '../model/peer.js';
import { asksForFacts } from '../model/pod-facts.js';
import { count, printSelector } from '../model/print.js';
import { allOfThem, fingerprint, matches, type Selector, sameSelector } from '../model/selector.js';
import type { Place, Workload } from '../model/workload.js';
import type { YamlNode } from '../text/tree.js';
import type { NamespaceRef, Placed, Scope } from '../workspace/scope.js';
import { type Labelled, placeOfFault, requirementAtFault, type Suggestion, suggestLabel } from './did-you-mean.js';
import type { Finding, Severity } from './rule.js';
import { labelFix } from './selector-fix.js';
import { isSetByControllers } from './well-known.js';

/** A pod selector that surely matches none of the workloads that are known where it looks. */
export interface Unmatched {
  readonly scope: Scope;
  readonly selector: Selector;
  readonly source: SelectorSource;
  /** YAML that holds the selector. */
  readonly node: YamlNode;
  /** The workloads of the namespaces the selector looks in. */
  readonly workloads: readonly Placed<Workload>[];
  /** The namespace to leave out of names. */
  readonly own: NamespaceRef;
}

/** What may be said of it: how sure that it is a slip, and what was likely meant. */
export interface Judgement {
  readonly severity: Severity;
  readonly at: Place;
  readonly suggestion: Suggestion | undefined;
  /** Workloads elsewhere in the scope that match. */
  readonly elsewhere: readonly Placed<Workload>[];
}

/**
 * Judges an unmatched selector; undefined where nothing should be said: the manifests do not show the labels that decide
 * (those that controllers set, and those that a kustomization may add unseen), or nothing speaks of a slip in a selector that
 * excludes pods, or in a namespace that the manifests leave open.
 */
export function judge(unmatched: Unmatched): Judgement | undefined {
  const { source, scope, workloads, selector } = unmatched;
  // What asks for more than labels, or for one thing or the other, cannot be put down to one label.
  if (asksForFacts(selector)) return undefined;
  if (!sameSelector(allOfThem(source.requirements.map((each) => each.selector)), selector)) return undefined;
  const candidates = workloads.map(labelled);
  const suggestion = suggestLabel(source.requirements, candidates);
  const elsewhere = matchingElsewhere(unmatched);
  const unseen = source.requirements.filter(({ key }) => !scope.workloads.some(({ value }) => value.labels.has(key)));
  const fault = suggestion?.requirement ?? requirementAtFault(source.requirements, candidates);
  if (suggestion === undefined) {
    if (unmatched.own.name === undefined || unseen.some(({ key }) => isSetByControllers(key))) return undefined;
    if (excludes(fault ?? source.requirements)) return undefined;
    // What is not evaluated may add labels to everything that a kustomization builds.
    if (scope.incomplete && unseen.length > 0) return undefined;
  }
  const at =
    suggestion !== undefined
      ? faultyPart(suggestion)
      : fault === undefined
        ? source.at
        : placeOfFault(fault, candidates);
  const slip = suggestion !== undefined && elsewhere.length === 0 && !isUsed(unmatched, suggestion.requirement);
  return { severity: slip ? 'warning' : 'info', at, suggestion, elsewhere };
}

/** Severity, place, related lines and fix of a finding; the words are the rule's own. */
export function unmatchedFinding(unmatched: Unmatched, judgement: Judgement, message: string): Finding {
  const { suggestion, elsewhere, severity, at } = judgement;
  const related =
    suggestion !== undefined
      ? suggestion.matched.slice(0, 3).map((each) => ({
          at: each.placeOf(suggestion.key),
          message: `${each.name} has ${suggestion.key}=${suggestion.value}`,
        }))
      : elsewhere.slice(0, 3).map((each) => ({
          at: each.value.at,
          message: `${each.value.kind} ${each.value.name} in ${each.namespace.name ?? 'another folder'} matches`,
        }));
  return {
    at,
    severity,
    message,
    related,
    ...(suggestion === undefined
      ? {}
      : { fixes: [labelFix(unmatched.node, suggestion, severity === 'warning' ? 'likely' : 'possible')] }),
  };
}

/** "Did you mean app=api (Pod api)?", then what matches elsewhere and what to do about it; advice in any case. */
export function adviceOn(unmatched: Unmatched, { suggestion, elsewhere }: Judgement, ifElsewhere: string): string {
  const near =
    suggestion === undefined ? '' : `Did you mean ${suggestion.key}=${suggestion.value} (${carriers(suggestion)})?`;
  const other = elsewhere.length === 0 ? '' : `${workloadNames(elsewhere, unmatched.own)} would match: ${ifElsewhere}`;
  const advice = [near, other].filter((text) => text !== '').join(' ');
  return advice === '' ? 'Check the labels, unless these pods come from somewhere else.' : advice;
}

/** "none of the 3 workloads known in shop (api, db and web) matches app=wbe". */
export function noneMatches(unmatched: Unmatched, judgement: Judgement, where: string): string {
  const { workloads, own } = unmatched;
  const names = workloadNames(workloads, own);
  const condition = whatNothingHas(unmatched, judgement);
  return workloads.length === 1
    ? `the one workload known ${where} (${names}) does not match ${condition}`
    : `none of the ${count(workloads.length, 'workload')} known ${where} (${names}) matches ${condition}`;
}

/** The label that nothing has, or the whole selector where no one label is to blame. */
function whatNothingHas({ source, selector }: Unmatched, { suggestion }: Judgement): string {
  const one = suggestion?.requirement;
  if (one === undefined || source.requirements.length === 1) return inQuotes(selector);
  const others = source.requirements.filter((each) => each !== one).map((each) => printSelector(each.selector));
  return `${inQuotes(one.selector)} together with ${others.join(' and ')}`;
}

/** Labels as they are, conditions in quotes, so that they can be told from the sentence around them. */
export function inQuotes(selector: Selector): string {
  const plain = selector.op === 'In' || (selector.op === 'And' && selector.terms.every(({ op }) => op === 'In'));
  return plain ? printSelector(selector) : `"${printSelector(selector)}"`;
}

/** All of them say what pods must not have: such a selector is about pods yet to come. */
function excludes(fault: RequirementSource | readonly RequirementSource[]): boolean {
  const all = 'selector' in fault ? [fault] : fault;
  return all.every(({ selector }) => selector.op === 'NotIn' || selector.op === 'DoesNotExist');
}

function carriers({ matched }: Suggestion): string {
  const names = [...new Set(matched.map(({ name }) => name))];
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

export function labelled(workload: Placed<Workload>): Labelled {
  const { value } = workload;
  return {
    name: `${value.kind} ${value.name}`,
    labels: value.labels,
    placeOf: (key) => value.labelPlaces.get(key) ?? value.at,
  };
}

export function faultyPart({ requirement, part, valueIndex }: Suggestion): Place {
  const value = requirement.values[valueIndex]?.at;
  return part === 'value' && value !== undefined ? value : requirement.keyAt;
}

function matchingElsewhere({ scope, selector, workloads }: Unmatched): readonly Placed<Workload>[] {
  const here = new Set(workloads.map(({ namespace }) => namespace.key));
  return matchingAnywhere(scope.workloads, selector).filter(({ namespace }) => !here.has(namespace.key));
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const anywhere = new WeakMap<readonly Placed<Workload>[], Map<string, readonly Placed<Workload>[]>>();

/** Policies of many namespaces ask for the same pods, such as those of the monitoring. */
export function matchingAnywhere(
  workloads: readonly Placed<Workload>[],
  selector: Selector,
): readonly Placed<Workload>[] {
  const bySelector = anywhere.get(workloads) ?? new Map<string, readonly Placed<Workload>[]>();
  anywhere.set(workloads, bySelector);
  const key = fingerprint(selector);
  const found =
    bySelector.get(key) ??
    candidates(workloads, selector).filter(({ value }) => !value.hostNetwork && matches(selector, value.labels));
  bySelector.set(key, found);
  return found;
}

/** Those with one of the labels that a selector asks for, where it asks for one label's one value; else all. */
function candidates(workloads: readonly Placed<Workload>[], selector: Selector): readonly Placed<Workload>[] {
  const [first = selector] = selector.op === 'And' ? selector.terms : [];
  if (first.op !== 'In' || first.values.length !== 1) return workloads;
  return (
    labelIndex(workloads)
      .get(first.key)
      ?.get(first.values[0] ?? '') ?? []
  );
}

type LabelIndex = ReadonlyMap<string, ReadonlyMap<string, readonly Placed<Workload>[]>>;

const indexes = new WeakMap<readonly Placed<Workload>[], LabelIndex>();

function labelIndex(workloads: readonly Placed<Workload>[]): LabelIndex {
  const known = indexes.get(workloads);
  if (known !== undefined) return known;
  const index = new Map<string, Map<string, Placed<Workload>[]>>();
  for (const workload of workloads) {
    for (const [key, value] of workload.value.labels) {
      const byValue = index.get(key) ?? new Map<string, Placed<Workload>[]>();
      index.set(key, byValue);
      const list = byValue.get(value);
      if (list === undefined) byValue.set(value, [workload]);
      else list.push(workload);
    }
  }
  indexes.set(workloads, index);
  return index;
}

/** The same label is asked for by a Service of the same namespaces: its pods exist, only not in these manifests. */
function isUsed({ scope, workloads }: Unmatched, { key, values }: RequirementSource): boolean {
  const namespaces = new Set(workloads.map(({ namespace }) => namespace.key));
  return [...namespaces].some((each) =>
    scope.namespaces
      .get(each)
      ?.services.some(({ value }) => values.some((asked) => value.selector?.get(key) === asked.value)),
  );
}
