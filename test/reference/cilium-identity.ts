/** What Cilium's selectors see of an end: FACTS A4.2 and A4.4. */
import type { End } from './connection.js';
import type { Cluster, LabelSelector, Labels, Pod } from './objects.js';
import { selectorMatches } from './select.js';

/** A label with where it comes from: `k8s:app=web`, `reserved:host=`. */
interface IdentityLabel {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

/** 'host' is the node of the pod that asks; with host-network pods in it. Where nodes are not told, another one. */
export type Place = 'pod' | 'host' | 'remote-node' | 'world';

export function placeOf(end: End, own: Pod): Place {
  if (end.pod === undefined) return 'world';
  if (!end.pod.hostNetwork) return 'pod';
  return end.pod.node !== undefined && end.pod.node === own.node ? 'host' : 'remote-node';
}

/** FACTS A4.2. What no manifest tells of (the API server, other clusters, pods that are not managed) is nobody. */
export function isEntity(entity: string, place: Place): boolean {
  if (entity === 'all') return true;
  if (entity === 'cluster') return place !== 'world';
  return entity === place && place !== 'pod';
}

export function podIdentity(cluster: Cluster, { labels, namespace, serviceAccount }: Pod): readonly IdentityLabel[] {
  const known = cluster.namespaces.get(namespace) ?? { 'kubernetes.io/metadata.name': namespace };
  const all: Labels = {
    ...labels,
    [namespaceKey]: namespace,
    ...Object.fromEntries(Object.entries(known).map(([key, value]) => [namespaceLabelPrefix + key, value])),
    'io.cilium.k8s.policy.serviceaccount': serviceAccount,
    'io.cilium.k8s.policy.cluster': 'default',
  };
  return Object.entries(all).map(([key, value]) => ({ source: 'k8s', key, value }));
}

/** A peer of fromEndpoints or toEndpoints in a policy of a namespace, or, without one, of the whole cluster. */
export function isEndpoint(
  cluster: Cluster,
  namespace: string | undefined,
  selector: LabelSelector,
  end: End,
  place: Place,
): boolean {
  const identity =
    end.pod !== undefined && place === 'pod'
      ? podIdentity(cluster, end.pod)
      : [{ source: 'reserved', key: place, value: '' }];
  return matchesIdentity(selector, identity) && (!needsNamespace(selector, namespace) || isIn(identity, namespace));
}

/**
 * FACTS A4.4. In a policy of a namespace its own is meant, where the selector names no namespace, label of namespaces or
 * reserved identity; in one of the cluster some namespace is, where it names none. Reserved identities have none.
 */
function needsNamespace(selector: LabelSelector, namespace: string | undefined): boolean {
  const keys = [
    ...Object.keys(selector.matchLabels ?? {}),
    ...(selector.matchExpressions ?? []).map(({ key }) => key),
  ].map(sourced);
  if (keys.some(({ source }) => source === 'reserved')) return false;
  const kubernetes = keys.filter(({ source }) => source === 'k8s' || source === 'any');
  if (kubernetes.some(({ key }) => key === namespaceKey)) return false;
  return namespace === undefined || !kubernetes.some(({ key }) => key.startsWith(namespaceLabelPrefix));
}

function isIn(identity: readonly IdentityLabel[], namespace: string | undefined): boolean {
  const label = identity.find(({ source, key }) => source === 'k8s' && key === namespaceKey);
  return label !== undefined && (namespace === undefined || label.value === namespace);
}

/** FACTS A4.4: the namespace that the selector of a namespace's policy names is overwritten with the policy's own. */
export function isSubject(cluster: Cluster, namespace: string | undefined, selector: LabelSelector, own: Pod): boolean {
  if (own.hostNetwork) return false;
  const identity = podIdentity(cluster, own);
  if (namespace === undefined) return matchesIdentity(selector, identity);
  const labels = Object.entries(selector.matchLabels ?? {}).filter(([key]) => sourced(key).key !== namespaceKey);
  return (
    own.namespace === namespace && matchesIdentity({ ...selector, matchLabels: Object.fromEntries(labels) }, identity)
  );
}

const namespaceKey = 'io.kubernetes.pod.namespace';
const namespaceLabelPrefix = 'io.cilium.k8s.namespace.labels.';

/** The identity's labels under the very keys that the selector asks for. */
function matchesIdentity(selector: LabelSelector, identity: readonly IdentityLabel[]): boolean {
  const keys = [...Object.keys(selector.matchLabels ?? {}), ...(selector.matchExpressions ?? []).map(({ key }) => key)];
  const found = keys.flatMap((written) => {
    const asked = sourced(written);
    const label = identity.find(
      ({ source, key }) => key === asked.key && (asked.source === 'any' || asked.source === source),
    );
    return label === undefined ? [] : [[written, label.value] as const];
  });
  return selectorMatches(selector, Object.fromEntries(found));
}

/** FACTS A4.3, A4.4: `source:key`; a key without a source is of any. */
function sourced(written: string): { readonly source: string; readonly key: string } {
  const colon = written.indexOf(':');
  if (colon < 0) return { source: 'any', key: written };
  return { source: written.slice(0, colon), key: written.slice(colon + 1) };
}
