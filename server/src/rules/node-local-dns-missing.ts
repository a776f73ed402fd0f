import { dnsAllowances, reachesLocalCache } from '../engine/dns.js';
import { type DnsProtocol, dnsName, dnsProtocols, nodeLocalPeer } from '../engine/dns-rule.js';
import type { Allowance, DirectionAnswer } from '../engine/effective.js';
import { type NodeLocalDns, nodeLocalDns } from '../engine/shown-dns.js';
import { addressesOf, containsAddress, isSubset } from '../model/addresses.js';
import type { Rule } from '../model/policy.js';
import { includes } from '../model/ports.js';
import { list } from '../model/print.js';
import type { Workload } from '../model/workload.js';
import { insertItem } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf, keySpan } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { freeName } from './append-policy.js';
import { appendEgressPolicy } from './dns-fixes.js';
import { blockWords } from './ip-blocks.js';
import { isolatedPods } from './isolation.js';
import { peerListOf } from './peer-nodes.js';
import { ruleNode } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { countedNames } from './subject-words.js';

/** The pods to which one rule opens the DNS, and over what the cache stays closed to some of them. */
interface Lack {
  readonly workloads: Placed<Workload>[];
  readonly closed: Set<DnsProtocol>;
}

export const nodeLocalDnsMissing = definePolicyRule({
  id: 'node-local-dns-missing',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'Pods may reach the cluster DNS, but not the node’s own cache in front of it.',
  *check(context) {
    const { scope, policy, profile } = context;
    // The plugin is known to let pods reach their own node.
    if (profile.cni.ownNodeEgress === 'allowed') return;
    const cache = nodeLocalDns(scope, profile);
    if (cache === undefined) return;
    const lacking = new Map<Rule, Lack>();
    for (const { workload, certain, possible } of isolatedPods(context, 'egress')) {
      if (possible.uncertain || certain.admin.length > 0) continue;
      const opener = dnsAllowances(scope, profile, certain).find(
        ({ allowance, udp, tcp }) => allowance.peer.kind === 'pods' && (udp === 'yes' || tcp === 'yes'),
      )?.allowance;
      // Several policies may isolate the pods: it is said once, where the DNS is opened to them.
      if (opener?.policy !== policy) continue;
      const closed = closedFor(context, possible, cache);
      if (closed.length === 0) continue;
      const lack = lacking.get(opener.rule) ?? { workloads: [], closed: new Set() };
      lacking.set(opener.rule, lack);
      if (workload !== undefined) lack.workloads.push(workload);
      for (const protocol of closed) lack.closed.add(protocol);
    }
    for (const [rule, lack] of lacking) yield finding(context, rule, lack, cache);
  },
});

