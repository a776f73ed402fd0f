import type { PortClause } from '../../model/policy.js';
import { allOf, type NamedPort, namedPort, noPorts, type PortSet, ports, union } from '../../model/ports.js';
import { isNull, type Span, spanOf, stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { dash } from '../structure.js';
import { type IcmpFamily, icmpType } from './icmp.js';

/** Protocols beside TCP, UDP and SCTP, by their numbers: from 1.20 on, where they are turned on. Source: FACTS A4.3. */
export const extendedProtocols: Readonly<Record<string, number>> = {
  VRRP: 112,
  IGMP: 2,
  GRE: 47,
  IPIP: 4,
  IPV6: 41,
  ESP: 50,
  AH: 51,
};

const transports: readonly NamedPort['protocol'][] = ['TCP', 'UDP', 'SCTP'];

/** What a port's text stands for: a number from 0 (every port) to 65535, or a name in lower case; undefined when refused. */
export function parsePort(text: string): number | string | undefined {
  // iana.IsSvcName, which is asked first: so `0x50` is a name.
  if (text.length <= 15 && /^(?:[a-zA-Z0-9]-?)*[a-zA-Z](?:-?[a-zA-Z0-9])*$/.test(text)) return text.toLowerCase();
  // strconv.ParseUint with base 0: a leading zero means octal, and underscores may stand between digits.
  if (!/^[0-9]+(?:_[0-9]+)*$/.test(text)) return undefined;
  const digits = text.replaceAll('_', '');
  const octal = digits.length > 1 && digits.startsWith('0');
  if (octal && /[89]/.test(digits)) return undefined;
  const number = Number.parseInt(digits, octal ? 8 : 10);
  return number <= 65535 ? number : undefined;
}

/** Which ports some `toPorts` items or `icmps` stand for. */
export interface ReadPorts {
  readonly ports: PortSet;
  readonly clauses: readonly PortClause[];
  readonly uncertain: boolean;
}

export const noClauses: ReadPorts = { ports: noPorts, clauses: [], uncertain: false };

export function joined(all: readonly ReadPorts[]): ReadPorts {
  return {
    ports: all.reduce((set, each) => union(set, each.ports), noPorts),
    clauses: all.flatMap(({ clauses }) => clauses),
    uncertain: all.some(({ uncertain }) => uncertain),
  };
}

/** The `ports` of one item of `toPorts`. Without any, the item opens nothing. Source: FACTS B5, shape of an entry. */
export function readPortList(node: YamlNode | undefined): ReadPorts {
  if (isNull(node)) return noClauses;
  if (node?.kind !== 'sequence') return { ...noClauses, uncertain: true };
  const clauses = node.items.map((item) => readClause(item.value, dash(item)));
  return fromClauses(clauses, node.incomplete);
}

function fromClauses(read: readonly (PortClause | undefined)[], incomplete: boolean): ReadPorts {
  const clauses = read.filter((clause) => clause !== undefined);
  return {
    ports: clauses.reduce((set, clause) => union(set, clause.ports), noPorts),
    clauses,
    uncertain: incomplete || clauses.length < read.length,
  };
}

function readClause(node: YamlNode, at: Span): PortClause | undefined {
  if (node.kind !== 'map' || node.incomplete) return undefined;
  const protocolNode = valueAt(node, 'protocol');
  const protocol = isNull(protocolNode) ? 'ANY' : (stringOf(protocolNode)?.toUpperCase() ?? '?');
  const portNode = valueAt(node, 'port');
  const endNode = valueAt(node, 'endPort');
  const places = {
    at,
    ...(portNode === undefined ? {} : { portAt: spanOf(portNode) }),
    ...(protocolNode === undefined ? {} : { protocolAt: spanOf(protocolNode) }),
    ...(endNode === undefined ? {} : { endPortAt: spanOf(endNode) }),
  };
  const port = isNull(portNode) ? 0 : parsePort(stringOf(portNode) ?? '');
  if (Object.hasOwn(extendedProtocols, protocol)) {
    return port === 0 ? { ...places, protocol, ports: ports('other', extendedProtocols[protocol]) } : undefined;
  }
  const chosen = transports.filter((each) => protocol === each || protocol === 'ANY' || protocol === '');
  if (chosen.length === 0 || port === undefined || (port === 0 && isNull(portNode))) return undefined;
  const base = { ...places, protocol: chosen.length > 1 ? 'any' : protocol };
  const each = (set: (transport: NamedPort['protocol']) => PortSet) =>
    chosen.reduce((all, transport) => union(all, set(transport)), noPorts);
  if (port === 0) return { ...base, ports: each(allOf) };
  if (typeof port === 'string') return { ...base, name: port, ports: each((transport) => namedPort(transport, port)) };
  const end = endNode?.kind === 'scalar' && !isNull(endNode) ? endNode.value : port;
  if (typeof end !== 'number' || (endNode?.kind === 'scalar' && endNode.opaque)) return undefined;
  // The agent does not compare: an end that is not above the port is as good as none.
  const to = Math.max(port, end);
  return { ...base, from: port, to, ports: each((transport) => ports(transport, port, to)) };
}

/** The message types of one item of `icmps`. */
export function readIcmps(node: YamlNode): ReadPorts {
  const fields = valueAt(node, 'fields');
  if (node.kind !== 'map' || node.incomplete) return { ...noClauses, uncertain: true };
  if (isNull(fields)) return noClauses;
  if (fields?.kind !== 'sequence') return { ...noClauses, uncertain: true };
  const clauses = fields.items.map((item) => readIcmp(item.value, dash(item)));
  return fromClauses(clauses, fields.incomplete);
}

function readIcmp(node: YamlNode, at: Span): PortClause | undefined {
  if (node.kind !== 'map' || node.incomplete) return undefined;
  const family = icmpFamily(node);
  const typeNode = valueAt(node, 'type');
  if (family === undefined || typeNode?.kind !== 'scalar' || typeNode.opaque) return undefined;
  const type = icmpType(family, typeNode.value);
  const protocol = family === 'IPv4' ? 'ICMP' : 'ICMPv6';
  if (type === undefined) return undefined;
  return { protocol, ports: ports(protocol, type), from: type, to: type, at, portAt: spanOf(typeNode) };
}

/** IPv4 where none is written; undefined for what is neither. */
export function icmpFamily(field: YamlNode): IcmpFamily | undefined {
  const node = valueAt(field, 'family');
  if (isNull(node)) return 'IPv4';
  const text = stringOf(node);
  return text === 'IPv4' || text === 'IPv6' ? text : undefined;
}
