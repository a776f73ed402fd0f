/**
 * Random clusters in which Calico or Cilium enforces the policies: its own, those of Kubernetes, and cluster-wide ones.
 * Ask the reference with `{ families }`.
 */
import fc from 'fast-check';
import { asked, type Case, objectsOf, type Shape } from './arbitrary.js';
import { calicoObjects } from './arbitrary-calico.js';
import { ciliumObjects } from './arbitrary-cilium.js';
import { services } from './arbitrary-objects.js';
import type { ConnectionProtocol } from './connection.js';

export type WideCase = Case<ConnectionProtocol>;

const everything: Shape = {
  kinds: ['NetworkPolicy', 'ClusterNetworkPolicy'],
  networkPolicies: 3,
  hostNetwork: true,
  podAddresses: true,
  nodes: true,
  serviceAccounts: true,
};

const protocols: fc.Arbitrary<ConnectionProtocol> = fc.oneof(
  { arbitrary: fc.constantFrom('TCP' as const), weight: 6 },
  { arbitrary: fc.constantFrom('UDP' as const, 'SCTP' as const), weight: 4 },
  { arbitrary: fc.constantFrom('ICMP' as const, 'ICMP' as const, 'ICMPv6' as const, 'other' as const), weight: 3 },
);

/** Cases without what the shape leaves out: `{ kinds: [] }` for Calico's policies alone. */
export function arbitraryCalicoCaseOf(shape: Partial<Shape>): fc.Arbitrary<WideCase> {
  return withOwn({ ...everything, ...shape }, calicoObjects);
}

/** Every pod says its node: which nodes are the pod's own one decides what `host` is. */
export function arbitraryCiliumCaseOf(shape: Partial<Shape>): fc.Arbitrary<WideCase> {
  return withOwn({ ...everything, everyPodHasNode: true, ...shape }, ciliumObjects).filter(hasNoTies);
}

export const arbitraryCalicoCase = arbitraryCalicoCaseOf({});
export const arbitraryCiliumCase = arbitraryCiliumCaseOf({});

function withOwn(shape: Shape, own: (namespaces: readonly string[]) => fc.Arbitrary<object[]>): fc.Arbitrary<WideCase> {
  const objects = objectsOf(shape, (namespaces) =>
    fc.tuple(services(namespaces), own(namespaces)).map((lists) => lists.flat()),
  );
  return asked(objects, protocols);
}

/** FACTS B2: in Cilium, cluster-wide policies of the same priority are merged, which is no order. */
function hasNoTies({ objects }: WideCase): boolean {
  const places = objects.flatMap((each) => {
    const { kind, spec } = each as { kind: string; spec?: { tier?: string; priority?: number } };
    return kind === 'ClusterNetworkPolicy' ? [`${spec?.tier} ${spec?.priority}`] : [];
  });
  return new Set(places).size === places.length;
}
