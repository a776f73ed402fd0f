import type { Address } from './addresses.js';
import type { Labels } from './selector.js';
import type { ContainerSettings } from './setting.js';

/** Where an element of the model stands in the text: the same shape as the text layer's span, opaque to the model. */
export interface Place {
  readonly document: { readonly uri: string; readonly text: string };
  readonly range: { readonly start: number; readonly end: number };
}

export type TransportProtocol = 'TCP' | 'UDP' | 'SCTP';

/** A port that a container declares. `containerPort` is informational in Kubernetes, but names resolve through it. */
export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly container: string;
  readonly at: Place;
}

export type ProbeKind = 'liveness' | 'readiness' | 'startup';

/** A probe that the kubelet makes over the network. Exec probes run inside the container and never meet a policy. */
export interface Probe {
  readonly kind: ProbeKind;
  readonly action: 'HTTP' | 'TCP' | 'gRPC';
  /** A number, or the name of a container port. */
  readonly port: number | string;
  readonly container: string;
  readonly at: Place;
}

/**
 * What runs pods: a Pod, or an object with a pod template. One workload stands for all its pods, which policies cannot
 * tell apart.
 */
export interface Workload {
  readonly kind: string;
  /** A name that a template writes is the text of the template: no name of a cluster is like it. */
  readonly name: string;
  /** metadata.namespace as written; undefined when the manifest leaves it open. */
  readonly namespace: string | undefined;
  /** The labels of its pods. */
  readonly labels: Labels;
  /** Some labels are produced by a template: more may exist than are listed. */
  readonly openLabels: boolean;
  readonly ports: readonly ContainerPort[];
  readonly probes: readonly Probe[];
  /** Of the containers that have any. */
  readonly settings: readonly ContainerSettings[];
  readonly serviceAccount: string | undefined;
  readonly hostNetwork: boolean;
  /** The node that its pods are bound to, where the manifest tells. */
  readonly nodeName: string | undefined;
  readonly annotations: Labels;
  /** What made a pod: its controlling owner reference, as written. Pods of one owner are one workload to a person. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** A pod's addresses, where its status tells them. */
  readonly addresses: readonly Address[];
  /** The object's name in the text. */
  readonly at: Place;
  /** Each pod label's key and value in the text. */
  readonly labelPlaces: ReadonlyMap<string, Place>;
}

/** A Namespace object of the workspace. */
export interface NamespaceObject {
  readonly name: string;
  readonly labels: Labels;
  readonly openLabels: boolean;
  readonly at: Place;
}

/** A ServiceAccount object of the workspace: Calico's selectors may ask for its labels. */
export interface ServiceAccount {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Labels;
  readonly openLabels: boolean;
  readonly at: Place;
}

/** A Node object of the workspace. */
export interface NodeObject {
  readonly name: string;
  readonly labels: Labels;
  readonly openLabels: boolean;
  readonly at: Place;
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  /** The pods' port: a number or a container port's name; the service port where the manifest says nothing. */
  readonly targetPort: number | string;
  readonly protocol: TransportProtocol;
  readonly at: Place;
}

export interface Service {
  readonly name: string;
  readonly namespace: string | undefined;
  /** The labels of the service itself, by which a ServiceMonitor chooses it. */
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Undefined: no selector, the endpoints are kept by someone else. */
  readonly selector: Labels | undefined;
  readonly ports: readonly ServicePort[];
  readonly headless: boolean;
  readonly clusterIPs: readonly string[];
  readonly type: string;
  readonly at: Place;
}
