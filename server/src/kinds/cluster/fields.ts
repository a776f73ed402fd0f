import { type Field, list, object, value } from '../field.js';
import { metadataFields } from '../kubernetes/metadata.js';
import { labelSelector } from '../kubernetes/network-policy.js';

/**
 * The field trees of policy.networking.k8s.io: ClusterNetworkPolicy v1alpha2, and AdminNetworkPolicy and
 * BaselineAdminNetworkPolicy v1alpha1, which it replaces.
 * Source: the CRDs of kubernetes-sigs/network-policy-api, bundles v0.2.0 and v0.1.7, experimental channel.
 */
interface Version {
  readonly apiVersion: string;
  readonly accept: 'Accept' | 'Allow';
  readonly portsKey: 'ports' | 'protocols';
  readonly ports: Field;
  readonly maxRules: number;
  readonly maxItems: number;
  /** In v1alpha2 a missing namespaceSelector is every namespace. */
  readonly namespaceSelectorRequired: boolean;
}

interface KindShape {
  readonly kind: string;
  readonly doc: string;
  readonly actions: readonly string[];
  readonly domainNames: boolean;
  readonly order: Readonly<Record<string, Field>>;
}

const experimental = 'Only the experimental channel of the CRD has it.';

const number = (doc: string) => value('integer', doc, { minimum: 1, maximum: 65535, outOfRange: 'invalid-port' });

const range = (doc: string, more: Readonly<Record<string, Field>> = {}) =>
  object(
    doc,
    { ...more, start: number('The first port.'), end: number('The last port, above start.') },
    { required: ['start', 'end'] },
  );

const protocol = value('string', 'TCP, UDP or SCTP. The CRD does not check it.', {
  allowed: ['TCP', 'UDP', 'SCTP'],
  default: 'TCP',
  judgedElsewhere: true,
  absent: 'TCP',
});

const ports = object(
  'One port, a range, or a port by name: exactly one of them.',
  {
    portNumber: object(
      'A port by its number.',
      { protocol, port: number('The port of the destination pods or addresses.') },
      { required: ['port'] },
    ),
    portRange: range('A range of ports, both ends included.', { protocol }),
    namedPort: value(
      'string',
      `The name of a container port of each destination pod, whatever its protocol. ${experimental}`,
    ),
  },
  { exactlyOne: 'invalid-port' },
);

const transport = (name: string) =>
  object(
    `${name}, on the ports that destinationPort names.`,
    {
      destinationPort: object(
        `A port or a range of ports: exactly one of them. For all of ${name}, the range 1 to 65535.`,
        {
          number: number('The port of the destination.'),
          range: range('A range of ports, both ends included; start is less than end.'),
        },
        { exactlyOne: 'invalid-port' },
      ),
    },
    { exactlyOne: 'invalid-port' },
  );

const protocols = object(
  'One match by protocol, or by a port’s name: exactly one of them.',
  {
    tcp: transport('TCP'),
    udp: transport('UDP'),
    sctp: transport('SCTP'),
    destinationNamedPort: value(
      'string',
      'The name of a container port of each destination pod, whatever its protocol.',
    ),
  },
  { exactlyOne: 'invalid-port' },
);

const v1alpha1: Version = {
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  accept: 'Allow',
  portsKey: 'ports',
  ports,
  maxRules: 100,
  maxItems: 100,
  namespaceSelectorRequired: true,
};

const v1alpha2: Version = {
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  accept: 'Accept',
  portsKey: 'protocols',
  ports: protocols,
  maxRules: 25,
  maxItems: 25,
  namespaceSelectorRequired: false,
};

function podsAndNamespaces({ namespaceSelectorRequired: required }: Version, noun: string) {
  return {
    namespaces: labelSelector(`Every ${noun} pod of the namespaces with these labels. {} is every namespace.`),
    pods: object(
      `Pods by their labels AND those of their namespace.`,
      {
        namespaceSelector: labelSelector(
          'Namespaces by their labels. {} is every namespace.',
          required ? undefined : 'every namespace',
        ),
        podSelector: labelSelector('Pods by their labels. {} is every pod of these namespaces.'),
      },
      { required: required ? ['namespaceSelector', 'podSelector'] : ['podSelector'] },
    ),
  };
}

