/** A cluster of another project, as API objects, with the connections that it says are allowed or blocked. */
export interface ConnectionCase {
  readonly name: string;
  readonly manifests: readonly object[];
  readonly checks: readonly ConnectionCheck[];
}

export interface ConnectionCheck {
  /** A pod as `namespace/name`, or an IP address. */
  readonly from: string;
  readonly to: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** The destination pod's own port. */
  readonly port: number;
  /** Set where the expectation is about this direction alone; otherwise it is about both together. */
  readonly direction?: 'ingress' | 'egress';
  readonly allowed: boolean;
}

export function protocolOf(text: string | undefined): ConnectionCheck['protocol'] {
  if (text === 'TCP' || text === 'UDP' || text === 'SCTP') return text;
  throw new Error(`The corpus names the protocol ${text}: it must be TCP, UDP or SCTP.`);
}
