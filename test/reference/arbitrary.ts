/**
 * Random clusters with policies, and connections to ask about: to hold two implementations against each other. What is drawn
 * is valid for the API server and can be written down with `manifestsText`.
 */
import fc from 'fast-check';
import { formatAddress, parseAddress, rangeOf } from './addresses.js';
import {
  namespaceNames,
  namespaceObject,
  nodeObjects,
  portNumbers,
  protocol,
  type WorkloadShape,
  workloads,
} from './arbitrary-objects.js';
import { clusterPolicy, networkPolicy, type PolicyDraw, type PolicyKind } from './arbitrary-policies.js';
import type { ConnectionProtocol } from './connection.js';
import { clusterOf, type Pod, type Protocol } from './objects.js';
import type { Query } from './verdict.js';

export interface Case<P extends ConnectionProtocol = Protocol> {
  readonly objects: readonly object[];
  /** Each has a pod at one end at least, never one workload of several pods at both. */
  readonly queries: readonly Query<P>[];
}

/** What may be drawn; everything, unless it is said otherwise. */
export interface Shape extends WorkloadShape {
  readonly kinds: readonly PolicyKind[];
  /** How many network policies of Kubernetes there are at most. Default: 5. */
  readonly networkPolicies?: number;
}

const everything: Shape = {
  kinds: ['NetworkPolicy', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'],
  hostNetwork: true,
  podAddresses: true,
  nodes: true,
};

const place = fc.nat(9999);

interface QueryDraw<P> {
  readonly kind: string;
  readonly one: number;
  readonly two: number;
  readonly protocol: P;
  readonly port: number;
}

/** Cases of all kinds. */
export const arbitraryCase: fc.Arbitrary<Case> = arbitraryCaseOf({});

/** Cases without what the shape leaves out: `{ hostNetwork: false }` for one that knows no host-network pods. */
export function arbitraryCaseOf(shape: Partial<Shape>): fc.Arbitrary<Case> {
  return asked(objectsOf({ ...everything, ...shape }), protocol);
}

/** Objects, and questions about them in such protocols. */
export function asked<P extends ConnectionProtocol>(
  objects: fc.Arbitrary<readonly object[]>,
  protocols: fc.Arbitrary<P>,
): fc.Arbitrary<Case<P>> {
  const draw = fc.record({
    kind: fc.constantFrom('pods', 'pods', 'in', 'out'),
    one: place,
    two: place,
    protocol: protocols,
    port: place,
  });
  return fc.record({ objects, draws: fc.array(draw, { minLength: 8, maxLength: 24 }) }).map(({ objects, draws }) => {
    const choices = choicesOf(objects);
    return { objects, queries: draws.flatMap((each) => queryOf(choices, each)) };
  });
}

/** The objects as one YAML stream: JSON is YAML, and keeps what was drawn as it is. */
export function manifestsText(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object, null, 2)}\n`).join('---\n');
}

/** The objects of a shape, and others that need the namespaces' names. */
export function objectsOf(
  { kinds, networkPolicies = 5, ...shape }: Shape,
  others: (namespaces: readonly string[]) => fc.Arbitrary<object[]> = () => fc.constant([]),
): fc.Arbitrary<object[]> {
  return fc.subarray(namespaceNames, { minLength: 2 }).chain((namespaces) => {
    const some = (kind: PolicyKind, policy: fc.Arbitrary<PolicyDraw>, maxLength: number) =>
      fc.array(policy, { maxLength: kinds.includes(kind) ? maxLength : 0, size: 'max' });
    return fc
      .record({
        namespaces: fc.tuple(...namespaces.map(namespaceObject)),
        nodes: shape.nodes ? nodeObjects : fc.constant([]),
        workloads: workloads(namespaces, shape),
        networkPolicies: some('NetworkPolicy', networkPolicy(namespaces), networkPolicies),
        admin: some('AdminNetworkPolicy', clusterPolicy('AdminNetworkPolicy', shape.nodes), 2),
        baseline: some('BaselineAdminNetworkPolicy', clusterPolicy('BaselineAdminNetworkPolicy', shape.nodes), 1),
        cluster: some('ClusterNetworkPolicy', clusterPolicy('ClusterNetworkPolicy', shape.nodes), 3),
        names: shuffled(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']),
        others: others(namespaces),
      })
      .map((drawn) => {
        const policies = [...drawn.networkPolicies, ...drawn.admin, ...drawn.baseline, ...drawn.cluster];
        const named = withOneBaseline(policies).map(({ object }, index) => object(drawn.names[index] ?? ''));
        return [...drawn.namespaces, ...drawn.nodes, ...drawn.workloads, ...named, ...drawn.others];
      });
  });
}

/** The order between the two kinds of the baseline tier is nowhere defined: only one of them is left. */
function withOneBaseline(policies: readonly PolicyDraw[]): readonly PolicyDraw[] {
  const hasDefault = policies.some(({ kind }) => kind === 'BaselineAdminNetworkPolicy');
  return policies.filter(({ kind, isBaseline }) => !hasDefault || !isBaseline || kind === 'BaselineAdminNetworkPolicy');
}

function shuffled<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

interface Choices {
  readonly pods: readonly Pod[];
  /** Addresses that are no pod's: the first and last of each block, and their neighbours. */
  readonly addresses: readonly string[];
  /** Numbers that policies and pods name, and, less often, their neighbours. */
  readonly ports: readonly number[];
}

function queryOf<P extends ConnectionProtocol>({ pods, addresses, ports }: Choices, draw: QueryDraw<P>): Query<P>[] {
  const pod = pods[draw.one % pods.length];
  const other = pods[draw.two % pods.length];
  const address = addresses[draw.two % addresses.length];
  const numbers = numbersOf(draw.protocol, ports);
  const port = numbers[draw.port % numbers.length];
  if (pod === undefined || other === undefined || port === undefined) return [];
  const own = `${pod.namespace}/${pod.name}`;
  if (draw.kind !== 'pods' && address !== undefined) {
    const [from, to] = draw.kind === 'in' ? [address, own] : [own, address];
    return [{ from, to, protocol: draw.protocol, port }];
  }
  if (pod === other && pod.kind !== 'Pod') return [];
  return [{ from: own, to: `${other.namespace}/${other.name}`, protocol: draw.protocol, port }];
}

/** Types of messages, and numbers of protocols, that policies ask for, and others. */
function numbersOf(protocol: ConnectionProtocol, ports: readonly number[]): readonly number[] {
  if (protocol === 'ICMP') return [0, 3, 8, 128];
  if (protocol === 'ICMPv6') return [1, 8, 128, 129];
  return protocol === 'other' ? [47, 50, 136] : ports;
}

function choicesOf(objects: readonly object[]): Choices {
  const { pods } = clusterOf(objects);
  const text = JSON.stringify(objects);
  const taken = new Set(pods.flatMap(({ addresses }) => addresses.map((each) => formatAddress(parseAddress(each)))));
  const cidrs = [...text.matchAll(/"([0-9a-f.:]+\/\d+)"/g)].map(([, cidr]) => cidr ?? '');
  const edges = new Set(['198.51.100.1', ...cidrs.flatMap(edgesOf)]);
  const ends = [...text.matchAll(/"end(?:Port)?":(\d+)/g)].map(([, end]) => Number(end));
  // Calico's ranges and Cilium's ports are strings.
  const strings = [...text.matchAll(/"(?:port":")?(?:\d+:)?(\d+)"/g)].map(([, port]) => Number(port));
  const written = [...new Set([...portNumbers, ...ends, ...strings])];
  return {
    pods,
    addresses: [...edges].filter((address) => !taken.has(address)),
    ports: [...portNumbers, ...written.flatMap((port) => [port, port + 1, port - 1])].filter(
      (port) => port >= 1 && port <= 65535,
    ),
  };
}

function edgesOf(cidr: string): string[] {
  const { first, last } = rangeOf(cidr);
  const most = (1n << BigInt(first.bits)) - 1n;
  return [first.value - 1n, first.value, last.value, last.value + 1n]
    .filter((value) => value >= 0n && value <= most)
    .map((value) => formatAddress({ value, bits: first.bits }));
}
