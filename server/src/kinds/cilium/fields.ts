import { type Field, list, object, stringMap, value } from '../field.js';
import { metadataFields } from '../kubernetes/metadata.js';
import { labelSelector } from '../kubernetes/network-policy.js';
import { entities } from './peers.js';
import { extendedProtocols } from './ports.js';

/**
 * The field trees of cilium.io: CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy and CiliumCIDRGroup, with what any of
 * the versions 1.16 to 1.20 has. Source: FACTS A4.1.
 */
type Fields = Readonly<Record<string, Field>>;
type Direction = 'ingress' | 'egress';

const secret = object('The Secret that holds it.', {
  name: value('string', 'The Secret’s name.'),
  namespace: value('string', 'The Secret’s namespace.'),
});

const tls = (doc: string) =>
  object(
    doc,
    {
      secret,
      trustedCA: value('string', 'The key of the Secret that holds the trusted certificate authorities.'),
      certificate: value('string', 'The key of the Secret that holds the certificate.'),
      privateKey: value('string', 'The key of the Secret that holds the private key.'),
    },
    { required: ['secret'] },
  );

const domain = (doc: string) =>
  object(
    doc,
    {
      matchName: value('string', 'One name, literally.'),
      matchPattern: value(
        'string',
        'A name in which * stands for any letters but a dot: *.example.com is neither example.com nor a.b.example.com. * alone is every name.',
      ),
    },
    { exactlyOne: 'invalid-value' },
  );

const http = object('Requests that have all of these (AND). {} is every HTTP request.', {
  method: value('string', 'The method, as a regular expression: GET, or GET|HEAD.'),
  path: value('string', 'The path, as a regular expression that has to match all of it: /v1/.*'),
  host: value('string', 'The Host header, as a regular expression that has to match all of it.'),
  headers: list('Headers that have to be there, as "Name" or "Name: value".', value('string', 'A header.')),
  headerMatches: list(
    'Headers with their values, and what happens to others.',
    object(
      'One header.',
      {
        name: value('string', 'The header’s name.'),
        value: value('string', 'Its value.'),
        secret,
        mismatch: value('string', 'What happens to a request without it.', {
          allowed: ['LOG', 'ADD', 'DELETE', 'REPLACE'],
          absent: 'the request is dropped',
        }),
      },
      { required: ['name'] },
    ),
  ),
});

const kafka = object('Requests that have all of these (AND).', {
  role: value('string', 'What a producer or a consumer needs.', { allowed: ['produce', 'consume'] }),
  apiKey: value('string', 'One kind of request.'),
  apiVersion: value('string', 'Its version.'),
  clientID: value('string', 'The client’s name for itself.'),
  topic: value('string', 'The topic.', { maxLength: 255 }),
});

const former = { former: true } as const;

const portList = list(
  'The ports, joined by OR. Without any, the item opens nothing.',
  object('One port, or a range of ports.', {
    port: value('string', 'The pod’s port, in quotes: a number, the name of a container port, or "0" for every port.'),
    endPort: value('integer', 'The last port of a range that starts at port.', {
      absent: 'just the one port',
      minimum: 0,
      maximum: 65535,
      outOfRange: 'invalid-port',
    }),
    protocol: value(
      'string',
      'TCP, UDP, SCTP, or ANY for all three. Other protocols have no ports, and need Cilium 1.20.',
      {
        allowed: ['TCP', 'UDP', 'SCTP', 'ANY', ...Object.keys(extendedProtocols)],
        default: 'ANY',
        judgedElsewhere: true,
        absent: 'ANY: TCP, UDP and SCTP',
      },
    ),
  }),
  { maxItems: 40 },
);

const l7 = object('What is let through within the connections: one kind of rules.', {
  http: list('HTTP requests, joined by OR. Needs protocol: TCP.', http),
  dns: list(
    'The names that may be looked up, joined by OR. What is looked up here is what toFQDNs knows.',
    domain('A name, or a pattern of names.'),
  ),
  kafka: list('Kafka requests. Gone in Cilium 1.20.', kafka, former),
  l7proto: value('string', 'The name of a parser. Gone in Cilium 1.20.', former),
  l7: list('What the parser lets through. Gone in Cilium 1.20.', stringMap('Keys and values of one request.'), former),
});

