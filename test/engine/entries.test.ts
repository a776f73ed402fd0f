import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryTargets } from '#server/engine/entries.js';
import { printConnections } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

/** What entry points send to the workloads of some manifests, as "namespace/name: ports from entry points". */
async function targets(...manifests: string[]): Promise<string[]> {
  const netpol = new Netpol(new Memory({ 'all.yaml': manifests.join('---\n') }), [root]);
  await netpol.workspace.load();
  const [scope] = netpol.workspace.index.scopes;
  assert.ok(scope !== undefined);
  const namespaceOf = ({ name }: { readonly name: string | undefined }) => ({ name: name ?? 'default' });
  const pods = scope.workloads.map(({ value, namespace }) => ({
    name: value.name,
    namespace: namespaceOf(namespace),
    labels: value.labels,
    ports: value.ports,
  }));
  const services = [...scope.namespaces.values()].flatMap((content) => content.services);
  return entryTargets(scope.entries, services, pods, namespaceOf).map(({ pods: group, ports, entries }) => {
    const names = entries.map(({ value }) => `${value.kind} ${value.name}`).join(' and ');
    return `${group.namespace.name}/${group.name}: ${printConnections(ports)} from ${names}`;
  });
}

const pod = (name: string, namespace: string, ports: string, labels = `app: ${name}`) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}}
spec: {containers: [{name: c, ports: [${ports}]}]}
`;
const service = (name: string, namespace: string, spec: string) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {${spec}}
`;
const ingress = (name: string, namespace: string, ...backends: string[]) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: ${namespace}}
spec: {rules: [{http: {paths: [${backends.map((each) => `{backend: {service: {${each}}}}`).join(', ')}]}}]}
`;
const route = (name: string, to: string, targetPort?: number | string) => `apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: ${name}, namespace: x}
spec: {to: {kind: Service, name: ${to}}${targetPort === undefined ? '' : `, port: {targetPort: ${targetPort}}`}}
`;
const web = pod('web', 'x', '{name: http, containerPort: 8080}, {name: admin, containerPort: 9000}');
const webPorts =
  'selector: {app: web}, ports: [{name: main, port: 80, targetPort: http}, {name: adm, port: 81, targetPort: 9000}]';

test('a service port by number or name becomes the pods’ port', async () => {
  const base = [web, service('web', 'x', webPorts)];
  assert.deepEqual(await targets(...base, ingress('i', 'x', 'name: web, port: {number: 80}')), [
    'x/web: TCP 8080 from Ingress i',
  ]);
  assert.deepEqual(await targets(...base, ingress('i', 'x', 'name: web, port: {name: adm}')), [
    'x/web: TCP 9000 from Ingress i',
  ]);
  // The pods' port and its name are not the service's.
  assert.deepEqual(await targets(...base, ingress('i', 'x', 'name: web, port: {number: 8080}')), []);
  assert.deepEqual(await targets(...base, ingress('i', 'x', 'name: web, port: {name: http}')), []);
});

test('a Route names the service port or numbers the pods’ port; without a port it is every one', async () => {
  const base = [web, service('web', 'x', webPorts)];
  assert.deepEqual(await targets(...base, route('r', 'web', 'main')), ['x/web: TCP 8080 from Route r']);
  assert.deepEqual(await targets(...base, route('r', 'web', 'http')), ['x/web: TCP 8080 from Route r']);
  assert.deepEqual(await targets(...base, route('r', 'web', 8080)), ['x/web: TCP 8080 from Route r']);
  assert.deepEqual(await targets(...base, route('r', 'web', 9000)), ['x/web: TCP 9000 from Route r']);
  assert.deepEqual(await targets(...base, route('r', 'web', 80)), []);
  assert.deepEqual(await targets(...base, route('r', 'web')), ['x/web: TCP 8080,9000 from Route r']);
});

test('several entry points to the same pods are joined, each named once', async () => {
  const both = ingress('two', 'x', 'name: web, port: {number: 81}', 'name: web, port: {number: 80}');
  assert.deepEqual(
    await targets(web, service('web', 'x', webPorts), ingress('one', 'x', 'name: web, port: {number: 80}'), both),
    ['x/web: TCP 8080,9000 from Ingress one and Ingress two'],
  );
});

test('a selector means all of its labels, in the namespace of the service', async () => {
  assert.deepEqual(
    await targets(
      pod('a', 'x', '', 'app: web, tier: front'),
      pod('b', 'x', '', 'app: web, tier: back'),
      pod('c', 'y', '', 'app: web, tier: front'),
      service('s', 'x', 'selector: {app: web, tier: front}, ports: [{port: 80}]'),
      ingress('i', 'x', 'name: s, port: {number: 80}'),
      ingress('elsewhere', 'y', 'name: s, port: {number: 80}'),
    ),
    ['x/a: TCP 80 from Ingress i'],
  );
});

test('a Gateway route may name a service of another namespace', async () => {
  const httpRoute = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: front}
spec: {rules: [{backendRefs: [{name: web, namespace: x, port: 80}]}]}
`;
  assert.deepEqual(await targets(web, service('web', 'x', webPorts), httpRoute), ['x/web: TCP 8080 from HTTPRoute r']);
});

test('a named target port is the pods’ own, of the same protocol, and nothing where they declare none', async () => {
  const selector = 'selector: {tier: api}, ports: [{port: 80, targetPort: http}]';
  assert.deepEqual(
    await targets(
      pod('a', 'x', '{name: http, containerPort: 8080}', 'tier: api'),
      pod('b', 'x', '{name: http, containerPort: 3000}', 'tier: api'),
      pod('c', 'x', '{name: http, containerPort: 53, protocol: UDP}', 'tier: api'),
      service('s', 'x', selector),
      ingress('i', 'x', 'name: s, port: {number: 80}'),
    ),
    ['x/a: TCP 8080 from Ingress i', 'x/b: TCP 3000 from Ingress i'],
  );
});

test('a protocol that the controller does not speak is left out', async () => {
  const dns = [
    pod('dns', 'x', ''),
    service('dns', 'x', 'selector: {app: dns}, ports: [{name: t, port: 53}, {name: u, port: 53, protocol: UDP}]'),
  ];
  const udp = (kind: string) => `apiVersion: gateway.networking.k8s.io/v1alpha2
kind: ${kind}
metadata: {name: r, namespace: x}
spec: {rules: [{backendRefs: [{name: dns, port: 53}]}]}
`;
  assert.deepEqual(await targets(...dns, udp('UDPRoute')), ['x/dns: UDP 53 from UDPRoute r']);
  assert.deepEqual(await targets(...dns, udp('TCPRoute')), ['x/dns: TCP 53 from TCPRoute r']);
});

test('services that lead to no pods: unknown, without a selector, by a name elsewhere', async () => {
  const to = ingress('i', 'x', 'name: s, port: {number: 80}');
  assert.deepEqual(await targets(web, to), []);
  assert.deepEqual(await targets(web, to, service('s', 'x', 'ports: [{port: 80}]')), []);
  const external = 'type: ExternalName, externalName: a.example.org, selector: {app: web}, ports: [{port: 80}]';
  assert.deepEqual(await targets(web, to, service('s', 'x', external)), []);
});

test('objects that name no namespace are in the same one', async () => {
  const unset = (text: string) => text.replace(', namespace: x', '');
  assert.deepEqual(
    await targets(
      unset(web),
      unset(service('web', 'x', webPorts)),
      unset(ingress('i', 'x', 'name: web, port: {number: 80}')),
    ),
    ['default/web: TCP 8080 from Ingress i'],
  );
});
