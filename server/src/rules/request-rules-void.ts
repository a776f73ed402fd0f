import { contains, type Part, subjectContains } from '../engine/containment.js';
import { describePeer, policyName } from '../engine/describe.js';
import { isConditional } from '../engine/stages.js';
import type { Constraint, Policy, PortClause, Rule } from '../model/policy.js';
import { isAll, isSubset, printPorts } from '../model/ports.js';
import { list } from '../model/print.js';
import { removeItem } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { areAppliedTogether } from './applied-together.js';
import { ciliumEntries, mayBeCilium } from './cilium-entries.js';
import { ciliumPolicy } from './cilium-example.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const requestRulesVoid = definePolicyRule({
  id: 'request-rules-void',
  group: 'No effect',
  families: ['cilium'],
  severity: 'warning',
  summary: 'HTTP, Kafka or DNS rules that limit nothing, since another rule allows the same port without them.',
  check,
});

export const requestRulesVoidPage: RulePage = {
  what: `Reports \`rules\` of a \`toPorts\` item (HTTP, Kafka, or DNS names) where another entry allows the same peers the same port without such rules, or (HTTP and Kafka) every port by naming none: in the same policy as a warning, in another policy for at least the same pods as information. A Kubernetes NetworkPolicy can be that other policy.

It also reports them, as information, where \`enableDefaultDeny\` is false for the direction: from Cilium 1.18 on, such rules let every request through.`,
  why: `Rules of policies add up. Cilium keeps one list of rules for each port and peer; an entry that allows the port as such counts there as "every request", and what the narrow entry says of methods, paths or names has no effect. Requests that were to be refused are answered.`,
  bad: /* @__PURE__ */ example(`    - fromEndpoints:
        - matchLabels:
            app: frontend
      toPorts:
        - ports:
            - port: "8080"
              protocol: TCP
`),
  good: /* @__PURE__ */ example(''),
  references: ['https://docs.cilium.io/en/stable/security/policy/language/#layer-7-examples'],
};

function example(wide: string): string {
  return ciliumPolicy(`  ingress:
${wide}    - fromEndpoints:
        - matchLabels:
            app: frontend
      toPorts:
        - ports:
            - port: "8080"
              protocol: TCP
          rules:
            http:
              - method: GET
                path: /v1/.*
`);
}

const kinds: Readonly<Partial<Record<Constraint['kind'], string>>> = { http: 'HTTP', kafka: 'Kafka', dns: 'DNS' };

/**
 * Where nothing is denied, nothing is limited. Rules for every request, and names of DNS, are still written there: to have
 * the traffic watched.
 */
function isMeantToLimit({ kind, words }: Constraint): boolean {
  const title = kinds[kind];
  return title !== undefined && kind !== 'dns' && !words.split(' or ').includes(title);
}

function* check({ scope, policy, profile }: PolicyContext): Iterable<Finding> {
  if (!mayBeCilium(profile.cni)) return;
  for (const rule of policy.value.rules) {
    const isolated = policy.value.isolates.includes(rule.direction);
    const limit = rule.constraints?.find((each) =>
      isolated ? each.limits && kinds[each.kind] !== undefined : isMeantToLimit(each),
    );
    if (limit === undefined || rule.action !== 'Allow' || rule.clauses.length === 0) continue;
    const words = `${kinds[limit.kind]} rules limit nothing`;
    const { direction } = rule;
    if (!isolated) {
      const { isolatesAt } = policy.value;
      yield {
        severity: 'info',
        at: limit.at,
        message: `These ${words}: with enableDefaultDeny.${direction} false, Cilium 1.18 and later let every request through (earlier versions refuse what the rules do not name). If they are to limit, leave enableDefaultDeny out.`,
        related: isolatesAt === undefined ? [] : [{ at: isolatesAt, message: 'enableDefaultDeny' }],
      };
      continue;
    }
    const covers = rule.peers.map((peer) => coverOf(scope, { policy, rule, peer }, limit));
    const found = covers.filter((cover) => cover !== undefined);
    const [first] = found;
    if (first === undefined) continue;
    const own = found.every((cover) => cover.policy === policy);
    const wide = [...new Map(found.map((cover) => [cover.rule, cover])).values()];
    const for_ =
      found.length === covers.length
        ? ''
        : ` for ${list(
            rule.peers
              .filter((_, index) => covers[index] !== undefined)
              .map((peer) => describePeer(peer, policy.namespace, direction)),
            3,
          )}`;
    yield {
      ...(own ? {} : { severity: 'info' as const }),
      at: limit.at,
      message: `These ${words}${for_}: ${list(
        wide.map((cover) => nameOf(cover, policy)),
        3,
      )} ${wide.length === 1 ? 'allows' : 'allow'} ${printPorts(rule.ports)} without them, and what any rule allows is allowed. Remove what is wider, or the ${kinds[limit.kind]} rules.`,
      related: wide.map((cover) => ({ at: cover.rule.at, message: 'Every request is allowed here' })),
      fixes: wide.length === 1 ? removal(scope, first, { policy, rule }) : [],
    };
  }
}

