import { listOf, namespacePolicy, portList } from './policy.js';
import type { Template, TemplateParameter, TemplateValues } from './template.js';

const cidrs: TemplateParameter = {
  name: 'cidrs',
  doc: "The nodes' addresses, as ranges separated by commas; those of the cluster profile when it has some.",
  type: 'cidr',
  default: '198.51.100.0/24',
};
const ports: TemplateParameter = {
  name: 'ports',
  doc: 'The ports of the probes, separated by commas.',
  type: 'port',
  default: '8080',
};

export const allowKubeletProbes: Template = {
  id: 'allow-kubelet-probes',
  title: "Allow the kubelet's probes",
  description:
    "Allows the pods to accept connections from the nodes' addresses on these ports; their other ingress needs a policy that allows it.",
  layer: 6,
  parameters: [cidrs, ports],
  comments: [
    "The nodes' addresses, from which the kubelet probes. Most network plugins let a pod's own node in without this;",
    'nodes share these addresses with everything in their host network.',
  ],
  build: (values) =>
    namespacePolicy(values, 'allow-kubelet-probes', {
      ingress: [{ from: nodes(values).map((cidr) => ({ ipBlock: { cidr } })), ports: portList(listOf(values, ports)) }],
    }),
};

function nodes(values: TemplateValues): readonly string[] {
  const known = values.profile.nodeCidrs.map(({ canonical }) => canonical);
  return values.given[cidrs.name] || known.length === 0 ? listOf(values, cidrs) : known;
}
