import type { Kind } from '../kind.js';
import { apiServerCallKinds } from './api-server-calls.js';
import { checkNetworkPolicy } from './check-network-policy.js';
import { configMapKind } from './config-map.js';
import { namespaceKind } from './namespace.js';
import { networkPolicyFields } from './network-policy.js';
import { nodeKind } from './node.js';
import { readNetworkPolicy } from './read-network-policy.js';
import { serviceKind } from './service.js';
import { serviceAccountKind } from './service-account.js';
import { workloadKinds } from './workloads.js';

export const networkPolicyKind: Kind = {
  kind: 'NetworkPolicy',
  apiVersions: ['networking.k8s.io/v1'],
  formerVersions: ['extensions/v1beta1'],
  fields: networkPolicyFields,
  read(node) {
    const policy = readNetworkPolicy(node);
    return policy === undefined ? undefined : { type: 'policy', value: policy };
  },
  check: checkNetworkPolicy,
};

/** A NetworkPolicy in an API that has none: judged like one, and no policy, since no server takes it. */
export const mistakenNetworkPolicyKind: Kind = { ...networkPolicyKind, read: () => undefined };

/** The kinds of the Kubernetes API itself. */
export const kubernetesKinds: readonly Kind[] = [
  networkPolicyKind,
  ...workloadKinds,
  namespaceKind,
  nodeKind,
  serviceKind,
  serviceAccountKind,
  configMapKind,
  ...apiServerCallKinds,
];
