/**
 * What differs between network plugins, as data. The engine and the rules ask this table and never a plugin's name.
 * Sources: FACTS sections B6, B7 and E2 (each plugin's code and documentation).
 */
export interface CniProfile {
  readonly name: string;
  readonly title: string;
  /** 'none': NetworkPolicy objects are accepted and do nothing. */
  readonly enforces: 'yes' | 'partly' | 'none';
  /**
   * Whether the kubelet's probes from the pod's own node pass a default-deny: 'by-contract' where only the API's text
   * says so, 'allowed' where the plugin is known to let them through (FACTS B6).
   */
  readonly ownNodeIngress: 'by-contract' | 'allowed' | 'blocked' | 'depends';
  /** Whether a pod under an egress default-deny reaches its own node. */
  readonly ownNodeEgress: 'allowed' | 'blocked' | 'unknown';
  /** Whether an ipBlock that covers pod addresses matches pods. */
  readonly ipBlockMatchesPods: 'yes' | 'no' | 'undefined';
  /** Whether egress to a Service is judged by the pods' port ('after' address translation) or the Service's own. */
  readonly egressJudged: 'after-dnat' | 'before-and-after-dnat';
  /** Rules of a direction that policyTypes does not list: ignored by the API's text. */
  readonly unlistedDirectionRules: 'ignored' | 'enforced';
  readonly endPort: 'yes' | 'no' | 'since-1.17';
  readonly namedPorts: boolean;
  readonly ipv6: boolean;
}

const standard: CniProfile = {
  name: 'kubernetes',
  title: 'the Kubernetes specification',
  enforces: 'yes',
  ownNodeIngress: 'by-contract',
  ownNodeEgress: 'allowed',
  ipBlockMatchesPods: 'undefined',
  egressJudged: 'after-dnat',
  unlistedDirectionRules: 'ignored',
  endPort: 'yes',
  namedPorts: true,
  ipv6: true,
};

/** Plugins whose code lets the kubelet's probes through. */
const exempting: CniProfile = { ...standard, ownNodeIngress: 'allowed' };

export const cniProfiles: readonly CniProfile[] = [
  standard,
  { ...exempting, name: 'none', title: 'no policy engine', enforces: 'none' },
  { ...exempting, name: 'flannel', title: 'Flannel alone', enforces: 'none' },
  { ...exempting, name: 'calico', title: 'Calico', ownNodeEgress: 'blocked', ipBlockMatchesPods: 'yes' },
  {
    ...exempting,
    name: 'cilium',
    title: 'Cilium',
    ownNodeEgress: 'blocked',
    ipBlockMatchesPods: 'no',
    unlistedDirectionRules: 'enforced',
    endPort: 'since-1.17',
  },
  { ...exempting, name: 'antrea', title: 'Antrea', ownNodeEgress: 'unknown', ipBlockMatchesPods: 'yes' },
  {
    ...exempting,
    name: 'ovn-kubernetes',
    title: 'OVN-Kubernetes',
    ownNodeEgress: 'unknown',
    ipBlockMatchesPods: 'yes',
  },
  {
    ...exempting,
    name: 'aws-vpc-cni',
    title: 'the AWS VPC CNI',
    ipBlockMatchesPods: 'yes',
    egressJudged: 'before-and-after-dnat',
  },
  { ...exempting, name: 'kube-router', title: 'kube-router', ownNodeEgress: 'blocked', ipBlockMatchesPods: 'yes' },
  // Versions of 2024 and early 2025 blocked probes (kube-network-policies#65, #150), and a flag does so today.
  {
    ...standard,
    name: 'kube-network-policies',
    title: 'kube-network-policies',
    ownNodeIngress: 'depends',
    ownNodeEgress: 'blocked',
  },
  {
    ...exempting,
    name: 'azure-npm',
    title: 'Azure Network Policy Manager',
    enforces: 'partly',
    ipBlockMatchesPods: 'yes',
    ipv6: false,
  },
  {
    ...exempting,
    name: 'weave',
    title: 'Weave Net',
    enforces: 'partly',
    ownNodeEgress: 'blocked',
    endPort: 'no',
    namedPorts: false,
    ipv6: false,
  },
  // Ambient mode rewrites the probes' source to 169.254.7.127, which the exemption of the own node does not cover.
  { ...standard, name: 'istio-ambient', title: 'Istio ambient over another plugin', ownNodeIngress: 'blocked' },
];

export function cniNamed(name: string): CniProfile | undefined {
  return cniProfiles.find((profile) => profile.name === name);
}

export const standardCni = standard;
