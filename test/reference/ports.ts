import type { Connection } from './connection.js';
import type { AdminPort, ClusterProtocol, DestinationPort, NetworkPolicyPort, Protocol } from './objects.js';

/** FACTS B1, the rows on `ports`: protocol TCP when missing; no port is all of the protocol; endPort is inclusive. */
export function networkPolicyPortMatches(port: NetworkPolicyPort, connection: Connection): boolean {
  const protocol = port.protocol ?? 'TCP';
  if (protocol !== connection.protocol) return false;
  if (port.port === undefined || port.port === null) return true;
  if (typeof port.port === 'string') return isNamedPort(connection, port.port);
  return port.port <= connection.port && connection.port <= (port.endPort ?? port.port);
}

/** FACTS A2.1. The named port has no protocol: it is the one that the pod declares. */
export function adminPortMatches(port: AdminPort, connection: Connection): boolean {
  if (port.portNumber) return within(port.portNumber.protocol, port.portNumber.port, port.portNumber.port, connection);
  if (port.portRange) return within(port.portRange.protocol, port.portRange.start, port.portRange.end, connection);
  return isNamedPort(connection, port.namedPort ?? '');
}

/** FACTS A2.3. */
export function clusterProtocolMatches(item: ClusterProtocol, connection: Connection): boolean {
  if (item.tcp) return destinationPortMatches('TCP', item.tcp, connection);
  if (item.udp) return destinationPortMatches('UDP', item.udp, connection);
  if (item.sctp) return destinationPortMatches('SCTP', item.sctp, connection);
  return isNamedPort(connection, item.destinationNamedPort ?? '');
}

function destinationPortMatches(
  protocol: Protocol,
  { destinationPort }: DestinationPort,
  connection: Connection,
): boolean {
  const { number, range } = destinationPort ?? {};
  if (range) return within(protocol, range.start, range.end, connection);
  // Without a port it is the whole protocol: the API's text; today's schema refuses it (FACTS A2.3).
  return within(protocol, number ?? 1, number ?? 65535, connection);
}

function within(protocol: string | null | undefined, start: number, end: number, connection: Connection): boolean {
  return (protocol ?? 'TCP') === connection.protocol && start <= connection.port && connection.port <= end;
}

/**
 * FACTS B0 and B1: a name is resolved for the destination pod, by name and protocol; none means no match, and an address has
 * none.
 */
export function isNamedPort({ to, protocol, port }: Connection, name: string): boolean {
  return (to.pod?.ports ?? []).some(
    (each) => each.name === name && (each.protocol ?? 'TCP') === protocol && each.containerPort === port,
  );
}
