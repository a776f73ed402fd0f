import ipaddr from 'ipaddr.js';
import * as intervals from './intervals.js';
import { bigIntegers, type Intervals } from './intervals.js';
import { list } from './print.js';

export type AddressFamily = 4 | 6;

/** A set of IPv4 and IPv6 addresses, each family as numbers in the order of the addresses. */
export interface AddressSet {
  readonly v4: Intervals<bigint>;
  readonly v6: Intervals<bigint>;
}

/** One address. */
export interface Address {
  readonly family: AddressFamily;
  /** 0 to 2^32-1 or 2^128-1. */
  readonly value: bigint;
  /** As written. */
  readonly text: string;
  /** Some number is written with more zeros than the API server's strict validation takes. */
  readonly leadingZeros: boolean;
  /** Lies in ::ffff:0:0/96. Stays in family 6. */
  readonly ipv4Mapped: boolean;
  /** Dotted decimal or RFC 5952; an IPv4-mapped address in its IPv4 form. */
  readonly canonical: string;
}

/** A CIDR block. */
export interface Cidr {
  readonly family: AddressFamily;
  /** The masked address. */
  readonly first: bigint;
  readonly last: bigint;
  /** 0-32 or 0-128. */
  readonly prefix: number;
  /** As written. */
  readonly text: string;
  /** The address as written has bits behind the prefix: `10.0.0.5/24`. */
  readonly hostBits: boolean;
  /** As for `Address`, the prefix length included. */
  readonly leadingZeros: boolean;
  /** The address as written lies in ::ffff:0:0/96. Stays in family 6. */
  readonly ipv4Mapped: boolean;
  /**
   * The block as the API server prefers to have it written: masked, without leading zeros, RFC 5952, IPv4 form for an
   * IPv4-mapped block. Source: Go net.IPNet.String, which GetWarningsForCIDR proposes.
   */
  readonly canonical: string;
}

const widths = { 4: 32, 6: 128 } as const;
const everyV4: Intervals<bigint> = [{ first: 0n, last: (1n << 32n) - 1n }];
const everyV6: Intervals<bigint> = [{ first: 0n, last: (1n << 128n) - 1n }];

export const noAddresses: AddressSet = { v4: [], v6: [] };
export const allIPv4: AddressSet = { v4: everyV4, v6: [] };
export const allIPv6: AddressSet = { v4: [], v6: everyV6 };
export const allAddresses: AddressSet = { v4: everyV4, v6: everyV6 };

/**
 * Parses an address as the API server does before strict validation: leading zeros are decimal, no zones, no blanks.
 * Undefined for anything else. Source: k8s.io/utils/net ParseIPSloppy (Go 1.16 net.ParseIP).
 */
export function parseAddress(text: string): Address | undefined {
  const plain = text.includes(':') ? plainV6(text) : plainV4(text);
  if (plain === undefined) return undefined;
  const parsed = ipaddr.parse(plain.text);
  const family = parsed.kind() === 'ipv4' ? 4 : 6;
  const value = fromBytes(parsed.toByteArray());
  const mapped = family === 6 && isMapped(value);
  const canonical = print(mapped ? 4 : family, mapped ? value & 0xffffffffn : value);
  return { family, value, text, leadingZeros: plain.leadingZeros, ipv4Mapped: mapped, canonical };
}

/**
 * Parses a block as the API server does before strict validation: a "/" is required, host bits are masked away, leading
 * zeros are decimal. Undefined for anything else: a bare address, blanks, "10.0.0.0/33".
 * Source: k8s.io/utils/net ParseCIDRSloppy (Go 1.16 net.ParseCIDR).
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^[0-9]+$/.test(digits)) return undefined;
  const { family, value } = address;
  const prefix = Number(digits);
  if (prefix > widths[family]) return undefined;

  const size = 1n << BigInt(widths[family] - prefix);
  const first = value - (value % size);
  const mapped = family === 6 && isMapped(first);
  return {
    family,
    first,
    last: first + size - 1n,
    prefix,
    text,
    hostBits: first !== value,
    leadingZeros: address.leadingZeros || /^0[0-9]/.test(digits),
    ipv4Mapped: address.ipv4Mapped,
    canonical: mapped ? `${print(4, first & 0xffffffffn)}/${prefix - 96}` : `${print(family, first)}/${prefix}`,
  };
}

/**
 * Does the block `outer` hold `inner` and more? Both masked, same family: `outer` contains the first address of `inner`,
 * whose prefix is longer. Source: Kubernetes ValidateIPBlock, the rule for `ipBlock.except`.
 */
