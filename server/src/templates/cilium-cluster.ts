import { ciliumDns, clusterwidePolicy } from './cilium-policy.js';
import { exceptParameter } from './cluster-policy.js';
import { listOf, policyName, textOf } from './policy.js';
import type { Template, TemplateParameter } from './template.js';

/** Cilium's policies for the whole cluster. Source: FACTS A4, B5. */

const family = 'cilium';
const exceptSystem = exceptParameter('kube-system');

export const ciliumClusterDefaultDeny: Template = {
  id: 'cilium-cluster-default-deny',
  title: 'Cilium: default deny for the whole cluster, but for DNS',
  description:
    'Isolates the pods of all namespaces but the excepted ones in both directions, and allows them to ask the cluster DNS over UDP and TCP.',
  family,
  layer: undefined,
  parameters: [exceptSystem],
  comments: [
    'Policies of the namespaces allow what else there is to be.',
    'It is about pods alone: an empty selector would also take in the endpoints of Cilium itself.',
  ],
  build: (values) =>
    clusterwidePolicy(values, 'default-deny', exceptSystem, {
      ingress: [{}],
      egress: ciliumDns(values.profile, false),
    }),
};

/** Without it, a policy that denies would isolate the pods that it is about. */
const leavesOpen = { ingress: false, egress: false };

const metadataCidrs: TemplateParameter = {
  name: 'cidrs',
  doc: 'The addresses of the metadata service, as ranges separated by commas.',
  type: 'cidr',
  // FACTS D5: most clouds, Alibaba Cloud, and AWS over IPv6.
  default: '169.254.169.254/32,100.100.100.200/32,fd00:ec2::254/128',
};

export const ciliumBlockMetadata: Template = {
  id: 'cilium-block-metadata',
  title: "Cilium: deny the cloud's metadata service",
  description:
    'Denies the pods of all namespaces but the excepted ones egress to these addresses, whatever other policies allow; leaves everything else to them.',
  family,
  layer: undefined,
  parameters: [exceptSystem, metadataCidrs],
  comments: [
    'Workload identity of GKE and DNS of GKE Cloud DNS use the same address: where the cluster has them, leave it out.',
  ],
  build: (values) =>
    clusterwidePolicy(values, 'block-metadata', exceptSystem, {
      enableDefaultDeny: leavesOpen,
      egressDeny: [{ toCIDR: listOf(values, metadataCidrs) }],
    }),
};

const list: TemplateParameter = {
  name: 'listName',
  doc: 'The name of the list of addresses.',
  type: 'string',
  default: 'deny-list',
};
const listed: TemplateParameter = {
  name: 'cidrs',
  doc: 'The addresses on the list, as ranges separated by commas.',
  type: 'cidr',
  default: '203.0.113.0/24,2001:db8:bad::/48',
};

export const ciliumCidrGroup: Template = {
  id: 'cilium-cidr-group',
  title: 'Cilium: a list of addresses',
  description: 'Names addresses, so that policies can refer to them; by itself it allows and denies nothing.',
  family,
  layer: undefined,
  parameters: [list, listed],
  comments: ['cilium-deny-list denies connections from and to them.'],
  build: (values) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumCIDRGroup',
    metadata: { name: policyName(values, textOf(values, list)) },
    spec: { externalCIDRs: listOf(values, listed) },
  }),
};

export const ciliumDenyList: Template = {
  id: 'cilium-deny-list',
  title: 'Cilium: deny a list of addresses',
  description:
    'Denies the pods of all namespaces but the excepted ones connections from and to the addresses of a list, whatever other policies allow; leaves everything else to them.',
  family,
  layer: undefined,
  parameters: [exceptSystem, list],
  comments: ['The list is a CiliumCIDRGroup: cilium-cidr-group.'],
  build(values) {
    const group = [{ cidrGroupRef: textOf(values, list) }];
    return clusterwidePolicy(values, 'deny-list', exceptSystem, {
      enableDefaultDeny: leavesOpen,
      ingressDeny: [{ fromCIDRSet: group }],
      egressDeny: [{ toCIDRSet: group }],
    });
  },
};
