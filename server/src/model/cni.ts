/** Major and minor version. */
export type Version = readonly [number, number];

/** Whether something works: from one version on, or up to before another, where it has come or gone. */
export type Support = 'yes' | 'no' | 'unknown' | { readonly since: Version; readonly before?: Version };

/**
 * What differs between network plugins, as data. The engine and the rules ask this table and never a plugin's name.
 * Sources: FACTS sections A2.4, B5, B6, B7 and E (each plugin's code and documentation). What no source confirms is
 * 'unknown', and never a ground for a warning.
 */
export interface CniProfile {
  readonly name: string;
  readonly title: string;
  /** For who chooses among them: one sentence. */
  readonly about: string;
  /** 'none': NetworkPolicy objects are accepted and do nothing. */
  readonly enforces: 'yes' | 'partly' | 'none';
  /**
   * Whether the kubelet's probes from the pod's own node pass a default-deny: 'by-contract' where only the API's text
   * says so, 'allowed' where the plugin is known to let them through (FACTS B6).
   */
  readonly ownNodeIngress: 'by-contract' | 'allowed' | 'depends';
  /** Whether a pod under an egress default-deny reaches its own node; 'by-contract' as above. */
  readonly ownNodeEgress: 'by-contract' | 'allowed' | 'blocked' | 'unknown';
  /** Whether probes that Istio's ambient mode sends on from 169.254.7.127 still pass for the node's (FACTS D1). */
  readonly ambientProbes: 'blocked' | 'unknown';
  /** Where an ipBlock never matches nodes, nor the API server on one: what names them instead (FACTS B5). */
  readonly nodesOnlyBy: string | undefined;
  /** Whether an ipBlock that covers pod addresses matches pods. */
  readonly ipBlockMatchesPods: 'yes' | 'no' | 'undefined';
  /** Whether egress to a Service is judged by the pods' port ('after' address translation) or the Service's own. */
  readonly egressJudged: 'after-dnat' | 'before-and-after-dnat';
  /** Rules of a direction that policyTypes does not list: ignored by the API's text. */
  readonly unlistedDirectionRules: 'ignored' | 'enforced';
  readonly endPort: Support;
  readonly sctp: Support;
  readonly namedPorts: Support;
  readonly ipv6: Support;
  /** `except` in an ipBlock. */
  readonly except: Support;
  /** The operators NotIn and DoesNotExist. */
  readonly negativeSelectors: Support;
  /** AdminNetworkPolicy, v1alpha1. */
  readonly adminPolicies: Support;
  /** BaselineAdminNetworkPolicy, v1alpha1. */
  readonly baselinePolicies: Support;
  /** ClusterNetworkPolicy, v1alpha2. */
  readonly clusterPolicies: Support;
  /** Whose policies of its own it enforces beside those of Kubernetes; undefined: whoever's the manifests hold. */
  readonly ownFamily: 'calico' | 'cilium' | 'none' | undefined;
}

const standard: CniProfile = {
  name: 'kubernetes',
  title: 'the Kubernetes specification',
  about: 'The API’s own text, where plugins differ: the safe choice while you do not know.',
  enforces: 'yes',
  ownNodeIngress: 'by-contract',
  ownNodeEgress: 'by-contract',
  ambientProbes: 'unknown',
  nodesOnlyBy: undefined,
  ipBlockMatchesPods: 'undefined',
  egressJudged: 'after-dnat',
  unlistedDirectionRules: 'ignored',
  endPort: 'yes',
  sctp: 'yes',
  namedPorts: 'yes',
  ipv6: 'yes',
  except: 'yes',
  negativeSelectors: 'yes',
  adminPolicies: 'unknown',
  baselinePolicies: 'unknown',
  clusterPolicies: 'unknown',
  ownFamily: undefined,
};

/** Plugins whose code lets the kubelet's probes through. */
const exempting: CniProfile = { ...standard, ownNodeIngress: 'allowed', ownNodeEgress: 'allowed', ownFamily: 'none' };

const noAdminApis = { adminPolicies: 'no', baselinePolicies: 'no', clusterPolicies: 'no' } as const;

/** Source: CAL-conv, CAL-felix (A2.4): v1alpha1 came with 3.29 and 3.30 and went with 3.32, which reads v1alpha2. */
const calico: CniProfile = {
  ...exempting,
  name: 'calico',
  title: 'Calico',
  about: 'Calico, with its own policy kinds and tiers.',
  ownFamily: 'calico',
  ownNodeEgress: 'blocked',
  ipBlockMatchesPods: 'yes',
  adminPolicies: { since: [3, 29], before: [3, 32] },
  baselinePolicies: { since: [3, 30], before: [3, 32] },
  clusterPolicies: { since: [3, 32] },
};

/** Source: E2 and A2.4; SCTP needs enable-sctp, ClusterNetworkPolicy a flag of 1.20. */
const cilium: CniProfile = {
  ...exempting,
  name: 'cilium',
  title: 'Cilium',
  about: 'Cilium, with its own policy kinds.',
  ownFamily: 'cilium',
  ownNodeEgress: 'blocked',
  ambientProbes: 'blocked',
  nodesOnlyBy: 'a CiliumNetworkPolicy with the entities host, remote-node or kube-apiserver',
  ipBlockMatchesPods: 'no',
  unlistedDirectionRules: 'enforced',
  endPort: { since: [1, 17] },
  sctp: 'unknown',
  adminPolicies: 'no',
  baselinePolicies: 'no',
  clusterPolicies: { since: [1, 20] },
};

