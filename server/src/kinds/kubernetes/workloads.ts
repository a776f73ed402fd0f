import { type Address, parseAddress } from '../../model/addresses.js';
import type { Labels } from '../../model/selector.js';
import type { ContainerPort, Probe, ProbeKind, TransportProtocol, Workload } from '../../model/workload.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  nameOf,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  valueBelow,
  type YamlMap,
  type YamlNode,
} from '../../text/tree.js';
import { list, type ObjectField, object, value } from '../field.js';
import type { Kind } from '../kind.js';
import { placeOf } from '../structure.js';
import { mapsIn, readSettings } from './container-settings.js';
import { metadataFields } from './metadata.js';
import { isPort } from './read-network-policy.js';

const probeFields = (doc: string) =>
  object(
    doc,
    {
      httpGet: object(
        'The kubelet asks over HTTP, from the node.',
        { port: value('int-or-string', 'Number or name of the container port.') },
        { open: true },
      ),
      tcpSocket: object(
        'The kubelet opens a connection, from the node.',
        { port: value('int-or-string', 'Number or name of the container port.') },
        { open: true },
      ),
      grpc: object(
        'The kubelet asks over gRPC, from the node.',
        { port: value('integer', 'The port’s number.') },
        { open: true },
      ),
      exec: object('The kubelet runs a command in the container: no network, no policy.', {}, { open: true }),
    },
    { open: true },
  );

const container = object(
  'A container of the pod.',
  {
    name: value('string', 'The container’s name.'),
    ports: list(
      'Ports the container says it listens on. Names given here are what named ports in policies resolve to.',
      object(
        'One port.',
        {
          name: value('string', 'The name by which policies, services and probes may call it.'),
          containerPort: value('integer', 'The port’s number.'),
          protocol: value('string', 'TCP, UDP or SCTP.', { default: 'TCP' }),
        },
        { open: true },
      ),
    ),
    livenessProbe: probeFields('Restarts the container when it fails.'),
    readinessProbe: probeFields('Takes the pod out of its services while it fails.'),
    startupProbe: probeFields('Holds the other probes back until it succeeds.'),
  },
  { open: true },
);

const podSpec = object(
  'What the pod runs.',
  {
    containers: list('The containers.', container),
    initContainers: list('Containers that run first (or beside, as sidecars).', container),
    hostNetwork: value(
      'boolean',
      'The pod uses its node’s network: network policies do not apply to it, and selectors do not match it.',
    ),
    serviceAccountName: value('string', 'The identity of the pod.'),
  },
  { open: true },
);

const template = object('The pods this object makes.', { metadata: metadataFields, spec: podSpec }, { open: true });

/** A kind that runs pods. */
export interface WorkloadSource {
  readonly kind: string;
  readonly apiVersions: readonly string[];
  /** Where the kind keeps its pod: the path to the map that holds `metadata` and `spec` of the pod. */
  readonly path: readonly string[];
  /** What its controller makes of the pods beyond the template; the name is undefined where a template writes it. */
  readonly made?: (workload: Workload, name: string | undefined) => Workload;
}

const sources: readonly WorkloadSource[] = [
  { kind: 'Pod', apiVersions: ['v1'], path: [] },
  { kind: 'ReplicationController', apiVersions: ['v1'], path: ['spec', 'template'] },
  {
    kind: 'Deployment',
    apiVersions: ['apps/v1', 'apps/v1beta1', 'apps/v1beta2', 'extensions/v1beta1'],
    path: ['spec', 'template'],
  },
  { kind: 'StatefulSet', apiVersions: ['apps/v1', 'apps/v1beta1', 'apps/v1beta2'], path: ['spec', 'template'] },
  { kind: 'DaemonSet', apiVersions: ['apps/v1', 'apps/v1beta2', 'extensions/v1beta1'], path: ['spec', 'template'] },
  { kind: 'ReplicaSet', apiVersions: ['apps/v1', 'apps/v1beta2', 'extensions/v1beta1'], path: ['spec', 'template'] },
  { kind: 'Job', apiVersions: ['batch/v1'], path: ['spec', 'template'] },
  { kind: 'CronJob', apiVersions: ['batch/v1', 'batch/v1beta1'], path: ['spec', 'jobTemplate', 'spec', 'template'] },
];

