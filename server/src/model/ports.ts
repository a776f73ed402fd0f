import * as intervals from './intervals.js';
import { type Interval, type Intervals, integers } from './intervals.js';
import { list } from './print.js';

/** `other` is every IP protocol that is not listed here. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'ICMPv6' | 'other';

/** A port given by a container port's name: it still has to be resolved for each destination pod. */
export interface NamedPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly name: string;
}

/**
 * What a rule's ports stand for.
 *
 * TCP, UDP and SCTP hold ports 1-65535, ICMP and ICMPv6 message types 0-255, `other` IP protocol numbers 0-255. A protocol
 * with nothing is absent from the map. A name stands for some ports of its protocol, which differ between destination
 * pods and may be none; a name whose protocol is held in full adds nothing and is left out.
 */
export interface PortSet {
  readonly byProtocol: ReadonlyMap<Protocol, Intervals<number>>;
  readonly named: readonly NamedPort[];
}

/** A port that a pod declares, as far as names need it. */
export interface DeclaredPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** In the order in which they are printed. */
const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6', 'other'];
const portRange: Interval<number> = { first: 1, last: 65535 };
const byteRange: Interval<number> = { first: 0, last: 255 };
const domains: Readonly<Record<Protocol, Interval<number>>> = {
  TCP: portRange,
  UDP: portRange,
  SCTP: portRange,
  ICMP: byteRange,
  ICMPv6: byteRange,
  other: byteRange,
};

export const noPorts: PortSet = { byProtocol: new Map(), named: [] };

/** Every protocol, all of it: what a rule without ports stands for. */
export const allPorts: PortSet = {
  byProtocol: new Map(protocols.map((protocol) => [protocol, [domains[protocol]]])),
  named: [],
};

/**
 * The ports `from` to `to` (inclusive) of a protocol; only `from` when `to` is missing, all of the protocol when both are.
 * What lies outside the protocol's range is cut off; reversed or fractional bounds give `noPorts`.
 */
export function ports(protocol: Protocol, from?: number, to?: number): PortSet {
  const domain = domains[protocol];
  const first = Math.max(from ?? domain.first, domain.first);
  const last = Math.min(to ?? from ?? domain.last, domain.last);
  if (!Number.isInteger(first) || !Number.isInteger(last) || first > last) return noPorts;
  return { byProtocol: new Map([[protocol, [{ first, last }]]]), named: [] };
}

/** The port that each destination pod declares under this name; the name is not checked. */
export function namedPort(protocol: NamedPort['protocol'], name: string): PortSet {
  return { byProtocol: new Map(), named: [{ protocol, name }] };
}

/** All of one protocol. */
export function allOf(protocol: Protocol): PortSet {
  return ports(protocol);
}

/** What is in either. Exact for names as well. */
export function union(a: PortSet, b: PortSet): PortSet {
  const byProtocol = combine((protocol) => intervals.union(integers, get(a, protocol), get(b, protocol)));
  const full = (protocol: Protocol) => isFull(protocol, byProtocol.get(protocol));
  const named = [...a.named, ...b.named.filter((port) => !hasName(a, port))];
  return { byProtocol, named: named.filter(({ protocol }) => !full(protocol)) };
}

/**
 * What is in both, whatever the names stand for: a name stays if the other side has the same name or the whole protocol.
 * A name against some of the ports, or against another name, may or may not meet; it is left out. So without names the
 * result is exact, and with names it never holds too much.
 */
export function intersect(a: PortSet, b: PortSet): PortSet {
  const byProtocol = combine((protocol) => intervals.intersect(integers, get(a, protocol), get(b, protocol)));
  const named = [
    ...a.named.filter((port) => covers(b, port)),
    ...b.named.filter((port) => covers(a, port) && !hasName(a, port)),
  ];
  return { byProtocol, named };
}

/**
 * What may be left of `a` without `b`: a name of `a` goes only if `b` has the same name or the whole protocol, and names
 * of `b` take no numbers away. So without names the result is exact, and with names it never holds too little.
 */
export function subtract(a: PortSet, b: PortSet): PortSet {
  return {
    byProtocol: combine((protocol) => intervals.subtract(integers, get(a, protocol), get(b, protocol))),
    named: a.named.filter((port) => !covers(b, port)),
  };
}

/** The same numbers and the same names, in any order. Unresolved names are compared as names. */
export function equal(a: PortSet, b: PortSet): boolean {
  return (
    protocols.every((protocol) => intervals.equal(integers, get(a, protocol), get(b, protocol))) &&
    a.named.every((port) => hasName(b, port)) &&
    b.named.every((port) => hasName(a, port))
  );
}

/** Holds nothing, not even a name. */
export function isEmpty(set: PortSet): boolean {
  return set.byProtocol.size === 0 && set.named.length === 0;
}

/** Holds every protocol in full. */
export function isAll(set: PortSet): boolean {
  return protocols.every((protocol) => isFull(protocol, set.byProtocol.get(protocol)));
}

/** Is all of `inner` in `outer`, whatever the names stand for? False where that hangs on how a name resolves. */
export function isSubset(inner: PortSet, outer: PortSet): boolean {
  if (!inner.named.every((port) => covers(outer, port))) return false;
  for (const [protocol, numbers] of inner.byProtocol)
    if (!intervals.isSubset(integers, numbers, get(outer, protocol))) return false;
  return true;
}

/** Is something in both? A name counts where the other side has the same name or all of the protocol. */
export function overlaps(a: PortSet, b: PortSet): boolean {
  for (const [protocol, numbers] of a.byProtocol)
    if (intervals.overlaps(integers, numbers, get(b, protocol))) return true;
  return a.named.some((port) => covers(b, port)) || b.named.some((port) => covers(a, port));
}

