import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { Netpol } from '#server/service.js';
import { arbitraryCase, arbitraryCaseOf, type Case, manifestsText } from './arbitrary.js';
import { type Mutant, mutants, mutated } from './mutants.js';
import { clusterOf } from './objects.js';
import { verdict } from './verdict.js';

/** Drawn once, always the same: how strong the generator is must not depend on luck. */
const cases = fc.sample(arbitraryCase, { numRuns: 2000, seed: 1 });

/** The reference as it is, by the mutants' way: only this one must survive. */
const control: Mutant = {
  fault: 'nothing',
  file: 'verdict.js',
  right: 'function isItself',
  wrong: 'function isItself',
};

/** What any implementation can be asked: the answer for each query, together and in each direction. */
function answers({ objects, queries }: Case, ask = { clusterOf, verdict }): string {
  const cluster = ask.clusterOf(objects);
  return queries
    .map((query) => ask.verdict(cluster, query))
    .map(({ allowed, egress, ingress }) => [allowed, egress.allowed, ingress.allowed].map(Number).join(''))
    .join(' ');
}

test('2,000 cases tell every mutant from the reference', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-mutants-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const right = cases.map((each) => answers(each));
  const survivors: string[] = [];
  for (const [index, mutant] of [control, ...mutants].entries()) {
    const wrong = await mutated(join(folder, String(index)), mutant);
    const seen = cases.findIndex((each, i) => answers(each, wrong) !== right[i]);
    if (seen < 0) survivors.push(mutant.fault);
    else context.diagnostic(`case ${seen + 1}: ${mutant.fault}`);
  }
  assert.ok(mutants.length > 60);
  assert.deepEqual(survivors, ['nothing']);
});

test('every tier decides often, in both ways', () => {
  const counts = new Map<string, number>();
  for (const { objects, queries } of cases) {
    const cluster = clusterOf(objects);
    for (const query of queries) {
      const { egress, ingress } = verdict(cluster, query);
      for (const [direction, { allowed, decidedBy }] of Object.entries({ egress, ingress })) {
        const key = `${direction} ${decidedBy[0]?.tier ?? 'none'} ${allowed ? 'allows' : 'denies'}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
  }
  for (const direction of ['egress', 'ingress']) {
    for (const tier of ['admin', 'namespaced', 'baseline']) {
      for (const how of ['allows', 'denies']) {
        const count = counts.get(`${direction} ${tier} ${how}`) ?? 0;
        assert.ok(count > 150, `${direction} ${tier} ${how}: ${count} times`);
      }
    }
  }
});

test('cases can be written down as YAML, and mean the same when they are read again', () => {
  for (const each of cases.slice(0, 40)) {
    const documents = parseAllDocuments(manifestsText(each.objects));
    assert.deepEqual(
      documents.flatMap(({ errors }) => errors),
      [],
    );
    const read = documents.map((document): object => document.toJS());
    assert.equal(answers({ ...each, objects: read }), answers(each));
  }
});

test('what is drawn is what the API server accepts', async () => {
  for (const { objects } of cases.slice(0, 40)) {
    const text = manifestsText(objects);
    const netpol = await Netpol.open({ list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) }, [
      'file:///w',
    ]);
    const refused = netpol
      .findings('file:///w/all.yaml')
      .filter(({ rule, severity }) => rule.group === 'API validity' && severity === 'error');
    assert.deepEqual(
      refused.map(({ message }) => message),
      [],
    );
  }
});

test('a shape leaves out what it says', () => {
  const kinds = ['NetworkPolicy' as const];
  const shape = { kinds, hostNetwork: false, podAddresses: false, nodes: false };
  for (const { objects } of fc.sample(arbitraryCaseOf(shape), { numRuns: 200, seed: 2 })) {
    const { clusterPolicies, pods, nodes } = clusterOf(objects);
    assert.deepEqual([clusterPolicies.length, nodes.size], [0, 0]);
    assert.ok(pods.every((pod) => !pod.hostNetwork && pod.addresses.length === 0 && pod.node === undefined));
  }
});
