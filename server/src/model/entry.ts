import type { Place, TransportProtocol } from './workload.js';

/**
 * What lets traffic from outside of the cluster in to services: an Ingress, a route of the Gateway API, an OpenShift
 * Route. The traffic comes from the pods of a controller, which are rarely among the manifests.
 */
export interface EntryPoint {
  readonly kind: string;
  readonly name: string;
  /** metadata.namespace as written; undefined when the manifest leaves it open. */
  readonly namespace: string | undefined;
  readonly backends: readonly EntryBackend[];
  /** The class that an Ingress names; empty where it is written and not known (a template), undefined where none is written. */
  readonly className: string | undefined;
  /** The gateways that a route belongs to, as far as they are known. */
  readonly gateways: readonly GatewayReference[];
  readonly at: Place;
}

export interface GatewayReference {
  readonly name: string;
  /** Undefined: that of the route. */
  readonly namespace: string | undefined;
}

/** An IngressClass or GatewayClass: which controller serves what names it. */
export interface EntryClass {
  readonly kind: string;
  readonly name: string;
  /** `spec.controller` or `spec.controllerName`. */
  readonly controller: string;
  /** It serves each Ingress that names no class. */
  readonly isDefault: boolean;
  readonly at: Place;
}

/** A Gateway of the Gateway API: where traffic enters for the routes that name it. */
export interface Gateway {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly className: string | undefined;
  readonly at: Place;
}

/** A service that traffic is handed to. */
export interface EntryBackend {
  readonly service: string;
  /** Undefined: that of the entry point. */
  readonly namespace: string | undefined;
  /** The service's port: its number, its name, or every port of the service where none is named. */
  readonly port: number | string | undefined;
  /** Whose number `port` is: an OpenShift Route numbers the pods' ports, everything else the service's. */
  readonly portOf: 'service' | 'pods';
  /** What the controller speaks to it: UDP for a UDPRoute, TCP for all else. */
  readonly protocol: TransportProtocol;
  readonly at: Place;
}
