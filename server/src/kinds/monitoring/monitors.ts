import type { Monitor, MonitorEndpoint } from '../../model/monitor.js';
import { isNull, spanOf, stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import { list, object, stringMap, value } from '../field.js';
import type { Kind } from '../kind.js';
import { readLabelSelector } from '../kubernetes/label-selector.js';
import { numberOf, portReference, readLabels } from '../kubernetes/workloads.js';
import { type Identity, namedKind } from '../named.js';

const versions = ['monitoring.coreos.com/v1'];

const endpoint = object(
  'One port to scrape.',
  {
    port: value('string', 'The name of the service’s port; in a PodMonitor, of the container’s.'),
    portNumber: value('integer', 'The number of the container’s port.'),
    targetPort: value('int-or-string', 'The pods’ port, by number or name.'),
    path: value('string', 'Where the metrics are.', { default: '/metrics' }),
  },
  { open: true },
);

const chosen = {
  selector: object('Chooses by labels.', { matchLabels: stringMap('Each of these labels.') }, { open: true }),
  namespaceSelector: object(
    'The namespaces to look in; the own one where nothing is said.',
    {
      any: value('boolean', 'Every namespace.'),
      matchNames: list('Namespaces by name.', value('string', 'One namespace.')),
    },
    { open: true },
  ),
};

/**
 * The objects by which the Prometheus operator is told what to scrape.
 * Source: github.com/prometheus-operator/prometheus-operator pkg/apis/monitoring/v1 (ServiceMonitorSpec, PodMonitorSpec,
 * CommonPrometheusFields); the labels of its pods: pkg/prometheus/server/statefulset.go.
 */
export const monitoringKinds: readonly Kind[] = [
  monitorKind('ServiceMonitor', 'endpoints', 'services'),
  monitorKind('PodMonitor', 'podMetricsEndpoints', 'pods'),
  ...['Prometheus', 'PrometheusAgent'].map((kind) =>
    namedKind(
      kind,
      kind === 'Prometheus' ? versions : ['monitoring.coreos.com/v1alpha1'],
      'A Prometheus that the operator runs, with pods in this namespace.',
      object('How it runs.', {}, { open: true }),
      (identity, spec) => ({
        type: 'prometheus',
        value: {
          ...identity,
          labels: new Map([
            ...readLabels(valueAt(valueAt(spec, 'podMetadata'), 'labels')).labels,
            ['app.kubernetes.io/name', kind === 'Prometheus' ? 'prometheus' : 'prometheus-agent'],
            ['operator.prometheus.io/name', identity.name],
          ]),
        },
      }),
    ),
  ),
];

function monitorKind(kind: string, endpoints: string, selects: Monitor['selects']): Kind {
  return namedKind(
    kind,
    versions,
    `A ${kind}: tells Prometheus which ${selects} to scrape.`,
    object('What to scrape.', { ...chosen, [endpoints]: list('The ports.', endpoint) }, { open: true }),
    (identity, spec) => {
      const value = readMonitor(identity, spec, endpoints);
      return value === undefined ? undefined : { type: 'monitor', value: { kind, selects, ...value } };
    },
  );
}

/** Undefined where it is not known what it chooses. */
function readMonitor(
  identity: Identity,
  spec: YamlNode | undefined,
  endpoints: string,
): Omit<Monitor, 'kind' | 'selects'> | undefined {
  const selectorNode = valueAt(spec, 'selector');
  const read = selectorNode === undefined ? undefined : readLabelSelector(selectorNode, identity.at);
  const where = valueAt(spec, 'namespaceSelector');
  const names = valueAt(where, 'matchNames');
  const namespaces = itemsOf(names).flatMap((item) => stringOf(item) ?? []);
  const unread = (where?.kind === 'map' && where.incomplete) || namespaces.length < itemsOf(names).length;
  if (selectorNode === undefined || read?.uncertain !== false || unread) return undefined;
  const any = valueAt(where, 'any');
  return {
    ...identity,
    selector: read.selector,
    namespaces: any?.kind === 'scalar' && any.value === true ? 'any' : namespaces.length > 0 ? namespaces : 'own',
    endpoints: itemsOf(valueAt(spec, endpoints)).flatMap(readEndpoint),
  };
}

function readEndpoint(node: YamlNode): readonly MonitorEndpoint[] {
  const port = valueAt(node, 'port');
  const target = valueAt(node, 'portNumber') ?? valueAt(node, 'targetPort');
  const targetPort = numberOf(target) ?? portReference(target);
  const name = stringOf(port);
  // A port that is written, and not known, is not the absence of one.
  if ((name === undefined && !isNull(port)) || (targetPort === undefined && !isNull(target))) return [];
  return [{ port: name, targetPort, at: spanOf(port ?? target ?? node) }];
}
