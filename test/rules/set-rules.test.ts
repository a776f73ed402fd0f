import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { peerMatches, selects } from '#server/engine/matching.js';
import { containsAddress, parseAddress } from '#server/model/addresses.js';
import type { Peer } from '#server/model/peer.js';
import type { Direction, Policy, Rule } from '#server/model/policy.js';
import { includes, resolveNamed } from '#server/model/ports.js';
import type { Workload } from '#server/model/workload.js';
import { renderYaml, type YamlData } from '#server/text/edits.js';
import type { Placed, Scope } from '#server/workspace/scope.js';
import { readSettings } from '#server/workspace/settings.js';
import { allFindings, open } from './harness.js';

/**
 * The rules about the set of policies, held against a judge of single connections that is written from the API's text:
 * what a fix says to leave as it is stays so, and where no conflict of priorities is found, the order makes no difference.
 */
const uri = 'file:///fixture/all.yaml';
const { settings } = readSettings({});

const namespaces = ['shop', 'ops'];
const apps = ['web', 'db', 'cache'];
const addresses = ['203.0.113.7', '203.0.113.200'].map(parseAddress);

const labels = fc.constantFrom<YamlData>(
  {},
  { matchLabels: { app: 'web' } },
  { matchLabels: { app: 'db' } },
  { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'db'] }] },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
);
const namespaceLabels = fc.constantFrom<YamlData>(
  {},
  { matchLabels: { env: 'shop' } },
  { matchLabels: { env: 'ops' } },
  { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
);
const port = fc.oneof(
  fc.constantFrom<YamlData>({ port: 80 }, { port: 443 }, { protocol: 'UDP', port: 80 }, { port: 'http' }, {}),
  fc.constant<YamlData>({ port: 80, endPort: 443 }),
);
const ports = fc.option(fc.array(port, { minLength: 1, maxLength: 3 }), { nil: undefined });
const block = fc.constantFrom<YamlData>(
  { ipBlock: { cidr: '203.0.113.0/24' } },
  { ipBlock: { cidr: '203.0.113.0/25' } },
  { ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.128/25'] } },
);
const peer = fc.oneof(
  labels.map((podSelector): YamlData => ({ podSelector })),
  namespaceLabels.map((namespaceSelector): YamlData => ({ namespaceSelector })),
  fc.tuple(labels, namespaceLabels).map(([podSelector, namespaceSelector]) => ({ podSelector, namespaceSelector })),
  block,
);
const rules = (direction: Direction) =>
  fc.array(
    fc.record({ peers: fc.option(fc.array(peer, { minLength: 1, maxLength: 3 }), { nil: undefined }), ports }).map(
      ({ peers, ports }): YamlData => ({
        ...(peers === undefined ? {} : { [direction === 'ingress' ? 'from' : 'to']: peers }),
        ...(ports === undefined ? {} : { ports }),
      }),
    ),
    { maxLength: 3 },
  );

const networkPolicy = fc
  .record({
    namespace: fc.constantFrom(...namespaces),
    podSelector: labels,
    types: fc.constantFrom<string[] | undefined>(undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: rules('ingress'),
    egress: rules('egress'),
  })
  .map(
    ({ namespace, podSelector, types, ingress, egress }) =>
      (name: string): YamlData => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name, namespace },
        spec: { podSelector, ...(types === undefined ? {} : { policyTypes: types }), ingress, egress },
      }),
  );

const clusterPeer = fc.oneof(
  namespaceLabels.map((namespaces): YamlData => ({ namespaces })),
  fc.tuple(labels, namespaceLabels).map(([podSelector, namespaceSelector]) => ({
    pods: { podSelector, namespaceSelector },
  })),
);
const networks = fc.constantFrom<YamlData>(
  { networks: ['203.0.113.0/24'] },
  { networks: ['203.0.113.0/25', '203.0.113.0/24'] },
);
const clusterRules = (direction: Direction) =>
  fc.array(
    fc
      .record({
        action: fc.constantFrom('Accept', 'Deny', 'Pass'),
        peers: fc.array(direction === 'ingress' ? clusterPeer : fc.oneof(clusterPeer, networks), {
          minLength: 1,
          maxLength: 2,
        }),
        number: fc.constantFrom(undefined, 80, 443),
      })
      .map(
        ({ action, peers, number }): YamlData => ({
          action,
          [direction === 'ingress' ? 'from' : 'to']: peers,
          ...(number === undefined ? {} : { protocols: [{ tcp: { destinationPort: { number } } }] }),
        }),
      ),
    { maxLength: 3 },
  );
