import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ConvertedFamily, convert } from '#server/convert/index.js';
import { addressCells } from '#server/engine/address-cells.js';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { type Endpoint, podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { surroundingsOf } from '#server/features/actions/convert.js';
import { kindOf } from '#server/kinds/index.js';
import type { Resource } from '#server/kinds/kind.js';
import { printAddresses } from '#server/model/addresses.js';
import { cniNamed } from '#server/model/cni.js';
import { printPorts } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { documentOf } from '#server/text/document.js';
import { isMap } from '#server/text/tree.js';
import { arbitraryCaseOf, type Case, manifestsText } from '../reference/arbitrary.js';
import { arbitraryCalicoCaseOf, arbitraryCiliumCaseOf, type WideCase } from '../reference/arbitrary-families.js';
import { clusterOf as referenceClusterOf } from '../reference/objects.js';
import { verdict } from '../reference/verdict.js';

const runs = Number(process.env.NETPOL_RUNS ?? 40);
/** The same in every run, so that nobody's change fails by luck; NETPOL_SEED and NETPOL_RUNS look further. */
const seed = Number(process.env.NETPOL_SEED ?? 20261121);

/** A policy among the objects that are none, and what is asked of them. */
interface Alone {
  readonly others: readonly object[];
  readonly policy: object;
  readonly queries: Case['queries'] | WideCase['queries'];
}

/** Calico's selectors choose them as well; those of Kubernetes do not. */
const sets = ['GlobalNetworkSet', 'NetworkSet'].map((kind, index) => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: {
    name: 'set',
    labels: { app: 'web', role: 'front' },
    ...(kind === 'NetworkSet' ? { namespace: 'shop' } : {}),
  },
  spec: { nets: [index === 0 ? '192.168.0.0/16' : '203.0.113.0/24'] },
}));

/** Each policy of a case by itself. */
function alone({ objects, queries }: Case | WideCase): readonly Alone[] {
  const isPolicy = (object: object) => /Policy$/.test((object as { kind: string }).kind);
  const others = objects.filter((object) => !isPolicy(object));
  return objects.filter(isPolicy).map((policy) => ({ others, policy, queries }));
}

interface World {
  readonly netpol: Netpol;
  readonly cluster: Cluster;
  readonly judge: Judge;
}

async function worldOf(objects: readonly object[], family: 'calico' | 'cilium'): Promise<World> {
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text: manifestsText(objects) }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const cni = cniNamed(family);
  assert.ok(cni !== undefined);
  const cluster = clusterOf(netpol.workspace.index.scopes, { profile: { ...defaultProfile, cni }, unset: 'default' });
  return { netpol, cluster, judge: new Judge(cluster) };
}

function policyOf({ netpol }: World): Resource {
  const placed = netpol.workspace.index.scopes.flatMap((scope) => scope.policies);
  assert.equal(placed.length, 1);
  assert.ok(placed[0] !== undefined);
  return placed[0].resource;
}

/** All that passes, pair by pair; two worlds of the same pods give the same lines where they allow the same. */
function allowed({ cluster, judge }: World, other: World): readonly string[] {
  const pods = cluster.pods.map((each): Named => [`${each.namespace.name}/${each.name}`, podsEnd(each)]);
  const outside = (direction: 'ingress' | 'egress') =>
    addressCells([cluster, other.cluster], direction).map(
      (addresses): Named => [printAddresses(addresses), { kind: 'addresses', addresses }],
    );
  const pairs = [
    ...pods.flatMap((from) => [...pods, ...outside('egress')].map((to) => [from, to] as const)),
    ...outside('ingress').flatMap((from) => pods.map((to) => [from, to] as const)),
  ];
  return pairs
    .filter(
      ([[, source], [, destination]]) =>
        isKnown([cluster, other.cluster], source) && isKnown([cluster, other.cluster], destination),
    )
    .map(([[from, source], [to, destination]]) => {
      const passing = printPorts(judge.table.setOf(judge.between(source, destination)));
      return `${from} to ${to}: ${passing}`;
    })
    .sort();
}

type Named = readonly [name: string, end: Endpoint];

/**
 * Whether blocks can be asked of an end. Where a pod's addresses are not known, the families differ in what they are taken to
 * be: the nets of Calico that are about every address hold it.
 */
function isKnown(clusters: readonly Cluster[], end: Endpoint): boolean {
  if (end.kind !== 'pods' || end.pods.addresses.length > 0) return true;
  return !clusters.some(
    ({ composition, policies }) =>
      composition === 'calico' &&
      policies.some(({ placed }) =>
        placed.value.rules.some(({ peers }) => peers.some(({ kind }) => kind === 'addresses' || kind === 'all of')),
      ),
  );
}

