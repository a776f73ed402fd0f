import type { AddressSet } from './addresses.js';
import type { Labels } from './selector.js';
import type { Place } from './workload.js';

/** Addresses under a name, with labels by which policies choose them. */
export interface NamedAddresses {
  readonly kind: 'NetworkSet' | 'GlobalNetworkSet' | 'CiliumCIDRGroup';
  readonly name: string;
  /** metadata.namespace as written; undefined when left open, or for a cluster-wide kind. */
  readonly namespace: string | undefined;
  readonly clusterWide: boolean;
  readonly labels: Labels;
  readonly openLabels: boolean;
  readonly addresses: AddressSet;
  /** Some of its addresses are not known (a template, a value that cannot be read). */
  readonly uncertain: boolean;
  readonly at: Place;
}
