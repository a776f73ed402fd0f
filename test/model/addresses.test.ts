import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Address, AddressSet, Cidr } from '#server/model/addresses.js';
import * as a from '#server/model/addresses.js';

function cidr(text: string): Cidr {
  const parsed = a.parseCidr(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}
function address(text: string): Address {
  const parsed = a.parseAddress(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}
const setOf = (...texts: string[]): AddressSet =>
  texts.map((text) => a.addressesOf(cidr(text))).reduce(a.union, a.noAddresses);

const refused = [
  ...[
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/',
    '/8',
    ' 10.0.0.0/8',
    '10.0.0.0/8 ',
    '10.0.0.0 /8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
  ],
  ...[
    '10.0.0.0/+8',
    '10.0.0.0/8/8',
    '10.0.0.0/0x8',
    '10.1/16',
    '10/8',
    '10.0.0.256/32',
    '0x0a.0.0.0/8',
    '10.0.0.0.0/8',
  ],
  ...['10.0.0.0./8', '.10.0.0.0/8', '10..0.0/8', '1e1.0.0.0/8', '::/129', ':::/64', '1::2::3/64', ':1:2:3:4:5:6:7/64'],
  ...['1:2:3:4:5:6:7/64', '1:2:3:4:5:6:7:8:9/64', '1:2:3:4:5:6:7::8/64', '12345::/16', 'g::/16', 'fe80::1%eth0/64'],
  ...[
    '::1.2.3/128',
    '::1.2.3.256/128',
    '1.2.3.4::/64',
    '::1.2.3.4:5/128',
    '1:2:3:4:5:6:7:1.2.3.4/128',
    '[::1]/128',
    '1:/64',
  ],
  ...['{{ .Values.cidr }}', '１0.0.0.0/8'],
];
for (const text of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.equal(a.parseCidr(text), undefined));
}

const read: readonly [text: string, canonical: string, flags: string][] = [
  ['10.0.0.0/8', '10.0.0.0/8', ''],
  ['0.0.0.0/0', '0.0.0.0/0', ''],
  ['10.0.0.5/24', '10.0.0.0/24', 'hostBits'],
  ['010.0.0.0/8', '10.0.0.0/8', 'leadingZeros'],
  ['0000010.08.0.0/16', '10.8.0.0/16', 'leadingZeros'],
  ['10.0.0.0/08', '10.0.0.0/8', 'leadingZeros'],
  ['255.255.255.255/32', '255.255.255.255/32', ''],
  ['::/0', '::/0', ''],
  ['2001:DB8:0:0::/32', '2001:db8::/32', ''],
  ['2001:0db8::1/32', '2001:db8::/32', 'hostBits'],
  ['00001::/16', '1::/16', 'leadingZeros'],
  ['1:2:3:4:5:6:7::/128', '1:2:3:4:5:6:7:0/128', ''],
  ['::1:2:3:4:5:6:7/128', '0:1:2:3:4:5:6:7/128', ''],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8', 'ipv4Mapped'],
  ['::ffff:010.0.0.1/104', '10.0.0.0/8', 'hostBits leadingZeros ipv4Mapped'],
  ['::ffff:a00:0/104', '10.0.0.0/8', 'ipv4Mapped'],
  ['64:ff9b::192.0.2.0/120', '64:ff9b::c000:200/120', ''],
];
for (const [text, canonical, flags] of read) {
  test(`reads ${text} as ${canonical} ${flags}`, () => {
    const parsed = cidr(text);
    const set = (['hostBits', 'leadingZeros', 'ipv4Mapped'] as const).filter((flag) => parsed[flag]);
    assert.equal(parsed.text, text);
    assert.equal(parsed.canonical, canonical);
    assert.equal(set.join(' '), flags);
    assert.equal(parsed.family, text.includes(':') ? 6 : 4);
  });
}

test('except must be a strict subnet of the same family', () => {
  const strict = (inner: string, outer: string) => a.isStrictSubnet(cidr(inner), cidr(outer));
  assert.ok(strict('10.1.0.0/16', '10.0.0.0/8'));
  assert.ok(strict('10.1.2.3/16', '10.9.9.9/8'), 'host bits are masked first');
  assert.ok(strict('2001:db8:1::/48', '2001:db8::/32'));
  assert.ok(!strict('10.0.0.0/8', '10.0.0.0/8'));
  assert.ok(!strict('10.0.0.0/7', '10.0.0.0/8'));
  assert.ok(!strict('11.0.0.0/16', '10.0.0.0/8'));
  assert.ok(!strict('::/128', '0.0.0.0/0'));
});

const v4 = fc
  .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 29, max: 32 }))
  .map(([n, prefix]) => cidr(`10.0.0.${n * 2}/${prefix}`));
