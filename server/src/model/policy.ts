import type { Peer, SelectorSource } from './peer.js';
import type { PortSet } from './ports.js';
import type { Selector } from './selector.js';
import type { Place } from './workload.js';

export type Direction = 'ingress' | 'egress';
export type Action = 'Allow' | 'Deny' | 'Pass' | 'Log';
export type Family = 'kubernetes' | 'cluster' | 'calico' | 'cilium';

/** One item of a rule's port list, as written. */
export interface PortClause {
  readonly ports: PortSet;
  /** 'any' where a name stands for the port of that name in every protocol. */
  readonly protocol: string;
  /** Set when the port is given by name. */
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
  readonly at: Place;
  /** The `port` value in the text, where there is one. */
  readonly portAt?: Place;
  readonly protocolAt?: Place;
  readonly endPortAt?: Place;
}

export interface Rule {
  /** A rule's own name, in the families whose rules may have one. */
  readonly name?: string;
  readonly action: Action;
  readonly direction: Direction;
  /** Place in its list, from 0. */
  readonly index: number;
  /** Never empty: a rule without peers has the one peer 'anything'. */
  readonly peers: readonly Peer[];
  /** The union of the clauses; every port when the rule names none. */
  readonly ports: PortSet;
  readonly clauses: readonly PortClause[];
  /** Part of the rule is not known (template, broken value): it may allow more than is listed. */
  readonly uncertain: boolean;
  /** Where the rule stands: its dash, or its first key. */
  readonly at: Place;
  /** The whole rule. */
  readonly body: Place;
}

/** How a policy ranks among others: lower is judged first. Kubernetes policies all share one rank: they only add. */
export interface OrderKey {
  readonly tier: 'admin' | 'namespaced' | 'baseline';
  readonly priority: number;
}

/** Which pods a policy is about. */
export interface Subject {
  /** Own: the policy's namespace. */
  readonly namespaces: { readonly own: true } | { readonly own: false; readonly selector: Selector };
  readonly pods: Selector;
  readonly source: SelectorSource | undefined;
  readonly uncertain: boolean;
}

export interface Policy {
  readonly family: Family;
  readonly kind: string;
  readonly name: string;
  /** metadata.namespace as written; undefined when left open, or for a cluster-wide kind. */
  readonly namespace: string | undefined;
  readonly clusterWide: boolean;
  readonly subject: Subject;
  readonly order: OrderKey;
  /** The directions in which the pods it selects become isolated: only what is allowed passes. */
  readonly isolates: readonly Direction[];
  /** True when `isolates` comes from defaulting, not from what is written. */
  readonly isolatesByDefault: boolean;
  /** Where `policyTypes` (or its kin) stands, if written. */
  readonly isolatesAt: Place | undefined;
  readonly rules: readonly Rule[];
  /** Part of the policy is not known (template): it may isolate or allow more than is listed. */
  readonly uncertain: boolean;
  /** The name in the text. */
  readonly at: Place;
  /** The `kind` key's value in the text. */
  readonly kindAt: Place;
}
