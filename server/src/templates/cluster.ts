import {
  acceptDns,
  clusterPolicy,
  everyNamespace,
  exceptParameter,
  numberOf,
  podsPeer,
  priorityParameter,
  protocols,
  subjectOf,
  subjectWithout,
} from './cluster-policy.js';
import { metricsPorts, monitoringParameters, monitoringPeers } from './monitoring.js';
import { listOf, textOf } from './policy.js';
import type { Template, TemplateParameter } from './template.js';

/** Guard rails of administrators, as ClusterNetworkPolicy. Source: FACTS A2.3, B2. */

const clusterNetworkPolicy = { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy' };
const exceptSystem = exceptParameter('kube-system');
const metadataCidrs: TemplateParameter = {
  name: 'cidrs',
  doc: 'The addresses of the metadata service, as ranges separated by commas.',
  type: 'cidr',
  // FACTS D5: most clouds, Alibaba Cloud, and AWS over IPv6.
  default: '169.254.169.254/32,100.100.100.200/32,fd00:ec2::254/128',
};

const metadataPriority = priorityParameter(20);

export const clusterDenyMetadata: Template = {
  id: 'cluster-deny-metadata',
  title: "Cluster: deny the cloud's metadata service",
  description:
    'Denies the pods of all namespaces but the excepted ones egress to these addresses, whatever network policies allow; leaves everything else to them.',
  layer: undefined,
  parameters: [metadataPriority, exceptSystem, metadataCidrs],
  comments: [
    'Pods get no credentials of their node from it. Workload identity of GKE and DNS of GKE Cloud DNS use the same',
    'address: where the cluster has them, leave it out.',
  ],
  build: (values) =>
    clusterPolicy(values, clusterNetworkPolicy, 'cluster-deny-metadata', {
      tier: 'Admin',
      priority: numberOf(values, metadataPriority),
      subject: subjectWithout(values, exceptSystem),
      egress: [{ name: 'metadata-service', action: 'Deny', to: [{ networks: listOf(values, metadataCidrs) }] }],
    }),
};

const dnsPriority = priorityParameter(10);

export const clusterAllowDns: Template = {
  id: 'cluster-allow-dns',
  title: 'Cluster: allow DNS',
  description:
    'Allows the pods of all namespaces to ask the cluster DNS over UDP and TCP, whatever network policies deny; leaves everything else to them.',
  layer: undefined,
  parameters: [dnsPriority],
  comments: ['Only the egress to the DNS pods: where a policy isolates these, their ingress has to allow it as well.'],
  build: (values) =>
    clusterPolicy(values, clusterNetworkPolicy, 'cluster-allow-dns', {
      tier: 'Admin',
      priority: numberOf(values, dnsPriority),
      subject: subjectOf(values, {}),
      egress: [acceptDns(values)],
    }),
};

const monitoringPriority = priorityParameter(11);

export const clusterAllowMonitoring: Template = {
  id: 'cluster-allow-monitoring',
  title: 'Cluster: allow Prometheus to scrape metrics',
  description:
    "Allows the pods of all namespaces to accept connections from the monitoring's pods on these ports, whatever network policies deny; leaves everything else to them.",
  layer: undefined,
  parameters: [monitoringPriority, ...monitoringParameters, metricsPorts],
  comments: ["The monitoring's own egress to these pods must be allowed too, where it is isolated."],
  build(values) {
    const from = monitoringPeers(values).map(podsPeer);
    return clusterPolicy(values, clusterNetworkPolicy, 'cluster-allow-monitoring', {
      tier: 'Admin',
      priority: numberOf(values, monitoringPriority),
      subject: subjectOf(values, {}),
      ingress: [{ name: 'metrics', action: 'Accept', from, protocols: protocols(listOf(values, metricsPorts)) }],
    });
  },
};

const tenantPriority = priorityParameter(30);
const tenantKey: TemplateParameter = {
  name: 'key',
  doc: 'The label that says which tenant a namespace belongs to.',
  type: 'string',
  default: 'tenant',
};
const tenant: TemplateParameter = {
  name: 'tenant',
  doc: "That label's value on the tenant's namespaces.",
  type: 'string',
  default: 'team-a',
};

export const clusterTenantIsolation: Template = {
  id: 'cluster-tenant-isolation',
  title: 'Cluster: isolate a tenant from the others',
  description:
    "Denies the pods of one tenant's namespaces all connections from and to namespaces of other tenants, whatever network policies allow; leaves namespaces without a tenant to them.",
  layer: undefined,
  parameters: [tenant, tenantPriority, tenantKey],
  comments: ['Tenants are told apart by a label of their namespaces: only administrators should be able to change it.'],
  build(values) {
    const key = textOf(values, tenantKey);
    const name = textOf(values, tenant);
    const others = {
      namespaces: {
        matchExpressions: [
          { key, operator: 'Exists' },
          { key, operator: 'NotIn', values: [name] },
        ],
      },
    };
    return clusterPolicy(values, clusterNetworkPolicy, `cluster-tenant-isolation-${name}`, {
      tier: 'Admin',
      priority: numberOf(values, tenantPriority),
      subject: subjectOf(values, { matchLabels: { [key]: name } }),
      ingress: [{ name: 'other-tenants', action: 'Deny', from: [others] }],
      egress: [{ name: 'other-tenants', action: 'Deny', to: [others] }],
    });
  },
};

/** Exceptions that other baseline policies make are judged before it. */
const lastPriority = priorityParameter(1000);

export const clusterDefaultDeny: Template = {
  id: 'cluster-default-deny',
  title: 'Cluster: default deny where no policy isolates',
  description:
    'Denies the pods of all namespaces but the excepted ones, where no network policy isolates them, connections from other pods and all egress except to the cluster DNS.',
  layer: undefined,
  parameters: [lastPriority, exceptSystem],
  comments: [
    'The default for namespaces that have none of their own. It cannot deny what comes from outside the cluster: that',
    'takes a network policy such as default-deny-all in the namespace.',
  ],
  build: (values) =>
    clusterPolicy(values, clusterNetworkPolicy, 'cluster-default-deny', {
      tier: 'Baseline',
      priority: numberOf(values, lastPriority),
      subject: subjectWithout(values, exceptSystem),
      ingress: [{ name: 'pods', action: 'Deny', from: [everyNamespace] }],
      egress: [
        acceptDns(values),
        { name: 'everything', action: 'Deny', to: [everyNamespace, { networks: ['0.0.0.0/0', '::/0'] }] },
      ],
    }),
};
