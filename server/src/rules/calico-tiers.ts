import { contains, mayOverlap, type Part, subjectContains } from '../engine/containment.js';
import { selects } from '../engine/matching.js';
import { byOrder } from '../engine/order.js';
import { isConditional } from '../engine/stages.js';
import { ranksOf } from '../engine/tiers.js';
import type { Direction, Policy } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Tier } from '../model/tier.js';
import { folderOf } from '../workspace/files.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { mayBeAppliedTogether } from './applied-together.js';

/** A policy of Calico that is enforced, and about pods. */
export function isCalico({ value }: Placed<Policy>, { cni }: ClusterProfile): boolean {
  if (cni.ownFamily !== undefined && cni.ownFamily !== 'calico') return false;
  return value.family === 'calico' && value.staged !== true && value.subject.nodes === undefined;
}

export function tierOf({ value: { order } }: Placed<Policy>): string {
  return order.tierName ?? 'default';
}

/**
 * The place of a policy's tier among those that are known, from 0; that of the network policies of Kubernetes is the
 * default one. Undefined where no manifest tells, and for policies of other APIs.
 */
export function tierPlace(scope: Scope, policy: Placed<Policy>): number | undefined {
  const { family } = policy.value;
  if (family !== 'calico' && family !== 'kubernetes') return undefined;
  return placeOfTier(scope, tierOf(policy));
}

export function placeOfTier(scope: Scope, tier: string): number | undefined {
  return places(scope.tiers).get(tier);
}

const places = perList((tiers: readonly Placed<Tier>[]) => {
  const known = tiers.some(({ value }) => value.uncertain) ? [] : ranksOf(tiers);
  return new Map(known.map(({ name }, place) => [name, place]));
});

/** What a tier does with what none of its policies decides; undefined where it is not known. */
export function endOf(scope: Scope, policy: Placed<Policy>): 'Deny' | 'Pass' | undefined {
  return ranksOf(scope.tiers).find(({ name }) => name === tierOf(policy))?.end;
}

/** The policies that may be about pods that a policy is about: those of its namespace, and the cluster-wide ones. */
export function besideAndAbove(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  const own = policy.value.clusterWide ? [] : contentOf(scope, policy.namespace).policies;
  return [...scope.clusterPolicies, ...own];
}

/** The parts of a policy's rules that count in a direction. */
export function partsIn(policy: Placed<Policy>, direction: Direction): readonly Part[] {
  const { isolates, rules } = policy.value;
  if (!isolates.includes(direction)) return [];
  return rules
    .filter((rule) => rule.direction === direction)
    .flatMap((rule) => rule.peers.map((peer) => ({ policy, rule, peer })));
}

/** As `contains`, for rules that may ask for more than ports and a peer. */
export function surelyContains(scope: Scope, outer: Part, inner: Part): boolean {
  if (outer.rule.own !== undefined || isConditional(outer.rule)) return false;
  return contains(scope, outer, inner);
}

/** As `mayOverlap`: of peers of different kinds only the ports tell, since addresses may be those of pods. */
export function mayMeet(scope: Scope, one: Part, other: Part): boolean {
  const [a, b] = [one.peer, other.peer];
  const alike = a.kind === b.kind && (a.kind === 'pods' || a.kind === 'addresses');
  return mayOverlap(scope, alike ? one : { ...one, peer: { kind: 'anything', uncertain: false, at: a.at } }, other);
}

/** One selects all that the other does, or the manifests show a workload that both select. */
export function surelyShare(scope: Scope, a: Placed<Policy>, b: Placed<Policy>): boolean {
  if (subjectContains(scope, a, b) || subjectContains(scope, b, a)) return true;
  return scope.workloads.some((each) => selects(scope, a, each) === 'yes' && selects(scope, b, each) === 'yes');
}

/** As `mayBeAppliedTogether`; files of different folders may be for different clusters. */
export function areNeighbours(scope: Scope, policy: Placed<Policy>, other: Placed<Policy>): boolean {
  if (scope.kind === 'folder' && folderOf(policy.uri) !== folderOf(other.uri)) return false;
  return mayBeAppliedTogether(scope, policy, other);
}

/** Whether a policy is asked after another of its tier. */
export function isBehind(policy: Placed<Policy>, other: Placed<Policy>): boolean {
  return byOrder(other.value, policy.value) < 0;
}

/** "order 100", "no order". */
export function orderWords({ value: { order } }: Placed<Policy>): string {
  return Number.isFinite(order.priority) ? `order ${order.priority}` : 'no order';
}
