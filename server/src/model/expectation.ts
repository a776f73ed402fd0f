import type { Labels } from './selector.js';
import type { TransportProtocol } from './workload.js';

/** A connection that somebody expects to be allowed or denied: one test of a `*.netpol-test.yaml` file. */
export interface Expectation {
  /** What its author calls it, or its ends and ports. */
  readonly name: string;
  /** Never empty; each of them has to hold, with each of the others. */
  readonly from: readonly ExpectedEnd[];
  readonly to: readonly ExpectedEnd[];
  /** Left out of what wildcards, selectors and address ranges take in. */
  readonly except: readonly ExpectedEnd[];
  /** Empty: every port; of a service, each of its ports. */
  readonly ports: readonly ExpectedPort[];
  readonly expect: 'allowed' | 'denied';
}

/** One end as it is written. */
export type ExpectedEnd =
  /** A workload, a service, an address, a word of the profile, or a name with `*` in it. */
  | { readonly kind: 'name'; readonly text: string }
  /** Pods with all of these labels. Without a namespace: the file's, or any. */
  | {
      readonly kind: 'selector';
      readonly namespace: string | undefined;
      readonly namespaceLabels: Labels;
      readonly pods: Labels;
    };

export interface ExpectedPort {
  /** Undefined: TCP for a number, any protocol for a name. */
  readonly protocol: TransportProtocol | undefined;
  /** From 1 to 65535, or the name of a container's or service's port. */
  readonly port: number | string;
}

/** Undefined for what is neither a number from 1 to 65535 nor a name of a port, alone or as `UDP/53` or `53/UDP`. */
export function readPort(value: unknown): ExpectedPort | undefined {
  if (typeof value === 'number') return isPort(value) ? { protocol: undefined, port: value } : undefined;
  if (typeof value !== 'string') return undefined;
  const [, before, word = '', after] = /^(?:(TCP|UDP|SCTP)\/)?([^/]+)(?:\/(TCP|UDP|SCTP))?$/i.exec(value) ?? [];
  if (before !== undefined && after !== undefined) return undefined;
  const protocol = protocols.find((each) => each === (before ?? after)?.toUpperCase());
  if (/^\d+$/.test(word)) return isPort(Number(word)) ? { protocol, port: Number(word) } : undefined;
  // The names that containers may give: RFC 6335, as the API server holds them to it.
  return /^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}$/.test(word) ? { protocol, port: word } : undefined;
}

const protocols: readonly TransportProtocol[] = ['TCP', 'UDP', 'SCTP'];

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65535;
}

/** "53/UDP", "8080", "http". */
export function portText({ protocol, port }: ExpectedPort): string {
  return protocol === undefined ? String(port) : `${port}/${protocol}`;
}

/** "shop/web", "pods app=web in namespace shop". */
export function endText(end: ExpectedEnd): string {
  if (end.kind === 'name') return end.text;
  const words = (labels: Labels) => [...labels].map(([key, value]) => `${key}=${value}`).join(',');
  const place = [
    ...(end.namespace === undefined ? [] : [`namespace ${end.namespace}`]),
    ...(end.namespaceLabels.size === 0 ? [] : [`namespaces ${words(end.namespaceLabels)}`]),
  ];
  const who = end.pods.size === 0 ? 'every pod' : `pods ${words(end.pods)}`;
  return place.length === 0 ? who : `${who} in ${place.join(' with ')}`;
}
