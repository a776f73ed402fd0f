import { type ClusterPods, ingressControllers } from './profile.js';

/** The label that the pods of a gateway carry where an implementation runs them beside the Gateway. Source: GEP-1762. */
export const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name';

/** A product that serves Ingresses or the Gateway API, and where its traffic comes from. Source: FACTS D1, D3. */
export interface EntryController {
  readonly title: string;
  /** What the class of an Ingress, or its controller, is called. */
  readonly ingress?: RegExp;
  /** What the class of a Gateway, or its controller, is called. */
  readonly gateway?: RegExp;
  /** The pods of the default install; undefined where the traffic comes from elsewhere. */
  readonly pods?: ClusterPods | undefined;
  /** Its pods run in the namespace of the Gateway, with its name as a label. */
  readonly besideGateway?: boolean;
  /** No pods send it: load balancers outside of the cluster, from these addresses as far as they are the same everywhere. */
  readonly addresses?: readonly string[];
  /** What stands for it is nothing that a NetworkPolicy can name. */
  readonly unnamed?: boolean;
}

const { istio, traefik, haproxy, contour } = ingressControllers;

export const entryControllers: readonly EntryController[] = [
  {
    title: 'Cilium',
    ingress: /^cilium$|^cilium\.io\//,
    gateway: /^cilium$|^io\.cilium\//,
    unnamed: true,
  },
  {
    title: 'the Google Cloud load balancer',
    ingress: /^gce$/,
    gateway: /^gke-l7-(global-external|gxlb|regional-external)|^networking\.gke\.io\//,
    addresses: ['35.191.0.0/16', '130.211.0.0/22'],
  },
  {
    title: 'the AWS load balancer',
    ingress: /^alb$|^ingress\.k8s\.aws\/alb$/,
    gateway: /^gateway\.k8s\.aws\/alb$/,
    addresses: [],
  },
  {
    title: 'the Azure application gateway',
    ingress: /^azure[-/]application-gateway$/,
    addresses: [],
  },
  { title: 'NGINX Gateway Fabric', gateway: /nginx/, besideGateway: true },
  { title: 'the Istio gateway', gateway: /istio/, besideGateway: true },
  { title: 'Envoy Gateway', gateway: /^eg$|envoy/, pods: ingressControllers['envoy-gateway'], besideGateway: true },
  { title: 'ingress-nginx', ingress: /nginx/, pods: ingressControllers['ingress-nginx'] },
  { title: 'Traefik', ingress: /traefik/, gateway: /traefik/, pods: traefik },
  { title: 'HAProxy', ingress: /haproxy/, gateway: /haproxy/, pods: haproxy },
  { title: 'Contour', ingress: /contour/, gateway: /contour/, pods: contour },
  { title: 'the Istio ingress gateway', ingress: /istio/, pods: istio },
  { title: 'the OpenShift router', ingress: /openshift/, pods: ingressControllers['openshift-router'] },
];