/** A part that allows a peer of a rule each of its ports, whatever is requested. */
function coverOf(scope: Scope, inner: Part, limit: Constraint): Part | undefined {
  const { policy, rule } = inner;
  for (const other of [policy, ...broader(scope, policy)]) {
    for (const each of other.value.rules) {
      if (each === rule || each.action !== 'Allow' || each.direction !== rule.direction || isConditional(each))
        continue;
      // Cilium merges what is said of the same port; what it does with wider ranges is not settled.
      const samePorts = rule.clauses.every((clause) => each.clauses.some((outer) => samePort(outer, clause)));
      if (!samePorts && !opensEveryPort(each, limit)) continue;
      const found = each.peers.find((outer) => contains(scope, { policy: other, rule: each, peer: outer }, inner));
      if (found !== undefined) return { policy: other, rule: each, peer: found };
    }
  }
  return undefined;
}

/**
 * An entry without ports stands for every request as well (cilium/cilium#3698). Names are judged by the DNS proxy, which keeps a
 * list of its own for each port: of it that is not settled.
 */
function opensEveryPort({ clauses, ports }: Rule, limit: Constraint): boolean {
  return limit.kind !== 'dns' && clauses.length === 0 && isAll(ports);
}

function broader(scope: Scope, policy: Placed<Policy>): readonly Placed<Policy>[] {
  const { policies } = contentOf(scope, policy.namespace);
  const others = policy.value.clusterWide ? scope.clusterPolicies : [...policies, ...scope.clusterPolicies];
  return others.filter(
    (other) =>
      other !== policy &&
      (other.value.family === 'cilium' || other.value.family === 'kubernetes') &&
      !other.value.uncertain &&
      subjectContains(scope, other, policy) &&
      areAppliedTogether(scope, policy, other),
  );
}

function samePort(outer: PortClause, inner: PortClause): boolean {
  return (
    outer.from === inner.from &&
    outer.to === inner.to &&
    outer.name === inner.name &&
    isSubset(inner.ports, outer.ports)
  );
}

function nameOf({ policy, rule }: Part, own: Placed<Policy>): string {
  const path = `${rule.direction}[${rule.index}]`;
  return policy === own ? path : `${path} of ${policyName(policy)}`;
}

/** Takes out the wider entry of the policy, where it says no more than the ports and peers of the narrow one. */
function removal(
  scope: Scope,
  wide: Part,
  narrow: { readonly policy: Placed<Policy>; readonly rule: Rule },
): readonly Fix[] {
  const { policy, rule } = narrow;
  if (wide.policy !== policy || wide.rule.index === rule.index) return [];
  const entry = ciliumEntries(policy).find(({ rules }) => rules.includes(wide.rule));
  const more = wide.rule.peers.some(
    (peer) =>
      !rule.peers.some((own) => contains(scope, { policy, rule, peer: own }, { policy, rule: wide.rule, peer })),
  );
  if (entry === undefined || entry.rules.length > 1 || more) return [];
  return [
    {
      title: `Remove ${nameOf(wide, policy)}: only what the rules name is allowed`,
      changes: () => editOnly(removeItem(entry.list, entry.index)),
    },
  ];
}
