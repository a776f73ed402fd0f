import { effectiveOfPolicy } from '../engine/effective.js';
import { decidedBy } from '../engine/ordered-rules.js';
import { type Address, addressesOf, containsAddress, isSubset, parseAddress, parseCidr } from '../model/addresses.js';
import { includes, printPorts } from '../model/ports.js';
import { any } from '../model/three.js';
import { excludeRanges, ipBlocksOf } from './ip-blocks.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { subjectWords } from './subject-words.js';

/** Where clouds hand out what a machine may know of itself, credentials among it, over HTTP on port 80. FACTS D5. */
const services = [
  {
    address: '169.254.169.254',
    range: '169.254.169.254/32',
    whose: 'AWS, Google Cloud, Azure and most other clouds',
    around: '169.254.0.0/16',
  },
  { address: 'fd00:ec2::254', range: 'fd00:ec2::254/128', whose: 'AWS', around: 'fd00:ec2::/32' },
] as const;

export const metadataServiceExposed = definePolicyRule({
  id: 'metadata-service-exposed',
  group: 'Too wide',
  severity: 'info',
  summary: 'A wide egress range takes in the cloud’s metadata service.',
  check,
});

export const metadataServiceExposedPage: RulePage = {
  what: `Reports egress rules whose \`ipBlock\` is a wide range, such as \`0.0.0.0/0\`, that takes in 169.254.169.254 (or fd00:ec2::254) on TCP port 80, where cloud machines find their metadata service.

Ranges that are about these addresses alone are left in peace, and so are rules that do not open port 80. A fix adds the address to \`except\`.`,
  why: `The metadata service answers anyone on the machine, and its answers include credentials of the node's role. A pod that can be made to fetch an address (server-side request forgery) then gives these away. Whoever writes \`0.0.0.0/0\` mostly means the internet.

Keep the address open for pods that get their cloud identity there. Other ways to the same end are a hop limit of 1 for the metadata service (AWS) and the provider's own metadata proxy.`,
  bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: crawler-to-internet
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: crawler
  policyTypes: [Egress]
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
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
      ports:
        - port: 80
        - port: 443
`,
  good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: crawler-to-internet
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: crawler
  policyTypes: [Egress]
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
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except:
              - 169.254.169.254/32
      ports:
        - port: 80
        - port: 443
`,
  references: [
    'https://kubernetes.io/docs/tasks/administer-cluster/securing-a-cluster/#restricting-cloud-metadata-api-access',
    'https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html',
  ],
};

function* check(context: PolicyContext): Iterable<Finding> {
  const { scope, policy } = context;
  for (const block of ipBlocksOf(policy, 'egress')) {
    const { peer, rule } = block;
    if (!includes(rule.ports, 'TCP', 80)) continue;
    for (const { address, range, whose, around } of services) {
      const parsed = parseAddress(address);
      const home = parseCidr(around);
      if (parsed === undefined || home === undefined || !containsAddress(peer.addresses, parsed)) continue;
      // A range of link-local addresses is about such services: its author knows them.
      if (isSubset(addressesOf(peer.cidr), addressesOf(home))) continue;
      if (denied(context, parsed)) continue;
      yield {
        at: block.at,
        message: `${peer.cidr.text} takes in ${address}, the metadata service of ${whose}, which hands out credentials of the node. This rule lets ${subjectWords(scope, policy)} ask it (${printPorts(rule.ports)}). Add ${range} to \`except\`, unless these pods get their cloud identity there.`,
        fixes: [{ title: `Exclude ${address}`, preferred: true, changes: () => excludeRanges(block, [range]) }],
      };
    }
  }
}

/** A cluster-wide policy may deny what this one allows. */
function denied({ scope, policy }: PolicyContext, address: Address): boolean {
  if (scope.clusterPolicies.length === 0) return false;
  const decided = decidedBy(effectiveOfPolicy(scope, policy).egress.admin, ({ rule }) => {
    if (!includes(rule.ports, 'TCP', 80)) return 'no';
    return any(
      rule.peers.map((peer) => {
        if (peer.uncertain) return 'unknown';
        return peer.kind === 'anything' || (peer.kind === 'addresses' && containsAddress(peer.addresses, address))
          ? 'yes'
          : 'no';
      }),
    );
  });
  return decided === 'no' || decided === 'unknown';
}