const allowPorts: Fields = {
  ports: portList,
  rules: l7,
  listener: object(
    'An Envoy listener that the connections go through.',
    {
      envoyConfig: object(
        'Where the listener is defined.',
        {
          kind: value('string', 'CiliumEnvoyConfig or CiliumClusterwideEnvoyConfig.', {
            allowed: ['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig'],
          }),
          name: value('string', 'Its name.'),
        },
        { required: ['name'] },
      ),
      name: value('string', 'The listener’s name.'),
      priority: value('integer', 'Of several listeners, the lower number counts.', { minimum: 1, maximum: 100 }),
    },
    { required: ['envoyConfig', 'name'] },
  ),
  terminatingTLS: tls('How TLS of the client is ended, so that the rules see inside.'),
  originatingTLS: tls('How TLS towards the server is begun.'),
  serverNames: list('TLS server names (SNI) that are let through.', value('string', 'A name, or a pattern of names.')),
};

const icmps = list(
  'Types of ICMP messages. Stands in an entry of its own, without toPorts.',
  object('Types, joined by OR.', {
    fields: list(
      'The types.',
      object(
        'One type.',
        {
          family: value('string', 'IPv4 or IPv6.', { allowed: ['IPv4', 'IPv6'], default: 'IPv4' }),
          type: value('int-or-string', 'The type: a number from 0 to 255, or its name, such as EchoRequest.'),
        },
        { required: ['type'] },
      ),
      { maxItems: 40 },
    ),
  }),
);

const cidr = value(
  'string',
  'An address range, such as 203.0.113.0/24. Pods and nodes are not meant, whatever their addresses.',
);

const cidrSet = object(
  'One range, or the ranges of a CiliumCIDRGroup: exactly one of cidr, cidrGroupRef, cidrGroupSelector.',
  {
    cidr,
    cidrGroupRef: value('string', 'The name of a CiliumCIDRGroup.', { maxLength: 253 }),
    cidrGroupSelector: labelSelector('CiliumCIDRGroups by their labels.'),
    except: list('Ranges within it that are left out.', value('string', 'An address range.')),
  },
);

const groups = object('Addresses that a cloud provider knows.', {
  aws: object('Instances of AWS.', {
    labels: stringMap('Their tags.'),
    region: value('string', 'Their region.'),
    securityGroupsIds: list('Their security groups.', value('string', 'An id.')),
    securityGroupsNames: list('Their security groups.', value('string', 'A name.')),
  }),
});

const services = object(
  'One service by its name, or some by their labels. Their pods are meant, not their cluster IPs.',
  {
    k8sService: object('A service by its name.', {
      serviceName: value('string', 'Its name.'),
      namespace: value('string', 'Its namespace.', { absent: 'every namespace' }),
    }),
    k8sServiceSelector: object(
      'Services by their labels.',
      {
        selector: labelSelector('The labels of the services.'),
        namespace: value('string', 'Their namespace.', { absent: 'every namespace' }),
      },
      { required: ['selector'] },
    ),
  },
);

function peers(direction: Direction, clusterWide: boolean): Fields {
  const [word, other] = direction === 'ingress' ? ['from', 'source'] : ['to', 'destination'];
  const own = clusterWide ? 'every pod that Cilium manages' : 'every pod of the policy’s namespace';
  return {
    [`${word}Endpoints`]: list(
      `Pods as the ${other}, by labels; joined by OR. {} is ${own}.`,
      labelSelector(
        clusterWide
          ? 'Pods of every namespace, but for what k8s:io.kubernetes.pod.namespace says.'
          : 'Pods of the policy’s namespace, unless k8s:io.kubernetes.pod.namespace or a label of the namespace says otherwise.',
      ),
    ),
    [`${word}CIDR`]: list(`Addresses outside of the cluster as the ${other}.`, cidr),
    [`${word}CIDRSet`]: list(`Addresses outside of the cluster as the ${other}, with exceptions.`, cidrSet),
    [`${word}Entities`]: list(
      `What no labels say as the ${other}.`,
      value(
        'string',
        'cluster: all of this cluster; world: outside of it; host: the pod’s own node; all: everything.',
        {
          allowed: entities,
        },
      ),
    ),
    [`${word}Nodes`]: list(
      `Other nodes as the ${other}, by labels. Needs enable-node-selector-labels.`,
      labelSelector('Nodes by their labels.'),
    ),
    [`${word}Groups`]: list(`A cloud provider’s groups as the ${other}.`, groups),
    [`${word}Requires`]: list(
      'What all peers need besides. Gone in Cilium 1.19.',
      labelSelector('Labels that peers need.'),
      former,
    ),
    ...(direction === 'egress' ? { toServices: list('The pods behind services.', services) } : {}),
  };
}

