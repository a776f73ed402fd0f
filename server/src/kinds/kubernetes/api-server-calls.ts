import type { CalledService } from '../../model/called-service.js';
import { isNull, spanOf, stringOf, valueAt, type YamlMap, type YamlNode } from '../../text/tree.js';
import { list, object, value } from '../field.js';
import type { Kind } from '../kind.js';
import { mapsIn } from './container-settings.js';
import { metadataFields } from './metadata.js';
import { numberOf } from './workloads.js';

const service = object(
  'The service that the API server calls; none for a URL.',
  {
    name: value('string', 'Its name.'),
    namespace: value('string', 'Its namespace.'),
    port: value('integer', 'Its port.', { default: '443' }),
  },
  { open: true },
);

/** Source: k8s.io/api admissionregistration/v1 ServiceReference. */
const webhookKinds = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].map((kind) =>
  kindOf(
    kind,
    ['admissionregistration.k8s.io/v1', 'admissionregistration.k8s.io/v1beta1'],
    'Asks services whether objects may be created or changed.',
    {
      webhooks: list(
        'The webhooks.',
        object('One webhook.', { clientConfig: object('Whom to ask.', { service }, { open: true }) }, { open: true }),
      ),
    },
    (node) => mapsIn(valueAt(node, 'webhooks')).map((each) => valueAt(valueAt(each, 'clientConfig'), 'service')),
  ),
);

/** Source: k8s.io/kube-aggregator apiregistration/v1 APIServiceSpec. */
const apiServiceKind = kindOf(
  'APIService',
  ['apiregistration.k8s.io/v1', 'apiregistration.k8s.io/v1beta1'],
  'A group of the API that a service answers for.',
  { spec: object('Who answers.', { service }, { open: true }) },
  (node) => [valueAt(valueAt(node, 'spec'), 'service')],
);

/** Kinds that make the API server connect to a service. */
export const apiServerCallKinds: readonly Kind[] = [...webhookKinds, apiServiceKind];

function kindOf(
  kind: string,
  apiVersions: readonly string[],
  doc: string,
  fields: Parameters<typeof object>[1],
  services: (node: YamlMap) => readonly (YamlNode | undefined)[],
): Kind {
  return {
    kind,
    apiVersions,
    fields: object(
      doc,
      {
        apiVersion: value('string', 'The API group and version.'),
        kind: value('string', kind),
        metadata: metadataFields,
        ...fields,
      },
      { open: true },
    ),
    read(node) {
      const nameNode = valueAt(valueAt(node, 'metadata'), 'name');
      const name = stringOf(nameNode);
      if (nameNode === undefined || name === undefined) return undefined;
      return {
        type: 'apiServerCalls',
        value: { kind, name, calls: services(node).flatMap(callOf), at: spanOf(nameNode) },
      };
    },
  };
}

/** Nothing where part of it is not known. */
function callOf(node: YamlNode | undefined): readonly CalledService[] {
  const nameNode = valueAt(node, 'name');
  const name = stringOf(nameNode);
  const namespace = stringOf(valueAt(node, 'namespace'));
  const portNode = valueAt(node, 'port');
  const port = isNull(portNode) ? 443 : numberOf(portNode);
  if (nameNode === undefined || name === undefined || namespace === undefined || port === undefined) return [];
  return [{ service: name, namespace, port, at: spanOf(nameNode) }];
}
