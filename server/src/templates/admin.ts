import {
  clusterPolicy,
  everyNamespace,
  exceptParameter,
  numberOf,
  priorityParameter,
  subjectWithout,
} from './cluster-policy.js';
import { portsParameter } from './parameters.js';
import { listOf, portOf } from './policy.js';
import type { Template } from './template.js';

/** The two kinds of v1alpha1, for plugins that do not have ClusterNetworkPolicy yet. Source: FACTS A2.1, A2.2. */

const adminPriority = priorityParameter(10);
const protectedPorts = portsParameter('The TCP ports that other pods may not connect to, separated by commas.', '443');
const exceptSystem = exceptParameter('kube-system');
const exceptMonitoring = exceptParameter('kube-system,monitoring');
const superseded =
  'Superseded by ClusterNetworkPolicy, which not every network plugin has yet: a code action migrates it.';

export const adminNetworkPolicy: Template = {
  id: 'admin-network-policy',
  title: 'AdminNetworkPolicy (v1alpha1)',
  description:
    'Denies the pods of all namespaces but the excepted ones connections from other pods on these ports, whatever network policies allow; leaves everything else to them.',
  layer: undefined,
  parameters: [adminPriority, exceptMonitoring, protectedPorts],
  comments: [superseded],
  build: (values) =>
    clusterPolicy(values, kindNamed('AdminNetworkPolicy'), 'deny-to-kube-system', {
      priority: numberOf(values, adminPriority),
      subject: subjectWithout(values, exceptMonitoring),
      ingress: [
        {
          name: 'deny-non-system-to-api-server',
          action: 'Deny',
          from: [everyNamespace],
          ports: listOf(values, protectedPorts).map((text) => {
            const { protocol, port, endPort } = portOf(text);
            if (endPort === undefined) return { portNumber: { protocol, port } };
            return { portRange: { protocol, start: port, end: endPort } };
          }),
        },
      ],
      egress: [{ name: 'pass-to-namespace-policy', action: 'Pass', to: [everyNamespace] }],
    }),
};

export const baselineAdminNetworkPolicy: Template = {
  id: 'baseline-admin-network-policy',
  title: 'BaselineAdminNetworkPolicy (v1alpha1)',
  description:
    'Denies the pods of all namespaces but the excepted ones, where no network policy isolates them, connections from other pods.',
  layer: undefined,
  parameters: [exceptSystem],
  comments: [
    superseded,
    'No rule can allow "the same namespace" any more (sameLabels is gone): that takes allow-intra-namespace in each.',
  ],
  build: (values) =>
    // There can be only one, of this name.
    clusterPolicy({ ...values, given: {} }, kindNamed('BaselineAdminNetworkPolicy'), 'default', {
      subject: subjectWithout(values, exceptSystem),
      ingress: [{ name: 'deny-all-else', action: 'Deny', from: [everyNamespace] }],
    }),
};

function kindNamed(kind: string) {
  return { apiVersion: 'policy.networking.k8s.io/v1alpha1', kind };
}
