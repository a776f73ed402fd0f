import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '#server/engine/explain.js';
import type { PodClass } from '#server/engine/pod-classes.js';
import { reachOf } from '#server/engine/reach.js';
import { allPorts, isEmpty, ports as portsOf, printPorts } from '#server/model/ports.js';
import { endOf, type World, worldOf } from './repairing.js';

const pod = (name: string, spec: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec: {${spec}containers: [{name: c, image: i}]}
---
`;

const pods = [
  pod('agent', 'hostNetwork: true, nodeName: one, '),
  pod('floating', 'hostNetwork: true, '),
  pod('neighbour', 'nodeName: one, '),
  pod('near', 'nodeName: one, '),
  pod('far', 'nodeName: two, '),
  pod('unplaced', ''),
].join('');

const closed = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
`;

function classOf(classes: readonly PodClass[], name: string): PodClass {
  const found = classes.find(({ members }) => members.some((each) => each.name === name));
  assert.ok(found !== undefined, name);
  return found;
}

/** What passes, as each of those says it that work it out: the judge, reach and explain. */
function passing(world: World, from: string, to: string): string {
  const ends = [endOf(world, `shop/${from}`), endOf(world, `shop/${to}`)] as const;
  const judged = printPorts(world.judge.table.setOf(world.judge.between(...ends)));
  const reach = reachOf(world.cluster);
  const { classes } = reach;
  assert.equal(printPorts(reach.between(classOf(classes, from), classOf(classes, to))), judged, 'reach');
  const told = explain(world.cluster, ...ends, allPorts).filter(({ allowed }) => allowed);
  assert.deepEqual(
    told.map(({ ports }) => printPorts(ports)),
    judged === 'nothing' ? [] : [judged],
    'explain',
  );
  return judged;
}

test('the node of some pods reaches them, whatever isolates them; other nodes and other pods of the node do not', async () => {
  const world = await worldOf({ 'all.yaml': pods + closed });
  assert.equal(passing(world, 'agent', 'near'), 'every port');
  assert.equal(passing(world, 'agent', 'far'), 'nothing');
  assert.equal(passing(world, 'agent', 'unplaced'), 'nothing');
  assert.equal(passing(world, 'floating', 'near'), 'nothing');
  assert.equal(passing(world, 'floating', 'unplaced'), 'nothing');
  assert.equal(passing(world, 'neighbour', 'near'), 'nothing');
});

test('why a node reaches its pods is said, and that it does is certain', async () => {
  const world = await worldOf({ 'all.yaml': pods + closed });
  const about = (to: string) => {
    const [part] = explain(world.cluster, endOf(world, 'shop/agent'), endOf(world, `shop/${to}`), portsOf('TCP', 80));
    return [part?.ingress.judged, part?.ingress.allowed, part?.ingress.layers.length];
  };
  assert.deepEqual(about('near'), ['own node', true, 0]);
  assert.deepEqual(about('far').slice(0, 2), ['by policies', false]);
});

test('the egress of pods to their node is judged by their policies', async () => {
  const noEgress = closed.replace('[Ingress]', '[Egress]');
  const world = await worldOf({ 'all.yaml': pods + noEgress });
  assert.equal(passing(world, 'near', 'agent'), 'nothing');
});

const cilium = (spec: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec: {endpointSelector: {}, ${spec}}
---
`;

test('with Cilium isolation does not keep the node out, and what denies it does', async () => {
  const isolated = await worldOf({ 'all.yaml': pods + cilium('ingress: [{}]') }, 'cilium');
  assert.equal(passing(isolated, 'agent', 'near'), 'every port');
  assert.equal(passing(isolated, 'neighbour', 'near'), 'nothing');
  const denied = cilium('ingressDeny: [{fromEntities: [host], toPorts: [{ports: [{port: "22", protocol: TCP}]}]}]');
  const world = await worldOf({ 'all.yaml': pods + denied }, 'cilium');
  assert.equal(passing(world, 'agent', 'near'), 'every port except TCP 22');
});

test('the node is let in without the conditions that rules make for others', async () => {
  const http = `rules: {http: [{method: GET, path: /health}]}`;
  const rule = `{fromEntities: [all], toPorts: [{ports: [{port: "80", protocol: TCP}], ${http}}]}`;
  const world = await worldOf({ 'all.yaml': pods + cilium(`ingress: [${rule}]`) }, 'cilium');
  const reach = reachOf(world.cluster);
  const conditions = (from: string, to: string) =>
    reach
      .conditions(classOf(reach.classes, from), classOf(reach.classes, to))
      .flatMap(({ ports, words }) => (isEmpty(ports) ? [] : [`${printPorts(ports)}: ${words}`]));
  assert.deepEqual(conditions('neighbour', 'near'), ['TCP 80: HTTP GET /health']);
  assert.deepEqual(conditions('agent', 'near'), []);
  assert.deepEqual(conditions('agent', 'far'), ['TCP 80: HTTP GET /health']);
});
