import { namespaceNameKey } from '../model/pod-facts.js';
import type { ClusterPods } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { YamlData } from '../text/edits.js';

/** Pods of the cluster as one peer to be written: the namespace AND, where they are labelled, the pods in it. */
export function peerOf({ namespace, namespaceLabels, labels }: ClusterPods): { readonly [key: string]: YamlData } {
  return {
    namespaceSelector: namespaceLabels.size === 0 ? namespaceNamed(namespace) : matching(namespaceLabels),
    ...(labels.size === 0 ? {} : { podSelector: matching(labels) }),
  };
}

/** Chooses one namespace by the label that the API server sets itself on each (GA since Kubernetes 1.22). */
export function namespaceNamed(name: string): YamlData {
  return matching(new Map([[namespaceNameKey, name]]));
}

function matching(labels: Labels): YamlData {
  return { matchLabels: Object.fromEntries(labels) };
}
