import { hbonePort, inAmbientMesh } from '../../engine/ambient.js';
import type { Cluster } from '../../engine/cluster.js';
import { explain, type Part } from '../../engine/explain.js';
import type { Endpoint } from '../../engine/stages.js';
import { allOf, overlaps, ports } from '../../model/ports.js';
import type { ClusterProfile } from '../../model/profile.js';
import type { Scope } from '../../workspace/scope.js';
import { endName } from './end-name.js';

/**
 * Where both ends are in Istio's ambient mesh, policies see TCP 15008 of the destination instead of the ports that were asked
 * about: what becomes of the answer then, where it is another. Source: FACTS D1.
 */
export function meshNotes(
  scope: Scope,
  profile: ClusterProfile,
  cluster: Cluster,
  parts: readonly Part[],
): readonly string[] {
  const meshed = (end: Endpoint) =>
    end.kind === 'pods' && end.pods.workloads.every((workload) => inAmbientMesh(scope, profile, workload) === 'yes');
  const notes = parts.flatMap(({ from, to, ports: asked, allowed }) => {
    if (!meshed(from) || !meshed(to) || !overlaps(asked, allTcp)) return [];
    const tunnel = explain(cluster, from, to, tunnelPort);
    if (tunnel.some((each) => !each.certain || each.allowed === allowed)) return [];
    const where = `Both ends are in Istio's ambient mesh, where TCP connections go to port ${hbonePort} of ${endName(to)}`;
    return allowed
      ? `${where}. The policies block that, so what they allow here is cut. Allow TCP ${hbonePort} as well.`
      : `${where}. The policies allow that, so what they block here passes in the mesh's tunnel, unless an AuthorizationPolicy of Istio's denies it.`;
  });
  return [...new Set(notes)];
}

const allTcp = allOf('TCP');
const tunnelPort = ports('TCP', hbonePort);
