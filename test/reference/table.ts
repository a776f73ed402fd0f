/** Tables of facts: policies, and what is then allowed. They are asked of the reference, and of the reference with faults. */
import type { ConnectionProtocol } from './connection.js';
import type { Implementation } from './mutants.js';
import type { Options } from './verdict.js';

export interface Row {
  readonly policies: readonly object[];
  /** `FROM TO PROTOCOL PORT yes|no|maybe`. */
  readonly expect: readonly string[];
}

export interface Table {
  readonly objects: readonly object[];
  readonly options: Options;
  readonly rows: Readonly<Record<string, Row>>;
}

/** What an implementation says otherwise; empty where it agrees. */
export function differences({ objects, options }: Table, row: Row, { clusterOf, verdict }: Implementation): string[] {
  const cluster = clusterOf([...objects, ...row.policies]);
  return row.expect.filter((line) => {
    const [from = '', to = '', protocol, port, expected] = line.split(' ');
    const query = { from, to, protocol: protocol as ConnectionProtocol, port: Number(port) };
    const { allowed, possible } = verdict(cluster, query, options);
    return (allowed ? 'yes' : possible ? 'maybe' : 'no') !== expected;
  });
}
