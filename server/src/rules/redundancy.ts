import { canMatch, contains, type Part, subjectContains } from '../engine/containment.js';
import type { Peer } from '../model/peer.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { isAll, isEmpty, isSubset } from '../model/ports.js';
import { equalsRequired } from '../model/selector.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { areAppliedTogether, besideOf } from './applied-together.js';

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
  return remembered(coveredBefore, scope, policy, workOutCovered);
}

/** Later of several policies for the same pods: after those that isolate more, and then by its place in the scope. */
export function broaderPolicies(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  return remembered(broaderBefore, scope, policy, workOutBroader);
}

/**
 * A pure function's memory: several rules ask the same of a policy. What was worked out holds as long as the lists that it
 * was read from are the same; asking for them notes that they were read.
 */
type Memory<T> = WeakMap<Placed<Policy>, { readonly from: readonly unknown[]; readonly found: T }>;

const coveredBefore: Memory<readonly Covered[]> = new WeakMap();
const broaderBefore: Memory<readonly Placed<Policy>[]> = new WeakMap();

function remembered<T>(
  memory: Memory<T>,
  scope: Scope,
  policy: Placed<Policy>,
  workOut: (scope: Scope, policy: Placed<Policy>) => T,
): T {
  const workloads = policy.value.clusterWide ? scope.workloads : contentOf(scope, policy.namespace).workloads;
  const from = [besideOf(scope, policy), workloads, scope.namespaceObjects];
  const known = memory.get(policy);
  if (known?.from.every((list, index) => list === from[index]) === true) return known.found;
  const found = workOut(scope, policy);
  memory.set(policy, { from, found });
  return found;
}

function workOutCovered(scope: Scope, policy: Placed<Policy>): readonly Covered[] {
  const { family, isolates, rules } = policy.value;
  const ordered = family === 'cluster';
  if (!ordered && family !== 'kubernetes') return [];
  const broader = ordered ? [] : broaderPolicies(scope, policy);
  if (partCount([policy]) * partCount([policy, ...broader]) > mostPairs) return [];
  return rules
    .filter((rule) => isKnown(rule) && !allowsAll(rule) && (ordered || isolates.includes(rule.direction)))
    .map((rule) => ({ rule, covers: coversOf(scope, policy, rule, broader) }));
}

function workOutBroader(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  const { subject, kind, name } = policy.value;
  if (!canMatch(subject.pods)) return [];
  const known = equalsRequired(subject.pods);
  return besideOf(scope, policy).filter((other) => {
    if (other === policy || other.value.uncertain || other.value.family !== policy.value.family) return false;
    // The same object once more is another rule's matter.
    if (other.value.kind === kind && other.value.name === name) return false;
    const wanted = other.value.subject.pods;
    // Cheap, and enough for most: what asks for a label holds no pods that may lack it.
    if (wanted.op === 'In' && wanted.values.length === 1 && known.get(wanted.key) !== wanted.values[0]) return false;
    return subjectContains(scope, other, policy) && areAppliedTogether(scope, policy, other);
  });
}

/** Of two policies for the very same pods, the one that stays. */
export function staysBefore(scope: Scope, other: Placed<Policy>, policy: Placed<Policy>): boolean {
  if (!subjectContains(scope, policy, other)) return true;
  const more = other.value.isolates.length - policy.value.isolates.length;
  if (more !== 0) return more > 0;
  const policies = besideOf(scope, policy);
  return policies.indexOf(other) < policies.indexOf(policy);
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

/** An empty rule: `allow-all-rule` speaks of it, and of what it makes idle in other policies. */
export function allowsAll(rule: Rule): boolean {
  return isAll(rule.ports) && rule.peers.every(({ kind }) => kind === 'anything');
}

/** What is compared at most for one policy: some tens of milliseconds. */
const mostPairs = 20_000;
const longestList = 500;

function partCount(policies: readonly Placed<Policy>[]): number {
  return policies.reduce((sum, { value }) => value.rules.reduce((all, { peers }) => all + peers.length, sum), 0);
}

function isKnown(rule: Rule): boolean {
  return !rule.uncertain && !isEmpty(rule.ports) && !rule.peers.some(({ uncertain }) => uncertain);
}

function coversOf(
  scope: Scope,
  policy: Placed<Policy>,
  rule: Rule,
  broader: readonly Placed<Policy>[],
): readonly (Part | undefined)[] {
  const candidates = [
    ...candidatesIn(policy, rule),
    ...broader.flatMap((other) => candidatesIn(other, rule).filter((each) => !allowsAll(each.rule))),
  ];
  const coverOf = (peer: Peer, among: readonly Part[]) => {
    const inner: Part = { policy, rule, peer };
    const cover = among.find(
      (each) => each.peer !== peer && contains(scope, each, inner) && isFirst(scope, each, inner),
    );
    // In an order, the first that matches decides: with another action it is the matter of `shadowed-rule`.
    return cover?.rule.action === rule.action ? cover : undefined;
  };
  if (policy.value.family === 'kubernetes') {
    // One rule that holds all of it says it best.
    for (const other of new Set(candidates.map((each) => each.rule))) {
      if (other === rule) continue;
      const among = candidates.filter((each) => each.rule === other);
      const covers = rule.peers.map((peer) => coverOf(peer, among));
      if (!covers.includes(undefined)) return covers;
    }
  }
  return rule.peers.map((peer) => coverOf(peer, candidates));
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
