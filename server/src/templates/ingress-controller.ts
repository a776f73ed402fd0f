import { gatewayNameLabel } from '../model/entry-controllers.js';
import { ingressControllers } from '../model/profile.js';
import type { YamlData } from '../text/edits.js';
import { choiceParameter, chosenPods, portsParameter } from './parameters.js';
import { namespaceNamed, peerOf } from './peers.js';
import { listOf, namespacePolicy, portList } from './policy.js';
import { needsIngress } from './sentences.js';
import type { Template, TemplateParameter, TemplateValues } from './template.js';

/**
 * Implementations of the Gateway API that run a Gateway's pods in the Gateway's own namespace, labelled with its name
 * (FACTS D1, D3; Envoy Gateway only in its GatewayNamespace mode).
 */
const besideGateways = ['nginx-gateway-fabric', 'istio-gateway-api'];

const controller = choiceParameter(
  'controller',
  "Which one it is; the cluster profile's when left out. Those of Cilium, GKE, AWS and Azure have no pods that a NetworkPolicy could name.",
  [...Object.keys(ingressControllers), ...besideGateways],
);
const namespace: TemplateParameter = {
  name: 'controllerNamespace',
  doc: "The namespace of its pods, where it is not the usual one; of a Gateway's, the policy's own when left out.",
  type: 'string',
  default: '',
};
const ports = portsParameter(
  "The ports on which the pods serve what the ingress controller forwards, separated by commas: the pods' own ports, not the service's.",
  '80,443',
);

export const allowIngressController: Template = {
  id: 'allow-ingress-controller',
  title: 'Allow the ingress controller',
  description: `Allows the pods to accept connections from the ingress controller's pods on these ports${needsIngress}`,
  layer: 4,
  parameters: [controller, namespace, ports],
  comments: ["The ports are the pods' own, to which the ingress controller forwards."],
  build: (values) =>
    namespacePolicy(values, 'allow-ingress-controller', {
      ingress: [{ from: peers(values), ports: portList(listOf(values, ports)) }],
    }),
};

function peers(values: TemplateValues): YamlData[] {
  if (!besideGateways.includes(values.given[controller.name] ?? '')) {
    const parameters = { choice: controller, namespace };
    return chosenPods(values, parameters, ingressControllers, values.profile.ingressControllers).map(peerOf);
  }
  const elsewhere = values.given[namespace.name];
  return [
    {
      ...(elsewhere ? { namespaceSelector: namespaceNamed(elsewhere) } : {}),
      podSelector: { matchExpressions: [{ key: gatewayNameLabel, operator: 'Exists' }] },
    },
  ];
}
