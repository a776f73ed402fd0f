import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Effective, effectiveOfPolicy, effectiveOfWorkload } from '#server/engine/effective.js';
import { peerMatches } from '#server/engine/matching.js';
import { includes, resolveNamed } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';
import { renderYaml, type YamlData } from '#server/text/edits.js';
import type { Scope } from '#server/workspace/scope.js';

async function scopeOf(objects: readonly YamlData[]): Promise<Scope> {
  const text = objects.map((object) => renderYaml(object)).join('---\n');
  const netpol = await Netpol.open({ list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) }, [
    'file:///w',
  ]);
  assert.deepEqual(
    netpol.workspace.file('file:///w/all.yaml')?.documents.flatMap(({ document }) => document.problems),
    [],
  );
  const [scope, ...others] = netpol.workspace.index.scopes;
  assert.ok(scope !== undefined && others.length === 0);
  return scope;
}

const namespaces = ['shop', 'ops'];
const apps = ['web', 'api', 'db'];
const portName = 'http';
const numbers = [80, 8080, 5432];

interface Pod {
  namespace: string;
  name: string;
  app: string;
  /** The number that the name `http` stands for in this pod, over TCP. */
  http: number | undefined;
}
interface Peer {
  app: string | undefined;
  /** undefined: no namespaceSelector; 'any': {}; else kubernetes.io/metadata.name. */
  namespace: string | undefined;
}
interface Port {
  protocol: 'TCP' | 'UDP' | undefined;
  port: number | string | undefined;
  endPort: number | undefined;
}
interface Rule {
  peers: Peer[] | undefined;
  ports: Port[] | undefined;
}
interface Policy {
  namespace: string;
  app: string | undefined;
  types: ('Ingress' | 'Egress')[] | undefined;
  ingress: Rule[] | undefined;
  egress: Rule[] | undefined;
}

const peer: fc.Arbitrary<Peer> = fc.record({
  app: fc.option(fc.constantFrom(...apps), { nil: undefined }),
  namespace: fc.option(fc.constantFrom(...namespaces, 'any'), { nil: undefined }),
});
const port: fc.Arbitrary<Port> = fc
  .record({
    protocol: fc.option(fc.constantFrom<'TCP' | 'UDP'>('TCP', 'UDP'), { nil: undefined }),
    port: fc.option(fc.constantFrom<number | string>(...numbers, portName), { nil: undefined }),
    range: fc.option(fc.nat({ max: 9000 }), { nil: undefined }),
  })
  .map(({ protocol, port, range }) => ({
    protocol,
    port,
    endPort: typeof port === 'number' && range !== undefined ? port + range : undefined,
  }));
const rule: fc.Arbitrary<Rule> = fc.record({
  peers: fc.option(fc.array(peer, { maxLength: 3 }), { nil: undefined }),
  ports: fc.option(fc.array(port, { maxLength: 2 }), { nil: undefined }),
});
const rules = fc.option(fc.array(rule, { maxLength: 3 }), { nil: undefined });
const policy: fc.Arbitrary<Policy> = fc.record({
  namespace: fc.constantFrom(...namespaces),
  app: fc.option(fc.constantFrom(...apps), { nil: undefined }),
  types: fc.option(fc.subarray<'Ingress' | 'Egress'>(['Ingress', 'Egress']), { nil: undefined }),
  ingress: rules,
  egress: rules,
});
const pods = fc.array(
  fc.record({
    namespace: fc.constantFrom(...namespaces),
    app: fc.constantFrom(...apps),
    http: fc.option(fc.constantFrom(...numbers), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 5 },
);

function podObject(pod: Pod): YamlData {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod.name, namespace: pod.namespace, labels: { app: pod.app } },
    spec: {
      containers: [{ name: 'c', ports: pod.http === undefined ? [] : [{ name: portName, containerPort: pod.http }] }],
    },
  };
}

function defined(data: Record<string, YamlData | undefined>): { [key: string]: YamlData } {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

function ruleObject(rule: Rule, key: 'from' | 'to'): YamlData {
  const peers = rule.peers?.map((peer): YamlData => {
    const namespaceSelector =
      peer.namespace === undefined
        ? undefined
        : peer.namespace === 'any'
          ? {}
          : { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } };
    const podSelector =
      peer.app !== undefined ? { matchLabels: { app: peer.app } } : namespaceSelector === undefined ? {} : undefined;
    return defined({ podSelector, namespaceSelector });
  });
  return defined({ [key]: peers, ports: rule.ports?.map((port) => defined({ ...port })) });
}

function policyObject(policy: Policy, name: string): YamlData {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: policy.namespace },
    spec: defined({
      podSelector: policy.app === undefined ? {} : { matchLabels: { app: policy.app } },
      policyTypes: policy.types,
      ingress: policy.ingress?.map((each) => ruleObject(each, 'from')),
      egress: policy.egress?.map((each) => ruleObject(each, 'to')),
    }),
  };
}

