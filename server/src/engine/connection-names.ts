import { type AddressSet, toRanges } from '../model/addresses.js';
import type { Workload } from '../model/workload.js';
import type { Placed } from '../workspace/scope.js';
import type { Pods } from './cluster.js';
import type { Endpoint } from './stages.js';

/**
 * The ends of connections in the words that users of np-guard's analyzer know: `namespace/name[Kind]`, and a range of
 * addresses as `a.b.c.d-e.f.g.h`, also for a single one. Source: netpol-analyzer, docs/connlist_output.md.
 */
export function podsName({ namespace, name, kind }: Pods): string {
  return `${namespace.name}/${name}[${kind}]`;
}

/** The same for a workload, whose pods its owner may stand for; one without a namespace is in `unset`. */
export function workloadName({ value, namespace }: Placed<Workload>, unset: string): string {
  return `${namespace.name ?? unset}/${value.owner?.name ?? value.name}[${value.owner?.kind ?? value.kind}]`;
}

/** A part of the space outside of the cluster, as a list names it. */
export function outsideName(addresses: AddressSet): string {
  return `${endpointName({ kind: 'addresses', addresses })}[External]`;
}

/** As `podsName`; every contiguous range of an address set, joined by commas. */
export function endpointName(endpoint: Exclude<Endpoint, { kind: 'some pods' }>): string {
  if (endpoint.kind === 'pods') return podsName(endpoint.pods);
  return [...toRanges(endpoint.addresses, 4), ...toRanges(endpoint.addresses, 6)].join(',');
}