function entries(direction: Direction, deny: boolean, clusterWide: boolean) {
  const verb = deny ? 'must not' : 'may';
  const what = direction === 'ingress' ? `${verb} receive` : `${verb} send`;
  const ports = deny ? { ports: portList } : allowPorts;
  return list(
    `What the selected pods ${what}; entries are joined by OR.${deny ? ' Comes before everything that is allowed.' : ''}`,
    object('One entry: one kind of peers AND any of the ports. {} is nobody.', {
      ...peers(direction, clusterWide),
      ...(direction === 'egress' && !deny
        ? {
            toFQDNs: list(
              'The addresses of domain names, as DNS answers gave them: needs a rule with rules.dns beside it.',
              domain('A name, or a pattern of names.'),
            ),
          }
        : {}),
      toPorts: list('Ports; items are joined by OR.', object('Some ports, and what is let through on them.', ports), {
        absent: 'every port and protocol',
      }),
      icmps,
      ...(deny
        ? {}
        : {
            authentication: object(
              'Whether both ends have to prove who they are.',
              {
                mode: value('string', 'required, or disabled.', {
                  allowed: ['disabled', 'required', 'test-always-fail'],
                }),
              },
              { required: ['mode'] },
            ),
          }),
    }),
    { absent: `this policy ${deny ? 'denies' : 'allows'} no ${direction}` },
  );
}

function ruleFields(clusterWide: boolean) {
  const both = (direction: Direction) => ({
    [direction]: entries(direction, false, clusterWide),
    [`${direction}Deny`]: entries(direction, true, clusterWide),
  });
  return object('Whom the policy is about, and what it allows and denies.', {
    endpointSelector: labelSelector(
      `The pods the policy is about${clusterWide ? '' : ', in its own namespace'}. {} is every one of them. A direction with entries becomes isolated.`,
    ),
    nodeSelector: labelSelector(
      clusterWide
        ? 'The nodes the policy is about, instead of pods. Needs the host firewall.'
        : 'Only for CiliumClusterwideNetworkPolicy.',
    ),
    ...both('ingress'),
    ...both('egress'),
    enableDefaultDeny: object('Whether a direction becomes isolated: only what is allowed passes.', {
      ingress: value('boolean', 'Isolate for ingress.', { absent: 'isolated where there are ingress entries' }),
      egress: value('boolean', 'Isolate for egress.', { absent: 'isolated where there are egress entries' }),
    }),
    labels: list(
      'Names for the policy itself, by which tools find it.',
      object(
        'One label.',
        {
          key: value('string', 'The key.'),
          value: value('string', 'The value.'),
          source: value('string', 'Who gave it.'),
        },
        { required: ['key'] },
      ),
    ),
    description: value('string', 'A note for people.'),
    log: object('What Hubble shows with this policy’s verdicts.', {
      value: value('string', 'A text of up to 32 characters.', { maxLength: 32 }),
    }),
  });
}

function policyFields(kind: string, doc: string, clusterWide: boolean) {
  const spec = ruleFields(clusterWide);
  return object(
    doc,
    {
      apiVersion: value('string', 'cilium.io/v2'),
      kind: value('string', kind),
      metadata: metadataFields,
      spec,
      specs: list('Several policies in one object, each as in spec.', spec),
      status: value('any', 'What Cilium reports.'),
    },
    { required: ['metadata'] },
  );
}

export const ciliumNetworkPolicyFields = policyFields(
  'CiliumNetworkPolicy',
  'Says which traffic some pods of one namespace may receive or send. Policies of Cilium and Kubernetes are united: what one denies is denied, else what one allows passes.',
  false,
);

export const ciliumClusterwideNetworkPolicyFields = policyFields(
  'CiliumClusterwideNetworkPolicy',
  'As CiliumNetworkPolicy, about pods of every namespace, or about nodes.',
  true,
);

export const ciliumCidrGroupFields = object(
  'Address ranges under a name, for fromCIDRSet and toCIDRSet.',
  {
    apiVersion: value('string', 'cilium.io/v2'),
    kind: value('string', 'CiliumCIDRGroup'),
    metadata: metadataFields,
    spec: object(
      'The ranges.',
      { externalCIDRs: list('Address ranges outside of the cluster.', value('string', 'An address range.')) },
      { required: ['externalCIDRs'] },
    ),
  },
  { required: ['metadata', 'spec'] },
);
