import type { NamespaceMatch, RequirementSource, SelectorSource } from '../../model/peer.js';
import { namespaceKey, namespaceNameKey, serviceAccountName } from '../../model/pod-facts.js';
import { allOfThem, both, everything, type Selector } from '../../model/selector.js';
import { entryOf, type Span, valueAt, type YamlNode } from '../../text/tree.js';
import { readLabelSelector } from '../kubernetes/label-selector.js';

/** The keys by which Cilium's endpoint selectors ask for more than a pod's labels. Source: FACTS A4.4. */
export const podNamespace = 'io.kubernetes.pod.namespace';
export const namespaceLabels = 'io.cilium.k8s.namespace.labels.';
export const serviceAccount = 'io.cilium.k8s.policy.serviceaccount';
const cluster = 'io.cilium.k8s.policy.cluster';

/** A key as `[source:]key`; no source where none is written, which means any. */
export function splitKey(text: string): { readonly source: string | undefined; readonly key: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? { source: undefined, key: text } : { source: text.slice(0, colon), key: text.slice(colon + 1) };
}

/** The sources under which the labels of pods and namespaces are found. */
export function isKubernetes(source: string | undefined): boolean {
  return source === undefined || source === 'any' || source === 'k8s';
}

/** A selector of endpoints, taken apart; all parts must hold (AND). */
export interface EndpointSelector {
  /** Of pods' labels and service accounts. */
  readonly pods: readonly RequirementSource[];
  /** Of the namespace's name (by the label that has it) and labels. */
  readonly namespaces: readonly NamespaceRequirement[];
  /** Of identities that are no pods: the key is the name behind `reserved:`. */
  readonly reserved: readonly RequirementSource[];
  readonly at: Span;
  readonly uncertain: boolean;
}

interface NamespaceRequirement extends RequirementSource {
  /** As written: `matchLabels` with `k8s:io.kubernetes.pod.namespace`, which a subject's own namespace replaces. */
  readonly replaceable: boolean;
}

/** Reads the LabelSelector of `endpointSelector`, `fromEndpoints` or `toEndpoints`. */
export function readEndpointSelector(node: YamlNode, at: Span): EndpointSelector {
  const { source, uncertain } = readLabelSelector(node, at);
  const pods: RequirementSource[] = [];
  const namespaces: NamespaceRequirement[] = [];
  const reserved: RequirementSource[] = [];
  const replaceable = entryOf(valueAt(node, 'matchLabels'), `k8s:${podNamespace}`)?.key;
  let unclear = uncertain;
  for (const requirement of source.requirements) {
    const { source: from, key } = splitKey(requirement.key);
    if (from === 'reserved') reserved.push(named(requirement, key));
    // Labels of other sources are not Kubernetes': which endpoints have them is not known.
    else if (!isKubernetes(from)) unclear = true;
    else if (key === cluster) unclear ||= !takesLocalCluster(requirement.selector);
    else if (key === serviceAccount) pods.push(named(requirement, serviceAccountName));
    else if (key === podNamespace) {
      const { document, range } = requirement.keyAt;
      const replaced = document === replaceable?.document && range.start === replaceable.start;
      namespaces.push({ ...named(requirement, namespaceNameKey), replaceable: replaced });
    } else if (key.startsWith(namespaceLabels)) {
      namespaces.push({ ...named(requirement, key.slice(namespaceLabels.length)), replaceable: false });
    } else pods.push(named(requirement, key));
  }
  return { pods, namespaces, reserved, at, uncertain: unclear };
}

/** Selectors of nodes (`nodeSelector`, `fromNodes`): the sources before the keys tell where a node's labels come from. */
export function readNodeSelector(node: YamlNode, at: Span) {
  const { source, uncertain } = readLabelSelector(node, at);
  const requirements = source.requirements.map((each) => named(each, splitKey(each.key).key));
  return { selector: conjunction(requirements), source: { at, requirements }, uncertain };
}

/** The namespaces that a selector asks for; undefined where it asks for none. */
export function namespacesOf({ namespaces, at }: EndpointSelector): Chosen | undefined {
  return namespaces.length === 0 ? undefined : chosen(namespaces, at);
}

export function podsOf({ pods, at }: EndpointSelector): Chosen {
  return chosen(pods, at);
}

interface Chosen {
  readonly selector: Selector;
  readonly source: SelectorSource;
}

function chosen(requirements: readonly RequirementSource[], at: Span): Chosen {
  return { selector: conjunction(requirements), source: { at, requirements } };
}

/**
 * The pods that a policy is about. A CiliumNetworkPolicy is about its own namespace: what it says of the namespace's name
 * is replaced, where it is written as `k8s:` in matchLabels, and else asked as well.
 * Source: CIL-parse ParseToCiliumRule.
 */
export function subjectPods(selector: EndpointSelector, clusterWide: boolean, namespace: string | undefined) {
  const pods = podsOf(selector);
  const anywhere: NamespaceMatch = { own: false, selector: namespacesOf(selector)?.selector ?? everything };
  if (clusterWide) return { ...pods, namespaces: anywhere };
  const asked = selector.namespaces.filter(({ replaceable, key, selector }) => {
    const same = key === namespaceNameKey && selector.op === 'In' && selector.values.join() === namespace;
    return !replaceable && !same;
  });
  const facts = asked.map((each) => named(each, namespaceKey(each.key)));
  const own: NamespaceMatch = { own: true };
  return { ...pods, selector: both(pods.selector, conjunction(facts)), namespaces: own };
}

function conjunction(requirements: readonly RequirementSource[]): Selector {
  return allOfThem(requirements.map(({ selector }) => selector));
}

function named(requirement: RequirementSource, key: string): RequirementSource {
  const { selector } = requirement;
  return { ...requirement, key, selector: 'key' in selector ? { ...selector, key } : selector };
}

/** Most clusters have kept the name `default`; whether another name is this cluster's is not known. */
function takesLocalCluster(selector: Selector): boolean {
  if (selector.op === 'Exists') return true;
  return selector.op === 'In' && selector.values.includes('default');
}
