import { podsSelected } from '../engine/matching.js';
import type { NamedAddresses } from '../model/address-set.js';
import type { PodPeer } from '../model/peer.js';
import { asksForFacts } from '../model/pod-facts.js';
import type { Policy, Rule } from '../model/policy.js';
import { list } from '../model/print.js';
import { allOfThem, isEverything, type Labels, matches, sameSelector } from '../model/selector.js';
import { insertEntry } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { valueAt } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { type Labelled, placeOfFault, requirementAtFault, suggestLabel } from './did-you-mean.js';
import { ruleNode } from './policy-nodes.js';
import type { Finding, PolicyContext } from './rule.js';
import { labelFix } from './selector-fix.js';
import { faultyPart, inQuotes } from './unmatched.js';
import { doesNothing } from './unmatched-namespaces.js';

/**
 * A peer of `global()` with labels that none of the GlobalNetworkSets has. Undefined where the manifests hold no such set:
 * what is there for the cluster is often kept elsewhere, and host endpoints are mostly made by Calico itself.
 * Source: FACTS A3.6.
 */
export function unmatchedGlobalSets({ scope, policy }: PolicyContext, rule: Rule, peer: PodPeer): Finding | undefined {
  const { pods, podSource } = peer;
  if (podSource === undefined || isEverything(pods) || asksForFacts(pods) || matches(pods, noLabels)) return undefined;
  const sets = scope.addressSets.filter(({ value }) => value.kind === 'GlobalNetworkSet');
  if (sets.length === 0 || sets.some(({ value }) => value.openLabels || matches(pods, value.labels))) return undefined;
  const { requirements } = podSource;
  if (!sameSelector(allOfThem(requirements.map(({ selector }) => selector)), pods)) return undefined;
  const candidates = sets.map(labelledSet);
  const suggestion = suggestLabel(requirements, candidates);
  // What is not evaluated may add labels to everything that a kustomization builds.
  if (suggestion === undefined && scope.incomplete) return undefined;
  const fault = requirementAtFault(requirements, candidates);
  const names = list(
    sets.map(({ value }) => value.name),
    4,
  );
  const none =
    sets.length === 1
      ? `the one GlobalNetworkSet here (${names}) does not match`
      : `none of the ${sets.length} GlobalNetworkSets here (${names}) matches`;
  const advice =
    suggestion === undefined
      ? 'Check the label, unless a set beyond these manifests or a host endpoint carries it.'
      : `Did you mean ${suggestion.key}=${suggestion.value} (${list(
          suggestion.matched.map(({ name }) => name),
          3,
        )})?`;
  const shown = fault === undefined ? podSource.at : placeOfFault(fault, candidates);
  return {
    at: suggestion === undefined ? shown : faultyPart(suggestion),
    severity: suggestion === undefined ? 'info' : 'warning',
    message: `In these manifests this peer ${doesNothing(rule)}: with global() only GlobalNetworkSets and host endpoints are meant, and ${none} ${inQuotes(pods)}. ${advice}`,
    ...(suggestion === undefined
      ? {}
      : {
          related: suggestion.matched.slice(0, 3).map((each) => ({
            at: each.placeOf(suggestion.key),
            message: `${each.name} has ${suggestion.key}=${suggestion.value}`,
          })),
          fixes: [labelFix(policy.resource.node, suggestion, 'likely')],
        }),
  };
}

/** The sets of addresses that have, or may have, the labels that a peer asks for, wherever they are. */
export function setsWithLabels({ addressSets }: Scope, { pods, alsoAddressSets }: PodPeer): readonly PlacedSet[] {
  if (alsoAddressSets !== true) return [];
  return addressSets.filter(
    ({ value }) => value.kind !== 'CiliumCIDRGroup' && (value.openLabels || matches(pods, value.labels)),
  );
}

type PlacedSet = Placed<NamedAddresses>;

/**
 * A peer that looks only in its policy's own namespace, where GlobalNetworkSets alone have its labels: these are in none, and
 * only `namespaceSelector: global()` takes them in. Undefined where anything else may have been meant.
 * Source: FACTS A3.6.
 */
export function globalSetsMissed(
  { scope, policy }: PolicyContext,
  rule: Rule,
  peer: PodPeer,
  sets: readonly PlacedSet[],
): Finding | undefined {
  const { pods } = peer;
  if (!peer.namespaces.own || peer.podSource === undefined || scope.incomplete) return undefined;
  if (asksForFacts(pods) || matches(pods, noLabels)) return undefined;
  if (sets.some(({ value }) => value.kind !== 'GlobalNetworkSet' || value.openLabels)) return undefined;
  if (scope.workloads.some(({ value }) => podsSelected(pods, value) !== 'no')) return undefined;
  const where = policy.namespace.name ?? "the policy's own namespace";
  const names = list(
    sets.map(({ value }) => value.name),
    3,
  );
  const [noun, are] = sets.length === 1 ? ['GlobalNetworkSet', 'is'] : ['GlobalNetworkSets', 'are'];
  return {
    at: peer.podSource.at,
    severity: 'warning',
    message: `In these manifests this peer ${doesNothing(rule)}: a selector alone looks only in ${where}, where nothing matches ${inQuotes(pods)}, and ${noun} ${names}, with such labels, ${are} in no namespace. Add namespaceSelector: global() beside it.`,
    related: sets.slice(0, 3).map(({ value }) => ({ at: value.at, message: `${value.kind} ${value.name} matches` })),
    fixes: [lookAtGlobalSets(policy, rule, `${noun} ${names}`)],
  };
}

function lookAtGlobalSets(policy: Placed<Policy>, rule: Rule, what: string): Fix {
  return {
    title: `Add namespaceSelector: global() (${what})`,
    preferred: true,
    changes: () => {
      const node = valueAt(ruleNode(policy, rule), rule.direction === 'ingress' ? 'source' : 'destination');
      if (node === undefined) return undefined;
      return editOnly(insertEntry(node, 'namespaceSelector', 'global()', { after: ['selector'] }));
    },
  };
}

function labelledSet({ value }: PlacedSet): Labelled {
  return { name: `${value.kind} ${value.name}`, labels: value.labels, placeOf: () => value.at };
}

const noLabels: Labels = new Map();
