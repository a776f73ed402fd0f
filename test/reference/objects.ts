/**
 * The API's own shapes, as far as a verdict needs them, and a cluster read from plain objects. The objects must be ones that
 * the API server accepts (FACTS A1, A2): nothing is checked here.
 */
import type { CalicoPolicy, CalicoTier, NetworkSet } from './objects-calico.js';
import type { CidrGroup, CiliumPolicy } from './objects-cilium.js';

export type Labels = Readonly<Record<string, string>>;
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
/** A list or object that is missing or null means the same to the API server. */
export type Maybe<T> = T | null | undefined;

export interface LabelSelector {
  readonly matchLabels?: Maybe<Labels>;
  readonly matchExpressions?: Maybe<readonly LabelRequirement[]>;
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: Maybe<readonly string[]>;
}

// networking.k8s.io/v1 (FACTS A1)

export interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Maybe<{
    readonly podSelector?: Maybe<LabelSelector>;
    readonly policyTypes?: Maybe<readonly ('Ingress' | 'Egress')[]>;
    readonly ingress?: Maybe<readonly Maybe<NetworkPolicyRule>[]>;
    readonly egress?: Maybe<readonly Maybe<NetworkPolicyRule>[]>;
  }>;
}

export interface NetworkPolicyRule {
  readonly from?: Maybe<readonly NetworkPolicyPeer[]>;
  readonly to?: Maybe<readonly NetworkPolicyPeer[]>;
  readonly ports?: Maybe<readonly Maybe<NetworkPolicyPort>[]>;
}

export interface NetworkPolicyPeer {
  readonly podSelector?: Maybe<LabelSelector>;
  readonly namespaceSelector?: Maybe<LabelSelector>;
  readonly ipBlock?: Maybe<{ readonly cidr: string; readonly except?: Maybe<readonly string[]> }>;
}

export interface NetworkPolicyPort {
  readonly protocol?: Maybe<Protocol>;
  readonly port?: Maybe<number | string>;
  readonly endPort?: Maybe<number>;
}

// policy.networking.k8s.io (FACTS A2.1 to A2.3): one shape for the three kinds, each with its own part of the fields.

export interface ClusterPolicy {
  readonly kind: 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly tier?: 'Admin' | 'Baseline';
    readonly priority?: number;
    readonly subject: PodsOrNamespaces;
    readonly ingress?: Maybe<readonly ClusterPolicyRule[]>;
    readonly egress?: Maybe<readonly ClusterPolicyRule[]>;
  };
}

export interface ClusterPolicyRule {
  /** `Allow` in v1alpha1 is `Accept` in v1alpha2. */
  readonly action: 'Allow' | 'Accept' | 'Deny' | 'Pass';
  readonly from?: Maybe<readonly ClusterPolicyPeer[]>;
  readonly to?: Maybe<readonly ClusterPolicyPeer[]>;
  /** v1alpha1. */
  readonly ports?: Maybe<readonly AdminPort[]>;
  /** v1alpha2. */
  readonly protocols?: Maybe<readonly ClusterProtocol[]>;
}

export interface PodsOrNamespaces {
  readonly namespaces?: Maybe<LabelSelector>;
  readonly pods?: Maybe<{
    readonly namespaceSelector?: Maybe<LabelSelector>;
    readonly podSelector?: Maybe<LabelSelector>;
  }>;
}

export interface ClusterPolicyPeer extends PodsOrNamespaces {
  readonly networks?: Maybe<readonly string[]>;
  readonly nodes?: Maybe<LabelSelector>;
  readonly domainNames?: Maybe<readonly string[]>;
}

export interface AdminPort {
  readonly portNumber?: Maybe<{ readonly protocol?: Maybe<string>; readonly port: number }>;
  readonly portRange?: Maybe<{ readonly protocol?: Maybe<string>; readonly start: number; readonly end: number }>;
  readonly namedPort?: Maybe<string>;
}

export interface ClusterProtocol {
  readonly tcp?: Maybe<DestinationPort>;
  readonly udp?: Maybe<DestinationPort>;
  readonly sctp?: Maybe<DestinationPort>;
  readonly destinationNamedPort?: Maybe<string>;
}

export interface DestinationPort {
  readonly destinationPort?: Maybe<{
    readonly number?: Maybe<number>;
    readonly range?: Maybe<{ readonly start: number; readonly end: number }>;
  }>;
}

// What policies are about

/** A Pod, or what makes pods: then it stands for any two of them. */
export interface Pod {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly ports: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: Protocol }[];
  /** Empty where no status tells them. */
  readonly addresses: readonly string[];
  readonly hostNetwork: boolean;
  /** The node's name, where one is given. */
  readonly node: string | undefined;
  /** FACTS A3.6, A4.4: selectors of Calico and Cilium see it. A pod without one has `default`. */
  readonly serviceAccount: string;
}

