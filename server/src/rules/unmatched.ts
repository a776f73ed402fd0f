import { workloadNames } from '../engine/describe.js';
import type { RequirementSource, SelectorSource } from '../model/peer.js';
import { printSelector } from '../model/print.js';
import { matches, type Selector } from '../model/selector.js';
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
  /** The LabelSelector in the text. */
  readonly node: YamlNode | undefined;
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
 * Judges an unmatched selector; undefined where nothing should be said, since labels that manifests do not show decide:
 * those that controllers set, and those that a kustomization adds.
 */
export function judge(unmatched: Unmatched): Judgement | undefined {
  const { source, scope, workloads } = unmatched;
  const candidates = workloads.map(labelled);
  const suggestion = suggestLabel(source.requirements, candidates);
  const elsewhere = matchingElsewhere(unmatched);
  const unseen = source.requirements.filter(({ key }) => !scope.workloads.some(({ value }) => value.labels.has(key)));
  const fault = suggestion?.requirement ?? requirementAtFault(source.requirements, candidates);
  if (suggestion === undefined) {
    if (unseen.some(({ key }) => isSetByControllers(key))) return undefined;
    // A kustomization may add labels to everything it builds.
    if (scope.kind === 'kustomization' && unseen.length > 0) return undefined;
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
    ...(suggestion === undefined ? {} : { fixes: [labelFix(unmatched.node, suggestion)] }),
  };
}

/** "Did you mean app=api (workload api)?", "Workload staging/api matches: ..."; '' when nothing is near. */
export function hints(unmatched: Unmatched, { suggestion, elsewhere }: Judgement): string {
  const near =
    suggestion === undefined ? '' : `Did you mean ${suggestion.key}=${suggestion.value} (${carriers(suggestion)})?`;
  const other =
    elsewhere.length === 0 ? '' : `${workloadNames(elsewhere, unmatched.own)} would match: is the namespace right?`;
  return [near, other].filter((text) => text !== '').join(' ');
}

/** The label that nothing has, or the whole selector where no one label is to blame. */
export function whatNothingHas({ source, selector }: Unmatched, { suggestion }: Judgement): string {
  const one = suggestion?.requirement;
  if (one === undefined || source.requirements.length === 1) return printSelector(selector);
  const others = source.requirements.filter((each) => each !== one).map((each) => printSelector(each.selector));
  return `${printSelector(one.selector)} together with ${others.join(' and ')}`;
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
  return scope.workloads.filter(
    ({ namespace, value }) => !here.has(namespace.key) && !value.hostNetwork && matches(selector, value.labels),
  );
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
