import type { Cidr } from './addresses.js';
import { type CniProfile, standardCni, type Version } from './cni.js';
import type { Labels } from './selector.js';
import type { Place } from './workload.js';

/** Pods of the cluster that policies often have to name: where they run and how they are labelled. */
export interface ClusterPods {
  readonly title: string;
  readonly namespace: string;
  /** Labels on the namespace to choose it by; kubernetes.io/metadata.name when empty. */
  readonly namespaceLabels: Labels;
  /** Labels of the pods; empty: any pod of the namespace. */
  readonly labels: Labels;
}

export interface DnsPods extends ClusterPods {
  /** The service in front of them. */
  readonly service: string;
  /** The pods' own port, not the service's: 53, or 5353 on OpenShift. */
  readonly port: number;
  readonly portNames: { readonly udp: string; readonly tcp: string };
}

/** The object that installs a plugin. */
export interface CniEvidence {
  /** Its kind, namespace and name: `DaemonSet kube-system/cilium`. */
  readonly name: string;
  readonly at: Place;
}

/** What netpol knows of the cluster the manifests are for; all of it can be configured. */
export interface ClusterProfile {
  readonly cni: CniProfile;
  /** How it is known which plugin that is: nobody said, a person did, or an object of the manifests shows it. */
  readonly cniSource: 'default' | 'configured' | CniEvidence;
  /** The plugin's own version, where it is known. */
  readonly cniVersion: Version | undefined;
  readonly kubernetesVersion: readonly [number, number] | undefined;
  readonly podCidrs: readonly Cidr[];
  readonly serviceCidrs: readonly Cidr[];
  readonly nodeCidrs: readonly Cidr[];
  /** Never empty; the first is the one that fixes write. */
  readonly dns: readonly [DnsPods, ...DnsPods[]];
  /** The address on which NodeLocal DNSCache listens, when it is in use. */
  readonly nodeLocalDns: string | undefined;
  /** Never empty; the first is the one that fixes write. */
  readonly ingressControllers: readonly [ClusterPods, ...ClusterPods[]];
  readonly monitoring: ClusterPods;
  /** Pods speak through Istio's ambient mesh, wherever no label says otherwise. */
  readonly istioAmbient: boolean;
  /** The addresses of the API server's endpoints, behind its service. */
  readonly apiServer: readonly Cidr[];
}

const none: Labels = new Map();

/** FACTS C2: upstream, kubeadm, k3s, RKE2, EKS, AKS, GKE all label these pods k8s-app=kube-dns. */
export const kubeDns: DnsPods = {
  title: 'the cluster DNS',
  service: 'kube-dns',
  namespace: 'kube-system',
  namespaceLabels: none,
  labels: new Map([['k8s-app', 'kube-dns']]),
  port: 53,
  portNames: { udp: 'dns', tcp: 'dns-tcp' },
};

/** FACTS C2: OpenShift's DNS pods listen on 5353. */
export const openShiftDns: DnsPods = {
  title: 'the OpenShift DNS',
  service: 'dns-default',
  namespace: 'openshift-dns',
  namespaceLabels: none,
  labels: new Map([['dns.operator.openshift.io/daemonset-dns', 'default']]),
  port: 5353,
  portNames: { udp: 'dns', tcp: 'dns-tcp' },
};

/** FACTS D3: namespace and labels of the default installs. */
export const ingressControllers: Readonly<Record<string, ClusterPods>> = {
  'ingress-nginx': pods('ingress-nginx', 'ingress-nginx', { 'app.kubernetes.io/name': 'ingress-nginx' }),
  traefik: pods('Traefik', 'traefik', { 'app.kubernetes.io/name': 'traefik' }),
  haproxy: pods('HAProxy', 'haproxy-controller', { 'app.kubernetes.io/name': 'kubernetes-ingress' }),
  contour: pods('Contour', 'projectcontour', { app: 'envoy' }),
  istio: pods('the Istio ingress gateway', 'istio-system', { istio: 'ingressgateway' }),
  'envoy-gateway': pods('Envoy Gateway', 'envoy-gateway-system', {
    'app.kubernetes.io/managed-by': 'envoy-gateway',
    'app.kubernetes.io/name': 'envoy',
  }),
  'openshift-router': {
    title: 'the OpenShift router',
    namespace: 'openshift-ingress',
    namespaceLabels: new Map([['policy-group.network.openshift.io/ingress', '']]),
    labels: none,
  },
};

/** FACTS D4: kube-prometheus. */
export const prometheus: ClusterPods = pods('Prometheus', 'monitoring', { 'app.kubernetes.io/name': 'prometheus' });

function pods(title: string, namespace: string, labels: Record<string, string>): ClusterPods {
  return { title, namespace, namespaceLabels: none, labels: new Map(Object.entries(labels)) };
}

/** What holds when nothing is configured: the API's own text and the commonest installs. */
export const defaultProfile: ClusterProfile = {
  cni: standardCni,
  cniSource: 'default',
  cniVersion: undefined,
  kubernetesVersion: undefined,
  podCidrs: [],
  serviceCidrs: [],
  nodeCidrs: [],
  dns: [kubeDns, openShiftDns],
  nodeLocalDns: undefined,
  ingressControllers: [pods('ingress-nginx', 'ingress-nginx', { 'app.kubernetes.io/name': 'ingress-nginx' })],
  monitoring: prometheus,
  istioAmbient: false,
  apiServer: [],
};
