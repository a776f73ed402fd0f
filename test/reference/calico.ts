/** One direction's verdict where Calico enforces the policies: FACTS B4 with A3.3, A3.4, A3.7. */
import { calicoRuleMatch, namespacePredicate, podLabels, serviceAccountPredicate } from './calico-rule.js';
import { parseSelector } from './calico-selector.js';
import { actionOf, choosesPod, clusterRuleMatches, tierOf } from './clusterpolicy.js';
import type { AddressesMatchPods, Connection, Direction, End } from './connection.js';
import { type Decision, type DirectionVerdict, nameOf } from './decision.js';
import type { Match } from './match.js';
import { isolates, ruleMatches } from './networkpolicy.js';
import { type Cluster, type ClusterPolicy, type NetworkPolicy, namespaceOf, type Pod } from './objects.js';
import type { CalicoPolicy } from './objects-calico.js';

/** What is asked about each policy. */
interface Question {
  readonly cluster: Cluster;
  readonly own: Pod;
  readonly other: End;
  readonly direction: Direction;
  readonly connection: Connection;
  readonly addressesMatchPods: AddressesMatchPods;
}

interface Tier {
  readonly name: string;
  readonly order: number;
  readonly end: 'Deny' | 'Pass';
}

/** A policy of any kind, as it stands in a tier. Only those that are about the pod in this direction are made. */
interface Ranked {
  readonly tier: string;
  readonly order: number;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly kind: string;
  readonly staged: boolean;
  readonly rules: readonly { readonly action: 'allow' | 'deny' | 'pass' | 'log'; readonly match: () => Match }[];
}

interface Outcome {
  readonly allowed: boolean;
  readonly decidedBy: readonly Decision[];
}

/** FACTS A3.3: the tiers that are always there. */
const builtIn: readonly Tier[] = [
  { name: 'kube-admin', order: 1_000, end: 'Pass' },
  { name: 'default', order: 1_000_000, end: 'Deny' },
  { name: 'kube-baseline', order: 10_000_000, end: 'Pass' },
];

export function calicoVerdict(
  cluster: Cluster,
  own: Pod,
  other: End,
  direction: Direction,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): DirectionVerdict {
  const question: Question = { cluster, own, other, direction, connection, addressesMatchPods };
  const policies = [
    ...cluster.networkPolicies.flatMap((policy) => networkPolicyRanked(policy, question)),
    ...cluster.clusterPolicies.flatMap((policy) => clusterPolicyRanked(policy, question)),
    ...cluster.calico.policies.flatMap((policy) => calicoRanked(policy, question)),
  ].sort(inOrder);
  const outcomes = [...walk(tiersOf(cluster), policies)];
  return {
    allowed: outcomes.every(({ allowed }) => allowed),
    possible: outcomes.some(({ allowed }) => allowed),
    decidedBy: outcomes.flatMap(({ decidedBy }) => decidedBy),
  };
}

/** FACTS B4: by order, absent last, then by name. */
function tiersOf({ calico }: Cluster): readonly Tier[] {
  const written = calico.tiers.map(
    ({ metadata, spec }): Tier => ({
      name: metadata.name,
      order: spec?.order ?? Number.POSITIVE_INFINITY,
      end: spec?.defaultAction ?? 'Deny',
    }),
  );
  const implied = builtIn.filter(({ name }) => !written.some((tier) => tier.name === name));
  return [...written, ...implied].sort((a, b) => compare(a.order, b.order) || compare(a.name, b.name));
}

