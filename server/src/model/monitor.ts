import type { Labels, Selector } from './selector.js';
import type { Place } from './workload.js';

/** A ServiceMonitor or PodMonitor: which pods Prometheus shall scrape, and on which of their ports. */
export interface Monitor {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** What it chooses by the labels: services for a ServiceMonitor, pods for a PodMonitor. */
  readonly selects: 'services' | 'pods';
  readonly selector: Selector;
  /** The namespaces of what it chooses: its own, any, or these. */
  readonly namespaces: 'own' | 'any' | readonly string[];
  readonly endpoints: readonly MonitorEndpoint[];
  readonly at: Place;
}

/** One port to scrape. */
export interface MonitorEndpoint {
  /** The name of the service's port, or for a PodMonitor of the container's. */
  readonly port: string | undefined;
  /** The pods' own port, by number or name. */
  readonly targetPort: number | string | undefined;
  readonly at: Place;
}

/** A Prometheus or PrometheusAgent object: the operator runs pods for it in its namespace. */
export interface PrometheusServer {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Labels that the operator gives its pods. */
  readonly labels: Labels;
  readonly at: Place;
}
