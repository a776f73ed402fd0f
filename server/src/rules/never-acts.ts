import type { Part } from '../engine/containment.js';
import { type Candidate, effectiveOfWorkload } from '../engine/effective.js';
import type { Stage } from '../engine/layers.js';
import { subjectsOf } from '../engine/matching.js';
import type { Peer } from '../model/peer.js';
import type { Rule } from '../model/policy.js';
import type { Scope } from '../workspace/scope.js';
import { mayMeet, surelyContains } from './calico-tiers.js';
import { denierOf, denyingPolicies } from './cilium-denies.js';
import type { PolicyContext } from './rule.js';
import { deciderInTiers, judgedBeforeInTiers } from './shadowed-in-tiers.js';

/**
 * Whether peers of a rule that allows surely let nobody through, at none of the pods that its policy selects: what is judged
 * before denies all of it, or passes it on. False where that is not certain.
 */
export function neverActs(context: PolicyContext, rule: Rule, peers: readonly Peer[] = rule.peers): boolean {
  const { scope, policy, profile } = context;
  if (rule.uncertain || policy.value.staged === true || peers.length === 0) return false;
  const parts = peers.map((peer): Part => ({ policy, rule, peer }));
  if (parts.every((part) => isDeniedToAll(context, part))) return true;
  const { sure, possible } = subjectsOf(scope, policy);
  // Policies do not apply to pods in their node's network.
  const pods = [...sure, ...possible].filter(({ value }) => !value.hostNetwork);
  return (
    pods.length > 0 &&
    pods.every((workload) => {
      const { stages } = effectiveOfWorkload(scope, workload, profile.cni)[rule.direction];
      return isAsked(stages, rule) && parts.every((part) => isDecidedBefore(scope, stages, part));
    })
  );
}

/** By the selectors alone, for pods that no manifest shows as well. */
function isDeniedToAll({ scope, policy, profile }: PolicyContext, part: Part): boolean {
  const before = policy.value.family === 'cluster' ? [] : judgedBeforeInTiers(scope, policy, profile);
  const decider = deciderInTiers(scope, part, before) ?? denierOf(scope, part, denyingPolicies(scope, policy, profile));
  return decider !== undefined;
}

/** Not what no plugin enforces. */
function isAsked(stages: readonly Stage<Candidate>[], asked: Rule): boolean {
  return stages.some(({ rules }) => rules.some(({ rule }) => rule === asked));
}

/** In the stages that judge a pod, first to last. */
function isDecidedBefore(scope: Scope, stages: readonly Stage<Candidate>[], inner: Part): boolean {
  for (const { mode, rules, isolatedBy } of stages) {
    if (mode === 'additive') return false;
    const place = rules.findIndex(({ rule }) => rule === inner.rule);
    let goesOn = false;
    for (const { policy, rule } of place < 0 ? rules : rules.slice(0, place)) {
      if (rule.action === 'Log') continue;
      const own = rule.peers.map((peer): Part => ({ policy: policy.placed, rule, peer }));
      const holds = policy.selects === 'yes' && own.some((part) => surelyContains(scope, part, inner));
      if (holds && rule.action === 'Allow') return false;
      if (holds && (place >= 0 || (rule.action === 'Deny' && !goesOn))) return true;
      if (rule.action === 'Pass' && own.some((part) => mayMeet(scope, part, inner))) goesOn = true;
      if (holds) break;
    }
    if (place >= 0) return false;
    if (!goesOn && isolatedBy.some(({ selects }) => selects === 'yes')) return true;
  }
  return false;
}
