import { reachesDns } from '../engine/dns.js';
import { type DnsProtocol, dnsName, dnsProtocols } from '../engine/dns-rule.js';
import { dnsPortOf, withShownDns } from '../engine/shown-dns.js';
import type { Peer } from '../model/peer.js';
import type { PortClause, Rule } from '../model/policy.js';
import { includes } from '../model/ports.js';
import { list } from '../model/print.js';
import type { ClusterProfile, DnsPods } from '../model/profile.js';
import { equalsRequired, keysOf } from '../model/selector.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { contentOf, type Scope } from '../workspace/scope.js';
import { addDnsRule } from './dns-fixes.js';
import { isolatedPods } from './isolation.js';
import { isSinglePort, type SinglePort } from './port-destinations.js';
import { asPort, portNode } from './port-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

/** A port of a rule that the DNS pods do not listen on, and the one they do. */
interface Mismatch {
  readonly clause: SinglePort;
  readonly protocol: DnsProtocol;
}

export const dnsPortMismatch = definePolicyRule({
  id: 'dns-port-mismatch',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'A rule for the cluster DNS names a port on which its pods do not listen.',
  alone: true,
  *check(given) {
    const context = { ...given, profile: withShownDns(given.scope, given.profile) };
    const { policy, profile } = context;
    const { family, isolates, rules } = policy.value;
    if (family === 'cluster' || !isolates.includes('egress') || profile.cni.egressJudged !== 'after-dnat') return;
    for (const rule of rules) {
      if (rule.direction !== 'egress' || rule.uncertain || rule.action !== 'Allow') continue;
      for (const dns of profile.dns) {
        const meant = rule.peers.filter((peer) => means(context, rule, peer, dns));
        if (meant.length === 0) continue;
        const mismatches = rule.clauses.flatMap((clause) => mismatchesOf(context, clause, dns));
        if (mismatches.length === 0) continue;
        yield finding(context, rule, dns, mismatches, meant.length === rule.peers.length);
        break;
      }
    }
  },
});

export const dnsPortMismatchPage: RulePage = {
  what: `Reports an egress rule that leads to the DNS pods by their labels, or to a namespace that holds nothing but the DNS, and opens port 53 or 5353 where these pods listen on the other: 53 to \`openshift-dns\`, or 5353 to kube-dns in \`kube-system\`.

DNS pods among the manifests count before what is usual: the ports that their containers declare, else \`cluster.dns.ports\` in \`.netpol.yaml\`, else those of kube-dns (53) and OpenShift (5353). Nothing is reported where some policy opens the right port to the same pods, as policies for several kinds of cluster do, and with plugins that judge egress by the service's port. A rule for the address of the DNS service is the matter of \`service-cidr-peer\`, DNS that nothing opens that of \`dns-egress-missing\`.`,
  why: `Clients send to port 53 of the DNS service. Its address and port are replaced by those of a pod before policies are judged. Nearly everywhere the pods listen on 53 too, so nobody notices; OpenShift's listen on 5353, and there a rule for 53 opens nothing: names do not resolve, although DNS looks allowed.

For policies that are to work on both, allow both ports, or the ports by the names \`dns\` (UDP) and \`dns-tcp\` (TCP), which CoreDNS and OpenShift share.`,
  bad: /* @__PURE__ */ example(53),
  good: /* @__PURE__ */ example(5353),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
    'https://github.com/openshift/cluster-dns-operator',
  ],
};

/** The peer surely leads to these DNS pods, and its author thought of them: by their labels, or by the namespace's name. */
function means({ scope, policy, profile }: PolicyContext, rule: Rule, peer: Peer, dns: DnsPods): boolean {
  if (peer.kind !== 'pods' || peer.uncertain) return false;
  const reached = reachesDns(scope, profile, { policy, rule, peer, ports: rule.ports }, dns);
  if (reached === 'no') return false;
  const keys = keysOf(peer.pods);
  if (reached === 'yes' && [...dns.labels.keys()].some((key) => keys.has(key))) return true;
  const named = peer.namespaces.own
    ? undefined
    : equalsRequired(peer.namespaces.selector).get('kubernetes.io/metadata.name');
  // Other pods of kube-system have ports of their own; openshift-dns is about DNS alone.
  return named === dns.namespace && /dns/.test(named);
}

