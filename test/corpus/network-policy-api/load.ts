import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type ConnectionCase, type ConnectionCheck, protocolOf } from '../connection-case.js';

interface Cluster {
  readonly namespaces: readonly { readonly name: string; readonly labels: Record<string, string> }[];
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly ip: string;
    readonly hostNetwork: boolean;
    readonly labels: Record<string, string>;
    readonly ports: readonly object[];
  }[];
}

interface Probes {
  readonly test: string;
  readonly subtest: string;
  readonly policies: string;
  /** Namespaces whose labels the test has replaced. */
  readonly namespaceLabels?: Record<string, Record<string, string>>;
  readonly probes: readonly string[];
}

const folder = join(process.cwd(), 'test/corpus/network-policy-api');
const prefix = 'network-policy-conformance-';

/** The conformance suite: one case for each subtest, with the policies in force at that moment. */
export function conformanceCases(): ConnectionCase[] {
  const cluster: Cluster = JSON.parse(readFileSync(join(folder, 'cluster.json'), 'utf8'));
  const groups: readonly Probes[] = JSON.parse(readFileSync(join(folder, 'probes.json'), 'utf8'));
  return groups.map((group) => ({
    name: `${group.test}: ${group.subtest}`,
    manifests: [
      ...clusterObjects(cluster, group.namespaceLabels ?? {}),
      ...parseAllDocuments(readFileSync(join(folder, 'policies', group.policies), 'utf8')).map((each) => each.toJS()),
    ],
    checks: group.probes.map(checkOf),
  }));
}

/** Each pod has a node of its own, with the label that the kubelet sets and the suite's `nodes` peers ask for. */
function clusterObjects(cluster: Cluster, labels: NonNullable<Probes['namespaceLabels']>): object[] {
  return [
    ...cluster.namespaces.map((namespace) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace.name,
        labels: {
          'kubernetes.io/metadata.name': namespace.name,
          ...(labels[namespace.name.slice(prefix.length)] ?? namespace.labels),
        },
      },
    })),
    ...cluster.pods.flatMap((pod) => [
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `node-of-${pod.name}`, labels: { 'kubernetes.io/os': 'linux' } },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: pod.name, namespace: pod.namespace, labels: pod.labels },
        spec: {
          nodeName: `node-of-${pod.name}`,
          hostNetwork: pod.hostNetwork,
          containers: [{ name: 'server', image: 'example.com/server', ports: pod.ports }],
        },
        status: { podIP: pod.ip },
      },
    ]),
  ];
}

function checkOf(probe: string): ConnectionCheck {
  const [from, to, protocol, port, result] = probe.split(' ');
  return {
    from: `${prefix}${from}`,
    to: `${prefix}${to}`,
    protocol: protocolOf(protocol),
    port: Number(port),
    allowed: result === 'allowed',
  };
}
