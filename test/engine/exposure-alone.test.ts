import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clusterOf } from '#server/engine/cluster.js';
import { type Exposure, exposureOf, somePodsName } from '#server/engine/exposure.js';
import { Judge } from '#server/engine/verdict.js';
import { exposureAlone } from '#server/features/hover/exposure-words.js';
import { type AddressSet, noAddresses, toCidrs, union } from '#server/model/addresses.js';
import { printPorts } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { arbitraryCaseOf, manifestsText } from '../reference/arbitrary.js';

const seed = Number(process.env.NETPOL_SEED ?? Date.now() % 2 ** 31);

/** What it says, whatever the order and however the addresses are cut. */
function said({ direction, unprotected, entireCluster, some, outside }: Exposure) {
  const byPorts = new Map<string, AddressSet>();
  for (const { addresses, ports } of outside) {
    byPorts.set(printPorts(ports), union(byPorts.get(printPorts(ports)) ?? noAddresses, addresses));
  }
  return {
    direction,
    unprotected,
    entireCluster: printPorts(entireCluster),
    some: some.map(({ peer, ports }) => `${somePodsName(peer)}: ${printPorts(ports)}`).toSorted(),
    outside: [...byPorts].map(([ports, addresses]) => `${toCidrs(addresses).join()}: ${ports}`).toSorted(),
  };
}

test(`the exposure of a workload alone is that in its whole scope (seed ${seed})`, { timeout: 200_000 }, async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryCaseOf({ hostNetwork: true, podAddresses: false, nodes: false }), async ({ objects }) => {
      const text = manifestsText(objects);
      const files = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
      const netpol = await Netpol.open(files, ['file:///w']);
      for (const scope of netpol.workspace.index.scopes) {
        const judge = new Judge(clusterOf([scope], { profile: defaultProfile, unset: 'default' }));
        for (const workload of scope.workloads) {
          const pods = judge.cluster.pods.find((each) => each.workloads.includes(workload));
          assert.ok(pods);
          const alone = exposureAlone(scope, defaultProfile, workload);
          if (alone === undefined) continue;
          compared++;
          assert.deepEqual(alone.exposure.map(said), exposureOf(judge, pods).map(said), text);
        }
      }
    }),
    { seed, numRuns: 200 },
  );
  assert.ok(compared > 100, `${compared} were compared`);
});
