import type { AppliedPolicy, Cluster } from '#server/engine/cluster.js';
import { peerTakes } from '#server/engine/peer-takes.js';
import { ruleTakes, selectsPods } from '#server/engine/stages.js';
import type { Rule } from '#server/model/policy.js';
import { intersect, isEmpty, isSubset, subtract } from '#server/model/ports.js';
import {
  betweenIn,
  type Connections,
  connectionsOf,
  containedIn,
  endpointOf,
  equivalent,
  pairIn,
  pairsOf,
} from './compare.js';
import { isProfile, type Kind } from './load.js';

/**
 * What netpol says of a query, as nca's number: how many sets, pairs of sets, policies, rules or pods are as the kind asks.
 * Source: docs/SchemeFileFormat.md of nca, "Returned value for each sub-query".
 */
export const answers: Readonly<Record<Exclude<Kind, 'connectivityMap'>, (clusters: readonly Cluster[]) => number>> = {
  containment: againstFirst((first, other) => containedIn(other, first)),
  emptiness: sumOf((cluster) => emptyPolicies(cluster).length + emptyRules(cluster).length),
  equivalence: eachPair((a, b) => !equivalent(a, b)),
  forbids: againstFirst(allowsWhatIsListed),
  interferes: againstFirst((first, other) => interferes(other, first)),
  pairwiseInterferes: eachPair((a, b) => Number(interferes(a, b)) + Number(interferes(b, a))),
  permits: againstFirst(deniesWhatIsListed),
  redundancy: sumOf(redundant),
  sanity: sumOf(insane),
  semanticDiff: ([before, after]) => (before === undefined || after === undefined ? 0 : changedKinds(before, after)),
  twoWayContainment: againstFirst(
    (first, other) => (containedIn(first, other) ? 2 : 0) + (containedIn(other, first) ? 1 : 0),
  ),
  vacuity: sumOf((cluster) => Number(isVacuous(cluster))),
};

/** The policies of a set, without what a topology of ours says in place of profiles. */
function policiesOf({ policies }: Cluster): readonly AppliedPolicy[] {
  return policies.filter((policy) => !isProfile(policy));
}

function withPolicies(cluster: Cluster, policies: readonly AppliedPolicy[]): Cluster {
  return { ...cluster, policies: [...policies, ...cluster.policies.filter(isProfile)] };
}

function sumOf(count: (cluster: Cluster) => number) {
  return (clusters: readonly Cluster[]) => clusters.reduce((sum, cluster) => sum + count(cluster), 0);
}

function againstFirst(count: (first: Connections, other: Connections) => boolean | number) {
  return ([first, ...others]: readonly Cluster[]) =>
    first === undefined ? 0 : others.reduce((sum, other) => sum + both(first, other, count), 0);
}

function eachPair(count: (a: Connections, b: Connections) => boolean | number) {
  return (clusters: readonly Cluster[]) =>
    clusters.reduce((sum, a, i) => clusters.slice(i + 1).reduce((more, b) => more + both(a, b, count), sum), 0);
}

function both(a: Cluster, b: Cluster, count: (a: Connections, b: Connections) => boolean | number): number {
  const [left, right] = connectionsOf([a, b]);
  return left === undefined || right === undefined ? 0 : Number(count(left, right));
}

/** The first lets through something of what the other allows in so many words. */
function allowsWhatIsListed(first: Connections, other: Connections): boolean {
  return [...pairsOf(other)].some((pair) => !isEmpty(intersect(other.explicit(pair), betweenIn(first, pair).ports)));
}

function deniesWhatIsListed(first: Connections, other: Connections): boolean {
  return [...pairsOf(other)].some((pair) => !isSubset(other.explicit(pair), betweenIn(first, pair).ports));
}

/** One set allows in so many words more than another does, of connections that policies of both are about. */
function interferes(one: Connections, other: Connections): boolean {
  return [...pairsOf(one)].some((pair) => {
    const there = pairIn(other, pair);
    if (there === undefined || !one.captured(pair) || !other.captured(there)) return false;
    return !isSubset(one.explicit(pair), other.explicit(there));
  });
}

function isVacuous(cluster: Cluster): boolean {
  return both(cluster, withPolicies(cluster, []), equivalent) === 1;
}

/** Policies that select no pods. */
function emptyPolicies(cluster: Cluster): readonly AppliedPolicy[] {
  return policiesOf(cluster).filter((policy) => cluster.pods.every((pods) => selectsPods(policy, pods) === 'no'));
}

