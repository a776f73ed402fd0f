import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { connectionList } from '#server/engine/connection-list.js';
import { reachOf } from '#server/engine/reach.js';
import { cniNamed } from '#server/model/cni.js';
import type { Peer } from '#server/model/peer.js';
import type { Rule } from '#server/model/policy.js';
import { printPorts } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { renderYaml, type YamlData } from '#server/text/edits.js';
import { readSettings } from '#server/workspace/settings.js';
import { allFindings, open } from './harness.js';

/** What these rules call void changes nothing when it goes: held against the engine's list of connections. */
const uri = 'file:///fixture/all.yaml';
const { settings } = readSettings({ cni: 'cilium' });
const profile = { ...defaultProfile, cni: cniNamed('cilium') ?? defaultProfile.cni };

const endpoints = fc.constantFrom<YamlData>({}, { matchLabels: { app: 'a' } }, { matchLabels: { app: 'b' } });
const port = fc.constantFrom<YamlData>({ port: '80', protocol: 'TCP' }, { port: '81', protocol: 'TCP' });
const item = fc
  .record({ ports: fc.array(port, { minLength: 1, maxLength: 2 }), http: fc.boolean() })
  .map(({ ports, http }): YamlData => ({ ports, ...(http ? { rules: { http: [{ method: 'GET' }] } } : {}) }));
const entry = fc.oneof(
  { weight: 1, arbitrary: fc.constant<YamlData>({}) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        fromEndpoints: fc.option(fc.array(endpoints, { maxLength: 2 }), { nil: undefined }),
        toPorts: fc.option(fc.array(item, { minLength: 1, maxLength: 2 }), { nil: undefined }),
      })
      .map(
        ({ fromEndpoints, toPorts }): YamlData => ({
          ...(fromEndpoints === undefined ? {} : { fromEndpoints }),
          ...(toPorts === undefined ? {} : { toPorts }),
        }),
      ),
  },
);
const denial = fc.oneof(
  { weight: 1, arbitrary: fc.constant<YamlData>({ fromEntities: ['all'] }) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(endpoints, { minLength: 1, maxLength: 2 }), fc.option(fc.array(port, { minLength: 1 })))
      .map(
        ([fromEndpoints, ports]): YamlData =>
          ports === null ? { fromEndpoints } : { fromEndpoints, toPorts: [{ ports }] },
      ),
  },
);
const denials = fc.option(fc.array(denial, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 });
const policy = fc
  .record({
    endpointSelector: endpoints,
    ingress: fc.array(entry, { minLength: 1, maxLength: 4 }),
    ingressDeny: denials,
    open: fc.option(fc.constant({ ingress: false }), { nil: undefined, freq: 4 }),
  })
  .map(
    ({ open: enableDefaultDeny, ingressDeny, ...rest }) =>
      (n: number): YamlData => ({
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumNetworkPolicy',
        metadata: { name: `p${n}`, namespace: 'shop' },
        spec: {
          ...rest,
          ...(ingressDeny === undefined ? {} : { ingressDeny }),
          ...(enableDefaultDeny === undefined ? {} : { enableDefaultDeny }),
        },
      }),
  );
const workspace = fc.array(policy, { minLength: 1, maxLength: 2 }).map((policies) => {
  const pods = ['a', 'b', 'c'].map(
    (app): YamlData => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: app, namespace: 'shop', labels: { app } },
      spec: { containers: [{ name: app, image: app }] },
    }),
  );
  return [...pods, ...policies.map((each, n) => each(n))].map((object) => renderYaml(object)).join('---\n');
});

function listed(cluster: Cluster): readonly string[] {
  const list = connectionList(cluster, reachOf(cluster), []);
  return list.sources.flatMap((src) =>
    [...list.from(src)].map(({ dst, ports, conditions }) => {
      const under = conditions.map((each) => `${printPorts(each.ports)} ${each.words.join()}`).join();
      return `${src.name} to ${dst.name}: ${printPorts(ports)} (${under})`;
    }),
  );
}

const pictureOf = async (text: string) => {
  const netpol = await open(new Map([[uri, text]]), settings);
  return { netpol, cluster: clusterOf(netpol.workspace.index.scopes, { profile, unset: 'default' }) };
};

test('what is void changes nothing when it goes', async () => {
  let [rules, entries, denied] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(workspace, async (text) => {
      const { netpol, cluster } = await pictureOf(text);
      const before = listed(cluster);
      for (const { rule, message, range, fixes } of allFindings(netpol)) {
        if (rule.id === 'request-rules-void' && message.includes('limit nothing:')) {
          rules++;
          // The same with nothing but its ports: every request.
          const place = netpol.workspace.file(uri)?.documentAt(range.start);
          assert.ok(place !== undefined);
          const policies = cluster.policies.map((applied) => {
            const { placed } = applied;
            const changed = placed.value.rules.map((each) => {
              const { constraints, ...plain } = each;
              const [limit] = constraints ?? [];
              const here = limit?.at.document === place.document && limit.at.range.start === range.start - place.offset;
              return here ? plain : each;
            });
            return { ...applied, placed: { ...placed, value: { ...placed.value, rules: changed } } };
          });
          assert.deepEqual(listed({ ...cluster, policies }), before, `${message}\n${text}`);
        }
        if (rule.id === 'shadowed-rule') {
          denied++;
          const place = netpol.workspace.file(uri)?.documentAt(range.start);
          assert.ok(place !== undefined);
          const isHere = ({ at }: Rule | Peer) =>
            at.document === place.document && at.range.start === range.start - place.offset;
          const policies = cluster.policies.map((applied) => {
            const { placed } = applied;
            const left = placed.value.rules
              .filter((each) => !isHere(each))
              .map((each) => ({ ...each, peers: each.peers.filter((peer) => !isHere(peer)) }));
            return { ...applied, placed: { ...placed, value: { ...placed.value, rules: left } } };
          });
          assert.deepEqual(listed({ ...cluster, policies }), before, `${message}\n${text}`);
        }
        for (const fix of rule.id === 'entry-allows-nothing' ? fixes : []) {
          if (!fix.title.startsWith('Remove this entry')) continue;
          const changes = fix.changes();
          const after = changes === undefined ? undefined : netpol.applyChanges(changes)?.get(uri);
          assert.ok(after !== undefined);
          entries++;
          assert.deepEqual(listed((await pictureOf(after)).cluster), before, `${fix.title}\n${text}`);
        }
      }
    }),
    { numRuns: Number(process.env.NETPOL_RUNS ?? 300), seed: Number(process.env.NETPOL_SEED ?? 20261121) },
  );
  assert.ok(rules > 20 && entries > 20 && denied > 50, `too few: ${rules} rules, ${entries} entries, ${denied} denied`);
});
