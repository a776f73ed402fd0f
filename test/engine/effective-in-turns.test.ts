import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { explain } from '#server/engine/explain.js';
import { groupBy } from '#server/engine/group-by.js';
import type { AppliedRule } from '#server/engine/layers.js';
import { peerTakes } from '#server/engine/peer-takes.js';
import { type Endpoint, isConditional, peersTake, podsEnd, portsOfRule } from '#server/engine/stages.js';
import { viewOfWorkload } from '#server/features/hover/effective-view.js';
import { type DirectionView, type NamedPlace, wordsOf } from '#server/features/hover/view.js';
import { addressesOf, parseCidr } from '#server/model/addresses.js';
import { cniNamed } from '#server/model/cni.js';
import { includes, ports } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { manifestsText } from '../reference/arbitrary.js';
import { arbitraryCalicoCaseOf } from '../reference/arbitrary-families.js';

/** The same in every run; NETPOL_SEED and NETPOL_RUNS look further. */
const seed = Number(process.env.NETPOL_SEED ?? 20261122);
const runs = Number(process.env.NETPOL_RUNS ?? 250);

const cases = arbitraryCalicoCaseOf({ hostNetwork: false, podAddresses: false, nodes: false });

function endOf(cluster: Cluster, name: string): Endpoint {
  if (name.includes('/')) {
    const found = cluster.pods.find((pods) => `${pods.namespace.name}/${pods.name}` === name);
    assert.ok(found !== undefined, `there are no pods ${name}`);
    return podsEnd(found);
  }
  const cidr = parseCidr(`${name}/${name.includes(':') ? 128 : 32}`);
  assert.ok(cidr !== undefined, `${name} is no address`);
  return { kind: 'addresses', addresses: addressesOf(cidr) };
}

type Taken = 'no' | 'yes' | 'perhaps';

/** What a person reads out of the view: the first row that matches in each tier, and then what only allows. */
function read(view: DirectionView, takes: (by: NamedPlace) => Taken): boolean {
  const allowed = () => view.rows.some(({ by }) => takes(by) !== 'no');
  const ask = (rows: DirectionView['before'], left: () => boolean): boolean => {
    const [row, ...rest] = rows;
    if (row === undefined) return left();
    if (row.who.startsWith('everything else')) return false;
    const taken = row.partly || row.action === 'logs' ? 'no' : takes(row.by);
    if (taken === 'no') return ask(rest, left);
    const end = rest.findIndex(({ tier }) => tier !== row.tier);
    const decided = row.action === 'passes on' ? ask(end < 0 ? [] : rest.slice(end), left) : row.action === 'allows';
    return decided || (taken === 'perhaps' && ask(rest, left));
  };
  return ask(view.before, () => (view.state === 'isolated' ? allowed() : ask(view.after, () => true)));
}

test(`in Calico's tiers the effective set is read as the connections are judged (seed ${seed})`, {
  timeout: 200_000,
}, async (context) => {
  const cni = cniNamed('calico');
  assert.ok(cni !== undefined);
  const profile = { ...defaultProfile, cni };
  const seen = { asked: 0, passed: 0, ends: 0, isolated: 0 };
  await fc.assert(
    fc.asyncProperty(cases, async ({ objects, queries }) => {
      const text = manifestsText(objects);
      const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
      const netpol = await Netpol.open(provider, ['file:///w']);
      const [scope] = netpol.workspace.index.scopes;
      assert.ok(scope !== undefined);
      const cluster = clusterOf([scope], { profile, unset: 'default' });
      // One entry in the text may be read as several rules.
      const rules = groupBy(
        cluster.policies.flatMap((policy) => policy.placed.value.rules.map((rule): AppliedRule => ({ policy, rule }))),
        ({ rule }): object => rule.at,
      );
      for (const query of queries) {
        if (query.from === query.to) continue;
        const [from, to] = [endOf(cluster, query.from), endOf(cluster, query.to)];
        const [part] = explain(cluster, from, to, ports(query.protocol, query.port));
        assert.ok(part !== undefined);
        for (const direction of ['egress', 'ingress'] as const) {
          const [own, other] = direction === 'egress' ? [from, to] : [to, from];
          if (own.kind !== 'pods') continue;
          const [workload] = own.pods.workloads;
          assert.ok(workload !== undefined);
          const { directions } = viewOfWorkload(scope, profile, workload);
          const view: DirectionView | undefined = directions.find((each) => each.direction === direction);
          assert.ok(view !== undefined);
          const takesOne = (applied: AppliedRule): Taken => {
            const mine = applied.rule.own;
            if (mine !== undefined && peerTakes(cluster, applied.policy, mine, own) !== 'yes') return 'no';
            const opened = portsOfRule(cluster, applied, to.kind === 'pods' ? to.pods : undefined);
            if (!includes(opened, query.protocol, query.port)) return 'no';
            if (peersTake(cluster, applied, other) !== 'yes') return 'no';
            return isConditional(applied.rule) ? 'perhaps' : 'yes';
          };
          const takes = ({ at }: NamedPlace): Taken => {
            const entry = rules.get(at);
            assert.ok(entry !== undefined, 'each row has its rule');
            const taken = entry.map(takesOne);
            return taken.find((each) => each === 'yes') ?? taken.find((each) => each === 'perhaps') ?? 'no';
          };
          const told = `${direction} of ${JSON.stringify(query)}`;
          const isAllowed: boolean = part[direction].allowed;
          assert.equal(read(view, takes), isAllowed, `${told}: ${wordsOf(view.sentence)}`);
          const nothing = /Nothing is allowed/.test(wordsOf(view.sentence));
          assert.ok(!isAllowed || !nothing, `${told} is allowed, and nothing is said to be`);
          seen.asked++;
          if (view.before.some(({ action }) => action === 'passes on')) seen.passed++;
          if (view.before.some(({ who }) => who.startsWith('everything else'))) seen.ends++;
          if (view.state === 'isolated') seen.isolated++;
        }
      }
    }),
    { numRuns: runs, seed },
  );
  context.diagnostic(JSON.stringify(seen));
  for (const [what, count] of Object.entries(seen)) assert.ok(count > runs / 10, `${what}: only ${count}`);
});
