import type { Pods } from '#server/engine/cluster.js';
import {
  type AddressSet,
  addressesOf,
  isSubset,
  union as join,
  noAddresses,
  parseCidr,
} from '#server/model/addresses.js';
import { allOf, allPorts, noPorts, type PortSet, ports, printPorts, subtract, union } from '#server/model/ports.js';
import type { Connections, Pair } from './compare.js';
import { outputOf } from './load.js';

/** One line of nca's output: who may connect to whom, and on what. */
export interface FirewallRule {
  takes(pair: Pair): boolean;
  readonly ports: PortSet;
  /** It lets a part through that ports do not tell: some codes of an ICMP type, some source ports. */
  readonly conditional: boolean;
}

/**
 * The rules of a connectivity map, such as "src_ns: [shop] src_pods: [app in (a,b)] dst: 0.0.0.0/0 conn: {protocols:TCP}".
 * Throws for what it does not know, so that nothing is left out unseen.
 */
export function firewallRules(path: string): readonly FirewallRule[] {
  const [, ...lines] = outputOf(path).split(/\r?\n/);
  return lines.filter((line) => line !== '').map(ruleOf);
}

/** What may pass, in words, so that both sides can be compared. */
interface Passing {
  readonly ports: string;
  readonly conditional: boolean;
}

export function allowedBy(rules: readonly FirewallRule[], pair: Pair): Passing {
  const taking = rules.filter((rule) => rule.takes(pair));
  return {
    ports: printPorts(taking.reduce((all, rule) => union(all, rule.ports), noPorts)),
    conditional: taking.some(({ conditional }) => conditional),
  };
}

export function allowedIn(connections: Connections, pair: Pair): Passing {
  const { ports, conditions } = connections.between(pair);
  return { ports: printPorts(ports), conditional: conditions.length > 0 };
}

function ruleOf(line: string): FirewallRule {
  const parts = /^src(.*?) dst(: .*|_ns.*) conn: (.*)$/.exec(line);
  if (parts === null) throw new Error(`no firewall rule: ${line}`);
  const [, source = '', destination = '', conn = ''] = parts;
  const [from, to] = [endOf(source), endOf(destination)];
  return {
    takes: (pair) => from(pair.from) && to(pair.to),
    ports: portsOf(conn),
    conditional: /src_ports|icmp_code/.test(conn),
  };
}

type End = (end: Pods | AddressSet) => boolean;

function endOf(text: string): End {
  const addresses = /^: (.*)$/.exec(text);
  if (addresses !== null) {
    const set = (addresses[1] ?? '').split(',').map(blockOf).reduce(join, noAddresses);
    return (end) => !('labels' in end) && isSubset(end, set);
  }
  const pods = /^_ns: \[([^\]]*)\] (?:src|dst)_pods: \[(.*)\]$/.exec(text);
  if (pods === null) throw new Error(`no end: ${text}`);
  const [, namespaces = '', labels = ''] = pods;
  const holds = expressionOf(labels);
  return (end) => 'labels' in end && namespaces.split(',').includes(end.namespace.name) && holds(end.labels);
}

function blockOf(text: string): AddressSet {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`no block: ${text}`);
  return addressesOf(cidr);
}

type Labels = ReadonlyMap<string, string>;

function expressionOf(text: string): (labels: Labels) => boolean {
  if (text === '*') return () => true;
  if (text.startsWith('(') && text.endsWith('))')) return expressionOf(text.slice(1, -1));
  const terms = text.split(' and ');
  if (terms.length > 1) {
    const all = terms.map(expressionOf);
    return (labels) => all.every((holds) => holds(labels));
  }
  const has = /^has\((\S+)\)$/.exec(text);
  if (has !== null) return (labels) => labels.has(has[1] ?? '');
  const [, key = '', not, values] = /^(\S+) (not )?in \((.*)\)$/.exec(text) ?? /^([^\s=]+)()=(\S+)$/.exec(text) ?? [];
  if (values === undefined) throw new Error(`no expression: ${text}`);
  return (labels) => values.split(',').includes(labels.get(key) ?? '') !== Boolean(not);
}

function portsOf(text: string): PortSet {
  if (text === 'All connections') return allPorts;
  const except = /^All but (.*)$/.exec(text);
  if (except !== null) return subtract(allPorts, portsOf(except[1] ?? ''));
  const [, protocols = '', type] = /^\{protocols:([A-Z]+)(?:,icmp_type:(\d+),icmp_code:\d+)?\}$/.exec(text) ?? [];
  const protocol = (['TCP', 'UDP', 'SCTP', 'ICMP'] as const).find((each) => each === protocols);
  if (protocol === undefined) throw new Error(`no connections: ${text}`);
  return type === undefined ? allOf(protocol) : ports(protocol, Number(type));
}
