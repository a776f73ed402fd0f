import type { Peer } from '../model/peer.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import { isAll, type PortSet } from '../model/ports.js';
import { disjoint, implies } from '../model/selector.js';
import { type Answer, and } from '../model/three.js';
import type { Workload } from '../model/workload.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import { type MatchedWorkloads, namespaceMatches, policiesSelecting, selects, workloadsSelected } from './matching.js';
import { byOrder } from './order.js';

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

/** What the pods may receive or send. */
export interface DirectionAnswer {
  readonly direction: Direction;
  /** Cluster-wide rules that are asked before the network policies, in their order. */
  readonly admin: readonly OrderedRule[];
  /** Cluster-wide rules that are asked where no network policy isolates the pods. */
  readonly baseline: readonly OrderedRule[];
  /** Some policy isolates the pods in this direction; otherwise everything is allowed. */
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
  readonly ingress: DirectionAnswer;
  readonly egress: DirectionAnswer;
}

/**
 * What the pods that a policy selects may receive and send, over all policies of the scope that select them: exactly
 * where the scope has the workloads, else from the selectors alone.
 * Source: k8s.io/api networking/v1 NetworkPolicySpec: policies are additive; a pod is isolated when any policy selects it.
 */
export function effectiveOfPolicy(scope: Scope, policy: Placed<Policy>): Effective {
  const content = contentOf(scope, policy.namespace);
  const workloads = workloadsSelected(scope, policy);
  const policies: Placed<Policy>[] = [];
  const partial: PartialPolicy[] = [];
  for (const other of content.policies) {
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
  return answerFor(policy.namespace, workloads, policies, partial, clusterWide);
}

/** What one workload may receive and send. */
export function effectiveOfWorkload(scope: Scope, workload: Placed<Workload>): Effective {
  // Cluster-wide policies ask for labels of namespaces, which the lists here do not tell of.
  if (scope.clusterPolicies.length > 0) return workOut(scope, workload);
  const { policies } = contentOf(scope, workload.namespace);
  const known = effectives.get(policies) ?? new Map<Placed<Workload>, Effective>();
  effectives.set(policies, known);
  const found = known.get(workload) ?? workOut(scope, workload);
  known.set(workload, found);
  return found;
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const effectives = new WeakMap<readonly Placed<Policy>[], Map<Placed<Workload>, Effective>>();

function workOut(scope: Scope, workload: Placed<Workload>): Effective {
  const policies: Placed<Policy>[] = [];
  const partial: PartialPolicy[] = [];
  for (const { policy, answer } of policiesSelecting(scope, workload)) {
    if (answer === 'yes') policies.push(policy);
    else partial.push({ policy, workloads: [] });
  }
  const clusterWide = scope.clusterPolicies.map((each) => ({ policy: each, selects: selects(scope, each, workload) }));
  return answerFor(workload.namespace, { sure: [workload], possible: [] }, policies, partial, clusterWide);
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
): Effective {
  return {
    namespace,
    workloads,
    policies,
    partial,
    ingress: directionOf('ingress', policies, partial, clusterWide),
    egress: directionOf('egress', policies, partial, clusterWide),
  };
}

/** A cluster-wide policy, and whether it selects the pods. */
interface ClusterWidePolicy {
  readonly policy: Placed<Policy>;
  readonly selects: Answer;
}

/** The union over some policies for one direction. */
export function directionOf(
  direction: Direction,
  policies: readonly Placed<Policy>[],
  partial: readonly PartialPolicy[] = [],
  clusterWide: readonly ClusterWidePolicy[] = [],
): DirectionAnswer {
  const isolatedBy = policies.filter((policy) => policy.value.isolates.includes(direction));
  // Rules of a direction that policyTypes does not list have no effect (FACTS A1).
  const allowances = isolatedBy.flatMap((policy) =>
    policy.value.rules
      .filter((rule) => rule.direction === direction && rule.action === 'Allow')
      .flatMap((rule) => rule.peers.map((peer) => ({ policy, rule, peer, ports: rule.ports }))),
  );
  return {
    direction,
    admin: orderedRules(clusterWide, 'admin', direction),
    baseline: orderedRules(clusterWide, 'baseline', direction),
    isolated: isolatedBy.length > 0,
    isolatedBy,
    allowances,
    // A rule within a condition of a template may not be there.
    everything: allowances.some(
      ({ policy, rule, peer, ports }) =>
        peer.kind === 'anything' && !peer.uncertain && !rule.uncertain && !policy.value.uncertain && isAll(ports),
    ),
    uncertain:
      policies.some((policy) => policy.value.uncertain) ||
      allowances.some(({ rule }) => rule.uncertain) ||
      partial.some(({ policy }) => policy.value.uncertain),
  };
}

function orderedRules(
  policies: readonly ClusterWidePolicy[],
  tier: Policy['order']['tier'],
  direction: Direction,
): readonly OrderedRule[] {
  return policies
    .filter(({ policy }) => policy.value.order.tier === tier)
    .toSorted((a, b) => byOrder(a.policy.value, b.policy.value))
    .flatMap(({ policy, selects }) =>
      selects === 'no'
        ? []
        : policy.value.rules.filter((rule) => rule.direction === direction).map((rule) => ({ policy, rule, selects })),
    );
}