/** Rules of which one end is nobody. */
function emptyRules(cluster: Cluster): readonly { readonly policy: AppliedPolicy; readonly rule: Rule }[] {
  const [{ sources, destinations } = { sources: [], destinations: [] }] = connectionsOf([cluster]);
  return policiesOf(cluster).flatMap((policy) =>
    policy.placed.value.rules
      .filter((rule) => {
        const { own } = rule;
        const cells = rule.direction === 'ingress' ? sources : destinations;
        const nobody = [...cluster.pods, ...cells].every(
          (end) => ruleTakes(cluster, { policy, rule }, endpointOf(end)) === 'no',
        );
        const selected = cluster.pods.filter((pods) => selectsPods(policy, pods) === 'yes');
        return (
          nobody ||
          (own !== undefined && selected.every((pods) => peerTakes(cluster, policy, own, endpointOf(pods)) === 'no'))
        );
      })
      .map((rule) => ({ policy, rule })),
  );
}

function redundant(cluster: Cluster): number {
  const policies = redundantPolicies(cluster);
  return policiesOf(cluster)
    .filter((policy) => !policies.includes(policy))
    .reduce((sum, policy) => sum + redundantRules(cluster, policy).length, policies.length);
}

/** Policies without any of which everything is as it was. One alone is never redundant. */
function redundantPolicies(cluster: Cluster): readonly AppliedPolicy[] {
  const policies = policiesOf(cluster);
  if (policies.length < 2) return [];
  return policies.filter((policy) => {
    const others = policies.filter((each) => each !== policy);
    return both(cluster, withPolicies(cluster, others), equivalent) === 1;
  });
}

function redundantRules(cluster: Cluster, policy: AppliedPolicy): readonly Rule[] {
  const { placed } = policy;
  return placed.value.rules.filter((rule) => {
    const rules = placed.value.rules.filter((each) => each !== rule);
    const changed = { ...policy, placed: { ...placed, value: { ...placed.value, rules } } };
    const policies = policiesOf(cluster).map((each) => (each === policy ? changed : each));
    return both(cluster, withPolicies(cluster, policies), equivalent) === 1;
  });
}

/** What is empty, void or redundant, each once; or that policies of one rank contradict each other, and then only this. */
function insane(cluster: Cluster): number {
  if (contradictsAtOneRank(cluster)) return 1;
  const empty = emptyPolicies(cluster);
  const nobody = emptyRules(cluster).filter(({ policy }) => !empty.includes(policy));
  const found = empty.length + nobody.length;
  if (isVacuous(cluster)) return found + 1;
  const policies = redundantPolicies(cluster).filter((policy) => !empty.includes(policy));
  return policiesOf(cluster)
    .filter((policy) => !empty.includes(policy) && !policies.includes(policy))
    .flatMap((policy) => redundantRules(cluster, policy))
    .filter((rule) => !nobody.some((each) => each.rule === rule))
    .reduce((sum) => sum + 1, found + policies.length);
}

/** Two policies of Calico with one order mean something else when they are asked the other way round. */
function contradictsAtOneRank(cluster: Cluster): boolean {
  const own = policiesOf(cluster).filter(({ placed }) => placed.value.family === 'calico');
  return own.some((a, i) =>
    own.slice(i + 1).some((b) => {
      const { priority } = a.placed.value.order;
      if (priority !== b.placed.value.order.priority) return false;
      const ranked = (first: AppliedPolicy, second: AppliedPolicy) =>
        withPolicies(cluster, [withPriority(first, 1), withPriority(second, 2)]);
      return both(ranked(a, b), ranked(b, a), equivalent) === 0;
    }),
  );
}

function withPriority(policy: AppliedPolicy, priority: number): AppliedPolicy {
  const { placed } = policy;
  const value = { ...placed.value, order: { ...placed.value.order, priority } };
  return { ...policy, placed: { ...placed, value } };
}

/** How many sorts of pairs have lost something, and how many have gained: pods that stay, that go or come, and addresses. */
function changedKinds(before: Cluster, after: Cluster): number {
  const [old, now] = connectionsOf([before, after]);
  if (old === undefined || now === undefined) return 0;
  return sortsOfMore(old, now).size + sortsOfMore(now, old).size;
}

function sortsOfMore(one: Connections, other: Connections): ReadonlySet<string> {
  const sorts = new Set<string>();
  for (const pair of pairsOf(one)) {
    if (isEmpty(subtract(one.between(pair).ports, betweenIn(other, pair).ports))) continue;
    const sides = [pair.from, pair.to].map((end) =>
      !('labels' in end) ? 'addresses' : pairIn(other, { from: end, to: end }) === undefined ? 'changed' : 'stays',
    );
    sorts.add(`${sides.sort()}`);
  }
  return sorts;
}
