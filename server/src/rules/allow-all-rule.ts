import { policyName } from '../engine/describe.js';
import { dnsOf } from '../engine/dns.js';
import { effectiveOfPolicy, withoutRule } from '../engine/effective.js';
import { selects } from '../engine/matching.js';
import { isConditional } from '../engine/stages.js';
import type { Peer } from '../model/peer.js';
import type { Direction, Policy, Rule } from '../model/policy.js';
import { isAll } from '../model/ports.js';
import { list } from '../model/print.js';
import { implies } from '../model/selector.js';
import { removeItem } from '../text/edits.js';
import { editOnly } from '../text/fix.js';
import { valueAt } from '../text/tree.js';
import { folderOf } from '../workspace/files.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { neverActs } from './never-acts.js';
import { specOf } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { subjectWords } from './subject-words.js';

export const allowAllRule = definePolicyRule({
  id: 'allow-all-rule',
  group: 'Too wide',
  severity: 'info',
  summary: 'An empty rule allows everything.',
  check,
});

export const allowAllRulePage: RulePage = {
  what: `Reports a rule that names neither peers nor ports (\`- {}\`; of Calico \`- action: Allow\`, of Cilium \`fromEntities: [all]\` without ports). It is information while the policy stands alone, and a warning where it takes the effect from the rules of another policy for the same pods. Of Calico it says nothing behind a rule that denies or passes on, and egress is a hint. Nothing is said of a rule that never acts, since what is judged before it denies all of that (see \`shadowed-rule\`). Cilium's \`- {}\` allows nobody.`,
  why: `In a list of rules an empty one does not mean nothing, it means everything: every peer, inside and outside the cluster, on every port. Policies only add up, so one such rule anywhere makes whatever else is allowed for these pods, in this direction, beside the point. Many such rules were written for a test, and stayed.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api-debug
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - {}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: frontend
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: frontend
`,
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic'],
};

function* check(context: PolicyContext): Iterable<Finding> {
  const { scope, policy } = context;
  const limits = policy.value.rules.filter(({ action }) => action === 'Deny' || action === 'Pass');
  const idleIn = new Map<Direction, readonly Placed<Policy>[]>();
  for (const rule of policy.value.rules) {
    if (!policy.value.isolates.includes(rule.direction) || !allowsAll(rule) || isRest(policy.value, rule, limits))
      continue;
    if (neverActs(context, rule)) continue;
    const idle = idleIn.get(rule.direction) ?? withoutEffect(scope, policy, rule.direction);
    idleIn.set(rule.direction, idle);
    const words = ruleWords(policy.value, rule);
    const what =
      rule.direction === 'ingress'
        ? `${words} lets everyone, inside and outside the cluster, connect to ${subjectWords(scope, policy)} on every port`
        : `${words} lets ${subjectWords(scope, policy)} connect to everything, inside and outside the cluster, on every port`;
    const effect =
      idle.length === 0
        ? '. If that is not meant, name the peers and the ports.'
        : `. Policies only add up, so the ${rule.direction} rules of ${list(idle.map(policyName), 4)} have no effect. Remove this rule, or name its peers and ports.`;
    yield {
      // To leave egress open is how Calico's policies are often begun.
      ...(idle.length > 0
        ? { severity: 'warning' as const }
        : policy.value.family === 'calico' && rule.direction === 'egress'
          ? { severity: 'hint' as const }
          : {}),
      at: rule.at,
      message: what + effect,
      related: idle.map(({ value }) => ({
        at: value.at,
        message: `the ${rule.direction} rules of this policy have no effect`,
      })),
      fixes:
        idle.length > 0 && policy.value.family === 'kubernetes' && leavesDns(context, rule)
          ? [{ title: 'Remove this rule', changes: () => remove(policy, rule) }]
          : [],
    };
  }
}

function allowsAll(rule: Rule): boolean {
  const { action, peers, own, uncertain, ports } = rule;
  const open = (peer: Peer) => peer.kind === 'anything' || (peer.kind === 'entity' && peer.entity === 'all');
  if (action !== 'Allow' || uncertain || own !== undefined || isConditional(rule) || !isAll(ports)) return false;
  return peers.length > 0 && peers.every((peer) => open(peer) && !peer.uncertain);
}

/** Behind rules that deny or pass on it is about what is left, or it is about nodes: as its author means it. */
function isRest({ subject, staged }: Policy, { direction, index }: Rule, limits: readonly Rule[]): boolean {
  return (
    staged === true ||
    subject.nodes !== undefined ||
    limits.some((rule) => rule.direction === direction && (rule.action === 'Deny' || rule.index < index))
  );
}

function ruleWords({ family }: Policy, { direction }: Rule): string {
  if (family === 'calico') return `An ${direction} rule with nothing but \`action: Allow\``;
  if (family !== 'cilium') return `An empty ${direction} rule`;
  return `An entry with \`${direction === 'ingress' ? 'from' : 'to'}Entities: [all]\` and no ports`;
}

/** The policies whose rules make no difference: all the pods they are about are open already. */
function withoutEffect(scope: Scope, policy: Placed<Policy>, direction: Direction): readonly Placed<Policy>[] {
  // In an order, what comes before counts whatever this allows.
  if (!adds(policy.value)) return [];
  const { policies, workloads } = contentOf(scope, policy.namespace);
  return policies.filter((other) => {
    if (other === policy || !adds(other.value) || other.value.uncertain || !other.value.isolates.includes(direction))
      return false;
    const rules = other.value.rules.filter((rule) => rule.direction === direction);
    // A policy without rules is a default that others make exceptions from.
    if (rules.length === 0 || rules.some(allowsAll)) return false;
    const selected = workloads.filter((workload) => selects(scope, other, workload) !== 'no');
    if (!areAppliedTogether(scope, policy, other, selected.length > 0)) return false;
    if (selected.length > 0) return selected.every((workload) => selects(scope, policy, workload) === 'yes');
    return implies(other.value.subject.pods, policy.value.subject.pods) === 'yes';
  });
}

/** It only allows, and so do those beside it. */
function adds({ family, clusterWide, rules }: Policy): boolean {
  const plain = family === 'kubernetes' || (family === 'cilium' && !clusterWide);
  return plain && rules.every(({ action }) => action === 'Allow');
}

/** Files of a folder may be samples or variants of which one is chosen: only workloads show that they are in use. */
function areAppliedTogether(scope: Scope, policy: Placed<Policy>, other: Placed<Policy>, inUse: boolean): boolean {
  if (scope.kind !== 'folder' || other.uri === policy.uri) return true;
  return inUse && policy.namespace.name !== undefined && folderOf(other.uri) === folderOf(policy.uri);
}

/** Whether names can still be looked up without the rule: else removing it would cut more than is said. */
function leavesDns({ scope, policy, profile }: PolicyContext, rule: Rule): boolean {
  if (rule.direction === 'ingress') return true;
  const { egress } = effectiveOfPolicy(scope, policy, profile.cni);
  const dns = dnsOf(scope, profile, withoutRule(egress, rule));
  return dns.udp === 'yes' && dns.tcp === 'yes' && !dns.nodeLocalBlocked;
}

function remove(policy: Placed<Policy>, rule: Rule) {
  const rules = valueAt(specOf(policy), rule.direction);
  return rules?.kind === 'sequence' ? editOnly(removeItem(rules, rule.index)) : undefined;
}