export function isStrictSubnet(inner: Cidr, outer: Cidr): boolean {
  const contained = inner.first >= outer.first && inner.first <= outer.last;
  return inner.family === outer.family && contained && inner.prefix > outer.prefix;
}

/** The addresses of a block without those of the exceptions; exceptions outside of the block change nothing. */
export function addressesOf(cidr: Cidr, except: readonly Cidr[] = []): AddressSet {
  return except.map(blockOf).reduce(subtract, blockOf(cidr));
}

/** The addresses of any of the blocks. */
export function addressesOfAll(cidrs: readonly Cidr[]): AddressSet {
  return cidrs.map(blockOf).reduce(union, noAddresses);
}

/** The addresses of networks of their own, where clusters put their pods unless told otherwise. Source: RFC 1918, 6598, 4193. */
export const privateAddresses: AddressSet = /* @__PURE__ */ addressesOfAll(
  ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].flatMap(
    (text) => parseCidr(text) ?? [],
  ),
);

/** The addresses in either. */
export function union(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: intervals.union(bigIntegers, a.v4, b.v4), v6: intervals.union(bigIntegers, a.v6, b.v6) };
}

/** The addresses in both. */
export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: intervals.intersect(bigIntegers, a.v4, b.v4), v6: intervals.intersect(bigIntegers, a.v6, b.v6) };
}

/** The addresses of `a` that are not in `b`. */
export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: intervals.subtract(bigIntegers, a.v4, b.v4), v6: intervals.subtract(bigIntegers, a.v6, b.v6) };
}

export function isEmpty(set: AddressSet): boolean {
  return set.v4.length === 0 && set.v6.length === 0;
}

/** Every IPv4 and every IPv6 address. */
export function isAll(set: AddressSet): boolean {
  return equal(set, allAddresses);
}

export function equal(a: AddressSet, b: AddressSet): boolean {
  return intervals.equal(bigIntegers, a.v4, b.v4) && intervals.equal(bigIntegers, a.v6, b.v6);
}

/** Is every address of `inner` in `outer`? */
export function isSubset(inner: AddressSet, outer: AddressSet): boolean {
  return intervals.isSubset(bigIntegers, inner.v4, outer.v4) && intervals.isSubset(bigIntegers, inner.v6, outer.v6);
}

/** Is there an address in both? */
export function overlaps(a: AddressSet, b: AddressSet): boolean {
  return intervals.overlaps(bigIntegers, a.v4, b.v4) || intervals.overlaps(bigIntegers, a.v6, b.v6);
}

export function containsAddress(set: AddressSet, { family, value }: Address): boolean {
  return intervals.contains(bigIntegers, family === 4 ? set.v4 : set.v6, value);
}

/** The shortest list of blocks that hold exactly these addresses, IPv4 first, in ascending order, canonical. */
export function toCidrs(set: AddressSet): string[] {
  return [...blocksOf(set.v4, 4), ...blocksOf(set.v6, 6)].map(printBlock);
}

/** Each contiguous range of one family as "a.b.c.d-e.f.g.h", also a single address: np-guard's form. */
export function toRanges(set: AddressSet, family: AddressFamily): string[] {
  const ranges = family === 4 ? set.v4 : set.v6;
  return ranges.map(({ first, last }) => `${print(family, first)}-${print(family, last)}`);
}

/**
 * For people: "10.0.0.0/8 except 10.42.0.0/16", "every IPv4 address", "every address", "no address". Says it with as few
 * blocks as it takes; where some have exceptions, they are set off by ";".
 */
export function printAddresses(set: AddressSet): string {
  if (isEmpty(set)) return 'no address';
  if (isAll(set)) return 'every address';
  const clauses = [
    ...shortest(set.v4, { family: 4, first: 0n, prefix: 0 }),
    ...shortest(set.v6, { family: 6, first: 0n, prefix: 0 }),
  ];
  return clauses.map(printClause).join(clauses.some(({ except }) => except.length > 0) ? '; ' : ', ');
}

/** A block by its first address. */
interface Block {
  readonly family: AddressFamily;
  readonly first: bigint;
  readonly prefix: number;
}

