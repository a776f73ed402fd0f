/** toPorts and icmps: FACTS A4.3, B5. */
import type { Connection } from './connection.js';
import { allOf, anyOf, type Match } from './match.js';
import type { CiliumEntry, IcmpField, PortProtocol, PortRule } from './objects-cilium.js';
import { isNamedPort } from './ports.js';

/** Whether an entry is about this traffic, whoever the ends are. */
export function trafficMatch({ toPorts, icmps }: CiliumEntry, connection: Connection): Match {
  if (isGiven(toPorts)) return anyOf(toPorts.map((rule) => portRuleMatch(rule, connection)));
  if (!isGiven(icmps)) return 'yes';
  return icmps.some(({ fields }) => (fields ?? []).some((field) => isIcmp(field, connection))) ? 'yes' : 'no';
}

export function isGiven<T>(list: readonly T[] | null | undefined): list is readonly T[] {
  return list !== undefined && list !== null && list.length > 0;
}

/** A list without ports, or none, allows nothing. What is asked of the connection's content is not told by it. */
function portRuleMatch({ ports, rules, serverNames }: PortRule, connection: Connection): Match {
  const { http = [], dns = [], kafka = [], l7 = [] } = rules ?? {};
  const limitsNames = dns.length > 0 && !dns.some(({ matchPattern }) => matchPattern === '*');
  const hasCondition = [http, kafka, l7, serverNames ?? []].some((list) => list.length > 0) || limitsNames;
  return allOf([(ports ?? []).some((port) => isPort(port, connection)), hasCondition ? 'maybe' : true]);
}

const noPortNumbers: Readonly<Record<string, number>> = {
  IGMP: 2,
  IPIP: 4,
  IPV6: 41,
  GRE: 47,
  ESP: 50,
  AH: 51,
  VRRP: 112,
};

/** No protocol, and ANY, are the three that have ports. Port 0 is all of them; an endPort that is not larger is nothing. */
function isPort({ port, endPort, protocol }: PortProtocol, connection: Connection): boolean {
  const asked = protocol?.toUpperCase() || 'ANY';
  const number = noPortNumbers[asked];
  if (number !== undefined) return connection.protocol === 'other' && connection.port === number;
  if (asked === 'ANY' ? !['TCP', 'UDP', 'SCTP'].includes(connection.protocol) : asked !== connection.protocol)
    return false;
  const first = numberOf(port ?? '0');
  if (first === undefined) return isNamedPort(connection, (port ?? '').toLowerCase());
  if (first === 0) return true;
  return first <= connection.port && connection.port <= Math.max(first, endPort ?? first);
}

/**
 * As Go reads a number in base 0: a leading zero is octal. Undefined for a name, which anything with a letter is: it is asked
 * first whether a text is one, so that `0x50` is a name (FACTS A4.3).
 */
function numberOf(text: string): number | undefined {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : undefined;
}

const icmpNames: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  IPv4: { EchoReply: 0, DestinationUnreachable: 3, Redirect: 5, Echo: 8, EchoRequest: 8, TimeExceeded: 11 },
  IPv6: { DestinationUnreachable: 1, PacketTooBig: 2, TimeExceeded: 3, EchoRequest: 128, EchoReply: 129 },
};

function isIcmp({ family, type }: IcmpField, connection: Connection): boolean {
  if (connection.protocol !== (family === 'IPv6' ? 'ICMPv6' : 'ICMP')) return false;
  const number = typeof type === 'number' ? type : (icmpNames[family ?? 'IPv4']?.[type] ?? Number(type));
  return number === connection.port;
}
