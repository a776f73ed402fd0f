import type { CniProfile } from '../model/cni.js';
import type { Family, Policy } from '../model/policy.js';

/**
 * How policies of several families together decide: 'calico': all in tiers, one after the other; 'cilium': what denies
 * before what allows, all of a rank; 'kubernetes': policies of both families do nothing. No plugin enforces both.
 * Source: FACTS B3.
 */
export type Composition = 'kubernetes' | 'calico' | 'cilium';

/**
 * The way in which these policies compose. Where nobody says which plugin the cluster has, it is the one whose policies
 * there are; where there are some of both, the one with more of them.
 */
export function compositionOf(cni: CniProfile, policies: Iterable<Policy>): Composition {
  if (cni.ownFamily !== undefined) return cni.ownFamily === 'none' ? 'kubernetes' : cni.ownFamily;
  let calico = 0;
  let cilium = 0;
  for (const { family } of policies) {
    if (family === 'calico') calico++;
    if (family === 'cilium') cilium++;
  }
  if (calico === 0 && cilium === 0) return 'kubernetes';
  return calico > cilium ? 'calico' : 'cilium';
}

/** Whether policies of a family are enforced, and this one is not only watched. */
export function isEnforced({ family, staged }: Pick<Policy, 'family' | 'staged'>, composition: Composition): boolean {
  if (staged) return false;
  const own: Family = family;
  return own === 'kubernetes' || own === 'cluster' || own === composition;
}
