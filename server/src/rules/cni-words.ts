import type { CniProfile } from '../model/cni.js';
import type { Policy } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Finding } from './rule.js';

/** Where it is known from which plugin enforces the policies, as the end of a sentence. */
export function cniSourceWords({ cniSource }: ClusterProfile): string {
  return typeof cniSource === 'string' ? 'as `cni` in the configuration says' : `which ${cniSource.name} installs`;
}

/** The object that shows which plugin it is. */
export function cniRelated({ cni, cniSource }: ClusterProfile): NonNullable<Finding['related']> {
  return typeof cniSource === 'string'
    ? []
    : [{ at: cniSource.at, message: `The plugin is taken to be ${cni.title} because of ${cniSource.name}` }];
}

/** Whether a plugin enforces a policy's kind at all. */
export function enforces({ enforces: network, ownFamily }: CniProfile, { family }: Policy): boolean {
  const foreign = (family === 'calico' || family === 'cilium') && ownFamily !== undefined && ownFamily !== family;
  return network !== 'none' && !foreign;
}
