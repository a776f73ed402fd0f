import type { Labels } from './selector.js';
import type { Place } from './workload.js';

/** What Cilium sends to pods on the sender's own node instead (CiliumLocalRedirectPolicy). */
export interface LocalRedirect {
  readonly name: string;
  readonly namespace: string | undefined;
  /** What is redirected: connections to a service, or to an address. */
  readonly from: { readonly service: string; readonly namespace: string | undefined } | { readonly address: string };
  /** The pods that get them, in the policy's own namespace. */
  readonly backends: Labels;
  readonly at: Place;
}
