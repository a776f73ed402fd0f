import { isIPv4, isIPv6 } from 'node:net';

export interface NumericAddress {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/** An address as a number. Throws where the text is none. */
export function parseAddress(text: string): NumericAddress {
  if (isIPv4(text)) return { value: number(text.split('.'), 10, 8n), bits: 32 };
  if (!isIPv6(text)) throw new Error(`${text} is not an IP address`);
  const [before = [], after] = text.split('::').map(groups);
  if (after === undefined) return { value: number(before, 16, 16n), bits: 128 };
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return { value: number([...before, ...zeros, ...after], 16, 16n), bits: 128 };
}

/** The address of a number, in a form that every reader takes; not the shortest one for IPv6. */
export function formatAddress({ value, bits }: NumericAddress): string {
  const part = (index: number, width: bigint) => (value >> (BigInt(index) * width)) & ((1n << width) - 1n);
  if (bits === 32) return [3, 2, 1, 0].map((index) => part(index, 8n)).join('.');
  return [7, 6, 5, 4, 3, 2, 1, 0].map((index) => part(index, 16n).toString(16)).join(':');
}

/** The first and last address of a CIDR, or of one address. FACTS A1: bits behind the prefix are masked. */
export function rangeOf(cidr: string): { readonly first: NumericAddress; readonly last: NumericAddress } {
  const [address = '', prefix] = cidr.split('/');
  const { value, bits } = parseAddress(address);
  const rest = BigInt(bits - Number(prefix ?? bits));
  const first = (value >> rest) << rest;
  return { first: { value: first, bits }, last: { value: first + (1n << rest) - 1n, bits } };
}

/** Whether two texts are the same address: IPv6 can be written in several ways. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [parseAddress(one), parseAddress(other)];
  return a.bits === b.bits && a.value === b.value;
}

export function cidrContains(cidr: string, address: string): boolean {
  const { value, bits } = parseAddress(address);
  const { first, last } = rangeOf(cidr);
  return bits === first.bits && first.value <= value && value <= last.value;
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/**
 * Whether a block holds whatever IPv4 address a pod may have: all of those for private use, where clusters put their pods
 * (RFC 1918, 6598).
 */
export function holdsEveryPrivate(cidr: string, except: readonly string[] = []): boolean {
  const { first, last } = rangeOf(cidr);
  const isWithin = (inner: string) => {
    const range = rangeOf(inner);
    return range.first.bits === first.bits && first.value <= range.first.value && range.last.value <= last.value;
  };
  const isApart = (one: string, other: string) => {
    const [a, b] = [rangeOf(one), rangeOf(other)];
    return a.first.bits !== b.first.bits || a.last.value < b.first.value || b.last.value < a.first.value;
  };
  return privateRanges.every((each) => isWithin(each) && except.every((out) => isApart(out, each)));
}

function groups(text: string): readonly string[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!isIPv4(group)) return [group];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  });
}

function number(parts: readonly string[], base: 10 | 16, width: bigint): bigint {
  return parts.reduce((sum, part) => (sum << width) + BigInt(Number.parseInt(part, base)), 0n);
}