/** Is this port (ICMP: message type, other: IP protocol number) certainly in the set? Names count for nothing here. */
export function includes(set: PortSet, protocol: Protocol, port: number): boolean {
  return intervals.contains(integers, get(set, protocol), port);
}

/** Is there a name that still has to be resolved? */
export function hasNamed(set: PortSet): boolean {
  return set.named.length > 0;
}

/**
 * The set for one destination that declares these ports: each name is replaced by every declared port with that name and
 * protocol. A name that nothing declares contributes nothing; for a destination that is no pod, pass no ports.
 * Source: Kubernetes NetworkPolicyPort.port.
 */
export function resolveNamed(set: PortSet, declared: readonly DeclaredPort[]): PortSet {
  if (!hasNamed(set)) return set;
  const numbers: PortSet = { byProtocol: set.byProtocol, named: [] };
  return declared
    .filter(({ name, protocol }) => set.named.some((port) => port.name === name && port.protocol === protocol))
    .reduce((result, { protocol, port }) => union(result, ports(protocol, port)), numbers);
}

/** A service's port on pods: a number as it is, a name by what they declare. Source: Service spec.ports[].targetPort. */
export function targetPorts(
  { targetPort, protocol }: { readonly targetPort: number | string; readonly protocol: NamedPort['protocol'] },
  declared: readonly DeclaredPort[],
): PortSet {
  return typeof targetPort === 'number'
    ? ports(protocol, targetPort)
    : resolveNamed(namedPort(protocol, targetPort), declared);
}

/**
 * For people: "TCP 8080-8090, UDP 53", "TCP 80 and 443", "TCP port named http", "all TCP and UDP ports", "every port",
 * "every port except TCP 25", "ICMP type 8", "nothing". Names come with the protocol they belong to.
 */
export function printPorts(set: PortSet): string {
  if (isEmpty(set)) return 'nothing';
  if (isAll(set)) return 'every port';
  if (!hasNamed(set) && set.byProtocol.size === protocols.length) {
    return `every port except ${printPorts(subtract(allPorts, set))}`;
  }
  const full = protocols.filter((protocol) => isFull(protocol, set.byProtocol.get(protocol)));
  const fullWithPorts = full.filter((protocol) => domains[protocol] === portRange);
  const parts = fullWithPorts.length > 0 ? [`all ${list(fullWithPorts)} ports`] : [];
  for (const protocol of protocols) {
    if (fullWithPorts.includes(protocol)) continue;
    if (full.includes(protocol)) parts.push(protocol === 'other' ? 'other protocols' : `all ${protocol}`);
    else parts.push(...printPart(set, protocol));
  }
  return parts.join(', ');
}

/**
 * In np-guard's words: "All Connections", "No Connections", "SCTP 1-65535,TCP 80,443-444,UDP 53". Only TCP, UDP and SCTP
 * count; a name that is not resolved stands behind the numbers of its protocol. Source: netpol-analyzer, docs/connlist_output.md.
 */
export function printConnections(set: PortSet): string {
  const counted: readonly Protocol[] = ['SCTP', 'TCP', 'UDP'];
  if (counted.every((protocol) => isFull(protocol, set.byProtocol.get(protocol)))) return 'All Connections';
  const parts = counted
    .map((protocol) => [
      protocol,
      [
        ...get(set, protocol).map(printInterval),
        ...set.named
          .filter((port) => port.protocol === protocol)
          .map(({ name }) => name)
          .sort(),
      ].join(','),
    ])
    .filter(([, ports]) => ports !== '')
    .map((part) => part.join(' '));
  return parts.length === 0 ? 'No Connections' : parts.join(',');
}

function printPart(set: PortSet, protocol: Protocol): string[] {
  const words = { TCP: '', UDP: '', SCTP: '', ICMP: ' type', ICMPv6: ' type', other: '' }[protocol];
  const start = protocol === 'other' ? 'IP protocol' : `${protocol}${words}`;
  const numbers = get(set, protocol);
  const names = set.named.filter((port) => port.protocol === protocol).map(({ name }) => name);
  const parts = numbers.length > 0 ? [`${start} ${list(numbers.map(printInterval))}`] : [];
  if (names.length > 0) parts.push(`${protocol} ${names.length === 1 ? 'port' : 'ports'} named ${list(names)}`);
  return parts;
}

function printInterval({ first, last }: Interval<number>): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

function combine(of: (protocol: Protocol) => Intervals<number>): ReadonlyMap<Protocol, Intervals<number>> {
  const found = new Map<Protocol, Intervals<number>>();
  for (const protocol of protocols) {
    const numbers = of(protocol);
    if (numbers.length > 0) found.set(protocol, numbers);
  }
  return found;
}

function get(set: PortSet, protocol: Protocol): Intervals<number> {
  return set.byProtocol.get(protocol) ?? none;
}

const none: Intervals<number> = [];

function isFull(protocol: Protocol, numbers: Intervals<number> | undefined): boolean {
  const { first, last } = domains[protocol];
  return numbers?.length === 1 && numbers[0]?.first === first && numbers[0].last === last;
}

function hasName(set: PortSet, { protocol, name }: NamedPort): boolean {
  return set.named.some((port) => port.protocol === protocol && port.name === name);
}

/** Does the set hold the named port whatever its number? */
function covers(set: PortSet, port: NamedPort): boolean {
  return hasName(set, port) || isFull(port.protocol, set.byProtocol.get(port.protocol));
}
