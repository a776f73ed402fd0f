import { appParameter, portsParameter } from './parameters.js';
import { dnsRule } from './peers.js';
import { appLabels, appName, labelSelector, listOf, networkPolicy, portList, textOf } from './policy.js';
import { needsEgress, needsIngress } from './sentences.js';
import type { Template } from './template.js';

const ports = portsParameter('The ports of the pods that are connected to, separated by commas.', '8080');
const client = appParameter('that may connect', 'frontend', 'from');
const app = appParameter('that accept the connections', 'api');

export const allowFromApp: Template = {
  id: 'allow-from-app',
  title: 'Allow one application to connect to another',
  description: `Allows the application's pods to accept connections from another application's pods in their own namespace on these ports${needsIngress}`,
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

const source = appParameter('that connect', 'frontend');
const target = appParameter('that they connect to', 'api', 'to');

export const allowDnsAndApp: Template = {
  id: 'allow-dns-and-app',
  title: 'Allow DNS and one application to connect to',
  description: `Allows the application's pods DNS and connections to another application's pods in their own namespace on these ports${needsEgress}`,
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
