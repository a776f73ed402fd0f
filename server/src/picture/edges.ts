import type { ListedConnection } from '../engine/connection-list.js';
import { conditionWords, noConnections } from '../engine/connection-words.js';
import { type PortSet, printConnections } from '../model/ports.js';
import type { Edge } from './edge.js';

/** Writes connections as edges: undefined for what passes on other protocols than TCP, UDP and SCTP alone. */
export function edgeWriter(): (connection: ListedConnection) => Edge | undefined {
  const texts = new Map<PortSet, string>();
  return (connection) => {
    const text = texts.get(connection.ports) ?? printConnections(connection.ports);
    texts.set(connection.ports, text);
    if (text === noConnections) return undefined;
    return {
      src: connection.src.name,
      dst: connection.dst.name,
      conn: `${text}${conditionWords(connection.conditions)}`,
    };
  };
}