export const nodeLocalDnsMissingPage: RulePage = {
  what: `Reports an egress rule that opens the cluster DNS to pods, where NodeLocal DNSCache is in use and no policy lets these pods reach its address (169.254.20.10, or what its DaemonSet's \`-localip\` says) on port 53 over UDP and TCP.

It needs evidence: \`cluster.nodeLocalDNS\` in \`.netpol.yaml\`, or the \`node-local-dns\` DaemonSet among the manifests, in the network of its nodes. It is silent for rules that lead to the pods to which a CiliumLocalRedirectPolicy of the manifests sends what is meant for the DNS, and, with Cilium, for rules to the pods \`k8s-app: node-local-dns\` by name. It is a **warning** where the configured \`cni\` is known to judge traffic from a pod to its own node, information where that is not known, and silent where the plugin lets it pass. With Cilium it is information as well: what opens the node there is no NetworkPolicy.`,
  why: `NodeLocal DNSCache answers on every node, in the node's own network. Pods are set to ask it, not the DNS pods, and no selector ever matches it: a rule for \`k8s-app: kube-dns\`, or, but for a Local Redirect Policy of Cilium, even for \`k8s-app: node-local-dns\`, does not open it. Names then fail to resolve although DNS looks allowed.

The Kubernetes documentation says that a pod's own node is always reachable. For traffic to the node Calico, kube-router and others do not keep to that. In iptables mode the cache also answers on the address of the DNS service, which then needs to be allowed in the same way.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(`
        - ipBlock:
            cidr: 169.254.20.10/32`),
  references: [
    'https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/',
    'https://docs.cilium.io/en/stable/network/kubernetes/local-redirect-policy/#node-local-dns-cache',
  ],
};

/** The protocols over which the cache stays closed. In iptables mode it is asked at the address of the DNS service. */
function closedFor(
  { scope, profile }: PolicyContext,
  { allowances }: DirectionAnswer,
  { address, others }: NodeLocalDns,
): readonly DnsProtocol[] {
  const { serviceCidrs } = profile;
  const opens = (allowance: Allowance, { peer } = allowance) =>
    peer.kind === 'anything' ||
    // Cilium may redirect to a cache that runs as pods like others.
    profile.dns.some((dns) => reachesLocalCache(scope, profile, allowance, dns) !== 'no') ||
    peer.kind === 'all of' ||
    (peer.kind === 'entity' && peer.entity !== 'none') ||
    (peer.kind === 'addresses' &&
      ([address, ...others].some((each) => containsAddress(peer.addresses, each)) ||
        serviceCidrs.some((each) => isSubset(peer.addresses, addressesOf(each)))));
  return dnsProtocols.filter(
    (protocol) => !allowances.some((allowance) => includes(allowance.ports, protocol, 53) && opens(allowance)),
  );
}

function finding(
  { scope, policy, profile }: PolicyContext,
  rule: Rule,
  { workloads, closed }: Lack,
  { address, others, at }: NodeLocalDns,
): Finding {
  const { ownNodeEgress, nodesOnlyBy, title } = profile.cni;
  const cilium = policy.value.family === 'cilium';
  const who = workloads.length === 0 ? 'the pods that this policy selects' : countedNames(workloads, policy.namespace);
  const blocks = ownNodeEgress === 'blocked' && nodesOnlyBy === undefined;
  const effect =
    ownNodeEgress === 'blocked'
      ? `${title} judges what goes to the own node, so look-ups fail${nodesOnlyBy === undefined || cilium ? '' : ' unless a policy of its own kind opens it'}.`
      : 'Whether a pod reaches its own node anyway is up to the network plugin.';
  const addresses = [address, ...others].map(({ canonical }) => canonical);
  const all = list(addresses);
  const blocksOf = addresses.flatMap((nodeLocalDns) => nodeLocalPeer({ ...profile, nodeLocalDns }) ?? []);
  const advice =
    nodesOnlyBy === undefined
      ? `Allow ${all} by ${blockWords(policy.value).block} as well.`
      : cilium
        ? 'Allow the entity host on port 53 as well, or use a Local Redirect Policy.'
        : `No ipBlock matches nodes there: use ${nodesOnlyBy}, or a Local Redirect Policy.`;
  const to = entryOf(ruleNode(policy, rule), 'to');
  const addPeer: Fix = {
    title: `Allow NodeLocal DNSCache at ${address.canonical} in this rule`,
    preferred: true,
    changes: () => {
      const peers = peerListOf(policy, rule);
      return peers === undefined ? undefined : editOnly(blocksOf.flatMap((block) => insertItem(peers, block) ?? []));
    },
  };
  const name = freeName(scope, policy, 'allow-node-local-dns');
  const ports = dnsProtocols.map((protocol) => ({ protocol, port: 53 }));
  const addPolicy: Fix = {
    title: `Allow NodeLocal DNSCache at ${all} by policy ${name} beside it (UDP and TCP 53)`,
    changes: () => appendEgressPolicy(policy, name, { to: blocksOf, ports }),
  };
  // Only a rule for these ports opens what is lacking; and several addresses cannot be added to a list at once.
  const inRule =
    policy.value.family === 'kubernetes' &&
    others.length === 0 &&
    dnsProtocols.every((protocol) => includes(rule.ports, protocol, 53));
  return {
    at: to === undefined ? rule.at : keySpan(to),
    ...(blocks || (cilium && ownNodeEgress === 'blocked') ? {} : { severity: 'info' }),
    message: `The DNS is opened to ${who}, but not NodeLocal DNSCache in front of it (${list([...closed])} 53 at ${address.canonical}): it runs in the network of the node, where no selector matches it. ${effect} ${advice}`,
    related:
      at === undefined ? [] : [{ at, message: `NodeLocal DNSCache runs here, in front of ${dnsName(profile)}.` }],
    fixes:
      nodesOnlyBy !== undefined && !cilium ? [] : inRule ? [addPeer, addPolicy] : [{ ...addPolicy, preferred: true }],
  };
}

function example(peer: string): string {
  return `# file: .netpol.yaml
cni: calico
cluster:
  nodeLocalDNS: true
# file: policy.yaml
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
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns${peer}
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`;
}
