import type { Cidr } from '../model/addresses.js';
import type { Direction } from '../model/policy.js';
import type { YamlData } from '../text/render.js';
import type { Requirement } from './requirements.js';

/**
 * What the policies of all families can say alike, and what is converted: which pods of its namespace a policy isolates,
 * and whom they may then connect to. Nothing here denies, has an order or looks into a connection.
 */
export interface PlainPolicy {
  readonly metadata: { readonly [key: string]: YamlData };
  readonly pods: readonly Requirement[];
  readonly isolates: readonly Direction[];
  readonly rules: readonly PlainRule[];
  /** There are sets of addresses, which Calico's selectors choose like pods: its selectors have to say that pods are meant. */
  readonly besideSets: boolean;
}

export interface PlainRule {
  readonly direction: Direction;
  /** Undefined: everyone. */
  readonly peers: readonly PlainPeer[] | undefined;
  /** Undefined: every port and protocol. */
  readonly ports: readonly PlainPort[] | undefined;
}

export type PlainPeer = PlainPods | PlainBlock;

export interface PlainPods {
  readonly kind: 'pods';
  /** Undefined: the policy's own namespace. */
  readonly namespaces: readonly Requirement[] | undefined;
  readonly pods: readonly Requirement[];
}

export interface PlainBlock {
  readonly kind: 'block';
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

export interface PlainPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** A name, or the first and last number; neither: every port of the protocol. */
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
}

export type ConvertedFamily = 'kubernetes' | 'calico' | 'cilium';

/** The kind that a policy of one namespace has in a family, as people say it. */
export const kindNames: Readonly<Record<ConvertedFamily, string>> = {
  kubernetes: 'NetworkPolicy of Kubernetes',
  calico: 'NetworkPolicy of Calico',
  cilium: 'CiliumNetworkPolicy',
};
