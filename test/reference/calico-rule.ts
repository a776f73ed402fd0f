/** Whether a rule of a Calico policy takes a connection in: FACTS A3.1, A3.6 and B4. */
import { cidrContains, holdsEveryPrivate, parseAddress } from './addresses.js';
import { type Predicate, parseSelector } from './calico-selector.js';
import type { Connection, End } from './connection.js';
import { allOf, type Match, not } from './match.js';
import { type Cluster, type Labels, namespaceOf, type Pod, type Service } from './objects.js';
import type { CalicoRule, EntityRule, IcmpFields, NetworkSet } from './objects-calico.js';
import { isNamedPort } from './ports.js';
import { dnsService, isBehind, isKnown, isToPortOf } from './service.js';

/** A rule with several fields is all of them; lists are any of theirs; what begins with `not` must not be. */
export function calicoRuleMatch(
  cluster: Cluster,
  namespace: string | undefined,
  rule: CalicoRule,
  connection: Connection,
): Match {
  const { protocol, notProtocol, icmp, notICMP, ipVersion, source, destination, http } = rule;
  return allOf([
    protocol === undefined || isProtocol(protocol, connection),
    notProtocol === undefined || !isProtocol(notProtocol, connection),
    icmp === undefined || icmpMatch(icmp, connection),
    notICMP === undefined || not(icmpMatch(notICMP, connection)),
    ipVersion === undefined || familyMatch(ipVersion, connection),
    source === undefined || isEntity(cluster, namespace, source, connection.from),
    destination === undefined || isEntity(cluster, namespace, destination, connection.to),
    source?.ports === undefined || sourcePortMatch(connection),
    source?.notPorts === undefined || not(sourcePortMatch(connection)),
    source?.services === undefined ||
      serviceMatch(servicesOf(cluster, namespace, source), (each) => isPodOf(each, connection.from)),
    destination?.services === undefined ||
      serviceMatch(
        servicesOf(cluster, namespace, destination),
        (each) => isPodOf(each, connection.to) && isToPortOf(each, connection),
      ),
    destination?.ports === undefined || destination.ports.some((port) => isPort(port, connection)),
    destination?.notPorts === undefined || !destination.notPorts.some((port) => isPort(port, connection)),
    // What an HTTP request must be is seen by another proxy, and a connection here has none. HTTP is TCP.
    http === undefined || (connection.protocol === 'TCP' ? 'maybe' : 'no'),
  ]);
}

const protocolNumbers: Readonly<Record<string, number>> = {
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  ICMPv6: 58,
  SCTP: 132,
  UDPLite: 136,
};

/** FACTS A3.2: a name, a number, or a number in a string. */
function isProtocol(protocol: string | number, connection: Connection): boolean {
  const isNumber = connection.protocol === 'other';
  const number = isNumber ? connection.port : protocolNumbers[connection.protocol];
  return (protocolNumbers[protocol] ?? Number(protocol)) === number;
}

/** A connection here does not tell the code of its message. */
function icmpMatch({ type, code }: IcmpFields, { protocol, port }: Connection): Match {
  if (protocol !== 'ICMP' && protocol !== 'ICMPv6') return 'no';
  if (type !== undefined && type !== port) return 'no';
  return code === undefined ? 'yes' : 'maybe';
}

/** The IP version is that of the ends' addresses. Where none is known it may be either. */
function familyMatch(version: 4 | 6, { from, to }: Connection): Match {
  const [known] = [...to.addresses, ...from.addresses];
  if (known === undefined) return 'maybe';
  return (parseAddress(known).bits === 32) === (version === 4) ? 'yes' : 'no';
}

/** A connection here does not tell the port it comes from; only protocols with ports have one. */
function sourcePortMatch({ protocol }: Connection): Match {
  return protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP' ? 'maybe' : 'no';
}

/**
 * FACTS A3.2: a number, `first:last`, or a container port's name, of whichever protocol the rule leaves open. Numbers stand
 * only beside a protocol that has ports.
 */
function isPort(port: number | string, connection: Connection): boolean {
  const range = /^(\d+)(?::(\d+))?$/.exec(String(port));
  if (range === null) return isNamedPort(connection, String(port));
  const [, first, last] = range;
  return Number(first) <= connection.port && connection.port <= Number(last ?? first);
}

/** Whether an end is what `source` or `destination` describe, but for ports and services. */
function isEntity(cluster: Cluster, namespace: string | undefined, entity: EntityRule, end: End): boolean {
  // A pod has some address, also where nobody has told which: a net of all of them holds it.
  const within = (nets: readonly string[]) =>
    nets.some(
      (net) =>
        end.addresses.some((each) => cidrContains(net, each)) ||
        (end.pod !== undefined && end.addresses.length === 0 && holdsEveryPrivate(net)),
    );
  if (entity.nets !== undefined && entity.nets.length > 0 && !within(entity.nets)) return false;
  if (within(entity.notNets ?? [])) return false;
  const positive = positiveSelector(entity, namespace);
  if (positive.length > 0 && !isMember(cluster, end, (labels) => positive.every((each) => each(labels)))) return false;
  return !entity.notSelector || !isMember(cluster, end, parseSelector(entity.notSelector));
}

