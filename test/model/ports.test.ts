import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DeclaredPort, PortSet, Protocol } from '#server/model/ports.js';
import * as p from '#server/model/ports.js';

const edges = [1, 2, 79, 80, 81, 443, 65534, 65535];
const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6', 'other'];
const transport = fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const);
const numeric = fc
  .oneof(
    fc.tuple(fc.constantFrom(...protocols), fc.constantFrom(...edges), fc.constantFrom(...edges)),
    fc.tuple(fc.constantFrom(...protocols)),
  )
  .map((args) => p.ports(args[0], args[1], args[2]));
const named = fc
  .tuple(transport, fc.constantFrom('http', 'dns'))
  .map(([protocol, name]) => p.namedPort(protocol, name));
const unions = (part: fc.Arbitrary<PortSet>) =>
  fc.array(part, { maxLength: 5 }).map((all) => all.reduce(p.union, p.noPorts));
const numericSets = unions(fc.oneof(numeric, fc.constant(p.allPorts)));
const anySets = unions(fc.oneof(numeric, named, named));
const declarations: fc.Arbitrary<DeclaredPort[]> = fc.array(
  fc.oneof(
    fc.record({ name: fc.constantFrom('http', 'dns'), port: fc.constantFrom(...edges), protocol: transport }),
    fc.record({ port: fc.constantFrom(...edges), protocol: transport }),
  ),
  { maxLength: 4 },
);
const members = (set: PortSet) =>
  protocols.flatMap((protocol) => edges.filter((n) => p.includes(set, protocol, n)).map((n) => `${protocol} ${n}`));

test('union, intersect and subtract of numbers agree with membership', () => {
  fc.assert(
    fc.property(numericSets, numericSets, (a, b) => {
      const inB = new Set(members(b));
      assert.deepEqual(new Set(members(p.union(a, b))), new Set([...members(a), ...inB]));
      assert.deepEqual(
        members(p.intersect(a, b)),
        members(a).filter((it) => inB.has(it)),
      );
      assert.deepEqual(
        members(p.subtract(a, b)),
        members(a).filter((it) => !inB.has(it)),
      );
      assert.ok(p.equal(p.union(p.subtract(a, b), p.intersect(a, b)), a));
      assert.equal(p.isSubset(a, b), p.equal(p.intersect(a, b), a));
      assert.equal(p.overlaps(a, b), !p.isEmpty(p.intersect(a, b)));
    }),
  );
});

test('for every destination: union is exact, intersect never too much, subtract never too little', () => {
  fc.assert(
    fc.property(anySets, anySets, declarations, (a, b, declared) => {
      const at = (set: PortSet) => p.resolveNamed(set, declared);
      assert.ok(p.equal(at(p.union(a, b)), p.union(at(a), at(b))));
      assert.ok(p.isSubset(at(p.intersect(a, b)), p.intersect(at(a), at(b))));
      assert.ok(p.isSubset(p.subtract(at(a), at(b)), at(p.subtract(a, b))));
      if (p.isSubset(a, b)) assert.ok(p.isSubset(at(a), at(b)));
      assert.ok(!p.hasNamed(at(a)));
    }),
    { numRuns: 1000 },
  );
});

test('algebra laws hold with names too', () => {
  fc.assert(
    fc.property(anySets, anySets, anySets, (a, b, c) => {
      assert.ok(p.equal(p.union(a, b), p.union(b, a)));
      assert.ok(p.equal(p.union(p.union(a, b), c), p.union(a, p.union(b, c))));
      assert.ok(p.equal(p.intersect(a, b), p.intersect(b, a)));
      assert.ok(p.equal(p.union(a, a), a));
      assert.ok(p.equal(p.intersect(a, p.allPorts), a));
      assert.equal(p.intersect(a, a).named.length, a.named.length);
      assert.ok(p.equal(p.subtract(a, p.noPorts), a));
      assert.ok(p.isEmpty(p.subtract(a, a)));
      assert.ok(p.isSubset(a, p.union(a, b)));
    }),
  );
});

test('a name resolves by name and protocol, to every port that has it', () => {
  const declared: DeclaredPort[] = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns', port: 5353, protocol: 'TCP' },
    { name: 'dns', port: 5354, protocol: 'TCP' },
    { port: 80, protocol: 'TCP' },
  ];
  assert.equal(p.printPorts(p.resolveNamed(p.namedPort('TCP', 'dns'), declared)), 'TCP 5353-5354');
  assert.ok(p.isEmpty(p.resolveNamed(p.namedPort('SCTP', 'dns'), declared)));
  assert.ok(p.isEmpty(p.resolveNamed(p.namedPort('TCP', 'http'), [])));
});

test('ports cuts to the range of the protocol and refuses nonsense', () => {
  assert.ok(p.equal(p.ports('TCP', 0, 70000), p.allOf('TCP')));
  assert.ok(p.includes(p.ports('ICMP', 0), 'ICMP', 0));
  for (const bad of [p.ports('TCP', 0), p.ports('TCP', 90, 80), p.ports('TCP', Number.NaN), p.ports('TCP', 1.5)]) {
    assert.ok(p.isEmpty(bad));
  }
});

const union = (...sets: PortSet[]) => sets.reduce(p.union, p.noPorts);
const printed: readonly (readonly [PortSet, string, string])[] = [
  [p.noPorts, 'nothing', 'No Connections'],
  [p.allPorts, 'every port', 'All Connections'],
  [p.allOf('TCP'), 'all TCP ports', 'TCP 1-65535'],
  [union(p.allOf('UDP'), p.allOf('TCP')), 'all TCP and UDP ports', 'TCP 1-65535,UDP 1-65535'],
  [union(p.allOf('UDP'), p.allOf('TCP'), p.allOf('SCTP')), 'all TCP, UDP and SCTP ports', 'All Connections'],
  [union(p.ports('UDP', 53), p.ports('TCP', 8080, 8090)), 'TCP 8080-8090, UDP 53', 'TCP 8080-8090,UDP 53'],
  [
    union(p.allOf('SCTP'), p.ports('TCP', 80), p.ports('TCP', 443, 444), p.ports('UDP', 53)),
    'all SCTP ports, TCP 80 and 443-444, UDP 53',
    'SCTP 1-65535,TCP 80,443-444,UDP 53',
  ],
  [p.namedPort('TCP', 'http'), 'TCP port named http', 'TCP http'],
  [union(p.namedPort('TCP', 'a'), p.namedPort('TCP', 'b')), 'TCP ports named a and b', 'TCP a,b'],
  [union(p.namedPort('TCP', 'http'), p.ports('TCP', 80)), 'TCP 80, TCP port named http', 'TCP 80,http'],
  [union(p.namedPort('TCP', 'http'), p.allOf('TCP')), 'all TCP ports', 'TCP 1-65535'],
  [
    p.subtract(p.allPorts, p.ports('TCP', 25)),
    'every port except TCP 25',
    'SCTP 1-65535,TCP 1-24,26-65535,UDP 1-65535',
  ],
  [union(p.allOf('ICMP'), p.ports('ICMPv6', 128)), 'all ICMP, ICMPv6 type 128', 'No Connections'],
  [p.ports('other', 47), 'IP protocol 47', 'No Connections'],
  [union(p.allOf('TCP'), p.allOf('other')), 'all TCP ports, other protocols', 'TCP 1-65535'],
];
for (const [set, people, npGuard] of printed) {
  test(`prints "${people}", "${npGuard}"`, () => {
    assert.equal(p.printPorts(set), people);
    assert.equal(p.printConnections(set), npGuard);
  });
}
