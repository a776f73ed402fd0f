import { clusterNamespaceMatches } from '../engine/dns.js';
import { identityKeys } from '../engine/pod-labels.js';
import { type ClusterPods, type ClusterProfile, ingressControllers } from '../model/profile.js';
import { equalsRequired, type Selector } from '../model/selector.js';
import type { Scope } from '../workspace/scope.js';

export { identityKeys };

/** Namespaces that are part of clusters and rarely of a workspace: a name among them is no mistyped one. */
const clusterNamespaces: ReadonlySet<string> = new Set([
  'default',
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'ingress',
  'ingress-nginx',
  'nginx-ingress',
  'istio-system',
  'istio-ingress',
  'linkerd',
  'cert-manager',
  'monitoring',
  'observability',
  'prometheus',
  'grafana',
  'logging',
  'openshift-dns',
  'openshift-ingress',
  'openshift-monitoring',
  'openshift-user-workload-monitoring',
  'calico-system',
  'tigera-operator',
  'argocd',
  'flux-system',
  'vault',
]);

/** The cluster's own pods that policies often name: those of the profile, and those of the usual ingress controllers. */
function clusterPodsOf(profile: ClusterProfile): readonly ClusterPods[] {
  return [...profile.dns, ...profile.ingressControllers, profile.monitoring, ...Object.values(ingressControllers)];
}

/** Well-known pods that a pod selector asks for: by all their labels, or by their name under another usual key. */
export function wellKnownPods(profile: ClusterProfile, selector: Selector): readonly ClusterPods[] {
  const wanted = equalsRequired(selector);
  return clusterPodsOf(profile).filter(({ labels }) => {
    if (labels.size === 0) return false;
    if ([...labels].every(([key, value]) => wanted.get(key) === value)) return true;
    return [...labels].some(
      ([key, value]) => identityKeys.includes(key) && identityKeys.some((each) => wanted.get(each) === value),
    );
  });
}

/** Well-known pods whose namespace a namespace selector surely includes, or calls by its name in a `name` label. */
export function podsOfWellKnownNamespace(
  scope: Scope,
  profile: ClusterProfile,
  selector: Selector,
): readonly ClusterPods[] {
  const byName = equalsRequired(selector).get('name');
  return clusterPodsOf(profile).filter(
    (pods) => pods.namespace === byName || clusterNamespaceMatches(scope, selector, pods) === 'yes',
  );
}

export function isClusterNamespace(profile: ClusterProfile, name: string): boolean {
  return clusterNamespaces.has(name) || clusterPodsOf(profile).some((pods) => pods.namespace === name);
}

const setByControllers: ReadonlySet<string> = new Set([
  'job-name',
  'controller-uid',
  'pod-template-hash',
  'rollouts-pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
]);

/**
 * Labels that controllers, webhooks and operators put on pods, so that manifests do not show them: Kubernetes' own ones
 * (job-name, statefulset.kubernetes.io/pod-name), and those with another's prefix.
 */
export function isSetByControllers(key: string): boolean {
  return setByControllers.has(key) || (key.includes('/') && !key.startsWith('app.kubernetes.io/'));
}
