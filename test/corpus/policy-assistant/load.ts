import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectionCase, type ConnectionCheck, protocolOf } from '../connection-case.js';

interface Table {
  readonly test: string;
  readonly name: string;
  readonly ports: readonly number[];
  readonly protocols: readonly string[];
  readonly pods: readonly string[];
  /** The result of this direction alone, for every connection that is not among the other ones. */
  readonly ingress: 'allowed' | 'blocked';
  readonly egress: 'allowed' | 'blocked';
  readonly otherIngress?: readonly string[];
  readonly otherEgress?: readonly string[];
  readonly policies: readonly object[];
}

interface FlowEnd {
  readonly ip: string;
  readonly namespace?: string;
  readonly podLabels?: Record<string, string>;
  readonly namespaceLabels?: Record<string, string>;
}

interface Flow {
  readonly name: string;
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly protocol: string;
  readonly port: number | null;
  readonly portName: string | null;
  readonly expected: boolean;
  readonly policies: readonly object[];
}

const folder = join(process.cwd(), 'test/corpus/policy-assistant');

/** The connectivity tables: every pair of different pods, each port and protocol, each direction by itself. */
export function tableCases(): ConnectionCase[] {
  const tables: readonly Table[] = JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8'));
  return tables.map((table) => ({
    name: `${table.test}: ${table.name}`,
    manifests: [...tablePods(table), ...table.policies],
    checks: [
      ...tableChecks(table, 'ingress', table.ingress, table.otherIngress ?? []),
      ...tableChecks(table, 'egress', table.egress, table.otherEgress ?? []),
    ],
  }));
}

/** Single connections. An ipBlock matches addresses of pods in them. */
export function flowCases(): ConnectionCase[] {
  const flows: readonly Flow[] = JSON.parse(readFileSync(join(folder, 'flows.json'), 'utf8'));
  return flows.map((flow) => {
    const port = flow.port ?? 8080;
    const named = flow.portName === null ? [] : [{ name: flow.portName, containerPort: port }];
    const ends = [
      { end: flow.from, name: 'from', ports: [] },
      { end: flow.to, name: 'to', ports: named },
    ];
    return {
      name: flow.name,
      manifests: [
        ...ends.flatMap(({ end, name, ports }) =>
          end.namespace === undefined ? [] : podObjects(end.namespace, name, end, ports),
        ),
        ...flow.policies,
      ],
      checks: [
        {
          from: flow.from.namespace === undefined ? flow.from.ip : `${flow.from.namespace}/from`,
          to: flow.to.namespace === undefined ? flow.to.ip : `${flow.to.namespace}/to`,
          protocol: protocolOf(flow.protocol),
          port,
          allowed: flow.expected,
        },
      ],
    };
  });
}

/** As the Go test makes them: the label `pod` is the pod's name, `ns` the namespace's, and every port has a name. */
function tablePods(table: Table): object[] {
  const namespaces = new Set(table.pods.map((pod) => pod.split('/')[0] ?? ''));
  return [
    ...[...namespaces].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { ns: name } },
    })),
    ...table.pods.map((pod) => {
      const [namespace, name] = pod.split('/');
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels: { pod: name } },
        spec: {
          containers: table.ports.flatMap((port) =>
            table.protocols.map((protocol) => ({
              name: `cont-${port}-${protocol.toLowerCase()}`,
              image: 'agnhost',
              ports: [{ name: `serve-${port}-${protocol.toLowerCase()}`, containerPort: port, protocol }],
            })),
          ),
        },
      };
    }),
  ];
}

function tableChecks(
  table: Table,
  direction: 'ingress' | 'egress',
  result: 'allowed' | 'blocked',
  others: readonly string[],
): ConnectionCheck[] {
  return table.pods.flatMap((from) =>
    table.pods
      // What a pod does to itself is undefined in the tables.
      .filter((to) => to !== from)
      .flatMap((to) =>
        table.protocols.flatMap((protocol) =>
          table.ports.map((port) => ({
            from,
            to,
            protocol: protocolOf(protocol),
            port,
            direction,
            allowed: (result === 'allowed') !== others.includes(`${from} ${to} ${protocol} ${port}`),
          })),
        ),
      ),
  );
}

function podObjects(namespace: string, name: string, end: FlowEnd, ports: readonly object[]): object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: end.namespaceLabels ?? {} } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: end.podLabels ?? {} },
      spec: { containers: [{ name: 'server', image: 'agnhost', ports }] },
      status: { podIP: end.ip },
    },
  ];
}
