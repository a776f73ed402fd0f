import { entryTargets } from '../engine/entries.js';
import { networkProbes } from '../engine/probes.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import { contentOf, type NamespaceRef, type Scope } from '../workspace/scope.js';

/**
 * What the manifests of a namespace show that its policies have to allow. Only what is written there: each answer is
 * empty where nothing shows it.
 */
export interface Shown {
  /**
   * The pods' ports, to which Ingresses and routes lead; every TCP port that pods declare where these lead is not known.
   * Undefined where there are pods, and nothing leads to them from outside.
   */
  readonly entryPorts: readonly string[] | undefined;
  /** The ports that scrape annotations name, and those called metrics. */
  readonly metricsPorts: readonly string[];
  readonly probePorts: readonly string[];
  /** Some of its pods speak through Istio's ambient mesh. */
  readonly ambient: boolean;
}

export function shownBy(scope: Scope | undefined, namespace: NamespaceRef, profile: ClusterProfile): Shown {
  if (scope === undefined) return { entryPorts: [], metricsPorts: [], probePorts: [], ambient: profile.istioAmbient };
  const { workloads, services } = contentOf(scope, namespace);
  // Host-network pods are never isolated (FACTS B0).
  const pods = workloads.map(({ value }) => value).filter(({ hostNetwork }) => !hostNetwork);
  const entered = entryTargets(
    scope.entries,
    services,
    pods.map(({ labels, ports }) => ({ namespace: nameOf(namespace), labels, ports: ports.map(declared) })),
    nameOf,
  ).flatMap(({ ports }) => [...(ports.byProtocol.get('TCP') ?? [])].map(({ first, last }) => rangeText(first, last)));
  const isEntry = ({ value, namespace: { key } }: Scope['entries'][number]) =>
    key === namespace.key || value.backends.some((backend) => backend.namespace === nameOf(namespace).name);
  const closed = pods.length > 0 && !scope.entries.some(isEntry);
  const own = scope.namespaceObjects.get(namespace.name ?? '')?.value.labels.get(modeLabel);
  return {
    entryPorts: closed ? undefined : distinct(entered.length > 0 ? entered : podPorts(pods)),
    metricsPorts: distinct(pods.flatMap(metricsPortsOf)),
    probePorts: distinct(pods.flatMap((pod) => networkProbes(pod).map(({ port }) => String(port)))),
    ambient: pods.some(({ labels }) => (labels.get(modeLabel) ?? own) === 'ambient') || profile.istioAmbient,
  };
}

/** The TCP ports that pods declare, lowest first. */
export function podPorts(pods: readonly Workload[]): readonly string[] {
  return distinct(
    pods.flatMap(({ ports }) => ports.filter(({ protocol }) => protocol === 'TCP').map(({ port }) => String(port))),
  );
}

/** FACTS D1: by which pods and namespaces are enrolled. */
const modeLabel = 'istio.io/dataplane-mode';

function metricsPortsOf({ ports, annotations }: Workload): readonly string[] {
  const scraped =
    annotations.get('prometheus.io/scrape') === 'true' ? annotations.get('prometheus.io/port') : undefined;
  const called = ports.filter(({ name }) => /(^|-)metrics(-|$)/.test(name ?? '')).map(({ port }) => String(port));
  return scraped !== undefined && /^\d+$/.test(scraped) ? [scraped, ...called] : called;
}

/** Objects without a namespace are met by those that share theirs. */
function nameOf({ key, name }: NamespaceRef) {
  return { name: name ?? key };
}

function declared({ name, port, protocol }: Workload['ports'][number]) {
  return { ...(name === undefined ? {} : { name }), port, protocol };
}

function rangeText(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function distinct(ports: readonly string[]): readonly string[] {
  return [...new Set(ports)].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}
