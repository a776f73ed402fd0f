import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { connectionList } from '#server/engine/connection-list.js';
import { endpointName } from '#server/engine/connection-names.js';
import { ingressControllerConnections } from '#server/engine/ingress-controller.js';
import { reachOf } from '#server/engine/reach.js';
import type { Endpoint } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { nodeFiles } from '#server/host/node-files.js';
import { noPorts, type PortSet, printPorts, union } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';
import type { FileProvider } from '#server/workspace/files.js';

/** Pods of one owner with different labels, many ranges of addresses, administrators' policies, IPv6, host network. */
const folders = [
  'anp_and_banp_using_networks_with_ipv6_test',
  'anp_banp_test_with_named_port_matched',
  'anp_test_ingress_egress_intersection',
  'example_pods_w_same_owner_and_labels_gap_anp_good',
  'ipblockstest_2',
  'onlineboutique_workloads',
  'semanticDiff-same-topologies-old1',
];

for (const folder of folders) {
  test(`the list by names says what all pairs say: ${folder}`, async () => {
    const uri = pathToFileURL(join(process.cwd(), 'test/corpus/np-guard/tests', folder)).toString();
    const cluster = await clusterFrom(nodeFiles(), uri);
    const reach = reachOf(cluster);
    const wanted = new Map<string, PortSet>();
    for (const { from, to, ports } of reach.connections()) {
      const [src, dst] = [nameOf(from), nameOf(to)];
      if (src === dst) continue;
      const key = `${src} => ${dst}`;
      wanted.set(key, union(wanted.get(key) ?? noPorts, ports));
    }
    assert.ok(wanted.size > 0);
    const list = connectionList(cluster, reach, []);
    const own = list.sources.flatMap((source) => [...list.from(source)]);
    const lines = own.map(({ src, dst, ports }) => `${src.name} => ${dst.name} : ${printPorts(ports)}`);
    const spoken = (key: string) => folder.includes('ipv6') || !key.includes('::');
    assert.deepEqual(
      lines.toSorted(),
      [...wanted]
        .filter(([key]) => spoken(key))
        .map(([key, ports]) => `${key} : ${printPorts(ports)}`)
        .sort(),
    );
    const pairs = own.map(({ src, dst }) => [src.name, dst.name] as const);
    assert.deepEqual(
      pairs,
      pairs.toSorted(([a, b], [c, d]) => (a < c ? -1 : a > c ? 1 : b < d ? -1 : b > d ? 1 : 0)),
      'ordered by both names',
    );
  });
}

test('what is not asked for is not worked out', async () => {
  const cluster = await clusterOfText(entryManifests);
  const reach = reachOf(cluster);
  const asked: string[] = [];
  const list = connectionList(
    cluster,
    {
      ...reach,
      between(from, to) {
        asked.push(`${from.members[0]?.name} ${to.members[0]?.name}`);
        return reach.between(from, to);
      },
    },
    [],
  );
  for (const source of list.sources) [...list.from(source, (dst) => dst.name === 'shop/web[Pod]')];
  assert.deepEqual(asked, ['other web']);
});

test('of what an Ingress sends, a part may be blocked', async () => {
  const cluster = await clusterOfText(entryManifests);
  const [found, ...others] = ingressControllerConnections(cluster, new Judge(cluster));
  assert.ok(found);
  assert.equal(others.length, 0);
  assert.equal(found.pods.name, 'web');
  assert.equal(printPorts(found.ports), 'TCP 8080 and 9090');
  assert.equal(printPorts(found.allowed), 'TCP 8080');
  assert.equal(printPorts(found.blocked), 'TCP 9090');
  assert.deepEqual(
    found.blockedBy.map(({ placed }) => placed.value.name),
    ['closed'],
  );
  assert.deepEqual(
    found.entries.map(({ value }) => value.name),
    ['front'],
  );
});

test('policies that ask for the absence of labels let the unknown pod in', async () => {
  const open = entryManifests.replace(
    'from: []',
    'from: [{ namespaceSelector: { matchExpressions: [{ key: x, operator: DoesNotExist }] } }]',
  );
  const own = entryManifests.replace('from: []', 'from: [{ podSelector: {} }]');
  const named = entryManifests.replace(
    'from: []',
    'from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress } } }]',
  );
  const blocked = async (text: string) => {
    const cluster = await clusterOfText(text);
    return ingressControllerConnections(cluster, new Judge(cluster)).map((each) => printPorts(each.blocked));
  };
  assert.deepEqual(await blocked(open), ['TCP 9090']);
  assert.deepEqual(await blocked(own), ['TCP 8080 and 9090'], 'the controller is in no namespace of the cluster');
  assert.deepEqual(await blocked(named), ['TCP 8080 and 9090']);
});

const entryManifests = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: c, ports: [{ name: http, containerPort: 8080 }, { name: admin, containerPort: 9090 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: other, namespace: shop, labels: { app: other } }
spec: { containers: [{ name: c }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }, { name: admin, port: 81, targetPort: admin }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: front, namespace: shop }
spec:
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { name: http } } } }] }
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 81 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } }, ingress: [{ from: [], ports: [{ port: http }] }] }
`;

function nameOf(end: Endpoint): string {
  assert.ok(end.kind !== 'some pods');
  return end.kind === 'addresses' ? `${endpointName(end)}[External]` : endpointName(end);
}

function clusterOfText(text: string): Promise<Cluster> {
  const uri = 'file:///cluster/all.yaml';
  return clusterFrom({ list: async () => [uri], read: async () => ({ text }) }, 'file:///cluster');
}

async function clusterFrom(provider: FileProvider, folder: string): Promise<Cluster> {
  const { workspace, settings } = await Netpol.open(provider, [folder]);
  return clusterOf(workspace.index.scopes, { profile: settings.profile, unset: 'default' });
}
