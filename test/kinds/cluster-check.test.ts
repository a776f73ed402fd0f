import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { clusterKinds } from '#server/kinds/cluster/index.js';
import { resourcesOf } from '#server/kinds/index.js';
import type { Problem } from '#server/kinds/problem.js';
import { jsonSchemaOf } from '#server/kinds/schema.js';
import { documentOf } from '#server/text/document.js';
import { applyEdits, renderYaml, type YamlData } from '#server/text/edits.js';
import { formatPath } from '#server/text/paths.js';

/** Each rule of the CRDs' schemas and CEL: one change to a valid object that breaks it, and what is said. */
type Json = { [key: string]: YamlData };

const kinds = {
  ClusterNetworkPolicy: {
    version: 'v1alpha2',
    order: { tier: 'Admin', priority: 0 },
    action: 'Accept',
    ports: 'protocols',
  },
  AdminNetworkPolicy: { version: 'v1alpha1', order: { priority: 1000 }, action: 'Allow', ports: 'ports' },
  BaselineAdminNetworkPolicy: { version: 'v1alpha1', order: {}, action: 'Allow', ports: 'ports' },
} as const;
type Name = keyof typeof kinds;
const everyKind = Object.keys(kinds) as Name[];
const v1alpha1: Name[] = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'];
const v1alpha2: Name[] = ['ClusterNetworkPolicy'];
const withDomains: Name[] = ['ClusterNetworkPolicy', 'AdminNetworkPolicy'];

/** A valid object whose `spec` is changed; undefined takes a field away. */
function objectOf(
  name: Name,
  spec: { [key: string]: YamlData | undefined },
  metadata: YamlData = { name: 'default' },
): Json {
  const { version, order } = kinds[name];
  const all = { ...order, subject: { namespaces: {} }, ...spec };
  return {
    apiVersion: `policy.networking.k8s.io/${version}`,
    kind: name,
    metadata,
    spec: Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, YamlData] => entry[1] !== undefined),
    ),
  };
}

function problemsOf(text: string): readonly Problem[] {
  const [resource] = resourcesOf(documentOf('file:///a.yaml', text));
  assert.ok(resource?.kind.check, text);
  return resource.kind.check(resource.node, { kubernetesVersion: undefined });
}

const words = (problems: readonly Problem[]) =>
  problems.map(({ severity, rule, path }) => `${severity ?? 'error'} ${rule} ${formatPath(path)}`);

interface Case {
  readonly says: string;
  readonly kinds: readonly Name[];
  readonly good?: (name: Name) => Json;
  readonly bad: (name: Name) => Json;
  /** `PORTS` stands for the name of the port list. */
  readonly found: readonly string[];
}

const everyone = [{ namespaces: {} }];
const allow = (name: Name) => kinds[name].action;
const ingress = (name: Name, rule: Json) =>
  objectOf(name, { ingress: [{ action: allow(name), from: everyone, ...rule }] });
const egress = (name: Name, rule: Json) => objectOf(name, { egress: [{ action: allow(name), to: everyone, ...rule }] });
const ports = (name: Name, list: YamlData) => ingress(name, { [kinds[name].ports]: list });
const subject = (name: Name, value: YamlData) => objectOf(name, { subject: value });
const peer = (name: Name, value: YamlData) => egress(name, { to: [value] });
const times = (count: number, item: YamlData): YamlData[] => Array.from({ length: count }, () => item);
const port = (number: YamlData): YamlData => ({ portNumber: { protocol: 'TCP', port: number } });
const tcp = (destinationPort: YamlData): YamlData => [{ tcp: { destinationPort } }];
const networks = (...list: YamlData[]): YamlData => ({ networks: list });
const most = (name: Name) => (name === 'ClusterNetworkPolicy' ? 25 : 100);

