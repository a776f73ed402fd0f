import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Cluster } from '#server/engine/cluster.js';
import { answers } from './answers.js';
import { connectionsOf, endName, pairsOf } from './compare.js';
import { type Difference, differences } from './differences.js';
import { allowedBy, allowedIn, firewallRules } from './fw-rules.js';
import { clusterNamed, notAsked, type Query, queries } from './load.js';

let compared = 0;

describe('netpol answers what nca is asked', () => {
  for (const query of queries) {
    const { kind, expected, output } = query;
    const difference = differences[query.query];
    test(`${query.query}, ${kind}`, async () => {
      if (kind === 'connectivityMap') {
        assert.ok(output);
        for (const cluster of await clustersOf(query)) sameMap(cluster, output);
        return;
      }
      const answer = async (without?: Difference) => answers[kind](await clustersOf(query, without));
      if (difference === undefined) {
        assert.equal(await answer(), expected, query.configs.join(', '));
        return;
      }
      const { heading } = difference;
      assert.notEqual(await answer(), expected, `the difference "${heading}" is gone; take it out of the list`);
      assert.equal(await answer(difference), expected, `not only because of "${heading}"`);
    });
  }
});

test('every query is there, and the page about differences tells what it must', (t) => {
  const unlike = queries.filter(({ query }) => differences[query] !== undefined).length;
  t.diagnostic(`${queries.length} queries asked: ${queries.length - unlike} agree, ${unlike} differ as told`);
  t.diagnostic(`of these: ${counts(queries.map(({ kind }) => kind))}`);
  t.diagnostic(`${compared} pairs of connectivity maps compared`);
  t.diagnostic(`${notAsked.length} not asked: ${counts(notAsked.map(({ reason }) => reason))}`);
  const page = readFileSync(join(process.cwd(), 'docs/differences.md'), 'utf8');
  for (const [query, { heading }] of Object.entries(differences)) {
    assert.ok(
      queries.some((each) => each.query === query),
      query,
    );
    assert.ok(page.includes(`# ${heading}\n`), `docs/differences.md says nothing about "${heading}"`);
  }
  assert.equal(queries.length, 255);
  assert.equal(notAsked.length, 192);
  assert.ok(compared > 3000);
});

/** The sets that a query names; without the cause of a difference, where one is given. */
function clustersOf(
  query: Query,
  { manifests, cluster = (same) => same }: Partial<Difference> = {},
): Promise<Cluster[]> {
  return Promise.all(query.configs.map(async (config) => cluster(await clusterNamed(query, config, manifests))));
}

/** Each pair may connect on the ports that nca's rules say, and only then. */
function sameMap(cluster: Cluster, output: string): void {
  const rules = firewallRules(output);
  for (const connections of connectionsOf([cluster])) {
    for (const pair of pairsOf(connections)) {
      compared++;
      const told = `${endName(pair.from)} to ${endName(pair.to)}`;
      assert.deepEqual(allowedIn(connections, pair), allowedBy(rules, pair), told);
    }
  }
}

function counts(words: readonly string[]): string {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return [...found].map(([word, count]) => `${word} ${count}`).join('; ');
}
