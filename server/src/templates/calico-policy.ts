import { calicoSelectorOf, type Requirement } from '../convert/requirements.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { ClusterPods, ClusterProfile } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { YamlData } from '../text/edits.js';
import { dnsPorts, nodeLocalCidr } from './peers.js';
import { listOf, nameParameter, type PolicyRules, policyName, portOf } from './policy.js';
import type { TemplateParameter, TemplateValues } from './template.js';

/** Parts of Calico's policies (projectcalico.org/v3). Source: FACTS A3, B4. */

type Entity = { readonly [key: string]: YamlData };

/** A policy of a namespace; `order` is left out, so that it comes after those that have one. */
export function calicoPolicy(values: TemplateValues, name: string, labels: Labels | undefined, rules: PolicyRules) {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: {
      name: policyName(values, [name, ...(values.podLabels?.values() ?? [])].filter((part) => part !== '').join('-')),
      ...(values.namespace === undefined ? {} : { namespace: values.namespace }),
    },
    spec: { selector: labelled(labels), ...typesAndRules(rules) },
  };
}

/** A policy of the whole cluster; `placed` says where it stands among others, and what it is about. */
export function globalPolicy(
  values: TemplateValues,
  name: string,
  placed: { readonly [key: string]: YamlData },
  rules: PolicyRules,
) {
  const { podLabels } = values;
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    // With its tier before a dot, which `policyName` would take out.
    metadata: { name: values.given[nameParameter.name] || name },
    spec: {
      ...placed,
      ...(podLabels === undefined || podLabels.size === 0 ? {} : { selector: labelled(podLabels) }),
      ...typesAndRules(rules),
    },
  };
}

function typesAndRules({ ingress, egress }: PolicyRules) {
  return {
    types: [...(ingress === undefined ? [] : ['Ingress']), ...(egress === undefined ? [] : ['Egress'])],
    ...(ingress === undefined || ingress.length === 0 ? {} : { ingress }),
    ...(egress === undefined || egress.length === 0 ? {} : { egress }),
  };
}

/** The pods that have these labels. */
export function labelled(labels: Labels | undefined): string {
  const asked = [...(labels ?? [])].map(([key, value]): Requirement => ({ op: 'In', key, values: [value] }));
  return calicoSelectorOf(asked);
}

export function namespaceCalled(name: string): string {
  return calicoSelectorOf([{ op: 'In', key: namespaceNameKey, values: [name] }]);
}

/** The namespaces but some. What has no namespace is left out as well: host endpoints would be cut off from everything. */
export function namespacesWithout(values: TemplateValues, except: TemplateParameter): string {
  return calicoSelectorOf([
    { op: 'Exists', key: namespaceNameKey, values: [] },
    { op: 'NotIn', key: namespaceNameKey, values: listOf(values, except) },
  ]);
}

/** Pods of the cluster as one end of a rule. */
export function entityOf({ namespace, namespaceLabels, labels }: ClusterPods): Entity {
  return {
    namespaceSelector: namespaceLabels.size === 0 ? namespaceCalled(namespace) : labelled(namespaceLabels),
    ...(labels.size === 0 ? {} : { selector: labelled(labels) }),
  };
}

/** Egress rules for the cluster's DNS; NodeLocal DNSCache is an address. Source: FACTS C1, C2. */
export function calicoDns(profile: ClusterProfile): readonly YamlData[] {
  const local = nodeLocalCidr(profile);
  const ends: readonly Entity[] = [entityOf(profile.dns[0]), ...(local === undefined ? [] : [{ nets: [local] }])];
  return ends.flatMap((destination, index) =>
    ['UDP', 'TCP'].map((protocol) => ({
      action: 'Allow',
      protocol,
      destination: { ...destination, ports: [index === 0 ? profile.dns[0].port : (dnsPorts(profile).at(-1) ?? 53)] },
    })),
  );
}

/** A rule for each protocol of some ports; those of the destination, at whichever end that is. */
export function calicoRules(
  action: 'Allow' | 'Deny',
  ends: { readonly source?: Entity; readonly destination?: Entity },
  ports: readonly string[],
): readonly YamlData[] {
  const known = ports.map(portOf);
  return [...new Set(known.map(({ protocol }) => protocol))].map((protocol) => ({
    action,
    protocol,
    ...ends,
    destination: {
      ...ends.destination,
      ports: known
        .filter((port) => port.protocol === protocol)
        .map(({ port, endPort }) => (endPort === undefined ? port : `${port}:${endPort}`)),
    },
  }));
}
