import { describePorts } from '../engine/describe.js';
import type { PodPeer } from '../model/peer.js';
import type { Family, Policy, Rule } from '../model/policy.js';
import { isSubset, ports, union } from '../model/ports.js';
import type { ClusterProfile } from '../model/profile.js';
import { isEverything } from '../model/selector.js';
import { removeEntry, replaceKey } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { neverActs } from './never-acts.js';
import { peerNodeOf } from './peer-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { subjectWords } from './subject-words.js';

export const allNamespacesPeer = definePolicyRule({
  id: 'all-namespaces-peer',
  group: 'Too wide',
  severity: 'info',
  summary: 'A peer takes in every pod of every namespace.',
  check,
});

export const allNamespacesPeerPage: RulePage = {
  what: `Reports \`namespaceSelector: {}\` without a podSelector that narrows it; of Calico \`namespaceSelector: all()\` without a selector, of Cilium an item of \`fromEndpoints\` or \`toEndpoints\` that asks for any namespace and no labels. In \`from\` it is information, in \`to\` a hint, since there the other side's ingress policies still count.

Rules that open only DNS, and peers whose podSelector chooses some pods, are not reported, nor are cluster-wide policies of Calico and Cilium, and what other policies that are judged before deny altogether.`,
  why: `An empty selector chooses everything: pods of other teams, of system namespaces, and of namespaces that do not exist yet. Where one application is meant, it is named by its namespace (every namespace has the label \`kubernetes.io/metadata.name\`) AND its pods' labels, both in one item.`,
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
        - namespaceSelector: {}
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
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: web
          podSelector:
            matchLabels:
              app: frontend
      ports:
        - port: 8080
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name',
  ],
};

function* check(context: PolicyContext): Iterable<Finding> {
  const { scope, policy, profile } = context;
  for (const rule of policy.value.rules) {
    if (rule.uncertain || rule.own !== undefined || !policy.value.isolates.includes(rule.direction)) continue;
    const { family, clusterWide } = policy.value;
    // What denies is no opening, and of a plugin's cluster-wide policies every namespace is what they are about.
    if (family !== 'cluster' && (rule.action !== 'Allow' || clusterWide)) continue;
    const all = rule.peers.filter((peer) => peer.kind === 'pods').filter(takesAll);
    if (all.length === 0 || opensOnlyDns(rule, profile)) continue;
    for (const peer of all) {
      if (rule.action === 'Allow' && neverActs(context, rule, [peer])) continue;
      const on = describePorts(rule.ports, rule);
      const who = subjectWords(scope, policy);
      const effect =
        rule.direction === 'ingress'
          ? `every pod of the cluster may connect to ${who} (${on})`
          : `${who} may connect to every pod of the cluster (${on})`;
      yield {
        ...(rule.direction === 'ingress' ? {} : { severity: 'hint' as const }),
        at: peer.namespaceSource?.at ?? peer.at,
        message: `${wide[family]}: ${effect}, also in namespaces to come. ${narrow[family]}`,
        // A narrower destination may leave port names without a pod that has them.
        fixes: rule.direction === 'egress' || family !== 'kubernetes' ? [] : [limit(policy, rule, peer)],
      };
    }
  }
}

const empty = 'An empty namespaceSelector chooses every namespace, and no podSelector narrows it';
const wide: Readonly<Record<Family, string>> = {
  kubernetes: empty,
  cluster: empty,
  calico: 'This chooses every namespace, and no selector narrows it',
  cilium: 'This chooses every namespace, and no label narrows it',
};

const name = 'Name the namespace, by its label kubernetes.io/metadata.name, AND the pods in the same item.';
const narrow: Readonly<Record<Family, string>> = {
  kubernetes: name,
  cluster: name,
  calico: "Name the namespace (namespaceSelector: projectcalico.org/name == '...') AND the pods (selector).",
  cilium: 'Name the namespace (k8s:io.kubernetes.pod.namespace) AND labels of the pods in the same item.',
};

function takesAll(peer: PodPeer): boolean {
  return !peer.uncertain && !peer.namespaces.own && isEverything(peer.namespaces.selector) && isEverything(peer.pods);
}

/** Resolvers are asked by everyone, and asking costs nothing. */
export function opensOnlyDns(rule: Rule, profile: ClusterProfile): boolean {
  const numbers = [53, ...profile.dns.map((dns) => dns.port)];
  const dns = numbers.flatMap((number) => [ports('UDP', number), ports('TCP', number)]).reduce(union);
  const numbered = { byProtocol: rule.ports.byProtocol, named: [] };
  const names = profile.dns.flatMap(({ portNames }) => [portNames.udp, portNames.tcp]);
  return isSubset(numbered, dns) && rule.ports.named.every(({ name }) => names.includes(name));
}

function limit(policy: Placed<Policy>, rule: Rule, peer: PodPeer): Fix {
  return {
    title: "Limit this source to pods of the policy's own namespace",
    changes: () => limitToOwn(policy, rule, peer),
  };
}

/** Takes the namespaceSelector away where a podSelector stays behind it, else turns it into one. */
function limitToOwn(policy: Placed<Policy>, rule: Rule, peer: PodPeer) {
  const node = peerNodeOf(policy, rule, peer);
  const namespaces = entryOf(node, 'namespaceSelector');
  if (node?.kind !== 'map' || namespaces === undefined) return undefined;
  if (peer.podSource !== undefined) return editOnly(removeEntry(node, namespaces));
  return editOnly(entryOf(node, 'podSelector') === undefined ? replaceKey(namespaces, 'podSelector') : undefined);
}
