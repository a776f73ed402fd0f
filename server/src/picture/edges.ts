import type { ListedConnection } from '../engine/connection-list.js';
import { type PortSet, printConnections } from '../model/ports.js';
import type { Edge } from './edge.js';

/** Writes connections as edges: undefined for what passes on other protocols than TCP, UDP and SCTP alone. */
export function edgeWriter(): (connection: ListedConnection) => Edge | undefined {
  const texts = new Map<PortSet, string>();
  return (connection) => {
    const text = texts.get(connection.ports) ?? printConnections(connection.ports);
    texts.set(connection.ports, text);
    if (text === nothing) return undefined;
    return { src: connection.src.name, dst: connection.dst.name, conn: `${text}${conditionWords(connection)}` };
  };
}

const nothing = 'No Connections';

/** " (TCP 8080 only HTTP GET /v1/.*)": what passes on some ports only as a rule says; nothing where all does. */
function conditionWords({ conditions }: ListedConnection): string {
  const parts = conditions.flatMap(({ ports, words }) => {
    const text = printConnections(ports);
    return text === nothing ? [] : [`${text} only ${words.join(', ')}`];
  });
  return parts.length === 0 ? '' : ` (${[...new Set(parts)].join('; ')})`;
}