const clusterPolicy = fc
  .record({
    tier: fc.constantFrom('Admin', 'Baseline'),
    priority: fc.constantFrom(1, 2, 3),
    namespaces: namespaceLabels,
    ingress: clusterRules('ingress'),
    egress: clusterRules('egress'),
  })
  .map(
    ({ tier, priority, namespaces, ingress, egress }) =>
      (name: string): YamlData => ({
        apiVersion: 'policy.networking.k8s.io/v1alpha2',
        kind: 'ClusterNetworkPolicy',
        metadata: { name },
        spec: { tier, priority, subject: { namespaces }, ingress, egress },
      }),
  );

const workspace = fc
  .record({
    policies: fc.array(networkPolicy, { maxLength: 4 }),
    clusterPolicies: fc.array(clusterPolicy, { maxLength: 3 }),
  })
  .map(({ policies, clusterPolicies }) => textOf([...policies, ...clusterPolicies].map((each, n) => each(`p${n}`))));

/** With the pods and the namespaces that the policies are about. */
function textOf(policies: readonly YamlData[]): string {
  const objects: YamlData[] = namespaces.flatMap((namespace): YamlData[] => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { env: namespace } } },
    ...apps.map((app, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: app, namespace, labels: { app } },
      spec: { containers: [{ name: app, ports: [{ name: 'http', containerPort: [80, 443][index] ?? 80 }] }] },
    })),
  ]);
  return [...objects, ...policies].map((object) => renderYaml(object)).join('---\n');
}

type End = Placed<Workload> | NonNullable<ReturnType<typeof parseAddress>>;

/** Everything that may pass between the pods, and to and from outside. Source: FACTS B1 and B2. */
function allowed(scope: Scope, byName: 1 | -1 = 1): readonly string[] {
  const outside = addresses.filter((each) => each !== undefined);
  const ends: readonly End[] = [...scope.workloads, ...outside];
  const found: string[] = [];
  for (const from of ends) {
    for (const to of ends) {
      if (from === to || (!('resource' in from) && !('resource' in to))) continue;
      for (const [protocol, number] of [
        ['TCP', 80],
        ['TCP', 443],
        ['TCP', 22],
        ['UDP', 80],
      ] as const) {
        const passes = (direction: Direction, pod: End, other: End) =>
          !('resource' in pod) || judge(scope, direction, pod, other, to, protocol, number, byName);
        if (passes('egress', from, to) && passes('ingress', to, from))
          found.push(`${nameOf(from)} to ${nameOf(to)} ${protocol} ${number}`);
      }
    }
  }
  return found;
}

function nameOf(end: End): string {
  return 'resource' in end ? `${end.namespace.key}/${end.value.name}` : end.text;
}

function judge(
  scope: Scope,
  direction: Direction,
  pod: Placed<Workload>,
  other: End,
  destination: End,
  protocol: 'TCP' | 'UDP',
  number: number,
  byName: 1 | -1,
): boolean {
  const declared = 'resource' in destination ? destination.value.ports : [];
  const matches = (policy: Placed<Policy>, rule: Rule) =>
    rule.direction === direction &&
    includes(resolveNamed(rule.ports, declared), protocol, number) &&
    rule.peers.some((peer) => peerHolds(scope, policy, peer, other));
  const policies = scope.policies.filter((policy) => selects(scope, policy, pod) === 'yes');
  const first = (tier: 'admin' | 'baseline') => {
    const ordered = policies
      .filter(({ value }) => value.order.tier === tier)
      .sort(
        (a, b) => a.value.order.priority - b.value.order.priority || byName * (a.value.name < b.value.name ? -1 : 1),
      );
    for (const policy of ordered) {
      const rule = policy.value.rules.find((each) => matches(policy, each));
      if (rule !== undefined) return rule.action;
    }
    return 'Pass';
  };
  const admin = first('admin');
  if (admin !== 'Pass') return admin === 'Allow';
  const isolating = policies.filter(
    ({ value }) => value.order.tier === 'namespaced' && value.isolates.includes(direction),
  );
  if (isolating.length > 0) {
    return isolating.some((policy) => policy.value.rules.some((rule) => matches(policy, rule)));
  }
  return first('baseline') !== 'Deny';
}

