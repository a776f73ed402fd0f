import { recordOf } from '../text/json-data.js';
import type { YamlData } from '../text/render.js';

/** What is kept of an object: a value with all that is in it, some keys of a map, or the items of a list. */
type Shape = 'all' | readonly [Shape] | { readonly [key: string]: Shape };

/** A kind of object that a snapshot holds. */
export interface SnapshotKind {
  /** As `kubectl api-resources -o name` prints it. */
  readonly resource: string;
  /** What it is called in clusters that do not offer it by that name. */
  readonly otherwise?: string;
  readonly namespaced: boolean;
  readonly shape: Shape;
}

const identity = { name: 'all', namespace: 'all', labels: 'all' } as const;
const annotations = {
  'prometheus.io/scrape': 'all',
  'prometheus.io/port': 'all',
  'prometheus.io/scheme': 'all',
  'prometheus.io/path': 'all',
  'ambient.istio.io/redirection': 'all',
  'sidecar.istio.io/inject': 'all',
} as const;
const owners = [{ apiVersion: 'all', kind: 'all', name: 'all', controller: 'all' }] as const;

const probe = {
  httpGet: { port: 'all', host: 'all' },
  tcpSocket: { port: 'all', host: 'all' },
  grpc: { port: 'all' },
} as const;
const containerFields = {
  name: 'all',
  ports: [{ name: 'all', containerPort: 'all', protocol: 'all' }],
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
} as const;
const specWith = (container: Shape) => ({
  nodeName: 'all' as const,
  hostNetwork: 'all' as const,
  serviceAccountName: 'all' as const,
  containers: [container] as const,
  initContainers: [container] as const,
});
const template = { metadata: { labels: 'all', annotations }, spec: specWith(containerFields) } as const;

const backend = { service: 'all' } as const;
const reference = {
  group: 'all',
  kind: 'all',
  name: 'all',
  namespace: 'all',
  sectionName: 'all',
  port: 'all',
  weight: 'all',
} as const;
const target = { kind: 'all', name: 'all', weight: 'all' } as const;
const scraped = [{ port: 'all', targetPort: 'all', portNumber: 'all', path: 'all', scheme: 'all' }] as const;

const head = { apiVersion: 'all', kind: 'all' } as const;
const withSpec = (spec: Shape, metadata: Shape = identity): Shape => ({ ...head, metadata, spec });
const withTemplate = withSpec({ template });
const ofCluster = (resource: string, shape: Shape): SnapshotKind => ({ resource, namespaced: false, shape });
const ofNamespace = (resource: string, shape: Shape): SnapshotKind => ({ resource, namespaced: true, shape });

/**
 * Calico's kinds, by the API that people write; where Calico's API server is not installed, as Calico keeps them. Source:
 * projectcalico/api, pkg/apis/projectcalico/v3.
 */
const calicoKinds: readonly SnapshotKind[] = [
  ...['tiers', 'globalnetworkpolicies', 'stagedglobalnetworkpolicies', 'globalnetworksets', 'hostendpoints'].map(
    (name) => ofCluster(`${name}.projectcalico.org`, withSpec('all')),
  ),
  ...['networkpolicies', 'stagednetworkpolicies', 'stagedkubernetesnetworkpolicies', 'networksets'].map((name) =>
    ofNamespace(`${name}.projectcalico.org`, withSpec('all')),
  ),
].map((kind) => ({ ...kind, otherwise: kind.resource.replace('.', '.crd.') }));

const withSpecs: Shape = { ...head, metadata: identity, spec: 'all', specs: 'all' };

const ciliumKinds: readonly SnapshotKind[] = [
  ofCluster('ciliumclusterwidenetworkpolicies.cilium.io', withSpecs),
  ofNamespace('ciliumnetworkpolicies.cilium.io', withSpecs),
  ofCluster('ciliumcidrgroups.cilium.io', withSpec('all')),
  ofNamespace('ciliumlocalredirectpolicies.cilium.io', withSpec('all')),
];

const called = { name: 'all', namespace: 'all', port: 'all' } as const;

/**
 * All that a snapshot reads, in the order in which it is written, and of each kind what is kept: what netpol's model reads,
 * and nothing else. No list of what to leave out could name every place that holds a secret.
 */
