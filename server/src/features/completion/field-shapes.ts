import type { Field } from '../../kinds/field.js';
import type { Kind } from '../../kinds/kind.js';
import type { YamlPath } from '../../text/tree.js';
import type { Shape } from './shape-text.js';

/**
 * What is written with a field when its name is accepted: the good form where we know one, else what the field tree
 * requires. `path` leads to the field from the object's root.
 */
export function shapeOfField(kind: Kind | undefined, path: YamlPath, field: Field): Shape {
  const names = path.filter((step) => typeof step === 'string');
  const own = kind === undefined ? undefined : shapesOf(kind);
  for (let from = 0; from < names.length; from++) {
    const found = own?.[names.slice(from).join('.')];
    if (found !== undefined && fits(found, field)) return found;
  }
  const found = kind === undefined ? undefined : common[names.at(-1) ?? ''];
  return found !== undefined && fits(found, field) ? found : shapeOfTree(field);
}

/** Fields of one name are of several types: `ingress` is a list of rules, and a switch. */
function fits(shape: Shape, { type }: Field): boolean {
  if (typeof shape === 'string') return type !== 'list' && type !== 'object' && type !== 'map';
  return Array.isArray(shape) ? type === 'list' : type === 'object' || type === 'map';
}

/** The fields of an object of which at most one, or one group, stands in it: beside these, the others are refused. */
export function excludedBy(present: readonly string[]): readonly string[] {
  if (present.includes('ipBlock')) return ['podSelector', 'namespaceSelector'];
  return present.includes('podSelector') || present.includes('namespaceSelector') ? ['ipBlock'] : [];
}

/** What a field tree alone says: required fields, and a tab stop where something has to be written. */
export function shapeOfTree(field: Field): Shape {
  switch (field.type) {
    case 'object': {
      const needed = (field.required ?? []).flatMap((key) => {
        const inner = field.fields[key];
        return inner === undefined ? [] : [[key, shapeOfTree(inner)] as const];
      });
      return needed.length === 0 ? { '': '<>' } : Object.fromEntries(needed);
    }
    case 'map':
      return { '': '<>' };
    case 'list':
      return [field.item.type === 'list' ? '<>' : isObjectWithoutNeeds(field.item) ? '<>' : shapeOfTree(field.item)];
    case 'one-of':
      return '<>';
    default:
      return choice(field.type === 'boolean' ? ['true', 'false'] : (field.allowed ?? []));
  }
}

function isObjectWithoutNeeds(field: Field): boolean {
  return field.type === 'map' || (field.type === 'object' && (field.required ?? []).length === 0);
}

function choice(options: readonly string[]): string {
  return `<${options.length > 1 && options.length <= 12 ? options.join('|') : ''}>`;
}

const line: Shape = { '': '<>' };
const labels: Shape = { matchLabels: line };
const ofNamespace: Shape = { matchLabels: { 'kubernetes.io/metadata.name': '<>' } };
const protocols = '<TCP|UDP|SCTP>';

/** Of any kind, by the field's name. */
const common: Readonly<Record<string, Shape>> = {
  metadata: { name: '<>' },
  matchExpressions: [{ key: '<>', operator: '<In|NotIn|Exists|DoesNotExist>', values: ['<>'] }],
  podSelector: labels,
  containers: [{ name: '<>', ports: [{ name: '<http>', containerPort: '<8080>' }] }],
};

const kubernetes: Readonly<Record<string, Shape>> = {
  spec: { podSelector: labels, policyTypes: ['<Ingress|Egress>'] },
  ingress: [{ from: ['<>'], ports: [{ protocol: protocols, port: '<>' }] }],
  egress: [{ to: ['<>'], ports: [{ protocol: protocols, port: '<>' }] }],
  ports: [{ protocol: protocols, port: '<>' }],
  namespaceSelector: ofNamespace,
};

function calicoRule(end: 'source' | 'destination'): Shape {
  const [peer, ports] = [{ selector: '<>' }, { ports: ['<8080>'] }];
  return [
    {
      action: '<Allow|Deny|Pass|Log>',
      protocol: '<TCP|UDP|SCTP>',
      ...(end === 'source' ? { source: peer, destination: ports } : { destination: { ...peer, ...ports } }),
    },
  ];
}

const calico: Readonly<Record<string, Shape>> = {
  spec: { selector: '<>', types: ['<Ingress|Egress>'] },
  'Tier.spec': { order: '<100>', defaultAction: '<Deny|Pass>' },
  'NetworkSet.spec': { nets: ['<>'] },
  'GlobalNetworkSet.spec': { nets: ['<>'] },
  'HostEndpoint.spec': { node: '<>', interfaceName: '<eth0>' },
  'StagedKubernetesNetworkPolicy.spec': kubernetes.spec ?? line,
  'StagedKubernetesNetworkPolicy.spec.ingress': kubernetes.ingress ?? line,
  'StagedKubernetesNetworkPolicy.spec.egress': kubernetes.egress ?? line,
  'ingress.ports': kubernetes.ports ?? line,
  'egress.ports': kubernetes.ports ?? line,
  'from.namespaceSelector': ofNamespace,
  'to.namespaceSelector': ofNamespace,
  ingress: calicoRule('source'),
  egress: calicoRule('destination'),
  serviceAccounts: { names: ['<>'] },
  services: { name: '<>' },
  paths: [{ exact: '<>' }],
};

