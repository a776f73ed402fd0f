import { builtInTiers, type Tier } from '../model/tier.js';
import { perList } from '../workspace/per-list.js';
import type { Placed } from '../workspace/scope.js';

/** A tier by its place among the others. */
export type TierRank = Pick<Tier, 'name' | 'order' | 'end'>;

/** The tiers of a cluster, first to last: those that it always has, and those of the manifests. Source: FACTS B4. */
export function tierRanks(declared: readonly TierRank[]): readonly TierRank[] {
  const byName = new Map([...builtInTiers, ...declared].map((tier) => [tier.name, tier]));
  return [...byName.values()].sort((a, b) => compare(a.order, b.order) || compare(a.name, b.name));
}

/** The same for the tiers of a scope. */
export const ranksOf = perList((tiers: readonly Placed<Tier>[]) => tierRanks(tiers.map(({ value }) => value)));

/** A tier that no manifest describes: after all others, and with the default of the API at its end. */
export function unknownTier(name: string): TierRank {
  return { name, order: Number.POSITIVE_INFINITY, end: 'Deny' };
}

/** Whether a tier denies or passes on what no rule of it decides, for pods that some policy of it selects. */
export function tierEnd(ranks: readonly TierRank[], name: string): TierRank['end'] {
  return (ranks.find((rank) => rank.name === name) ?? unknownTier(name)).end;
}

export function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
