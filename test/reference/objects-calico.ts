/** Calico's shapes, `projectcalico.org/v3` and `crd.projectcalico.org/v1` (FACTS A3.1, A3.3). */
import type { Labels, Maybe } from './objects.js';

export interface CalicoPolicy {
  readonly apiVersion: string;
  /** The staged kinds among them. */
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly tier?: string;
    readonly order?: Maybe<number>;
    readonly types?: readonly ('Ingress' | 'Egress')[];
    readonly selector?: string;
    readonly serviceAccountSelector?: string;
    /** GlobalNetworkPolicy. */
    readonly namespaceSelector?: string;
    readonly doNotTrack?: boolean;
    readonly preDNAT?: boolean;
    readonly ingress?: readonly CalicoRule[];
    readonly egress?: readonly CalicoRule[];
  };
}

export interface CalicoRule {
  readonly action: 'Allow' | 'Deny' | 'Log' | 'Pass';
  readonly ipVersion?: 4 | 6;
  readonly protocol?: string | number;
  readonly notProtocol?: string | number;
  readonly icmp?: IcmpFields;
  readonly notICMP?: IcmpFields;
  readonly source?: EntityRule;
  readonly destination?: EntityRule;
  readonly http?: object;
}

export interface IcmpFields {
  readonly type?: number;
  readonly code?: number;
}

export interface EntityRule {
  readonly nets?: readonly string[];
  readonly notNets?: readonly string[];
  readonly selector?: string;
  readonly notSelector?: string;
  readonly namespaceSelector?: string;
  readonly serviceAccounts?: { readonly names?: readonly string[]; readonly selector?: string };
  readonly services?: { readonly name: string; readonly namespace?: string };
  readonly ports?: readonly (number | string)[];
  readonly notPorts?: readonly (number | string)[];
}

export interface CalicoTier {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly order?: Maybe<number>; readonly defaultAction?: 'Deny' | 'Pass' };
}

/** NetworkSet and GlobalNetworkSet. */
export interface NetworkSet {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec?: { readonly nets?: readonly string[] };
}