function peerHolds(scope: Scope, policy: Placed<Policy>, peer: Peer, other: End): boolean {
  if (peer.kind === 'anything') return true;
  if ('resource' in other) return peerMatches(scope, policy, peer, other) === 'yes';
  return peer.kind === 'addresses' && containsAddress(peer.addresses, other);
}

async function read(text: string) {
  const netpol = await open(new Map([[uri, text]]), settings);
  const [scope] = netpol.workspace.index.scopes;
  assert.ok(scope !== undefined);
  return { netpol, scope, findings: allFindings(netpol) };
}

const unchanging = new Set(['redundant-rule', 'policy-without-effect', 'shadowed-rule']);

test('fixes that say to change nothing change nothing, one after the other until none is left', async () => {
  const applied = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(workspace, fc.nat(), async (text, chosen) => {
      let now = text;
      let before: readonly string[] | undefined;
      for (let round = 0; round < 40; round++) {
        const { netpol, scope, findings } = await read(now);
        before ??= allowed(scope);
        if (round > 0) assert.deepEqual(allowed(scope), before, now);
        const offers = findings.flatMap((finding) => {
          const fix = unchanging.has(finding.rule.id) ? finding.fixes[0] : undefined;
          const changes = fix?.changes();
          return changes === undefined ? [] : [{ finding, changes }];
        });
        const offer = offers[chosen % Math.max(1, offers.length)];
        const changed = offer === undefined ? undefined : netpol.applyChanges(offer.changes)?.get(uri);
        if (offer === undefined || changed === undefined) return;
        applied.set(offer.finding.rule.id, (applied.get(offer.finding.rule.id) ?? 0) + 1);
        now = changed;
      }
      assert.fail(`there is always something left to remove:\n${now}`);
    }),
    { numRuns: 250 },
  );
  for (const rule of unchanging) assert.ok((applied.get(rule) ?? 0) > 2, `${rule}: ${applied.get(rule)} fixes`);
});

test('a rule or policy that is reported decides nothing: without it the same is allowed', async () => {
  // The findings themselves, also where no fix is offered: the rule's own document is judged without the rule.
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(workspace, async (text) => {
      const { scope, findings } = await read(text);
      const before = allowed(scope);
      for (const { rule, range, message } of findings) {
        if (!unchanging.has(rule.id) || !/ rule(?: adds| never)| allow never/.test(message)) continue;
        const found = scope.policies.flatMap((policy) =>
          policy.value.rules.filter((each) => startOf(text, each.at) === range.start).map((each) => ({ policy, each })),
        );
        assert.equal(found.length, 1, message);
        seen++;
        const less = scope.policies.map((policy) =>
          policy === found[0]?.policy
            ? {
                ...policy,
                value: { ...policy.value, rules: policy.value.rules.filter((each) => each !== found[0]?.each) },
              }
            : policy,
        );
        const without = new Proxy(scope, {
          get: (target, key) => (key === 'policies' ? less : Reflect.get(target, key, target)),
        });
        assert.deepEqual(allowed(without), before, message);
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(seen > 50, `${seen} rules`);
});

/** Where a part of a document begins in the file that holds it. */
function startOf(text: string, at: { document: { text: string }; range: { start: number } }): number {
  return text.indexOf(at.document.text) + at.range.start;
}

test('where no conflict of priorities is found, the order of equal ones makes no difference', async () => {
  let silent = 0;
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(clusterPolicy, { minLength: 2, maxLength: 3 }), async (policies) => {
      const { scope, findings } = await read(textOf(policies.map((each, n) => each(`p${n}`))));
      if (findings.some(({ rule }) => rule.id === 'priority-conflict')) {
        found++;
        return;
      }
      silent++;
      assert.deepEqual(allowed(scope, 1), allowed(scope, -1));
    }),
    { numRuns: 300 },
  );
  assert.ok(silent > 50 && found > 20, `${silent} without, ${found} with a conflict`);
});