/**
 * FACTS A3.6: what an endpoint's labels must fulfil, together. Empty: the rule asks for no endpoint. In a policy of a
 * namespace without a namespaceSelector, whatever asks for endpoints asks for those of that namespace.
 */
function positiveSelector(entity: EntityRule, namespace: string | undefined): readonly Predicate[] {
  const { selector, notSelector, namespaceSelector, serviceAccounts } = entity;
  const names = serviceAccounts?.names ?? [];
  const accountSelector = serviceAccounts?.selector;
  const asks = selector || notSelector || serviceAccounts;
  return [
    ...(namespaceSelector ? [namespacePredicate(namespaceSelector)] : []),
    ...(!namespaceSelector && asks && namespace !== undefined ? [inNamespace(namespace)] : []),
    ...(selector ? [parseSelector(selector)] : []),
    ...(names.length > 0 ? [(labels: Labels) => names.includes(labels['projectcalico.org/serviceaccount'] ?? '')] : []),
    ...(accountSelector ? [serviceAccountPredicate(accountSelector)] : []),
  ];
}

function inNamespace(namespace: string): Predicate {
  return (labels) => labels['projectcalico.org/namespace'] === namespace;
}

/** FACTS A3.6: labels of the namespace; `all()` is what has a namespace, `global()` what has none. */
export function namespacePredicate(selector: string): Predicate {
  const hasNamespace: Predicate = (labels) => labels['projectcalico.org/namespace'] !== undefined;
  return parseSelector(selector, { prefix: 'pcns.', all: hasNamespace, global: (labels) => !hasNamespace(labels) });
}

export function serviceAccountPredicate(selector: string): Predicate {
  return parseSelector(selector, { prefix: 'pcsa.', all: () => true, global: () => true });
}

/**
 * FACTS A3.6: the endpoints are pods on the cluster's network, and network sets; a member is such a pod, or has an address in
 * such a set.
 */
function isMember(cluster: Cluster, { pod, addresses }: End, predicate: Predicate): boolean {
  if (pod !== undefined && !pod.hostNetwork && predicate(podLabels(cluster, pod))) return true;
  return cluster.calico.sets.some(
    (set) =>
      (set.spec?.nets ?? []).some((net) => addresses.some((each) => cidrContains(net, each))) &&
      predicate(setLabels(cluster, set)),
  );
}

/** FACTS A3.6: a pod's own labels, those of its namespace and service account under prefixes, and implicit ones. */
export function podLabels(cluster: Cluster, { namespace, labels, serviceAccount }: Pod): Labels {
  const accountLabels = cluster.serviceAccounts.get(`${namespace}/${serviceAccount}`) ?? {};
  return {
    ...labels,
    ...namespaceLabels(cluster, namespace),
    ...prefixed('pcsa.', { ...accountLabels, 'projectcalico.org/name': serviceAccount }),
    'projectcalico.org/orchestrator': 'k8s',
    ...(serviceAccount.length < 63 ? { 'projectcalico.org/serviceaccount': serviceAccount } : {}),
  };
}

function setLabels(cluster: Cluster, { kind, metadata }: NetworkSet): Labels {
  return { ...metadata.labels, ...(kind === 'NetworkSet' ? namespaceLabels(cluster, namespaceOf({ metadata })) : {}) };
}

function namespaceLabels(cluster: Cluster, namespace: string): Labels {
  const known = cluster.namespaces.get(namespace) ?? { 'kubernetes.io/metadata.name': namespace };
  return {
    ...prefixed('pcns.', { ...known, 'projectcalico.org/name': namespace }),
    'projectcalico.org/namespace': namespace,
  };
}

function prefixed(prefix: string, labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [prefix + key, value]));
}

function servicesOf(cluster: Cluster, namespace: string | undefined, { services }: EntityRule) {
  const where = services?.namespace ?? namespace;
  const found = cluster.services.filter((each) => each.metadata.name === services?.name && namespaceOf(each) === where);
  const isDns = services?.name === dnsService.metadata.name && where === dnsService.metadata.namespace;
  return found.length === 0 && isDns ? [dnsService] : found;
}

function serviceMatch(services: readonly Service[], matches: (service: Service) => boolean): Match {
  if (!isKnown(services)) return 'maybe';
  return services.some(matches) ? 'yes' : 'no';
}

/** FACTS B4: `services` are the addresses behind a service, also those of pods on their node's network. */
function isPodOf(service: Parameters<typeof isBehind>[0], { pod }: End): boolean {
  return pod !== undefined && isBehind(service, pod);
}
