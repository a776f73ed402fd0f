import { spanOf, stringOf, valueAt, type YamlMap } from '../../text/tree.js';
import { object, value } from '../field.js';
import type { Kind } from '../kind.js';
import { metadataFields } from './metadata.js';
import { readLabels } from './workloads.js';

/** Service accounts carry the labels that Calico's selectors of service accounts choose by. */
export const serviceAccountKind: Kind = {
  kind: 'ServiceAccount',
  apiVersions: ['v1'],
  fields: object(
    'The identity of pods. Calico’s serviceAccountSelector and serviceAccounts.selector choose by its labels.',
    { apiVersion: value('string', 'v1'), kind: value('string', 'ServiceAccount'), metadata: metadataFields },
    { open: true },
  ),
  read(node: YamlMap) {
    const metadata = valueAt(node, 'metadata');
    const nameNode = valueAt(metadata, 'name');
    const name = stringOf(nameNode);
    if (nameNode === undefined || name === undefined) return undefined;
    const { labels, open } = readLabels(valueAt(metadata, 'labels'));
    const namespace = stringOf(valueAt(metadata, 'namespace'));
    return { type: 'serviceAccount', value: { name, namespace, labels, openLabels: open, at: spanOf(nameNode) } };
  },
};
