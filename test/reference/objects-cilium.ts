/** Cilium's shapes, `cilium.io/v2` (FACTS A4.1). */
import type { LabelSelector, Labels, Maybe } from './objects.js';

export interface CiliumPolicy {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Maybe<CiliumRule>;
  readonly specs?: Maybe<readonly CiliumRule[]>;
}

export interface CiliumRule {
  readonly endpointSelector?: LabelSelector;
  readonly nodeSelector?: LabelSelector;
  readonly ingress?: Maybe<readonly CiliumEntry[]>;
  readonly ingressDeny?: Maybe<readonly CiliumEntry[]>;
  readonly egress?: Maybe<readonly CiliumEntry[]>;
  readonly egressDeny?: Maybe<readonly CiliumEntry[]>;
  readonly enableDefaultDeny?: { readonly ingress?: boolean; readonly egress?: boolean };
}

/** Entries of the four lists in one shape: `from` and `to` mean the other end. */
export interface CiliumEntry {
  readonly fromEndpoints?: Maybe<readonly LabelSelector[]>;
  readonly toEndpoints?: Maybe<readonly LabelSelector[]>;
  readonly fromCIDR?: Maybe<readonly string[]>;
  readonly toCIDR?: Maybe<readonly string[]>;
  readonly fromCIDRSet?: Maybe<readonly CidrRule[]>;
  readonly toCIDRSet?: Maybe<readonly CidrRule[]>;
  readonly fromEntities?: Maybe<readonly string[]>;
  readonly toEntities?: Maybe<readonly string[]>;
  readonly fromNodes?: Maybe<readonly LabelSelector[]>;
  readonly toNodes?: Maybe<readonly LabelSelector[]>;
  readonly toServices?: Maybe<readonly ServiceRule[]>;
  readonly toFQDNs?: Maybe<readonly object[]>;
  readonly fromGroups?: Maybe<readonly object[]>;
  readonly toGroups?: Maybe<readonly object[]>;
  readonly toPorts?: Maybe<readonly PortRule[]>;
  readonly icmps?: Maybe<readonly { readonly fields?: readonly IcmpField[] }[]>;
  readonly authentication?: { readonly mode: 'disabled' | 'required' | 'test-always-fail' };
}

/** One of the first three. */
export interface CidrRule {
  readonly cidr?: string;
  readonly cidrGroupRef?: string;
  readonly cidrGroupSelector?: LabelSelector;
  readonly except?: readonly string[];
}

export interface ServiceRule {
  readonly k8sService?: { readonly serviceName: string; readonly namespace?: string };
  readonly k8sServiceSelector?: { readonly selector: LabelSelector; readonly namespace?: string };
}

export interface PortRule {
  readonly ports?: Maybe<readonly PortProtocol[]>;
  readonly rules?: {
    readonly http?: readonly object[];
    readonly dns?: readonly { readonly matchName?: string; readonly matchPattern?: string }[];
    readonly kafka?: readonly object[];
    readonly l7?: readonly object[];
  };
  readonly serverNames?: readonly string[];
}

export interface PortProtocol {
  readonly port?: string;
  readonly endPort?: number;
  readonly protocol?: string;
}

export interface IcmpField {
  readonly family?: 'IPv4' | 'IPv6';
  readonly type: number | string;
}

export interface CidrGroup {
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  readonly spec?: { readonly externalCIDRs?: readonly string[] };
}
