import type { Connection } from './connection.js';
import { namespaceOf, type Pod, type Service } from './objects.js';
import { isNamedPort } from './ports.js';
import { selectorMatches } from './select.js';

/** Whether a pod is behind a service. A service without a selector has endpoints that no manifest of it tells. */
export function isBehind(service: Service, pod: Pod): boolean {
  const selector = service.spec?.selector ?? {};
  if (Object.keys(selector).length === 0) return false;
  return namespaceOf(service) === pod.namespace && selectorMatches({ matchLabels: selector }, pod.labels);
}

/** FACTS C2: the DNS's service is in every cluster, whether its object is given or not. */
export const dnsService: Service = {
  metadata: { name: 'kube-dns', namespace: 'kube-system' },
  spec: {
    selector: { 'k8s-app': 'kube-dns' },
    ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }],
  },
};

/** Of a service that is not here, or selects no pods, nothing tells what is behind it. */
export function isKnown(services: readonly Service[]): boolean {
  return services.length > 0 && services.every(({ spec }) => Object.keys(spec?.selector ?? {}).length > 0);
}

/** Whether a connection goes to a port of the service's endpoints: its target port, a number or a container port's name. */
export function isToPortOf(service: Service, connection: Connection): boolean {
  return (service.spec?.ports ?? []).some(({ port, targetPort, protocol }) => {
    if ((protocol ?? 'TCP') !== connection.protocol) return false;
    const target = targetPort ?? port;
    return typeof target === 'string' ? isNamedPort(connection, target) : target === connection.port;
  });
}
