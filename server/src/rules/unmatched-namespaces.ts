import { namespaceSelected } from '../engine/matching.js';
import { nearest } from '../kinds/nearest.js';
import type { PodPeer } from '../model/peer.js';
import type { Rule } from '../model/policy.js';
import { count, list } from '../model/print.js';
import { isEverything, type Selector } from '../model/selector.js';
import { valueAt } from '../text/tree.js';
import type { Scope } from '../workspace/scope.js';
import {
  isTransposed,
  type Labelled,
  placeOfFault,
  requirementAtFault,
  type Suggestion,
  suggestLabel,
} from './did-you-mean.js';
import { peerNodeOf } from './peer-nodes.js';
import type { Finding, PolicyContext } from './rule.js';
import { labelFix } from './selector-fix.js';
import { faultyPart, inQuotes } from './unmatched.js';
import { isClusterNamespace, isSetByControllers } from './well-known.js';

const nameKey = 'kubernetes.io/metadata.name';

/** A namespaceSelector that matches no namespace, as far as that can be known; undefined for all others. */
export function unmatchedNamespaces(context: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  if (peer.namespaces.own || peer.namespaceSource === undefined || isEverything(peer.namespaces.selector)) {
    return undefined;
  }
  return mistypedName(context, rule, peer) ?? unknownLabels(context, rule, peer);
}

/** What a rule does, as the verb of a sentence. */
export function verbOf({ action }: Rule): string {
  return { Allow: 'allows', Deny: 'denies', Pass: 'passes on', Log: 'logs' }[action];
}

/** A namespace called by a name that nothing else knows, and that is spelt nearly like one that is known. */
function mistypedName(context: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  const { scope, profile } = context;
  const requirement = peer.namespaceSource?.requirements.find(({ key }) => key === nameKey);
  const [named, ...more] = requirement?.values ?? [];
  if (requirement?.selector.op !== 'In' || named === undefined || more.length > 0) return undefined;
  const known = knownNames(scope);
  if (known.has(named.value) || isClusterNamespace(profile, named.value)) return undefined;
  const near = [...known].filter((name) => isNearName(named.value, name));
  const meant = nearest(named.value, near) ?? near[0];
  if (meant === undefined) return undefined;
  const carrier = scope.namespaceObjects.get(meant)?.value;
  const matched: Labelled = {
    name: `Namespace ${meant}`,
    labels: new Map([[nameKey, meant]]),
    placeOf: () => carrier?.at ?? requirement.keyAt,
  };
  const suggestion: Suggestion = {
    requirement,
    part: 'value',
    valueIndex: 0,
    key: nameKey,
    value: meant,
    matched: [matched],
  };
  return {
    at: named.at,
    severity: 'warning',
    message: `No namespace ${named.value} appears anywhere else in these manifests, so this peer likely ${verbOf(rule)} nothing. Did you mean ${meant}?`,
    related: carrier === undefined ? [] : [{ at: carrier.at, message: `Namespace ${meant} is declared here` }],
    fixes: [labelFix(valueAt(peerNodeOf(context.policy, rule, peer), 'namespaceSelector'), suggestion, 'likely')],
  };
}

/** `team-1` and `team-2`, `shop-dev` and `shop-uat` are different namespaces; a slip changes a letter within a word. */
function isNearName(name: string, other: string): boolean {
  if (name.length < 4 || other.length < 4) return false;
  const words = (text: string) => text.split('-');
  const [mine, theirs] = [words(name), words(other)];
  if (mine.length !== theirs.length) return name.replaceAll('-', '') === other.replaceAll('-', '');
  const changed = mine.flatMap((word, index) => (word === theirs[index] ? [] : [[word, theirs[index] ?? ''] as const]));
  const [pair, ...more] = changed;
  if (pair === undefined || more.length > 0) return false;
  const [word, meant] = pair;
  return (
    !/\d/.test(word + meant) && word.length > 3 && (nearest(word, [meant]) !== undefined || isTransposed(word, meant))
  );
}

function knownNames(scope: Scope): ReadonlySet<string> {
  const names = new Set(scope.namespaceObjects.keys());
  for (const { ref } of scope.namespaces.values()) if (ref.name !== undefined) names.add(ref.name);
  return names;
}

/** Labels that no namespace has, where the manifests declare every namespace that they put workloads into. */
function unknownLabels(context: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  const { scope, profile } = context;
  const source = peer.namespaceSource;
  if (peer.namespaces.own || source === undefined || !declaresAll(scope)) return undefined;
  const { selector } = peer.namespaces;
  const objects = [...scope.namespaceObjects.values()];
  if (objects.some(({ namespace }) => namespaceSelected(scope, selector, namespace) !== 'no')) return undefined;
  const candidates = objects.map(
    ({ value }): Labelled => ({ name: `Namespace ${value.name}`, labels: value.labels, placeOf: () => value.at }),
  );
  const asked = source.requirements.flatMap(({ values }) => values.map(({ value }) => value));
  if (asked.some((value) => isClusterNamespace(profile, value))) return undefined;
  const suggestion = suggestLabel(source.requirements, candidates);
  if (suggestion?.requirement.key === nameKey) return undefined;
  // A name decides by itself: a namespace of that name may exist beyond the manifests. So may the labels of platforms.
  const open = source.requirements.some(
    ({ key }) =>
      key === nameKey || isSetByControllers(key) || (scope.kind === 'kustomization' && !isSeen(key, candidates)),
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
          fixes: [labelFix(valueAt(peerNodeOf(context.policy, rule, peer), 'namespaceSelector'), suggestion, 'likely')],
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
