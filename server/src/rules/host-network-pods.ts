import { podsSelected, workloadsOfPeer } from '../engine/matching.js';
import { addressesOf, overlaps } from '../model/addresses.js';
import type { PodPeer } from '../model/peer.js';
import type { Rule } from '../model/policy.js';
import { list } from '../model/print.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { insertItem } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import type { Placed } from '../workspace/scope.js';
import { blockWords } from './ip-blocks.js';
import { peerListOf } from './peer-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { countedNames } from './subject-words.js';

export const hostNetworkPods = definePolicyRule({
  id: 'host-network-pods',
  group: 'Selectors',
  severity: 'warning',
  summary: 'A peer matches host-network pods only, which selectors do not reach.',
  alone: true,
  *check(context) {
    const { scope, policy } = context;
    for (const rule of policy.value.rules) {
      if (rule.uncertain || rule.action !== 'Allow' || !policy.value.isolates.includes(rule.direction)) continue;
      for (const peer of rule.peers) {
        // A peer for whole namespaces, or for every pod, is about pods to come as well.
        if (peer.kind !== 'pods' || peer.uncertain || peer.podSource === undefined || isEverything(peer.pods)) continue;
        const { sure, possible } = workloadsOfPeer(scope, policy, peer);
        if (sure.length > 0 || possible.length === 0 || !possible.every((each) => isOnHost(peer, each))) continue;
        if (!namesNodes(context, rule)) yield finding(context, rule, peer, possible);
      }
    }
  },
});

export const hostNetworkPodsPage: RulePage = {
  what: `Reports a peer of a rule whose \`podSelector\` matches only workloads with \`hostNetwork: true\` among the manifests, such as a node exporter or an ingress controller that runs on the nodes' own ports.

It is silent where the same rule has an \`ipBlock\` for the nodes as well (any \`ipBlock\`, where \`cluster.nodeCIDRs\` is not configured), and where the peer matches other workloads too. A policy that *selects* nothing but host-network pods is the matter of \`policy-without-effect\`.`,
  why: `Host-network pods have no address of their own: what they send comes from their node, and what is sent to them goes to it. The API leaves open what selectors mean for them, and network plugins take them for their node, which no selector matches. Such a peer allows nothing, although the labels are right.

Allow the addresses of the nodes instead (\`ipBlock\`), as narrow as the ports permit: every other host-network pod, and every process on a node, comes from there as well. With Cilium nodes are matched by entities only.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(`
        - ipBlock:
            cidr: 192.168.10.0/24`),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods',
    'https://docs.cilium.io/en/stable/security/policy/language/#entities-based',
  ],
};

/** In the node's network, and nothing else keeps the peer from matching it. */
function isOnHost(peer: PodPeer, { value }: Placed<Workload>): boolean {
  return value.hostNetwork && podsSelected(peer.pods, { ...value, hostNetwork: false }) === 'yes';
}

/** The rule has an address range that is perhaps meant for the nodes. */
function namesNodes({ profile: { nodeCidrs } }: PolicyContext, { peers }: Rule): boolean {
  return peers.some(
    (peer) =>
      (peer.kind === 'entity' && ['host', 'remote-node', 'cluster', 'all'].includes(peer.entity)) ||
      peer.kind === 'nodes' ||
      (peer.kind === 'addresses' &&
        (nodeCidrs.length === 0 || nodeCidrs.some((nodes) => overlaps(peer.addresses, addressesOf(nodes))))),
  );
}

function finding(
  { policy, profile }: PolicyContext,
  rule: Rule,
  peer: PodPeer,
  workloads: readonly Placed<Workload>[],
): Finding {
  const { nodesOnlyBy } = profile.cni;
  const nodes = profile.nodeCidrs.map(({ canonical }) => canonical);
  const [effect, because] =
    rule.direction === 'ingress'
      ? ['lets nobody in', 'their connections come from their node']
      : ['leads nowhere', 'connections to them go to their node'];
  const instead =
    nodesOnlyBy === undefined
      ? `Allow the addresses of the nodes by ${blockWords(policy.value).block}${nodes.length === 0 ? '' : ` (${list(nodes)})`}.`
      : `Use ${policy.value.family === 'cilium' ? 'the entities host and remote-node' : nodesOnlyBy}.`;
  const [first, ...more] = nodes;
  const addNodes: Fix = {
    title: `Allow the node addresses as well in this rule (${first})`,
    changes: () => {
      const peers = peerListOf(policy, rule);
      return peers === undefined ? undefined : editOnly(insertItem(peers, { ipBlock: { cidr: first ?? '' } }));
    },
  };
  return {
    at: peer.podSource?.at ?? peer.at,
    message: `This peer ${effect}: it matches ${countedNames(workloads, policy.namespace)}, in the host network, and ${because}, which no selector matches. ${instead}`,
    related: workloads
      .slice(0, 3)
      .map(({ value }) => ({ at: value.at, message: `${value.kind} ${value.name} uses the host network` })),
    fixes: nodesOnlyBy === undefined && first !== undefined && more.length === 0 ? [addNodes] : [],
  };
}

function example(peer: string): string {
  return `# file: .netpol.yaml
cluster:
  nodeCIDRs: [192.168.10.0/24]
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
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: edge
          podSelector:
            matchLabels:
              app: proxy${peer}
      ports:
        - protocol: TCP
          port: 8080
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: proxy
  namespace: edge
spec:
  selector:
    matchLabels:
      app: proxy
  template:
    metadata:
      labels:
        app: proxy
    spec:
      hostNetwork: true
      containers:
        - name: proxy
          image: registry.example/proxy:1
`;
}
