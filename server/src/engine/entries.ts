import type { EntryBackend, EntryPoint } from '../model/entry.js';
import { type DeclaredPort, includes, isEmpty, noPorts, type PortSet, targetPorts, union } from '../model/ports.js';
import { type Labels, matches, type Selector } from '../model/selector.js';
import type { Service, ServicePort } from '../model/workload.js';
import type { NamespaceRef, Placed } from '../workspace/scope.js';

/** Pods as far as this question needs them. */
export interface Backends {
  readonly namespace: { readonly name: string };
  readonly labels: Labels;
  readonly ports: readonly DeclaredPort[];
}

/** What entry points send to some pods. */
export interface EntryTarget<P extends Backends> {
  readonly pods: P;
  /** The pods' own ports; never empty, and no names are left in it. */
  readonly ports: PortSet;
  /** The entry points that send it, each once, in their order. */
  readonly entries: readonly Placed<EntryPoint>[];
  /** The backends by which they do, in their order. */
  readonly handed: readonly Handed[];
}

/** One backend of an entry point, with the service that it means. */
export interface Handed {
  readonly entry: Placed<EntryPoint>;
  readonly backend: EntryBackend;
  readonly service: Service;
  /** The pods' ports that the service translates to. */
  readonly ports: PortSet;
}

/**
 * The pods that entry points send traffic to: those behind the services that they name, on the ports that these services
 * translate to. In the order of `pods`. A service that is not among `services`, has no selector or is only a name
 * (ExternalName) leads nowhere; so does a port that the service does not have, and a named one that the pods do not declare.
 *
 * `namespaceOf` tells which namespace objects are in; `pods` speak of the same names.
 * Source: Ingress, Gateway API and OpenShift Route backends as in `EntryBackend`; Service spec.ports[].targetPort.
 */
export function entryTargets<P extends Backends>(
  entries: readonly Placed<EntryPoint>[],
  services: readonly Placed<Service>[],
  pods: readonly P[],
  namespaceOf: (ref: NamespaceRef) => { readonly name: string },
): readonly EntryTarget<P>[] {
  if (entries.length === 0) return [];
  const servicesByName = new Map(
    services.map((service) => [keyOf(namespaceOf(service.namespace).name, service.value.name), service.value]),
  );
  const podsByNamespace = new Map<string, P[]>();
  for (const group of pods) {
    const known = podsByNamespace.get(group.namespace.name);
    if (known === undefined) podsByNamespace.set(group.namespace.name, [group]);
    else known.push(group);
  }
  const found = new Map<P, Handed[]>();
  for (const entry of entries) {
    for (const backend of entry.value.backends) {
      const namespace = backend.namespace ?? namespaceOf(entry.namespace).name;
      const service = servicesByName.get(keyOf(namespace, backend.service));
      if (service?.selector === undefined || service.type === 'ExternalName') continue;
      const selector = selectorOf(service.selector);
      for (const group of podsByNamespace.get(namespace) ?? []) {
        if (!matches(selector, group.labels)) continue;
        const reached = portsOf(service, backend, group.ports);
        if (isEmpty(reached)) continue;
        const known = found.get(group) ?? [];
        found.set(group, known);
        known.push({ entry, backend, service, ports: reached });
      }
    }
  }
  return pods.flatMap((group) => {
    const handed = found.get(group);
    if (handed === undefined) return [];
    const ports = handed.reduce((sum, each) => union(sum, each.ports), noPorts);
    return [{ pods: group, ports, entries: [...new Set(handed.map(({ entry }) => entry))], handed }];
  });
}

/** No name holds a slash. */
function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function selectorOf(labels: Labels): Selector {
  return { op: 'And', terms: [...labels].map(([key, value]) => ({ op: 'In', key, values: [value] })) };
}

/** The ports of some pods that traffic for a backend arrives at. */
function portsOf(service: Service, backend: EntryBackend, declared: readonly DeclaredPort[]): PortSet {
  const numbered = (port: ServicePort) => targetPorts(port, declared);
  return service.ports
    .filter((port) => port.protocol === backend.protocol && isMeant(port, backend, numbered(port)))
    .reduce((sum, port) => union(sum, numbered(port)), noPorts);
}

function isMeant({ name, port, targetPort, protocol }: ServicePort, backend: EntryBackend, numbered: PortSet): boolean {
  if (backend.port === undefined || backend.port === name) return true;
  if (backend.portOf === 'service') return backend.port === port;
  // People also write the container port's name, which leads to the same port.
  return (
    backend.port === targetPort || (typeof backend.port === 'number' && includes(numbered, protocol, backend.port))
  );
}
