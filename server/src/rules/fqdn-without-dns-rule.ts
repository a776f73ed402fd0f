import { canMatch, subjectsMayOverlap } from '../engine/containment.js';
import { dnsName } from '../engine/dns-rule.js';
import { selects, workloadsSelected } from '../engine/matching.js';
import { withShownDns } from '../engine/shown-dns.js';
import type { DomainPeer } from '../model/peer.js';
import type { Policy } from '../model/policy.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import { insertEntry, insertItem, type YamlData } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, keySpan, spanOf, valueAt, type YamlMap } from '../text/tree.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { type CiliumEntry, ciliumEntries, mayBeCilium, portItems } from './cilium-entries.js';
import { ciliumFqdnPolicy } from './cilium-example.js';
import { lacksReportedOn } from './dns-lack.js';
import { namesOverlap } from './dns-names.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { countedNames, distinctWorkloads } from './subject-words.js';

export const fqdnWithoutDnsRule = definePolicyRule({
  id: 'fqdn-without-dns-rule',
  group: 'Needed traffic',
  families: ['cilium'],
  severity: 'warning',
  summary: 'Egress to domain names, and no DNS rule from which Cilium learns their addresses.',
  check,
});

export const fqdnWithoutDnsRulePage: RulePage = {
  what: `Reports \`toFQDNs\` where no policy for the same pods has an egress entry with DNS rules (\`toPorts\` with \`rules.dns\`), and a name of \`toFQDNs\` that none of these DNS rules lets pods look up.

All Cilium policies of the scope that may select the pods count, cluster-wide ones too. Nothing is reported where a part of one of them is not known. Where the policy lets pods reach no DNS at all it is information, since \`dns-egress-missing\` says so.`,
  why: `Cilium allows addresses, not names. It learns which addresses a name stands for from the DNS answers that pass its DNS proxy, and look-ups go through the proxy only where an entry with \`rules.dns\` sends them there: a plain rule for port 53 lets look-ups succeed unseen. The name resolves, and then the connection is dropped.`,
  bad: /* @__PURE__ */ ciliumFqdnPolicy({ dnsRules: '' }),
  good: /* @__PURE__ */ ciliumFqdnPolicy({}),
  references: [
    'https://docs.cilium.io/en/stable/security/policy/language/#dns-based',
    'https://docs.cilium.io/en/stable/security/dns/',
  ],
};

function* check(context: PolicyContext): Iterable<Finding> {
  const { scope, profile, policy } = context;
  const { subject, isolates } = policy.value;
  if (!mayBeCilium(profile.cni) || subject.nodes !== undefined || !canMatch(subject.pods)) return;
  if (!isolates.includes('egress')) return;
  const entries = ciliumEntries(policy).filter(
    ({ action, rules }) => action === 'Allow' && rules.some(({ peers }) => peers.some(isDomain)),
  );
  const first = entryOf(entries[0]?.node, 'toFQDNs');
  if (first === undefined) return;
  const seen = lookUps(scope, policy);
  const blind = seen.filter(({ patterns }) => patterns?.length === 0);
  if (blind.length > 0) {
    yield {
      ...(isSaidOfDns(context) ? { severity: 'info' as const } : {}),
      at: keySpan(first),
      message: `No DNS rule for ${whose(blind, policy)}, so nothing is allowed here: Cilium learns the addresses of a name from the look-ups that its DNS proxy sees, and only an egress entry to the DNS with \`rules.dns\` sends them through it. Add one.`,
      related: entries.slice(1).flatMap(({ node }) => {
        const other = entryOf(node, 'toFQDNs');
        return other === undefined ? [] : [{ at: keySpan(other), message: 'These names need it as well' }];
      }),
      fixes: [...watchFixes(context), addDnsEntry(context)],
    };
    return;
  }
  for (const entry of entries) yield* unseenNames(policy, entry, seen);
}

/** The policy lacks DNS altogether, which is a warning of its own (dns-egress-missing); one of the two is enough. */
function isSaidOfDns(context: PolicyContext): boolean {
  const profile = withShownDns(context.scope, context.profile);
  return lacksReportedOn({ ...context, profile }).some(({ blocked }) => blocked === 'both');
}

function* unseenNames(policy: Placed<Policy>, entry: CiliumEntry, seen: readonly Seen[]): Generator<Finding> {
  const items = valueAt(entry.node, 'toFQDNs');
  for (const peer of entry.rules[0]?.peers ?? []) {
    const [name] = isDomain(peer) ? peer.patterns : [];
    if (name === undefined) continue;
    const lacking = seen.filter(({ patterns }) => patterns?.some((each) => namesOverlap(each, name)) === false);
    if (lacking.length === 0) continue;
    const item =
      items?.kind === 'sequence'
        ? items.items.find(({ marker }) => marker.start === peer.at.range.start)?.value
        : undefined;
    const value = valueAt(item, 'matchName') ?? valueAt(item, 'matchPattern');
    const key = valueAt(item, 'matchName') === undefined ? 'matchPattern' : 'matchName';
    const allowed = list([...new Set(lacking.flatMap(({ patterns }) => patterns ?? []))], 4);
    yield {
      at: value === undefined ? peer.at : spanOf(value),
      message: `The DNS rules for ${whose(lacking, policy)} refuse look-ups of ${name}: they let through ${allowed}. Cilium allows only addresses of names that were looked up, so nothing is allowed here. Add the name to \`rules.dns\`.`,
      fixes: dnsLists(policy)
        .slice(0, 1)
        .map((dns) => ({
          title: `Let ${name} be looked up`,
          preferred: true,
          changes: () => editOnly(insertItem(dns, { [key]: name })),
        })),
    };
  }
}

