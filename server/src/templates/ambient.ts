import { blocks, namespacePolicy, portList } from './policy.js';
import { needsEgress, needsIngress } from './sentences.js';
import type { Template } from './template.js';

/** FACTS D1: the tunnel's port on every pod of an ambient mesh. */
const hbone = portList([15008]);
const anyPod = { namespaceSelector: {} };

export const allowAmbientHbone: Template = {
  id: 'allow-ambient-hbone',
  title: 'Allow the Istio ambient mesh in',
  description: `Allows the pods to accept connections on TCP 15008, the ambient mesh's tunnel, from pods of every namespace${needsIngress}`,
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
  description: `Allows the pods to open connections to TCP 15008, the ambient mesh's tunnel, on pods of every namespace${needsEgress}`,
  layer: undefined,
  parameters: [],
  comments: [
    'In an ambient mesh all traffic between pods leaves for this port: it opens every port of pods of the mesh.',
    'Who may connect to what is then the matter of AuthorizationPolicy.',
  ],
  build: (values) =>
    namespacePolicy(values, 'allow-ambient-hbone-egress', { egress: [{ to: [anyPod], ports: hbone }] }),
};

/** FACTS D1: the addresses that Istio puts in the kubelet's place. */
const probeSources = ['169.254.7.127/32', 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128'];

export const allowAmbientProbes: Template = {
  id: 'allow-ambient-probes',
  title: "Allow the kubelet's probes through the ambient mesh",
  description: `Allows the pods to accept connections from the link-local addresses that Istio's ambient mesh gives the kubelet's probes, on every port${needsIngress}`,
  layer: undefined,
  parameters: [],
  comments: [
    'In an ambient mesh probes come from these addresses, which only the own node uses, instead of from the node.',
  ],
  build: (values) => namespacePolicy(values, 'allow-ambient-probes', { ingress: [{ from: blocks(probeSources) }] }),
};
