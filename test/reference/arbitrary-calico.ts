/**
 * Random Calico policies, tiers and network sets, as Calico accepts them (FACTS A3.1 to A3.5). Left out is what no manifest
 * tells for certain: labels of service accounts, IP versions without addresses, notICMP without ICMP; and ties with the
 * network policies of Kubernetes at order 1000.
 */
import fc from 'fast-check';
import { namespaceNames, portNames, portNumbers, serviceAccountNames } from './arbitrary-objects.js';
import { blocks } from './arbitrary-policies.js';

const v3 = 'projectcalico.org/v3';
const tierNames = ['first', 'last'];

/** What a label is compared with: values of pods' labels, and of network sets'. */
const podValues: Readonly<Record<string, readonly string[]>> = {
  app: ['web', 'api', 'db'],
  role: ['front', 'back'],
  kind: ['far', 'near'],
  'projectcalico.org/namespace': namespaceNames,
  'projectcalico.org/orchestrator': ['k8s', 'none'],
  'projectcalico.org/serviceaccount': [...serviceAccountNames, 'default'],
};
const namespaceValues: Readonly<Record<string, readonly string[]>> = {
  team: ['a', 'b'],
  env: ['prod', 'test'],
  'kubernetes.io/metadata.name': namespaceNames,
  'projectcalico.org/name': namespaceNames,
};

