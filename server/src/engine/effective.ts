import { type CniProfile, standardCni } from '../model/cni.js';
import type { Peer } from '../model/peer.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import type { PortSet } from '../model/ports.js';
import { disjoint, fingerprint, implies } from '../model/selector.js';
import { type Answer, and } from '../model/three.js';
import type { Workload } from '../model/workload.js';
import { knownOr, perList, type ReadFrom, whileSame } from '../workspace/per-list.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import { policiesFor, policiesMeeting } from './by-label.js';
import { compositionOf, isEnforced } from './composition.js';
import { labelsAsked } from './containment.js';
import { layersOf, type RuleOf, type Stage } from './layers.js';
import { type MatchedWorkloads, namespaceMatches, policiesSelecting, selects, workloadsSelected } from './matching.js';
import { ranksOf, type TierRank } from './tiers.js';
import { inTurns, takesEverything } from './turns.js';

/** One part of what is allowed: one peer of one rule, on the rule's ports. */
export interface Allowance {
  readonly policy: Placed<Policy>;
  readonly rule: Rule;
  readonly peer: Peer;
  readonly ports: PortSet;
}

/** A rule that is asked in its turn: the first that matches decides. */
export interface OrderedRule {
  readonly policy: Placed<Policy>;
  readonly rule: Rule;
  /** Whether its policy surely selects the pods. */
  readonly selects: 'yes' | 'unknown';
}

/** Rules of which the first that matches decides; what one passes on goes to the next turn. */
export interface Turn {
  /** The tier's own name, where it has one. */
  readonly tier: string | undefined;
  readonly rules: readonly OrderedRule[];
  /** Whose isolation denies what no rule here decides; nobody where that goes on, too. */
  readonly deniedBy: readonly Placed<Policy>[];
}

/** A policy that may be asked, and whether it surely selects the pods. */
export interface Candidate {
  readonly placed: Placed<Policy>;
  readonly selects: 'yes' | 'unknown';
}

/** What the pods may receive or send. */
export interface DirectionAnswer {
  readonly direction: Direction;
  /** All that decides, first to last; `decide` asks them. */
  readonly stages: readonly Stage<Candidate>[];
  /**
   * What is asked before the rules that only allow: cluster-wide policies, tiers in which something is denied or passed on,
   * and all that Cilium's policies deny. In their order.
   */
  readonly turns: readonly Turn[];
  /** All rules of these. */
  readonly admin: readonly OrderedRule[];
  /** Cluster-wide rules that are asked where no policy isolates the pods. */
  readonly baseline: readonly OrderedRule[];
  /**
   * Some policy isolates the pods in this direction; otherwise everything is allowed. Not one in a tier that passes on all
   * that its rules do not decide, or that nothing comes to.
   */
  readonly isolated: boolean;
  readonly isolatedBy: readonly Placed<Policy>[];
  /** The union of what the policies allow, part by part. Empty and isolated: nothing is allowed. */
  readonly allowances: readonly Allowance[];
  /** Some rule allows every peer on every port. */
  readonly everything: boolean;
  /** Some part is not known (a template, a broken value): more may be isolated or allowed. */
  readonly uncertain: boolean;
}

/** A policy that selects some of the pods but perhaps not all. */
export interface PartialPolicy {
  readonly policy: Placed<Policy>;
  /** The selected pods among the subject's; empty when only the selectors tell. */
  readonly workloads: readonly Placed<Workload>[];
}

/** The effective allow set of a group of pods. */
export interface Effective {
  readonly namespace: NamespaceRef;
  /** The workloads of the group; `sure` is empty when the scope has none, and the answer is symbolic. */
  readonly workloads: MatchedWorkloads;
  /** The policies that select all of the pods, in the order of the scope. */
  readonly policies: readonly Placed<Policy>[];
  readonly partial: readonly PartialPolicy[];
  /** The cluster-wide policies that may select them. */
  readonly clusterWide: readonly ClusterWidePolicy[];
  readonly how: HowComposed;
  readonly ingress: DirectionAnswer;
  readonly egress: DirectionAnswer;
}

/**
 * What the pods that a policy selects may receive and send, over all policies of the scope that select them: exactly
 * where the scope has the workloads, else from the selectors alone.
 * Source: k8s.io/api networking/v1 NetworkPolicySpec: policies are additive; a pod is isolated when any policy selects it.
 */
export function effectiveOfPolicy(scope: Scope, policy: Placed<Policy>, cni: CniProfile = standardCni): Effective {
  const { policies } = contentOf(scope, policy.namespace);
  const { subject } = policy.value;
  // Policies of the same selector have one answer, but where it is not known whether that selects what it selects.
  if (subject.nodes !== undefined || subjectContains(policy.value, policy.value) !== 'yes')
    return workOutForPolicy(scope, policy, cni);
  const from = [contentOf(scope, policy.namespace).workloads, ...readBeside(scope, policies)];
  const key = `${subject.namespaces.own} ${fingerprint(subject.pods)}`;
  return whileSame(answersOf(policies, cni).bySubject, key, from, () => workOutForPolicy(scope, policy, cni));
}

