/**
 * Random Cilium policies and groups of CIDRs, as the API server and the agent accept them (FACTS A4.1, A4.3), in every shape
 * of the table in B5. Left out are keys of namespaces that hold where they are missing (`NotIn`): they open to what has no
 * namespace.
 */
import fc from 'fast-check';
import {
  namespaceNames,
  nodeSelector,
  podSelector,
  portNames,
  portNumbers,
  serviceAccountNames,
} from './arbitrary-objects.js';
import { blocks, ipBlock } from './arbitrary-policies.js';
import type { LabelSelector } from './objects.js';

type Direction = 'ingress' | 'egress';

/** The selector's keys under a source, or under none. */
const podKeys: fc.Arbitrary<LabelSelector> = fc
  .record({ selector: podSelector, source: fc.constantFrom('', '', 'k8s:', 'any:') })
  .map(({ selector: { matchLabels, matchExpressions }, source }) => ({
    ...(matchLabels
      ? { matchLabels: Object.fromEntries(Object.entries(matchLabels).map(([key, value]) => [source + key, value])) }
      : {}),
    ...(matchExpressions
      ? { matchExpressions: matchExpressions.map((each) => ({ ...each, key: source + each.key })) }
      : {}),
  }));

/** Labels of what pods are in and run as. */
const contextLabel: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc.constantFrom(...namespaceNames).map((name) => ({ 'k8s:io.kubernetes.pod.namespace': name })),
  fc.constantFrom(...namespaceNames).map((name) => ({ 'io.kubernetes.pod.namespace': name })),
  fc.constantFrom('a', 'b').map((team) => ({ 'k8s:io.cilium.k8s.namespace.labels.team': team })),
  fc.constantFrom('prod', 'test').map((env) => ({ 'io.cilium.k8s.namespace.labels.env': env })),
  fc.constantFrom(...serviceAccountNames, 'default').map((name) => ({ 'io.cilium.k8s.policy.serviceaccount': name })),
);
const contextExpression = fc.oneof(
  fc.subarray(namespaceNames, { minLength: 1, maxLength: 2 }).map((values) => ({
    key: 'k8s:io.kubernetes.pod.namespace',
    operator: 'In' as const,
    values,
  })),
  fc.constant({ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' as const }),
  fc.constant({ key: 'k8s:io.cilium.k8s.namespace.labels.team', operator: 'Exists' as const }),
);

const endpoint: fc.Arbitrary<LabelSelector> = fc.oneof(
  { arbitrary: podKeys, weight: 5 },
  {
    arbitrary: fc
      .tuple(podKeys, contextLabel)
      .map(([keys, label]) => ({ ...keys, matchLabels: { ...keys.matchLabels, ...label } })),
    weight: 3,
  },
  {
    arbitrary: fc
      .tuple(podKeys, contextExpression)
      .map(([keys, each]) => ({ ...keys, matchExpressions: [...(keys.matchExpressions ?? []), each] })),
    weight: 2,
  },
  {
    arbitrary: fc
      .constantFrom('host', 'remote-node', 'world')
      .map((name) => ({ matchLabels: { [`reserved:${name}`]: '' } })),
    weight: 1,
  },
);

const cidrRule = fc.oneof(
  { arbitrary: ipBlock, weight: 3 },
  { arbitrary: fc.record({ cidrGroupRef: fc.constantFrom('g0', 'g1') }), weight: 1 },
  {
    arbitrary: fc
      .constantFrom<LabelSelector>({}, { matchLabels: { kind: 'far' } })
      .map((cidrGroupSelector) => ({ cidrGroupSelector })),
    weight: 1,
  },
);

const entities = ['all', 'world', 'cluster', 'host', 'remote-node', 'none', 'kube-apiserver'];

/** At most one list of peers; sometimes an empty one. */
function peers(direction: Direction, isDeny: boolean, namespaces: readonly string[]): fc.Arbitrary<object> {
  const key = (name: string) => `${direction === 'ingress' ? 'from' : 'to'}${name}`;
  const listed = <T>(name: string, item: fc.Arbitrary<T>): fc.Arbitrary<object> =>
    fc.array(item, { minLength: 1, maxLength: 2 }).map((list) => ({ [key(name)]: list }));
  const namespace = fc.constantFrom(...namespaces);
  const service: fc.Arbitrary<object> = fc.oneof(
    fc.record({ k8sService: fc.record({ serviceName: fc.constant('back'), namespace }) }),
    fc.record({
      k8sServiceSelector: fc.record({
        selector: fc.constantFrom('back', 'front').map((tier) => ({ matchLabels: { tier } })),
        namespace,
      }),
    }),
  );
  const egressOnly: fc.WeightedArbitrary<object>[] = [
    { arbitrary: listed('Services', service), weight: 5 },
    ...(isDeny ? [] : [{ arbitrary: fc.constant({ toFQDNs: [{ matchPattern: '*.example.com' }] }), weight: 1 }]),
  ];
  return fc.oneof(
    { arbitrary: fc.constant({}), weight: 3 },
    { arbitrary: listed('Endpoints', endpoint), weight: 8 },
    { arbitrary: listed('Entities', fc.constantFrom(...entities)), weight: 4 },
    { arbitrary: listed('CIDR', fc.constantFrom(...blocks)), weight: 2 },
    { arbitrary: listed('CIDRSet', cidrRule), weight: 2 },
    { arbitrary: listed('Nodes', nodeSelector), weight: 2 },
    {
      arbitrary: fc
        .constantFrom('Endpoints', 'Entities', 'Nodes', 'CIDR', 'CIDRSet')
        .map((name) => ({ [key(name)]: [] })),
      weight: 1,
    },
    ...(direction === 'egress' ? egressOnly : []),
  );
}

const number = fc.constantFrom(...portNumbers.map(String), '0120');
const portProtocol = fc.constantFrom('TCP', 'TCP', 'UDP', 'SCTP', 'ANY');
const portItem: fc.Arbitrary<object> = fc.oneof(
  { arbitrary: fc.record({ port: number, protocol: portProtocol }, { requiredKeys: ['port'] }), weight: 4 },
  {
    arbitrary: fc.record({ port: fc.constantFrom(...portNames), protocol: portProtocol }, { requiredKeys: ['port'] }),
    weight: 2,
  },
  {
    arbitrary: fc.record(
      { port: fc.constant('0'), endPort: fc.constant(60), protocol: portProtocol },
      { requiredKeys: ['port'] },
    ),
    weight: 1,
  },
  {
    arbitrary: fc.record(
      { port: number, endPort: fc.constantFrom(50, 82, 8081, 65535), protocol: portProtocol },
      { requiredKeys: ['port', 'endPort'] },
    ),
    weight: 1,
  },
);
const someports = fc.array(portItem, { minLength: 1, maxLength: 2 }).map((ports) => ({ ports }));
const nothing = fc.constantFrom<object>({}, { ports: [] });
const conditional = fc
  .record({
    port: fc.constantFrom('80', '8080'),
    condition: fc.constantFrom<object>({ rules: { http: [{ method: 'GET' }] } }, { serverNames: ['shop.example.com'] }),
  })
  .map(({ port, condition }) => ({ ports: [{ port, protocol: 'TCP' }], ...condition }));
const dns = fc.constantFrom('*', '*.example.com').map((matchPattern) => ({
  ports: [{ port: '53', protocol: 'ANY' }],
  rules: { dns: [{ matchPattern }] },
}));
const icmps = fc
  .array(
    fc.record(
      { family: fc.constantFrom('IPv4', 'IPv6'), type: fc.constantFrom<number | string>(0, 3, 8, 128, 'EchoRequest') },
      { requiredKeys: ['type'] },
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((fields) => ({ icmps: [{ fields }] }));

/** Ports or messages, or neither. What denies asks for nothing of a connection's content. */
function traffic(direction: Direction, isDeny: boolean): fc.Arbitrary<object> {
  const item = fc.oneof(
    { arbitrary: someports, weight: 8 },
    { arbitrary: nothing, weight: 1 },
    ...(isDeny ? [] : [{ arbitrary: conditional, weight: 3 }]),
    ...(isDeny || direction === 'ingress' ? [] : [{ arbitrary: dns, weight: 3 }]),
  );
  return fc.oneof(
    { arbitrary: fc.constant({}), weight: 4 },
    { arbitrary: fc.array(item, { minLength: 1, maxLength: 2 }).map((toPorts) => ({ toPorts })), weight: 5 },
    { arbitrary: icmps, weight: 1 },
  );
}

const authentication = fc.oneof(
  { arbitrary: fc.constant({}), weight: 9 },
  { arbitrary: fc.constantFrom('required', 'disabled').map((mode) => ({ authentication: { mode } })), weight: 1 },
);

function entries(direction: Direction, isDeny: boolean, namespaces: readonly string[]): fc.Arbitrary<object[]> {
  const entry = fc
    .tuple(peers(direction, isDeny, namespaces), traffic(direction, isDeny), authentication)
    .map(([peer, ports, more]) => ({ ...peer, ...ports, ...(isDeny ? {} : more) }));
  return fc.array(entry, { minLength: 1, maxLength: 2 });
}

/** FACTS A4.3: some list has an entry. What a direction denies by default is said only where it has entries. */
function rule(namespaces: readonly string[]): fc.Arbitrary<object> {
  const list = (direction: Direction, isDeny: boolean, given: number) =>
    fc.oneof(
      { arbitrary: entries(direction, isDeny, namespaces), weight: given },
      { arbitrary: fc.constant(undefined), weight: 3 },
      { arbitrary: fc.constant<object[]>([]), weight: 1 },
    );
  return fc
    .record({
      endpointSelector: podKeys,
      ingress: list('ingress', false, 8),
      ingressDeny: list('ingress', true, 1),
      egress: list('egress', false, 5),
      egressDeny: list('egress', true, 1),
      spare: entries('ingress', false, namespaces),
      switched: fc.option(fc.constantFrom(true, false, false), { nil: undefined, freq: 2 }),
    })
    .map(({ endpointSelector, spare, switched, ...lists }) => {
      const hasEntries = Object.values(lists).some((list) => list !== undefined && list.length > 0);
      const given = Object.entries({ ...lists, ...(hasEntries ? {} : { ingress: spare }) });
      const written = given.flatMap(([key, list]) => (list === undefined ? [] : [{ key, list }]));
      const directions = (['ingress', 'egress'] as const).filter((each) =>
        written.some(({ key, list }) => key.startsWith(each) && list.length > 0),
      );
      const enableDefaultDeny = Object.fromEntries(directions.map((each) => [each, switched]));
      const said = Object.fromEntries(written.map(({ key, list }) => [key, list]));
      return { endpointSelector, ...said, ...(switched === undefined ? {} : { enableDefaultDeny }) };
    });
}

/** Such a rule may stand in clusterwide policies alone. */
const aboutNodes = { nodeSelector: {}, ingress: [{ fromEntities: ['cluster'] }] };

function policy(namespaces: readonly string[]): fc.Arbitrary<(name: string) => object> {
  return fc
    .record({
      isClusterwide: fc.nat(2).map((drawn) => drawn === 0),
      namespace: fc.constantFrom(...namespaces),
      place: fc.constantFrom('spec', 'spec', 'spec', 'specs', 'both'),
      isForNodes: fc.nat(5).map((drawn) => drawn === 0),
      rules: fc.tuple(rule(namespaces), rule(namespaces)),
    })
    .map(({ isClusterwide, namespace, place, isForNodes, rules: [one, drawn] }) => {
      const two = isClusterwide && isForNodes ? aboutNodes : drawn;
      return { isClusterwide, namespace, place, one, two };
    })
    .map(({ isClusterwide, namespace, place, one, two }) => (name: string) => ({
      apiVersion: 'cilium.io/v2',
      kind: isClusterwide ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
      metadata: isClusterwide ? { name } : { name, namespace },
      ...(place === 'specs' ? { specs: [one, two] } : { spec: one }),
      ...(place === 'both' ? { specs: [two] } : {}),
    }));
}

const groups = fc.tuple(
  ...['g0', 'g1'].map((name) =>
    fc
      .record({
        kind: fc.constantFrom('far', 'near'),
        externalCIDRs: fc.uniqueArray(fc.constantFrom(...blocks), { minLength: 1, maxLength: 2 }),
      })
      .map(({ kind, externalCIDRs }) => ({
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumCIDRGroup',
        metadata: { name, labels: { kind } },
        spec: { externalCIDRs },
      })),
  ),
);

/** One to five policies, with the groups of CIDRs they may ask for. */
export function ciliumObjects(namespaces: readonly string[]): fc.Arbitrary<object[]> {
  return fc
    .record({
      groups,
      policies: fc.array(policy(namespaces), { minLength: 1, maxLength: 5, size: 'max' }),
      names: fc.shuffledSubarray(['l', 'm', 'n', 'o', 'p'], { minLength: 5 }),
    })
    .map(({ groups, policies, names }) => [...groups, ...policies.map((make, index) => make(names[index] ?? ''))]);
}