/** Which names some pods may look up in sight of Cilium; undefined where a policy that may select them is partly unknown. */
interface Seen {
  readonly workload: Placed<Workload> | undefined;
  readonly patterns: readonly string[] | undefined;
}

/** For each workload that the policy selects; where none is known, for whatever it selects. */
function lookUps(scope: Scope, policy: Placed<Policy>): readonly Seen[] {
  const { clusterWide } = policy.value;
  const near = clusterWide
    ? scope.policies
    : [...contentOf(scope, policy.namespace).policies, ...scope.clusterPolicies];
  const others = near.filter(({ value }) => value.family === 'cilium');
  const workloads = clusterWide
    ? scope.workloads.filter((workload) => selects(scope, policy, workload) === 'yes')
    : workloadsSelected(scope, policy).sure;
  const patterns = (applies: (other: Placed<Policy>) => boolean) => {
    const applied = others.filter(applies);
    if (applied.some(({ value }) => value.uncertain)) return undefined;
    return applied.flatMap(patternsOf);
  };
  if (workloads.length > 0) {
    return workloads.map((workload) => ({
      workload,
      patterns: patterns((other) => selects(scope, other, workload) !== 'no'),
    }));
  }
  const mayApply = (other: Placed<Policy>) => other === policy || subjectsMayOverlap(scope, policy, other);
  return [{ workload: undefined, patterns: patterns(mayApply) }];
}

function patternsOf({ value }: Placed<Policy>): readonly string[] {
  return value.rules
    .filter(({ direction, action }) => direction === 'egress' && action === 'Allow')
    .flatMap(({ constraints = [] }) => constraints.flatMap(({ patterns }) => patterns ?? []));
}

function isDomain(peer: { readonly kind: string }): peer is DomainPeer {
  return peer.kind === 'domains';
}

function whose(seen: readonly Seen[], { namespace }: Placed<Policy>): string {
  const workloads = distinctWorkloads(seen.flatMap(({ workload }) => workload ?? []));
  return workloads.length === 0 ? 'the pods of this policy' : countedNames(workloads, namespace);
}

/** The `dns` lists of a policy's own egress entries. */
function dnsLists(policy: Placed<Policy>) {
  return ciliumEntries(policy)
    .filter(({ direction }) => direction === 'egress')
    .flatMap((entry) => portItems(entry).flatMap((item) => entryOf(valueAt(item, 'rules'), 'dns') ?? []));
}

const everyName: YamlData = { dns: [{ matchPattern: '*' }] };

/** Makes a DNS rule of what opens port 53 already in the policy. */
function watchFixes({ scope, policy, profile }: PolicyContext): readonly Fix[] {
  const { dns } = withShownDns(scope, profile);
  const numbers: ReadonlySet<number | undefined> = new Set([53, ...dns.map(({ port }) => port)]);
  const names: ReadonlySet<string> = new Set(dns.flatMap(({ portNames }) => [portNames.udp, portNames.tcp]));
  const plain = ciliumEntries(policy)
    .filter(({ direction, action, rules: [rule, ...more] }) => {
      if (direction !== 'egress' || action !== 'Allow' || rule === undefined || more.length > 0) return false;
      return (
        rule.constraints === undefined &&
        rule.clauses.length > 0 &&
        rule.clauses.every(({ name, from, to }) =>
          name === undefined ? from === to && numbers.has(from) : names.has(name),
        )
      );
    })
    .flatMap(portItems);
  if (plain.length === 0) return [];
  return [
    {
      title: 'Watch the look-ups that this policy allows (`rules.dns`, every name)',
      preferred: true,
      changes: () => editOnly(all(plain.map(watch))),
    },
  ];
}

function watch(item: YamlMap) {
  return insertEntry(item, 'rules', everyName, { after: ['ports'] });
}

function all<T>(edits: readonly (T | undefined)[]): readonly T[] | undefined {
  const known = edits.filter((edit) => edit !== undefined);
  return known.length < edits.length ? undefined : known;
}

function addDnsEntry(context: PolicyContext): Fix {
  const profile = withShownDns(context.scope, context.profile);
  const [entry] = ciliumEntries(context.policy).filter(
    ({ direction, action }) => direction === 'egress' && action === 'Allow',
  );
  return {
    title: `Add a DNS rule to this policy (port ${profile.dns[0].port} of ${dnsName(profile)}, every name)`,
    ...(watchFixes(context).length === 0 ? { preferred: true } : {}),
    changes: () => (entry === undefined ? undefined : editOnly(insertItem(entry.list, dnsEntry(profile)))),
  };
}

/** The egress entry that lets pods look up every name, through Cilium's DNS proxy. Source: FACTS C3. */
function dnsEntry({ dns: [{ namespace, labels, port }] }: ClusterProfile): YamlData {
  const asked = [...labels].map(([key, value]) => [`k8s:${key}`, value] as const);
  return {
    toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': namespace, ...Object.fromEntries(asked) } }],
    toPorts: [{ ports: [{ port: String(port), protocol: 'ANY' }], rules: everyName }],
  };
}
