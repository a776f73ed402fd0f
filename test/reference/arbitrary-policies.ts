/** Random policies of the four kinds, as the API server accepts them (FACTS A1, A2), often about the same pods and ports. */
import fc from 'fast-check';
import { rangeOf } from './addresses.js';
import { namespaceSelector, nodeSelector, podSelector, portNames, portNumbers, protocol } from './arbitrary-objects.js';
import type { AdminPort, ClusterPolicyPeer, ClusterProtocol } from './objects.js';

export type PolicyKind = 'NetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';

/** A policy that lacks its name yet. */
export interface PolicyDraw {
  readonly kind: PolicyKind;
  readonly isBaseline: boolean;
  readonly object: (name: string) => object;
}

/** Some hold addresses of pods (10.1.0.N, fd00:1::N), and most lie within others. */
export const blocks = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.0.0/30',
  '10.1.0.2/31',
  '192.168.0.0/16',
  '192.168.1.0/24',
  '192.168.1.128/25',
  '203.0.113.7/32',
  '::/0',
  'fd00::/8',
  'fd00:1::/64',
  'fd00:1::4/126',
  '2001:db8::/32',
  '2001:db8:0:1::/64',
];

/** A list of a NetworkPolicy: to the server, null and [] mean what a missing key means (FACTS A0, A1). */
function maybe<T>(list: fc.Arbitrary<T[]>): fc.Arbitrary<T[] | null> {
  return fc.oneof({ arbitrary: list, weight: 8 }, { arbitrary: fc.constantFrom<T[] | null>([], null), weight: 1 });
}

/** FACTS A1: an exception lies within the block and is smaller. */
export const ipBlock = fc.constantFrom(...blocks).chain((cidr) => {
  const within = blocks.filter((each) => each !== cidr && isWithin(each, cidr));
  if (within.length === 0) return fc.constant({ cidr });
  const except = fc.uniqueArray(fc.constantFrom(...within), { minLength: 1, maxLength: 2 });
  return fc.record({ cidr: fc.constant(cidr), except }, { requiredKeys: ['cidr'] });
});

function isWithin(inner: string, outer: string): boolean {
  const [a, b] = [rangeOf(inner), rangeOf(outer)];
  return a.first.bits === b.first.bits && b.first.value <= a.first.value && a.last.value <= b.last.value;
}

const peer = fc.oneof(
  { arbitrary: fc.record({ podSelector }), weight: 2 },
  { arbitrary: fc.record({ namespaceSelector }), weight: 2 },
  { arbitrary: fc.record({ podSelector, namespaceSelector }), weight: 3 },
  { arbitrary: fc.record({ ipBlock }), weight: 2 },
);

const number = fc.constantFrom(...portNumbers);
/** A first and a last port; the last is not smaller. */
const range = fc
  .record({ start: number, more: fc.constantFrom(0, 1, 2, 28, 60000) })
  .map(({ start, more }) => ({ start, end: Math.min(start + more, 65535) }));
const name = fc.constantFrom(...portNames);

const port = fc.oneof(
  fc.record({ port: number, protocol }, { requiredKeys: ['port'] }),
  fc.record({ port: name, protocol }, { requiredKeys: ['port'] }),
  fc.record({ protocol }, { requiredKeys: [] }),
  fc
    .record({ range, protocol: fc.option(protocol) })
    .map(({ range, protocol }) => ({ port: range.start, endPort: range.end, protocol })),
);

function networkPolicyRule(key: 'from' | 'to') {
  return fc.record(
    {
      [key]: maybe(fc.array(peer, { minLength: 1, maxLength: 2 })),
      ports: maybe(fc.array(port, { minLength: 1, maxLength: 2 })),
    },
    { requiredKeys: [] },
  );
}

export function networkPolicy(namespaces: readonly string[]): fc.Arbitrary<PolicyDraw> {
  return fc
    .record({
      namespace: fc.constantFrom(...namespaces),
      spec: fc.record(
        {
          podSelector,
          policyTypes: maybe(fc.subarray(['Ingress', 'Egress'], { minLength: 1 })),
          ingress: maybe(fc.array(networkPolicyRule('from'), { minLength: 1, maxLength: 2 })),
          egress: maybe(fc.array(networkPolicyRule('to'), { minLength: 1, maxLength: 2 })),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ namespace, spec }) => ({
      kind: 'NetworkPolicy',
      isBaseline: false,
      object: (name) => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name, namespace },
        spec,
      }),
    }));
}

