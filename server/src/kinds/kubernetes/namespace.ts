import { namespaceNameKey } from '../../model/pod-facts.js';
import { spanOf, stringOf, valueAt, type YamlMap } from '../../text/tree.js';
import { object, value } from '../field.js';
import type { Kind } from '../kind.js';
import { metadataFields } from './metadata.js';
import { readLabels } from './workloads.js';

/** Namespaces carry the labels that namespaceSelector chooses by; the API server adds kubernetes.io/metadata.name. */
export const namespaceKind: Kind = {
  kind: 'Namespace',
  apiVersions: ['v1'],
  fields: object(
    'A namespace. namespaceSelector chooses by its labels; kubernetes.io/metadata.name is always there.',
    { apiVersion: value('string', 'v1'), kind: value('string', 'Namespace'), metadata: metadataFields },
    { open: true },
  ),
  read(node: YamlMap) {
    const metadata = valueAt(node, 'metadata');
    const nameNode = valueAt(metadata, 'name');
    const name = stringOf(nameNode);
    if (nameNode === undefined || name === undefined) return undefined;
    const { labels, open } = readLabels(valueAt(metadata, 'labels'));
    return {
      type: 'namespace',
      value: {
        name,
        // Set and enforced by the API server since 1.22 (KEP-2161).
        labels: new Map([...labels, [namespaceNameKey, name]]),
        openLabels: open,
        at: spanOf(nameNode),
      },
    };
  },
};