/** `TERM`, `TERM && TERM`, `!(TERM || TERM)` and so on. */
function expression(values: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<string> {
  const term = fc.constantFrom(...Object.entries(values)).chain(([key, known]) => {
    const value = fc.constantFrom(...known);
    const set = fc
      .subarray([...known], { minLength: 1, maxLength: 2 })
      .map((list) => `{${list.map(quoted).join(', ')}}`);
    return fc.oneof(
      { arbitrary: value.map((each) => `${key} == ${quoted(each)}`), weight: 5 },
      { arbitrary: value.map((each) => `${key} != ${quoted(each)}`), weight: 2 },
      { arbitrary: set.map((each) => `${key} in ${each}`), weight: 2 },
      { arbitrary: set.map((each) => `${key} not in ${each}`), weight: 1 },
      { arbitrary: fc.constantFrom(`has(${key})`, `!has(${key})`), weight: 2 },
      { arbitrary: value.map((each) => `${key} contains ${quoted(each.slice(1, 2))}`), weight: 1 },
      { arbitrary: value.map((each) => `${key} starts with ${quoted(each.slice(0, 1))}`), weight: 1 },
      { arbitrary: value.map((each) => `${key} ends with ${quoted(each.slice(-1))}`), weight: 1 },
    );
  });
  const two = fc.tuple(term, term);
  return fc.oneof(
    { arbitrary: term, weight: 6 },
    { arbitrary: two.map(([a, b]) => `${a} && ${b}`), weight: 2 },
    { arbitrary: two.map(([a, b]) => `${a} || ${b}`), weight: 2 },
    { arbitrary: two.map(([a, b]) => `!(${a} && ${b})`), weight: 1 },
    { arbitrary: fc.tuple(term, term, term).map(([a, b, c]) => `(${a} || ${b}) && ${c}`), weight: 1 },
    { arbitrary: fc.constant('all()'), weight: 1 },
  );
}

function quoted(value: string): string {
  return `'${value}'`;
}

const selector = expression(podValues);
const subject = fc.oneof({ arbitrary: fc.constantFrom('', 'all()'), weight: 1 }, { arbitrary: selector, weight: 1 });
const namespaceSelector = expression(namespaceValues);

/** FACTS A3.2: the nets of a rule are all of one family, and notNets are never everything. */
const v4 = blocks.filter((each) => !each.includes(':'));
const v6 = blocks.filter((each) => each.includes(':'));
function nets(family: readonly string[]) {
  return fc.uniqueArray(fc.constantFrom(...family), { minLength: 1, maxLength: 2 });
}

/** The end that a rule is about, without its ports. */
function entity(family: readonly string[]): fc.Arbitrary<object> {
  const notNets = nets(family.filter((each) => !each.endsWith('/0')));
  const serviceAccounts = fc.record({
    names: fc.subarray([...serviceAccountNames, 'default'], { minLength: 1, maxLength: 2 }),
  });
  return fc.oneof(
    { arbitrary: fc.constant({}), weight: 8 },
    { arbitrary: fc.record({ selector }), weight: 5 },
    { arbitrary: fc.record({ selector, namespaceSelector }), weight: 3 },
    {
      arbitrary: fc.record({
        namespaceSelector: fc.oneof(namespaceSelector, fc.constantFrom('global()', 'all()', 'all()')),
      }),
      weight: 3,
    },
    { arbitrary: fc.record({ notSelector: selector }), weight: 1 },
    { arbitrary: fc.record({ selector, notSelector: selector }), weight: 1 },
    { arbitrary: fc.record({ nets: nets(family), notNets }, { requiredKeys: ['nets'] }), weight: 3 },
    { arbitrary: fc.record({ notNets }), weight: 1 },
    { arbitrary: fc.record({ selector, nets: nets(family), notNets }, { requiredKeys: ['selector'] }), weight: 1 },
    { arbitrary: fc.record({ serviceAccounts, namespaceSelector }, { requiredKeys: ['serviceAccounts'] }), weight: 3 },
  );
}

const portName = fc.constantFrom(...portNames);
const port = fc.oneof(
  fc.constantFrom<number | string>(...portNumbers),
  fc.constantFrom<number | string>('80:81', '53:8080', '8080:8080', '1:65535'),
  portName,
);
const portLists = fc.record(
  { ports: fc.array(port, { minLength: 1, maxLength: 2 }), notPorts: fc.array(port, { minLength: 1, maxLength: 2 }) },
  { requiredKeys: ['ports'] },
);

interface Traffic {
  readonly rule: object;
  readonly destination?: object;
  readonly source?: object;
}

/** Protocol, messages and ports. FACTS A3.2: numbers of ports stand only beside a protocol that has them. */
const traffic: fc.Arbitrary<Traffic> = fc.oneof(
  { arbitrary: fc.constant({ rule: {} }), weight: 9 },
  {
    arbitrary: fc
      .record({ protocol: fc.constantFrom('TCP', 'TCP', 'UDP', 'SCTP', 6, '17'), lists: fc.option(portLists) })
      .map(({ protocol, lists }) => ({ rule: { protocol }, ...(lists === null ? {} : { destination: lists }) })),
    weight: 8,
  },
  {
    arbitrary: fc
      .array(portName, { minLength: 1, maxLength: 2 })
      .map((ports) => ({ rule: {}, destination: { ports } })),
    weight: 1,
  },
  {
    arbitrary: fc
      .record({ protocol: fc.constantFrom('TCP', 'UDP'), list: fc.constantFrom('ports', 'notPorts') })
      .map(({ protocol, list }) => ({ rule: { protocol }, source: { [list]: [1024, '30000:40000'] } })),
    weight: 1,
  },
  {
    arbitrary: fc.oneof(
      fc.constantFrom(
        { rule: { notProtocol: 'TCP' } },
        { rule: { protocol: 'UDPLite' } },
        { rule: { protocol: 'UDPLite' } },
        { rule: { protocol: 47 } },
        { rule: { protocol: 'ICMP' } },
        { rule: { protocol: 'ICMPv6', icmp: { type: 128 } } },
      ),
      fc
        .record({
          key: fc.constantFrom('icmp', 'notICMP'),
          fields: fc.record({ type: fc.constantFrom(0, 3, 8), code: fc.constant(4) }, { requiredKeys: ['type'] }),
        })
        .map(({ key, fields }) => ({ rule: { protocol: 'ICMP', [key]: fields } })),
    ),
    weight: 4,
  },
);

/** FACTS A3.2: services stand alone in the other end of a rule; HTTP allows, on ingress, TCP. */
function rule(direction: 'ingress' | 'egress', isGlobal: boolean, namespaces: readonly string[]): fc.Arbitrary<object> {
  const [other, own] = direction === 'ingress' ? ['source', 'destination'] : ['destination', 'source'];
  return fc
    .record({
      action: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny', 'Pass', 'Log'),
      family: fc.constantFrom(v4, v4, v6),
      traffic,
      isOwn: fc.nat(5).map((drawn) => drawn === 0),
      special: fc.nat(5),
      service: fc.record(
        { name: fc.constant('back'), namespace: fc.constantFrom(...namespaces) },
        { requiredKeys: isGlobal ? ['name', 'namespace'] : ['name'] },
      ),
    })
    .chain(({ action, family, traffic, isOwn, special, service }) =>
      fc.record({ peer: entity(family), self: isOwn ? entity(family) : fc.constant({}) }).map(({ peer, self }) => {
        if (special === 0) return { action, [other]: { services: service } };
        if (special === 1 && direction === 'ingress') {
          return {
            action: 'Allow',
            protocol: 'TCP',
            source: peer,
            destination: { ports: [80] },
            http: { methods: ['GET'] },
          };
        }
        const ends: Readonly<Record<string, object>> = { [other]: peer, [own]: self };
        const written = {
          source: { ...ends.source, ...traffic.source },
          destination: { ...ends.destination, ...traffic.destination },
        };
        const said = Object.entries(written).filter(([, end]) => Object.keys(end).length > 0);
        return { action, ...traffic.rule, ...Object.fromEntries(said) };
      }),
    );
}

function policy(namespaces: readonly string[]): fc.Arbitrary<(name: string) => object> {
  return fc
    .record({
      isGlobal: fc.boolean(),
      isStaged: fc.nat(9).map((drawn) => drawn === 0),
      isRaw: fc.nat(5).map((drawn) => drawn === 0),
      namespace: fc.constantFrom(...namespaces),
    })
    .chain(({ isGlobal, isStaged, isRaw, namespace }) => {
      const rules = (direction: 'ingress' | 'egress') =>
        fc.array(rule(direction, isGlobal, namespaces), { maxLength: 3, size: 'max' });
      const spec = fc.record(
        {
          tier: fc.constantFrom('default', 'default', ...tierNames),
          order: fc.constantFrom(0, 5, 10.5, 999, 1001, 1001, 5000, 5000),
          types: fc.subarray(['Ingress', 'Egress'], { minLength: 1 }),
          selector: subject,
          ...(isGlobal ? { namespaceSelector } : {}),
          ingress: rules('ingress'),
          egress: rules('egress'),
        },
        { requiredKeys: [] },
      );
      const kind = `${isStaged ? 'Staged' : ''}${isGlobal ? 'Global' : ''}NetworkPolicy`;
      return spec.map((drawn) => (name: string) => ({
        apiVersion: isRaw && !isStaged ? 'crd.projectcalico.org/v1' : v3,
        kind,
        metadata: isGlobal ? { name } : { name, namespace },
        spec: drawn,
      }));
    });
}

const tiers = fc.tuple(
  ...tierNames.map((name) =>
    fc
      .record(
        { order: fc.constantFrom(10, 20, 2000, 1_500_000, 20_000_000), defaultAction: fc.constantFrom('Deny', 'Pass') },
        { requiredKeys: [] },
      )
      .map((spec) => ({ apiVersion: v3, kind: 'Tier', metadata: { name }, spec })),
  ),
);

/** Labels as pods have them, too, so that one selector takes in both. */
function networkSets(namespaces: readonly string[]): fc.Arbitrary<object[]> {
  const drawn = fc.record({
    namespace: fc.option(fc.constantFrom(...namespaces), { nil: undefined, freq: 2 }),
    labels: fc.record({ kind: fc.constantFrom('far', 'near'), app: fc.constant('web') }, { requiredKeys: ['kind'] }),
    nets: fc.uniqueArray(fc.constantFrom(...blocks.filter((each) => !each.endsWith('/0')), '10.1.0.3', '203.0.113.9'), {
      minLength: 1,
      maxLength: 2,
    }),
  });
  return fc.array(drawn, { maxLength: 3, size: 'max' }).map((sets) =>
    sets.map(({ namespace, labels, nets }, index) => ({
      apiVersion: v3,
      kind: namespace === undefined ? 'GlobalNetworkSet' : 'NetworkSet',
      metadata: { name: `set${index}`, labels, ...(namespace === undefined ? {} : { namespace }) },
      spec: { nets },
    })),
  );
}

/** One to six policies, with the tiers and network sets they may ask for. */
export function calicoObjects(namespaces: readonly string[]): fc.Arbitrary<object[]> {
  return fc
    .record({
      tiers,
      sets: networkSets(namespaces),
      policies: fc.array(policy(namespaces), { minLength: 1, maxLength: 6, size: 'max' }),
      names: fc.shuffledSubarray(['az', 'bz', 'cz', 'dz', 'fz', 'hz'], { minLength: 6 }),
    })
    .map(({ tiers, sets, policies, names }) => [
      ...tiers,
      ...sets,
      ...policies.map((make, index) => make(names[index] ?? '')),
    ]);
}
