import { addressesOf, addressesOfAll, type Cidr, isStrictSubnet, isSubset, overlaps } from '../model/addresses.js';
import { list } from '../model/print.js';
import { blockWords, excludeRanges, type IpBlock, ipBlocksOf } from './ip-blocks.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const podCidrPeer = definePolicyRule({
  id: 'pod-cidr-peer',
  group: 'Too wide',
  severity: 'warning',
  summary: 'A block of addresses is about pods.',
  alone: true,
  check,
});

export const podCidrPeerPage: RulePage = {
  what: `Reports an \`ipBlock\` within the cluster's pod addresses, and, as information, a wider one that takes them in. It needs to know these addresses: \`cluster.podCIDRs\` in \`.netpol.yaml\`; without it the rule is silent.

What the message says depends on the configured \`cni\`: most plugins compare addresses as they are, Cilium leaves pods out of every \`ipBlock\`, and the API leaves it open.`,
  why: `A pod gets a new address each time it is created, and another pod may get the old one: a rule about single pod addresses soon allows the wrong ones. A wide range such as \`10.0.0.0/8\`, written for a network outside, quietly opens every pod of the cluster too, on plugins that compare addresses. Labels choose pods, an \`ipBlock\` is for what is outside the cluster.`,
  bad: `# file: .netpol.yaml
cluster:
  podCIDRs: [10.244.0.0/16]
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
        - ipBlock:
            cidr: 10.244.3.17/32
      ports:
        - port: 8080
`,
  good: `# file: .netpol.yaml
cluster:
  podCIDRs: [10.244.0.0/16]
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
        - podSelector:
            matchLabels:
              app: frontend
      ports:
        - port: 8080
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
    'https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based',
  ],
};

function* check({ policy, profile }: PolicyContext): Iterable<Finding> {
  const pods = profile.podCidrs;
  // Cilium's own CIDRs: see cidr-never-matches-pods.
  if (pods.length === 0 || policy.value.family === 'cilium') return;
  const { block: kind, except } = blockWords(policy.value);
  const known = addressesOfAll(pods);
  const { ipBlockMatchesPods: matched, title } = profile.cni;
  for (const block of ipBlocksOf(policy)) {
    const { cidr, addresses } = block.peer;
    if (!overlaps(addresses, known)) continue;
    if (isSubset(addresses, known)) {
      const effect = {
        yes: 'A pod gets another address each time it is created, so this soon means the wrong pod.',
        no: `With ${title} ${kind} never matches pods, so this allows nothing.`,
        undefined: `Pod addresses change, and whether ${kind} matches pods at all is up to the network plugin.`,
      }[matched];
      yield {
        at: block.at,
        message: `${cidr.text} lies within the addresses of this cluster's pods (${texts(pods)}). ${effect} Choose the pods by their labels: ${policy.value.family === 'calico' ? 'selector' : 'podSelector'}, namespaceSelector or both.`,
      };
      continue;
    }
    if (matched === 'no') continue;
    const inside = pods.filter((each) => isStrictSubnet(each, cidr) && overlaps(addresses, addressesOf(each)));
    if (inside.length === 0) continue;
    yield {
      severity: 'info',
      at: block.at,
      message: `${cidr.text} takes in the addresses of this cluster's pods (${texts(inside)}), so ${
        matched === 'yes'
          ? `with ${title} this rule also allows every pod`
          : 'with most network plugins this rule also allows every pod'
      } of every namespace. If only what is outside the cluster is meant, add ${texts(inside)} to ${except}.`,
      fixes: [exclude(block, inside)],
    };
  }
}

function exclude(block: IpBlock, pods: readonly Cidr[]) {
  return {
    title: `Exclude the cluster's pods (${texts(pods)})`,
    preferred: true,
    changes: () =>
      excludeRanges(
        block,
        pods.map((each) => each.canonical),
      ),
  };
}

function texts(cidrs: readonly Cidr[]): string {
  return list(cidrs.map((each) => each.canonical));
}