const cases: readonly Case[] = [
  // The object
  {
    says: 'metadata is required',
    kinds: everyKind,
    bad: (n) => ({ ...objectOf(n, {}), metadata: null }),
    found: ['error missing-field metadata'],
  },
  {
    says: 'a name is required',
    kinds: everyKind,
    bad: (n) => objectOf(n, {}, { labels: {} }),
    found: ['error missing-field metadata.name'],
  },
  {
    says: 'spec is required',
    kinds: everyKind,
    bad: (n) => ({ ...objectOf(n, {}), spec: null }),
    found: ['error missing-field spec'],
  },
  {
    says: 'status is fine',
    kinds: everyKind,
    good: (n) => ({ ...objectOf(n, {}), status: { conditions: [] } }),
    bad: (n) => ({ ...objectOf(n, {}), stauts: {} }),
    found: ['error unknown-field stauts'],
  },
  {
    says: 'the name is a subdomain',
    kinds: ['ClusterNetworkPolicy', 'AdminNetworkPolicy'],
    good: (n) => objectOf(n, {}, { name: 'a.b' }),
    bad: (n) => objectOf(n, {}, { name: 'A_b' }),
    found: ['error invalid-name metadata.name'],
  },
  {
    says: 'the baseline is named default',
    kinds: ['BaselineAdminNetworkPolicy'],
    bad: (n) => objectOf(n, {}, { name: 'base' }),
    found: ['error baseline-name metadata.name'],
  },
  {
    says: 'no name is made for the baseline',
    kinds: ['BaselineAdminNetworkPolicy'],
    bad: (n) => objectOf(n, {}, { generateName: 'default' }),
    found: ['error baseline-name metadata.name'],
  },
  // Order
  {
    says: 'tier is required',
    kinds: v1alpha2,
    bad: (n) => objectOf(n, { tier: undefined }),
    found: ['error missing-field spec.tier'],
  },
  {
    says: 'tier is Admin or Baseline',
    kinds: v1alpha2,
    good: (n) => objectOf(n, { tier: 'Baseline' }),
    bad: (n) => objectOf(n, { tier: 'admin' }),
    found: ['error invalid-value spec.tier'],
  },
  {
    says: 'v1alpha1 has no tier',
    kinds: v1alpha1,
    bad: (n) => objectOf(n, { tier: 'Admin' }),
    found: ['error unknown-field spec.tier'],
  },
  {
    says: 'priority is required',
    kinds: withDomains,
    bad: (n) => objectOf(n, { priority: undefined }),
    found: ['error missing-field spec.priority'],
  },
  {
    says: 'priority is at most 1000',
    kinds: withDomains,
    good: (n) => objectOf(n, { priority: 1000 }),
    bad: (n) => objectOf(n, { priority: 1001 }),
    found: ['error invalid-value spec.priority'],
  },
  {
    says: 'priority is at least 0',
    kinds: withDomains,
    good: (n) => objectOf(n, { priority: 0 }),
    bad: (n) => objectOf(n, { priority: -1 }),
    found: ['error invalid-value spec.priority'],
  },
  {
    says: 'priority is a number',
    kinds: withDomains,
    bad: (n) => objectOf(n, { priority: '5' }),
    found: ['error wrong-type spec.priority'],
  },
  {
    says: 'priority is whole',
    kinds: withDomains,
    bad: (n) => objectOf(n, { priority: 1.5 }),
    found: ['error wrong-type spec.priority'],
  },
  {
    says: 'the baseline has no priority',
    kinds: ['BaselineAdminNetworkPolicy'],
    bad: (n) => objectOf(n, { priority: 5 }),
    found: ['error unknown-field spec.priority'],
  },
  // Subject
  {
    says: 'subject is required',
    kinds: everyKind,
    bad: (n) => objectOf(n, { subject: undefined }),
    found: ['error missing-field spec.subject'],
  },
  {
    says: 'subject is not empty',
    kinds: everyKind,
    bad: (n) => subject(n, {}),
    found: ['error invalid-value spec.subject'],
  },
  {
    says: 'null does not count',
    kinds: everyKind,
    bad: (n) => subject(n, { namespaces: null }),
    found: ['error invalid-value spec.subject'],
  },
  {
    says: 'subject is one of two',
    kinds: everyKind,
    good: (n) => subject(n, { pods: { namespaceSelector: {}, podSelector: {} } }),
    bad: (n) => subject(n, { namespaces: {}, pods: { namespaceSelector: {}, podSelector: {} } }),
    found: ['error invalid-value spec.subject'],
  },
  {
    says: 'podSelector is required',
    kinds: everyKind,
    bad: (n) => subject(n, { pods: { namespaceSelector: {} } }),
    found: ['error missing-field spec.subject.pods.podSelector'],
  },
  {
    says: 'namespaceSelector is required in v1alpha1',
    kinds: v1alpha1,
    bad: (n) => subject(n, { pods: { podSelector: {} } }),
    found: ['error missing-field spec.subject.pods.namespaceSelector'],
  },
  {
    says: 'and not in v1alpha2',
    kinds: v1alpha2,
    good: (n) => subject(n, { pods: { podSelector: {} } }),
    bad: (n) => subject(n, { pods: {} }),
    found: ['error missing-field spec.subject.pods.podSelector'],
  },
  {
    says: 'namespaces is itself the selector',
    kinds: everyKind,
    bad: (n) => subject(n, { namespaces: { namespaceSelector: {} } }),
    found: ['error unknown-field spec.subject.namespaces.namespaceSelector'],
  },
  // Selectors: the CRDs check their structure alone.
  {
    says: 'a requirement has a key',
    kinds: everyKind,
    bad: (n) => subject(n, { namespaces: { matchExpressions: [{ operator: 'Exists' }] } }),
    found: ['error missing-field spec.subject.namespaces.matchExpressions[0].key'],
  },
  {
    says: 'an operator is a warning',
    kinds: everyKind,
    good: (n) => subject(n, { namespaces: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } }),
    bad: (n) => subject(n, { namespaces: { matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] } }),
    found: ['warning invalid-selector spec.subject.namespaces.matchExpressions[0].operator'],
  },
  {
    says: 'values are needed: a warning',
    kinds: everyKind,
    bad: (n) =>
      peer(n, { pods: { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } }),
    found: ['warning invalid-selector spec.egress[0].to[0].pods.podSelector.matchExpressions[0].values'],
  },
  {
    says: 'a label key: a warning',
    kinds: everyKind,
    bad: (n) => peer(n, { pods: { namespaceSelector: { matchLabels: { 'a b': 'c' } }, podSelector: {} } }),
    found: ['warning invalid-label spec.egress[0].to[0].pods.namespaceSelector.matchLabels'],
  },
  {
    says: 'a node label value: a warning',
    kinds: everyKind,
    good: (n) => peer(n, { nodes: { matchLabels: { a: 'b' } } }),
    bad: (n) => peer(n, { nodes: { matchLabels: { a: 'b!' } } }),
    found: ['warning invalid-label spec.egress[0].to[0].nodes.matchLabels'],
  },
  // Rules
  {
    says: 'so many ingress rules',
    kinds: everyKind,
    good: (n) => objectOf(n, { ingress: times(most(n), { action: 'Deny', from: everyone }) }),
    bad: (n) => objectOf(n, { ingress: times(most(n) + 1, { action: 'Deny', from: everyone }) }),
    found: ['error invalid-value spec.ingress'],
  },
  {
    says: 'so many egress rules',
    kinds: everyKind,
    good: (n) => objectOf(n, { egress: times(most(n), { action: 'Deny', to: everyone }) }),
    bad: (n) => objectOf(n, { egress: times(most(n) + 1, { action: 'Deny', to: everyone }) }),
    found: ['error invalid-value spec.egress'],
  },
  {
    says: 'no rules are fine',
    kinds: everyKind,
    good: (n) => objectOf(n, { ingress: [], egress: null }),
    bad: (n) => objectOf(n, { ingress: [null] }),
    found: ['error wrong-type spec.ingress[0]'],
  },
  {
    says: 'a rule’s name is short',
    kinds: everyKind,
    good: (n) => ingress(n, { name: 'ü'.repeat(100) }),
    bad: (n) => ingress(n, { name: 'a'.repeat(101) }),
    found: ['error invalid-value spec.ingress[0].name'],
  },
  {
    says: 'an action is required',
    kinds: everyKind,
    bad: (n) => objectOf(n, { ingress: [{ from: everyone }] }),
    found: ['error missing-field spec.ingress[0].action'],
  },
  {
    says: 'Pass',
    kinds: withDomains,
    good: (n) => ingress(n, { action: 'Pass' }),
    bad: (n) => ingress(n, { action: 'pass' }),
    found: ['error invalid-value spec.ingress[0].action'],
  },
  {
    says: 'no Pass in the baseline',
    kinds: ['BaselineAdminNetworkPolicy'],
    good: (n) => ingress(n, { action: 'Deny' }),
    bad: (n) => ingress(n, { action: 'Pass' }),
    found: ['error invalid-value spec.ingress[0].action'],
  },
  {
    says: 'Allow and Accept are not the same',
    kinds: everyKind,
    bad: (n) => egress(n, { action: allow(n) === 'Allow' ? 'Accept' : 'Allow' }),
    found: ['error invalid-value spec.egress[0].action'],
  },
  // Peers
  {
    says: 'from is required',
    kinds: everyKind,
    bad: (n) => objectOf(n, { ingress: [{ action: 'Deny' }] }),
    found: ['error missing-field spec.ingress[0].from'],
  },
  {
    says: 'to is required',
    kinds: everyKind,
    bad: (n) => objectOf(n, { egress: [{ action: 'Deny' }] }),
    found: ['error missing-field spec.egress[0].to'],
  },
  {
    says: 'from is not empty',
    kinds: everyKind,
    bad: (n) => ingress(n, { from: [] }),
    found: ['error invalid-value spec.ingress[0].from'],
  },
  {
    says: 'to is not empty',
    kinds: everyKind,
    bad: (n) => egress(n, { to: [] }),
    found: ['error invalid-value spec.egress[0].to'],
  },
  {
    says: 'so many sources',
    kinds: everyKind,
    good: (n) => ingress(n, { from: times(most(n), { namespaces: {} }) }),
    bad: (n) => ingress(n, { from: times(most(n) + 1, { namespaces: {} }) }),
    found: ['error invalid-value spec.ingress[0].from'],
  },
  {
    says: 'so many destinations',
    kinds: everyKind,
    good: (n) => egress(n, { to: times(most(n), { namespaces: {} }) }),
    bad: (n) => egress(n, { to: times(most(n) + 1, { namespaces: {} }) }),
    found: ['error invalid-value spec.egress[0].to'],
  },
  {
    says: 'a peer is not empty',
    kinds: everyKind,
    bad: (n) => peer(n, {}),
    found: ['error invalid-peer spec.egress[0].to[0]'],
  },
  {
    says: 'a peer is not null',
    kinds: everyKind,
    bad: (n) => peer(n, null),
    found: ['error wrong-type spec.egress[0].to[0]'],
  },
  {
    says: 'a peer is one thing',
    kinds: everyKind,
    good: (n) => peer(n, networks('10.0.0.0/8')),
    bad: (n) => peer(n, { namespaces: {}, networks: ['10.0.0.0/8'] }),
    found: ['error invalid-peer spec.egress[0].to[0]'],
  },
  {
    says: 'a source is no network',
    kinds: everyKind,
    bad: (n) => ingress(n, { from: [networks('10.0.0.0/8')] }),
    found: ['error unknown-field spec.ingress[0].from[0].networks'],
  },
  {
    says: 'a source is no node',
    kinds: everyKind,
    bad: (n) => ingress(n, { from: [{ nodes: {} }] }),
    found: ['error unknown-field spec.ingress[0].from[0].nodes'],
  },
  {
    says: 'pods of a peer',
    kinds: v1alpha1,
    bad: (n) => peer(n, { pods: { podSelector: {} } }),
    found: ['error missing-field spec.egress[0].to[0].pods.namespaceSelector'],
  },
  // Networks
  {
    says: 'networks are not empty',
    kinds: everyKind,
    bad: (n) => peer(n, networks()),
    found: ['error invalid-value spec.egress[0].to[0].networks'],
  },
  {
    says: 'at most 25 networks',
    kinds: everyKind,
    good: (n) => peer(n, networks(...Array.from({ length: 25 }, (_, i) => `10.0.0.${i}/32`))),
    bad: (n) => peer(n, networks(...Array.from({ length: 26 }, (_, i) => `10.0.0.${i}/32`))),
    found: ['error invalid-value spec.egress[0].to[0].networks'],
  },
  {
    says: 'networks are a set',
    kinds: everyKind,
    good: (n) => peer(n, networks('10.0.0.0/8', '10.0.0.0/9')),
    bad: (n) => peer(n, networks('10.0.0.0/8', '10.0.0.0/8')),
    found: ['error invalid-value spec.egress[0].to[0].networks[1]'],
  },
  {
    says: 'isCIDR takes no address',
    kinds: everyKind,
    bad: (n) => peer(n, networks('10.0.0.1')),
    found: ['error invalid-cidr spec.egress[0].to[0].networks[0]'],
  },
  {
    says: 'isCIDR takes IPv6',
    kinds: everyKind,
    good: (n) => peer(n, networks('2001:db8::/32')),
    bad: (n) => peer(n, networks('2001:db8::/129')),
    found: ['error invalid-cidr spec.egress[0].to[0].networks[0]'],
  },
  {
    says: 'isCIDR takes no IPv4 in IPv6',
    kinds: everyKind,
    bad: (n) => peer(n, networks('::ffff:10.0.0.0/104')),
    found: ['error invalid-cidr spec.egress[0].to[0].networks[0]'],
  },
  {
    says: 'isCIDR takes no leading zeros',
    kinds: everyKind,
    bad: (n) => peer(n, networks('010.0.0.0/8')),
    found: ['error invalid-cidr spec.egress[0].to[0].networks[0]'],
  },
  {
    says: 'host bits are information',
    kinds: everyKind,
    bad: (n) => peer(n, networks('10.0.0.1/8')),
    found: ['info invalid-cidr spec.egress[0].to[0].networks[0]'],
  },
  {
    says: 'a network has 43 characters at most',
    kinds: everyKind,
    good: (n) => peer(n, networks('1111:2222:3333:4444:5555:6666:7777:8888/128')),
    bad: (n) => peer(n, networks('1111:2222:3333:4444:5555:6666:255.255.255.255/128')),
    found: ['error invalid-value spec.egress[0].to[0].networks[0]'],
  },
  // Domain names
  {
    says: 'domain names',
    kinds: withDomains,
    good: (n) => peer(n, { domainNames: ['*.example.com', 'a_b.example.com.', '_a.example.com'] }),
    bad: (n) => peer(n, { domainNames: ['example'] }),
    found: ['error invalid-value spec.egress[0].to[0].domainNames[0]'],
  },
  {
    says: 'a star stands in front',
    kinds: withDomains,
    bad: (n) => peer(n, { domainNames: ['a.*.com', '*'] }),
    found: [
      'error invalid-value spec.egress[0].to[0].domainNames[0]',
      'error invalid-value spec.egress[0].to[0].domainNames[1]',
    ],
  },
  {
    says: 'domain names are a set',
    kinds: withDomains,
    bad: (n) => peer(n, { domainNames: ['a.b', 'a.b'] }),
    found: ['error invalid-value spec.egress[0].to[0].domainNames[1]'],
  },
  {
    says: 'domain names are not empty',
    kinds: withDomains,
    bad: (n) => peer(n, { domainNames: [] }),
    found: ['error invalid-value spec.egress[0].to[0].domainNames'],
  },
  {
    says: 'at most 25 domain names',
    kinds: withDomains,
    good: (n) => peer(n, { domainNames: Array.from({ length: 25 }, (_, i) => `a${i}.b`) }),
    bad: (n) => peer(n, { domainNames: Array.from({ length: 26 }, (_, i) => `a${i}.b`) }),
    found: ['error invalid-value spec.egress[0].to[0].domainNames'],
  },
  {
    says: 'domain names are accepted only',
    kinds: withDomains,
    bad: (n) => egress(n, { action: 'Deny', to: [{ domainNames: ['a.b'] }] }),
    found: ['warning invalid-peer spec.egress[0].to[0].domainNames'],
  },
  {
    says: 'no domain names in the baseline',
    kinds: ['BaselineAdminNetworkPolicy'],
    bad: (n) => peer(n, { domainNames: ['a.b'] }),
    found: ['error unknown-field spec.egress[0].to[0].domainNames'],
  },
  // Ports
  {
    says: 'ports are not empty',
    kinds: everyKind,
    bad: (n) => ports(n, []),
    found: ['error invalid-value spec.ingress[0].PORTS'],
  },
  {
    says: 'a port is not empty',
    kinds: everyKind,
    bad: (n) => ports(n, [{}]),
    found: ['error invalid-port spec.ingress[0].PORTS[0]'],
  },
  {
    says: 'the list has the version’s name',
    kinds: everyKind,
    bad: (n) => ingress(n, { [kinds[n].ports === 'ports' ? 'protocols' : 'ports']: [] }),
    found: ['error unknown-field spec.ingress[0].OTHER'],
  },
  {
    says: 'at most 100 ports',
    kinds: v1alpha1,
    good: (n) => ports(n, times(100, port(1))),
    bad: (n) => ports(n, times(101, port(1))),
    found: ['error invalid-value spec.ingress[0].ports'],
  },
  {
    says: 'at most 25 protocols',
    kinds: v1alpha2,
    good: (n) => ports(n, times(25, { destinationNamedPort: 'a' })),
    bad: (n) => ports(n, times(26, { destinationNamedPort: 'a' })),
    found: ['error invalid-value spec.ingress[0].protocols'],
  },
  {
    says: 'a port is one thing',
    kinds: v1alpha1,
    good: (n) => ports(n, [port(1), { namedPort: 'web' }]),
    bad: (n) => ports(n, [{ portNumber: { port: 1 }, namedPort: 'web' }]),
    found: ['error invalid-port spec.ingress[0].ports[0]'],
  },
  {
    says: 'a protocol is one thing',
    kinds: v1alpha2,
    bad: (n) => ports(n, [{ tcp: { destinationPort: { number: 1 } }, udp: { destinationPort: { number: 1 } } }]),
    found: ['error invalid-port spec.ingress[0].protocols[0]'],
  },
  {
    says: 'a port number is required',
    kinds: v1alpha1,
    bad: (n) => ports(n, [{ portNumber: { protocol: 'TCP' } }]),
    found: ['error missing-field spec.ingress[0].ports[0].portNumber.port'],
  },
  {
    says: 'a port is at least 1',
    kinds: v1alpha1,
    good: (n) => ports(n, [port(1)]),
    bad: (n) => ports(n, [port(0)]),
    found: ['error invalid-port spec.ingress[0].ports[0].portNumber.port'],
  },
  {
    says: 'a port is at most 65535',
    kinds: v1alpha1,
    good: (n) => ports(n, [port(65535)]),
    bad: (n) => ports(n, [port(65536)]),
    found: ['error invalid-port spec.ingress[0].ports[0].portNumber.port'],
  },
  {
    says: 'a port is a number',
    kinds: v1alpha1,
    bad: (n) => ports(n, [port('http')]),
    found: ['error wrong-type spec.ingress[0].ports[0].portNumber.port'],
  },
  {
    says: 'any protocol passes the server',
    kinds: v1alpha1,
    good: (n) => ports(n, [{ portNumber: { protocol: 'SCTP', port: 1 } }]),
    bad: (n) => ports(n, [{ portNumber: { protocol: 'tcp', port: 1 } }]),
    found: ['warning invalid-protocol spec.ingress[0].ports[0].portNumber.protocol'],
  },
  {
    says: 'ICMP is a warning',
    kinds: v1alpha1,
    bad: (n) => ports(n, [{ portRange: { protocol: 'ICMP', start: 1, end: 2 } }]),
    found: ['warning invalid-protocol spec.ingress[0].ports[0].portRange.protocol'],
  },
  {
    says: 'a range needs its end',
    kinds: v1alpha1,
    bad: (n) => ports(n, [{ portRange: { start: 1 } }]),
    found: ['error missing-field spec.ingress[0].ports[0].portRange.end'],
  },
  {
    says: 'a reversed range is a warning',
    kinds: v1alpha1,
    good: (n) => ports(n, [{ portRange: { start: 2, end: 2 } }]),
    bad: (n) => ports(n, [{ portRange: { start: 3, end: 2 } }]),
    found: ['warning invalid-end-port spec.ingress[0].ports[0].portRange'],
  },
  {
    says: 'the end of a range is a port',
    kinds: v1alpha1,
    bad: (n) => ports(n, [{ portRange: { start: 1, end: 65536 } }]),
    found: ['error invalid-port spec.ingress[0].ports[0].portRange.end'],
  },
  {
    says: 'tcp: {} is refused',
    kinds: v1alpha2,
    bad: (n) => ports(n, [{ tcp: {} }]),
    found: ['error invalid-port spec.ingress[0].protocols[0].tcp'],
  },
  {
    says: 'destinationPort: {} is refused',
    kinds: v1alpha2,
    bad: (n) => ports(n, tcp({})),
    found: ['error invalid-port spec.ingress[0].protocols[0].tcp.destinationPort'],
  },
  {
    says: 'number or range',
    kinds: v1alpha2,
    good: (n) => ports(n, [{ udp: { destinationPort: { range: { start: 1, end: 65535 } } } }]),
    bad: (n) => ports(n, tcp({ number: 1, range: { start: 1, end: 2 } })),
    found: ['error invalid-port spec.ingress[0].protocols[0].tcp.destinationPort'],
  },
  {
    says: 'a number is a port',
    kinds: v1alpha2,
    good: (n) => ports(n, tcp({ number: 65535 })),
    bad: (n) => ports(n, [{ sctp: { destinationPort: { number: 0 } } }]),
    found: ['error invalid-port spec.ingress[0].protocols[0].sctp.destinationPort.number'],
  },
  {
    says: 'start is a port',
    kinds: v1alpha2,
    bad: (n) => ports(n, tcp({ range: { start: 0, end: 2 } })),
    found: ['error invalid-port spec.ingress[0].protocols[0].tcp.destinationPort.range.start'],
  },
  {
    says: 'start is required',
    kinds: v1alpha2,
    bad: (n) => ports(n, tcp({ range: { end: 2 } })),
    found: ['error missing-field spec.ingress[0].protocols[0].tcp.destinationPort.range.start'],
  },
  {
    says: 'start is below end',
    kinds: v1alpha2,
    good: (n) => ports(n, tcp({ range: { start: 1, end: 2 } })),
    bad: (n) => ports(n, tcp({ range: { start: 2, end: 2 } })),
    found: ['error invalid-end-port spec.ingress[0].protocols[0].tcp.destinationPort.range'],
  },
  {
    says: 'start is not above end',
    kinds: v1alpha2,
    bad: (n) => ports(n, [{ udp: { destinationPort: { range: { start: 3, end: 2 } } } }]),
    found: ['error invalid-end-port spec.ingress[0].protocols[0].udp.destinationPort.range'],
  },
  {
    says: 'a name that no port has',
    kinds: v1alpha1,
    bad: (n) => ports(n, [{ namedPort: 'Web' }]),
    found: ['warning invalid-named-port spec.ingress[0].ports[0].namedPort'],
  },
  {
    says: 'even an empty name passes',
    kinds: v1alpha2,
    good: (n) => ports(n, [{ destinationNamedPort: 'web' }]),
    bad: (n) => ports(n, [{ destinationNamedPort: '' }]),
    found: ['warning invalid-named-port spec.ingress[0].protocols[0].destinationNamedPort'],
  },
  {
    says: 'addresses have no named ports',
    kinds: v1alpha1,
    good: (n) => egress(n, { ports: [{ namedPort: 'web' }] }),
    bad: (n) => egress(n, { to: [...everyone, networks('10.0.0.0/8')], ports: [port(1), { namedPort: 'web' }] }),
    found: ['warning invalid-named-port spec.egress[0].ports[1].namedPort'],
  },
  {
    says: 'nodes have no named ports',
    kinds: v1alpha2,
    bad: (n) => egress(n, { to: [{ nodes: {} }], protocols: [{ destinationNamedPort: 'web' }] }),
    found: ['warning invalid-named-port spec.egress[0].protocols[0].destinationNamedPort'],
  },
  {
    says: 'domain names have no named ports',
    kinds: v1alpha2,
    bad: (n) => egress(n, { to: [{ domainNames: ['a.b'] }], protocols: [{ destinationNamedPort: 'web' }] }),
    found: ['warning invalid-named-port spec.egress[0].protocols[0].destinationNamedPort'],
  },
];

