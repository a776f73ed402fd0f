import { describePeer } from '../engine/describe.js';
import { dnsOf } from '../engine/dns.js';
import { dnsName, dnsProtocols } from '../engine/dns-rule.js';
import type { Allowance } from '../engine/effective.js';
import { withShownDns } from '../engine/shown-dns.js';
import type { Peer } from '../model/peer.js';
import type { Policy, Rule } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import type { Fix } from '../text/fix.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { besideOf } from './applied-together.js';
import { addDnsPolicy, addDnsRule, completeDnsRule } from './dns-fixes.js';
import { type DnsLack, lacksReportedOn } from './dns-lack.js';
import type { IsolatedPods } from './isolation.js';
import { isolationPlace } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { countedNames, distinctWorkloads } from './subject-words.js';

export const dnsEgressMissing = definePolicyRule({
  id: 'dns-egress-missing',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'Pods whose egress is isolated cannot reach the cluster DNS, so names do not resolve.',
  *check(given) {
    const context = { ...given, profile: withShownDns(given.scope, given.profile) };
    for (const lack of lacksReportedOn(context)) yield finding({ ...context, profile: dnsInUse(context) }, lack);
  },
});

export const dnsEgressMissingPage: RulePage = {
  what: `Reports a policy that isolates the egress of pods while no policy of the scope lets these pods reach the cluster DNS: port 53 over UDP and over TCP, at the pods that serve DNS.

All policies that select the pods are judged together, whatever file they stand in: a default-deny with an \`allow-dns\` policy beside it is fine. Where several policies isolate the same pods, the broadest one carries the finding. Where a rule may or may not lead to the DNS (an address range, a namespace label whose bearers are unknown), nothing is reported.

If only TCP is missing the finding is information, at the rule that opens UDP: look-ups work until an answer is too large for UDP. It is also information where the scope has no workload of the namespace, and no rule that leads to anything but addresses or the API server's port 6443: then nothing shows that the pods call others by name. And it is where pods may send nothing at all while others of their namespace are given DNS: a server that calls nobody needs none.

Policies of Calico and Cilium are judged in their own way: tiers and order, what denies before what allows. A rule to the pods to which a CiliumLocalRedirectPolicy of the manifests sends what is meant for the DNS counts as DNS; so does, with Cilium and \`cluster.nodeLocalDNS\`, one to the pods \`k8s-app: node-local-dns\` in the DNS's namespace, and without either of both nothing is said of it. Who denies port 53 by its number is taken to mean it. The fixes are written in the policy's own kind.`,
  why: `Nearly every connection begins with a look-up. Without DNS an application does not fail with "denied": it waits, times out and reports that a host does not exist, and nothing in the pod's events names the policy.

Both protocols are needed: an answer that does not fit into a UDP packet is cut short, and the client asks again over TCP. Policies judge the port of the DNS *pods*; it is 53 nearly everywhere, and 5353 on OpenShift.`,
  bad: `apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
spec:
  containers:
    - name: api
      image: api
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
  policyTypes:
    - Egress
`,
  good: `apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
spec:
  containers:
    - name: api
      image: api
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
  policyTypes:
    - Egress
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
    'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
    'https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/',
    'https://www.rfc-editor.org/rfc/rfc7766',
  ],
};

function finding(context: PolicyContext, lack: DnsLack): Finding {
  const { scope, policy, profile } = context;
  const workloads = distinctWorkloads(lack.pods.flatMap(({ workload }) => workload ?? []));
  const misdirected = misdirectedOf(scope, profile, lack.pods);
  const severity = severityOf(scope, policy, lack, workloads.length);
  return {
    at: lack.half?.clause.portAt ?? isolationPlace(policy, 'egress'),
    message: messageFor(context, lack, workloads, misdirected.length > 0),
    ...(severity === undefined ? {} : { severity }),
    related: [
      ...misdirected.map(({ rule, peer, policy: owner }) => ({
        at: rule.clauses.find((clause) => clause.from === 53)?.portAt ?? rule.at,
        message: `Port 53 is opened here, but to ${describePeer(peer, owner.namespace, 'egress')}: these are no DNS servers.`,
      })),
      ...workloads.slice(0, 4).map(({ value }) => ({
        at: value.at,
        message: `${value.kind} ${value.name} is selected here.`,
      })),
    ],
    fixes: fixesFor(context, lack),
  };
}

/**
 * The profile with the DNS first whose port policies of the namespace open already: their authors know where it is. So
 * nobody on OpenShift is told of port 53.
 */
function dnsInUse({ scope, policy, profile }: PolicyContext): ClusterProfile {
  const opened = openedIn(besideOf(scope, policy));
  const used = profile.dns.find(({ port }) => opened.has(port));
  return used === undefined ? profile : { ...profile, dns: [used, ...profile.dns.filter((dns) => dns !== used)] };
}

/** The ports that egress rules of some policies name one by one. */
const openedIn = perList(
  (policies: readonly Placed<Policy>[]) =>
    new Set(
      policies.flatMap(({ value }) =>
        value.rules
          .filter(({ direction }) => direction === 'egress')
          .flatMap(({ clauses }) => clauses.map(({ from, to }) => (from === to ? from : undefined))),
      ),
    ),
);

function misdirectedOf(scope: Scope, profile: ClusterProfile, pods: readonly IsolatedPods[]): readonly Allowance[] {
  const all = pods.flatMap(({ certain }) => dnsOf(scope, profile, certain).misdirected);
  return [...new Map(all.map((allowance) => [allowance.peer, allowance])).values()];
}

/** Information where look-ups work, and where nothing in the scope shows that the pods need the network. */
function severityOf(
  scope: Scope,
  policy: Placed<Policy>,
  { blocked, deliberate }: DnsLack,
  workloads: number,
): 'info' | undefined {
  if (blocked === 'tcp' || deliberate !== undefined) return 'info';
  if (workloads > 0) return undefined;
  return anyCallsByName(contentOf(scope, policy.namespace).policies) ? undefined : 'info';
}

const anyCallsByName = perList((policies: readonly Placed<Policy>[]) =>
  policies.some(
    ({ value }) =>
      value.isolates.includes('egress') &&
      value.rules.some((rule) => rule.direction === 'egress' && isCalledByName(rule)),
  ),
);

/**
 * Addresses can be reached without a name, and so can the API server, whose address every pod is told: 6443 is its port
 * behind the service. Pods and everything else are called by their names.
 */
function isCalledByName({ action, clauses, peers }: Rule): boolean {
  // Nothing is asked for by ICMP that has a name only.
  if (clauses.length > 0 && clauses.every(({ protocol }) => protocol.startsWith('ICMP'))) return false;
  const apiServerOnly = clauses.length > 0 && clauses.every(({ from, to }) => from === 6443 && to === 6443);
  const named = (peer: Peer): boolean => {
    if (peer.kind === 'entity') return peer.entity === 'all' || peer.entity === 'cluster';
    if (peer.kind === 'all of') return peer.peers.some(named);
    return peer.kind !== 'addresses' && peer.kind !== 'address set' && !(apiServerOnly && peer.kind === 'anything');
  };
  return action === 'Allow' && peers.some(named);
}

function messageFor(
  { policy, profile }: PolicyContext,
  { blocked, half, deliberate }: DnsLack,
  workloads: readonly Placed<Workload>[],
  misdirected: boolean,
): string {
  const known = workloads.length > 0;
  const who = known ? countedNames(workloads, policy.namespace) : 'the pods that this policy selects';
  const isolates = known
    ? `this policy isolates ${workloads.length === 1 ? 'its' : 'their'} egress`
    : 'it isolates their egress';
  const dns = dnsName(profile);
  const port = profile.dns[0].port;
  const because = (present: string) => (half !== undefined ? `this rule opens ${present} to the DNS` : isolates);
  const wrongPods = misdirected ? ' Port 53 is opened, but only to pods that are no DNS servers.' : '';
  switch (blocked) {
    case 'both': {
      const fault = `No DNS for ${who}: ${isolates}, and no policy allows UDP or TCP ${port} to ${dns}, so names will not resolve.${wrongPods}`;
      if (deliberate === 'others have it') {
        return `${fault} Other pods of the namespace are given DNS: give it to these as well, unless they call nobody.`;
      }
      if (deliberate === 'said aloud') {
        return `${fault} The empty egress list says that nothing is allowed; if these pods call anything by its name, allow DNS egress.`;
      }
      return `${fault}${nodeLocalText(profile)} Allow DNS egress.`;
    }
    case 'udp':
      return `No DNS over UDP for ${who}: ${because('TCP')}, and no policy allows UDP ${port} to ${dns}, so look-ups will fail. Allow UDP ${port} as well.`;
    case 'tcp':
      return `No DNS over TCP for ${who}: ${because('UDP')}, and no policy allows TCP ${port} to ${dns}, so answers that are too large for UDP will fail. Allow TCP ${port} as well.`;
  }
}

function nodeLocalText({ nodeLocalDns }: ClusterProfile): string {
  if (nodeLocalDns === undefined) return '';
  return ` NodeLocal DNSCache at ${nodeLocalDns} runs on the node and needs a rule by its address as well.`;
}

function fixesFor({ scope, policy, profile }: PolicyContext, lack: DnsLack): readonly Fix[] {
  const { blocked, half } = lack;
  if (blocked !== 'both') {
    const missing = blocked === 'udp' ? 'UDP' : 'TCP';
    const whole = half === undefined || half.policy.value.family !== 'kubernetes';
    return [whole ? addDnsRule(policy, profile, [missing], true) : completeDnsRule(half, profile, missing)];
  }
  const ownRules = policy.value.rules.some((rule) => rule.direction === 'egress');
  // A bare default-deny over every pod stays one; what it lets through belongs beside it.
  const beside = !ownRules && isEverything(policy.value.subject.pods);
  const ordered = lack.pods
    .flatMap(({ possible }) => possible.admin)
    .filter((each) => each.policy.value.family === 'calico');
  const inside = addDnsRule(policy, profile, dnsProtocols, !beside || ordered.length > 0);
  // What other policies of a tier deny may come before any rule here; what this one denies comes before other policies.
  if (ordered.some((each) => each.policy !== policy)) return [];
  return ordered.length > 0 ? [inside] : [inside, addDnsPolicy(scope, policy, profile, beside)];
}
