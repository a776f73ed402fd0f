import type { Place } from './workload.js';

/** What makes the API server connect to services: webhooks of admission, an aggregated API. */
export interface ApiServerCalls {
  readonly kind: string;
  readonly name: string;
  readonly calls: readonly CalledService[];
  readonly at: Place;
}

export interface CalledService {
  readonly service: string;
  readonly namespace: string;
  /** The service's port. */
  readonly port: number;
  /** The service's name in the text. */
  readonly at: Place;
}