const v6 = fc
  .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 125, max: 128 }))
  .map(([n, prefix]) => cidr(`fd00::${(n * 2).toString(16)}/${prefix}`));
const sets = fc
  .array(fc.tuple(fc.oneof(v4, v6), fc.array(fc.oneof(v4, v6), { maxLength: 2 })), { maxLength: 4 })
  .map((blocks) => blocks.map(([block, except]) => a.addressesOf(block, except)).reduce(a.union, a.noAddresses));
const probes = Array.from({ length: 20 }, (_, n) => n).flatMap((n) => [
  address(`10.0.0.${n}`),
  address(`fd00::${n.toString(16)}`),
]);
const members = (set: AddressSet) => probes.filter((probe) => a.containsAddress(set, probe)).map(({ text }) => text);

test('the algebra agrees with membership', () => {
  fc.assert(
    fc.property(sets, sets, (x, y) => {
      const inY = new Set(members(y));
      assert.deepEqual(new Set(members(a.union(x, y))), new Set([...members(x), ...inY]));
      assert.deepEqual(
        members(a.intersect(x, y)),
        members(x).filter((it) => inY.has(it)),
      );
      assert.deepEqual(
        members(a.subtract(x, y)),
        members(x).filter((it) => !inY.has(it)),
      );
      assert.equal(
        a.isSubset(x, y),
        members(x).every((it) => inY.has(it)),
      );
      assert.equal(
        a.overlaps(x, y),
        members(x).some((it) => inY.has(it)),
      );
      assert.equal(a.equal(x, y), members(x).join() === members(y).join());
      assert.equal(a.isEmpty(x), members(x).length === 0);
      assert.ok(a.equal(a.subtract(a.allAddresses, a.subtract(a.allAddresses, x)), x));
    }),
  );
});

test('an exception takes its addresses out of its block', () => {
  fc.assert(
    fc.property(v4, v4, (block, except) => {
      const inside = ({ first, last }: Cidr, { value }: Address) => first <= value && value <= last;
      const expected = probes.filter((it) => it.family === 4 && inside(block, it) && !inside(except, it));
      assert.deepEqual(
        members(a.addressesOf(block, [except])),
        expected.map(({ text }) => text),
      );
    }),
  );
});

test('toCidrs reads back as the same set, with no two blocks that could be one', () => {
  fc.assert(
    fc.property(sets, (set) => {
      const blocks = a.toCidrs(set);
      assert.ok(a.equal(setOf(...blocks), set));
      for (const text of blocks) assert.equal(cidr(text).canonical, text);
      const halves = blocks
        .map(cidr)
        .map(({ family, first, last, prefix }) => `${family} ${prefix} ${first / (2n * (last - first + 1n))}`);
      assert.equal(new Set(halves).size, halves.length);
    }),
  );
});

test('what printAddresses says is the set', () => {
  fc.assert(
    fc.property(sets, (set) => {
      fc.pre(!a.isEmpty(set));
      const text = a.printAddresses(set);
      const clauses = text.split(text.includes(' except ') ? '; ' : ', ').map((clause) => {
        const [block = '', except = ''] = clause.split(' except ');
        return a.addressesOf(
          cidr(block),
          except
            .split(/, | and /)
            .filter((it) => it !== '')
            .map(cidr),
        );
      });
      assert.ok(a.equal(clauses.reduce(a.union, a.noAddresses), set), text);
    }),
  );
});

