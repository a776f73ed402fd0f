import { appParameter, portsParameter } from './parameters.js';
import { dnsRule, namespaceNamed } from './peers.js';
import { appLabels, appName, listOf, namespacePolicy, networkPolicy, portList, textOf } from './policy.js';
import { needsIngress, needsTraffic } from './sentences.js';
import type { Template, TemplateParameter } from './template.js';

/** Any pod of the policy's own namespace. */
const ownNamespace = { podSelector: {} };

export const allowIntraNamespace: Template = {
  id: 'allow-intra-namespace',
  title: 'Allow traffic within the namespace',
  description: `Allows the pods all connections from and to pods of their own namespace, on every port${needsTraffic}`,
  layer: 3,
  parameters: [],
  comments: ['Pods of one namespace may talk to each other.'],
  build: (values) =>
    namespacePolicy(values, 'allow-intra-namespace', {
      ingress: [{ from: [ownNamespace] }],
      egress: [{ to: [ownNamespace] }],
    }),
};

export const namespaceIsolation: Template = {
  id: 'namespace-isolation',
  title: 'Namespace isolation',
  description: `Allows the pods all connections from and to pods of their own namespace and DNS${needsTraffic}`,
  layer: undefined,
  parameters: [],
  comments: ['Pods of one namespace may talk to each other and resolve names.'],
  build: (values) =>
    namespacePolicy(values, 'namespace-isolation', {
      ingress: [{ from: [ownNamespace] }],
      egress: [{ to: [ownNamespace] }, dnsRule(values.profile)],
    }),
};

const client: TemplateParameter = {
  name: 'fromNamespace',
  doc: 'The namespace whose pods may connect.',
  type: 'string',
  default: 'frontend',
};
const app = appParameter('that accept the connections', 'api');
const ports = portsParameter('The ports of the pods, separated by commas.', '8080');

export const allowFromNamespace: Template = {
  id: 'allow-from-namespace',
  title: 'Allow another namespace',
  description: `Allows the application's pods to accept connections from every pod of one other namespace on these ports${needsIngress}`,
  layer: 6,
  parameters: [client, app, ports],
  comments: ['The senders also need egress to these pods where their own egress is isolated.'],
  build(values) {
    const labels = appLabels(values, app);
    const namespace = textOf(values, client);
    return networkPolicy(values, `allow-from-${namespace}-to-${appName(labels)}`, labels, {
      ingress: [{ from: [{ namespaceSelector: namespaceNamed(namespace) }], ports: portList(listOf(values, ports)) }],
    });
  },
};
