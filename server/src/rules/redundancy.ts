import { policiesFor } from '../engine/by-label.js';
import { canMatch, contains, labelsAsked, type Part, subjectContains } from '../engine/containment.js';
import type { Peer } from '../model/peer.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { isEmpty, isSubset } from '../model/ports.js';
import { placesIn, type ReadFrom, whileSame } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { areAppliedTogether, besideOf } from './applied-together.js';
import { allowsAll, isKnown } from './comparable.js';
import { mayHold } from './part-shelves.js';

/** A rule, and for each of its peers a part elsewhere that allows (or denies) all of it; undefined where none does. */
export interface Covered {
  readonly rule: Rule;
  readonly covers: readonly (Part | undefined)[];
}

/**
 * What else holds the parts of a policy's rules: other rules of the same policy, or of policies for at least the same
 * pods. "Is held by" has no circles: of two equal parts only the later one is held. So everything that is held can go at
 * once, and the same is allowed.
 */
export function coveredRules(scope: Scope, policy: Placed<Policy>): readonly Covered[] {
  // Asking for the lists notes that they were read.
  const workloads = policy.value.clusterWide ? scope.workloads : contentOf(scope, policy.namespace).workloads;
  const from = [besideOf(scope, policy), workloads, scope.namespaceObjects];
  return whileSame(coveredBefore, policy, from, () => workOutCovered(scope, policy));
}

/** Policies for at least the same pods that are surely applied together with this one, in the order of the scope. */
export function* broaderPolicies(scope: Scope, policy: Placed<Policy>): Iterable<Placed<Policy>> {
  const { subject } = policy.value;
  if (!canMatch(subject.pods)) return;
  const beside = besideOf(scope, policy);
  // What asks for a label holds no pods that may lack it.
  const asked = labelsAsked(subject.pods);
  for (const other of asked === undefined ? beside : policiesFor(beside, asked))
    if (isBroader(scope, policy, other)) yield other;
}

/** Several rules ask it of a policy. */
const coveredBefore = new WeakMap<Placed<Policy>, ReadFrom<readonly Covered[]>>();

function workOutCovered(scope: Scope, policy: Placed<Policy>): readonly Covered[] {
  const { family, isolates, rules } = policy.value;
  const ordered = family === 'cluster';
  if (!ordered && family !== 'kubernetes') return [];
  const own = partCount(policy);
  // Of long lists most is no copy of the rest: those are not compared.
  if (own * own > mostPairs) return [];
  const budget = { left: mostPairs };
  const found = rules
    .filter((rule) => isKnown(rule) && !allowsAll(rule) && (ordered || isolates.includes(rule.direction)))
    .map((rule) => ({ rule, covers: coversOf(scope, policy, rule, budget) }));
  return budget.left > 0 ? found : [];
}

function isBroader(scope: Scope, policy: Placed<Policy>, other: Placed<Policy>): boolean {
  const { kind, name, family } = policy.value;
  if (other === policy || other.value.uncertain || other.value.family !== family) return false;
  // The same object once more is another rule's matter.
  if (other.value.kind === kind && other.value.name === name) return false;
  return subjectContains(scope, other, policy) && areAppliedTogether(scope, policy, other);
}

/** Of two policies for the very same pods, the one that stays. */
export function staysBefore(scope: Scope, other: Placed<Policy>, policy: Placed<Policy>): boolean {
  if (!subjectContains(scope, policy, other)) return true;
  const more = other.value.isolates.length - policy.value.isolates.length;
  if (more !== 0) return more > 0;
  const places = placesIn(besideOf(scope, policy));
  return (places.get(other) ?? -1) < (places.get(policy) ?? -1);
}

/**
 * For each port entry of a rule, another entry of its list that holds it; undefined where none does. Lists longer than a person
 * writes are not compared.
 */
export function coveredClauses({ clauses }: Rule): readonly (PortClause | undefined)[] {
  if (clauses.length > longestList) return clauses.map(() => undefined);
  return clauses.map((inner, place) =>
    clauses.find((outer, index) => {
      if (outer === inner || isEmpty(inner.ports) || !isSubset(inner.ports, outer.ports)) return false;
      return index < place || !isSubset(outer.ports, inner.ports);
    }),
  );
}

