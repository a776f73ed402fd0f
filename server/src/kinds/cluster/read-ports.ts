import type { PortClause } from '../../model/policy.js';
import { type NamedPort, namedPort, noPorts, ports, union } from '../../model/ports.js';
import { isNull, keyText, type Span, spanOf, stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { isPort } from '../kubernetes/read-network-policy.js';
import type { ClusterPolicyKind } from './read.js';

const transports: Readonly<Record<string, NamedPort['protocol']>> = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' };

/**
 * One item of `ports` (v1alpha1) or `protocols` (v1alpha2); undefined where it cannot be read, or names a protocol that no
 * implementation knows. A reversed range of v1alpha1, which the API server takes, is empty.
 */
export function readPort(node: YamlNode, at: Span, kind: ClusterPolicyKind): PortClause | undefined {
  if (node.kind !== 'map' || node.incomplete) return undefined;
  const [entry, ...others] = node.entries.filter((each) => !isNull(each.value));
  if (entry === undefined || others.length > 0) return undefined;
  const key = keyText(entry);
  if (kind === 'ClusterNetworkPolicy') {
    if (key === 'destinationNamedPort') return byName(entry.value, at);
    const protocol = Object.hasOwn(transports, key) ? transports[key] : undefined;
    const port = protocol === undefined ? undefined : valueAt(entry.value, 'destinationPort');
    const range = valueAt(port, 'range');
    const number = valueAt(port, 'number');
    if (protocol === undefined || isNull(range) === isNull(number)) return undefined;
    return isNull(range)
      ? between(protocol, number, number, at)
      : rising(between(protocol, start(range), end(range), at));
  }
  if (key === 'namedPort') return byName(entry.value, at);
  const protocolNode = valueAt(entry.value, 'protocol');
  const text = isNull(protocolNode) ? 'TCP' : stringOf(protocolNode);
  const protocol = Object.values(transports).find((known) => known === text);
  if (protocol === undefined) return undefined;
  const protocolAt = protocolNode === undefined ? {} : { protocolAt: spanOf(protocolNode) };
  const number = valueAt(entry.value, 'port');
  const clause =
    key === 'portNumber'
      ? between(protocol, number, number, at)
      : key === 'portRange'
        ? between(protocol, start(entry.value), end(entry.value), at)
        : undefined;
  return clause === undefined ? undefined : { ...clause, ...protocolAt };
}

const start = (range: YamlNode | undefined) => valueAt(range, 'start');
const end = (range: YamlNode | undefined) => valueAt(range, 'end');

/** A name has no protocol: it stands for the container port of that name in every protocol. */
function byName(node: YamlNode, at: Span): PortClause | undefined {
  const name = stringOf(node);
  if (name === undefined) return undefined;
  const set = Object.values(transports).reduce((all, each) => union(all, namedPort(each, name)), noPorts);
  return { ports: set, protocol: 'any', name, at, portAt: spanOf(node) };
}

function between(
  protocol: NamedPort['protocol'],
  first: YamlNode | undefined,
  last: YamlNode | undefined,
  at: Span,
): PortClause | undefined {
  const [from, to] = [portOf(first), portOf(last)];
  if (first === undefined || last === undefined || from === undefined || to === undefined) return undefined;
  const endPortAt = first === last ? {} : { endPortAt: spanOf(last) };
  return { ports: ports(protocol, from, to), protocol, from, to, at, portAt: spanOf(first), ...endPortAt };
}

/** The API server refuses a reversed range in v1alpha2. */
function rising(clause: PortClause | undefined): PortClause | undefined {
  return clause?.from !== undefined && clause.to !== undefined && clause.from <= clause.to ? clause : undefined;
}

function portOf(node: YamlNode | undefined): number | undefined {
  const port = node?.kind === 'scalar' && !node.opaque ? node.value : undefined;
  return typeof port === 'number' && isPort(port) ? port : undefined;
}