/** What was worked out under one network plugin. */
interface Answers {
  readonly bySubject: Map<string, ReadFrom<Effective>>;
  readonly byWorkload: Map<Placed<Workload>, ReadFrom<Effective>>;
}

function answersOf(policies: readonly Placed<Policy>[], cni: CniProfile): Answers {
  return knownOr(byCni(policies), cni, (): Answers => ({ bySubject: new Map(), byWorkload: new Map() }));
}

const byCni = perList((_policies: readonly Placed<Policy>[]) => new WeakMap<CniProfile, Answers>());

/** What an answer about pods of a namespace is read from, beside its lists. */
function readBeside(scope: Scope, policies: readonly Placed<Policy>[]): readonly unknown[] {
  const { clusterPolicies } = scope;
  // Cluster-wide policies ask for labels of namespaces, which the lists do not tell of; plugins for other orders.
  return clusterPolicies.length > 0 || !allOfKubernetes(policies)
    ? [clusterPolicies, scope.namespaceObjects, scope.tiers]
    : [];
}

function workOutForPolicy(scope: Scope, policy: Placed<Policy>, cni: CniProfile): Effective {
  const content = contentOf(scope, policy.namespace);
  const workloads = workloadsSelected(scope, policy);
  const policies: Placed<Policy>[] = [];
  const partial: PartialPolicy[] = [];
  for (const other of mayBear(scope, policy, workloads.sure)) {
    if (other === policy) {
      policies.push(other);
      continue;
    }
    if (workloads.sure.length > 0) {
      const chosen = workloads.sure.filter((workload) => selects(scope, other, workload) === 'yes');
      if (chosen.length === workloads.sure.length) policies.push(other);
      else if (chosen.length > 0) partial.push({ policy: other, workloads: chosen });
      continue;
    }
    const contains = subjectContains(other.value, policy.value);
    if (contains === 'yes') policies.push(other);
    else if (contains === 'unknown') partial.push({ policy: other, workloads: [] });
  }
  const clusterWide = scope.clusterPolicies.map((each) => ({
    policy: each,
    selects: workloads.sure.length > 0 ? among(scope, each, workloads.sure) : symbolically(scope, each, policy),
  }));
  return answerFor(content.ref, workloads, policies, partial, clusterWide, howIn(scope, cni));
}

/** Of a policy's namespace, in their order, all policies that may select some of its pods, and the policy itself. */
function mayBear(
  scope: Scope,
  policy: Placed<Policy>,
  workloads: readonly Placed<Workload>[],
): Iterable<Placed<Policy>> {
  const { policies } = contentOf(scope, policy.namespace);
  const asked = labelsAsked(policy.value.subject.pods);
  const [only, ...others] = workloads;
  if (only !== undefined && others.length === 0 && !only.value.openLabels)
    return policiesFor(policies, only.value.labels);
  return asked === undefined ? policies : policiesMeeting(policies, asked);
}

/** What one workload may receive and send. */
export function effectiveOfWorkload(
  scope: Scope,
  workload: Placed<Workload>,
  cni: CniProfile = standardCni,
): Effective {
  const { policies } = contentOf(scope, workload.namespace);
  const known = answersOf(policies, cni).byWorkload;
  return whileSame(known, workload, readBeside(scope, policies), () => workOut(scope, workload, cni));
}

const allOfKubernetes = perList((policies: readonly Placed<Policy>[]) =>
  policies.every(({ value }) => value.family === 'kubernetes'),
);

function workOut(scope: Scope, workload: Placed<Workload>, cni: CniProfile): Effective {
  const policies: Placed<Policy>[] = [];
  const partial: PartialPolicy[] = [];
  for (const { policy, answer } of policiesSelecting(scope, workload)) {
    if (answer === 'yes') policies.push(policy);
    else partial.push({ policy, workloads: [] });
  }
  const clusterWide = scope.clusterPolicies.map((each) => ({ policy: each, selects: selects(scope, each, workload) }));
  const only = { sure: [workload], possible: [] };
  return answerFor(workload.namespace, only, policies, partial, clusterWide, howIn(scope, cni));
}

/** Whether a policy selects all of the workloads; 'unknown' for some of them. */
function among(scope: Scope, policy: Placed<Policy>, workloads: readonly Placed<Workload>[]): Answer {
  const answers = workloads.map((workload) => selects(scope, policy, workload));
  if (answers.every((answer) => answer === 'yes')) return 'yes';
  return answers.every((answer) => answer === 'no') ? 'no' : 'unknown';
}

