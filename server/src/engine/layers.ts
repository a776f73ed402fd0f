import type { CniProfile } from '../model/cni.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import type { Placed } from '../workspace/scope.js';
import type { AppliedPolicy } from './cluster.js';
import type { Composition } from './composition.js';
import { byOrder } from './order.js';
import { type TierRank, unknownTier } from './tiers.js';

/** Whatever stands for a policy that is asked: both doors of the engine put theirs in order here. */
export interface HasPolicy {
  readonly placed: Placed<Policy>;
}

/** A rule with its policy. */
export interface RuleOf<P> {
  readonly policy: P;
  readonly rule: Rule;
}

export type AppliedRule = RuleOf<AppliedPolicy>;

/** How policies of several families compose, and in which tiers. */
export interface Composed {
  readonly composition: Composition;
  /** First to last. */
  readonly tiers: readonly TierRank[];
  /** Whether rules of network policies count in directions that `policyTypes` does not list, and isolate there. */
  readonly unlistedRules: CniProfile['unlistedDirectionRules'];
}

/**
 * One step of the judgement on some pods in one direction. 'first match': the first rule that matches decides. 'additive':
 * what any rule matches is allowed. What no rule decides is denied where some policy isolates the pods, and otherwise left to the
 * next stage, as is what a rule passes on.
 * Source: network-policy-api v1alpha2 types.go (tiers); k8s.io/api networking/v1 NetworkPolicySpec. FACTS B2 to B5.
 */
export interface Stage<P extends HasPolicy = AppliedPolicy> {
  /** 'denies': the deny rules of Cilium, which come before all that allows. */
  readonly tier: 'admin' | 'namespaced' | 'baseline' | 'tiered' | 'denies';
  /** The tier's own name, where it is 'tiered'. */
  readonly name?: string;
  readonly mode: 'first match' | 'additive';
  /** The policies that select the pods, in the order in which they are asked. */
  readonly policies: readonly P[];
  /** Those that isolate the pods: none in a stage that leaves what it does not decide to the next. */
  readonly isolatedBy: readonly P[];
  readonly rules: readonly RuleOf<P>[];
  /** Whether policies that isolate in general do so here: not in a tier whose default is to pass. */
  readonly isolates: boolean;
}

/** The stages that some policies make in one direction, first to last. Empty ones are left out. */
export function layersOf<P extends HasPolicy>(
  how: Composed,
  policies: readonly P[],
  direction: Direction,
): readonly Stage<P>[] {
  const { unlistedRules } = how;
  const found =
    how.composition === 'calico'
      ? inTiers(how, policies, direction)
      : [
          firstMatch(of(policies, 'admin'), direction, { tier: 'admin' }),
          denies(policies, direction),
          additive(of(policies, 'namespaced'), direction, unlistedRules),
          firstMatch(of(policies, 'baseline'), direction, { tier: 'baseline' }),
        ];
  return found.filter((stage) => stage !== undefined);
}

function of<P extends HasPolicy>(policies: readonly P[], tier: Stage['tier']): readonly P[] {
  const isOf = ({ placed }: P) => placed.value.order.tier === tier;
  // Most often all are of one tier.
  return policies.every(isOf) ? policies : policies.filter(isOf);
}

/**
 * Calico's way: all policies in tiers. The network policies of Kubernetes stand in the default one, as allow rules of
 * order 1000, and the cluster-wide ones in tiers of their own (FACTS A3.7, B4).
 */
