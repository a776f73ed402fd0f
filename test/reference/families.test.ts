import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Netpol } from '#server/service.js';
import { manifestsText } from './arbitrary.js';
import { arbitraryCalicoCase, arbitraryCiliumCase, type WideCase } from './arbitrary-families.js';
import { type Mutant, mutated } from './mutants.js';
import { calicoMutants } from './mutants-calico.js';
import { ciliumMutants } from './mutants-cilium.js';
import { clusterOf } from './objects.js';
import { type Families, verdict } from './verdict.js';

interface Family {
  readonly families: Families;
  /** Drawn once, always the same: how strong the generator is must not depend on luck. */
  readonly cases: readonly WideCase[];
  readonly mutants: readonly Mutant[];
  /** Faults in what the generator leaves out. The tables know them all. */
  readonly notDrawn: readonly string[];
}

const families: readonly Family[] = [
  {
    families: 'calico',
    cases: fc.sample(arbitraryCalicoCase, { numRuns: 1200, seed: 1 }),
    mutants: calicoMutants,
    notDrawn: [
      'untracked policies are for pods',
      'policies before translation are for pods',
      'the service account selector is ignored',
      'ipVersion is ignored',
      'labels of service accounts are ignored',
      'names or labels of service accounts',
      'HTTP of every protocol',
    ],
  },
  {
    families: 'cilium',
    cases: fc.sample(arbitraryCiliumCase, { numRuns: 1200, seed: 1 }),
    mutants: ciliumMutants,
    notDrawn: [
      'groups of a cloud are anybody',
      'a pod has no cluster',
      'a clusterwide policy opens to the world',
      'the subject’s namespace is kept',
      'sources are ignored',
      'names are as written',
      'GRE is every protocol',
    ],
  },
];

function answers({ objects, queries }: WideCase, families: Families, ask = { clusterOf, verdict }): string {
  const cluster = ask.clusterOf(objects);
  return queries
    .map((query) => ask.verdict(cluster, query, { families }))
    .map(({ egress, ingress }) =>
      [egress.allowed, egress.possible, ingress.allowed, ingress.possible].map(Number).join(''),
    )
    .join(' ');
}

for (const { families: name, cases, mutants, notDrawn } of families) {
  test(`${name}: 1,200 random cases tell the mutants from the reference`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'netpol-mutants-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const drawn = mutants.filter(({ fault }) => !notDrawn.includes(fault));
    assert.equal(drawn.length, mutants.length - notDrawn.length);
    const right = cases.map((each) => answers(each, name));
    const survivors: string[] = [];
    for (const [index, mutant] of drawn.entries()) {
      const wrong = await mutated(join(folder, String(index)), mutant);
      if (!cases.some((each, i) => answers(each, name, wrong) !== right[i])) survivors.push(mutant.fault);
    }
    assert.deepEqual(survivors, []);
    context.diagnostic(`${drawn.length} mutants`);
  });

  test(`${name}: every tier decides often, in every way`, (context) => {
    const counts = new Map<string, number>();
    for (const { objects, queries } of cases) {
      const cluster = clusterOf(objects);
      for (const query of queries) {
        const { egress, ingress } = verdict(cluster, query, { families: name });
        for (const [direction, { allowed, possible, decidedBy }] of Object.entries({ egress, ingress })) {
          const [first] = decidedBy;
          const who = first === undefined ? 'nobody' : `${first.tier}: ${first.policy.split(' ')[0]}`;
          const key = `${direction} ${who} ${allowed ? 'allows' : possible ? 'allows on conditions' : 'denies'}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
    }
    for (const [key, count] of [...counts].sort()) context.diagnostic(`${key}: ${count}`);
    const own =
      name === 'calico'
        ? ['default: NetworkPolicy', 'default: GlobalNetworkPolicy', 'first: GlobalNetworkPolicy']
        : ['namespaced: CiliumNetworkPolicy', 'namespaced: CiliumClusterwideNetworkPolicy'];
    for (const direction of ['egress', 'ingress']) {
      for (const who of own) {
        for (const how of ['allows', 'denies']) {
          const count = counts.get(`${direction} ${who} ${how}`) ?? 0;
          assert.ok(count > 40, `${direction} ${who} ${how}: ${count} times`);
        }
      }
    }
  });

  test(`${name}: what is drawn is what the API server and the plugin accept`, async () => {
    for (const { objects } of cases.slice(0, 60)) {
      const text = manifestsText(objects);
      const netpol = await Netpol.open({ list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) }, [
        'file:///w',
      ]);
      const refused = netpol
        .findings('file:///w/all.yaml')
        .filter(({ rule, severity }) => rule.group === 'API validity' && severity === 'error')
        // Names are drawn once each; `spec` and `specs` of one object are two policies of one name.
        .filter(({ rule }) => rule.id !== 'duplicate-object');
      assert.deepEqual(
        refused.map(({ message }) => message),
        [],
      );
    }
  });
}
