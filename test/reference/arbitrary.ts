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
import { clusterOf, type Pod } from './objects.js';
import type { Query } from './verdict.js';

export interface Case {
  readonly objects: readonly object[];
  /** Each has a pod at one end at least, never one workload of several pods at both. */
  readonly queries: readonly Query[];
}

/** What may be drawn; everything, unless it is said otherwise. */
export interface Shape extends WorkloadShape {
  readonly kinds: readonly PolicyKind[];
}

const everything: Shape = {
  kinds: ['NetworkPolicy', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'],
  hostNetwork: true,
  podAddresses: true,
  nodes: true,
};

const place = fc.nat(9999);
const queryDraw = fc.record({
  kind: fc.constantFrom('pods', 'pods', 'in', 'out'),
  one: place,
  two: place,
  protocol,
  port: place,
});

/** Cases of all kinds. */
export const arbitraryCase: fc.Arbitrary<Case> = arbitraryCaseOf({});

/** Cases without what the shape leaves out: `{ hostNetwork: false }` for one that knows no host-network pods. */
export function arbitraryCaseOf(shape: Partial<Shape>): fc.Arbitrary<Case> {
  const full = { ...everything, ...shape };
  return fc
    .record({ objects: objectsOf(full), draws: fc.array(queryDraw, { minLength: 8, maxLength: 24 }) })
    .map(({ objects, draws }) => {
      const choices = choicesOf(objects);
      return { objects, queries: draws.flatMap((draw) => queryOf(choices, draw)) };
    });
}

/** The objects as one YAML stream: JSON is YAML, and keeps what was drawn as it is. */
export function manifestsText(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object, null, 2)}\n`).join('---\n');
}

function objectsOf({ kinds, ...shape }: Shape): fc.Arbitrary<object[]> {
  return fc.subarray(namespaceNames, { minLength: 2 }).chain((namespaces) => {
    const some = (kind: PolicyKind, policy: fc.Arbitrary<PolicyDraw>, maxLength: number) =>
      fc.array(policy, { maxLength: kinds.includes(kind) ? maxLength : 0, size: 'max' });
    return fc
      .record({
        namespaces: fc.tuple(...namespaces.map(namespaceObject)),
        nodes: shape.nodes ? nodeObjects : fc.constant([]),
        workloads: workloads(namespaces, shape),
        networkPolicies: some('NetworkPolicy', networkPolicy(namespaces), 5),
        admin: some('AdminNetworkPolicy', clusterPolicy('AdminNetworkPolicy', shape.nodes), 2),
        baseline: some('BaselineAdminNetworkPolicy', clusterPolicy('BaselineAdminNetworkPolicy', shape.nodes), 1),
        cluster: some('ClusterNetworkPolicy', clusterPolicy('ClusterNetworkPolicy', shape.nodes), 3),
        names: shuffled(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']),
      })
      .map((drawn) => {
        const policies = [...drawn.networkPolicies, ...drawn.admin, ...drawn.baseline, ...drawn.cluster];
        const named = withOneBaseline(policies).map(({ object }, index) => object(drawn.names[index] ?? ''));
        return [...drawn.namespaces, ...drawn.nodes, ...drawn.workloads, ...named];
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

function queryOf(
  { pods, addresses, ports }: Choices,
  draw: { kind: string; one: number; two: number; protocol: Query['protocol']; port: number },
): Query[] {
  const pod = pods[draw.one % pods.length];
  const other = pods[draw.two % pods.length];
  const address = addresses[draw.two % addresses.length];
  const port = ports[draw.port % ports.length];
  if (pod === undefined || other === undefined || port === undefined) return [];
  const own = `${pod.namespace}/${pod.name}`;
  if (draw.kind !== 'pods' && address !== undefined) {
    const [from, to] = draw.kind === 'in' ? [address, own] : [own, address];
    return [{ from, to, protocol: draw.protocol, port }];
  }
  if (pod === other && pod.kind !== 'Pod') return [];
  return [{ from: own, to: `${other.namespace}/${other.name}`, protocol: draw.protocol, port }];
}

function choicesOf(objects: readonly object[]): Choices {
  const { pods } = clusterOf(objects);
  const text = JSON.stringify(objects);
  const taken = new Set(pods.flatMap(({ addresses }) => addresses.map((each) => formatAddress(parseAddress(each)))));
  const cidrs = [...text.matchAll(/"([0-9a-f.:]+\/\d+)"/g)].map(([, cidr]) => cidr ?? '');
  const edges = new Set(['198.51.100.1', ...cidrs.flatMap(edgesOf)]);
  const ends = [...text.matchAll(/"end(?:Port)?":(\d+)/g)].map(([, end]) => Number(end));
  const written = [...new Set([...portNumbers, ...ends])];
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
