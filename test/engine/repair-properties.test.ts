import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cuts } from '#server/engine/cuts.js';
import { type Repair, repairs } from '#server/engine/repair.js';
import { includes, type PortSet, ports } from '#server/model/ports.js';
import { renderYaml, type YamlData } from '#server/text/edits.js';
import { arbitraryCaseOf, type Case } from '../reference/arbitrary.js';
import { arbitraryCalicoCaseOf, arbitraryCiliumCaseOf } from '../reference/arbitrary-families.js';
import type { Query } from '../reference/verdict.js';
import { allowedMore, changed, claimed, endOf, referenceAllows, refused, type World, worldOf } from './repairing.js';

/** Block YAML with a comment in each object, as people write it. */
function manifests({ objects }: Pick<Case, 'objects'>): string {
  return objects
    .map((object, i) => `# object ${i}\n${renderYaml(object as YamlData).replace(/^spec:$/m, `spec: # spec ${i}`)}`)
    .join('---\n');
}

function commentsOf(world: World): string[] {
  return [...world.texts.values()].flatMap((text) => text.match(/# .*$/gm) ?? []);
}

const shape = { nodes: false, podAddresses: false };

function portsOf({ protocol, port }: Query): PortSet {
  return ports(protocol, port);
}

function allows(world: World, { from, to, protocol, port }: Query): boolean {
  const { judge } = world;
  return includes(judge.table.setOf(judge.between(endOf(world, from), endOf(world, to))), protocol, port);
}

/** What both promise: the change is what it says, loses no comment, and is valid. */
async function apply(world: World, repair: Repair, context: string): Promise<World> {
  const after = await changed(world, repair.changes);
  assert.deepEqual(allowedMore(world, after), claimed(repair.opens, world, after), `opened by ${context}`);
  assert.deepEqual(allowedMore(after, world), claimed(repair.blocks, world, after), `cut by ${context}`);
  for (const comment of commentsOf(world)) assert.ok(commentsOf(after).includes(comment), `${comment}: ${context}`);
  assert.deepEqual(refused(after), [], context);
  return after;
}

/** The same in every run, so that nobody's change fails by luck; NETPOL_SEED and NETPOL_RUNS look further. */
const seed = Number(process.env.NETPOL_SEED ?? 20261121);
const runs = Number(process.env.NETPOL_RUNS ?? 15);

const plain = { kinds: [], hostNetwork: false, ...shape } as const;

/** With the part of the connections that an edit of the policies is to be found for, at least. */
const families: readonly (readonly [
  string,
  fc.Arbitrary<Case<Query['protocol'] | 'ICMP' | 'ICMPv6' | 'other'>>,
  number,
])[] = [
  ['kubernetes', arbitraryCaseOf(shape), 1 / 2],
  ['calico', arbitraryCalicoCaseOf(plain), 1 / 5],
  ['cilium', arbitraryCiliumCaseOf(plain), 1 / 5],
];

function isTransport(query: { readonly protocol: string }): query is Query {
  return ['TCP', 'UDP', 'SCTP'].includes(query.protocol);
}

for (const [family, cases, least] of families) {
  test(`${family}: a repair allows what is denied, and opens exactly what it says`, async () => {
    const counts = { denied: 0, repaired: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        const world = await worldOf({ 'all.yaml': manifests(drawn) }, family);
        for (const query of drawn.queries.filter(isTransport).slice(0, 6)) {
          if (allows(world, query)) continue;
          const found = repairs(world.judge, endOf(world, query.from), endOf(world, query.to), portsOf(query));
          counts.denied++;
          if (found.repairs.length > 0) counts.repaired++;
          for (const repair of found.repairs.slice(0, 2)) {
            const context = `${JSON.stringify(query)} ${repair.title}`;
            const after = await apply(world, repair, context);
            assert.ok(allows(after, query), `the engine allows ${context}`);
            assert.ok(referenceAllows(after, query), `the reference allows ${context}`);
            assert.deepEqual(repair.blocks, []);
          }
        }
      }),
      { numRuns: runs, includeErrorInReport: true, seed },
    );
    assert.ok(counts.repaired > counts.denied * least, JSON.stringify(counts));
  });

  test(`${family}: a cut denies what is allowed, and cuts exactly what it says`, async () => {
    const counts = { allowed: 0, cut: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        const world = await worldOf({ 'all.yaml': manifests(drawn) }, family);
        for (const query of drawn.queries.filter(isTransport).slice(0, 6)) {
          if (!allows(world, query)) continue;
          const found = cuts(world.judge, endOf(world, query.from), endOf(world, query.to), portsOf(query));
          counts.allowed++;
          if (found.repairs.length > 0) counts.cut++;
          for (const repair of found.repairs.slice(0, 2)) {
            const context = `${JSON.stringify(query)} ${repair.title}`;
            const after = await apply(world, repair, context);
            assert.ok(!allows(after, query), `the engine denies ${context}`);
            assert.ok(!referenceAllows(after, query), `the reference denies ${context}`);
            assert.deepEqual(repair.opens, []);
          }
        }
      }),
      { numRuns: runs, includeErrorInReport: true, seed },
    );
    assert.ok(counts.cut > counts.allowed * least, JSON.stringify(counts));
  });
}
