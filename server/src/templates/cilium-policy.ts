import type { ClusterPods, ClusterProfile } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { YamlData } from '../text/edits.js';
import { nodeLocalCidr } from './peers.js';
import { labelSelector, listOf, policyName, portOf } from './policy.js';
import type { TemplateParameter, TemplateValues } from './template.js';

/** Parts of Cilium's policies. Source: FACTS A4, B5, C3. */

type Spec = { readonly [key: string]: YamlData };

const podNamespace = 'k8s:io.kubernetes.pod.namespace';
const namespaceLabel = 'k8s:io.cilium.k8s.namespace.labels.';

/** A policy of a namespace. A direction that is given is isolated: an entry that says nothing allows nothing. */
export function ciliumPolicy(values: TemplateValues, name: string, labels: Labels | undefined, rules: Spec) {
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: {
      name: policyName(values, [name, ...(values.podLabels?.values() ?? [])].filter((part) => part !== '').join('-')),
      ...(values.namespace === undefined ? {} : { namespace: values.namespace }),
    },
    spec: { endpointSelector: labelSelector(labels), ...rules },
  };
}

/**
 * A policy for the pods of all namespaces but some. What is in no namespace is left out as well: an expression that only
 * says where not would take in Cilium's own endpoints.
 */
export function clusterwidePolicy(values: TemplateValues, name: string, except: TemplateParameter, rules: Spec) {
  const { podLabels } = values;
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumClusterwideNetworkPolicy',
    metadata: { name: policyName(values, name) },
    spec: {
      endpointSelector: {
        ...(podLabels === undefined || podLabels.size === 0 ? {} : { matchLabels: Object.fromEntries(podLabels) }),
        matchExpressions: [
          { key: podNamespace, operator: 'Exists' },
          { key: podNamespace, operator: 'NotIn', values: listOf(values, except) },
        ],
      },
      ...rules,
    },
  };
}

/** Pods of the cluster as one endpoint: their namespace AND, where they are labelled, the pods in it. */
export function endpointOf({ namespace, namespaceLabels, labels }: ClusterPods): YamlData {
  const where =
    namespaceLabels.size === 0
      ? [[podNamespace, namespace] as const]
      : [...namespaceLabels].map(([key, value]) => [namespaceLabel + key, value] as const);
  const which = [...labels].map(([key, value]) => [`k8s:${key}`, value] as const);
  return { matchLabels: Object.fromEntries([...where, ...which]) };
}

export function everyPodOf(namespace: string): YamlData {
  return { matchLabels: { [podNamespace]: namespace } };
}

/**
 * Egress entries for DNS. With `rules.dns` Cilium sees the answers, which it learns the addresses behind `toFQDNs` from.
 * NodeLocal DNSCache runs in the node's network: it is the entity host.
 */
export function ciliumDns(profile: ClusterProfile, watched: boolean): readonly YamlData[] {
  const toPorts = (port: number) => [
    {
      ports: [{ port: String(port), protocol: 'ANY' }],
      ...(watched ? { rules: { dns: [{ matchPattern: '*' }] } } : {}),
    },
  ];
  return [
    { toEndpoints: [endpointOf(profile.dns[0])], toPorts: toPorts(profile.dns[0].port) },
    ...(nodeLocalCidr(profile) === undefined ? [] : [{ toEntities: ['host'], toPorts: toPorts(53) }]),
  ];
}

/** Items of a port list: numbers are strings there. */
export function ciliumPorts(ports: readonly string[]): YamlData {
  return ports.map(portOf).map(({ protocol, port, endPort }) => ({
    port: String(port),
    ...(endPort === undefined ? {} : { endPort }),
    protocol,
  }));
}