/** FACTS B4: by order, absent last, then by name, namespace and kind as strings. */
function inOrder(a: Ranked, b: Ranked): number {
  return (
    compare(a.order, b.order) ||
    compare(a.name, b.name) ||
    compare(a.namespace ?? '', b.namespace ?? '') ||
    compare(a.kind, b.kind)
  );
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * FACTS B4, the walk through the tiers. A rule that may match is gone through both ways, so that there are several outcomes:
 * one for each way in which the conditions may turn out.
 */
function* walk(tiers: readonly Tier[], policies: readonly Ranked[]): Generator<Outcome> {
  for (const [index, tier] of tiers.entries()) {
    const applied = policies.filter((policy) => policy.tier === tier.name);
    if (applied.length === 0) continue;
    for (const policy of applied) {
      if (policy.staged) continue;
      for (const [place, { action, match }] of policy.rules.entries()) {
        const matches = match();
        if (matches === 'no' || action === 'log') continue;
        if (action === 'pass') yield* walk(tiers.slice(index + 1), policies);
        else yield { allowed: action === 'allow', decidedBy: [decision(policy, place)] };
        if (matches === 'yes') return;
      }
    }
    const enforced = applied.filter(({ staged }) => !staged);
    if (enforced.length === 0) continue;
    if (tier.end === 'Pass') continue;
    yield { allowed: false, decidedBy: enforced.map((policy) => decision(policy, undefined)) };
    return;
  }
  // The profile of a pod's namespace allows everything.
  yield { allowed: true, decidedBy: [] };
}

function decision(policy: Ranked, rule: number | undefined): Decision {
  return { tier: policy.tier, policy: nameOf(policy), rule };
}

/** FACTS A3.7: in the default tier at order 1000; every rule allows. */
function networkPolicyRanked(policy: NetworkPolicy, question: Question): Ranked[] {
  const { cluster, own, other, direction, connection, addressesMatchPods } = question;
  if (!isolates(policy, own, direction)) return [];
  const namespace = namespaceOf(policy);
  const rules = (policy.spec?.[direction] ?? []).map((rule) => ({
    action: 'allow' as const,
    match: (): Match =>
      ruleMatches(cluster, namespace, rule ?? {}, other, connection, addressesMatchPods) ? 'yes' : 'no',
  }));
  const { name } = policy.metadata;
  return [{ tier: 'default', order: 1000, name, namespace, kind: 'NetworkPolicy', staged: false, rules }];
}

/** FACTS A3.7: in the tier of its own, by priority, in the directions that have rules. */
function clusterPolicyRanked(policy: ClusterPolicy, question: Question): Ranked[] {
  const { cluster, own, other, direction, connection, addressesMatchPods } = question;
  const written = policy.spec[direction] ?? [];
  if (written.length === 0 || !choosesPod(cluster, policy.spec.subject, own)) return [];
  const rules = written.map((rule) => ({
    action: actionOf(rule),
    match: (): Match => (clusterRuleMatches(cluster, rule, other, connection, addressesMatchPods) ? 'yes' : 'no'),
  }));
  return [
    {
      tier: tierOf(policy) === 'admin' ? 'kube-admin' : 'kube-baseline',
      order: policy.spec.priority ?? -1,
      name: policy.metadata.name,
      namespace: undefined,
      kind: policy.kind,
      staged: false,
      rules,
    },
  ];
}

function calicoRanked(policy: CalicoPolicy, { cluster, own, direction, connection }: Question): Ranked[] {
  if (!isAbout(cluster, policy, own) || !typesOf(policy).includes(direction === 'ingress' ? 'Ingress' : 'Egress'))
    return [];
  const namespace = policyNamespace(policy);
  const tier = policy.spec?.tier || 'default';
  if (!tiersOf(cluster).some(({ name }) => name === tier)) throw new Error(`there is no tier ${tier}`);
  const rules = (policy.spec?.[direction] ?? []).map((rule) => ({
    action: ({ Allow: 'allow', Deny: 'deny', Pass: 'pass', Log: 'log' } as const)[rule.action],
    match: () => calicoRuleMatch(cluster, namespace, rule, connection),
  }));
  return [
    {
      tier,
      order: policy.spec?.order ?? Number.POSITIVE_INFINITY,
      name: policy.metadata.name,
      namespace,
      kind: policy.kind,
      staged: policy.kind.startsWith('Staged'),
      rules,
    },
  ];
}

function policyNamespace(policy: CalicoPolicy): string | undefined {
  return policy.kind.includes('Global') ? undefined : namespaceOf(policy);
}

/**
 * FACTS A3.6. Host-network pods are no endpoints (B4). Policies that are not tracked, or come before the translation of
 * addresses, are for host endpoints. A staged NetworkPolicy of Kubernetes is never enforced, so that it may be about nobody.
 */
function isAbout(cluster: Cluster, policy: CalicoPolicy, own: Pod): boolean {
  const { selector, serviceAccountSelector, namespaceSelector, doNotTrack, preDNAT } = policy.spec ?? {};
  if (own.hostNetwork || doNotTrack === true || preDNAT === true) return false;
  if (policy.kind === 'StagedKubernetesNetworkPolicy') return false;
  const namespace = policyNamespace(policy);
  if (namespace !== undefined && own.namespace !== namespace) return false;
  const labels = podLabels(cluster, own);
  return (
    (!selector || parseSelector(selector)(labels)) &&
    (!serviceAccountSelector || serviceAccountPredicate(serviceAccountSelector)(labels)) &&
    (!namespaceSelector || namespacePredicate(namespaceSelector)(labels))
  );
}

/** FACTS A3.4: what Calico's API server fills in; what Felix makes of a raw object of the CRD that lacks it. */
function typesOf({ apiVersion, spec }: CalicoPolicy): readonly ('Ingress' | 'Egress')[] {
  if (spec?.types !== undefined) return spec.types;
  if (apiVersion.startsWith('crd.')) return ['Ingress', 'Egress'];
  if ((spec?.egress ?? []).length === 0) return ['Ingress'];
  return (spec?.ingress ?? []).length === 0 ? ['Egress'] : ['Ingress', 'Egress'];
}
