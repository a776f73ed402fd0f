import type { Cluster, LabelRequirement, LabelSelector, Labels, Pod } from './objects.js';

/**
 * FACTS A0 and B0: every label of matchLabels is there and every expression holds. The empty selector is everything. NotIn
 * and DoesNotExist hold where the key is missing.
 */
export function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every((requirement) => requirementHolds(requirement, labels));
}

function requirementHolds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = labels[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  const among = value !== undefined && (values ?? []).includes(value);
  return operator === 'In' ? among : !among;
}

/** FACTS B1: a namespace has the label with its own name, also where no object of it is known. */
export function namespaceMatches(cluster: Cluster, selector: LabelSelector, namespace: string): boolean {
  return selectorMatches(selector, cluster.namespaces.get(namespace) ?? { 'kubernetes.io/metadata.name': namespace });
}

/** FACTS B0 to B2: a host-network pod is its node, and selectors choose no nodes, as subject and as peer. */
export function podMatches(selector: LabelSelector, pod: Pod): boolean {
  return !pod.hostNetwork && selectorMatches(selector, pod.labels);
}
