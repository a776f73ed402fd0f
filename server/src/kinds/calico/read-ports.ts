import type { Constraint, PortClause } from '../../model/policy.js';
import {
  allOf,
  allPorts,
  hasNamed,
  isAll,
  isEmpty,
  isSubset,
  namedPort,
  noPorts,
  type PortSet,
  type Protocol,
  ports,
  subtract,
  union,
} from '../../model/ports.js';
import { list } from '../../model/print.js';
import { keySpan, type Span, spanOf, valueAt, type YamlItem, type YamlMap, type YamlNode } from '../../text/tree.js';
import { isPort } from '../kubernetes/read-network-policy.js';
import { numberOf } from '../kubernetes/workloads.js';
import { dash } from '../structure.js';
import { given } from './read-entity.js';
import { readHttp } from './read-http.js';

export const protocolNumbers: Readonly<Record<string, number>> = {
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  ICMPv6: 58,
  SCTP: 132,
  UDPLite: 136,
};

const transports = ['TCP', 'UDP', 'SCTP'] as const;

/** An IP protocol by name or number; undefined for what Calico does not know. Source: numorstring.Protocol. */
export function protocolNumber(node: YamlNode | undefined): number | undefined {
  if (node?.kind !== 'scalar' || node.opaque) return undefined;
  const { value } = node;
  if (typeof value === 'string' && Object.hasOwn(protocolNumbers, value)) return protocolNumbers[value];
  const number = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 255 ? number : undefined;
}

/** A port as Calico reads it: a number, `first:last`, or a name; undefined for what is none. Source: numorstring.Port. */
export type WrittenPort = { readonly from: number; readonly to: number } | { readonly name: string } | undefined;

export function writtenPort(node: YamlNode): WrittenPort {
  const value = node.kind === 'scalar' && !node.opaque ? node.value : undefined;
  if (typeof value === 'number') return isPort(value) ? { from: value, to: value } : undefined;
  if (typeof value !== 'string') return undefined;
  const range = /^([0-9]+)(?::([0-9]+))?$/.exec(value);
  if (range === null) return /^[A-Za-z0-9_.-]{1,128}$/.test(value) ? { name: value } : undefined;
  const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
  return isPort(from) && isPort(to) && from <= to ? { from, to } : undefined;
}

export interface RulePorts {
  readonly ports: PortSet;
  readonly clauses: readonly PortClause[];
  readonly exceptPorts?: PortSet;
  /** Of `ports`, those that the constraints are not about: they are matched as they are. */
  readonly free?: PortSet;
  readonly constraints: readonly Constraint[];
  readonly uncertain: boolean;
}

/**
 * The protocols and ports of a rule, and what else it asks of a connection. Without a protocol it is every IP protocol.
 * Source: FACTS A3.1, B4; projectcalico/calico api networkpolicy.go Rule.
 */
export function readRulePorts(rule: YamlMap): RulePorts {
  const destination = valueAt(rule, 'destination');
  const base = readProtocols(rule);
  const list = given(destination, 'ports');
  const not = readPorts(given(destination, 'notPorts')?.value, base);
  const written = readPorts(list?.value, base);
  const clauses: readonly PortClause[] =
    written.clauses.length > 0 ? written.clauses : isAll(base.ports) && not.clauses.length === 0 ? [] : [base.clause];
  const left = clauses.map((clause) => ({
    ...clause,
    ports: not.clauses.reduce((rest, { ports }) => subtract(rest, ports), clause.ports),
  }));
  const except = not.clauses.reduce((all, { ports }) => union(all, ports), noPorts);
  const stays = !isEmpty(except) && (hasNamed(except) || clauses.some(({ ports }) => hasNamed(ports)));
  return {
    ports: left.length === 0 ? allPorts : left.reduce((all, each) => union(all, each.ports), noPorts),
    clauses: left,
    ...(stays ? { exceptPorts: except } : {}),
    constraints: [...base.constraints, ...sourcePorts(rule), ...readHttp(given(rule, 'http'))],
    ...(base.others === undefined ? {} : { free: base.others }),
    uncertain: base.uncertain || written.uncertain || not.uncertain,
  };
}

interface Protocols {
  readonly ports: PortSet;
  readonly clause: PortClause;
  readonly constraints: readonly Constraint[];
  /** Those of `ports` that no code of an ICMP type is asked for. */
  readonly others?: PortSet;
  /** Neither protocol nor notProtocol is given. */
  readonly free: boolean;
  readonly uncertain: boolean;
}