/** Source: E2; what rules do with SCTP is not confirmed. */
const kubeRouter: CniProfile = {
  ...exempting,
  ...noAdminApis,
  name: 'kube-router',
  title: 'kube-router',
  about: 'kube-router, also as the policy controller of k0s.',
  ownNodeEgress: 'blocked',
  ipBlockMatchesPods: 'yes',
  sctp: 'unknown',
  ipv6: 'unknown',
};

/** Versions of 2024 and early 2025 blocked probes (kube-network-policies#65, #150), and a flag does so today. */
const reference: CniProfile = {
  ...standard,
  ownFamily: 'none',
  name: 'kube-network-policies',
  title: 'kube-network-policies',
  about: 'The Kubernetes project’s reference implementation, kube-network-policies.',
  ownNodeIngress: 'depends',
  ownNodeEgress: 'blocked',
};

/** Source: B7, E2 (AZ-npm, AZ-mig). */
const azureNpm: CniProfile = {
  ...exempting,
  ...noAdminApis,
  name: 'azure-npm',
  title: 'Azure Network Policy Manager',
  about: 'Azure Network Policy Manager on Linux nodes; it is being retired.',
  enforces: 'partly',
  ipBlockMatchesPods: 'yes',
  ipv6: 'no',
};

export const cniProfiles: readonly CniProfile[] = [
  standard,
  {
    ...exempting,
    name: 'none',
    title: 'a cluster without a policy engine',
    about: 'Nothing enforces policies: kubenet, bridge, EKS and GKE with policies not switched on.',
    enforces: 'none',
  },
  {
    ...exempting,
    name: 'flannel',
    title: 'Flannel alone',
    about: 'Flannel without a policy engine beside it enforces no policies.',
    enforces: 'none',
  },
  { ...calico, name: 'canal', title: 'Canal', about: 'Flannel’s network with Calico’s policies.' },
  calico,
  cilium,
  // Cilium within; which version, and with what switched on, Google decides.
  {
    ...cilium,
    name: 'gke-dataplane-v2',
    title: 'GKE Dataplane V2',
    about: 'Google’s Dataplane V2, which is built on Cilium.',
    endPort: 'unknown',
    adminPolicies: 'unknown',
    baselinePolicies: 'unknown',
    clusterPolicies: 'unknown',
  },
  {
    ...cilium,
    name: 'azure-cilium',
    title: 'Azure CNI powered by Cilium',
    about: 'Azure CNI powered by Cilium, on AKS.',
    clusterPolicies: 'unknown',
  },
  {
    ...exempting,
    name: 'antrea',
    title: 'Antrea',
    about: 'Antrea, with its own policy kinds.',
    ownNodeEgress: 'unknown',
    ipBlockMatchesPods: 'yes',
    clusterPolicies: { since: [2, 7] },
  },
  {
    ...exempting,
    name: 'ovn-kubernetes',
    title: 'OVN-Kubernetes',
    about: 'OVN-Kubernetes, the default of OpenShift since 4.12.',
    ownNodeEgress: 'unknown',
    ipBlockMatchesPods: 'yes',
    adminPolicies: 'yes',
    baselinePolicies: 'yes',
  },
  // Source: B7; the 4.9 documentation also lacks egress, later ones are not confirmed.
  {
    ...standard,
    ...noAdminApis,
    ownFamily: 'none',
    name: 'openshift-sdn',
    title: 'OpenShift SDN',
    about: 'The former default of OpenShift.',
    enforces: 'partly',
    endPort: 'unknown',
    sctp: 'unknown',
    namedPorts: 'unknown',
    ipv6: 'unknown',
    except: 'no',
  },
  // Source: B7, E2. A cluster is of one family, whichever it is.
  {
    ...exempting,
    ...noAdminApis,
    name: 'aws-vpc-cni',
    title: 'the AWS VPC CNI',
    about: 'The Amazon VPC CNI with its network policy agent switched on.',
    ipBlockMatchesPods: 'yes',
    egressJudged: 'before-and-after-dnat',
    sctp: 'unknown',
    ipv6: 'unknown',
  },
  kubeRouter,
  {
    ...kubeRouter,
    name: 'k3s',
    title: 'k3s',
    about: 'k3s with its embedded policy controller, which is kube-router’s.',
  },
  reference,
  { ...reference, name: 'kindnet', title: 'kindnet', about: 'The network of kind clusters since kind 0.24.' },
  azureNpm,
  {
    ...azureNpm,
    name: 'azure-npm-windows',
    title: 'Azure Network Policy Manager on Windows',
    about: 'Azure Network Policy Manager for pods on Windows nodes.',
    endPort: 'unknown',
    sctp: 'no',
    namedPorts: 'no',
    except: 'no',
    negativeSelectors: 'no',
  },
  // Source: WEAVE (E2, B7); archived in 2024.
  {
    ...exempting,
    ...noAdminApis,
    name: 'weave',
    title: 'Weave Net',
    about: 'Weave Net, archived in 2024.',
    enforces: 'partly',
    ownNodeEgress: 'blocked',
    endPort: 'no',
    sctp: 'no',
    namedPorts: 'no',
    ipv6: 'no',
  },
];

export function cniNamed(name: string): CniProfile | undefined {
  return cniProfiles.find((profile) => profile.name === name);
}

export const standardCni = standard;

/** Whether a version has something; 'unknown' where that hangs on a version nobody has told. */
export function supportIn(support: Support, version: Version | undefined): 'yes' | 'no' | 'unknown' {
  if (typeof support === 'string') return support;
  if (version === undefined) return 'unknown';
  const reached = (bound: Version) => version[0] > bound[0] || (version[0] === bound[0] && version[1] >= bound[1]);
  return reached(support.since) && (support.before === undefined || !reached(support.before)) ? 'yes' : 'no';
}
