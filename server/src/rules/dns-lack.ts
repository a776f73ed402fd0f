import { dnsAllowances, lookupsUnder, opens, type Reaches, reachesOnce } from '../engine/dns.js';
import { directionOf } from '../engine/effective.js';
import { selects } from '../engine/matching.js';
import { withShownDns } from '../engine/shown-dns.js';
import type { Policy, Rule } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import { matchesOpen } from '../model/selector.js';
import { valueAt } from '../text/tree.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { type HalfDnsRule, onlyDnsRule } from './dns-fixes.js';
import { type IsolatedPods, isolatedPods, plainestFirst } from './isolation.js';
import { specOf } from './policy-nodes.js';
import type { PolicyContext } from './rule.js';

/** Pods of one policy that share what they lack. */
export interface DnsLack {
  /** What is surely blocked: every look-up, those over UDP, or only the answers that need TCP. */
  readonly blocked: Blocked;
  readonly pods: readonly IsolatedPods[];
  /** Where one protocol is missing: the one rule that opens the other, which is then the place to say so. */
  readonly half: HalfDnsRule | undefined;
  /** Why pods that may send nothing at all are perhaps meant to call nobody. */
  readonly deliberate: Deliberate | undefined;
}

/** Others of the namespace are given DNS; or the policy says aloud, by an empty `egress` list, that nothing is allowed. */
type Deliberate = 'others have it' | 'said aloud';

type Blocked = 'both' | 'udp' | 'tcp';

/**
 * What the pods of a policy lack of DNS, as far as it is reported on this policy: a fault of several policies stands on
 * the plainest of them, and a rule that opens one protocol only carries its own.
 */
export function lacksReportedOn(context: PolicyContext): readonly DnsLack[] {
  const { scope, policy, profile } = context;
  const groups = new Map<string, DnsLack & { readonly pods: IsolatedPods[] }>();
  const ordered = plainestFirst(scope, 'egress');
  let granted: boolean | undefined;
  const halves = mayBeHalf(context);
  const reaches = reachesOnce(scope, profile);
  for (const pods of isolatedPods(context, 'egress')) {
    // What another policy carries is not worked out here.
    if (!halves && pods.workload !== undefined && pods.possible.admin.length === 0) {
      if (ordered(pods.certain.isolatedBy)[0] !== policy) continue;
    }
    const blocked = servesDns(policy, pods, profile) ? undefined : blockedFor(scope, profile, pods, reaches);
    if (blocked === undefined) continue;
    const half = halfRuleOf(context, blocked, pods);
    if (
      half === undefined
        ? !isReportedHere(context, pods, ordered(pods.certain.isolatedBy), reaches)
        : half.policy !== policy
    )
      continue;
    const nothing = blocked === 'both' && pods.possible.allowances.length === 0;
    if (nothing) granted ??= grantsDns(context);
    const deliberate = !nothing
      ? undefined
      : granted === true
        ? 'others have it'
        : saidAloud(policy)
          ? 'said aloud'
          : undefined;
    const key = `${blocked} ${half?.rule.index ?? ''} ${deliberate}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { blocked, half, deliberate, pods: [pods] });
    else group.pods.push(pods);
  }
  return [...groups.values()];
}

function blockedFor(scope: Scope, profile: ClusterProfile, pods: IsolatedPods, reaches: Reaches): Blocked | undefined {
  const { possible } = pods;
  const { udp, tcp, byPolicies } = lookupsUnder(scope, profile, possible, reaches);
  // Who denies DNS by its port means it.
  if (possible.admin.some(({ policy, rule }) => policy.value.family !== 'cluster' && deniesDnsPort(rule)))
    return undefined;
  // What a cluster-wide policy denies, no rule of a network policy can open.
  if (!byPolicies) return undefined;
  if (udp === 'no') return tcp === 'no' ? 'both' : 'udp';
  return udp === 'yes' && tcp === 'no' ? 'tcp' : undefined;
}

function deniesDnsPort({ action, clauses }: Rule): boolean {
  return action === 'Deny' && clauses.some(({ from, to }) => from === 53 && to === 53);
}

/** Whether a rule of the policy opens one protocol of the two to some DNS, by its ports alone. */
function mayBeHalf({ scope, policy, profile }: PolicyContext): boolean {
  const known = withShownDns(scope, profile).dns;
  return policy.value.rules.some(
    (rule) => rule.direction === 'egress' && known.some((dns) => opens(rule, 'UDP', dns) !== opens(rule, 'TCP', dns)),
  );
}

function halfRuleOf({ scope, profile }: PolicyContext, blocked: Blocked, pods: IsolatedPods): HalfDnsRule | undefined {
  if (blocked === 'both') return undefined;
  return onlyDnsRule(dnsAllowances(scope, profile, pods.certain), profile, blocked === 'udp' ? 'TCP' : 'UDP');
}

/** The pods are the cluster's DNS themselves: what they need is upstream. */
function servesDns(policy: Placed<Policy>, { workload }: IsolatedPods, profile: ClusterProfile): boolean {
  return profile.dns.some((dns) => {
    if ((workload ?? policy).namespace.name !== dns.namespace || dns.labels.size === 0) return false;
    if (workload === undefined) return matchesOpen(policy.value.subject.pods, dns.labels) !== 'no';
    return [...dns.labels].every(([key, value]) => workload.value.labels.get(key) === value);
  });
}

/** One fault is reported once, on the plainest of the policies that isolate the pods. */
function isReportedHere(
  context: PolicyContext,
  pods: IsolatedPods,
  order: readonly Placed<Policy>[],
  reaches: Reaches,
): boolean {
  const { scope, policy, profile } = context;
  if (pods.workload !== undefined) return order[0] === policy;
  // A broader policy may select pods of which this one says nothing: it counts where its own pods surely lack DNS.
  const first = order.find(
    (other) =>
      other === policy ||
      isolatedPods({ ...context, policy: other }, 'egress').some(
        (each) => blockedFor(scope, profile, each, reaches) !== undefined,
      ),
  );
  return first === policy;
}

/** `egress: []` is there: its author wrote down that nothing is allowed. */
function saidAloud(policy: Placed<Policy>): boolean {
  const spec = specOf(policy);
  const egress = spec === undefined ? undefined : valueAt(spec, 'egress');
  return egress?.kind === 'sequence' && egress.items.length === 0;
}

/** Some policy of the namespace opens DNS to pods: its authors know that it has to be opened. */
function grantsDns({ scope, policy, profile }: PolicyContext): boolean {
  const { policies, workloads } = contentOf(scope, policy.namespace);
  const reaches = reachesOnce(scope, profile);
  return withEgressRules(policies).some((other) => {
    const egress = directionOf('egress', [other]);
    if (egress.allowances.length === 0 || lookupsUnder(scope, profile, egress, reaches).udp !== 'yes') return false;
    return workloads.length === 0 || workloads.some((workload) => selects(scope, other, workload) === 'yes');
  });
}

const withEgressRules = perList((policies: readonly Placed<Policy>[]) =>
  policies.filter(({ value }) => value.rules.some(({ direction }) => direction === 'egress')),
);
