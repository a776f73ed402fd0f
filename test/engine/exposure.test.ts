import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterOf } from '#server/engine/cluster.js';
import { exposureOf, somePodsName } from '#server/engine/exposure.js';
import { Judge } from '#server/engine/verdict.js';
import { printPorts } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';

/** What pods app=batch of shop may send to api, which lets them in on TCP 9090, and all but some others on TCP 8080. */
async function openToBatch(others: string): Promise<readonly string[]> {
  const text = `apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - {action: Allow, protocol: TCP, source: {selector: app == 'batch'}, destination: {ports: [9090]}}
    - {action: Allow, protocol: TCP, source: {notSelector: "${others}"}, destination: {ports: [8080]}}
`;
  const netpol = await Netpol.open({ list: async () => ['file:///w/a.yaml'], read: async () => ({ text }) }, [
    'file:///w',
  ]);
  const judge = new Judge(clusterOf(netpol.workspace.index.scopes, { profile: defaultProfile, unset: 'default' }));
  const [api] = judge.cluster.pods;
  assert.ok(api !== undefined);
  const [ingress] = exposureOf(judge, api);
  return ingress.some.map(({ peer, ports }) => `${somePodsName(peer)}: ${printPorts(ports)}`);
}

test('of pods that are only described it is said what surely passes', async () => {
  const [both, one] = ['TCP 8080 and 9090', 'TCP 9090'].map((ports) => [`shop/[pod with {app=batch}]: ${ports}`]);
  assert.deepEqual(await openToBatch("app == 'tool'"), both, 'surely others');
  assert.deepEqual(await openToBatch("app == 'batch'"), one, 'surely these');
  assert.deepEqual(await openToBatch("team == 'a'"), one, 'some of these, perhaps');
});