function inTiers<P extends HasPolicy>(
  { tiers: ranks, unlistedRules }: Composed,
  policies: readonly P[],
  direction: Direction,
): readonly (Stage<P> | undefined)[] {
  const own = of(policies, 'tiered');
  const known = new Set(ranks.map(({ name }) => name));
  const others = own.map(({ placed }) => placed.value.order.tierName ?? 'default').filter((name) => !known.has(name));
  const tiers = [...ranks, ...[...new Set(others)].sort().map(unknownTier)];
  return tiers.flatMap(({ name, end }) => {
    const here = own.filter(({ placed }) => (placed.value.order.tierName ?? 'default') === name);
    const applies = here.filter((policy) => directionsOf(policy).includes(direction));
    const tiered = (among: readonly P[]) =>
      firstMatch(among, direction, { tier: 'tiered', name, isolates: end === 'Deny' });
    if (name === 'kube-admin')
      return [firstMatch(of(policies, 'admin'), direction, { tier: 'admin' }), tiered(applies)];
    if (name === 'kube-baseline') {
      return [tiered(applies), firstMatch(of(policies, 'baseline'), direction, { tier: 'baseline' })];
    }
    if (name !== 'default') return [tiered(applies)];
    const network = of(policies, 'namespaced');
    // Without others among them, network policies decide as they do everywhere.
    return [applies.length === 0 ? additive(network, direction, unlistedRules) : tiered([...applies, ...network])];
  });
}

function firstMatch<P extends HasPolicy>(
  policies: readonly P[],
  direction: Direction,
  how: Pick<Stage, 'tier' | 'name'> & { readonly isolates?: boolean },
): Stage<P> | undefined {
  if (policies.length === 0) return undefined;
  const { isolates = false, ...named } = how;
  const ordered = policies.toSorted((a, b) => byOrder(a.placed.value, b.placed.value));
  return {
    ...named,
    mode: 'first match',
    policies: ordered,
    isolatedBy: isolates ? ordered.filter((policy) => isolatesIn(policy, direction)) : [],
    rules: ordered.flatMap((policy) => (how.tier === 'tiered' ? rulesThatCount : rulesOf)(policy, direction)),
    isolates,
  };
}

/** Cilium's way: what any policy denies is denied, whatever others allow (FACTS B5). */
function denies<P extends HasPolicy>(policies: readonly P[], direction: Direction): Stage<P> | undefined {
  const denying = of(policies, 'namespaced').filter(({ placed }) =>
    placed.value.rules.some((rule) => rule.action === 'Deny' && rule.direction === direction),
  );
  if (denying.length === 0) return undefined;
  return {
    tier: 'denies',
    mode: 'first match',
    policies: denying,
    isolatedBy: [],
    rules: denying.flatMap((policy) => rulesOf(policy, direction)).filter(({ rule }) => rule.action === 'Deny'),
    isolates: false,
  };
}

function additive<P extends HasPolicy>(
  policies: readonly P[],
  direction: Direction,
  unlisted: Composed['unlistedRules'],
): Stage<P> | undefined {
  if (policies.length === 0) return undefined;
  const counts = ({ placed: { value } }: P) =>
    unlisted === 'enforced' &&
    value.family === 'kubernetes' &&
    value.rules.some((rule) => rule.direction === direction);
  return {
    tier: 'namespaced',
    mode: 'additive',
    policies,
    isolatedBy: policies.filter((policy) => isolatesIn(policy, direction) || counts(policy)),
    rules: policies
      .flatMap((policy) => (counts(policy) ? rulesOf : rulesThatCount)(policy, direction))
      .filter(({ rule }) => rule.action === 'Allow'),
    isolates: true,
  };
}

function isolatesIn({ placed }: HasPolicy, direction: Direction): boolean {
  return placed.value.isolates.includes(direction);
}

function directionsOf({ placed: { value } }: HasPolicy): readonly Direction[] {
  return value.directions ?? value.isolates;
}

/** Rules of a direction that policyTypes does not list have no effect (FACTS A1). */
function rulesThatCount<P extends HasPolicy>(policy: P, direction: Direction): readonly RuleOf<P>[] {
  return directionsOf(policy).includes(direction) ? rulesOf(policy, direction) : [];
}

function rulesOf<P extends HasPolicy>(policy: P, direction: Direction): readonly RuleOf<P>[] {
  return policy.placed.value.rules.filter((rule) => rule.direction === direction).map((rule) => ({ policy, rule }));
}
