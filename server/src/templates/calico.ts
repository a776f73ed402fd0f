import {
  calicoDns,
  calicoPolicy,
  calicoRules,
  globalPolicy,
  namespaceCalled,
  namespacesWithout,
} from './calico-policy.js';
import { exceptParameter } from './cluster-policy.js';
import { appParameter, portsParameter } from './parameters.js';
import { appLabels, appName, listOf, textOf } from './policy.js';
import { needsEgress, needsIngress } from './sentences.js';
import type { Template, TemplateParameter } from './template.js';

/** Calico's own policies, beside those of Kubernetes, which it enforces as well. Source: FACTS A3, B4. */

const family = 'calico';

export const calicoDefaultDeny: Template = {
  id: 'calico-default-deny',
  title: 'Calico: default deny',
  description: 'Isolates the pods in both directions: they accept and open no connection that no other policy allows.',
  family,
  layer: 1,
  parameters: [],
  comments: [
    'Without an order it comes last: nothing gets in or out of these pods but what other policies allow.',
    'Names do not resolve until DNS is allowed, for instance by calico-allow-dns.',
  ],
  build: (values) => calicoPolicy(values, 'default-deny', values.podLabels, { ingress: [], egress: [] }),
};

const systemNamespaces = exceptParameter('kube-system,calico-system,calico-apiserver,tigera-operator');

export const calicoGlobalDefaultDeny: Template = {
  id: 'calico-global-default-deny',
  title: 'Calico: default deny for the whole cluster, but for DNS',
  description:
    'Isolates the pods of all namespaces but the excepted ones in both directions, and allows them to ask the cluster DNS over UDP and TCP.',
  family,
  layer: undefined,
  parameters: [systemNamespaces],
  comments: [
    'Without an order it comes last: policies of the namespaces allow what else there is to be.',
    'It is about pods alone: host endpoints are in no namespace.',
  ],
  build: (values) =>
    globalPolicy(
      values,
      'default-deny',
      { namespaceSelector: namespacesWithout(values, systemNamespaces) },
      { ingress: [], egress: calicoDns(values.profile) },
    ),
};

export const calicoAllowDns: Template = {
  id: 'calico-allow-dns',
  title: 'Calico: allow DNS',
  description: `Allows the pods to ask the cluster DNS over UDP and TCP${needsEgress}`,
  family,
  layer: 2,
  parameters: [],
  comments: ['DNS over UDP, and over TCP for large answers.'],
  build: (values) => calicoPolicy(values, 'allow-dns', values.podLabels, { egress: calicoDns(values.profile) }),
};

const client: TemplateParameter = {
  name: 'fromNamespace',
  doc: 'The namespace whose pods may connect.',
  type: 'string',
  default: 'frontend',
};
const app = appParameter('that accept the connections', 'api');
const ports = portsParameter('The ports of the pods, separated by commas.', '8080');

export const calicoAllowFromNamespace: Template = {
  id: 'calico-allow-from-namespace',
  title: 'Calico: allow another namespace',
  description: `Allows the application's pods to accept connections from every pod of one other namespace on these ports${needsIngress}`,
  family,
  layer: 6,
  parameters: [client, app, ports],
  comments: ['The senders also need egress to these pods where their own egress is isolated.'],
  build(values) {
    const labels = appLabels(values, app);
    const namespace = textOf(values, client);
    const source = { namespaceSelector: namespaceCalled(namespace) };
    const name = `allow-from-${namespace}-to-${appName(labels)}`;
    return calicoPolicy({ ...values, podLabels: undefined }, name, labels, {
      ingress: calicoRules('Allow', { source }, listOf(values, ports)),
    });
  },
};