export interface Service {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec?: {
    readonly selector?: Maybe<Labels>;
    readonly ports?: readonly {
      readonly port: number;
      readonly targetPort?: number | string;
      readonly protocol?: Protocol;
    }[];
  };
}

export interface Cluster {
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly nodes: ReadonlyMap<string, Labels>;
  readonly pods: readonly Pod[];
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly clusterPolicies: readonly ClusterPolicy[];
  readonly services: readonly Service[];
  /** The labels of each, by `namespace/name`. */
  readonly serviceAccounts: ReadonlyMap<string, Labels>;
  readonly calico: {
    readonly policies: readonly CalicoPolicy[];
    readonly tiers: readonly CalicoTier[];
    readonly sets: readonly NetworkSet[];
  };
  readonly cilium: { readonly policies: readonly CiliumPolicy[]; readonly groups: readonly CidrGroup[] };
}

/** Any object, as far as its place in the cluster is read from it. */
interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec?: PodSpec & {
    readonly template?: PodTemplate;
    readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip: string }[];
  };
}

interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec: PodSpec;
}

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly nodeName?: string;
  readonly serviceAccountName?: string;
  readonly containers?: readonly { readonly ports?: Pod['ports'] }[];
  readonly initContainers?: readonly { readonly ports?: Pod['ports'] }[];
}

/** A cluster of API objects. Kinds that say nothing about connections are passed over. */
export function clusterOf(objects: readonly object[]): Cluster {
  const namespaces = new Map<string, Labels>();
  const nodes = new Map<string, Labels>();
  const pods: Pod[] = [];
  const networkPolicies: NetworkPolicy[] = [];
  const clusterPolicies: ClusterPolicy[] = [];
  const services: Service[] = [];
  const serviceAccounts = new Map<string, Labels>();
  const calico = { policies: [] as CalicoPolicy[], tiers: [] as CalicoTier[], sets: [] as NetworkSet[] };
  const cilium = { policies: [] as CiliumPolicy[], groups: [] as CidrGroup[] };
  for (const each of objects) {
    const object = each as ApiObject;
    const { name, labels } = object.metadata;
    if (object.apiVersion === 'networking.k8s.io/v1' && object.kind === 'NetworkPolicy') {
      networkPolicies.push(each as NetworkPolicy);
    } else if (object.apiVersion.startsWith('policy.networking.k8s.io/')) {
      clusterPolicies.push(each as ClusterPolicy);
    } else if (object.apiVersion.includes('projectcalico.org/')) {
      if (object.kind === 'Tier') calico.tiers.push(each as CalicoTier);
      else if (object.kind.endsWith('NetworkSet')) calico.sets.push(each as NetworkSet);
      else if (object.kind.endsWith('NetworkPolicy')) calico.policies.push(each as CalicoPolicy);
    } else if (object.apiVersion.startsWith('cilium.io/')) {
      if (object.kind === 'CiliumCIDRGroup') cilium.groups.push(each as CidrGroup);
      else if (object.kind.endsWith('NetworkPolicy')) cilium.policies.push(each as CiliumPolicy);
    } else if (object.kind === 'Service') {
      services.push(each as Service);
    } else if (object.kind === 'ServiceAccount') {
      serviceAccounts.set(`${namespaceOf(object)}/${name}`, labels ?? {});
    } else if (object.kind === 'Namespace') {
      // FACTS B1: the API server sets this label and keeps it.
      namespaces.set(name, { ...labels, 'kubernetes.io/metadata.name': name });
    } else if (object.kind === 'Node') {
      nodes.set(name, labels ?? {});
    } else {
      const pod = podOf(object);
      if (pod !== undefined) pods.push(pod);
    }
  }
  return { namespaces, nodes, pods, networkPolicies, clusterPolicies, services, serviceAccounts, calico, cilium };
}

/** FACTS B0: pods that have ended are dropped. */
function podOf(object: ApiObject): Pod | undefined {
  const template: PodTemplate | undefined =
    object.kind === 'Pod' && object.spec !== undefined
      ? { metadata: object.metadata, spec: object.spec }
      : (object.spec?.jobTemplate?.spec.template ?? object.spec?.template);
  if (template === undefined) return undefined;
  if (object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed') return undefined;
  const { podIP, podIPs } = object.status ?? {};
  return {
    kind: object.kind,
    namespace: namespaceOf(object),
    name: object.metadata.name,
    labels: template.metadata?.labels ?? {},
    ports: [...(template.spec.containers ?? []), ...(template.spec.initContainers ?? [])].flatMap(
      (container) => container.ports ?? [],
    ),
    addresses: podIPs?.map(({ ip }) => ip) ?? (podIP === undefined ? [] : [podIP]),
    hostNetwork: template.spec.hostNetwork === true,
    node: template.spec.nodeName,
    serviceAccount: template.spec.serviceAccountName ?? 'default',
  };
}

export function namespaceOf(object: { readonly metadata: { readonly namespace?: string } }): string {
  return object.metadata.namespace ?? 'default';
}
