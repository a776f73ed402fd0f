import { peerOf } from './peers.js';
import { listOf, namespacePolicy, portList } from './policy.js';
import type { Template, TemplateParameter } from './template.js';

const ports: TemplateParameter = {
  name: 'ports',
  doc: 'The ports on which the pods serve their metrics, separated by commas.',
  type: 'port',
  default: '9090,8080',
};

export const allowPrometheusScrape: Template = {
  id: 'allow-prometheus-scrape',
  title: 'Allow Prometheus to scrape metrics',
  description:
    "Allows the pods to accept connections from the monitoring's pods on these ports; their other ingress needs a policy that allows it.",
  layer: 5,
  parameters: [ports],
  comments: ['The ports on which these pods serve their metrics.'],
  build: (values) =>
    namespacePolicy(values, 'allow-prometheus-scrape', {
      ingress: [{ from: [peerOf(values.profile.monitoring)], ports: portList(listOf(values, ports)) }],
    }),
};
