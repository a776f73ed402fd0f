import type { AddressSet, Cidr } from './addresses.js';
import type { Selector } from './selector.js';
import type { Place } from './workload.js';

/** Which namespaces the pods of a peer may be in. */
export type NamespaceMatch = { readonly own: true } | { readonly own: false; readonly selector: Selector };

/** A selector as it stands in the text: the key that introduces it, and each label requirement with its own place. */
export interface SelectorSource {
  readonly at: Place;
  readonly requirements: readonly RequirementSource[];
}

export interface RequirementSource {
  readonly selector: Selector;
  readonly key: string;
  readonly keyAt: Place;
  /** Each value with its place, in the order of the text. */
  readonly values: readonly { readonly value: string; readonly at: Place }[];
}

/**
 * The other end of a rule. `pods` matches pods only, never nodes or addresses outside; `addresses` is meant for what is
 * outside the cluster.
 */
export type Peer = PodPeer | AddressPeer | AnyPeer | NodePeer | DomainPeer;

export interface PodPeer {
  readonly kind: 'pods';
  readonly namespaces: NamespaceMatch;
  readonly pods: Selector;
  readonly podSource: SelectorSource | undefined;
  readonly namespaceSource: SelectorSource | undefined;
  /** The peer's content is not fully known (template, broken value). */
  readonly uncertain: boolean;
  readonly at: Place;
}

export interface AddressPeer {
  readonly kind: 'addresses';
  readonly addresses: AddressSet;
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
  readonly uncertain: boolean;
  readonly at: Place;
}

/** No restriction: every source or destination, pods, nodes and addresses outside. */
export interface AnyPeer {
  readonly kind: 'anything';
  readonly uncertain: boolean;
  readonly at: Place;
}

/** The nodes that a selector chooses, with their host-network pods. Only ClusterNetworkPolicy and its forerunners have it. */
export interface NodePeer {
  readonly kind: 'nodes';
  readonly nodes: Selector;
  readonly source: SelectorSource | undefined;
  readonly uncertain: boolean;
  readonly at: Place;
}

/** The addresses that domain names stand for, as the plugin learns them from DNS: never known from manifests. */
export interface DomainPeer {
  readonly kind: 'domains';
  /** As written: `api.example.com`, or `*.example.com`. */
  readonly patterns: readonly string[];
  readonly uncertain: boolean;
  readonly at: Place;
}
