import { effectiveOfPolicy } from '../engine/effective.js';
import { decide } from '../engine/ordered-rules.js';
import { isConditional } from '../engine/stages.js';
import {
  type Address,
  type AddressSet,
  addressesOf,
  containsAddress,
  isSubset,
  parseAddress,
  parseCidr,
} from '../model/addresses.js';
import type { Policy, Rule } from '../model/policy.js';
import { includes, printPorts } from '../model/ports.js';
import { any } from '../model/three.js';
import { insertEntry, insertItem } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { entryOf } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { blockWords, excludeRanges, ipBlocksOf } from './ip-blocks.js';
import { specOf } from './policy-nodes.js';
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
].flatMap((service): readonly MetadataService[] => {
  const [parsed, home] = [parseAddress(service.address), parseCidr(service.around)];
  return parsed === undefined || home === undefined ? [] : [{ ...service, parsed, around: addressesOf(home) }];
});

interface MetadataService {
  readonly address: string;
  /** The address alone, in CIDR form. */
  readonly range: string;
  readonly whose: string;
  readonly parsed: Address;
  /** The addresses of such services. */
  readonly around: AddressSet;
}

export const metadataServiceExposed = definePolicyRule({
  id: 'metadata-service-exposed',
  group: 'Too wide',
  severity: 'info',
  summary: 'A wide egress range takes in the cloud’s metadata service.',
  check,
});

export const metadataServiceExposedPage: RulePage = {
  what: `Reports egress rules whose \`ipBlock\` is a wide range, such as \`0.0.0.0/0\`, that takes in 169.254.169.254 (or fd00:ec2::254) on TCP port 80, where cloud machines find their metadata service.

Ranges that are about these addresses alone are left in peace, and so are rules that do not open port 80. A fix adds the address to \`except\`.

Of Calico it is \`nets\`, and \`notNets\` for the exception; of Cilium \`toCIDR\`, \`toCIDRSet\` and \`toEntities: [world]\`, where a fix may deny the address (\`egressDeny\`). What other rules deny before is not reported.`,
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
  const { policy } = context;
  for (const block of ipBlocksOf(policy, 'egress')) {
    const { peer, rule, at } = block;
    if (!includes(rule.ports, 'TCP', 80) || isConditional(rule)) continue;
    for (const service of services) {
      if (!containsAddress(peer.addresses, service.parsed)) continue;
      // A range of link-local addresses is about such services: its author knows them.
      if (isSubset(addressesOf(peer.cidr), service.around)) continue;
      if (denied(context, service.parsed)) continue;
      const { except } = blockWords(policy.value);
      const exclude: Fix = {
        title: `Exclude ${service.address}`,
        preferred: true,
        changes: () => excludeRanges(block, [service.range]),
      };
      yield {
        at,
        message: messageFor(context, rule, peer.cidr.text, service, `Add ${service.range} to ${except}`),
        fixes: [block.node === undefined ? deny(policy, service) : exclude],
      };
    }
  }
  yield* byEntity(context);
}

/** Cilium's `world` is every address outside of the cluster. */
function* byEntity(context: PolicyContext): Iterable<Finding> {
  const { policy } = context;
  const [service] = services;
  if (service === undefined) return;
  for (const rule of policy.value.rules) {
    if (rule.direction !== 'egress' || rule.action !== 'Allow' || rule.uncertain || isConditional(rule)) continue;
    const world = rule.peers.find((peer) => peer.kind === 'entity' && peer.entity === 'world' && !peer.uncertain);
    if (world === undefined || !policy.value.isolates.includes('egress')) continue;
    if (!includes(rule.ports, 'TCP', 80) || denied(context, service.parsed)) continue;
    yield {
      at: world.at,
      message: messageFor(context, rule, 'The entity world', service, `Deny ${service.range} (egressDeny)`),
      fixes: [deny(policy, service)],
    };
  }
}

function messageFor(
  { scope, policy }: PolicyContext,
  rule: Rule,
  what: string,
  { address, whose }: MetadataService,
  advice: string,
): string {
  return `${what} takes in ${address}, the metadata service of ${whose}, which hands out credentials of the node. This rule lets ${subjectWords(scope, policy)} ask it (${printPorts(rule.ports)}). ${advice}, unless these pods get their cloud identity there.`;
}

/** What Cilium denies comes before all that is allowed. */
function deny(policy: Placed<Policy>, { address, range }: MetadataService): Fix {
  return {
    title: `Deny ${address} in this policy (egressDeny)`,
    preferred: true,
    changes: () => {
      const spec = specOf(policy);
      const rule = { toCIDR: [range] };
      const list = entryOf(spec, 'egressDeny');
      if (spec === undefined) return undefined;
      return editOnly(list === undefined ? insertEntry(spec, 'egressDeny', [rule]) : insertItem(list, rule));
    },
  };
}

/** A cluster-wide policy may deny what this one allows. */
function denied({ scope, policy, profile }: PolicyContext, address: Address): boolean {
  if (scope.clusterPolicies.length === 0 && policy.value.family === 'kubernetes') return false;
  const { egress } = effectiveOfPolicy(scope, policy, profile.cni);
  const decided = decide(egress, ({ rule }) => {
    if (!includes(rule.ports, 'TCP', 80)) return 'no';
    return any(
      rule.peers.map((peer) => {
        if (peer.uncertain) return 'unknown';
        if (peer.kind === 'all of' || peer.kind === 'address set') return 'unknown';
        if (peer.kind === 'entity') return peer.entity === 'world' || peer.entity === 'all' ? 'yes' : 'no';
        return peer.kind === 'anything' || (peer.kind === 'addresses' && containsAddress(peer.addresses, address))
          ? 'yes'
          : 'no';
      }),
    );
  });
  return decided === 'no' || decided === 'unknown';
}
