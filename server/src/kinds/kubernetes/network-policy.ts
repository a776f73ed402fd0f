import { list, object, stringMap, value } from '../field.js';
import { metadataFields } from './metadata.js';

/** A LabelSelector; the same in every API group. Source: apimachinery meta/v1 types.go. */
export const labelSelector = (doc: string, absent?: string) =>
  object(
    doc,
    {
      matchLabels: stringMap('Labels that must all be present with exactly these values (AND).'),
      matchExpressions: list(
        'Further conditions on labels; all must hold, together with matchLabels (AND).',
        object(
          'One condition on a label.',
          {
            key: value('string', 'The label’s key.'),
            operator: value(
              'string',
              'In, NotIn, Exists or DoesNotExist. NotIn and DoesNotExist also match objects without the label.',
              {
                allowed: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
                judgedElsewhere: true,
              },
            ),
            values: list(
              'The values for In and NotIn; must be left out for Exists and DoesNotExist.',
              value('string', 'A label value.'),
            ),
          },
          { required: ['key', 'operator'] },
        ),
      ),
    },
    absent === undefined ? {} : { absent },
  );

const peer = (other: 'source' | 'destination') =>
  object(
    `One ${other}. podSelector and namespaceSelector in the same item are joined by AND; separate items are joined by OR.`,
    {
      podSelector: labelSelector(
        'Pods by their labels. Alone, it means pods of the policy’s own namespace; beside a namespaceSelector, pods of the namespaces chosen there. {} is every pod.',
        'every pod of the namespaces that namespaceSelector chooses',
      ),
      namespaceSelector: labelSelector(
        'Namespaces by their labels. Alone, it means every pod of those namespaces. {} is every namespace.',
        'the policy’s own namespace only',
      ),
      ipBlock: object(
        'An address range, meant for what is outside the cluster: pod addresses change. Cannot stand beside a selector.',
        {
          cidr: value('string', 'An IPv4 or IPv6 range in CIDR form, such as 203.0.113.0/24 or 2001:db8::/32.'),
          except: list(
            'Ranges within cidr that are left out.',
            value('string', 'A CIDR strictly within the ipBlock’s cidr.'),
          ),
        },
        { required: ['cidr'] },
      ),
    },
  );

const ports = (whose: string) =>
  list(
    `The ports this rule opens, on ${whose}. Several items are joined by OR.`,
    object('One port, a range of ports, or every port of a protocol.', {
      protocol: value('string', 'TCP, UDP or SCTP.', {
        allowed: ['TCP', 'UDP', 'SCTP'],
        default: 'TCP',
        judgedElsewhere: true,
        absent: 'TCP',
      }),
      port: value(
        'int-or-string',
        'The port of the pod (not of a Service): a number, or the name of a container port.',
        {
          absent: 'every port of the protocol',
          minimum: 1,
          maximum: 65535,
        },
      ),
      endPort: value('integer', 'The last port of a range that starts at port (inclusive).', {
        absent: 'just the one port',
        minimum: 1,
        maximum: 65535,
      }),
    }),
    { absent: 'every port and protocol' },
  );

/**
 * The field tree of networking.k8s.io/v1 NetworkPolicy.
 * Source: k8s.io/api networking/v1 types.go; defaults from networking/v1 defaults.go.
 */
export const networkPolicyFields = object(
  'Says which traffic some pods of one namespace may receive or send. Policies only add: a connection passes when any policy allows it.',
  {
    apiVersion: value('string', 'networking.k8s.io/v1'),
    kind: value('string', 'NetworkPolicy'),
    metadata: metadataFields,
    spec: object('What the policy does.', {
      podSelector: labelSelector(
        'The pods this policy is about, in its own namespace. {} is every pod. Selected pods become isolated in the directions of policyTypes.',
        'every pod of the namespace',
      ),
      policyTypes: list(
        'The directions in which the selected pods become isolated: only what some policy allows passes.',
        value('string', 'Ingress or Egress.', { allowed: ['Ingress', 'Egress'] }),
        { absent: 'Ingress, and Egress as well if there are egress rules' },
      ),
      ingress: list(
        'What the selected pods may receive. Each item is a rule; rules are joined by OR. An empty item ({}) allows everything.',
        object('One rule: traffic from any of `from` AND to any of `ports`.', {
          from: list('The sources. Items are joined by OR.', peer('source'), {
            absent: 'every source, inside and outside the cluster',
          }),
          ports: ports('the selected pods'),
        }),
        { absent: 'nothing is allowed in, if the pods are isolated for ingress' },
      ),
      egress: list(
        'What the selected pods may send. Each item is a rule; rules are joined by OR. An empty item ({}) allows everything.',
        object('One rule: traffic to any of `to` AND on any of `ports`.', {
          to: list('The destinations. Items are joined by OR.', peer('destination'), {
            absent: 'every destination, inside and outside the cluster',
          }),
          ports: ports('the destination pods'),
        }),
        { absent: 'nothing is allowed out, if the pods are isolated for egress; that includes DNS' },
      ),
    }),
  },
  { required: ['metadata'] },
);