/** The converted policy in the original's place; undefined where something would be lost. */
async function convertedFrom(
  { others, policy }: Alone,
  world: World,
  family: 'calico' | 'cilium',
  to: ConvertedFamily,
) {
  const made = convert(policyOf(world), to, surroundingsOf(world.netpol.workspace.index.scopes));
  if (made?.object === undefined) {
    assert.ok(made !== undefined && made.losses.length > 0, JSON.stringify(policy));
    return { losses: made.losses.map(({ what }) => what) };
  }
  assert.deepEqual(refusals(made.object), [], JSON.stringify(made.object));
  const next: Alone = { others, policy: made.object, queries: [] };
  return { next, world: await worldOf([...others, made.object], family), object: made.object, losses: [] };
}

function refusals(object: object): readonly string[] {
  const { root } = documentOf('file:///converted.yaml', JSON.stringify(object));
  assert.ok(isMap(root));
  const kind = kindOf(root);
  assert.ok(kind?.check !== undefined, JSON.stringify(object));
  return kind.check(root, { kubernetesVersion: undefined }).flatMap(({ severity, message }) => severity ?? message);
}

/** Engine and reference, which share no code, say the same of both. */
async function assertSame(before: Alone, world: World, after: object, converted: World, family: 'calico' | 'cilium') {
  const told = `${JSON.stringify(before.policy)}\nbecame\n${JSON.stringify(after)}`;
  assert.deepEqual(allowed(converted, world), allowed(world, converted), told);
  const [one, two] = [before.policy, after].map((policy) => referenceClusterOf([...before.others, policy]));
  assert.ok(one !== undefined && two !== undefined);
  const unknown = new Set(
    world.cluster.pods
      .filter((pods) => !isKnown([world.cluster, converted.cluster], podsEnd(pods)))
      .map(({ namespace, name }) => `${namespace.name}/${name}`),
  );
  for (const query of before.queries) {
    if (unknown.has(query.from) || unknown.has(query.to)) continue;
    const asked = (cluster: typeof one) => verdict(cluster, query, { families: family });
    assert.equal(asked(two).allowed, asked(one).allowed, `${JSON.stringify(query)} of ${told}`);
  }
}

for (const family of ['calico', 'cilium'] as const) {
  test(`a NetworkPolicy for ${family} allows the same, and so does what comes back (seed ${seed})`, async () => {
    let converted = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryCaseOf({ kinds: ['NetworkPolicy'], networkPolicies: 2 }), async (drawn) => {
        for (const { others, ...rest } of alone(drawn)) {
          const each = { ...rest, others: family === 'calico' ? [...others, ...sets] : others };
          const world = await worldOf([...each.others, each.policy], family);
          const there = await convertedFrom(each, world, family, family);
          if (family === 'cilium' && /^policyTypes leaves/.test(there.losses.join())) continue;
          assert.deepEqual(there.losses, [], JSON.stringify(each.policy));
          if (there.next === undefined) continue;
          converted++;
          await assertSame(each, world, there.object, there.world, family);
          const back = await convertedFrom(there.next, there.world, family, 'kubernetes');
          assert.deepEqual(back.losses, [], JSON.stringify(there.object));
          if (back.next !== undefined) await assertSame(each, world, back.object, back.world, family);
        }
      }),
      { numRuns: runs, seed, includeErrorInReport: true },
    );
    assert.ok(converted >= runs / 4, `${converted} converted`);
  });

  test(`a policy of ${family} is refused, or means the same as a NetworkPolicy (seed ${seed})`, async (context) => {
    const counts = { converted: 0, refused: 0 };
    const cases = family === 'calico' ? arbitraryCalicoCaseOf({ kinds: [] }) : arbitraryCiliumCaseOf({ kinds: [] });
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        for (const each of alone(drawn)) {
          const world = await worldOf([...each.others, each.policy], family);
          // Several policies in one object are refused as a whole.
          const several = world.netpol.workspace.index.scopes.flatMap((scope) => scope.policies).length !== 1;
          if (several) continue;
          const made = await convertedFrom(each, world, family, 'kubernetes');
          if (made.next === undefined) counts.refused++;
          else {
            counts.converted++;
            await assertSame(each, world, made.object, made.world, family);
          }
        }
      }),
      { numRuns: 4 * runs, seed, includeErrorInReport: true },
    );
    context.diagnostic(`${counts.converted} converted, ${counts.refused} refused`);
    assert.ok(counts.converted > 0 && counts.refused > counts.converted, JSON.stringify(counts));
  });
}
