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
export type Peer =
  | PodPeer
  | AddressPeer
  | AnyPeer
  | NodePeer
  | DomainPeer
  | EntityPeer
  | ServicePeer
  | AddressSetPeer
  | AllOfPeer;

export interface PodPeer {
  readonly kind: 'pods';
  readonly namespaces: NamespaceMatch;
  readonly pods: Selector;
  readonly podSource: SelectorSource | undefined;
  readonly namespaceSource: SelectorSource | undefined;
  /** Sets of addresses that carry such labels are meant as well (Calico's NetworkSet and GlobalNetworkSet). */
  readonly alsoAddressSets?: true;
  /** Of those sets, only the ones that are in a namespace: Calico's `namespaceSelector: all()`. */
  readonly onlyNamespacedSets?: true;
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
  /** Not the node of the policy's own pods: Cilium's `fromNodes` and `toNodes` mean others. */
  readonly othersOnly?: true;
  /** That node, where somebody asks of some pods; empty where it is not known. */
  readonly from?: string;
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

/** Who or what a Cilium identity stands for, where it is no pod's labels. Source: FACTS A4.2. */
export type Entity =
  | 'all'
  | 'world'
  | 'cluster'
  | 'host'
  | 'remote-node'
  | 'kube-apiserver'
  | 'ingress'
  | 'health'
  | 'init'
  | 'unmanaged'
  | 'cluster-mesh'
  | 'none';

export interface EntityPeer {
  readonly kind: 'entity';
  readonly entity: Entity;
  /** The node of the policy's own pods, where somebody asks of some; empty where it is not known. */
  readonly from?: string;
  readonly uncertain: boolean;
  readonly at: Place;
}

/** The pods, or other addresses, behind a service. */
export interface ServicePeer {
  readonly kind: 'service';
  /** By name, or by the service's own labels. */
  readonly name: string | undefined;
  readonly selector: Selector | undefined;
  /** Undefined: the policy's own, or, of a policy without one, any. */
  readonly namespace: string | undefined;
  /** Services of every namespace, though the policy has one: Cilium, where none is written (serviceRefMatches). */
  readonly anyNamespace?: true;
  /** The connection must be to a port of the service (Calico), not only to its pods (Cilium). */
  readonly portsCount: boolean;
  readonly uncertain: boolean;
  readonly at: Place;
}

/** Addresses that an object of the manifests lists, by the object's name or labels (Cilium's CiliumCIDRGroup). */
export interface AddressSetPeer {
  readonly kind: 'address set';
  readonly name: string | undefined;
  readonly selector: Selector | undefined;
  readonly except: readonly Cidr[];
  readonly uncertain: boolean;
  readonly at: Place;
}

/** What all of some peers take in, and none of others (Calico: selector AND nets AND NOT notSelector). */
export interface AllOfPeer {
  readonly kind: 'all of';
  readonly peers: readonly Peer[];
  readonly except: readonly Peer[];
  readonly uncertain: boolean;
  readonly at: Place;
}