const adminPort: fc.Arbitrary<AdminPort> = fc.oneof(
  fc.record({ portNumber: fc.record({ port: number, protocol }) }),
  fc.record({
    portRange: fc
      .record({ range, protocol }, { requiredKeys: ['range'] })
      .map(({ range, ...rest }) => ({ ...range, ...rest })),
  }),
  fc.record({ namedPort: name }),
);

/** FACTS A2.3: a range has at least two ports. */
const destinationPort = fc.record({
  destinationPort: fc.oneof(
    fc.record({ number }),
    fc.record({ range: range.map(({ start, end }) => ({ start, end: Math.max(end, start + 1) })) }),
  ),
});
const clusterProtocol: fc.Arbitrary<ClusterProtocol> = fc.oneof(
  { arbitrary: fc.record({ tcp: destinationPort }), weight: 2 },
  { arbitrary: fc.record({ udp: destinationPort }), weight: 1 },
  { arbitrary: fc.record({ sctp: destinationPort }), weight: 1 },
  { arbitrary: fc.record({ destinationNamedPort: name }), weight: 2 },
);

/** FACTS A2.1 and A2.3: `pods.namespaceSelector` may be left out in ClusterNetworkPolicy alone. */
function podsOrNamespaces(kind: PolicyKind) {
  const optional = kind === 'ClusterNetworkPolicy';
  const pods = fc.record(
    { podSelector, namespaceSelector },
    { requiredKeys: optional ? ['podSelector'] : ['podSelector', 'namespaceSelector'] },
  );
  return [fc.record({ namespaces: namespaceSelector }), fc.record({ pods })];
}

function clusterRules(kind: PolicyKind, key: 'from' | 'to', nodes: boolean): fc.Arbitrary<object[]> {
  const networks = fc.uniqueArray(fc.constantFrom(...blocks), { minLength: 1, maxLength: 2 });
  const peer: fc.Arbitrary<ClusterPolicyPeer> = fc.oneof(
    ...podsOrNamespaces(kind),
    ...(key === 'to' ? [fc.record({ networks })] : []),
    ...(key === 'to' && nodes ? [fc.record({ nodes: nodeSelector })] : []),
  );
  const allow = kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow';
  const actions = kind === 'BaselineAdminNetworkPolicy' ? [allow, 'Deny'] : [allow, 'Deny', 'Pass'];
  const ports: fc.Arbitrary<(AdminPort | ClusterProtocol)[]> =
    kind === 'ClusterNetworkPolicy'
      ? fc.array(clusterProtocol, { minLength: 1, maxLength: 2 })
      : fc.array(adminPort, { minLength: 1, maxLength: 2 });
  const rule = fc
    .record({
      action: fc.constantFrom(...actions),
      peers: fc.array(peer, { minLength: 1, maxLength: 2 }),
      ports: fc.option(ports, { nil: undefined, freq: 2 }),
    })
    .map(({ action, peers, ports }) => {
      // The experimental schemas refuse named ports beside addresses and nodes.
      const isOutside = peers.some((each) => each.networks !== undefined || each.nodes !== undefined);
      const kept = (ports ?? []).filter(
        (each) => !isOutside || !('namedPort' in each || 'destinationNamedPort' in each),
      );
      const portsKey = kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports';
      return { action, [key]: peers, ...(kept.length > 0 ? { [portsKey]: kept } : {}) };
    });
  return fc.array(rule, { maxLength: 3, size: 'max' });
}

/** A policy of one of the cluster-wide kinds. Priorities are few, so that they tie; the baseline of v1alpha1 is `default`. */
export function clusterPolicy(kind: Exclude<PolicyKind, 'NetworkPolicy'>, nodes: boolean): fc.Arbitrary<PolicyDraw> {
  const isV2 = kind === 'ClusterNetworkPolicy';
  const isDefault = kind === 'BaselineAdminNetworkPolicy';
  return fc
    .record({
      tier: fc.constantFrom('Admin', 'Baseline'),
      priority: fc.constantFrom(0, 5, 10, 1000),
      subject: fc.oneof(...podsOrNamespaces(kind)),
      ingress: clusterRules(kind, 'from', nodes),
      egress: clusterRules(kind, 'to', nodes),
    })
    .map(({ tier, priority, ...spec }) => ({
      kind,
      isBaseline: isDefault || (isV2 && tier === 'Baseline'),
      object: (name) => ({
        apiVersion: `policy.networking.k8s.io/${isV2 ? 'v1alpha2' : 'v1alpha1'}`,
        kind,
        metadata: { name: isDefault ? 'default' : name },
        spec: { ...(isV2 ? { tier } : {}), ...(isDefault ? {} : { priority }), ...spec },
      }),
    }));
}
