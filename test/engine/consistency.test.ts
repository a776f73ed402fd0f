import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cluster, clusterOf, type Pods } from '#server/engine/cluster.js';
import { connectionList } from '#server/engine/connection-list.js';
import { podsName } from '#server/engine/connection-names.js';
import { type DirectionAnswer, effectiveOfWorkload } from '#server/engine/effective.js';
import { explain } from '#server/engine/explain.js';
import { peerMatches } from '#server/engine/matching.js';
import { reachOf } from '#server/engine/reach.js';
import { type Endpoint, podsEnd } from '#server/engine/stages.js';
import { addressesOf, isSubset, parseCidr, privateAddresses } from '#server/model/addresses.js';
import type { Peer } from '#server/model/peer.js';
import type { Policy, Rule } from '#server/model/policy.js';
import { includes, type PortSet, ports, resolveNamed } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import type { Placed, Scope } from '#server/workspace/scope.js';
import { arbitraryCaseOf, manifestsText } from '../reference/arbitrary.js';
import type { Query } from '../reference/verdict.js';

const seed = Number(process.env.NETPOL_SEED ?? Date.now() % 2 ** 31);

/** Pods whose addresses or nodes are known have answers that an effective set does not tell. */
const cases = arbitraryCaseOf({ hostNetwork: false, podAddresses: false, nodes: false });

function endOf(cluster: Cluster, name: string): Endpoint {
  if (name.includes('/')) {
    const found = cluster.pods.find((pods) => `${pods.namespace.name}/${pods.name}` === name);
    if (found === undefined) throw new Error(`there are no pods ${name}`);
    return podsEnd(found);
  }
  const cidr = parseCidr(`${name}/${name.includes(':') ? 128 : 32}`);
  if (cidr === undefined) throw new Error(`${name} is no address`);
  return { kind: 'addresses', addresses: addressesOf(cidr) };
}

/** What a person reads out of the effective set of one direction. */
function readEffective(
  scope: Scope,
  answer: DirectionAnswer,
  other: Endpoint,
  declared: Pods['ports'],
  { protocol, port }: Query,
): boolean {
  const opens = (set: PortSet) => includes(resolveNamed(set, declared), protocol, port);
  const takes = (policy: Placed<Policy>, peer: Peer) => {
    if (peer.kind === 'anything') return true;
    if (other.kind === 'addresses') return peer.kind === 'addresses' && isSubset(other.addresses, peer.addresses);
    if (other.kind !== 'pods') throw new Error('not asked here');
    // By the API's text the networks of cluster-wide policies are about pods as well (FACTS B2).
    if (peer.kind === 'addresses' && policy.value.clusterWide)
      return isSubset({ v4: privateAddresses.v4, v6: [] }, peer.addresses);
    const [workload] = other.pods.workloads;
    return workload !== undefined && peerMatches(scope, policy, peer, workload) === 'yes';
  };
  const first = (rules: readonly { readonly policy: Placed<Policy>; readonly rule: Rule }[]) => {
    const decides = rules.find(
      ({ policy, rule }) => opens(rule.ports) && rule.peers.some((peer) => takes(policy, peer)),
    );
    return decides === undefined || decides.rule.action === 'Pass' ? undefined : decides.rule.action === 'Allow';
  };
  const admin = first(answer.admin);
  if (admin !== undefined) return admin;
  if (answer.isolated) return answer.allowances.some(({ policy, peer, ports }) => opens(ports) && takes(policy, peer));
  return first(answer.baseline) ?? true;
}

test(`list, explain and effective never contradict each other (seed ${seed})`, { timeout: 200_000 }, async () => {
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ objects, queries }) => {
      const text = manifestsText(objects);
      const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
      const netpol = await Netpol.open(provider, ['file:///w']);
      const [scope] = netpol.workspace.index.scopes;
      assert.ok(scope !== undefined);
      const cluster = clusterOf([scope], { profile: defaultProfile, unset: 'default' });
      const list = connectionList(cluster, reachOf(cluster), []);
      for (const query of queries) {
        if (query.from === query.to) continue;
        asked++;
        const told = JSON.stringify(query);
        const [from, to] = [endOf(cluster, query.from), endOf(cluster, query.to)];

        const parts = explain(cluster, from, to, ports(query.protocol, query.port));
        const [part] = parts;
        assert.ok(part !== undefined && parts.length === 1, `one port and two ends have one answer: ${told}`);

        const listed = list.sources
          .filter((src) => isEnd(src, from))
          .flatMap((src) => [...list.from(src, (dst) => isEnd(dst, to))])
          .some((connection) => includes(connection.ports, query.protocol, query.port));
        const shown = [from, to].every((end) => end.kind !== 'addresses' || end.addresses.v4.length > 0);
        // Addresses of IPv6 are listed only where a policy speaks of them.
        if (shown || listed) assert.equal(part.allowed, listed, `explain against list: ${told}`);

        const declared = to.kind === 'pods' ? to.pods.ports : [];
        for (const [direction, own, other] of [
          ['egress', from, to],
          ['ingress', to, from],
        ] as const) {
          if (own.kind !== 'pods') continue;
          const [workload] = own.pods.workloads;
          assert.ok(workload !== undefined);
          const answer = effectiveOfWorkload(scope, workload)[direction];
          const read = readEffective(scope, answer, other, declared, query);
          assert.equal(part[direction].allowed, read, `explain against effective, ${direction}: ${told}`);
        }
      }
    }),
    { numRuns: 250, seed },
  );
  assert.ok(asked > 2000, `only ${asked} questions were asked`);
});

function isEnd(listed: { readonly kind: string; readonly name: string }, end: Endpoint): boolean {
  if (end.kind === 'pods') return listed.kind === 'pods' && listed.name === podsName(end.pods);
  if (end.kind !== 'addresses' || listed.kind !== 'addresses' || !('addresses' in listed)) return false;
  return isSubset(end.addresses, listed.addresses as typeof end.addresses);
}
