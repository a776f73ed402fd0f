import type { YamlData } from '../text/edits.js';
import { dnsPeer, dnsPorts, nodeLocalCidr } from './peers.js';
import { labelSelector, listOf, policyName, portOf, textOf } from './policy.js';
import type { TemplateParameter, TemplateValues } from './template.js';

/** Parts of policies for the whole cluster. A namespace selector of theirs is a plain label selector. Source: FACTS A2. */

export const everyNamespace = { namespaces: {} };

/** Each template has its own, since the order of two policies with the same is undefined; OVN-Kubernetes takes up to 99. */
export function priorityParameter(first: number): TemplateParameter {
  return {
    name: 'priority',
    doc: 'From 0 to 1000; the lowest is judged first. No two policies of a tier should have the same.',
    type: 'number',
    default: String(first),
  };
}

/** The namespaces that a policy is not about. */
export function exceptParameter(namespaces: string): TemplateParameter {
  return {
    name: 'except',
    doc: 'The namespaces that it is not about, separated by commas.',
    type: 'string',
    default: namespaces,
  };
}

export function clusterPolicy(
  values: TemplateValues,
  kind: { readonly apiVersion: string; readonly kind: string },
  name: string,
  spec: { readonly [key: string]: YamlData },
) {
  return { ...kind, metadata: { name: policyName(values, name) }, spec };
}

/** The pods it is about: those the caller names, in these namespaces. */
export function subjectOf({ podLabels }: TemplateValues, namespaces: YamlData): YamlData {
  if (podLabels === undefined || podLabels.size === 0) return { namespaces };
  return { pods: { namespaceSelector: namespaces, podSelector: labelSelector(podLabels) } };
}

/** The pods of all namespaces but the excepted ones. */
export function subjectWithout(values: TemplateValues, except: TemplateParameter): YamlData {
  const excepted = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: listOf(values, except) };
  return subjectOf(values, { matchExpressions: [excepted] });
}

/** A peer of a NetworkPolicy that names pods, as one of a cluster policy. */
export function podsPeer(peer: { readonly [key: string]: YamlData }): YamlData {
  return { pods: { ...peer, podSelector: peer.podSelector ?? {} } };
}

/** A rule of ClusterNetworkPolicy for DNS; NodeLocal DNSCache is an address. */
export function acceptDns({ profile }: TemplateValues): YamlData {
  const local = nodeLocalCidr(profile);
  return {
    name: 'dns',
    action: 'Accept',
    to: [podsPeer(dnsPeer(profile)), ...(local === undefined ? [] : [{ networks: [local] }])],
    protocols: protocols(dnsPorts(profile).flatMap((port) => [`${port}/UDP`, `${port}/TCP`])),
  };
}

/** The ports of a rule of ClusterNetworkPolicy; by number, since names are of containers and addresses have none. */
export function protocols(ports: readonly string[]): YamlData[] {
  return ports.map((text) => {
    const { protocol, port, endPort } = portOf(text);
    const destinationPort = endPort === undefined ? { number: port } : { range: { start: port, end: endPort } };
    return { [protocol.toLowerCase()]: { destinationPort } };
  });
}

/** A number as such; what is none is written as it is given and left to the checks. */
export function numberOf(values: TemplateValues, parameter: TemplateParameter): YamlData {
  const text = textOf(values, parameter);
  return /^\d+$/.test(text) ? Number(text) : text;
}
