import { peerOf } from './peers.js';
import { listOf, namespacePolicy, portList } from './policy.js';
import type { Template, TemplateParameter } from './template.js';

const ports: TemplateParameter = {
  name: 'ports',
  doc: "The ports on which the pods serve what the ingress controller forwards, separated by commas: the pods' own ports, not the service's.",
  type: 'port',
  default: '80,443',
};

export const allowIngressController: Template = {
  id: 'allow-ingress-controller',
  title: 'Allow the ingress controller',
  description:
    "Allows the pods to accept connections from the ingress controller's pods on these ports; their other ingress needs a policy that allows it.",
  layer: 4,
  parameters: [ports],
  comments: ["The ports are the pods' own, to which the ingress controller forwards."],
  build: (values) =>
    namespacePolicy(values, 'allow-ingress-controller', {
      ingress: [{ from: [peerOf(values.profile.ingressControllers[0])], ports: portList(listOf(values, ports)) }],
    }),
};
