import { namespacePolicy } from './policy.js';
import type { Template } from './template.js';

export const defaultDenyAll: Template = {
  id: 'default-deny-all',
  title: 'Default deny: ingress and egress',
  description: 'Isolates the pods in both directions: they accept and open no connection that no other policy allows.',
  layer: 1,
  parameters: [],
  comments: [
    'Nothing gets in or out of these pods but what other policies allow.',
    'Names do not resolve until DNS is allowed, for instance by allow-dns-egress.',
  ],
  build: (values) => namespacePolicy(values, 'default-deny-all', { ingress: [], egress: [] }),
};

export const defaultDenyIngress: Template = {
  id: 'default-deny-ingress',
  title: 'Default deny: ingress',
  description: 'Isolates the pods for ingress: they accept no connection that no other policy allows.',
  layer: undefined,
  parameters: [],
  comments: ['Nothing gets into these pods but what other policies allow.'],
  build: (values) => namespacePolicy(values, 'default-deny-ingress', { ingress: [] }),
};

export const defaultDenyEgress: Template = {
  id: 'default-deny-egress',
  title: 'Default deny: egress',
  description: 'Isolates the pods for egress: they open no connection that no other policy allows, not even to DNS.',
  layer: undefined,
  parameters: [],
  comments: [
    'Nothing gets out of these pods but what other policies allow.',
    'Names do not resolve until DNS is allowed, for instance by allow-dns-egress.',
  ],
  build: (values) => namespacePolicy(values, 'default-deny-egress', { egress: [] }),
};
