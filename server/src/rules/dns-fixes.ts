import type { DnsAllowance } from '../engine/dns.js';
import { type DnsProtocol, dnsName, dnsPorts, dnsProtocols, dnsRule, nodeLocalPeer } from '../engine/dns-rule.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import { isEverything } from '../model/selector.js';
import { insertItem, type YamlData } from '../text/edits.js';
import { type Change, editOnly, type Fix } from '../text/fix.js';
import { keyText, valueAt } from '../text/tree.js';
import { writtenOf } from '../workspace/kustomize/step.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { appendPolicy, freeName } from './append-policy.js';
import { dataOf, insertRule, subjectKeys } from './family-words.js';
import { clauseNode, portsNode, specOf } from './policy-nodes.js';

/** Adds a rule for DNS to the policy's own egress rules, which are written if there are none. */
export function addDnsRule(
  policy: Placed<Policy>,
  profile: ClusterProfile,
  protocols: readonly DnsProtocol[],
  preferred: boolean,
): Fix {
  return {
    title: `Add DNS egress to this policy (${whatIsOpened(profile, protocols)})`,
    ...(preferred ? { preferred } : {}),
    changes: () => editOnly(insertRule(policy, 'egress', dnsRule(profile, protocols))),
  };
}

/** Adds a policy of its own that allows DNS to the same pods, behind the policy in its file. */
export function addDnsPolicy(scope: Scope, policy: Placed<Policy>, profile: ClusterProfile, preferred: boolean): Fix {
  const name = freeName(scope, policy, 'allow-dns-egress');
  return {
    title: `Add DNS egress as policy ${name} beside it (${whatIsOpened(profile, dnsProtocols)})`,
    ...(preferred ? { preferred } : {}),
    changes: () => appendEgressPolicy(policy, name, dnsRule(profile)),
  };
}

/** A policy with one egress rule for the same pods, behind the policy in its file. */
export function appendEgressPolicy(
  policy: Placed<Policy>,
  name: string,
  rule: YamlData,
): readonly Change[] | undefined {
  const { pods } = policy.value.subject;
  // As it is written: an overlay does to the new policy what it does to this one.
  const written = writtenOf(policy.resource);
  const spec = specOf({ ...policy, resource: written });
  const subject: { [key: string]: YamlData } = {};
  for (const key of subjectKeys(policy.value)) {
    const data = dataOf(valueAt(spec, key));
    if (data !== undefined) subject[key] = data;
    else if (key === 'podSelector' && isEverything(pods)) subject[key] = {};
    else if (key === 'podSelector' || key === 'endpointSelector') return undefined;
  }
  return appendPolicy(policy, name, { ...subject, policyTypes: ['Egress'], egress: [rule] }, pods);
}

/** The one rule that opens DNS over one protocol, with the entry that does. */
export interface HalfDnsRule {
  readonly policy: Placed<Policy>;
  readonly rule: Rule;
  readonly clause: PortClause;
}

/** The rule that opens DNS over this protocol; undefined where several do, or none says so by a port. */
export function onlyDnsRule(
  allowances: readonly DnsAllowance[],
  profile: ClusterProfile,
  protocol: DnsProtocol,
): HalfDnsRule | undefined {
  const opening = allowances.filter(({ udp, tcp }) => (protocol === 'UDP' ? udp : tcp) === 'yes');
  const [first] = opening;
  if (first === undefined || new Set(opening.map(({ allowance }) => allowance.rule)).size > 1) return undefined;
  const { policy, rule } = first.allowance;
  const clause = rule.clauses.find((each) => each.protocol === protocol && isDnsPort(each, profile, protocol));
  return clause?.portAt === undefined ? undefined : { policy, rule, clause };
}

/** Adds the missing protocol to the ports of the rule that opens DNS over the other. */
export function completeDnsRule(
  { policy, rule, clause }: HalfDnsRule,
  profile: ClusterProfile,
  missing: DnsProtocol,
): Fix {
  const port = portFor(clause, profile, missing);
  return {
    title: `Allow ${missing} ${port} as well in this rule`,
    preferred: true,
    changes() {
      const ports = portsNode(policy, rule);
      const first = clauseNode(policy, rule, clause)?.entries[0];
      if (ports === undefined) return undefined;
      const portFirst = first !== undefined && keyText(first) === 'port';
      return editOnly(insertItem(ports, portFirst ? { port, protocol: missing } : { protocol: missing, port }));
    },
  };
}

function isDnsPort(clause: PortClause, profile: ClusterProfile, protocol: DnsProtocol): boolean {
  return profile.dns.some((dns) => {
    if (clause.name !== undefined) return clause.name === (protocol === 'UDP' ? dns.portNames.udp : dns.portNames.tcp);
    const { from, to } = clause;
    return from === undefined || to === undefined || [53, dns.port].some((port) => from <= port && port <= to);
  });
}

/** The other protocol's port, given as the clause gives its own: by name, or by number. */
function portFor(clause: PortClause, profile: ClusterProfile, missing: DnsProtocol): number | string {
  const { port, portNames } = profile.dns[0];
  if (clause.name !== undefined) return missing === 'UDP' ? portNames.udp : portNames.tcp;
  return clause.from !== undefined && clause.from === clause.to ? clause.from : port;
}

/** "UDP and TCP 53 to kube-dns". */
export function whatIsOpened(profile: ClusterProfile, protocols: readonly DnsProtocol[]): string {
  const local = nodeLocalPeer(profile) === undefined ? '' : ` and NodeLocal DNSCache at ${profile.nodeLocalDns}`;
  return `${list(protocols)} ${list(dnsPorts(profile).map(String))} to ${dnsName(profile)}${local}`;
}
