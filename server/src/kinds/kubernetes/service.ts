import type { ServicePort } from '../../model/workload.js';
import { entryOf, isNull, spanOf, stringOf, valueAt, type YamlMap, type YamlNode } from '../../text/tree.js';
import { list, object, stringMap, value } from '../field.js';
import type { Kind } from '../kind.js';
import { placeOf } from '../structure.js';
import { metadataFields } from './metadata.js';
import { numberOf, portReference, protocolOf, readLabels } from './workloads.js';

/** Services translate a service port into the pods' port; policies see the latter. */
export const serviceKind: Kind = {
  kind: 'Service',
  apiVersions: ['v1'],
  fields: object(
    'A service: one name and address in front of pods.',
    {
      apiVersion: value('string', 'v1'),
      kind: value('string', 'Service'),
      metadata: metadataFields,
      spec: object(
        'What the service does.',
        {
          selector: stringMap('The pods behind the service.'),
          type: value('string', 'ClusterIP, NodePort, LoadBalancer or ExternalName.', { default: 'ClusterIP' }),
          clusterIP: value('string', 'The virtual address; None for a headless service.'),
          ports: list(
            'The ports of the service.',
            object(
              'One port.',
              {
                name: value('string', 'Its name.'),
                port: value('integer', 'The port of the service. Policies never see it.'),
                targetPort: value('int-or-string', 'The port of the pods, by number or name. Policies judge this one.'),
                protocol: value('string', 'TCP, UDP or SCTP.', { default: 'TCP' }),
              },
              { open: true },
            ),
          ),
        },
        { open: true },
      ),
    },
    { open: true },
  ),
  read(node: YamlMap) {
    const metadata = valueAt(node, 'metadata');
    const nameNode = valueAt(metadata, 'name');
    const name = stringOf(nameNode);
    if (nameNode === undefined || name === undefined) return undefined;
    const spec = valueAt(node, 'spec');
    const selector = readLabels(valueAt(spec, 'selector'));
    const clusterIP = stringOf(valueAt(spec, 'clusterIP'));
    return {
      type: 'service',
      value: {
        name,
        namespace: stringOf(valueAt(metadata, 'namespace')),
        labels: readLabels(valueAt(metadata, 'labels')).labels,
        annotations: readLabels(valueAt(metadata, 'annotations')).labels,
        selector: selector.labels.size === 0 || selector.open ? undefined : selector.labels,
        ports: readServicePorts(valueAt(spec, 'ports')),
        headless: clusterIP === 'None',
        clusterIPs: clusterIP === undefined || clusterIP === 'None' || clusterIP === '' ? [] : [clusterIP],
        type: stringOf(valueAt(spec, 'type')) ?? 'ClusterIP',
        at: spanOf(nameNode),
      },
    };
  },
};

function readServicePorts(node: YamlNode | undefined): readonly ServicePort[] {
  if (node?.kind !== 'sequence') return [];
  return node.items.flatMap(({ value: item }) => {
    const entry = entryOf(item, 'port');
    const port = numberOf(entry?.value);
    const protocol = protocolOf(valueAt(item, 'protocol'));
    if (entry === undefined || port === undefined || protocol === undefined) return [];
    const target = valueAt(item, 'targetPort');
    const targetPort = isNull(target) ? port : portReference(target);
    if (targetPort === undefined) return [];
    const name = stringOf(valueAt(item, 'name'));
    return [{ ...(name === undefined ? {} : { name }), port, targetPort, protocol, at: placeOf(entry) }];
  });
}