interface Clause {
  readonly block: Block;
  readonly except: readonly Block[];
}

/** The fewest blocks and exceptions that say which addresses of `block` are in the set. */
function shortest(set: Intervals<bigint>, block: Block): Clause[] {
  const whole = rangeOf(block);
  const inside = intervals.intersect(bigIntegers, set, whole);
  if (inside.length === 0) return [];
  if (intervals.equal(bigIntegers, inside, whole)) return [{ block, except: [] }];
  const prefix = block.prefix + 1;
  const left = { ...block, prefix };
  const right = { ...left, first: block.first + (1n << BigInt(widths[block.family] - prefix)) };
  const split = [...shortest(inside, left), ...shortest(inside, right)];
  // With one half empty, the block itself would only add that half to the exceptions.
  if (!intervals.overlaps(bigIntegers, inside, rangeOf(left))) return split;
  if (!intervals.overlaps(bigIntegers, inside, rangeOf(right))) return split;
  const covered = { block, except: blocksOf(intervals.subtract(bigIntegers, whole, inside), block.family) };
  // A block with one hole is more likely what somebody wrote than the same addresses in equally many pieces.
  return cost(split) < cost([covered]) ? split : [covered];
}

function cost(clauses: readonly Clause[]): number {
  return clauses.reduce((sum, { except }) => sum + 1 + except.length, 0);
}

function blocksOf(set: Intervals<bigint>, family: AddressFamily): Block[] {
  const result: Block[] = [];
  for (const { first, last } of set) {
    for (let start = first; start <= last; ) {
      let free = 0;
      // The largest block that starts here, is aligned and ends in time.
      for (let size = 2n; free < widths[family] && start % size === 0n && start + size - 1n <= last; size *= 2n) free++;
      result.push({ family, first: start, prefix: widths[family] - free });
      start += 1n << BigInt(free);
    }
  }
  return result;
}

function rangeOf({ family, first, prefix }: Block): Intervals<bigint> {
  return [{ first, last: first + (1n << BigInt(widths[family] - prefix)) - 1n }];
}

function printBlock({ family, first, prefix }: Block): string {
  return `${print(family, first)}/${prefix}`;
}

function printClause({ block, except }: Clause): string {
  const cidr = block.prefix === 0 ? `every IPv${block.family} address` : printBlock(block);
  return except.length === 0 ? cidr : `${cidr} except ${list(except.map(printBlock))}`;
}

function blockOf({ family, first, last }: Cidr): AddressSet {
  const range = [{ first, last }];
  return family === 4 ? { v4: range, v6: [] } : { v4: [], v6: range };
}

/** Text that ipaddr.js reads as Go does: it would also take "10.1", octal and hexadecimal parts, and zones. */
interface Plain {
  readonly text: string;
  readonly leadingZeros: boolean;
}

function plainV4(text: string): Plain | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^0*[0-9]{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  const plain = parts.map((part) => Number(part)).join('.');
  return { text: plain, leadingZeros: plain !== text };
}

function plainV6(text: string): Plain | undefined {
  const last = text.slice(text.lastIndexOf(':') + 1);
  const end = last.includes('.') ? last : undefined;
  const v4 = end === undefined ? undefined : parseAddress(end);
  if (end !== undefined && v4 === undefined) return undefined;
  const groups = v4 === undefined ? '' : `${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}`;
  const hex = end === undefined ? text : text.slice(0, -end.length) + groups;
  const sides = hex.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const all = sides.flat();
  const complete = sides.length === 1 ? all.length === 8 : sides.length === 2 && all.length < 8;
  if (!complete || !all.every((group) => /^0*[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return {
    text: sides.map((side) => side.map((group) => group.slice(-4)).join(':')).join('::'),
    leadingZeros: v4?.leadingZeros === true || all.some((group) => group.length > 4),
  };
}

function isMapped(value: bigint): boolean {
  return value >> 32n === 0xffffn;
}

function fromBytes(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function print(family: AddressFamily, value: bigint): string {
  const bytes = Array.from({ length: widths[family] / 8 }, (_, i) =>
    Number((value >> BigInt(widths[family] - 8 * (i + 1))) & 0xffn),
  );
  const address = ipaddr.fromByteArray(bytes);
  return 'toRFC5952String' in address ? address.toRFC5952String() : address.toString();
}