function rules(direction: 'ingress' | 'egress', version: Version, { actions, domainNames }: KindShape) {
  const [key, other] = direction === 'ingress' ? (['from', 'source'] as const) : (['to', 'destination'] as const);
  const addresses =
    direction === 'ingress'
      ? {}
      : {
          networks: list(
            'Address ranges, wherever they are: pods and nodes with such addresses are meant as well.',
            value('string', 'An IPv4 or IPv6 range in CIDR form.', { maxLength: 43 }),
            { minItems: 1, maxItems: 25, unique: true },
          ),
          nodes: labelSelector(`Nodes by their labels. ${experimental}`),
          ...(domainNames
            ? {
                domainNames: list(
                  `Domain names, only in rules that ${version.accept.toLowerCase()}. ${experimental}`,
                  value('string', 'A name, or "*." and a name for all its sub-domains.'),
                  { minItems: 1, maxItems: 25, unique: true },
                ),
              }
            : {}),
        };
  const peer = object(
    `One kind of ${other}: exactly one of the fields.`,
    { ...podsAndNamespaces(version, other), ...addresses },
    { exactlyOne: 'invalid-peer' },
  );
  return list(
    `What is decided about ${direction} traffic of the subject. The first rule that matches counts; what none matches is left to later policies.`,
    object(
      `One rule: traffic ${direction === 'ingress' ? 'from' : 'to'} any of \`${key}\` AND matching any of \`${version.portsKey}\`.`,
      {
        name: value('string', 'A name for people and logs.', { maxLength: 100 }),
        action: value(
          'string',
          `${version.accept}: let it through. Deny: drop it.${actions.includes('Pass') ? ' Pass: leave it to the next tier.' : ''}`,
          { allowed: actions },
        ),
        [key]: list(`The ${other}s. Items are joined by OR.`, peer, { minItems: 1, maxItems: version.maxItems }),
        [version.portsKey]: list('Which ports. Items are joined by OR.', version.ports, {
          minItems: 1,
          maxItems: version.maxItems,
          absent: 'all traffic, of every protocol',
        }),
      },
      { required: ['action', key] },
    ),
    { maxItems: version.maxRules, absent: `nothing is decided about ${direction}` },
  );
}

function fieldsOf(version: Version, shape: KindShape) {
  const spec = object(
    'Whom the policy is about, and what it decides.',
    {
      ...shape.order,
      subject: object(
        'The pods the policy is about: exactly one of the fields. Selecting a pod does not isolate it.',
        podsAndNamespaces(version, 'subject'),
        { exactlyOne: 'invalid-value' },
      ),
      ingress: rules('ingress', version, shape),
      egress: rules('egress', version, shape),
    },
    { required: [...Object.keys(shape.order), 'subject'] },
  );
  return object(
    shape.doc,
    {
      apiVersion: value('string', version.apiVersion),
      kind: value('string', shape.kind),
      metadata: metadataFields,
      spec,
      status: value('any', 'What implementations report.'),
    },
    { required: ['metadata', 'spec'] },
  );
}

const priority = value('integer', 'The lower number is judged first. Do not give two policies the same.', {
  minimum: 0,
  maximum: 1000,
});

export const clusterNetworkPolicyFields = fieldsOf(v1alpha2, {
  kind: 'ClusterNetworkPolicy',
  doc: 'A policy of the whole cluster, judged before (tier Admin) or after (tier Baseline) the NetworkPolicies of namespaces.',
  actions: ['Accept', 'Deny', 'Pass'],
  domainNames: true,
  order: {
    tier: value('string', 'Admin is judged before NetworkPolicies, Baseline where none of them isolates the pod.', {
      allowed: ['Admin', 'Baseline'],
    }),
    priority,
  },
});

export const adminNetworkPolicyFields = fieldsOf(v1alpha1, {
  kind: 'AdminNetworkPolicy',
  doc: 'A policy of the whole cluster, judged before the NetworkPolicies of namespaces. ClusterNetworkPolicy replaces it.',
  actions: ['Allow', 'Deny', 'Pass'],
  domainNames: true,
  order: { priority },
});

export const baselineAdminNetworkPolicyFields = fieldsOf(v1alpha1, {
  kind: 'BaselineAdminNetworkPolicy',
  doc: 'The one policy (its name is default) that is judged where no NetworkPolicy isolates the pod. ClusterNetworkPolicy replaces it.',
  actions: ['Allow', 'Deny'],
  domainNames: false,
  order: {},
});