test('any address survives printing and parsing', () => {
  const value = fc.oneof(
    fc.bigInt(0n, (1n << 128n) - 1n),
    fc.ipV6().map((text) => a.parseAddress(text)?.value ?? 0n),
  );
  fc.assert(
    fc.property(value, (first) => {
      const [range = ''] = a.toRanges({ v4: [], v6: [{ first, last: first }] }, 6);
      const [text = ''] = range.split('-');
      assert.equal(address(text).value, first);
      assert.equal(range, `${text}-${text}`);
    }),
  );
  fc.assert(fc.property(fc.ipV4(), (text) => assert.equal(address(text).canonical, text)));
});

test('any text is read or refused, never thrown at', () => {
  const pieces = fc.array(
    fc.constantFrom('0', '1', '10', '255', '256', '.', ':', '::', '/', '8', 'ffff', 'x', ' ', '%'),
    {
      maxLength: 14,
    },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join('')),
      ),
      (text) => {
        const parsed = a.parseCidr(text);
        if (parsed !== undefined) assert.ok(a.parseCidr(parsed.canonical) !== undefined);
      },
    ),
    { numRuns: 5000 },
  );
});

test('the named sets', () => {
  assert.ok(a.isAll(a.union(a.allIPv4, a.allIPv6)));
  assert.ok(!a.isAll(a.allIPv4));
  assert.ok(a.equal(setOf('0.0.0.0/0'), a.allIPv4));
  assert.ok(a.equal(setOf('::/0'), a.allIPv6));
});

const printed: readonly [AddressSet, string][] = [
  [a.noAddresses, 'no address'],
  [a.allAddresses, 'every address'],
  [a.allIPv4, 'every IPv4 address'],
  [a.allIPv6, 'every IPv6 address'],
  [setOf('10.0.0.0/8', '192.168.0.0/16'), '10.0.0.0/8, 192.168.0.0/16'],
  [a.addressesOf(cidr('10.0.0.0/8'), [cidr('10.42.0.0/16')]), '10.0.0.0/8 except 10.42.0.0/16'],
  [a.addressesOf(cidr('10.0.0.0/8'), [cidr('10.64.0.0/10')]), '10.0.0.0/8 except 10.64.0.0/10'],
  [
    a.addressesOf(cidr('0.0.0.0/0'), [cidr('10.0.0.0/8'), cidr('172.16.0.0/12'), cidr('192.168.0.0/16')]),
    'every IPv4 address except 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16',
  ],
  [
    a.union(a.addressesOf(cidr('10.0.0.0/8'), [cidr('10.42.0.0/16')]), setOf('192.168.0.0/16', 'fd00::/8')),
    '10.0.0.0/8 except 10.42.0.0/16; 192.168.0.0/16; fd00::/8',
  ],
  [
    a.subtract(setOf('10.0.0.0/29'), setOf('10.0.0.0/32', '10.0.0.7/32')),
    '10.0.0.0/29 except 10.0.0.0/32 and 10.0.0.7/32',
  ],
];
for (const [set, text] of printed) {
  test(`prints "${text}"`, () => assert.equal(a.printAddresses(set), text));
}

test("toRanges is np-guard's form", () => {
  const set = a.addressesOf(cidr('0.0.0.0/0'), [cidr('10.0.0.0/8')]);
  assert.deepEqual(a.toRanges(set, 4), ['0.0.0.0-9.255.255.255', '11.0.0.0-255.255.255.255']);
  assert.deepEqual(a.toRanges(set, 6), []);
});

test('a hostile range is printed in reasonable time', () => {
  const odd = { v4: [], v6: [{ first: 1n, last: (1n << 128n) - 2n }] };
  assert.equal(a.toCidrs(odd).length, 254);
  assert.match(a.printAddresses(odd), /^every IPv6 address except ::\/128 and ffff:/);
});
