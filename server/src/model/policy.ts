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

/**
 * A condition that ports and peers cannot say: the rule takes in a part of the connections that they describe. It is
 * shown, and counts as neither everything nor nothing.
 */
export interface Constraint {
  readonly kind:
    | 'http'
    | 'dns'
    | 'kafka'
    | 'other protocol'
    | 'server names'
    | 'source ports'
    | 'icmp code'
    | 'authentication';
  /** In words that follow the ports: "HTTP GET /v1/.*", "from source port 53". */
  readonly words: string;
  /** The names that a DNS rule lets through, as patterns; only for 'dns'. */
  readonly patterns?: readonly string[];
  /** False where it is watched, and yet lets everything through: `dns: [{matchPattern: "*"}]`. */
  readonly limits: boolean;
  readonly at: Place;
}

export interface Rule {
  /** A rule's own name, in the families whose rules may have one. */
  readonly name?: string;
  readonly action: Action;
  readonly direction: Direction;
  /** Place in its list, from 0. */
  readonly index: number;
  /**
   * A rule that names no peers has the one peer 'anything'. Empty only where the text lists nobody (Cilium's
   * `fromEndpoints: []`): the rule takes in no connection.
   */
  readonly peers: readonly Peer[];
  /** What the rule asks of the end that the policy selects, beyond the policy's subject: Calico's rules have both ends. */
  readonly own?: Peer;
  /** What a connection must show besides its ends and ports for the rule to take it in; none where left out. */
  readonly constraints?: readonly Constraint[];
  /** The union of the clauses; every port when the rule names none. */
  readonly ports: PortSet;
  readonly clauses: readonly PortClause[];
  /** Ports that the rule is not about, where names on either side keep them from being taken out of `ports` beforehand. */
  readonly exceptPorts?: PortSet;
  /** Part of the rule is not known (template, broken value): it may allow more than is listed. */
  readonly uncertain: boolean;
  /** Where the rule stands: its dash, or its first key. */
  readonly at: Place;
  /** The whole rule. */
  readonly body: Place;
}

/**
 * How a policy ranks among others: lower is judged first. Kubernetes and Cilium policies all share one rank: the former
 * only add, of the latter what denies comes before what allows. 'tiered': in a tier of the cluster's own, by name.
 */
export interface OrderKey {
  readonly tier: 'admin' | 'namespaced' | 'baseline' | 'tiered';
  /** The tier's name, where it is 'tiered'. */
  readonly tierName?: string;
  /** Infinity for a policy that says none: after all others. */
  readonly priority: number;
}

/** Which pods a policy is about. */
export interface Subject {
  /** Own: the policy's namespace. */
  readonly namespaces: { readonly own: true } | { readonly own: false; readonly selector: Selector };
  /** Of the pods' own labels, and of what `model/pod-facts.ts` names. */
  readonly pods: Selector;
  /** Set where the policy is about nodes and their own processes, and then about no pods. */
  readonly nodes?: Selector;
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
  /** The directions in which its rules count; those in which it isolates, where left out. */
  readonly directions?: readonly Direction[];
  /** Only watched, not enforced: Calico's staged kinds. */
  readonly staged?: true;
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
