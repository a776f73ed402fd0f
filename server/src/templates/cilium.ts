import { ciliumDns, ciliumPolicy, ciliumPorts, everyPodOf } from './cilium-policy.js';
import { appParameter, portsParameter } from './parameters.js';
import { appLabels, appName, labelSelector, listOf, textOf } from './policy.js';
import { needsEgress, needsIngress } from './sentences.js';
import type { Template, TemplateParameter } from './template.js';

/** Cilium's own policies, beside those of Kubernetes, which it enforces as well. Source: FACTS A4, B5, C3. */

const family = 'cilium';

export const ciliumDefaultDeny: Template = {
  id: 'cilium-default-deny',
  title: 'Cilium: default deny',
  description: 'Isolates the pods in both directions: they accept and open no connection that no other policy allows.',
  family,
  layer: 1,
  parameters: [],
  comments: [
    'An entry that says nothing isolates, and allows nothing. (In a NetworkPolicy it would allow everything.)',
    'Names do not resolve until DNS is allowed, for instance by cilium-allow-dns.',
  ],
  build: (values) => ciliumPolicy(values, 'default-deny', values.podLabels, { ingress: [{}], egress: [{}] }),
};

export const ciliumAllowDns: Template = {
  id: 'cilium-allow-dns',
  title: 'Cilium: allow DNS, and watch the names',
  description: `Allows the pods to ask the cluster DNS for every name, over UDP and TCP${needsEgress}`,
  family,
  layer: 2,
  parameters: [],
  comments: [
    'Cilium sees the names that are asked for, and policies with toFQDNs need that; every name is let through.',
  ],
  build: (values) => ciliumPolicy(values, 'allow-dns', values.podLabels, { egress: ciliumDns(values.profile, true) }),
};

const namespace: TemplateParameter = {
  name: 'fromNamespace',
  doc: 'The namespace whose pods may connect.',
  type: 'string',
  default: 'frontend',
};
const app = appParameter('that accept the connections', 'api');
const ports = portsParameter('The ports of the pods, separated by commas.', '8080');

export const ciliumAllowFromNamespace: Template = {
  id: 'cilium-allow-from-namespace',
  title: 'Cilium: allow another namespace',
  description: `Allows the application's pods to accept connections from every pod of one other namespace on these ports${needsIngress}`,
  family,
  layer: 6,
  parameters: [app, namespace, ports],
  comments: ['The senders also need egress to these pods where their own egress is isolated.'],
  build(values) {
    const labels = appLabels(values, app);
    const from = textOf(values, namespace);
    const name = `allow-to-${appName(labels)}-from-${from}`;
    return ciliumPolicy({ ...values, podLabels: undefined }, name, labels, {
      ingress: [{ fromEndpoints: [everyPodOf(from)], toPorts: [{ ports: ciliumPorts(listOf(values, ports)) }] }],
    });
  },
};

const client = appParameter('that may ask', 'frontend', 'from');
const server = appParameter('that answer', 'api');
const path: TemplateParameter = {
  name: 'path',
  doc: 'The paths that may be asked for, as one regular expression for the whole path.',
  type: 'string',
  default: '/v1/.*',
};
const methods: TemplateParameter = {
  name: 'methods',
  doc: 'The HTTP methods that may be used, separated by commas.',
  type: 'string',
  default: 'GET',
};

export const ciliumAllowHttp: Template = {
  id: 'cilium-allow-http',
  title: 'Cilium: allow HTTP requests by method and path',
  description: `Allows the application's pods to answer these HTTP requests of another application's pods in their own namespace; other requests on these ports get the status 403${needsIngress}`,
  family,
  layer: undefined,
  parameters: [server, client, ports, methods, path],
  comments: ['Another policy that allows the same pods the same ports without such rules lifts this restriction.'],
  build(values) {
    const labels = appLabels(values, server);
    const peer = new Map([['app', textOf(values, client)]]);
    const http = listOf(values, methods).map((method) => ({ method, path: textOf(values, path) }));
    const name = `allow-http-to-${appName(labels)}-from-${appName(peer)}`;
    return ciliumPolicy({ ...values, podLabels: undefined }, name, labels, {
      ingress: [
        {
          fromEndpoints: [labelSelector(peer)],
          toPorts: [{ ports: ciliumPorts(listOf(values, ports)), rules: { http } }],
        },
      ],
    });
  },
};

const caller = appParameter('that call the hosts', 'api');
const hosts: TemplateParameter = {
  name: 'hosts',
  doc: 'The names of the hosts, separated by commas.',
  type: 'string',
  default: 'payments.stripe.com',
};
const patterns: TemplateParameter = {
  name: 'patterns',
  doc: 'Patterns of names, separated by commas; a star stands for a part between two dots.',
  type: 'string',
  default: '*.stripe.com',
};
const hostPorts = portsParameter('The ports of the hosts, separated by commas.', '443');

export const ciliumAllowHosts: Template = {
  id: 'cilium-allow-hosts',
  title: 'Cilium: allow hosts outside the cluster by name',
  description: `Allows the application's pods DNS, and connections on these ports to the addresses that DNS gave them for these names${needsEgress}`,
  family,
  layer: undefined,
  parameters: [caller, hosts, patterns, hostPorts],
  comments: ['The addresses are learnt from the answers of DNS: without the rule for DNS below there would be none.'],
  build(values) {
    const labels = appLabels(values, caller);
    return ciliumPolicy({ ...values, podLabels: undefined }, `allow-hosts-from-${appName(labels)}`, labels, {
      egress: [
        {
          toFQDNs: [
            ...listOf(values, hosts).map((matchName) => ({ matchName })),
            ...listOf(values, patterns).map((matchPattern) => ({ matchPattern })),
          ],
          toPorts: [{ ports: ciliumPorts(listOf(values, hostPorts)) }],
        },
        ...ciliumDns(values.profile, true),
      ],
    });
  },
};

const operator = appParameter('that use the API server', 'operator');
const serverPorts = portsParameter('The ports of the API server, separated by commas.', '443,6443');

export const ciliumAllowApiServer: Template = {
  id: 'cilium-allow-api-server',
  title: 'Cilium: allow the Kubernetes API server',
  description: `Allows the application's pods connections to the API server, wherever it runs, on these ports${needsEgress}`,
  family,
  layer: 6,
  parameters: [operator, serverPorts],
  comments: ['Cilium knows the addresses of the API server by itself.'],
  build(values) {
    const labels = appLabels(values, operator);
    return ciliumPolicy({ ...values, podLabels: undefined }, `allow-api-server-from-${appName(labels)}`, labels, {
      egress: [{ toEntities: ['kube-apiserver'], toPorts: [{ ports: ciliumPorts(listOf(values, serverPorts)) }] }],
    });
  },
};

const browser = appParameter('that connect to the outside', 'api');
const worldPorts = portsParameter('The ports, separated by commas.', '443');

export const ciliumAllowWorld: Template = {
  id: 'cilium-allow-world',
  title: 'Cilium: allow what is outside the cluster',
  description: `Allows the application's pods connections on these ports to every address outside the cluster${needsEgress}`,
  family,
  layer: undefined,
  parameters: [browser, worldPorts],
  comments: ['The world is what is no pod and no node, over IPv4 and IPv6; names need DNS, as in cilium-allow-dns.'],
  build(values) {
    const labels = appLabels(values, browser);
    return ciliumPolicy({ ...values, podLabels: undefined }, `allow-world-from-${appName(labels)}`, labels, {
      egress: [{ toEntities: ['world'], toPorts: [{ ports: ciliumPorts(listOf(values, worldPorts)) }] }],
    });
  },
};
