import { namespacePolicy, portList } from './policy.js';
import type { Template } from './template.js';

/** FACTS D1: the tunnel's port on every pod of an ambient mesh. */
const hbone = portList([15008]);
const anyPod = { namespaceSelector: {} };

export const allowAmbientHbone: Template = {
  id: 'allow-ambient-hbone',
  title: 'Allow the Istio ambient mesh in',
  description:
    "Allows the pods to accept connections on TCP 15008, the ambient mesh's tunnel, from pods of every namespace; their other ingress needs a policy that allows it.",
  layer: undefined,
  parameters: [],
  comments: [
    'In an ambient mesh all traffic between pods arrives on this port: it opens every port to pods of the mesh.',
    'Who may connect to what is then the matter of AuthorizationPolicy.',
  ],
  build: (values) => namespacePolicy(values, 'allow-ambient-hbone', { ingress: [{ from: [anyPod], ports: hbone }] }),
};

export const allowAmbientHboneEgress: Template = {
  id: 'allow-ambient-hbone-egress',
  title: 'Allow the Istio ambient mesh out',
  description:
    "Allows the pods to open connections to TCP 15008, the ambient mesh's tunnel, on pods of every namespace; their other egress needs a policy that allows it.",
  layer: undefined,
  parameters: [],
  comments: [
    'In an ambient mesh all traffic between pods leaves for this port: it opens every port of pods of the mesh.',
    'Who may connect to what is then the matter of AuthorizationPolicy.',
  ],
  build: (values) =>
    namespacePolicy(values, 'allow-ambient-hbone-egress', { egress: [{ to: [anyPod], ports: hbone }] }),
};
