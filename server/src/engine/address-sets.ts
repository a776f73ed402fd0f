import type { NamedAddresses } from '../model/address-set.js';
import type { PodPeer } from '../model/peer.js';
import type { Policy } from '../model/policy.js';
import { matches } from '../model/selector.js';
import { clusterWide, type Placed, type Scope } from '../workspace/scope.js';
import { namespaceSelected } from './matching.js';

/** The sets of addresses that a selector of Calico takes in beside the pods. Source: FACTS A3.6. */
export function setsOfPeer(
  scope: Scope,
  policy: Placed<Policy>,
  { alsoAddressSets, onlyNamespacedSets, namespaces, pods }: PodPeer,
): readonly Placed<NamedAddresses>[] {
  if (alsoAddressSets !== true) return [];
  return scope.addressSets.filter(({ value, namespace }) => {
    if (value.kind === 'CiliumCIDRGroup' || !matches(pods, value.labels)) return false;
    if (namespaces.own) return namespace.key === policy.namespace.key;
    // A set that is in no namespace has none of the labels of one.
    if (namespace === clusterWide) return onlyNamespacedSets !== true && matches(namespaces.selector, new Map());
    return namespaceSelected(scope, namespaces.selector, namespace) === 'yes';
  });
}