function readProtocols(rule: YamlMap): Protocols {
  const [entry, notEntry] = [given(rule, 'protocol'), given(rule, 'notProtocol')];
  const [number, notNumber] = [protocolNumber(entry?.value), protocolNumber(notEntry?.value)];
  const [icmp, notIcmp] = [given(rule, 'icmp'), given(rule, 'notICMP')];
  const constraints: Constraint[] = [];
  let others: PortSet | undefined;
  let set = number === undefined ? allPorts : allOfNumber(number);
  if (notNumber !== undefined) set = subtract(set, allOfNumber(notNumber));
  let uncertain = (entry !== undefined && number === undefined) || (notEntry !== undefined && notNumber === undefined);
  if (icmp !== undefined) {
    const { of, code, known } = readIcmp(icmp.value, number);
    set = of;
    uncertain ||= !known || (number !== 1 && number !== 58);
    if (code !== undefined)
      constraints.push({ kind: 'icmp code', words: `code ${code}`, limits: true, at: keySpan(icmp) });
  }
  if (notIcmp !== undefined) {
    const { of, type, code, known } = readIcmp(notIcmp.value, number);
    uncertain ||= !known;
    if (code === undefined) set = subtract(set, of);
    else {
      others = subtract(set, of);
      constraints.push({
        kind: 'icmp code',
        words: `but not type ${type} code ${code}`,
        limits: true,
        at: keySpan(notIcmp),
      });
    }
  }
  const named = entry ?? icmp ?? notEntry ?? notIcmp;
  const at = named === undefined ? spanOf(rule) : entry === undefined ? keySpan(named) : spanOf(entry.value);
  return {
    ports: set,
    clause: {
      ports: set,
      protocol: number === undefined ? 'any' : protocolName(number),
      at,
      ...(entry === undefined ? {} : { protocolAt: at }),
    },
    constraints,
    ...(others === undefined ? {} : { others }),
    free: entry === undefined && notEntry === undefined,
    uncertain,
  };
}

function protocolName(number: number): string {
  return Object.entries(protocolNumbers).find(([, known]) => known === number)?.[0] ?? String(number);
}

function allOfNumber(number: number): PortSet {
  const name = protocolName(number);
  const known: Protocol | undefined = (['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6'] as const).find((each) => each === name);
  return known === undefined ? ports('other', number) : allOf(known);
}

function readIcmp(node: YamlNode, protocol: number | undefined) {
  const [typeNode, codeNode] = ['type', 'code'].map((key) => given(node, key)?.value);
  const [type, code] = [numberOf(typeNode), numberOf(codeNode)];
  const known = node.kind === 'map' && !node.incomplete && (type !== undefined || typeNode === undefined);
  const families = (['ICMP', 'ICMPv6'] as const).filter(
    (each) => protocol === undefined || protocolName(protocol) === each,
  );
  const of = families.map((each) => ports(each, type)).reduce(union, noPorts);
  return { of, type, code, known: known && (code !== undefined || codeNode === undefined) };
}

function readPorts(node: YamlNode | undefined, base: Protocols) {
  if (node === undefined) return { clauses: [], uncertain: false };
  if (node.kind !== 'sequence') return { clauses: [], uncertain: true };
  const clauses = node.items.map((item) => readPort(item, base));
  const read = clauses.filter((clause) => clause !== undefined);
  // Numbers without a protocol are refused, so nobody knows which was meant.
  const stray = base.free && read.some(({ name }) => name === undefined);
  return { clauses: read, uncertain: node.incomplete || read.length < clauses.length || stray };
}

function readPort(item: YamlItem, base: Protocols): PortClause | undefined {
  const port = writtenPort(item.value);
  const own = transports.filter((each) => isSubset(allOf(each), base.ports));
  if (port === undefined || own.length === 0) return undefined;
  const [only = 'any', ...others] = own;
  const { protocolAt } = base.clause;
  const more = {
    protocol: others.length === 0 ? only : 'any',
    at: dash(item),
    portAt: spanOf(item.value),
    ...(protocolAt === undefined ? {} : { protocolAt }),
  };
  const of = (each: (typeof transports)[number]) =>
    'name' in port ? namedPort(each, port.name) : ports(each, port.from, port.to);
  return { ...more, ...port, ports: own.map(of).reduce(union) };
}

/** The model has ports of destinations only. */
function sourcePorts(rule: YamlMap): readonly Constraint[] {
  const source = valueAt(rule, 'source');
  return (['ports', 'notPorts'] as const).flatMap((key): readonly Constraint[] => {
    const entry = given(source, key);
    const items = entry?.value.kind === 'sequence' ? entry.value.items : [];
    if (entry === undefined || items.length === 0) return [];
    const words = `${key === 'ports' ? '' : 'not '}from source ${items.length === 1 ? 'port' : 'ports'}`;
    return [constraint('source ports', `${words} ${list(items.map(portWords))}`, keySpan(entry))];
  });
}

function constraint(kind: Constraint['kind'], words: string, at: Span): Constraint {
  return { kind, words, limits: true, at };
}

function portWords({ value }: YamlItem): string {
  return value.kind === 'scalar' && !value.opaque ? String(value.value).replace(':', '-') : '(unknown)';
}
