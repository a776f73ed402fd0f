/** Random namespaces, nodes and workloads that the API server accepts. Labels come from small pools, so that they collide. */
import fc from 'fast-check';
import type { LabelSelector } from './objects.js';

/** The values that a key's labels have; selectors ask for the same ones. */
type Pool = Readonly<Record<string, readonly string[]>>;

const podPool: Pool = { app: ['web', 'api', 'db'], role: ['front', 'back'] };
const namespacePool: Pool = { team: ['a', 'b'], env: ['prod', 'test'] };
const nodePool: Pool = { zone: ['one', 'two'] };
export const namespaceNames = ['shop', 'ops', 'dev', 'mon'];
export const portNames = ['http', 'dns', 'metrics'];
export const portNumbers = [53, 80, 81, 8080];
const nodeNames = ['n1', 'n2'];
export const serviceAccountNames = ['robot', 'clerk'];

export const protocol = fc.oneof(
  { arbitrary: fc.constant('TCP' as const), weight: 3 },
  { arbitrary: fc.constantFrom('UDP' as const, 'SCTP' as const), weight: 2 },
);
export const podSelector = selector(podPool);
export const namespaceSelector = selector({ ...namespacePool, 'kubernetes.io/metadata.name': namespaceNames });
export const nodeSelector = selector(nodePool);

export interface WorkloadShape {
  readonly hostNetwork: boolean;
  readonly podAddresses: boolean;
  readonly nodes: boolean;
  /** Every pod says its node. Default: some do, where there are nodes. */
  readonly everyPodHasNode?: boolean;
  /** Some pods have a service account. Default: none has. */
  readonly serviceAccounts?: boolean;
}

export function namespaceObject(name: string): fc.Arbitrary<object> {
  return labels(namespacePool).map((drawn) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: drawn },
  }));
}

export const nodeObjects: fc.Arbitrary<object[]> = fc.tuple(
  ...nodeNames.map((name) =>
    labels(nodePool).map((drawn) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: drawn } })),
  ),
);

/** Three to eight pods, and objects that make pods. Their names are `w0` and so on, each only once. */
export function workloads(namespaces: readonly string[], shape: WorkloadShape): fc.Arbitrary<object[]> {
  return fc
    .array(workload(namespaces, shape), { minLength: 3, maxLength: 8 })
    .map((made) => made.map((make, i) => make(i)));
}

/** One service of a namespace, `back`, or none; its ports name container ports, or numbers. */
export function services(namespaces: readonly string[]): fc.Arbitrary<object[]> {
  const service = fc
    .record({
      tier: fc.constantFrom('back', 'front'),
      selector: label(podPool),
      targets: fc.uniqueArray(fc.constantFrom<number | string | undefined>(undefined, 53, 8080, ...portNames), {
        minLength: 1,
        maxLength: 2,
      }),
      protocol,
    })
    .map(({ tier, selector, targets, protocol }) => ({
      labels: { tier },
      spec: {
        selector,
        ports: targets.map((targetPort, index) => ({
          name: `p${index}`,
          port: index === 0 ? 80 : 81,
          protocol,
          ...(targetPort === undefined ? {} : { targetPort }),
        })),
      },
    }));
  const made = namespaces.map((namespace) =>
    fc.option(service, { nil: undefined, freq: 4 }).map((drawn) => {
      if (drawn === undefined) return [];
      const metadata = { name: 'back', namespace, labels: drawn.labels };
      return [{ apiVersion: 'v1', kind: 'Service', metadata, spec: drawn.spec }];
    }),
  );
  return fc.tuple(...made).map((lists) => lists.flat());
}

/** A selector; `{}` among others. */
function selector(pool: Pool): fc.Arbitrary<LabelSelector> {
  const matchLabels = fc.oneof({ arbitrary: label(pool), weight: 3 }, { arbitrary: labels(pool), weight: 1 });
  const matchExpressions = fc.oneof(
    { arbitrary: fc.tuple(requirement(pool)), weight: 3 },
    { arbitrary: fc.tuple(requirement(pool), requirement(pool)), weight: 1 },
  );
  return fc.oneof(
    { arbitrary: fc.constant({}), weight: 5 },
    { arbitrary: fc.record({ matchLabels }), weight: 3 },
    { arbitrary: fc.record({ matchExpressions }), weight: 3 },
    { arbitrary: fc.record({ matchLabels, matchExpressions }), weight: 1 },
  );
}

