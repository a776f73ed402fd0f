import { type Field, list, type ObjectField, object, stringMap, value } from '../field.js';
import { metadataFields } from '../kubernetes/metadata.js';
import { networkPolicyFields } from '../kubernetes/network-policy.js';
import { protocolNumbers } from './read-ports.js';

/**
 * The field trees of projectcalico.org/v3, which crd.projectcalico.org/v1 has as well.
 * Source: projectcalico/calico api/config/crd, FACTS A3.1 to A3.3. What only Calico Enterprise and Calico Cloud have is
 * marked so: their manifests carry the same apiVersion.
 */
const enterprise = 'Only Calico Enterprise and Calico Cloud have it.';

const selector = (doc: string, absent?: string) =>
  value('string', `${doc} An expression such as app == 'web' && tier in {'a', 'b'}.`, {
    maxLength: 1024,
    ...(absent === undefined ? {} : { absent }),
  });

const protocol = (doc: string, absent?: string) =>
  value('int-or-string', doc, {
    allowed: Object.keys(protocolNumbers),
    judgedElsewhere: true,
    ...(absent === undefined ? {} : { absent }),
  });

const portList = (doc: string) =>
  list(doc, value('int-or-string', 'A number, a range such as "8000:8080", or the name of a container port.'), {
    maxItems: 50,
  });

const nets = (doc: string) =>
  list(doc, value('string', 'An IPv4 or IPv6 range in CIDR form, without bits behind the prefix.'), {
    maxItems: 256,
    unique: true,
  });

const icmp = (doc: string) =>
  object(doc, {
    type: value('integer', 'The ICMP type, 8 for an echo request.', { minimum: 0, maximum: 254, absent: 'every type' }),
    code: value('integer', 'The ICMP code. It needs a type.', { minimum: 0, maximum: 255, absent: 'every code' }),
  });

const accounts = object('Pods by their service account. names and selector are joined by AND.', {
  names: list('Service accounts by name.', value('string', 'The name of a service account.'), { unique: true }),
  selector: value('string', 'Service accounts by their labels: a selector expression.'),
});

const entity = (end: string) =>
  object(`What the ${end} has to be. All fields are joined by AND.`, {
    nets: nets(`Addresses of the ${end}. Items are joined by OR.`),
    notNets: nets(`Addresses that the ${end} must not have.`),
    selector: selector(
      `Pods, host endpoints and network sets by their labels. In a policy with a namespace, and without namespaceSelector, of that namespace only.`,
      `every ${end}, inside and outside the cluster`,
    ),
    notSelector: selector(`The ${end} must not be a pod, host endpoint or network set with these labels.`),
    namespaceSelector: selector(
      'The namespaces in which selector chooses, by their labels. global() stands for what is in no namespace.',
      'the policy’s own namespace; for a policy without one, everything',
    ),
    serviceAccounts: accounts,
    services: object(`The pods behind a service: of the source in ingress rules, of the destination in egress rules.`, {
      name: value('string', 'The name of the service.', { maxLength: 253 }),
      namespace: value('string', 'The namespace of the service.', {
        maxLength: 253,
        absent: 'the policy’s own; a policy without one has to say it',
      }),
    }),
    ports: portList(`Ports of the ${end}. Numbers need a protocol in the rule.`),
    notPorts: portList(`Ports that the ${end} must not have.`),
    domains: list(`Domain names of the ${end}. ${enterprise}`, value('string', 'A name, or a pattern with *.')),
  });

const http = object('What an HTTP request has to be. It needs Calico’s application layer policy, and action Allow.', {
  methods: list('HTTP methods. Items are joined by OR.', value('string', 'GET, PUT or another method.'), {
    maxItems: 20,
    unique: true,
  }),
  paths: list(
    'Paths. Items are joined by OR.',
    object(
      'A path: exactly one of the fields.',
      {
        exact: value('string', 'The whole path.', { maxLength: 1024 }),
        prefix: value('string', 'What the path begins with.', { maxLength: 1024 }),
      },
      { exactlyOne: 'invalid-value' },
    ),
    { maxItems: 20 },
  ),
  headers: value('any', `Headers of the request. ${enterprise}`),
});

const rules = (direction: 'ingress' | 'egress') =>
  list(
    `What becomes of ${direction} traffic of the selected pods. The first rule that matches decides; Log goes on to the next.`,
    object(
      'One rule. All that it asks for is joined by AND.',
      {
        action: value(
          'string',
          'Allow: let it through. Deny: drop it. Pass: leave it to the next tier. Log: note it, and go on with the next rule.',
          {
            allowed: ['Allow', 'Deny', 'Pass', 'Log'],
          },
        ),
        ipVersion: value('integer', '4 or 6.', { allowed: ['4', '6'], absent: 'both' }),
        protocol: protocol('An IP protocol by name or number.', 'every IP protocol, ICMP among them'),
        notProtocol: protocol('The IP protocol that it must not be.'),
        icmp: icmp('ICMP messages by type and code. It needs protocol ICMP or ICMPv6.'),
        notICMP: icmp('ICMP messages that it must not be.'),
        source: entity('source'),
        destination: entity('destination'),
        http,
        metadata: object('Notes on the rule.', { annotations: stringMap('Free notes for tools and people.') }),
      },
      { required: ['action'] },
    ),
    { maxItems: 1024, absent: `no rule: the tier’s end decides about ${direction} if types has it` },
  );

const flag = (doc: string) => value('boolean', doc, { default: false });