function mismatchesOf(context: PolicyContext, clause: PortClause, dns: DnsPods): readonly Mismatch[] {
  // Cilium's ANY stands for both.
  return dnsProtocols
    .filter((each) => each === clause.protocol || clause.protocol === 'any')
    .flatMap((protocol) => mismatchOf(context, clause, protocol, dns) ?? []);
}

function mismatchOf(
  context: PolicyContext,
  clause: PortClause,
  protocol: DnsProtocol,
  dns: DnsPods,
): Mismatch | undefined {
  const { scope, profile, policy } = context;
  if (!isSinglePort(clause) || !isDnsPort(profile, clause.from)) return undefined;
  if (clause.from === dns.port || isServicePort(scope, dns, clause.from)) return undefined;
  const pods = isolatedPods(context, 'egress');
  const lacking = pods.some(
    ({ possible }) =>
      // Where something is denied as well, what is allowed in all is not said by the rules that allow.
      (policy.value.family === 'kubernetes' || possible.admin.length === 0) &&
      possible.allowances.every(
        (allowance) =>
          !(
            includes(allowance.ports, protocol, dns.port) ||
            allowance.ports.named.some((named) => named.protocol === protocol)
          ) || reachesDns(scope, profile, allowance, dns) === 'no',
      ),
  );
  return lacking ? { clause, protocol } : undefined;
}

/** A port that is someone's for DNS: others in the same rule are for something else. */
function isDnsPort(profile: ClusterProfile, port: number): boolean {
  return [53, 5353, ...profile.dns.map((dns) => dns.port)].includes(port);
}

/** The manifests show the pods and a Service with this port: then it is the matter of service-port-not-target-port. */
function isServicePort(scope: Scope, dns: DnsPods, port: number): boolean {
  const { services, workloads } = contentOf(scope, { key: dns.namespace, name: dns.namespace });
  if (dnsPortOf(dns, workloads) === undefined) return false;
  return services.some(({ value }) => !value.headless && value.ports.some((each) => each.port === port));
}

function finding(
  { scope, policy, profile }: PolicyContext,
  rule: Rule,
  dns: DnsPods,
  mismatches: readonly Mismatch[],
  alone: boolean,
): Finding {
  const at = mismatches[0]?.clause.portAt ?? rule.at;
  const wrong = list([...new Set(mismatches.map(({ clause }) => String(clause.from)))]);
  const right = dns.port;
  const protocols = list(mismatches.map(({ protocol }) => protocol));
  const name = dnsName({ ...profile, dns: [dns] });
  const { workloads } = contentOf(scope, { key: dns.namespace, name: dns.namespace });
  const shown = dnsPortOf(dns, workloads);
  const change: Fix = {
    title: `Change ${protocols} ${wrong} to ${right}, the DNS pods' port`,
    preferred: true,
    // What is only usual may be another port here.
    ...(shown === undefined ? {} : { safe: true }),
    changes() {
      const edits = [...new Set(mismatches.map(({ clause }) => clause))].map((clause) => {
        const node = portNode(policy, rule, clause);
        return node === undefined ? undefined : replaceScalar(node, asPort(policy, right));
      });
      const sound = edits.filter((edit) => edit !== undefined);
      return sound.length === edits.length ? editOnly(sound) : undefined;
    },
  };
  return {
    at,
    message: `${protocols} ${wrong} opens nothing at ${name}: policies judge the port of the pods, not that of the service in front of them, and these pods listen on ${right}. Names will not resolve. ${alone ? `Use ${right}` : `Allow ${right} there`}.`,
    related: shown === undefined ? [] : [{ at: shown.at, message: `The DNS pods listen on ${shown.port} here.` }],
    // A rule that leads elsewhere as well keeps its ports for that.
    fixes: [alone ? change : addDnsRule(policy, { ...profile, dns: [dns] }, dnsProtocols, true)],
  };
}

function example(port: number): string {
  return `apiVersion: networking.k8s.io/v1
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
              kubernetes.io/metadata.name: openshift-dns
      ports:
        - protocol: UDP
          port: ${port}
        - protocol: TCP
          port: ${port}
`;
}
