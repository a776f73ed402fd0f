import { parseCidr } from '../model/addresses.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Answer } from '../model/three.js';
import type { Workload } from '../model/workload.js';
import type { NamespaceRef, Placed, Scope } from '../workspace/scope.js';

/** The port of every pod of an ambient mesh on which connections from the mesh arrive. Source: FACTS D1. */
export const hbonePort = 15008;

/** From where ambient mode lets the kubelet's probes come. Source: FACTS D1, D5. */
export const ambientProbes = parseCidr('169.254.7.127/32');

/** On a pod or its namespace: `ambient`, or `none` to stay out. */
export const meshLabel = 'istio.io/dataplane-mode';

/** Namespaces of the cluster and of the mesh itself, which the configuration's word for the rest does not mean. */
const outside: ReadonlySet<string> = new Set(['kube-system', 'istio-system']);

/**
 * Whether a workload's pods are in Istio's ambient mesh: by their own label, else by their namespace's, else as the
 * configuration says. Host-network pods never are, nor those with a sidecar. Source: FACTS D1.
 */
export function inAmbientMesh(scope: Scope, profile: ClusterProfile, { value, namespace }: Placed<Workload>): Answer {
  const { labels, openLabels, hostNetwork, annotations } = value;
  if (hostNetwork || [labels, annotations].some((each) => each.get('sidecar.istio.io/inject') === 'true')) return 'no';
  const own = labels.get(meshLabel);
  if (own !== undefined) return own === 'ambient' ? 'yes' : 'no';
  const inherited = namespaceInAmbientMesh(scope, profile, namespace);
  return openLabels && inherited === 'yes' ? 'unknown' : inherited;
}

/** Whether pods of a namespace are in the mesh where their own labels say nothing. */
export function namespaceInAmbientMesh(scope: Scope, profile: ClusterProfile, { name }: NamespaceRef): Answer {
  const object = name === undefined ? undefined : scope.namespaceObjects.get(name)?.value;
  const mode = object?.labels.get(meshLabel);
  if (mode !== undefined) return mode === 'ambient' ? 'yes' : 'no';
  if (object?.openLabels === true) return 'unknown';
  return profile.istioAmbient && !outside.has(name ?? '') && object?.labels.get('istio-injection') !== 'enabled'
    ? 'yes'
    : 'no';
}