/** Whether a cluster-wide policy selects all that another policy selects in its namespace. */
function symbolically(scope: Scope, outer: Placed<Policy>, inner: Placed<Policy>): Answer {
  const where = namespaceMatches(scope, outer.value.subject.namespaces, outer.namespace, inner.namespace);
  return where === 'no' ? 'no' : and(where, subjectContains(outer.value, inner.value));
}

/** Whether every pod that `inner` selects is also selected by `outer`; 'no' when none can be. Same namespace assumed. */
function subjectContains(outer: Policy, inner: Policy): Answer {
  if (disjoint(outer.subject.pods, inner.subject.pods) === 'yes') return 'no';
  if (outer.subject.uncertain || inner.subject.uncertain) return 'unknown';
  return implies(inner.subject.pods, outer.subject.pods) === 'yes' ? 'yes' : 'unknown';
}

function answerFor(
  namespace: NamespaceRef,
  workloads: MatchedWorkloads,
  policies: readonly Placed<Policy>[],
  partial: readonly PartialPolicy[],
  clusterWide: readonly ClusterWidePolicy[],
  how: HowComposed,
): Effective {
  return {
    namespace,
    workloads,
    policies,
    partial,
    clusterWide,
    how,
    ingress: directionOf('ingress', policies, partial, clusterWide, how),
    egress: directionOf('egress', policies, partial, clusterWide, how),
  };
}

/** A cluster-wide policy, and whether it selects the pods. */
export interface ClusterWidePolicy {
  readonly policy: Placed<Policy>;
  readonly selects: Answer;
}

/** What some policies together say for one direction. Without a plugin they compose as their own families do. */
export function directionOf(
  direction: Direction,
  policies: readonly Placed<Policy>[],
  partial: readonly PartialPolicy[] = [],
  clusterWide: readonly ClusterWidePolicy[] = [],
  how: HowComposed = { cni: standardCni, tiers: [] },
): DirectionAnswer {
  const candidates = [
    ...policies.map((placed): Candidate => ({ placed, selects: 'yes' })),
    ...clusterWide.flatMap(({ policy, selects }): readonly Candidate[] =>
      selects === 'no' ? [] : [{ placed: policy, selects }],
    ),
  ];
  const composition = compositionOf(
    how.cni,
    candidates.map(({ placed }) => placed.value),
  );
  const enforced = candidates.filter(({ placed }) => isEnforced(placed.value, composition));
  const stages = layersOf(
    { composition, tiers: how.tiers, unlistedRules: how.cni.unlistedDirectionRules },
    enforced,
    direction,
  );
  const { turns, baseline, isolatedBy, allowing } = inTurns(stages);
  const allowances = allowing.flatMap(({ policy: { placed, selects }, rule }) =>
    selects === 'yes' ? rule.peers.map((peer) => ({ policy: placed, rule, peer, ports: rule.ports })) : [],
  );
  const uncertainRules = stages.some(
    ({ tier, rules }) => tier !== 'admin' && tier !== 'baseline' && rules.some(isUnclear),
  );
  return {
    direction,
    stages,
    turns,
    admin: turns.flatMap(({ rules }) => rules),
    baseline,
    isolated: isolatedBy.length > 0,
    isolatedBy,
    allowances,
    // A rule within a condition of a template may not be there.
    everything: allowing.some((each) => each.rule.action === 'Allow' && takesEverything(each)),
    uncertain:
      policies.some((policy) => policy.value.uncertain) ||
      uncertainRules ||
      partial.some(({ policy }) => policy.value.uncertain),
  };
}

/** The same without one rule. */
export function withoutRule(answer: DirectionAnswer, left: Rule): DirectionAnswer {
  const stays = ({ rule }: { readonly rule: Rule }) => rule !== left;
  return {
    ...answer,
    stages: answer.stages.map((stage) => ({ ...stage, rules: stage.rules.filter(stays) })),
    turns: answer.turns.map((turn) => ({ ...turn, rules: turn.rules.filter(stays) })),
    admin: answer.admin.filter(stays),
    baseline: answer.baseline.filter(stays),
    allowances: answer.allowances.filter(stays),
    everything: false,
  };
}

/** What decides how policies compose, beside themselves. */
export interface HowComposed {
  readonly cni: CniProfile;
  /** First to last; those that every cluster has where left out. */
  readonly tiers: readonly TierRank[];
}

function howIn(scope: Scope, cni: CniProfile): HowComposed {
  return { cni, tiers: ranksOf(scope.tiers) };
}

function isUnclear({ policy, rule }: RuleOf<Candidate>): boolean {
  return rule.uncertain && policy.selects === 'yes';
}
