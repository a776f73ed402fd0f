import type { Part } from '../engine/containment.js';
import { policyName } from '../engine/describe.js';
import type { Peer } from '../model/peer.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { printPorts } from '../model/ports.js';
import { list } from '../model/print.js';
import type { Place } from '../model/workload.js';
import type { Fix } from '../text/fix.js';
import type { Placed } from '../workspace/scope.js';
import { likelyHalves } from './or-pairs.js';
import { coveredClauses, coveredRules } from './redundancy.js';
import { removeItemAt, removeRule } from './remove-rule.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { voidedBy } from './voided.js';

export const redundantRule = definePolicyRule({
  id: 'redundant-rule',
  group: 'No effect',
  severity: 'info',
  summary: 'A rule, a peer or a port adds nothing to what others allow.',
  check,
});

export const redundantRulePage: RulePage = {
  what: `Reports a rule, one peer of it, or one entry of its ports, where all that it stands for is part of another:

- of another rule of the same policy, or another entry of the same list (information);
- of a rule of another policy that selects at least the same pods and isolates them in the same direction (a hint: it may be a layer of its own on purpose).

Of two equal ones only the later is reported; the one that contains it is shown. In an AdminNetworkPolicy or ClusterNetworkPolicy only an earlier rule with the same action counts; with another action it is \`shadowed-rule\`. Whether one contains the other is told from the selectors, addresses and ports alone, never from which pods exist today; names of ports are compared as names. Samples in different folders are not compared. A rule that is idle because of an empty rule (\`- {}\`) of another policy is the matter of \`allow-all-rule\`.`,
  why: 'What adds nothing still reads as if it did. Whoever removes it, to cut a connection, cuts nothing; whoever reads the narrow rule takes it for the limit and misses the wide one beside it. Often the wide one is the mistake.',
  bad: `apiVersion: networking.k8s.io/v1
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
        - podSelector: {}
    - from:
        - podSelector:
            matchLabels:
              app: frontend
      ports:
        - port: 8080
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
      ports:
        - port: 8080
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  ],
};

const unchanged = 'the same stays allowed';

function* check(context: PolicyContext): Iterable<Finding> {
  const { scope, policy } = context;
  const covered = coveredRules(scope, policy);
  // A policy that does nothing as a whole is said once.
  if (covered.every(({ covers }) => !covers.includes(undefined)) && voidedBy(scope, policy) !== undefined) return;
  const halves: ReadonlySet<Peer> = likelyHalves(context);
  const idle = new Set<Rule>();
  for (const { rule, covers } of covered) {
    const found = covers.filter((cover) => cover !== undefined);
    if (found.length === covers.length) {
      idle.add(rule);
      yield finding(
        policy,
        { rule, at: rule.at },
        `This ${rule.direction} rule`,
        found,
        removeRule(policy, rule, unchanged),
      );
      continue;
    }
    for (const [index, peer] of rule.peers.entries()) {
      const cover = covers[index];
      if (cover === undefined || halves.has(peer)) continue;
      yield finding(
        policy,
        { rule, at: peer.at },
        'This peer',
        [cover],
        removeItemAt(policy, rule, peer.at, 'peer', unchanged),
      );
    }
  }
  for (const rule of policy.value.rules) {
    if (rule.uncertain || idle.has(rule)) continue;
    for (const [index, cover] of coveredClauses(rule).entries()) {
      const clause = rule.clauses[index];
      if (cover !== undefined && clause !== undefined) yield clauseFinding(policy, rule, clause, cover);
    }
  }
}

function finding(
  policy: Placed<Policy>,
  inner: { readonly rule: Rule; readonly at: Place },
  what: string,
  covers: readonly Part[],
  fix: Fix | undefined,
): Finding {
  const rules = [...new Map(covers.map((cover) => [cover.rule, cover])).values()];
  const elsewhere = rules.some((cover) => cover.policy !== policy);
  const verb = { Allow: 'allows', Deny: 'denies', Pass: 'passes on', Log: 'logs' }[inner.rule.action];
  const names = list([...new Set(rules.map((cover) => nameOf(cover, policy, inner.rule)))], 3);
  const who = rules.length === 1 ? `${names} already ${verb} all of it` : `${names} together hold all of it already`;
  return {
    at: inner.at,
    ...(elsewhere ? { severity: 'hint' as const } : {}),
    message: `${what} adds nothing: ${who}${elsewhere ? ', for at least the same pods' : ''}. Remove it; or, if it was to be the limit, narrow the other.`,
    related: rules.map((cover) => ({
      at: cover.rule === inner.rule ? cover.peer.at : cover.rule.at,
      message: `${nameOf(cover, policy, inner.rule)} contains it`,
    })),
    ...(fix === undefined ? {} : { fixes: [fix] }),
  };
}

/** "ingress[1]", and whose it is where that is another policy. */
function nameOf({ policy, rule }: Part, own: Placed<Policy>, inner: Rule): string {
  if (rule === inner) return 'another peer of the list';
  const path = `${rule.direction}[${rule.index}]`;
  return policy === own ? path : `${path} of ${policyName(policy)}`;
}

function clauseFinding(policy: Placed<Policy>, rule: Rule, clause: PortClause, cover: PortClause): Finding {
  const fix = removeItemAt(policy, rule, clause.at, 'port entry', unchanged);
  const [inner, outer] = [printPorts(clause.ports), printPorts(cover.ports)];
  const why = inner === outer ? `the list holds ${inner} already` : `${inner} is part of ${outer} in the same list`;
  return {
    at: clause.at,
    message: `This entry adds nothing: ${why}. Remove one of the two.`,
    related: [{ at: cover.at, message: `${outer} contains it` }],
    ...(fix === undefined ? {} : { fixes: [fix] }),
  };
}
