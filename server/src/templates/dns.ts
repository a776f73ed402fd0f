import { dnsRule } from './peers.js';
import { namespacePolicy } from './policy.js';
import type { Template } from './template.js';

export const allowDnsEgress: Template = {
  id: 'allow-dns-egress',
  title: 'Allow DNS',
  description:
    'Allows the pods to ask the cluster DNS over UDP and TCP; their other egress needs a policy that allows it.',
  layer: 2,
  parameters: [],
  comments: ['DNS over UDP, and over TCP for large answers.'],
  build: (values) => namespacePolicy(values, 'allow-dns-egress', { egress: [dnsRule(values.profile)] }),
};