export const snapshotKinds: readonly SnapshotKind[] = [
  ofCluster('namespaces', { ...head, metadata: identity }),
  ofCluster('nodes', { ...head, metadata: identity }),
  ...['clusternetworkpolicies', 'adminnetworkpolicies', 'baselineadminnetworkpolicies'].map((name) =>
    ofCluster(`${name}.policy.networking.k8s.io`, withSpec('all')),
  ),
  ofNamespace('networkpolicies.networking.k8s.io', withSpec('all')),
  ...calicoKinds,
  ...ciliumKinds,
  ofNamespace('serviceaccounts', { ...head, metadata: identity }),
  ofNamespace('pods', {
    ...head,
    metadata: { ...identity, annotations, ownerReferences: owners },
    // Only the pods of network plugins still have them; see `withoutPrograms`.
    spec: specWith({ ...containerFields, image: 'all', args: 'all' }),
    status: { phase: 'all', hostIP: 'all', podIP: 'all', podIPs: 'all' },
  }),
  ...[
    'deployments.apps',
    'statefulsets.apps',
    'daemonsets.apps',
    'replicasets.apps',
    'replicationcontrollers',
    'jobs.batch',
    'rollouts.argoproj.io',
    'deploymentconfigs.apps.openshift.io',
    'clonesets.apps.kruise.io',
    'statefulsets.apps.kruise.io',
    'daemonsets.apps.kruise.io',
    'services.serving.knative.dev',
  ].map((name) => ofNamespace(name, withTemplate)),
  ofNamespace('cronjobs.batch', withSpec({ jobTemplate: { spec: { template } } })),
  ofNamespace('scaledjobs.keda.sh', withSpec({ jobTargetRef: { template } })),
  ofNamespace(
    'services',
    withSpec(
      {
        selector: 'all',
        type: 'all',
        clusterIP: 'all',
        clusterIPs: 'all',
        ports: [{ name: 'all', port: 'all', targetPort: 'all', protocol: 'all', nodePort: 'all' }],
      },
      { ...identity, annotations },
    ),
  ),
  ofCluster(
    'ingressclasses.networking.k8s.io',
    withSpec(
      { controller: 'all' },
      { ...identity, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'all' } },
    ),
  ),
  ofNamespace(
    'ingresses.networking.k8s.io',
    withSpec(
      { ingressClassName: 'all', defaultBackend: backend, rules: [{ http: { paths: [{ backend }] } }] },
      { ...identity, annotations: { 'kubernetes.io/ingress.class': 'all' } },
    ),
  ),
  ofCluster('gatewayclasses.gateway.networking.k8s.io', withSpec({ controllerName: 'all' })),
  ofNamespace(
    'gateways.gateway.networking.k8s.io',
    withSpec({
      gatewayClassName: 'all',
      listeners: [{ name: 'all', port: 'all', protocol: 'all' }],
      infrastructure: { labels: 'all' },
    }),
  ),
  ...['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes', 'udproutes'].map((name) =>
    ofNamespace(
      `${name}.gateway.networking.k8s.io`,
      withSpec({ parentRefs: [reference], rules: [{ backendRefs: [reference] }] }),
    ),
  ),
  ofNamespace(
    'routes.route.openshift.io',
    withSpec({ to: target, alternateBackends: [target], port: { targetPort: 'all' } }),
  ),
  ofNamespace(
    'servicemonitors.monitoring.coreos.com',
    withSpec({ selector: 'all', namespaceSelector: 'all', endpoints: scraped }),
  ),
  ofNamespace(
    'podmonitors.monitoring.coreos.com',
    withSpec({ selector: 'all', namespaceSelector: 'all', podMetricsEndpoints: scraped }),
  ),
  ...['prometheuses.monitoring.coreos.com', 'prometheusagents.monitoring.coreos.com'].map((name) =>
    ofNamespace(
      name,
      withSpec({
        podMetadata: { labels: 'all' },
        serviceMonitorSelector: 'all',
        serviceMonitorNamespaceSelector: 'all',
        podMonitorSelector: 'all',
        podMonitorNamespaceSelector: 'all',
      }),
    ),
  ),
  ...['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map((name) =>
    ofCluster(`${name}.admissionregistration.k8s.io`, {
      ...head,
      metadata: identity,
      webhooks: [{ clientConfig: { service: called } }],
    }),
  ),
  ofCluster('apiservices.apiregistration.k8s.io', withSpec({ service: called })),
];

/** Policies of other families, which netpol does not read: whoever has them must know that they count for nothing. */
export const otherPolicies =
  /^(?:(?:cluster)?networkpolicies\.crd\.antrea\.io|(?:application|cluster)networkpolicies\.networking\.k8s\.aws|egressfirewalls\.k8s\.ovn\.org)$/;

/** The part of a value that the shape names; undefined where nothing of it is there. */
export function keep(value: unknown, shape: Shape): YamlData | undefined {
  if (value === undefined || value === null) return undefined;
  if (shape === 'all') return plain(value);
  if (isListShape(shape)) {
    if (!Array.isArray(value)) return undefined;
    const items = value.flatMap((item) => keep(item, shape[0]) ?? []);
    return items.length === 0 ? undefined : items;
  }
  const entries = Object.entries(shape).flatMap(([key, inner]): [string, YamlData][] => {
    const kept = keep(recordOf(value)[key], inner);
    return kept === undefined ? [] : [[key, kept]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isListShape(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

/** A value from JSON as data to be written. */
function plain(value: unknown): YamlData {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