export const workloadKinds: readonly Kind[] = sources.map(workloadKind);

export function workloadKind({ kind, apiVersions, path, made = (workload) => workload }: WorkloadSource): Kind {
  return {
    kind,
    apiVersions,
    fields: fieldsFor(kind, path),
    podPath: path,
    read(node) {
      const workload = readWorkload(node, kind, path);
      const name = stringOf(valueAt(valueAt(node, 'metadata'), 'name'));
      return workload === undefined ? undefined : { type: 'workload', value: made(workload, name) };
    },
  };
}

function fieldsFor(kind: string, path: readonly string[]): ObjectField {
  const head = {
    apiVersion: value('string', 'The API group and version.'),
    kind: value('string', kind),
    metadata: metadataFields,
  };
  if (path.length === 0) return object('A pod.', { ...head, spec: podSpec }, { open: true });
  const nested = [...path]
    .reverse()
    .reduce<ObjectField>((inner, step) => object('', { [step]: inner }, { open: true }), template);
  return object(`A ${kind}: makes pods from a template.`, { ...head, ...nested.fields }, { open: true });
}

/** Pods that have ended keep no address and count for nothing (FACTS B0). */
function isFinished(node: YamlMap, kind: string): boolean {
  const phase = stringOf(valueAt(valueAt(node, 'status'), 'phase'));
  return kind === 'Pod' && (phase === 'Succeeded' || phase === 'Failed');
}

function readWorkload(node: YamlMap, kind: string, path: readonly string[]): Workload | undefined {
  if (isFinished(node, kind)) return undefined;
  const metadata = valueAt(node, 'metadata');
  const nameNode = valueAt(metadata, 'name') ?? valueAt(metadata, 'generateName');
  const pod = valueBelow(node, path);
  if (pod?.kind !== 'map') return undefined;
  const podMetadata = valueAt(pod, 'metadata');
  const spec = valueAt(pod, 'spec');
  const labels = readLabels(valueAt(podMetadata, 'labels'));
  const containers = [...mapsIn(valueAt(spec, 'containers')), ...mapsIn(valueAt(spec, 'initContainers'))];
  return {
    kind,
    name: nameOf(nameNode) ?? '',
    namespace: stringOf(valueAt(metadata, 'namespace')),
    labels: labels.labels,
    openLabels: labels.open || (podMetadata?.kind === 'map' && podMetadata.incomplete),
    ports: containers.flatMap(readPorts),
    probes: containers.flatMap(readProbes),
    settings: readSettings(spec, containers),
    serviceAccount: stringOf(valueAt(spec, 'serviceAccountName')),
    hostNetwork: booleanOf(valueAt(spec, 'hostNetwork')) ?? false,
    nodeName: stringOf(valueAt(spec, 'nodeName')),
    annotations: readLabels(valueAt(podMetadata, 'annotations')).labels,
    owner: kind === 'Pod' ? readOwner(metadata) : undefined,
    addresses: kind === 'Pod' ? readAddresses(valueAt(node, 'status')) : [],
    at: nameNode === undefined ? spanOf(valueAt(node, 'kind') ?? node) : spanOf(nameNode),
    labelPlaces: labels.places,
  };
}

/** The controlling owner of a pod. A node owns its static pods without making them. */
function readOwner(metadata: YamlNode | undefined): Workload['owner'] {
  for (const reference of mapsIn(valueAt(metadata, 'ownerReferences'))) {
    const kind = ownerKind(reference) ?? 'Pod';
    const name = stringOf(valueAt(reference, 'name'));
    if (name !== undefined && kind !== 'Node' && booleanOf(valueAt(reference, 'controller')) === true) {
      return { kind, name };
    }
  }
  return undefined;
}

/** Knative's Service goes by another name, since Kubernetes has one. */
function ownerKind(reference: YamlMap): string | undefined {
  const kind = stringOf(valueAt(reference, 'kind'));
  const isKnative = stringOf(valueAt(reference, 'apiVersion'))?.startsWith('serving.knative.dev/') === true;
  return kind === 'Service' && isKnative ? 'KnativeService' : kind;
}

