import { isAll, printAddresses } from '../model/addresses.js';
import { printPorts } from '../model/ports.js';
import type { Connection } from './reach.js';
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
