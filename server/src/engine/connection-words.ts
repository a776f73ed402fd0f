import { isAll, printAddresses } from '../model/addresses.js';
import { printConnections, printPorts } from '../model/ports.js';
import type { Condition, Connection } from './reach.js';
import type { Endpoint } from './stages.js';

/** "shop/api", "10.0.0.0/8", "any address". */
export function endWords(end: Endpoint): string {
  if (end.kind === 'some pods') return 'some pods';
  if (end.kind === 'pods') return `${end.pods.namespace.name}/${end.pods.name}`;
  return isAll(end.addresses) ? 'any address' : printAddresses(end.addresses).replace(/(\.\d+)\/32\b|\/128\b/g, '$1');
}

/** "shop/web to shop/api on TCP 80". */
export function connectionWords({ from, to, ports }: Connection): string {
  return `${endWords(from)} to ${endWords(to)} on ${printPorts(ports)}`;
}

/** " (TCP 8080 only HTTP GET /v1/.*)": what passes on some ports only as a rule says; empty where all does. */
export function conditionWords(conditions: readonly Condition[]): string {
  const parts = conditions.flatMap(({ ports, words }) => {
    const text = printConnections(ports);
    return text === noConnections ? [] : [`${text} only ${words.join(', ')}`];
  });
  return parts.length === 0 ? '' : ` (${[...new Set(parts)].join('; ')})`;
}

/** How ports of other protocols than TCP, UDP and SCTP alone are printed. */
export const noConnections = 'No Connections';
