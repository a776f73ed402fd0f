import { namespacePolicy } from './policy.js';
import type { Template } from './template.js';

export const allowAllIngress: Template = {
  id: 'allow-all-ingress',
  title: 'Allow all ingress (for debugging)',
  description:
    'Allows the pods to accept every connection on every port, whatever other network policies of their namespace say.',
  layer: undefined,
  parameters: [],
  comments: ['For debugging: policies only add up, so this one overrides every default deny. Delete it again.'],
  build: (values) => namespacePolicy(values, 'allow-all-ingress', { ingress: [{}] }),
};

export const allowAllEgress: Template = {
  id: 'allow-all-egress',
  title: 'Allow all egress (for debugging)',
  description:
    'Allows the pods to open every connection to every port, whatever other network policies of their namespace say.',
  layer: undefined,
  parameters: [],
  comments: ['For debugging: policies only add up, so this one overrides every default deny. Delete it again.'],
  build: (values) => namespacePolicy(values, 'allow-all-egress', { egress: [{}] }),
};
