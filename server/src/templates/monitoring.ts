import { type ClusterPods, prometheus } from '../model/profile.js';
import { choiceParameter, chosenPods, portsParameter } from './parameters.js';
import { peerOf } from './peers.js';
import { listOf, namespacePolicy, portList } from './policy.js';
import { needsIngress } from './sentences.js';
import type { Template, TemplateParameter, TemplateValues } from './template.js';

/** FACTS D4. The labels are those of every release; the namespaces of charts are the usual ones. */
const installs: Readonly<Record<string, ClusterPods>> = {
  'kube-prometheus': prometheus,
  'kube-prometheus-stack': prometheus,
  prometheus: { ...prometheus, labels: new Map([...prometheus.labels, ['app.kubernetes.io/component', 'server']]) },
  openshift: {
    title: 'the OpenShift monitoring',
    namespace: 'openshift-monitoring',
    namespaceLabels: new Map([['network.openshift.io/policy-group', 'monitoring']]),
    labels: new Map(),
  },
};

/** Which monitoring it is, and where; the profile's when nothing is given. */
export const monitoringParameters: readonly [choice: TemplateParameter, namespace: TemplateParameter] = [
  choiceParameter('monitoring', "Which one it is; the cluster profile's when left out.", Object.keys(installs)),
  {
    name: 'monitoringNamespace',
    doc: 'The namespace of its pods, where it is not the usual one.',
    type: 'string',
    default: '',
  },
];

/** The monitoring's pods as peers. */
export function monitoringPeers(values: TemplateValues) {
  const [choice, namespace] = monitoringParameters;
  return chosenPods(values, { choice, namespace }, installs, [values.profile.monitoring]).map(peerOf);
}

export const metricsPorts = portsParameter(
  'The ports on which the pods serve their metrics, separated by commas.',
  '9090,8080',
);

export const allowPrometheusScrape: Template = {
  id: 'allow-prometheus-scrape',
  title: 'Allow Prometheus to scrape metrics',
  description: `Allows the pods to accept connections from the monitoring's pods on these ports${needsIngress}`,
  layer: 5,
  parameters: [...monitoringParameters, metricsPorts],
  comments: ['The ports on which these pods serve their metrics.'],
  build: (values) =>
    namespacePolicy(values, 'allow-prometheus-scrape', {
      ingress: [{ from: monitoringPeers(values), ports: portList(listOf(values, metricsPorts)) }],
    }),
};