/** One direction of one connection, from the API's text alone: no sets, no model. */
function allows(
  policies: readonly Policy[],
  direction: 'ingress' | 'egress',
  own: Pod,
  other: Pod,
  destination: Pod,
  protocol: 'TCP' | 'UDP',
  number: number,
) {
  const about = policies.filter(
    (each) => each.namespace === own.namespace && (each.app === undefined || each.app === own.app),
  );
  const isolating = about.filter((each) => {
    const types =
      each.types === undefined || each.types.length === 0
        ? ['Ingress', ...((each.egress ?? []).length > 0 ? ['Egress'] : [])]
        : each.types;
    return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  });
  if (isolating.length === 0) return true;
  return isolating.some((each) =>
    (each[direction] ?? []).some((rule) => {
      const peers = rule.peers ?? [];
      const who =
        peers.length === 0 ||
        peers.some(
          (peer) =>
            (peer.namespace === undefined
              ? other.namespace === each.namespace
              : peer.namespace === 'any' || peer.namespace === other.namespace) &&
            (peer.app === undefined || peer.app === other.app),
        );
      const ports = rule.ports ?? [];
      const where =
        ports.length === 0 ||
        ports.some(({ protocol: written, port, endPort }) => {
          if ((written ?? 'TCP') !== protocol) return false;
          if (port === undefined) return true;
          if (typeof port === 'string') return protocol === 'TCP' && destination.http === number;
          return number >= port && number <= (endPort ?? port);
        });
      return who && where;
    }),
  );
}

function engineAllows(
  scope: Scope,
  effective: Effective,
  direction: 'ingress' | 'egress',
  other: string,
  destination: string,
  protocol: 'TCP' | 'UDP',
  number: number,
) {
  const answer = effective[direction];
  if (!answer.isolated) return true;
  const find = (name: string) => {
    const found = scope.workloads.find((each) => each.value.name === name);
    assert.ok(found !== undefined);
    return found;
  };
  return answer.allowances.some(
    ({ policy, peer, ports }) =>
      peerMatches(scope, policy, peer, find(other)) === 'yes' &&
      includes(resolveNamed(ports, find(destination).value.ports), protocol, number),
  );
}

test('the effective allow set of a workload agrees with the API’s text, connection by connection', async () => {
  await fc.assert(
    fc.asyncProperty(pods, fc.array(policy, { maxLength: 4 }), async (drawn, policies) => {
      const cluster: Pod[] = drawn.map((pod, index) => ({ ...pod, name: `pod-${index}` }));
      const scope = await scopeOf([
        ...cluster.map(podObject),
        ...policies.map((each, index) => policyObject(each, `policy-${index}`)),
      ]);
      for (const own of cluster) {
        const workload = scope.workloads.find((each) => each.value.name === own.name);
        assert.ok(workload !== undefined);
        const effective = effectiveOfWorkload(scope, workload);
        for (const other of cluster) {
          for (const direction of ['ingress', 'egress'] as const) {
            const destination = direction === 'ingress' ? own : other;
            for (const protocol of ['TCP', 'UDP'] as const) {
              for (const number of [...numbers, 81, 65535]) {
                assert.equal(
                  engineAllows(scope, effective, direction, other.name, destination.name, protocol, number),
                  allows(policies, direction, own, other, destination, protocol, number),
                  `${direction} ${own.name} ${other.name} ${protocol} ${number}`,
                );
              }
            }
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

const deny = (
  name: string,
  labels: { [key: string]: YamlData },
  types: string[],
  more: { [key: string]: YamlData } = {},
): YamlData => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { podSelector: labels, policyTypes: types, ...more },
});

test('without workloads, policies whose selectors contain the subject count, and those that overlap are partial', async () => {
  const scope = await scopeOf([
    deny('api', { matchLabels: { app: 'api' } }, ['Egress']),
    deny('all', {}, ['Ingress']),
    deny('web', { matchLabels: { app: 'web' } }, ['Egress'], { egress: [{}] }),
    deny('tier', { matchLabels: { tier: 'back' } }, ['Egress'], { egress: [{}] }),
  ]);
  const api = scope.policies.find((each) => each.value.name === 'api');
  assert.ok(api !== undefined);
  const effective = effectiveOfPolicy(scope, api);
  assert.deepEqual(
    effective.policies.map((each) => each.value.name),
    ['api', 'all'],
  );
  assert.deepEqual(
    effective.partial.map(({ policy }) => policy.value.name),
    ['tier'],
  );
  assert.equal(effective.ingress.isolated, true);
  assert.equal(effective.egress.isolated, true);
  assert.deepEqual(effective.egress.allowances, []);
});

test('a policy without policyTypes isolates ingress, and egress only with egress rules; unlisted rules do nothing', async () => {
  const scope = await scopeOf([
    { ...(deny('a', { matchLabels: { app: 'a' } }, [], { egress: [{}] }) as object) } as YamlData,
    deny('b', { matchLabels: { app: 'b' } }, ['Ingress'], { egress: [{ ports: [{ port: 80 }] }] }),
    deny('c', { matchLabels: { app: 'c' } }, [], { egress: [] }),
  ]);
  const of = (name: string) => {
    const policy = scope.policies.find((each) => each.value.name === name);
    assert.ok(policy !== undefined);
    return effectiveOfPolicy(scope, policy);
  };
  assert.deepEqual([of('a').ingress.isolated, of('a').egress.isolated, of('a').egress.everything], [true, true, true]);
  assert.deepEqual([of('b').egress.isolated, of('b').egress.allowances.length], [false, 0]);
  assert.deepEqual([of('c').ingress.isolated, of('c').egress.isolated], [true, false]);
});
