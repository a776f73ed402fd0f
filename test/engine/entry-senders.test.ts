import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EntrySenders, entrySenders } from '#server/engine/entry-senders.js';
import { type ClusterProfile, ingressControllers } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { Memory, root } from '../workspace/memory.js';

/** What is found for the only entry point of some manifests. */
async function found(...manifests: string[]): Promise<EntrySenders> {
  return foundWith({}, ...manifests);
}

/** The same where the configuration says something of the cluster. */
async function foundWith(configured: Partial<ClusterProfile>, ...manifests: string[]): Promise<EntrySenders> {
  const netpol = await Netpol.open(new Memory({ 'all.yaml': manifests.join('---\n') }), [root]);
  const [scope] = netpol.workspace.index.scopes;
  const [entry, ...others] = scope?.entries ?? [];
  assert.ok(scope !== undefined && entry !== undefined && others.length === 0);
  return entrySenders(scope, { ...netpol.settings.profile, ...configured }, entry);
}

const ingress = (className?: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: shop}
spec: {${className === undefined ? '' : `ingressClassName: ${className}, `}defaultBackend: {service: {name: web, port: {number: 80}}}}
`;
const ingressClass = (name: string, controller: string, annotations = '') => `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: ${name}${annotations}}
spec: {controller: ${controller}}
`;
const gateway = (className: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {parentRefs: [{name: edge, namespace: infra}], rules: [{backendRefs: [{name: web, port: 80}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec: {gatewayClassName: ${className}}
`;
const gatewayClass = (name: string, controller: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: ${name}}
spec: {controllerName: ${controller}}
`;
const pod = (name: string, labels: string, spec = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: edge, labels: {${labels}}}
spec: {${spec}containers: [{name: c, image: i}]}
`;

/** The controllers as their projects call them, in the class by name and in the class object. */
const ofIngress: readonly (readonly [className: string, controller: string, title: string])[] = [
  ['nginx', 'k8s.io/ingress-nginx', 'ingress-nginx'],
  ['traefik', 'traefik.io/ingress-controller', 'Traefik'],
  ['haproxy', 'haproxy.org/ingress-controller/haproxy', 'HAProxy'],
  ['contour', 'projectcontour.io/projectcontour/contour', 'Contour'],
  ['istio', 'istio.io/ingress-controller', 'the Istio ingress gateway'],
  ['openshift-default', 'openshift.io/ingress-to-route', 'the OpenShift router'],
  ['cilium', 'cilium.io/ingress-controller', 'Cilium'],
  ['alb', 'ingress.k8s.aws/alb', 'the AWS load balancer'],
  ['azure-application-gateway', 'azure/application-gateway', 'the Azure application gateway'],
];

const ofGateway: readonly (readonly [className: string, controller: string, title: string])[] = [
  ['nginx', 'gateway.nginx.org/nginx-gateway-controller', 'NGINX Gateway Fabric'],
  ['istio', 'istio.io/gateway-controller', 'the Istio gateway'],
  ['eg', 'gateway.envoyproxy.io/gatewayclass-controller', 'Envoy Gateway'],
  ['traefik', 'traefik.io/gateway-controller', 'Traefik'],
  ['haproxy', 'haproxy-ingress.github.io/controller', 'HAProxy'],
  ['contour', 'projectcontour.io/gateway-controller', 'Contour'],
  ['cilium', 'io.cilium/gateway-controller', 'Cilium'],
  ['gke-l7-gxlb', 'networking.gke.io/gateway', 'the Google Cloud load balancer'],
];

describe('the product behind a class is known by its name and by its controller', () => {
  for (const [className, controller, title] of ofIngress) {
    test(`Ingress of class ${className}`, async () => {
      assert.equal((await found(ingress(className))).product?.title, title);
      assert.equal((await found(ingress('front'), ingressClass('front', controller))).product?.title, title);
    });
  }
  for (const [className, controller, title] of ofGateway) {
    test(`Gateway of class ${className}`, async () => {
      assert.equal((await found(gateway(className))).product?.title, title);
      assert.equal((await found(gateway('front'), gatewayClass('front', controller))).product?.title, title);
    });
  }

  test('Google’s and Amazon’s by the names of their classes', async () => {
    for (const name of ['gke-l7-global-external-managed', 'gke-l7-gxlb', 'gke-l7-regional-external-managed'])
      assert.equal((await found(gateway(name))).product?.title, 'the Google Cloud load balancer', name);
    assert.equal((await found(ingress('gce'))).product?.title, 'the Google Cloud load balancer');
    const amazon = await found(gateway('front'), gatewayClass('front', 'gateway.k8s.aws/alb'));
    assert.equal(amazon.product?.title, 'the AWS load balancer');
  });

  test('names that only contain one of those are not taken for it', async () => {
    for (const name of ['cilium-internal', 'my-alb', 'gce-internal', 'front'])
      assert.equal((await found(ingress(name))).product, undefined, name);
    for (const name of ['egress', 'my-cilium', 'gke-l7-rilb'])
      assert.equal((await found(gateway(name))).product, undefined, name);
  });

  test('a class object counts before the name that somebody gave it', async () => {
    const class_ = ingressClass('nginx', 'traefik.io/ingress-controller');
    assert.equal((await found(ingress('nginx'), class_)).product?.title, 'Traefik');
  });

  test('an Ingress without a class is of the class that is the default', async () => {
    const annotation = ', annotations: {ingressclass.kubernetes.io/is-default-class: "true"}';
    const contour = ingressClass('a', 'projectcontour.io/contour');
    const traefik = ingressClass('b', 'traefik.io/ingress-controller', annotation);
    assert.equal((await found(ingress(), contour, traefik)).product?.title, 'Traefik');
    assert.equal((await found(ingress(), contour)).product, undefined);
  });
});