function readAddresses(status: YamlNode | undefined): readonly Address[] {
  const several = mapsIn(valueAt(status, 'podIPs')).map((each) => stringOf(valueAt(each, 'ip')));
  const texts = several.length > 0 ? several : [stringOf(valueAt(status, 'podIP'))];
  return texts.flatMap((text) => parseAddress(text ?? '') ?? []);
}

function booleanOf(node: YamlNode | undefined): boolean | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : undefined;
}

/** Labels or annotations; values that are no strings are left out, and mark the set as open. */
export function readLabels(node: YamlNode | undefined): {
  labels: Labels;
  places: ReadonlyMap<string, Span>;
  open: boolean;
} {
  const labels = new Map<string, string>();
  const places = new Map<string, Span>();
  if (node?.kind !== 'map') return { labels, places, open: node?.kind === 'scalar' && node.opaque };
  let open = node.incomplete;
  for (const entry of node.entries) {
    const text = isNull(entry.value) ? '' : stringOf(entry.value);
    if (text === undefined || entry.key.opaque) {
      open = true;
      continue;
    }
    labels.set(keyText(entry), text);
    places.set(keyText(entry), {
      document: entry.key.document,
      range: { start: entry.key.range.start, end: entry.range.end },
    });
  }
  return { labels, places, open };
}

export function protocolOf(node: YamlNode | undefined): TransportProtocol | undefined {
  const text = isNull(node) ? 'TCP' : stringOf(node);
  return text === 'TCP' || text === 'UDP' || text === 'SCTP' ? text : undefined;
}

function readPorts(node: YamlMap): readonly ContainerPort[] {
  const containerName = stringOf(valueAt(node, 'name')) ?? '';
  return mapsIn(valueAt(node, 'ports')).flatMap((item) => {
    const entry = entryOf(item, 'containerPort');
    const port = numberOf(entry?.value);
    const protocol = protocolOf(valueAt(item, 'protocol'));
    if (entry === undefined || port === undefined || !isPort(port) || protocol === undefined) return [];
    const nameEntry = entryOf(item, 'name');
    const name = stringOf(nameEntry?.value);
    return [
      {
        ...(name === undefined ? {} : { name }),
        port,
        protocol,
        container: containerName,
        at: placeOf(nameEntry !== undefined && name !== undefined ? nameEntry : entry),
      },
    ];
  });
}

export function numberOf(node: YamlNode | undefined): number | undefined {
  return node?.kind === 'scalar' && !node.opaque && typeof node.value === 'number' ? node.value : undefined;
}

export function portReference(node: YamlNode | undefined): number | string | undefined {
  const number = numberOf(node);
  if (number !== undefined) return isPort(number) ? number : undefined;
  const text = stringOf(node);
  if (text === undefined || text === '') return undefined;
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}

const probeKinds: readonly [string, ProbeKind][] = [
  ['livenessProbe', 'liveness'],
  ['readinessProbe', 'readiness'],
  ['startupProbe', 'startup'],
];
const probeActions: readonly [string, Probe['action']][] = [
  ['httpGet', 'HTTP'],
  ['tcpSocket', 'TCP'],
  ['grpc', 'gRPC'],
];

function readProbes(node: YamlMap): readonly Probe[] {
  const containerName = stringOf(valueAt(node, 'name')) ?? '';
  return probeKinds.flatMap(([key, kind]) => {
    const entry = entryOf(node, key);
    return probeActions.flatMap(([actionKey, action]) => {
      const actionNode = valueAt(entry?.value, actionKey);
      const port = portReference(valueAt(actionNode, 'port'));
      // An HTTP probe may name another host; then it is no traffic to this pod.
      const host = stringOf(valueAt(actionNode, 'host'));
      if (entry === undefined || port === undefined || (host !== undefined && host !== '')) return [];
      return [{ kind, action, port, container: containerName, at: keySpan(entry) }];
    });
  });
}
