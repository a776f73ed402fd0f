import type { Labels } from '../model/selector.js';
import type { YamlData } from '../text/edits.js';
import type { TemplateParameter, TemplateValues } from './template.js';

/** Every template takes a name for its policy by this parameter; without one the policy is named after what it does. */
export const nameParameter: TemplateParameter = {
  name: 'name',
  doc: 'The name of the policy.',
  type: 'string',
  default: '',
};

/** The rules of a policy. A direction that is given is isolated, also when its list is empty. */
export interface PolicyRules {
  readonly ingress?: readonly YamlData[];
  readonly egress?: readonly YamlData[];
}

/**
 * A NetworkPolicy with its keys in the usual order and `policyTypes` always written out: left to its default it would
 * isolate ingress in every policy (FACTS A1).
 *
 * @param labels the pods it selects; none, or an empty map, for every pod of the namespace
 */
export function networkPolicy(values: TemplateValues, name: string, labels: Labels | undefined, rules: PolicyRules) {
  const { ingress, egress } = rules;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: policyName(values, name),
      ...(values.namespace === undefined ? {} : { namespace: values.namespace }),
    },
    spec: {
      podSelector: labelSelector(labels),
      policyTypes: [...(ingress === undefined ? [] : ['Ingress']), ...(egress === undefined ? [] : ['Egress'])],
      ...(ingress === undefined || ingress.length === 0 ? {} : { ingress }),
      ...(egress === undefined || egress.length === 0 ? {} : { egress }),
    },
  };
}

/** The name that is given, else this one as a valid name. */
export function policyName(values: TemplateValues, name: string): string {
  return values.given[nameParameter.name] || objectName(name);
}

/** A policy for every pod of the namespace, or for the pods the caller names; these then stand in its name. */
export function namespacePolicy(values: TemplateValues, id: string, rules: PolicyRules) {
  return networkPolicy(values, [id, ...labelValues(values.podLabels)].join('-'), values.podLabels, rules);
}

/** What a parameter stands for: what is given, else what the cluster profile says, else its default. */
export function textOf(values: TemplateValues, parameter: TemplateParameter): string {
  return values.given[parameter.name] || parameter.fromProfile?.(values.profile).join(',') || parameter.default;
}

/** A parameter that may hold several values, separated by commas. */
export function listOf(values: TemplateValues, parameter: TemplateParameter): readonly string[] {
  return textOf(values, parameter)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Address ranges as peers. */
export function blocks(cidrs: readonly string[]): YamlData[] {
  return cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

/** The pods that an application policy is about: the ones the caller names, else those labelled with the parameter. */
export function appLabels(values: TemplateValues, parameter: TemplateParameter): Labels {
  return values.podLabels ?? new Map([['app', textOf(values, parameter)]]);
}

/** How these pods are called in the name of a policy. */
export function appName(labels: Labels): string {
  return labelValues(labels).join('-') || 'pods';
}

/** A label selector for exactly these labels; `{}`, which selects everything, when there are none. */
export function labelSelector(labels: Labels | undefined): YamlData {
  return labels === undefined || labels.size === 0 ? {} : { matchLabels: Object.fromEntries(labels) };
}

/** Items of a rule's port list. */
export function portList(ports: readonly (number | string)[]) {
  return ports.map(portOf);
}

/**
 * A port is a number, a name or a range ("8080-8090"), TCP unless "/UDP" or "/SCTP" follows. What is neither is written as
 * it is given and left to the checks.
 */
export function portOf(text: number | string) {
  const [value = '', given = 'TCP'] = String(text).split('/');
  const protocol = given.toUpperCase();
  const range = /^(\d+)-(\d+)$/.exec(value);
  if (range !== null) return { protocol, port: Number(range[1]), endPort: Number(range[2]) };
  return { protocol, port: /^\d+$/.test(value) ? Number(value) : value };
}

function labelValues(labels: Labels | undefined): readonly string[] {
  return [...(labels?.values() ?? [])].filter((value) => value !== '');
}

/** The nearest valid object name: label values may hold what names may not (RFC 1123 subdomain, at most 253 characters). */
function objectName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 253)
    .replace(/^-+|-+$/g, '');
}
