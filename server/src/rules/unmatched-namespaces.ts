import { namespaceSelected } from '../engine/matching.js';
import type { PodPeer } from '../model/peer.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { Rule } from '../model/policy.js';
import { count, list } from '../model/print.js';
import { isEverything, matches, type Selector } from '../model/selector.js';
import type { Scope } from '../workspace/scope.js';
import { type Labelled, placeOfFault, requirementAtFault, suggestLabel } from './did-you-mean.js';
import { nameLabelOf } from './namespace-names.js';
import type { Finding, PolicyContext } from './rule.js';
import { labelFix } from './selector-fix.js';
import { faultyPart, inQuotes } from './unmatched.js';
import { isClusterNamespace, isSetByControllers } from './well-known.js';

/**
 * A namespaceSelector that matches no namespace, as far as that can be known; undefined for all others. A name that nothing
 * knows is the matter of namespace-unknown, a name in another label that of namespace-by-custom-label.
 */
export function unmatchedNamespaces(context: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  if (peer.namespaces.own || peer.namespaceSource === undefined || isEverything(peer.namespaces.selector)) {
    return undefined;
  }
  return nameLabelOf(context.scope, context.profile, peer) === undefined
    ? unknownLabels(context, rule, peer)
    : undefined;
}

/** What a rule does, as the verb of a sentence. */
export function verbOf({ action }: Rule): string {
  return { Allow: 'allows', Deny: 'denies', Pass: 'passes on', Log: 'logs' }[action];
}

/** What comes of a rule that matches nothing: "lets nobody in", "denies nothing". */
export function doesNothing(rule: Rule): string {
  if (rule.action !== 'Allow') return `${verbOf(rule)} nothing`;
  return rule.direction === 'ingress' ? 'lets nobody in' : 'leads nowhere';
}

/** Labels that no namespace has, where the manifests declare every namespace that they put workloads into. */
function unknownLabels(context: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  const { scope, profile } = context;
  const source = peer.namespaceSource;
  if (peer.namespaces.own || source === undefined) return undefined;
  const { selector } = peer.namespaces;
  // What is in no namespace is meant as well: sets of addresses, and host endpoints.
  if (peer.alsoAddressSets === true && matches(selector, new Map())) return undefined;
  // Names alone are not judged here (see below), and they are what nearly every selector asks for.
  if (source.requirements.length > 0 && source.requirements.every(({ key }) => key === namespaceNameKey))
    return undefined;
  const objects = [...scope.namespaceObjects.values()];
  if (objects.some(({ namespace }) => namespaceSelected(scope, selector, namespace) !== 'no')) return undefined;
  if (!declaresAll(scope)) return undefined;
  const candidates = objects.map(
    ({ value }): Labelled => ({ name: `Namespace ${value.name}`, labels: value.labels, placeOf: () => value.at }),
  );
  const asked = source.requirements.flatMap(({ values }) => values.map(({ value }) => value));
  if (asked.some((value) => isClusterNamespace(profile, value))) return undefined;
  const suggestion = suggestLabel(source.requirements, candidates);
  if (suggestion?.requirement.key === namespaceNameKey) return undefined;
  // A name decides by itself: a namespace of that name may exist beyond the manifests. So may the labels of platforms.
  const open = source.requirements.some(
    ({ key }) => key === namespaceNameKey || isSetByControllers(key) || (scope.incomplete && !isSeen(key, candidates)),
  );
  // Who declares one namespace and speaks of others by their labels means those of other repositories.
  if (suggestion === undefined && (open || objects.length < 2 || hasOpenNamespace(scope, selector))) return undefined;
  const fault = requirementAtFault(source.requirements, candidates);
  const at =
    suggestion !== undefined
      ? faultyPart(suggestion)
      : fault === undefined
        ? source.at
        : placeOfFault(fault, candidates);
  const names = list(
    objects.map(({ value }) => value.name),
    4,
  );
  const none =
    objects.length === 1
      ? `the one namespace they declare (${names}) does not match`
      : `none of the ${count(objects.length, 'namespace')} they declare (${names}) matches`;
  const advice =
    suggestion !== undefined
      ? `Did you mean ${suggestion.key}=${suggestion.value} (${list(
          suggestion.matched.map(({ name }) => name),
          3,
        )})?`
      : 'Check the label, unless a namespace beyond these manifests carries it.';
  return {
    at,
    severity: suggestion !== undefined ? 'warning' : 'info',
    message: `In these manifests this peer ${verbOf(rule)} nothing: ${none} ${inQuotes(selector)}. ${advice}`,
    ...(suggestion !== undefined
      ? {
          related: suggestion.matched.slice(0, 3).map((each) => ({
            at: each.placeOf(suggestion.key),
            message: `${each.name} has ${suggestion.key}=${suggestion.value}`,
          })),
          fixes: [labelFix(context.policy.resource.node, suggestion, 'likely')],
        }
      : {}),
  };
}

function isSeen(key: string, candidates: readonly Labelled[]): boolean {
  return candidates.some(({ labels }) => labels.has(key));
}

/** The manifests speak of a namespace without declaring it: it may have the labels. */
function hasOpenNamespace(scope: Scope, selector: Selector): boolean {
  return [...scope.namespaces.values()].some(({ ref }) => namespaceSelected(scope, selector, ref) !== 'no');
}

/** Every namespace with workloads is an object of the scope, with all its labels in plain sight. */
function declaresAll(scope: Scope): boolean {
  for (const { ref, workloads } of scope.namespaces.values()) {
    if (workloads.length === 0) continue;
    const object = ref.name === undefined ? undefined : scope.namespaceObjects.get(ref.name);
    if (object === undefined || object.value.openLabels) return false;
  }
  return scope.namespaceObjects.size > 0;
}