/** What is compared at most for one policy: some tens of milliseconds. */
const mostPairs = 20_000;

/** Of `mostPairs`, how many may still be compared. */
interface Budget {
  left: number;
}

const longestList = 500;

function partCount({ value }: Placed<Policy>): number {
  return value.rules.reduce((all, { peers }) => all + peers.length, 0);
}

function coversOf(scope: Scope, policy: Placed<Policy>, rule: Rule, budget: Budget): readonly (Part | undefined)[] {
  const own = candidatesIn(policy, rule);
  const ofKubernetes = policy.value.family === 'kubernetes';
  const elsewhere = (peer: Peer) => (ofKubernetes ? partsElsewhere(scope, policy, rule, peer, budget) : []);
  const coverOf = (peer: Peer, among: Iterable<Part>) => {
    const inner: Part = { policy, rule, peer };
    for (const each of among) {
      if (budget.left-- <= 0) return undefined;
      if (each.peer === peer || !contains(scope, each, inner) || !isFirst(scope, each, inner)) continue;
      // In an order, the first that matches decides: with another action it is the matter of `shadowed-rule`.
      return each.rule.action === rule.action ? each : undefined;
    }
    return undefined;
  };
  const [first] = rule.peers;
  if (ofKubernetes && first !== undefined) {
    // One rule that holds all of it says it best.
    for (const other of rulesOf([own, elsewhere(first)])) {
      if (other.rule === rule) continue;
      const among = other.rule.peers.map((peer): Part => ({ ...other, peer }));
      const covers = rule.peers.map((peer) => coverOf(peer, among));
      if (!covers.includes(undefined)) return covers;
    }
  }
  // Of a rule with one peer all has been looked at.
  if (ofKubernetes && rule.peers.length === 1) return [undefined];
  return rule.peers.map((peer) => coverOf(peer, own) ?? coverOf(peer, elsewhere(peer)));
}

/** One part of each rule, in their order. */
function* rulesOf(lists: readonly Iterable<Part>[]): Iterable<Part> {
  let last: Rule | undefined;
  for (const parts of lists) {
    for (const part of parts) {
      if (part.rule !== last) yield part;
      last = part.rule;
    }
  }
}

/** The parts of other policies for at least the same pods that may hold a peer of a rule, in the order of the scope. */
function* partsElsewhere(scope: Scope, policy: Placed<Policy>, rule: Rule, peer: Peer, budget: Budget): Iterable<Part> {
  if (!canMatch(policy.value.subject.pods)) return;
  for (const part of mayHold(besideOf(scope, policy), policy, rule, peer)) {
    if (budget.left-- <= 0) return;
    if (part.policy !== policy && isSubset(rule.ports, part.rule.ports) && isBroader(scope, policy, part.policy))
      yield part;
  }
}

/** The parts of a policy that may hold those of a rule: in a policy with an order only what is judged before. */
function candidatesIn(policy: Placed<Policy>, rule: Rule): readonly Part[] {
  const { family, isolates, rules } = policy.value;
  if (family === 'kubernetes' && !isolates.includes(rule.direction)) return [];
  return rules
    .filter(
      (each) =>
        each.direction === rule.direction &&
        (family === 'kubernetes' || each.index <= rule.index) &&
        isKnown(each) &&
        // What has other ports holds none of its parts.
        (each === rule || isSubset(rule.ports, each.ports)),
    )
    .flatMap((each) => each.peers.map((peer) => ({ policy, rule: each, peer })));
}

/** Whether the outer part is more than the inner one, or equal and first. */
function isFirst(scope: Scope, outer: Part, inner: Part): boolean {
  if (!contains(scope, inner, outer)) return true;
  if (outer.policy !== inner.policy) return staysBefore(scope, outer.policy, inner.policy);
  if (outer.rule !== inner.rule) return outer.rule.index < inner.rule.index;
  return outer.rule.peers.indexOf(outer.peer) < inner.rule.peers.indexOf(inner.peer);
}
