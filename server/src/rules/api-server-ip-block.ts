import { addressesOfAll, type Cidr, isSubset, union } from '../model/addresses.js';
import { list } from '../model/print.js';
import { blockWords, ipBlocksOf } from './ip-blocks.js';
import { definePolicyRule, type RulePage } from './rule.js';

export const apiServerIpBlock = definePolicyRule({
  id: 'api-server-ip-block',
  group: 'No effect',
  severity: 'warning',
  summary: 'A block of addresses is about nodes or the API server, which the network plugin never matches by address.',
  alone: true,
  *check({ policy, profile }) {
    const { nodesOnlyBy, title } = profile.cni;
    if (nodesOnlyBy === undefined) return;
    const nodes = addressesOfAll(profile.nodeCidrs);
    const known = union(nodes, addressesOfAll(profile.apiServer));
    for (const { at, peer, rule } of ipBlocksOf(policy)) {
      if (!isSubset(peer.addresses, known)) continue;
      const onNodes = isSubset(peer.addresses, nodes);
      const what = onNodes
        ? `lies within the addresses of this cluster's nodes (${texts(profile.nodeCidrs)})`
        : `is about the API server (${texts(profile.apiServer)})`;
      const opens = rule.direction === 'ingress' ? 'lets nobody in' : 'leads nowhere';
      yield {
        at,
        // An API server outside of the cluster's nodes is an address like others.
        ...(onNodes ? {} : { severity: 'info' }),
        message: `${peer.cidr.text} ${what}. With ${title} ${blockWords(policy.value).block} never matches a node, nor the API server on one, so this ${opens}${onNodes ? '' : ' where it runs on a node'}. Use ${policy.value.family === 'cilium' ? entities : nodesOnlyBy}.`,
      };
    }
  },
});

export const apiServerIpBlockPage: RulePage = {
  what: `Reports an \`ipBlock\` within the addresses of the cluster's nodes (\`cluster.nodeCIDRs\` in \`.netpol.yaml\`), or of the API server (\`cluster.apiServer\`), where the configured \`cni\` never matches nodes by their addresses: Cilium. For an API server that is not among the nodes it is information.

A rule for the address of the \`kubernetes\` service, in front of the API server, is the matter of \`service-cidr-peer\`.`,
  why: `The usual way to let a pod talk to the API server, or to take connections from the nodes, is an \`ipBlock\` with their addresses. Cilium gives nodes, and an API server that runs on one, identities of their own, and compares addresses only for what has none: the same policy that works elsewhere allows nothing there, and controllers time out.

Cilium's own policies name these ends by entities: \`kube-apiserver\`, \`host\`, \`remote-node\`. The option \`policy-cidr-match-mode: nodes\` makes an \`ipBlock\` match nodes as well; where it is set, silence this rule.`,
  bad: /* @__PURE__ */ example('cilium'),
  good: /* @__PURE__ */ example('calico'),
  references: [
    'https://docs.cilium.io/en/stable/security/policy/language/#entities-based',
    'https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based',
  ],
};

const entities = 'the entities host, remote-node or kube-apiserver';

function texts(cidrs: readonly Cidr[]): string {
  return list(cidrs.map(({ canonical }) => canonical));
}

function example(cni: string): string {
  return `# file: .netpol.yaml
cni: ${cni}
cluster:
  nodeCIDRs: [192.168.10.0/24]
# file: policy.yaml
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: operator
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: operator
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock:
            cidr: 192.168.10.4/32
      ports:
        - protocol: TCP
          port: 6443
`;
}