const ciliumPorts: Shape = [{ ports: [{ port: '"<8080>"', protocol: '<TCP|UDP|SCTP|ANY>' }] }];
const endpoints: Shape = [labels];

const cilium: Readonly<Record<string, Shape>> = {
  spec: { endpointSelector: labels },
  specs: [{ endpointSelector: labels }],
  'CiliumCIDRGroup.spec': { externalCIDRs: ['<>'] },
  endpointSelector: labels,
  nodeSelector: labels,
  ingress: [{ fromEndpoints: endpoints, toPorts: ciliumPorts }],
  ingressDeny: [{ fromEndpoints: endpoints }],
  egress: [{ toEndpoints: endpoints, toPorts: ciliumPorts }],
  egressDeny: [{ toEndpoints: endpoints }],
  fromEndpoints: endpoints,
  toEndpoints: endpoints,
  fromNodes: endpoints,
  toNodes: endpoints,
  fromCIDRSet: [{ cidr: '<>' }],
  toCIDRSet: [{ cidr: '<>' }],
  toServices: [{ k8sService: { serviceName: '<>' } }],
  k8sService: { serviceName: '<>' },
  toFQDNs: [{ matchName: '<>' }],
  toPorts: ciliumPorts,
  ports: [{ port: '"<8080>"', protocol: '<TCP|UDP|SCTP|ANY>' }],
  port: '"<>"',
  'rules.dns': [{ matchPattern: '"<*>"' }],
  'rules.http': [{ method: '<GET|POST|PUT|DELETE>', path: '<>' }],
  icmps: [{ fields: [{ family: '<IPv4|IPv6>', type: '<EchoRequest>' }] }],
};

const clusterPeer: Shape = [{ namespaces: ofNamespace }];

function clusterRule(key: 'from' | 'to', accept: string, pass: boolean): Shape {
  return [{ action: `<${accept}|Deny${pass ? '|Pass' : ''}>`, [key]: clusterPeer }];
}

const cluster: Readonly<Record<string, Shape>> = {
  'ClusterNetworkPolicy.spec': { tier: '<Admin|Baseline>', priority: '<100>', subject: { namespaces: labels } },
  'AdminNetworkPolicy.spec': { priority: '<50>', subject: { namespaces: labels } },
  'BaselineAdminNetworkPolicy.spec': { subject: { namespaces: labels } },
  subject: { namespaces: labels },
  'ClusterNetworkPolicy.spec.ingress': clusterRule('from', 'Accept', true),
  'ClusterNetworkPolicy.spec.egress': clusterRule('to', 'Accept', true),
  'AdminNetworkPolicy.spec.ingress': clusterRule('from', 'Allow', true),
  'AdminNetworkPolicy.spec.egress': clusterRule('to', 'Allow', true),
  'BaselineAdminNetworkPolicy.spec.ingress': clusterRule('from', 'Allow', false),
  'BaselineAdminNetworkPolicy.spec.egress': clusterRule('to', 'Allow', false),
  namespaces: ofNamespace,
  'subject.namespaces': labels,
  pods: { namespaceSelector: ofNamespace, podSelector: labels },
  namespaceSelector: ofNamespace,
  protocols: [{ tcp: { destinationPort: { number: '<>' } } }],
  ports: [{ portNumber: { protocol: protocols, port: '<>' } }],
  tcp: { destinationPort: { number: '<>' } },
  udp: { destinationPort: { number: '<>' } },
  sctp: { destinationPort: { number: '<>' } },
  destinationPort: { number: '<>' },
  portNumber: { protocol: protocols, port: '<>' },
  portRange: { protocol: protocols, start: '<>', end: '<>' },
};

const workloads: Readonly<Record<string, Shape>> = {
  'containers.ports': [{ name: '<http>', containerPort: '<8080>' }],
  'Service.spec': { selector: line, ports: [{ port: '<80>', targetPort: '<8080>' }] },
  'Service.spec.ports': [{ port: '<80>', targetPort: '<8080>' }],
};

/** The shapes for a kind, those of that kind alone under their names from its root. */
function shapesOf({ apiVersions: [apiVersion = ''], kind }: Kind): Readonly<Record<string, Shape>> {
  const group = apiVersion.split('/')[0];
  const all =
    group === 'projectcalico.org'
      ? calico
      : group === 'cilium.io'
        ? cilium
        : group === 'policy.networking.k8s.io'
          ? cluster
          : kind === 'NetworkPolicy'
            ? kubernetes
            : workloads;
  const own = Object.entries(all).flatMap(([path, shape]) =>
    path.startsWith(`${kind}.`) ? [[path.slice(kind.length + 1), shape] as const] : [],
  );
  return { ...all, ...Object.fromEntries(own) };
}
