import { addressesOf, addressesOfAll, isEmpty, isSubset, noAddresses, overlaps, union } from '../model/addresses.js';
import { includes, resolveNamed } from '../model/ports.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Answer } from '../model/three.js';
import type { Probe, Workload } from '../model/workload.js';
import { ambientProbes } from './ambient.js';
import type { DirectionAnswer } from './effective.js';

/** A network probe with its port as a number. */
export interface ResolvedProbe {
  readonly probe: Probe;
  readonly port: number;
}

/** The probes that the kubelet makes over the network; those with a name that the container does not declare are left out. */
export function networkProbes(workload: Workload): readonly ResolvedProbe[] {
  return workload.probes.flatMap((probe) => {
    if (typeof probe.port === 'number') return [{ probe, port: probe.port }];
    const declared = workload.ports.find(
      ({ name, container, protocol }) => name === probe.port && container === probe.container && protocol === 'TCP',
    );
    return declared === undefined ? [] : [{ probe, port: declared.port }];
  });
}

/**
 * Whether the policies themselves let nodes connect to a TCP port of a workload, without regard to the API's exemption
 * of a pod's own node. Selectors never match nodes. 'unknown' where an address range may or may not hold them.
 */
export function opensToNodes(
  profile: ClusterProfile,
  workload: Workload,
  ingress: DirectionAnswer,
  port: number,
): Answer {
  if (!ingress.isolated) return 'yes';
  const opening = ingress.allowances.filter(({ ports }) => includes(resolveNamed(ports, workload.ports), 'TCP', port));
  if (opening.some(({ peer }) => peer.kind === 'anything' && !peer.uncertain)) return 'yes';
  const nodes = addressesOfAll(profile.nodeCidrs);
  const open = opening.reduce(
    (all, { peer }) => (peer.kind === 'addresses' ? union(all, peer.addresses) : all),
    noAddresses,
  );
  if (!isEmpty(nodes) && isSubset(nodes, open)) return 'yes';
  if (ingress.uncertain || opening.some(({ peer }) => peer.uncertain)) return 'unknown';
  if (isEmpty(open)) return 'no';
  if (isEmpty(nodes) || overlaps(nodes, open)) return 'unknown';
  return ambientProbes !== undefined && overlaps(open, addressesOf(ambientProbes)) ? 'unknown' : 'no';
}