/** In and NotIn need values, Exists and DoesNotExist have none (FACTS A0). */
function requirement(pool: Pool) {
  return fc.constantFrom(...Object.entries(pool)).chain(([key, values]) =>
    fc.oneof(
      fc.record({
        key: fc.constant(key),
        operator: fc.constantFrom('In' as const, 'NotIn' as const),
        values: fc.subarray([...values], { minLength: 1, maxLength: 2 }),
      }),
      fc.record({ key: fc.constant(key), operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
    ),
  );
}

/** One label. */
function label(pool: Pool): fc.Arbitrary<Record<string, string>> {
  return fc
    .constantFrom(...Object.entries(pool))
    .chain(([key, values]) => fc.constantFrom(...values).map((value) => ({ [key]: value })));
}

/** Some keys of the pool, or none, each with one of its values. */
function labels(pool: Pool): fc.Arbitrary<Record<string, string>> {
  return fc
    .subarray(Object.entries(pool))
    .chain((entries) =>
      fc
        .tuple(...entries.map(([key, values]) => fc.constantFrom(...values).map((value) => [key, value] as const)))
        .map((pairs) => Object.fromEntries(pairs)),
    );
}

/** A name stands once in a container; another container of the pod may have it for another number. */
const containerPorts = fc.uniqueArray(
  fc.record(
    { name: fc.constantFrom(...portNames), containerPort: fc.constantFrom(...portNumbers), protocol },
    { requiredKeys: ['containerPort'] },
  ),
  { maxLength: 3, selector: ({ name, containerPort }) => name ?? containerPort },
);

function workload(namespaces: readonly string[], shape: WorkloadShape): fc.Arbitrary<(index: number) => object> {
  return fc
    .record({
      kind: fc.oneof(
        { arbitrary: fc.constant('Pod'), weight: 3 },
        { arbitrary: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'), weight: 1 },
      ),
      namespace: fc.constantFrom(...namespaces),
      labels: labels(podPool),
      main: containerPorts,
      second: fc.option(containerPorts, { nil: undefined, freq: 2 }),
      sidecar: fc.option(containerPorts, { nil: undefined, freq: 2 }),
      hostNetwork: shape.hostNetwork ? fc.nat(7).map((drawn) => drawn === 0) : fc.constant(false),
      family: fc.constantFrom('v4', 'v6', undefined),
      node: shape.everyPodHasNode
        ? fc.constantFrom(...nodeNames)
        : shape.nodes
          ? fc.option(fc.constantFrom(...nodeNames), { nil: undefined })
          : fc.constant(undefined),
      serviceAccount: shape.serviceAccounts
        ? fc.option(fc.constantFrom(...serviceAccountNames), { nil: undefined, freq: 2 })
        : fc.constant(undefined),
    })
    .map((drawn) => (index) => {
      const containers = [
        // On the node's network the ports of all containers must differ: one of them is enough.
        { name: 'main', image: 'app', ports: drawn.hostNetwork ? drawn.main.slice(0, 1) : drawn.main },
        ...(drawn.second === undefined || drawn.hostNetwork
          ? []
          : [{ name: 'second', image: 'app', ports: drawn.second }]),
      ];
      const initContainers =
        drawn.sidecar === undefined || drawn.hostNetwork
          ? []
          : [{ name: 'sidecar', image: 'app', restartPolicy: 'Always', ports: drawn.sidecar }];
      const spec = {
        containers,
        ...(initContainers.length > 0 ? { initContainers } : {}),
        ...(drawn.hostNetwork ? { hostNetwork: true } : {}),
        ...(drawn.node === undefined ? {} : { nodeName: drawn.node }),
        ...(drawn.serviceAccount === undefined ? {} : { serviceAccountName: drawn.serviceAccount }),
      };
      const metadata = { name: `w${index}`, namespace: drawn.namespace };
      if (drawn.kind !== 'Pod') return podMaker(drawn.kind, metadata, drawn.labels, spec);
      const address = drawn.family === 'v4' ? `10.1.0.${index + 1}` : `fd00:1::${index + 1}`;
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata, labels: drawn.labels },
        spec,
        ...(shape.podAddresses && drawn.family !== undefined ? { status: { podIP: address } } : {}),
      };
    });
}

/** What makes pods selects them by a label of its own: an empty selector is refused. */
function podMaker(kind: string, metadata: { name: string }, drawn: Record<string, string>, spec: object): object {
  const own = { run: metadata.name };
  const podMetadata = { labels: { ...drawn, ...own } };
  if (kind === 'CronJob') {
    const template = { metadata: podMetadata, spec: { ...spec, restartPolicy: 'OnFailure' } };
    return {
      apiVersion: 'batch/v1',
      kind,
      metadata,
      spec: { schedule: '@daily', jobTemplate: { spec: { template } } },
    };
  }
  const template = { metadata: podMetadata, spec };
  const more = kind === 'StatefulSet' ? { serviceName: metadata.name } : {};
  return { apiVersion: 'apps/v1', kind, metadata, spec: { selector: { matchLabels: own }, ...more, template } };
}
