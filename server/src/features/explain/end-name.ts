import { podsName } from '../../engine/connection-names.js';
import type { Endpoint } from '../../engine/stages.js';
import { isAll, toCidrs } from '../../model/addresses.js';
import { list } from '../../model/print.js';

/** An end for people: addresses as blocks, a few of them. */
export function endName(end: Endpoint): string {
  if (end.kind === 'some pods') return 'some pods';
  if (end.kind === 'pods') return podsName(end.pods);
  return isAll(end.addresses) ? 'any address' : list(toCidrs(end.addresses).map(plain), 3);
}

/** A single address without its prefix. */
function plain(cidr: string): string {
  const [address = cidr, bits] = cidr.split('/');
  return bits === (address.includes(':') ? '128' : '32') ? address : cidr;
}