describe('each rule of the CRDs', () => {
  for (const { says, kinds: names, good, bad, found } of cases) {
    for (const name of names) {
      test(`${name}: ${says}`, () => {
        assert.deepEqual(words(problemsOf(renderYaml((good ?? ((n) => objectOf(n, {})))(name)))), [], 'valid');
        const { ports: own } = kinds[name];
        const wanted = found.map((each) =>
          each.replace('PORTS', own).replace('OTHER', own === 'ports' ? 'protocols' : 'ports'),
        );
        assert.deepEqual(words(problemsOf(renderYaml(bad(name)))), wanted);
      });
    }
  }
});

test('each message is a sentence that names its field, and each place is within a line', () => {
  for (const { kinds: names, bad } of cases) {
    for (const name of names) {
      const text = renderYaml(bad(name));
      for (const { path, message, at } of problemsOf(text)) {
        assert.ok(message.startsWith(formatPath(path)), message);
        assert.match(message, /[.?]$/);
        assert.ok(!text.slice(at.range.start, at.range.end).includes('\n'), `${message}: ${JSON.stringify(at.range)}`);
      }
    }
  }
});

test('each fix takes away its problem and adds none', () => {
  let count = 0;
  for (const { kinds: names, bad } of cases) {
    for (const name of names) {
      const text = renderYaml(bad(name));
      const before = problemsOf(text);
      for (const problem of before) {
        for (const fix of problem.fixes ?? []) {
          const edits = fix.changes()?.map((change) => {
            assert.ok(change.kind === 'edit');
            return { range: change.edit.span.range, newText: change.edit.newText };
          });
          if (edits === undefined) continue;
          const after = words(problemsOf(applyEdits(text, edits)));
          const rest = words(before.filter((each) => each !== problem));
          // An item less in the list, and the others move up.
          assert.ok(after.length <= rest.length, `${fix.title} in\n${text}\n${after.join('\n')}`);
          count++;
        }
      }
    }
  }
  assert.ok(count > 25, `${count} fixes`);
});