const policy: Readonly<Record<string, Field>> = {
  tier: value('string', 'The tier in which the policy is judged.', { default: 'default', absent: 'default' }),
  order: value('number', 'Within the tier, the lower number is judged first.', { absent: 'after all that have one' }),
  types: list(
    'The directions that the policy is about. What no policy of the tier decides there is dropped at the tier’s end.',
    value('string', 'Ingress or Egress.', { allowed: ['Ingress', 'Egress'] }),
    { minItems: 1, maxItems: 2, unique: true, absent: 'those that have rules, and Ingress where none has' },
  ),
  selector: selector('The pods (and host endpoints) that the policy is about, by their labels.', 'all of them'),
  serviceAccountSelector: selector('Only pods whose service account has these labels.'),
  ingress: rules('ingress'),
  egress: rules('egress'),
  performanceHints: list(
    'Hints for Calico, without a meaning for traffic.',
    value('string', 'A hint.', { allowed: ['AssumeNeededOnEveryNode'] }),
    { unique: true },
  ),
};

const globalPolicy: Readonly<Record<string, Field>> = {
  ...policy,
  namespaceSelector: selector('Only pods of namespaces with these labels.', 'all namespaces, and host endpoints'),
  doNotTrack: flag('Judge each packet for itself, before connections are tracked: for host endpoints only.'),
  preDNAT: flag('Judge before the destination is translated: for host endpoints only, and ingress only.'),
  applyOnForward: flag('For host endpoints, judge traffic that is forwarded as well.'),
};

const stagedAction = value(
  'string',
  'Set: the policy of this name is to become as this one. Delete: it is to go. Learn and Ignore: it is still being worked out, or left aside.',
  {
    allowed: ['Set', 'Delete', 'Learn', 'Ignore'],
    default: 'Set',
  },
);

function kindFields(
  kind: string,
  doc: string,
  spec: Readonly<Record<string, Field>>,
  more: Readonly<Record<string, Field>> = {},
): ObjectField {
  return object(
    doc,
    {
      apiVersion: value('string', 'projectcalico.org/v3, or crd.projectcalico.org/v1 as Calico keeps it.'),
      kind: value('string', kind),
      metadata: metadataFields,
      spec: object('What it says.', spec),
      ...more,
    },
    { required: ['metadata'] },
  );
}

const staged = 'It is only watched, and changes no traffic.';

export const calicoFields = {
  NetworkPolicy: kindFields(
    'NetworkPolicy',
    'A Calico policy of one namespace: ordered rules that allow, deny, pass or log. Not the NetworkPolicy of Kubernetes.',
    policy,
  ),
  GlobalNetworkPolicy: kindFields(
    'GlobalNetworkPolicy',
    'A Calico policy of the whole cluster: ordered rules that allow, deny, pass or log.',
    globalPolicy,
  ),
  StagedNetworkPolicy: kindFields('StagedNetworkPolicy', `A Calico NetworkPolicy on trial. ${staged}`, {
    stagedAction,
    ...policy,
  }),
  StagedGlobalNetworkPolicy: kindFields(
    'StagedGlobalNetworkPolicy',
    `A Calico GlobalNetworkPolicy on trial. ${staged}`,
    { stagedAction, ...globalPolicy },
  ),
  StagedKubernetesNetworkPolicy: kindFields(
    'StagedKubernetesNetworkPolicy',
    `A NetworkPolicy of Kubernetes on trial. ${staged}`,
    { stagedAction, ...specFieldsOf(networkPolicyFields) },
  ),
  Tier: kindFields(
    'Tier',
    'A tier of policies: those of one tier are judged before those of the next.',
    {
      order: value('number', 'The lower number is judged first.', { absent: 'after all that have one' }),
      defaultAction: value(
        'string',
        'What becomes of a connection of selected pods that no rule of the tier decides.',
        {
          allowed: ['Deny', 'Pass'],
          default: 'Deny',
          absent: 'Deny',
        },
      ),
    },
    { status: value('any', 'What Calico reports.') },
  ),
  NetworkSet: setFields('NetworkSet', 'Addresses under labels, for selectors of policies in its namespace or by it.'),
  GlobalNetworkSet: setFields('GlobalNetworkSet', 'Addresses under labels, for selectors of policies.'),
  HostEndpoint: kindFields('HostEndpoint', 'A network interface of a node, for policies to select.', {
    node: value('string', 'The name of the node.', { maxLength: 253 }),
    interfaceName: value('string', 'The interface, or * for all of the node.', { maxLength: 15 }),
    expectedIPs: list('The addresses of the interface.', value('string', 'An IP address.'), { unique: true }),
    profiles: list('Profiles that apply to it.', value('string', 'The name of a profile.'), { unique: true }),
    ports: list(
      'Names for ports, which policies may use.',
      object(
        'A port with a name.',
        {
          name: value('string', 'The name.'),
          port: value('integer', 'The port.', { minimum: 1, maximum: 65535, outOfRange: 'invalid-port' }),
          protocol: protocol('TCP, UDP or SCTP.'),
        },
        { required: ['name', 'port', 'protocol'] },
      ),
    ),
  }),
} as const satisfies Record<string, ObjectField>;

function setFields(kind: string, doc: string): ObjectField {
  return kindFields(kind, doc, {
    nets: list('The addresses: ranges in CIDR form, or single addresses.', value('string', 'A range or an address.'), {
      unique: true,
    }),
    allowedEgressDomains: list(`Domain names. ${enterprise}`, value('string', 'A name, or a pattern with *.')),
  });
}

function specFieldsOf(fields: ObjectField): Readonly<Record<string, Field>> {
  const { spec } = fields.fields;
  return spec?.type === 'object' ? spec.fields : {};
}
