import { portsParameter } from './parameters.js';
import { blocks, listOf, namespacePolicy, portList } from './policy.js';
import { needsIngress } from './sentences.js';
import type { Template, TemplateParameter } from './template.js';

const cidrs: TemplateParameter = {
  name: 'cidrs',
  doc: "The nodes' addresses, as ranges separated by commas.",
  type: 'cidr',
  default: '198.51.100.0/24',
  fromProfile: ({ nodeCidrs }) => nodeCidrs.map(({ canonical }) => canonical),
};
const ports = portsParameter('The ports of the probes, separated by commas.', '8080');

export const allowKubeletProbes: Template = {
  id: 'allow-kubelet-probes',
  title: "Allow the kubelet's probes",
  description: `Allows the pods to accept connections from the nodes' addresses on these ports${needsIngress}`,
  layer: 6,
  parameters: [cidrs, ports],
  insteadOfNodeAddresses: "this policy lets nobody in. Leave it out: a pod's own node is let in without one",
  comments: [
    "The nodes' addresses, from which the kubelet probes. Most network plugins let a pod's own node in without this;",
    'nodes share these addresses with everything in their host network.',
  ],
  build: (values) =>
    namespacePolicy(values, 'allow-kubelet-probes', {
      ingress: [{ from: blocks(listOf(values, cidrs)), ports: portList(listOf(values, ports)) }],
    }),
};