test('templated parts are not judged', () => {
  const text = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec:
  tier: {{ .Values.tier }}
  priority: {{ .Values.priority }}
  subject:
    {{- toYaml .Values.subject | nindent 4 }}
  egress:
    - action: Accept
      to:
        - networks:
            {{- range .Values.networks }}
            - {{ . }}
            {{- end }}
`;
  assert.deepEqual(words(problemsOf(text)), []);
  assert.throws(() => parse(text));
});

test('the words of another version are named, and put right', () => {
  const fixed = (text: string, says: RegExp): string | undefined => {
    const [problem, ...others] = problemsOf(text);
    assert.ok(problem && others.length === 0, text);
    assert.match(problem.message, says);
    const changes = problem.fixes?.[0]?.changes();
    return (
      changes &&
      applyEdits(
        text,
        changes.flatMap((change) =>
          change.kind === 'edit' ? [{ range: change.edit.span.range, newText: change.edit.newText }] : [],
        ),
      )
    );
  };
  const allowed = renderYaml(egress('ClusterNetworkPolicy', { action: 'Allow' }));
  assert.equal(fixed(allowed, /v1alpha2 says Accept/), allowed.replace('Allow', 'Accept'));
  const accepted = renderYaml(egress('AdminNetworkPolicy', { action: 'Accept' }));
  assert.equal(fixed(accepted, /v1alpha1 says Allow/), accepted.replace('Accept', 'Allow'));
  assert.equal(fixed(renderYaml(ingress('ClusterNetworkPolicy', { ports: [] })), /Write `protocols`/), undefined);
  assert.equal(fixed(renderYaml(ingress('AdminNetworkPolicy', { protocols: [] })), /Write `ports`/), undefined);
  const same = peer('AdminNetworkPolicy', { namespaces: { sameLabels: ['a'] } });
  assert.equal(fixed(renderYaml(same), /have no sameLabels/), undefined);
  const rule = (from: string) => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: a}
spec:
  priority: 1
  subject: {namespaces: {}}
  ingress:
    - action: Deny
      from:
        - ${from}
`;
  for (const [before, after] of [
    ['namespaces: {namespaceSelector: {}}', 'namespaces: {}'],
    ['namespaces: { namespaceSelector: { matchLabels: { a: b } } } # c', 'namespaces: { matchLabels: { a: b } } # c'],
    ['namespaces:\n            namespaceSelector: {} # c', 'namespaces:\n            {} # c'],
    [
      'namespaces: # c\n            namespaceSelector:\n              matchLabels: # d\n                a: b\n              matchExpressions: []',
      'namespaces: # c\n              matchLabels: # d\n                a: b\n              matchExpressions: []',
    ],
    // A comment on the line that would go.
    ['namespaces:\n            namespaceSelector: # c\n              matchLabels: {}', undefined],
  ] as const) {
    const text = rule(before);
    const result = fixed(text, /`namespaces` is itself the selector/);
    assert.equal(result, after === undefined ? undefined : rule(after), before);
    if (result === undefined) continue;
    assert.deepEqual(words(problemsOf(result)), []);
    for (const eol of ['\n', '\r\n']) {
      assert.equal(fixed(text.replaceAll('\n', eol), /itself/), result.replaceAll('\n', eol));
    }
  }
});

