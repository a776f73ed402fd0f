import type { Kind } from '../kind.js';
import { checkNetworkPolicy } from './check-network-policy.js';
import { namespaceKind } from './namespace.js';
import { networkPolicyFields } from './network-policy.js';
import { readNetworkPolicy } from './read-network-policy.js';
import { serviceKind } from './service.js';
import { workloadKinds } from './workloads.js';

export const networkPolicyKind: Kind = {
  kind: 'NetworkPolicy',
  apiVersions: ['networking.k8s.io/v1'],
  fields: networkPolicyFields,
  read(node) {
    const policy = readNetworkPolicy(node);
    return policy === undefined ? undefined : { type: 'policy', policy };
  },
  check: checkNetworkPolicy,
};

/** The kinds of the Kubernetes API itself. */
export const kubernetesKinds: readonly Kind[] = [networkPolicyKind, ...workloadKinds, namespaceKind, serviceKind];