describe('who sends', () => {
  const nginx = pod('controller', 'app.kubernetes.io/name: ingress-nginx');
  const traefik = pod('traefik', 'app.kubernetes.io/name: traefik');
  const kinds = ({ senders }: EntrySenders) =>
    senders.map((sender) => (sender.kind === 'workload' ? sender.workload.value.name : sender.kind));

  test('load balancers are outside of the cluster, and so is what no policy can name', async () => {
    for (const className of ['gce', 'alb', 'azure-application-gateway', 'cilium']) {
      const senders = await found(ingress(className), nginx);
      assert.deepEqual([kinds(senders), senders.usual], [['outside'], undefined], className);
    }
  });

  test('the product’s pods among the manifests, and of a class that nobody knows perhaps others', async () => {
    assert.deepEqual(kinds(await found(ingress('nginx'), nginx, traefik)), ['controller']);
    assert.deepEqual(kinds(await found(ingress('traefik'), nginx, traefik)), ['traefik']);
    assert.deepEqual(kinds(await found(ingress(), nginx, traefik)), ['controller', 'traefik']);
    assert.deepEqual(kinds(await found(ingress('front'), nginx)), ['controller', 'somewhere']);
    // All of the labels make a controller.
    const half = pod('half', 'app.kubernetes.io/name: envoy');
    assert.deepEqual(kinds(await found(ingress('front'), half)), ['somewhere']);
  });

  test('where no manifest shows them they may run anywhere, usually in the namespace of the default install', async () => {
    const place = async (...manifests: string[]) => {
      const { senders, usual } = await found(...manifests);
      return [senders.map(({ kind }) => kind).join(), usual?.namespace];
    };
    assert.deepEqual(await place(ingress('traefik'), nginx), ['somewhere', 'traefik']);
    assert.deepEqual(await place(ingress('haproxy')), ['somewhere', 'haproxy-controller']);
    assert.deepEqual(await place(ingress('contour')), ['somewhere', 'projectcontour']);
    assert.deepEqual(await place(ingress('istio')), ['somewhere', 'istio-system']);
    assert.deepEqual(await place(ingress('openshift-default')), ['somewhere', 'openshift-ingress']);
    assert.deepEqual(await place(ingress('nobody-knows')), ['somewhere', 'ingress-nginx']);
  });

  test('the pods of a Gateway beside it have its name', async () => {
    const { senders } = await found(gateway('istio'));
    const beside = senders.find((sender) => sender.kind === 'pods');
    assert.ok(beside?.kind === 'pods');
    assert.equal(beside.namespace.name, 'infra');
    assert.deepEqual([...beside.labels], [['gateway.networking.k8s.io/gateway-name', 'edge']]);
  });

  test('controllers that are seen are looked for where they are, but not on the network of their node', async () => {
    const usual = async (spec: string) =>
      (await found(ingress('nginx'), pod('controller', 'app.kubernetes.io/name: ingress-nginx', spec))).usual;
    assert.equal((await usual(''))?.namespace, 'edge');
    assert.equal(await usual('hostNetwork: true, '), undefined);
  });

  test('where the configuration says they are, if it means the product', async () => {
    const { traefik, haproxy } = ingressControllers;
    assert.ok(traefik !== undefined && haproxy !== undefined);
    const configured = { ingressControllers: [{ ...traefik, namespace: 'front' }, haproxy] } as const;
    const place = async (...manifests: string[]) => {
      const { title, senders, usual } = await foundWith(configured, ...manifests);
      const places = senders.map((sender) => (sender.kind === 'pods' ? sender.namespace.name : sender.kind));
      return [title, places.join(), usual?.namespace];
    };
    assert.deepEqual(await place(ingress('traefik')), ['Traefik', 'front', 'front']);
    assert.deepEqual(await place(ingress('haproxy')), ['HAProxy', 'haproxy-controller', 'haproxy-controller']);
    assert.deepEqual(await place(ingress()), ['Traefik', 'front,haproxy-controller', 'front']);
    // It says nothing of another product.
    assert.deepEqual(await place(ingress('contour')), ['Contour', 'somewhere', 'projectcontour']);
    // An own name for it, in which the product's stands.
    const named = { ...traefik, title: 'our Contour', namespace: 'front' };
    const { usual } = await foundWith({ ingressControllers: [named] }, ingress('contour'));
    assert.equal(usual?.title, 'our Contour');
    // Pods beside a Gateway are where the Gateway is.
    assert.deepEqual(await place(gateway('eg')), ['Envoy Gateway', 'somewhere,infra', 'envoy-gateway-system']);
  });

  test('a Route is OpenShift’s', async () => {
    const route = `apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: r, namespace: shop}
spec: {to: {kind: Service, name: web}}
`;
    const { product, usual } = await found(route);
    assert.equal(product?.title, 'the OpenShift router');
    // It is found by the label of its namespace: its pods have none that is documented.
    assert.equal(usual?.labels.size, 0);
    assert.deepEqual([...(usual?.namespaceLabels.keys() ?? [])], ['policy-group.network.openshift.io/ingress']);
  });
});
