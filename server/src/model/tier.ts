import type { Place } from './workload.js';

/** A tier of policies: those of one tier are judged before those of the next. Source: FACTS A3.3, B4. */
export interface Tier {
  readonly name: string;
  /** Lower is judged first; Infinity where it says none. */
  readonly order: number;
  /** What becomes of a connection of pods that some policy of the tier selects and no rule of it decides. */
  readonly end: 'Deny' | 'Pass';
  readonly uncertain: boolean;
  readonly at: Place;
}

/** The tiers that every Calico cluster has (CEL rules of the Tier CRD). */
export const builtInTiers: readonly Omit<Tier, 'at' | 'uncertain'>[] = [
  { name: 'kube-admin', order: 1000, end: 'Pass' },
  { name: 'default', order: 1_000_000, end: 'Deny' },
  { name: 'kube-baseline', order: 10_000_000, end: 'Pass' },
];

/** Where the network policies of Kubernetes stand in Calico's default tier (CAL-conv). */
export const networkPolicyOrder = 1000;
