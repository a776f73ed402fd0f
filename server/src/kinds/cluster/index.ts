import type { ObjectField } from '../field.js';
import type { Kind } from '../kind.js';
import { checkClusterPolicy } from './check.js';
import { adminNetworkPolicyFields, baselineAdminNetworkPolicyFields, clusterNetworkPolicyFields } from './fields.js';
import { type ClusterPolicyKind, readClusterPolicy } from './read.js';

function clusterKind(kind: ClusterPolicyKind, version: string, fields: ObjectField): Kind {
  return {
    kind,
    apiVersions: [`policy.networking.k8s.io/${version}`],
    fields,
    read: (object) => ({ type: 'policy', value: readClusterPolicy(object, kind) }),
    check: (object) => checkClusterPolicy(object, kind, fields),
  };
}

/** The kinds of policy.networking.k8s.io: the policies of cluster administrators. */
export const clusterKinds: readonly Kind[] = [
  clusterKind('ClusterNetworkPolicy', 'v1alpha2', clusterNetworkPolicyFields),
  clusterKind('AdminNetworkPolicy', 'v1alpha1', adminNetworkPolicyFields),
  clusterKind('BaselineAdminNetworkPolicy', 'v1alpha1', baselineAdminNetworkPolicyFields),
];
