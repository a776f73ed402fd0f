import { kubeDns, openShiftDns } from '../model/profile.js';
import { choiceParameter } from './parameters.js';
import { dnsRule, nodeLocalCidr } from './peers.js';
import { blocks, listOf, namespacePolicy, portList } from './policy.js';
import { needsEgress } from './sentences.js';
import type { Template, TemplateParameter } from './template.js';

const servers = { 'kube-dns': kubeDns, openshift: openShiftDns } as const;
const dns = choiceParameter('dns', "Which DNS it is; the cluster profile's when left out.", Object.keys(servers));

export const allowDnsEgress: Template = {
  id: 'allow-dns-egress',
  title: 'Allow DNS',
  description: `Allows the pods to ask the cluster DNS over UDP and TCP${needsEgress}`,
  layer: 2,
  parameters: [dns],
  comments: ['DNS over UDP, and over TCP for large answers.'],
  build(values) {
    const choice = values.given[dns.name];
    const chosen = choice === 'kube-dns' || choice === 'openshift' ? servers[choice] : undefined;
    const profile = chosen === undefined ? values.profile : { ...values.profile, dns: [chosen] as const };
    return namespacePolicy(values, 'allow-dns-egress', { egress: [dnsRule(profile)] });
  },
};

const address: TemplateParameter = {
  name: 'address',
  doc: 'The address on which NodeLocal DNSCache listens, as a range.',
  type: 'cidr',
  default: '169.254.20.10/32',
  fromProfile(profile) {
    const cidr = nodeLocalCidr(profile);
    return cidr === undefined ? [] : [cidr];
  },
};

export const allowNodeLocalDns: Template = {
  id: 'allow-node-local-dns',
  title: 'Allow NodeLocal DNSCache',
  description: `Allows the pods to ask NodeLocal DNSCache at its address on their node, over UDP and TCP${needsEgress}`,
  layer: undefined,
  parameters: [address],
  comments: [
    'NodeLocal DNSCache runs in the network of the nodes, where selectors do not reach: only its address does.',
  ],
  build: (values) =>
    namespacePolicy(values, 'allow-node-local-dns', {
      egress: [{ to: blocks(listOf(values, address)), ports: portList(['53/UDP', '53/TCP']) }],
    }),
};