test('the JSON Schema takes what the CRD takes, and knows its limits', () => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  const schemas = new Map(clusterKinds.map((kind) => [kind.kind, ajv.compile(jsonSchemaOf(kind))]));
  const taken = new Set<string>();
  for (const { says, kinds: names, good, bad, found } of cases) {
    for (const name of names) {
      const validate = schemas.get(name);
      assert.ok(validate);
      if (good !== undefined) {
        assert.ok(validate(good(name)), `${name}: ${says}: ${ajv.errorsText(validate.errors)}`);
      }
      if (!found.some((each) => !each.startsWith('error')) && validate(bad(name))) taken.add(says);
    }
  }
  // Null counts as absent for the server and not for a schema; the rest is CEL and the syntax of names.
  assert.deepEqual(
    [...taken],
    [
      'metadata is required',
      'a name is required',
      'spec is required',
      'the name is a subdomain',
      'the baseline is named default',
      'no name is made for the baseline',
      'null does not count',
      'no rules are fine',
      'a peer is not null',
      'isCIDR takes no address',
      'isCIDR takes IPv6',
      'isCIDR takes no IPv4 in IPv6',
      'isCIDR takes no leading zeros',
      'domain names',
      'a star stands in front',
      'start is below end',
      'start is not above end',
    ],
  );
});
