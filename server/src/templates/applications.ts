import { dnsRule } from './peers.js';
import { appLabels, appName, labelSelector, listOf, networkPolicy, portList, textOf } from './policy.js';
import type { Template, TemplateParameter } from './template.js';

const ports: TemplateParameter = {
  name: 'ports',
  doc: 'The ports of the pods that are connected to, separated by commas.',
  type: 'port',
  default: '8080',
};
const client: TemplateParameter = {
  name: 'from',
  doc: 'The value of the label "app" on the pods that may connect.',
  type: 'string',
  default: 'frontend',
};
const app: TemplateParameter = {
  name: 'app',
  doc: 'The value of the label "app" on the pods that accept the connections.',
  type: 'string',
  default: 'api',
};

export const allowFromApp: Template = {
  id: 'allow-from-app',
  title: 'Allow one application to connect to another',
  description:
    "Allows the application's pods to accept connections from another application's pods in their own namespace on these ports; their other ingress needs a policy that allows it.",
  layer: 6,
  parameters: [client, app, ports],
  comments: ['The senders also need egress to these pods where their own egress is isolated.'],
  build(values) {
    const labels = appLabels(values, app);
    const peer = new Map([['app', textOf(values, client)]]);
    return networkPolicy(values, `allow-from-${appName(peer)}-to-${appName(labels)}`, labels, {
      ingress: [{ from: [{ podSelector: labelSelector(peer) }], ports: portList(listOf(values, ports)) }],
    });
  },
};

const source: TemplateParameter = {
  name: 'app',
  doc: 'The value of the label "app" on the pods that connect.',
  type: 'string',
  default: 'frontend',
};
const target: TemplateParameter = {
  name: 'to',
  doc: 'The value of the label "app" on the pods that they connect to.',
  type: 'string',
  default: 'api',
};

export const allowDnsAndApp: Template = {
  id: 'allow-dns-and-app',
  title: 'Allow DNS and one application to connect to',
  description:
    "Allows the application's pods DNS and connections to another application's pods in their own namespace on these ports; their other egress needs a policy that allows it.",
  layer: 6,
  parameters: [source, target, ports],
  comments: ['The receivers also need ingress from these pods where their own ingress is isolated.'],
  build(values) {
    const labels = appLabels(values, source);
    const peer = new Map([['app', textOf(values, target)]]);
    return networkPolicy(values, `allow-${appName(labels)}-to-dns-and-${appName(peer)}`, labels, {
      egress: [
        dnsRule(values.profile),
        { to: [{ podSelector: labelSelector(peer) }], ports: portList(listOf(values, ports)) },
      ],
    });
  },
};
