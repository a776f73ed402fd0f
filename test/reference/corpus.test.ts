import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionCase } from '../corpus/connection-case.js';
import { conformanceCases } from '../corpus/network-policy-api/load.js';
import { flowCases, tableCases } from '../corpus/policy-assistant/load.js';
import { clusterOf } from './objects.js';
import { verdict } from './verdict.js';

/** Every check of the cases, with what differs from the expectation. */
function disagreements(cases: readonly ConnectionCase[]): { checks: number; wrong: string[] } {
  const wrong: string[] = [];
  let checks = 0;
  for (const { name, manifests, checks: listed } of cases) {
    const cluster = clusterOf(manifests);
    for (const { direction, allowed, ...query } of listed) {
      checks++;
      const given = verdict(cluster, query);
      if ((direction === undefined ? given.allowed : given[direction].allowed) === allowed) continue;
      const how = `${query.from} to ${query.to} ${query.protocol} ${query.port} ${direction ?? 'both'}`;
      wrong.push(`${name}: ${how}: expected ${allowed}, got ${JSON.stringify(given)}`);
    }
  }
  return { checks, wrong };
}

test('the conformance suite of ClusterNetworkPolicy: all 301 probes', () => {
  assert.deepEqual(disagreements(conformanceCases()), { checks: 301, wrong: [] });
});

test('the connectivity tables of policy-assistant: all 1,124 directions', () => {
  assert.deepEqual(disagreements(tableCases()), { checks: 1124, wrong: [] });
});

test('the single connections of policy-assistant', () => {
  assert.deepEqual(disagreements(flowCases()), { checks: 6, wrong: [] });
});
