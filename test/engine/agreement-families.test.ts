import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundsOf } from '#server/engine/certainty.js';
import { type Cluster, clusterOf, type Pods } from '#server/engine/cluster.js';
import { reachOf } from '#server/engine/reach.js';
import { type Endpoint, podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { addressesOf, isSubset, parseCidr } from '#server/model/addresses.js';
import { cniNamed } from '#server/model/cni.js';
import { includes, type PortSet } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { manifestsText } from '../reference/arbitrary.js';
import { arbitraryCalicoCase, arbitraryCiliumCase } from '../reference/arbitrary-families.js';
import { clusterOf as referenceClusterOf } from '../reference/objects.js';
import { verdict } from '../reference/verdict.js';

/** Random clusters of each family in one run; each is asked some fifteen questions. NETPOL_RUNS asks for more. */
const runs = Number(process.env.NETPOL_RUNS ?? 500);
/** The same in every run, so that nobody's change fails by luck; NETPOL_SEED and NETPOL_RUNS look further. */
const seed = Number(process.env.NETPOL_SEED ?? 20261121);

async function clusterFrom(objects: readonly object[], family: string): Promise<Cluster> {
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text: manifestsText(objects) }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const cni = cniNamed(family);
  assert.ok(cni !== undefined);
  return clusterOf(netpol.workspace.index.scopes, { profile: { ...defaultProfile, cni }, unset: 'default' });
}

function endOf(cluster: Cluster, name: string): Endpoint {
  if (name.includes('/')) {
    const found = cluster.pods.find((pods) => `${pods.namespace.name}/${pods.name}` === name);
    assert.ok(found !== undefined, `there are no pods ${name}`);
    return podsEnd(found);
  }
  const owner = cluster.pods.find(({ addresses }) => addresses.some(({ canonical }) => canonical === name));
  if (owner !== undefined) return podsEnd(owner);
  const cidr = parseCidr(`${name}/${name.includes(':') ? 128 : 32}`);
  assert.ok(cidr !== undefined, `${name} is no address`);
  return { kind: 'addresses', addresses: addressesOf(cidr) };
}

for (const [family, cases] of [
  ['calico', arbitraryCalicoCase],
  ['cilium', arbitraryCiliumCase],
] as const) {
  test(`${family}: engine and reference agree on random mixed clusters (seed ${seed})`, {
    timeout: 280_000,
  }, async (context) => {
    let asked = 0;
    let certain = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ objects, queries }) => {
        const cluster = await clusterFrom(objects, family);
        const judge = new Judge(cluster);
        const reach = reachOf(cluster);
        const reference = referenceClusterOf(objects);
        const classOf = (pods: Pods) => reach.classes.find(({ members }) => members.includes(pods));
        for (const query of queries) {
          const expected = verdict(reference, query, { families: family });
          const [from, to] = [endOf(cluster, query.from), endOf(cluster, query.to)];
          const holds = (ports: PortSet) => includes(ports, query.protocol, query.port);
          // A pod always reaches itself; a class stands for different pods.
          if (from.kind === 'pods' && to.kind === 'pods' && from.pods === to.pods) continue;
          const told = JSON.stringify(query);
          let sure = true;
          for (const direction of ['egress', 'ingress'] as const) {
            asked++;
            const bounds = boundsOf(judge, direction, from, to);
            const [least, most] = [bounds.least, bounds.most].map((id) => holds(judge.table.setOf(id)));
            const { possible } = expected[direction];
            // What is not known may turn out either way, and the reference knows: it lies between the bounds.
            assert.ok(!least || possible, `${direction} of ${told} surely passes, the reference says no`);
            assert.ok(most || !possible, `${direction} of ${told} surely does not pass, the reference says it may`);
            if (least !== most) {
              sure = false;
              continue;
            }
            certain++;
            assert.equal(
              holds(judge.table.setOf(judge.side(direction, from, to))),
              possible,
              `${direction} of ${told}`,
            );
          }
          if (!sure) continue;
          const cellOf = (cells: typeof reach.sources, end: Endpoint) =>
            cells.find((cell) => end.kind === 'addresses' && isSubset(end.addresses, cell));
          const ends = [from, to].map((end, i) =>
            end.kind === 'pods' ? classOf(end.pods) : cellOf(i === 0 ? reach.sources : reach.destinations, end),
          );
          const [source, destination] = ends;
          assert.ok(source !== undefined && destination !== undefined, told);
          const all =
            'members' in source
              ? 'members' in destination
                ? reach.between(source, destination)
                : reach.toOutside(source, destination)
              : 'members' in destination && reach.fromOutside(source, destination);
          if (all === false) continue;
          const possible = expected.egress.possible && expected.ingress.possible;
          assert.equal(holds(all), possible, `all pairs, ${told}`);
          const allowed = expected.egress.allowed && expected.ingress.allowed;
          const conditions = reach.conditions(source, destination).some(({ ports }) => holds(ports));
          assert.equal(holds(all) && !conditions, allowed, `without what a condition asks, ${told}`);
        }
      }),
      { numRuns: runs, seed },
    );
    context.diagnostic(`${asked} directions, ${certain} certain`);
    assert.ok(certain > asked / 2, `only ${certain} of ${asked} were certain`);
  });
}
