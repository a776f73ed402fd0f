import { peerOf } from '../engine/cluster-peers.js';
import { type Sender, sendersAt, type Target } from '../engine/senders.js';
import type { Monitor } from '../model/monitor.js';
import { type ClusterPods, type ClusterProfile, ingressControllers, prometheus } from '../model/profile.js';
import { type Labels, matches } from '../model/selector.js';
import type { Service, ServicePort, Workload } from '../model/workload.js';
import { contentOf, type NamespaceContent, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import type { NeededEntry } from './cut-off.js';
import { isBehind, targetOf } from './port-destinations.js';

/** A scrape of a workload's metrics. */
export interface ScrapeNeed extends NeededEntry {
  /** What shows it: a monitor object says so outright, an annotation is often there by default. */
  readonly shownBy: 'monitor' | 'annotation';
}

/** Names of what may collect metrics though its labels are not Prometheus's. */
const likely =
  /prom|metric|monitor|otel|opentelemetry|collector|grafana|alloy|agent|victoria|\bvm|thanos|mimir|datadog|telegraf/i;

/** What is to be scraped in a namespace, by workload. */
export function scrapeNeeds(
  scope: Scope,
  profile: ClusterProfile,
  namespace: NamespaceRef,
): ReadonlyMap<Placed<Workload>, readonly ScrapeNeed[]> {
  const found = scrapesIn(scope, namespace);
  const needs = new Map<Placed<Workload>, ScrapeNeed[]>();
  if (found.length === 0) return needs;
  const monitoring = monitoringOf(scope, profile);
  for (const scrape of found) {
    const { workload, targets } = scrape;
    // Pods on the network of their node are not isolated, and nobody scrapes itself from elsewhere.
    if (targets.length === 0 || workload.value.hostNetwork || isPrometheus(scope, workload)) continue;
    const { usual } = monitoring;
    const need = {
      ...scrape,
      ...monitoring,
      peersTitle: usual === undefined ? monitoring.title : `${usual.title} in namespace ${usual.namespace}`,
      peers: usual === undefined ? undefined : [peerOf(usual)],
    };
    const list = needs.get(workload);
    if (list === undefined) needs.set(workload, [need]);
    else list.push(need);
  }
  return needs;
}

type Scrape = Pick<ScrapeNeed, 'workload' | 'targets' | 'evidence' | 'shownBy'>;

function scrapesIn(scope: Scope, namespace: NamespaceRef): readonly Scrape[] {
  const content = contentOf(scope, namespace);
  const { monitors } = scope;
  const { workloads, services } = content;
  const known = scrapes.get(workloads);
  if (known?.monitors === monitors && known.services === services) return known.found;
  const found = [
    ...monitors.flatMap((monitor) => (looksIn(monitor, namespace) ? chosenBy(monitor.value, content) : [])),
    ...annotated(content),
  ];
  scrapes.set(workloads, { monitors, services, found });
  return found;
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const scrapes = new WeakMap<
  readonly Placed<Workload>[],
  {
    readonly monitors: readonly Placed<Monitor>[];
    readonly services: readonly Placed<Service>[];
    readonly found: readonly Scrape[];
  }
>();

function looksIn({ value: { namespaces }, namespace }: Placed<Monitor>, other: NamespaceRef): boolean {
  if (namespaces === 'any') return true;
  return namespaces === 'own'
    ? namespace.key === other.key
    : other.name !== undefined && namespaces.includes(other.name);
}

function chosenBy(monitor: Monitor, { workloads, services }: NamespaceContent): readonly Scrape[] {
  const chosen: readonly { readonly workload: Placed<Workload>; readonly service?: Service }[] =
    monitor.selects === 'pods'
      ? workloads.filter(({ value }) => matches(monitor.selector, value.labels)).map((workload) => ({ workload }))
      : services
          .filter(({ value }) => matches(monitor.selector, value.labels))
          .flatMap(({ value: service }) =>
            workloads.filter(({ value }) => isBehind(value, service)).map((workload) => ({ workload, service })),
          );
  return chosen.flatMap(({ workload, service }) =>
    monitor.endpoints.map((endpoint): Scrape => {
      const of = service === undefined ? '' : ` through Service ${service.name}`;
      return {
        workload,
        targets:
          endpoint.targetPort !== undefined
            ? numbered(workload.value, endpoint.targetPort)
            : service === undefined
              ? numbered(workload.value, endpoint.port ?? '')
              : translated(
                  workload.value,
                  service.ports.filter(({ name }) => name === endpoint.port),
                ),
        evidence: [
          { at: endpoint.at, message: `${monitor.kind} ${monitor.name} has ${workload.value.name} scraped here${of}.` },
        ],
        shownBy: 'monitor',
      };
    }),
  );
}

/** `prometheus.io/scrape: "true"` on pods and services, as the jobs of the Prometheus chart read it. */
function annotated({ workloads, services }: NamespaceContent): readonly Scrape[] {
  const marked = services.filter(({ value }) => value.annotations.get('prometheus.io/scrape') === 'true');
  return workloads.flatMap((workload) => {
    const { value } = workload;
    const scrape = (
      name: string,
      at: Workload['at'],
      annotations: Labels,
      ports: readonly Target[],
    ): readonly Scrape[] => {
      if (annotations.get('prometheus.io/scrape') !== 'true') return [];
      const port = annotations.get('prometheus.io/port');
      const targets = port === undefined ? ports : numbered(value, /^\d+$/.test(port) ? Number(port) : port);
      const message = `${name} is annotated with prometheus.io/scrape: "true".`;
      return [{ workload, targets, evidence: [{ at, message }], shownBy: 'annotation' }];
    };
    return [
      ...scrape(
        `${value.kind} ${value.name}`,
        value.at,
        value.annotations,
        value.ports.flatMap(({ port, protocol }) => (protocol === 'TCP' ? [{ protocol, port }] : [])),
      ),
      ...marked
        .filter(({ value: service }) => isBehind(value, service))
        .flatMap(({ value: { name, at, annotations, ports } }) =>
          scrape(`Service ${name}`, at, annotations, translated(value, ports)),
        ),
    ];
  });
}

/** A port of the workload by its number or name; none where it has none of that name. */
function numbered({ ports }: Workload, port: number | string): readonly Target[] {
  if (typeof port === 'number') return [{ protocol: 'TCP', port }];
  return ports.flatMap((each) =>
    each.name === port && each.protocol === 'TCP' ? [{ protocol: 'TCP', port: each.port }] : [],
  );
}

function translated(workload: Workload, ports: readonly ServicePort[]): readonly Target[] {
  return ports.flatMap((each) => {
    const port = each.protocol === 'TCP' ? targetOf(each, workload) : undefined;
    return port === undefined ? [] : [{ protocol: 'TCP', port }];
  });
}

/** Who scrapes: Prometheus among the manifests, else the one that the configuration names, else one of which nothing is known. */
function monitoringOf(scope: Scope, { monitoring }: ClusterProfile) {
  const own = prometheusAmong(scope.workloads);
  const objects = scope.prometheuses.filter(({ namespace }) => namespace.name !== undefined);
  const placed: readonly ClusterPods[] = [
    ...own.map(({ value, namespace }) => ({ value, namespace, labels: new Map([[nameKey, 'prometheus']]) })),
    ...objects.map(({ value, namespace }) => ({ value, namespace, labels: value.labels })),
  ].flatMap(({ value, namespace, labels }) =>
    namespace.name === undefined
      ? []
      : [{ title: `Prometheus ${value.name}`, namespace: namespace.name, namespaceLabels: new Map(), labels }],
  );
  const known = [
    ...own.map((workload): Sender => ({ kind: 'workload', workload })),
    ...placed.slice(own.length).map(sendersAt),
  ];
  if (known.length > 0) return { title: 'Prometheus', senders: known, usual: placed[0] };
  if (!isDefault(monitoring)) return { title: monitoring.title, senders: [sendersAt(monitoring)], usual: monitoring };
  const { istio: _, ...controllers } = ingressControllers;
  const senders: readonly Sender[] = [{ kind: 'somewhere', likely, others: Object.values(controllers) }];
  return { title: monitoring.title, senders, usual: monitoring };
}

const nameKey = 'app.kubernetes.io/name';

function isDefault(monitoring: ClusterPods): boolean {
  return monitoring === prometheus;
}

function isPrometheus(scope: Scope, workload: Placed<Workload>): boolean {
  return prometheusAmong(scope.workloads).includes(workload);
}

/** Prometheus servers among the manifests, as every release labels them. Source: FACTS D4. */
export function prometheusAmong(workloads: readonly Placed<Workload>[]): readonly Placed<Workload>[] {
  const found =
    servers.get(workloads) ?? workloads.filter(({ value: { labels } }) => labels.get(nameKey) === 'prometheus');
  servers.set(workloads, found);
  return found;
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const servers = new WeakMap<readonly Placed<Workload>[], readonly Placed<Workload>[]>();
